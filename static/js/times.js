// Within a day of it a time says how long ago it was; the page itself, which caches keep, says when.
// That stays in the title, and comes back after the day and on paper. Records and editions keep theirs.
const steps = [[3600, 60, "minute"], [86400, 3600, "hour"]];
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });

function tell(most) {
  for (const time of document.querySelectorAll("main time:not(.revision *, .edition-story *)")) {
    const absolute = time.title || time.textContent;
    const age = (Date.now() - Date.parse(time.dateTime)) / 1000;
    const step = age >= 0 && steps.find(([end]) => age < Math.min(end, most));
    time.title = step ? absolute : "";
    time.textContent = step ? words.format(-Math.floor(age / step[1]), step[2]) : absolute;
  }
}

tell(86400);
setInterval(tell, 60_000, 86400);
addEventListener("beforeprint", () => tell(0));
addEventListener("afterprint", () => tell(86400));
