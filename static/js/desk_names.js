// Names for what the stock admin's scripts put into the page without one.
"use strict";

{
  // The field in which one types to find authors or places.
  function nameSearches() {
    for (const select of document.querySelectorAll("select.admin-autocomplete[multiple]")) {
      const search = select.parentElement.querySelector(".select2-search__field");
      const label = select.labels[0]?.textContent.trim().replace(/:$/, "");
      if (search && label) search.setAttribute("aria-label", label);
    }
  }

  document.querySelectorAll("th.original").forEach((cell) => cell.setAttribute("role", "presentation"));
  window.addEventListener("load", nameSearches);
}
