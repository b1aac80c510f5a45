// Says every half minute that this story's form is open, shows who else has it open, and says when it is
// closed. Nothing of the form is touched.
const box = document.getElementById("presence");
const form = box.closest("form");
let isSaving = false;

function said(word) {
  const data = new FormData();
  for (const name of ["csrfmiddlewaretoken", "seen_version"]) data.append(name, form.elements[name].value);
  if (word) data.append(word, "1");
  return data;
}

async function beThere() {
  let lines;
  try {
    const response = await fetch(box.dataset.url, { method: "POST", body: said(), redirect: "error" });
    if (!response.ok) return;
    ({ lines } = await response.json());
  } catch {
    return; // no network just now: what is shown stays, and the next half minute tries again
  }
  // Only what changed, so that a screen reader speaks once.
  if (lines.join("\n") === [...box.children].map((line) => line.textContent).join("\n")) return;
  box.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
}

form.addEventListener("submit", () => (isSaving = true));
window.addEventListener("pagehide", () => isSaving || navigator.sendBeacon(box.dataset.url, said("left")));
window.addEventListener("pageshow", (event) => {
  isSaving = false;
  if (event.persisted) beThere();
});
// Loaded again, the farewell of the form that was here before may have come after this one was asked for.
setTimeout(beThere, 1000);
setInterval(beThere, box.dataset.seconds * 1000);
