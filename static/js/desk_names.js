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

  nameCells();
  document.querySelectorAll("th.original").forEach((cell) => cell.setAttribute("role", "presentation"));
  window.django.jQuery(nameSearches); // after the admin's own, which makes them
}
