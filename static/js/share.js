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
