// What is typed in the story form and not saved yet is kept in this browser, story by story and editor by
// editor, and offered back when the tab was closed before the save. Nothing of it is sent anywhere.
"use strict";

{
  const gettext = window.gettext || ((words) => words);
  const MONTH = 30 * 24 * 60 * 60 * 1000;
  const PREFIX = "unsaved-story:";
  const marker = document.querySelector("[data-unsaved]");
  const form = marker?.closest("form");

  // Storage may be full, or shut by the browser's settings: then the form works as ever, and says so once.
  function stored(act) {
    try {
      return act(window.localStorage);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      return null;
    }
  }

  const read = (key) => stored((storage) => JSON.parse(storage.getItem(key)));
  const forget = (key) => stored((storage) => storage.removeItem(key));

  function forgetOld() {
    stored((storage) => {
      const old = Object.keys(storage).filter((key) => key.startsWith(PREFIX) && !(read(key)?.at > Date.now() - MONTH));
      old.forEach(forget);
    });
  }

  const kept = (field) => field.name && !field.name.includes("__prefix__")
    && (field.localName === "textarea" || ["text", "url", "number"].includes(field.type));

  const values = () => Object.fromEntries([...form.elements].filter(kept).map((field) => [field.name, field.value]));

  const differing = (fields, from) => Object.keys(fields).filter((name) => fields[name] !== (from[name] ?? ""));

  const element = (tag, attributes = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), attributes);
    made.append(...children);
    return made;
  };

  function labelOf(name) {
    const field = form.elements[name];
    if (!field) return name;
    return field.getAttribute("aria-label") || field.labels?.[0]?.textContent.trim().replace(/:$/, "") || name;
  }

  class Keeper {
    constructor() {
      this.key = marker.dataset.unsaved;
      this.version = form.elements.seen_version?.value || "";
      this.opened = form.elements.opened_with?.value || "";
      this.start = values();
      this.returned = Boolean(document.querySelector(".errornote"));
      this.dropSaved();
      this.offer();
      let timer = null;
      form.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(() => this.keep(), 400);
      });
      document.addEventListener("visibilitychange", () => document.hidden && this.keep());
      window.addEventListener("pagehide", () => this.keep());
      form.addEventListener("submit", () => {
        this.keep();
        sessionStorage.setItem(`${PREFIX}sent`, this.key);
      });
    }

    keep() {
      // What an editor has not decided upon yet stays as it is.
      if (this.offered) return;
      const fields = values();
      const changed = differing(fields, this.start);
      // A form that came back with errors starts with what was typed before them.
      if (this.returned) changed.push(...Object.keys(read(this.key)?.fields || {}).filter((name) => name in fields));
      if (changed.length) {
        const text = Object.fromEntries(changed.map((name) => [name, fields[name]]));
        const entry = JSON.stringify({ at: Date.now(), version: this.version, opened: this.opened, fields: text });
        if (stored((storage) => (storage.setItem(this.key, entry), true)) === null) this.sayNotKept();
      } else if (!this.returned) forget(this.key);
    }

    // This tab sent it, and the server says that it is saved.
    dropSaved() {
      const sent = sessionStorage.getItem(`${PREFIX}sent`);
      sessionStorage.removeItem(`${PREFIX}sent`);
      if (sent && !this.returned && document.querySelector(".messagelist .success")) forget(sent);
    }

    offer() {
      const entry = read(this.key);
      const names = entry ? differing(entry.fields, this.start) : [];
      if (!names.length || this.returned) {
        if (entry && !this.returned) forget(this.key);
        return;
      }
      this.offered = element("section", { className: "unsaved-text" });
      this.offered.setAttribute("aria-labelledby", "unsaved-heading");
      const at = new Date(entry.at).toLocaleString(document.documentElement.lang, {
        dateStyle: "medium", timeStyle: "short", hourCycle: "h23", timeZone: form.querySelector(".in-utc")?.dataset.zone,
      });
      const newer = entry.version === this.version ? "" : gettext("The story was saved since: compare first.");
      this.offered.append(
        element("h2", { id: "unsaved-heading", textContent: gettext("You have text here that was not saved") }),
        element("p", { textContent: `${gettext("Kept in this browser:")} ${at}. ${newer}` }),
        this.comparison(entry, names),
        this.button(gettext("Restore it"), () => this.restore(entry, names)),
        this.button(gettext("Discard it"), () => this.close()),
      );
      form.before(this.offered);
    }

    button(words, act) {
      const button = element("button", { type: "button", className: "button", textContent: words });
      button.addEventListener("click", act);
      return button;
    }

    comparison(entry, names) {
      const details = element("details", {}, element("summary", { textContent: gettext("Compare") }));
      const list = element("dl");
      for (const name of names) {
        list.append(
          element("dt", { textContent: labelOf(name) }),
          element("dd", {}, element("ins", { textContent: entry.fields[name] || "—" })),
          element("dd", {}, element("del", { textContent: this.start[name] || "—" })),
        );
      }
      details.append(list);
      return details;
    }

    restore(entry, names) {
      const missing = names.filter((name) => !form.elements[name]);
      this.offered.remove();
      this.offered = null;
      for (const name of names.filter((name) => form.elements[name])) {
        const field = form.elements[name];
        field.value = entry.fields[name];
        if (field.dataset.bodyEditor) field.dispatchEvent(new Event("body:replaced"));
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
      if (missing.length) this.sayMissing(entry, missing);
      this.takeOver(entry);
      this.keep();
      form.querySelector("textarea, input:not([type=hidden])")?.focus();
    }

    // What others saved since the text was typed is compared with it when it is saved, as with any old form.
    takeOver(entry) {
      if (!form.elements.opened_with || !entry.opened) return;
      [this.version, this.opened] = [entry.version, entry.opened];
      form.elements.seen_version.value = entry.version;
      form.elements.opened_with.value = entry.opened;
    }

    // Rows of a table that the form has no more: to copy from here.
    sayMissing(entry, missing) {
      const said = element("section", { className: "unsaved-text" },
        element("p", { textContent: gettext("These have no field in the form now; copy them from here:") }));
      for (const name of missing) said.append(element("pre", { textContent: `${name}: ${entry.fields[name]}` }));
      form.before(said);
    }

    sayNotKept() {
      if (this.said) return;
      this.said = element("p", {
        className: "unsaved-text",
        textContent: gettext("This browser keeps no unsaved text: save before you close the tab."),
      });
      this.said.setAttribute("role", "status");
      form.before(this.said);
    }

    close() {
      forget(this.key);
      this.offered.remove();
      this.offered = null;
      this.keep();
    }
  }

  forgetOld();
  if (form) new Keeper();
}
