// Whether two bodies say the same to a reader: the same words under the same marks, in the same blocks. The
// order of marks that nest, spaces between blocks and what the sanitiser itself adds to a link do not count.

const INLINE = new Set(["a", "strong", "b", "em", "i", "sub", "sup", "abbr", "code", "q", "cite"]);
const IGNORED = ["rel"];

export function same(one, other) {
  return JSON.stringify(pieces(one)) === JSON.stringify(pieces(other));
}

function pieces(html) {
  const found = [];
  walk(new DOMParser().parseFromString(html, "text/html").body, [], false, found);
  return found.map((piece) => (typeof piece === "string" ? piece : [piece.text, piece.marks]));
}

function walk(element, marks, verbatim, found) {
  for (const child of element.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) addText(child.data, marks, verbatim, found);
    else if (child.nodeType === Node.ELEMENT_NODE) {
      if (INLINE.has(child.localName)) walk(child, [...marks, named(child)].sort(), verbatim, found);
      else {
        endOfText(found);
        found.push(`<${named(child)}>`);
        walk(child, marks, verbatim || child.localName === "pre", found);
        endOfText(found);
        found.push(`</${child.localName}>`);
      }
    }
  }
}

function named(element) {
  const attributes = [...element.attributes].filter((attribute) => !IGNORED.includes(attribute.name));
  return [element.localName, ...attributes.map(({ name, value }) => `${name}=${JSON.stringify(value)}`).sort()].join(" ");
}

function addText(data, marks, verbatim, found) {
  const last = found.at(-1);
  const inText = typeof last === "object";
  let text = verbatim ? data : data.replace(/[ \t\n\r\f]+/g, " ");
  if (!verbatim && (!inText || last.text.endsWith(" "))) text = text.replace(/^ /, "");
  if (!text) return;
  const key = marks.join("|");
  if (inText && last.marks === key) last.text += text;
  else found.push({ text, marks: key, verbatim });
}

function endOfText(found) {
  const last = found.at(-1);
  if (typeof last !== "object" || last.verbatim) return;
  last.text = last.text.replace(/ $/, "");
  if (!last.text) found.pop();
}
