// The editor's schema, from the marks that the server's sanitiser allows: {tag: [attributes]}, "*" for all.
// What the editor cannot hold (a heading in a list item, a cell outside a table) body_compare.js finds.

const INLINE = ["sub", "sup", "abbr", "code", "q", "cite"];
// Names that the editor's own commands go by.
const TAG_OF = {
  paragraph: "p", heading: "h2", bulletList: "ul", orderedList: "ol", listItem: "li", blockquote: "blockquote",
  pre: "pre", figure: "figure", figcaption: "figcaption", horizontalRule: "hr", table: "table", tableRow: "tr",
  tableCell: "td", tableHeader: "th", link: "a", bold: "strong", italic: "em",
  ...Object.fromEntries(INLINE.map((tag) => [tag, tag])),
};
const OWN_ATTRIBUTES = ["href", "start", "colspan", "rowspan"]; // those the editor's extensions hold themselves

const hidden = (fallback, parseHTML) => ({ default: fallback, rendered: false, parseHTML });

export function extensionsFor(tiptap, marks, schemes) {
  const allowed = (...tags) => tags.some((tag) => tag in marks);
  const has = (tag, ...extensions) => (allowed(tag) ? extensions : []);
  const levels = [2, 3, 4].filter((level) => allowed(`h${level}`));
  return [
    tiptap.Document, tiptap.Text, tiptap.Dropcursor, tiptap.Gapcursor, tiptap.History,
    paragraph(tiptap), ...has("br", tiptap.HardBreak), ...has("hr", tiptap.HorizontalRule),
    ...(levels.length ? [tiptap.Heading.configure({ levels })] : []),
    ...has("li", tiptap.ListItem), ...has("ul", tiptap.BulletList), ...has("ol", orderedList(tiptap)),
    ...has("blockquote", tiptap.Blockquote), ...has("pre", preformatted(tiptap)), ...has("figure", ...figure(tiptap)),
    ...has("table", table(tiptap), tableRow(tiptap), cell(tiptap.TableCell), cell(tiptap.TableHeader)),
    ...has("a", link(tiptap, schemes)),
    ...(allowed("strong", "b") ? [twoTags(tiptap.Bold, "strong", "b")] : []),
    ...(allowed("em", "i") ? [twoTags(tiptap.Italic, "em", "i")] : []),
    ...INLINE.filter((tag) => allowed(tag)).map((tag) => inline(tiptap, tag)),
    attributes(tiptap, marks),
  ];
}

function attributes(tiptap, marks) {
  const names = Object.keys(TAG_OF).filter((name) => TAG_OF[name] in marks);
  return tiptap.Extension.create({
    name: "allowedAttributes",
    addGlobalAttributes: () => names.map((name) => {
      const own = [...(marks["*"] || []), ...marks[TAG_OF[name]]].filter((attribute) => !OWN_ATTRIBUTES.includes(attribute));
      const hold = (attribute) => [attribute, { default: null, parseHTML: (element) => element.getAttribute(attribute) }];
      return { types: [name], attributes: Object.fromEntries(own.map(hold)) };
    }),
  });
}

// The words of a cell, a list item or a quote stand in a paragraph here, also where they have no <p>; such a
// paragraph is marked, and is none again in the HTML.
const paragraph = (tiptap) => tiptap.Paragraph.extend({
  addAttributes: () => ({ written: hidden(false, () => true) }),
  renderHTML: ({ node, HTMLAttributes }) => ["p", node.attrs.written ? HTMLAttributes : { ...HTMLAttributes, "data-bare": "" }, 0],
});

const orderedList = (tiptap) => tiptap.OrderedList.configure({ enableListAttributes: false }).extend({
  addAttributes: () => ({ start: { default: null, parseHTML: (element) => element.getAttribute("start") } }),
  addNodeView: null,
});

const preformatted = (tiptap) => tiptap.Node.create({
  name: "pre", group: "block", content: "inline*", code: true, defining: true, whitespace: "pre",
  parseHTML: () => [{ tag: "pre", preserveWhitespace: "full" }],
  renderHTML: ({ HTMLAttributes }) => ["pre", HTMLAttributes, 0],
});

const figure = (tiptap) => [
  tiptap.Node.create({
    name: "figure", group: "block", content: "(block | figcaption)+", isolating: true,
    parseHTML: () => [{ tag: "figure" }],
    renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes, 0],
  }),
  tiptap.Node.create({
    name: "figcaption", content: "inline*",
    parseHTML: () => [{ tag: "figcaption" }],
    renderHTML: ({ HTMLAttributes }) => ["figcaption", HTMLAttributes, 0],
  }),
];

// A table here has rows and nothing else: its caption is held as an attribute, and each row says which part
// of the table it stood in.
const table = (tiptap) => tiptap.Table.extend({
  addAttributes() {
    return { caption: hidden(null, (element) => element.querySelector(":scope > caption")?.outerHTML) };
  },
  parseHTML: () => [{ tag: "table" }, { tag: "caption", ignore: true }],
  renderHTML: ({ node, HTMLAttributes }) => ["table", HTMLAttributes, ...captionOf(node), ["tbody", 0]],
  addNodeView: null,
  addMenuItems: null,
});

function captionOf(node) {
  if (!node.attrs.caption) return [];
  const caption = new DOMParser().parseFromString(`<table>${node.attrs.caption}</table>`, "text/html").querySelector("caption");
  caption.contentEditable = "false";
  return [caption];
}

const tableRow = (tiptap) => tiptap.TableRow.extend({
  addAttributes: () => ({
    part: {
      default: "tbody",
      parseHTML: (element) => element.parentElement?.localName,
      renderHTML: ({ part }) => ({ "data-part": part }),
    },
  }),
});

const cell = (extension) => extension.extend({
  addAttributes: () => ({ colspan: span("colspan"), rowspan: span("rowspan"), colwidth: hidden(null, () => null) }),
});

const span = (name) => ({
  default: 1,
  parseHTML: (element) => element[name === "colspan" ? "colSpan" : "rowSpan"],
  renderHTML: (attributes) => (attributes[name] > 1 ? { [name]: attributes[name] } : {}),
});

const link = (tiptap, schemes) => tiptap.Link.configure({
  enableTarget: false,
  defaultProtocol: "https",
  isAllowedUri: (uri) => schemes.includes(/^\s*([a-z][a-z0-9+.-]*):/i.exec(uri || "")?.[1].toLowerCase() ?? schemes[0]),
}).extend({
  addAttributes: () => ({ href: { default: null, parseHTML: (element) => element.getAttribute("href") } }),
});

const twoTags = (extension, tag, other) => extension.extend({
  addAttributes: () => ({ tag: hidden(tag, (element) => (element.localName === other ? other : tag)) }),
  renderHTML: ({ mark, HTMLAttributes }) => [mark.attrs.tag, HTMLAttributes, 0],
});

const inline = (tiptap, tag) => tiptap.Mark.create({
  name: tag, excludes: tag,
  parseHTML: () => [{ tag }],
  renderHTML: ({ HTMLAttributes }) => [tag, HTMLAttributes, 0],
});

const BARE_IN = ["LI", "TD", "TH", "BLOCKQUOTE", "FIGURE"];

// The HTML of what is in the editor, in the words of the allow-list.
export function bodyOf(editor) {
  const page = new DOMParser().parseFromString(editor.getHTML(), "text/html");
  for (const bare of page.querySelectorAll("[data-bare]")) {
    const alone = ![bare.previousElementSibling, bare.nextElementSibling].some((near) => near?.localName === "p");
    bare.removeAttribute("data-bare");
    if (alone && BARE_IN.includes(bare.parentElement.tagName)) bare.replaceWith(...bare.childNodes);
  }
  for (const table of page.querySelectorAll("table")) inParts(table);
  for (const caption of page.querySelectorAll("caption")) caption.removeAttribute("contenteditable");
  const last = page.body.lastElementChild;
  if (last?.localName === "p" && !last.childNodes.length && page.body.children.length > 1) last.remove();
  return page.body.textContent.trim() || page.body.querySelector("hr, table") ? blocks(page.body) : "";
}

const blocks = (body) => [...body.children].map((block) => block.outerHTML).join("\n");

function inParts(table) {
  let part = null;
  for (const row of [...table.rows]) {
    const name = row.dataset.part || "tbody";
    row.removeAttribute("data-part");
    if (part?.localName !== name) {
      part = table.ownerDocument.createElement(name);
      table.append(part);
    }
    part.append(row);
  }
  for (const empty of [...table.tBodies].filter((body) => !body.rows.length)) empty.remove();
}
