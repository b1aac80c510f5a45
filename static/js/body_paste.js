// What a clipboard brings, made ready for the editor, whose schema drops all marks that are not allowed. The
// page's policy lets no style in, so what is bold by its style is made a mark here.

const KEPT = ["href", "title", "colspan", "rowspan", "start", "scope"];
const RENAMED = { H1: "h2", H5: "h4", H6: "h4", B: "strong", I: "em" };
// How Word writes an item's bullet, and what a mail shows in the list of mails only.
const UNSEEN = /mso-list:\s*ignore|display:\s*none|mso-hide:\s*all/i;

export function cleanPasted(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const waste of page.querySelectorAll("style, script, title, meta, link, xml")) waste.remove();
  for (const styled of page.querySelectorAll("[style]")) {
    if (UNSEEN.test(styled.getAttribute("style"))) {
      const item = styled.closest("p");
      if (item) item.dataset.sign ||= styled.textContent;
      styled.remove();
    }
  }
  makeLists(page);
  for (const styled of page.querySelectorAll("[style]")) markAsStyled(styled);
  for (const [old, name] of Object.entries(RENAMED)) {
    for (const element of page.querySelectorAll(old)) rename(element, name);
  }
  for (const element of page.body.querySelectorAll("*")) {
    for (const { name } of [...element.attributes]) if (!KEPT.includes(name)) element.removeAttribute(name);
  }
  for (const empty of page.querySelectorAll("p, li, h2, h3, h4, div")) {
    if (!empty.textContent.trim()) empty.remove();
  }
  return page.body.innerHTML;
}

function rename(element, name) {
  const renamed = element.ownerDocument.createElement(name);
  for (const { name: attribute, value } of element.attributes) renamed.setAttribute(attribute, value);
  renamed.append(...element.childNodes);
  element.replaceWith(renamed);
  return renamed;
}

// Word's lists are paragraphs that look like items.
function makeLists(page) {
  let list = null;
  for (const item of page.querySelectorAll("p[style*='mso-list:']")) {
    if (!list || item.previousElementSibling !== list) {
      list = page.createElement(/^\s*(?:\d+|[a-z]{1,3})[.)]/i.test(item.dataset.sign || "") ? "ol" : "ul");
      item.before(list);
    }
    list.append(rename(item, "li"));
  }
}

function markAsStyled(element) {
  const style = element.getAttribute("style");
  if (["B", "STRONG"].includes(element.tagName) && /(?:^|;)\s*font-weight:\s*(?:normal|[1-4]00)/i.test(style)) {
    element.replaceWith(...element.childNodes); // how Google Docs wraps all that it copies
  } else if (element.tagName === "SPAN") {
    if (/(?:^|;)\s*font-weight:\s*(?:bold|[6-9]00)/i.test(style)) wrapContent(element, "strong");
    if (/(?:^|;)\s*font-style:\s*italic/i.test(style)) wrapContent(element, "em");
  }
}

function wrapContent(element, name) {
  const mark = element.ownerDocument.createElement(name);
  mark.append(...element.childNodes);
  element.append(mark);
}
