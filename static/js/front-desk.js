// Moves the items of a front by dragging and by keyboard, and sends its buttons without leaving the page.
// Every act is the form that the page has anyway, so nothing here is needed to curate.
(() => {
  "use strict";

  const front = document.getElementById("front");
  const said = document.getElementById("front-said");
  let busy = false;
  let grabbed = null; // {row, list, rows: as they were, by: "keys" or "pointer", to: index}

  const say = (words, place, number) => {
    said.textContent = words.replace("%p", place).replace("%n", number);
  };

  // -- Sending -------------------------------------------------------------------

  async function send(form, name, value) {
    if (busy) return;
    busy = true;
    const data = new FormData(form);
    data.set(name, value);
    const focus = focusOf(form, name);
    try {
      const response = await fetch(location.href, { method: "POST", body: data });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (!response.ok || !page.getElementById("front")) throw new Error(response.status);
      take(page);
      give(focus);
    } catch {
      if (grabbed) putBack();
      said.textContent = said.dataset.failed;
      document.getElementById("front-messages").textContent = said.dataset.failed;
    } finally {
      busy = false;
    }
  }

  // What the portal answers is the whole page: the front as it is now, and what came of the act.
  function take(page) {
    for (const id of ["front", "front-messages"]) {
      document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
    }
    said.textContent = document.getElementById("front-messages").textContent.trim();
    grabbed = null;
    ready();
  }

  function focusOf(form, name) {
    const row = form.closest(".front-row");
    const section = form.closest(".front-block").getAttribute("aria-labelledby");
    const active = document.activeElement;
    const grip = active && active.matches(".front-grip");
    return { section, key: row.dataset.key, act: grip ? ".front-grip" : `[data-act="${active && active.dataset.act}"]`, gone: name === "remove" };
  }

  function give({ section, key, act, gone }) {
    const block = front.querySelector(`[aria-labelledby="${section}"]`);
    if (!block) return;
    const row = gone ? null : [...block.querySelectorAll(".front-row")].find((row) => row.dataset.key === key);
    const target = row && (row.querySelector(`${act}:not(:disabled)`) || row.querySelector(".front-grip"));
    const heading = block.querySelector("h2");
    heading.tabIndex = -1;
    (target || heading).focus();
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".front-act")) return;
    event.preventDefault();
    send(event.target, event.submitter.name, event.submitter.value);
  });

  // -- Grabbing and dropping -----------------------------------------------------

  function grab(row, by) {
    const list = row.parentElement;
    const rows = [...list.children];
    grabbed = { row, list, rows, by, to: rows.indexOf(row) };
    row.classList.add("is-grabbed");
  }

  function drop() {
    const { row, rows, to } = grabbed;
    if (rows.indexOf(row) === to) return putBack();
    row.classList.remove("is-grabbed");
    send(row.querySelector("form"), "to", rows[to].dataset.position);
  }

  function putBack() {
    const { row, list, rows } = grabbed;
    const active = document.activeElement;
    grabbed = null;
    row.classList.remove("is-grabbed");
    mark(list);
    list.replaceChildren(...rows);
    active.focus();
    say(said.dataset.back);
  }

  function goTo(index) {
    const { row, list, rows } = grabbed;
    const order = rows.filter((other) => other !== row);
    order.splice(index, 0, row);
    grabbed.to = index;
    list.replaceChildren(...order);
    row.querySelector(".front-grip").focus();
    say(said.dataset.moved, index + 1, rows.length);
  }

  document.addEventListener("keydown", (event) => {
    const grip = event.target.closest(".front-grip");
    if (!grip || busy) return;
    const row = grip.closest(".front-row");
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      if (grabbed) return drop();
      grab(row, "keys");
      say(said.dataset.grabbed, grabbed.to + 1, grabbed.rows.length);
    } else if (grabbed && event.key === "Escape") {
      putBack();
    } else if (grabbed && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      const to = grabbed.to + (event.key === "ArrowUp" ? -1 : 1);
      if (to >= 0 && to < grabbed.rows.length) goTo(to);
    }
  });

  document.addEventListener("focusin", (event) => {
    if (grabbed && grabbed.by === "keys" && !busy && !grabbed.row.contains(event.target)) {
      const target = event.target;
      putBack();
      target.focus();
    }
  });

  // The row stays where it is while it is dragged; a line shows where it will go.
  function mark(list, index, down) {
    [...list.children].forEach((row, number) => {
      row.classList.toggle("drop-above", number === index && !down);
      row.classList.toggle("drop-below", number === index && down);
    });
  }

  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest(".front-grip");
    if (!grip || event.button !== 0 || busy) return;
    if (grabbed) putBack();
    grab(grip.closest(".front-row"), "pointer");
    grip.setPointerCapture(event.pointerId);
  });

  document.addEventListener("pointermove", (event) => {
    if (busy || !grabbed || grabbed.by !== "pointer") return;
    const { list, rows, row } = grabbed;
    const tops = rows.map((other) => other.getBoundingClientRect());
    const under = tops.findIndex((box) => event.clientY < box.bottom);
    grabbed.to = under < 0 ? rows.length - 1 : under;
    const from = rows.indexOf(row);
    mark(list, grabbed.to === from ? -1 : grabbed.to, grabbed.to > from);
  });

  document.addEventListener("pointerup", () => {
    if (busy || !grabbed || grabbed.by !== "pointer") return;
    mark(grabbed.list);
    drop();
  });

  document.addEventListener("pointercancel", () => {
    if (grabbed && grabbed.by === "pointer") putBack();
  });

  function ready() {
    document.querySelectorAll(".front-grip").forEach((grip) => (grip.hidden = false));
  }

  ready();
})();
