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

// Copies the story's address, and opens the device's own way to share where it has one.
// The buttons keep their place in the page from the start, so that nothing moves when they appear.
for (const button of document.querySelectorAll(".share button")) {
  const url = document.querySelector('link[rel="canonical"]')?.href ?? location.href;
  const title = document.querySelector("h1").textContent;
  const acts = {
    copy: navigator.clipboard && (() => navigator.clipboard.writeText(url)),
    native: navigator.share && (() => navigator.share({ title, url })),
  };
  const act = acts[button.dataset.act];
  if (!act) continue;
  button.hidden = false;
  button.addEventListener("click", () =>
    act().then(
      () => button.dataset.done && (button.textContent = button.dataset.done),
      () => {}, // the reader thought better of it
    ),
  );
}

// A story that stood in view for ten seconds is read. The site is told which, and nothing of the reader:
// no cookie goes along, and nothing waits for the answer.
const read = document.querySelector("article.story")?.dataset.read;
let seconds = 0;
const clock = read && setInterval(() => {
  if (document.visibilityState !== "visible" || ++seconds < 10) return;
  clearInterval(clock);
  fetch(read, { method: "POST", credentials: "omit", keepalive: true }).catch(() => {});
}, 1000);
