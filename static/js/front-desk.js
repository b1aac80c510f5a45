// Moves the items of a front by dragging and by keyboard, and sends its buttons without leaving the page.
// Every act is the form that the page has anyway, so nothing here is needed to curate.
(() => {
  "use strict";

  const front = document.getElementById("front");
  const said = document.getElementById("front-said");
  let busy = false;
  // {row, by: "keys" or "pointer", from, to: {list, index among the other rows there}, were: rows by list}
  let grabbed = null;

  const say = (words, place, number, block) => {
    said.textContent = words.replace("%p", place).replace("%n", number).replace("%b", block);
  };

  // -- Sending -------------------------------------------------------------------

  async function send(form, values, section = form.closest(".front-block")) {
    if (busy) return;
    busy = true;
    const data = new FormData(form);
    for (const [name, value] of Object.entries(values)) data.set(name, value);
    const focus = focusOf(form, section, "remove" in values);
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

  function focusOf(form, section, gone) {
    const active = document.activeElement;
    const grip = active && active.matches(".front-grip");
    const act = grip ? ".front-grip" : `[data-act="${active && active.dataset.act}"]`;
    return { section: section.getAttribute("aria-labelledby"), key: form.closest(".front-row").dataset.key, act, gone };
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
    send(event.target, { [event.submitter.name]: event.submitter.value });
  });

  // -- Grabbing and dropping -----------------------------------------------------

  const lists = () => [...front.querySelectorAll(".front-block[data-seen] > ol.front-rows")];
  const rowsOf = (list) => grabbed.were.get(list).filter((row) => row.dataset.position && row !== grabbed.row);
  const blockOf = (list) => list.closest(".front-block");
  const isHome = () => grabbed.to.list === grabbed.from.list;
  const hasMoved = () => !isHome() || grabbed.to.index !== grabbed.from.index;

  function grab(row, by) {
    const list = row.parentElement;
    const from = { list, index: [...list.children].indexOf(row) };
    const were = new Map(lists().map((one) => [one, [...one.children]]));
    grabbed = { row, by, from, to: { ...from }, were };
    row.classList.add("is-grabbed");
  }

  // A place of its own block is that of who has it now; in another one there is also the place behind all.
  function drop() {
    const { row, from, to, were } = grabbed;
    if (!hasMoved()) return putBack();
    row.classList.remove("is-grabbed");
    const form = row.querySelector("form");
    if (isHome()) return send(form, { to: were.get(from.list)[to.index].dataset.position });
    const rows = rowsOf(to.list);
    const last = rows.length ? Number(rows[rows.length - 1].dataset.position) : 0;
    const place = to.index < rows.length ? rows[to.index].dataset.position : last + 1;
    const block = blockOf(to.list);
    send(form, { to: place, into: block.dataset.block, into_seen: block.dataset.seen }, block);
  }

  function restore() {
    mark();
    for (const [list, rows] of grabbed.were) list.replaceChildren(...rows);
  }

  function putBack() {
    const active = document.activeElement;
    grabbed.row.classList.remove("is-grabbed");
    restore();
    grabbed = null;
    active.focus();
    say(said.dataset.back);
  }

  function goTo(list, index) {
    grabbed.to = { list, index };
    restore();
    list.insertBefore(grabbed.row, rowsOf(list)[index] || null);
    grabbed.row.querySelector(".front-grip").focus();
    const block = blockOf(list).querySelector("h2").textContent;
    say(isHome() ? said.dataset.moved : said.dataset.over, index + 1, rowsOf(list).length + 1, block);
  }

  // Past the first place of a block comes the last of the block above it, and the other way round.
  function step(down) {
    const { list, index } = grabbed.to;
    const next = index + (down ? 1 : -1);
    if (next >= 0 && next <= rowsOf(list).length) return goTo(list, next);
    const all = lists();
    const other = all[all.indexOf(list) + (down ? 1 : -1)];
    if (other) goTo(other, down ? 0 : rowsOf(other).length);
  }

  document.addEventListener("keydown", (event) => {
    const grip = event.target.closest(".front-grip");
    if (!grip || busy) return;
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      if (grabbed) return drop();
      grab(grip.closest(".front-row"), "keys");
      say(said.dataset.grabbed, grabbed.to.index + 1, rowsOf(grabbed.to.list).length + 1);
    } else if (grabbed && event.key === "Escape") {
      putBack();
    } else if (grabbed && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      step(event.key === "ArrowDown");
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
  function mark() {
    front.querySelectorAll(".drop-above, .drop-below").forEach((row) => row.classList.remove("drop-above", "drop-below"));
    if (!grabbed || grabbed.by === "keys" || !hasMoved()) return;
    const { list, index } = grabbed.to;
    const rows = rowsOf(list);
    if (rows[index]) rows[index].classList.add("drop-above");
    else (rows[rows.length - 1] || list.lastElementChild).classList.add("drop-below");
  }

  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest(".front-grip");
    if (!grip || event.button !== 0 || busy) return;
    if (grabbed) putBack();
    grab(grip.closest(".front-row"), "pointer");
    grip.setPointerCapture(event.pointerId);
  });

  const EDGE = 48; // pixels from the window's edge where it scrolls along

  document.addEventListener("pointermove", (event) => {
    if (busy || !grabbed || grabbed.by !== "pointer") return;
    if (event.clientY < EDGE) scrollBy(0, -EDGE / 2);
    if (event.clientY > innerHeight - EDGE) scrollBy(0, EDGE / 2);
    const under = lists().find((list) => event.clientY < blockOf(list).getBoundingClientRect().bottom);
    const list = under || lists().at(-1);
    // Above the middle of a row is before it.
    const middles = rowsOf(list).map((row) => row.getBoundingClientRect()).map((box) => (box.top + box.bottom) / 2);
    const index = middles.findIndex((middle) => event.clientY < middle);
    grabbed.to = { list, index: index < 0 ? middles.length : index };
    mark();
  });

  document.addEventListener("pointerup", () => {
    if (busy || !grabbed || grabbed.by !== "pointer") return;
    mark();
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
