// A rich-text editor over a textarea with HTML. The textarea is what the form sends: it stays to the letter
// until somebody types in the editor, and a body that the editor cannot hold whole stays with the textarea.

import { same } from "./body_compare.js";
import { cleanPasted } from "./body_paste.js";
import { bodyOf, extensionsFor } from "./body_schema.js";
import { toolbar } from "./body_toolbar.js";

const gettext = window.gettext || ((words) => words);

class BodyEditor {
  constructor(textarea, tiptap) {
    this.textarea = textarea;
    this.tiptap = tiptap;
    this.marks = JSON.parse(textarea.dataset.marks);
    this.label = document.querySelector(`label[for="${textarea.id}"]`);
    this.frame = document.createElement("div");
    this.frame.className = "body-editor";
    this.note = document.createElement("p");
    this.note.className = "help body-editor-note";
    this.note.setAttribute("role", "status");
    this.toggle = document.createElement("button");
    this.toggle.type = "button";
    this.toggle.className = "body-editor-toggle";
    this.toggle.addEventListener("click", () => (this.editor ? this.showHtml() : this.showRich()));
    textarea.before(this.frame);
    this.frame.append(textarea, this.note, this.toggle);
    this.label?.addEventListener("click", () => this.editor?.commands.focus());
    // Others put text into the textarea: a restored draft.
    textarea.addEventListener("body:replaced", () => {
      if (this.editor) this.showHtml();
      this.showRich();
    });
    this.showRich();
  }

  showRich() {
    const mount = document.createElement("div");
    const editor = new this.tiptap.Editor({
      element: mount,
      injectCSS: false, // an inline style, which the site's policy forbids; story_form.css has it
      extensions: extensionsFor(this.tiptap, this.marks, JSON.parse(this.textarea.dataset.schemes)),
      content: this.textarea.value,
      editorProps: {
        transformPastedHTML: cleanPasted,
        attributes: {
          id: `${this.textarea.id}_rich`, role: "textbox", "aria-multiline": "true",
          "aria-label": this.label?.textContent.replace(/:\s*$/, "") || gettext("Body"),
          dir: "auto", lang: this.textarea.lang || "",
        },
      },
      onUpdate: () => {
        this.textarea.value = bodyOf(editor);
        this.textarea.dispatchEvent(new Event("input", { bubbles: true }));
      },
    });
    if (!same(this.textarea.value, bodyOf(editor))) {
      editor.destroy();
      this.say(gettext("This body has marks that the editor would change: it is shown as HTML, to the letter."));
      this.toggle.textContent = gettext("Try the editor");
      return;
    }
    this.editor = editor;
    this.bar = toolbar(editor, this.marks);
    this.frame.prepend(this.bar, mount);
    this.mount = mount;
    this.textarea.hidden = true;
    this.say("");
    this.toggle.textContent = gettext("Edit as HTML");
  }

  showHtml() {
    this.editor.destroy();
    this.editor = null;
    this.bar.remove();
    this.mount.remove();
    this.textarea.hidden = false;
    this.toggle.textContent = gettext("Back to the editor");
  }

  say(words) {
    this.note.textContent = words;
    this.note.hidden = !words;
  }
}

for (const textarea of document.querySelectorAll("textarea[data-body-editor]")) {
  if (!textarea.disabled) import(textarea.dataset.bodyEditor).then((tiptap) => new BodyEditor(textarea, tiptap));
}
