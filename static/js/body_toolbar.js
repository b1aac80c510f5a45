// The buttons over the editor: those whose mark is allowed.

const gettext = window.gettext || ((words) => words);

const BUTTONS = [
  ["strong", gettext("Bold"), "B", "toggleBold", "bold"],
  ["em", gettext("Italic"), "I", "toggleItalic", "italic"],
  ["a", gettext("Link"), "🔗︎", "addLink", "link"],
  ["h2", gettext("Heading"), "H2", "toggleHeading", "heading", { level: 2 }],
  ["h3", gettext("Subheading"), "H3", "toggleHeading", "heading", { level: 3 }],
  ["ul", gettext("List"), "•", "toggleBulletList", "bulletList"],
  ["ol", gettext("Numbered list"), "1.", "toggleOrderedList", "orderedList"],
  ["blockquote", gettext("Quote"), "❝", "toggleBlockquote", "blockquote"],
  ["pre", gettext("Preformatted"), "{ }", "toggleNode", "pre", "pre", "paragraph"],
  ["table", gettext("Insert table"), "▦", "insertTable", null, { rows: 3, cols: 3, withHeaderRow: true }],
  ["hr", gettext("Line"), "―", "setHorizontalRule", null],
  [null, gettext("Clear marks"), "T×", "unsetAllMarks", null],
  [null, gettext("Undo"), "↶", "undo", null],
  [null, gettext("Redo"), "↷", "redo", null],
  ["table", gettext("Add row"), "+row", "addRowAfter", "table"],
  ["table", gettext("Add column"), "+col", "addColumnAfter", "table"],
  ["table", gettext("Delete row"), "−row", "deleteRow", "table"],
  ["table", gettext("Delete column"), "−col", "deleteColumn", "table"],
  ["table", gettext("Delete table"), "−table", "deleteTable", "table"],
];
const IN_TABLE = ["addRowAfter", "addColumnAfter", "deleteRow", "deleteColumn", "deleteTable"];

export function toolbar(editor, marks) {
  const bar = document.createElement("div");
  bar.className = "body-toolbar";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", gettext("Marks"));
  const updates = BUTTONS.filter(([tag]) => tag === null || tag in marks).map((row) => {
    const [, label, sign, command, active, ...options] = row;
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.sign = sign; // shown by the style sheet: the name is the label
    button.title = label;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => {
      if (command === "addLink") editor.commands.addLink();
      else editor.chain().focus()[command](...options).run();
    });
    bar.append(button);
    return () => {
      if (IN_TABLE.includes(command)) button.hidden = !editor.isActive("table");
      else if (active) {
        const attributes = active === "heading" ? options[0] : {};
        button.setAttribute("aria-pressed", String(editor.isActive(active, attributes)));
      }
    };
  });
  const update = () => updates.forEach((show) => show());
  editor.on("transaction", update);
  update();
  return bar;
}
