"""XML of strangers: parsed without DTDs, entities or network, and stripped of its namespaces."""

import html.entities
import re
from collections.abc import Iterable

from lxml import etree

from wires.parse.item import Unreadable
from wires.parse.limits import MAX_DEPTH
from wires.parse.text import decode, tidy

Element = etree._Element

_DECLARATION = re.compile(r"<\?xml\b[^>]{0,200}?\?>", re.IGNORECASE)
_DECLARED = re.compile(rb"""<\?xml\b[^>]{0,120}?encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9._:-]{2,40})""", re.I)
_OWN_ENTITY = re.compile(r"<!ENTITY\s{1,99}[^%\s]")
_NAME = re.compile(r"<(?:[\w.-]{1,100}:)?([\w.-]{1,100})")
_IN_DOCTYPE = re.compile(r"""<!--.*?-->|<\?.*?\?>|"[^"]*"|'[^']*'|[\[\]>]""", re.S)
_ASIDES = (("<?", "?>"), ("<!--", "-->"))
_SPACE = re.compile(r"\s*")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_NUMBERED = re.compile(r"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,9}));")
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def read_xml(data: bytes, *, keep_namespaces: bool = False) -> Element:
    """The root element; raises Unreadable. Comments and processing instructions are gone.

    Elements and attributes come under their local names, as agencies send one format with the right,
    a wrong or no namespace: `item.find("itemMeta/pubStatus")` finds it in all of them. `xml:lang`
    becomes `lang`; where a foreign attribute has the name of a plain one, the plain one stays.
    """
    text = _characters(decode(data, _declared(data)))
    if _OWN_ENTITY.search(text, 0, _prolog(text)):
        raise Unreadable("The file declares entities of its own, which are not read.")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"The XML is broken: {error}") from error
    _check(root)
    if not keep_namespaces:
        _localise(root)
    return root


def _declared(data: bytes) -> str:
    match = _DECLARED.search(data, 0, 400)
    return match[1].decode("ascii") if match else ""


def _prolog(text: str) -> int:
    """Where the root element starts, behind the comments, instructions and the DOCTYPE over it."""
    at = 0
    while True:
        at = _SPACE.match(text, at).end()
        if text.startswith("<!DOCTYPE", at):
            at = _doctype_end(text, at)
            continue
        closing = next((close for start, close in _ASIDES if text.startswith(start, at)), "")
        if not closing:
            return at
        end = text.find(closing, at)
        if end < 0:
            return len(text)
        at = end + len(closing)


def _doctype_end(text: str, at: int) -> int:
    """Behind the ">" that closes the DOCTYPE, whose own subset may hold others."""
    depth = 0
    for match in _IN_DOCTYPE.finditer(text, at + len("<!DOCTYPE")):
        depth += {"[": 1, "]": -1}.get(match[0], 0)
        if match[0] == ">" and depth <= 0:
            return match.end()
    return len(text)


def _characters(text: str) -> str:
    """Named HTML entities as the characters they are: no DTD will ever say so. No forbidden characters."""
    text = text.lstrip()
    declaration = _DECLARATION.match(text)
    text = text[declaration.end() :].lstrip() if declaration else text
    text = _NAMED.sub(_named, text)
    return _NUMBERED.sub(_numbered, text)


def _named(match: re.Match[str]) -> str:
    if match[1] in _XML_ENTITIES:
        return match[0]
    return html.entities.html5.get(f"{match[1]};", match[0])


def _numbered(match: re.Match[str]) -> str:
    number = int(match[1], 16) if match[1] else int(match[2])
    if number < 32 and number not in (9, 10, 13):
        return ""
    return "" if 0xD800 <= number <= 0xDFFF or number in (0xFFFE, 0xFFFF) or number > 0x10FFFF else match[0]


def _check(root: Element) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise Unreadable(f"The XML is nested more than {MAX_DEPTH} deep.")
    if next(root.iter(etree.Entity), None) is not None:
        raise Unreadable("The XML has an entity that nothing explains.")


def _localise(root: Element) -> None:
    for element in root.iter():
        element.tag = local_name(element.tag)
        for name in [name for name in element.attrib if name.startswith("{")]:
            value = element.attrib.pop(name)
            if name == _XML_LANG or local_name(name) not in element.attrib:
                element.set(local_name(name), value)


def local_name(name: str) -> str:
    return name.rpartition("}")[2]


def root_name(head: bytes) -> str:
    """The local name of the root element of XML, "" if the bytes do not look like XML."""
    text = head.replace(b"\0", b"").decode("latin-1").lstrip("\xef\xbb\xbf\xff\xfe")
    match = _NAME.match(text, _prolog(text))
    return match[1] if match else ""


def text_of(element: Element | None) -> str:
    """All the text in an element, on one line."""
    return "" if element is None else tidy("".join(element.itertext()))


def find_text(element: Element, *paths: str) -> str:
    """The text of the first element at any of the paths that has some."""
    for path in paths:
        for found in element.iterfind(path):
            if text := text_of(found):
                return text
    return ""


def find_attribute(element: Element, path: str, *names: str) -> str:
    """The first of the attributes, at the first element at the path, that is not empty."""
    for found in element.iterfind(path):
        for name in names:
            if value := tidy(found.get(name)):
                return value
    return ""


def language_of(*elements: Element | None) -> str:
    """The xml:lang of the first element that has one."""
    return next((lang for el in elements if el is not None and (lang := tidy(el.get("lang")))), "")


def without(element: Element, unwanted: Iterable[Element]) -> None:
    """Take elements out of the tree, leaving the text behind them."""
    for child in list(unwanted):
        parent = child.getparent()
        if parent is None or child is element:
            continue
        before = child.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + (child.tail or "")
        else:
            parent.text = (parent.text or "") + (child.tail or "")
        parent.remove(child)


def spaced_text_of(element: Element | None) -> str:
    """The text of an element that may hold paragraphs and lists, whose words must not run together."""
    return "" if element is None else tidy(" ".join(element.itertext()))
