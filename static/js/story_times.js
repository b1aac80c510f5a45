// Below each time that is typed: the same moment in UTC. And what the buttons of the form will do by it.
"use strict";

{
  const gettext = window.gettext || ((words) => words);

  // What clocks in the zone show at a moment, as if that were UTC.
  function shown(moment, zone) {
    const format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric",
      minute: "numeric", second: "numeric",
    });
    const part = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  }

  // As the server has it: the first of two moments, and none for a time that clocks skip.
  function momentOf(wall, zone) {
    const day = 24 * 60 * 60 * 1000;
    const offsets = [wall - day, wall + day].map((near) => shown(near, zone) - near);
    const moments = offsets.map((offset) => wall - offset).filter((moment) => shown(moment, zone) === wall);
    return moments.length ? Math.min(...moments) : null;
  }

  // With the year where it is another one, as the server writes it.
  function words(moment, zone) {
    const format = new Intl.DateTimeFormat(document.documentElement.lang || "en", {
      timeZone: zone, hourCycle: "h23", weekday: "short", day: "numeric", month: "short", year: "numeric",
      hour: "2-digit", minute: "2-digit",
    });
    const parts = (at) => Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const part = parts(moment);
    const year = part.year === parts(Date.now()).year ? "" : ` ${part.year}`;
    return `${part.weekday} ${part.day} ${part.month}${year} ${part.hour}:${part.minute}`;
  }

  // Of a field: {typed, moment}.
  function read(line) {
    const [date, time] = line.previousElementSibling.querySelectorAll("input");
    const match = /^(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(`${date.value.trim()} ${time.value.trim()}`);
    if (!match) return { typed: false, moment: null };
    const [year, month, ...rest] = match.slice(1).map((number) => Number(number || 0));
    return { typed: true, moment: momentOf(Date.UTC(year, month - 1, ...rest), line.dataset.zone) };
  }

  function show(line) {
    const { typed, moment } = read(line);
    const said = !typed ? "" : moment === null
      ? gettext("This time does not exist: clocks are put forward.")
      : `= ${words(moment, "UTC")} UTC`;
    if (line.textContent !== said) line.textContent = said;
  }

  function showButtons(form) {
    const lines = ["publish_at", "embargo_until"].map((name) => form.querySelector(`.field-${name} .in-utc`));
    if (lines.some((line) => !line)) return;
    const live = Math.max(...lines.map((line) => read(line).moment || 0));
    for (const button of form.querySelectorAll("[data-later]")) {
      button.value = live > Date.now()
        ? button.dataset.later.replace("{time}", words(live, lines[0].dataset.zone))
        : button.dataset.now;
    }
  }

  for (const form of document.querySelectorAll("#content-main form")) {
    const update = () => {
      form.querySelectorAll(".in-utc").forEach(show);
      showButtons(form);
    };
    // The calendar's links write into the fields and tell nobody.
    for (const event of ["input", "change", "click", "focusin"]) form.addEventListener(event, () => setTimeout(update));
  }
}
