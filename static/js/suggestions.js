// Turns each suggested tag and place into a button that adds it, and sets the suggestions under their field.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const quoted = (name) => (/,|^"/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);

  const add = {
    tags(field, name) {
      const written = field.value.trim().replace(/,$/, "");
      field.value = written ? `${written}, ${quoted(name)}` : quoted(name);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    },
    places(field, name, key) {
      const known = [...field.options].find((option) => option.value === key);
      const option = known || field.appendChild(new Option(name, key));
      option.selected = true;
      // The select is drawn by Select2, which hears jQuery's events only.
      window.django.jQuery(field).trigger("change");
    },
  };

  for (const box of document.querySelectorAll(".suggested")) {
    const field = document.getElementById(`id_${box.dataset.for}`);
    if (!field) continue;
    const row = field.closest(".form-row");
    row.tabIndex = -1;
    for (const words of box.querySelectorAll("[data-name]")) {
      const { name, key } = words.dataset;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button";
      button.textContent = `+ ${name}`;
      button.addEventListener("click", () => {
        add[box.dataset.for](field, name, key);
        const item = button.closest("li");
        const next = (item.nextElementSibling || item.previousElementSibling)?.querySelector("button");
        item.remove();
        // The row and not the field: Select2 would open its list over the page.
        (next || row).focus();
        if (!box.querySelector("li")) box.remove();
      });
      words.replaceWith(button);
    }
    row.append(box);
  }
  document.querySelector(".suggestions:not(:has(.suggested))")?.remove();
});
