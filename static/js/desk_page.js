// Brings the desk's front page up to date while somebody looks at it. The search box stands outside of what
// is replaced, and nothing is replaced under the reader's focus.
"use strict";

(() => {
  const now = document.getElementById("desk-now");
  if (!now) return;

  async function refresh() {
    if (document.hidden || now.contains(document.activeElement)) return;
    let page;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (!answer.ok) return;
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      return; // The net is away for a moment: what stands there says as of when it is.
    }
    const fresh = page.getElementById("desk-now");
    if (!fresh || now.contains(document.activeElement)) return;
    const open = now.querySelector("details[open]") !== null;
    now.replaceChildren(...fresh.childNodes);
    const hours = now.querySelector("details");
    if (hours) hours.open = open;
  }

  setInterval(refresh, Number(now.dataset.refresh) * 1000);
  document.addEventListener("visibilitychange", refresh);
})();
