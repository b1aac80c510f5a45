// A button beside each field with data-copy, which copies its text. Without this the text is selected by hand.
for (const field of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = field.dataset.copy;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // over plain HTTP there is no clipboard
    }
    button.textContent = field.dataset.copied;
  });
  field.after(" ", button);
}
