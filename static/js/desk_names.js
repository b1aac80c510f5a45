// Names for what the stock admin's scripts put into the page without one.
"use strict";

{
  // The fields in which one finds a source, authors or places, which Select2 puts over their select.
  function nameSearches() {
    for (const select of document.querySelectorAll("select.admin-autocomplete")) {
      const label = select.labels[0]?.textContent.trim().replace(/:$/, "");
      const field = select.nextElementSibling;
      if (!label || !field?.classList.contains("select2")) continue;
      for (const part of field.querySelectorAll(".select2-search__field, [role=textbox]")) part.setAttribute("aria-label", label);
      const box = field.querySelector("[role=combobox]");
      const chosen = field.querySelector("[role=textbox]");
      if (chosen) {
        select.labels[0].id ||= `${select.id}_label`;
        box.setAttribute("aria-labelledby", `${select.labels[0].id} ${chosen.id}`);
      }
    }
  }

  // What is made when the list of such a field opens: the search above it, and that they belong together.
  function nameOpened({ target }) {
    const label = target.labels[0]?.textContent.trim().replace(/:$/, "");
    const search = document.querySelector(".select2-container--open .select2-dropdown .select2-search__field");
    if (label) search?.setAttribute("aria-label", label);
    const box = target.nextElementSibling.querySelector("[role=combobox]");
    if (box?.hasAttribute("aria-owns")) box.setAttribute("aria-controls", box.getAttribute("aria-owns"));
  }

  // Of a table that a narrow screen shows without its head.
  function nameCells() {
    for (const table of document.querySelectorAll(".tabular table")) {
      const heads = [...table.tHead.rows[0].cells].map((head) => head.textContent.trim());
      for (const row of table.tBodies[0].rows) {
        if (row.cells.length !== heads.length) continue;
        heads.forEach((head, n) => n && (row.cells[n].dataset.column = head));
      }
    }
  }

  // The inputs for a date and a time, which the stock admin's label does not name.
  function nameTimes() {
    for (const input of document.querySelectorAll("p.datetime input:not([aria-label])")) {
      const label = input.closest(".flex-container")?.querySelector("label, legend");
      if (!label) continue;
      const words = [label.textContent, input.previousSibling?.textContent ?? ""];
      input.setAttribute("aria-label", words.map((text) => text.trim().replace(/:$/, "")).join(": "));
    }
  }

  // The signs beside the searches of a field in which many are chosen.
  function nameSigns() {
    document.querySelectorAll(".search-label-icon[aria-label]").forEach((sign) => sign.setAttribute("role", "img"));
  }

  nameCells();
  nameTimes();
  document.querySelectorAll("th.original").forEach((cell) => cell.setAttribute("role", "presentation"));
  // After the admin's own scripts, which make these.
  window.addEventListener("load", nameSigns);
  window.django?.jQuery?.(nameSearches);
  window.django?.jQuery?.(document).on("select2:open", nameOpened);
  document.addEventListener("formset:added", nameSearches);
}
