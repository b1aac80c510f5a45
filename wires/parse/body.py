"""A story's body: from what the agency sent to the HTML that readers get, without losing a word."""

import datetime
import html
import re
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from articles.datelines import Dateline
from articles.markup import clean_html, plain_text, without_controls
from wires.parse.blocks import DROPPED, Block, element_name, tree_blocks
from wires.parse.ends import take_ends
from wires.parse.item import Rendition, WirePicture
from wires.parse.layout import lay_out
from wires.parse.limits import MAX_DEPTH
from wires.parse.text import tidy, words
from wires.parse.xml import Element, text_of, without

_BLOCK_MARKUP = re.compile(
    r"</?(?:p|br|div|table|ul|ol|h[1-6]|blockquote|pre|section|article)\b[^<>]{0,500}>", re.IGNORECASE
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:.-]{0,40})[^<>]{0,2000}?(/?)>")
_MARK = re.compile(r"<(?:[^<>\"]|\"[^\"]*\")*>")
# Elements that need no closing tag, and so say nothing about depth.
_UNCLOSED = words(
    "p br hr img li td th tr dt dd option meta link input area base col embed source track wbr param thead "
    "tbody tfoot colgroup"
)
_MARKS = words("a b big code em font i nobr s small strike strong tt u")
_CREDIT = re.compile(r"\b(?:byline|credits?|copyright|photographer)\b", re.IGNORECASE)
_PIXELS = re.compile(r"([0-9]{1,5})(?:px)?")


@dataclass(frozen=True, slots=True)
class Body:
    html: str = ""  # cleaned; without what follows
    byline: str = ""  # without its "By"
    dateline: Dateline | None = None
    sign_off: str = ""
    notes: tuple[str, ...] = ()  # to editors, found over or in the text: "Eds: ...", "(Adds comment)"
    pictures: tuple[WirePicture, ...] = ()  # <img> and <figure> of the text, which is without them
    warnings: tuple[str, ...] = ()


def read_body(source: str | Element, *, today: datetime.date | None = None) -> Body:
    """The body from HTML text or an element of a parsed file, NITF or XHTML.

    `today` is the day the story was sent, for datelines without a year. Words are only left out on
    purpose: what has a field of its own in Body, scripts and the like. Should the markup be beyond
    understanding, its words come as plain paragraphs, with a warning.
    """
    if isinstance(source, str):
        source = without_controls(source)
        if _is_too_deep(source):
            return Body(_as_paragraphs(_without_tags(source)), warnings=("The body is nested too deep.",))
        root = _parse_html(source)
        if root is None:
            return Body()
        if not _same_letters(_text(root), plain_text(source)):
            return Body(_as_paragraphs(plain_text(source)), warnings=("The body's markup is broken.",))
    else:
        root = _copy(source)
    return _read_tree(root, today)


def _read_tree(root: Element, today: datetime.date | None) -> Body:
    pictures = _take_pictures(root)
    without(root, [el for el in root.iterdescendants() if element_name(el) in DROPPED])
    before = _letters("".join(root.itertext()))
    blocks = lay_out(tree_blocks(root))
    markup = _render(blocks)
    if _letters(_without_marks(markup)) != before and _letters(plain_text(markup)) != before:
        lines = plain_text(etree.tostring(root, encoding="unicode", method="html"))
        return Body(_as_paragraphs(lines), pictures=pictures, warnings=("The body's markup is broken.",))
    laid_out = list(blocks)
    blocks, ends = take_ends(blocks, today)
    if ends.taken or blocks != laid_out:
        markup = _render(blocks)
    return Body(
        html=markup,
        byline=ends.byline,
        dateline=ends.dateline,
        sign_off=ends.sign_off,
        notes=tuple(ends.notes),
        pictures=pictures,
    )


def holds_html(text: str) -> bool:
    """Whether a text, whatever it is declared to be, is marked up in paragraphs."""
    return bool(_BLOCK_MARKUP.search(text))


def _render(blocks: list[Block]) -> str:
    return clean_html("\n".join(block.render() for block in blocks))


def _parse_html(markup: str) -> Element | None:
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(f"<html><body>{markup}</body></html>".encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root


def _is_too_deep(markup: str) -> bool:
    """Whether HTML is nested deeper than any story's. Parsers take the square of that, so none has seen it.

    What is in bold or a link and never closed is opened again in each block that follows, and counts too.
    """
    opened: list[str] = []
    marks = 0
    for match in _TAG.finditer(markup):
        name = match[2].lower()
        if name in _UNCLOSED or match[3]:
            continue
        if name in _MARKS:
            marks = max(0, marks - 1) if match[1] else marks + 1
        elif not match[1]:
            opened.append(name)
        elif name in opened:
            while opened.pop() != name:
                pass
        if len(opened) > MAX_DEPTH or marks > MAX_DEPTH:
            return True
    return False


def _copy(element: Element) -> Element:
    """A copy to take apart: the rest of the item is still to be read."""
    copied = deepcopy(element)
    copied.tail = None
    return copied


def _text(root: Element) -> str:
    return "".join(root.xpath("//text()[not(parent::script or parent::style)]", smart_strings=False))


def _letters(text: str) -> str:
    return "".join(without_controls(text).replace("\u200b", "").split())


def _same_letters(one: str, other: str) -> bool:
    """In whatever order: parsers put what stands where it may not in different places."""
    one, other = _letters(one), _letters(other)
    return one == other or Counter(one) == Counter(other)


def _without_marks(markup: str) -> str:
    """The text of HTML that was cleaned, without parsing it once more."""
    return html.unescape(_MARK.sub("", markup))


def _without_tags(markup: str) -> str:
    return html.unescape(re.sub(r"<[^<>]*>", "\n", markup))


def _as_paragraphs(text: str) -> str:
    lines = (tidy(line) for line in text.splitlines())
    return clean_html("\n".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines if line))


def _take_pictures(root: Element) -> tuple[WirePicture, ...]:
    """The pictures in the text, out of the tree, with their captions."""
    pictures: list[WirePicture] = []
    for figure in [el for el in root.iterdescendants() if element_name(el) == "figure"]:
        found = [el for el in figure.iterdescendants() if element_name(el) == "img" and _is_picture(el)]
        if found:
            captions = [el for el in figure.iterdescendants() if element_name(el) == "figcaption"]
            credits = [el for el in figure.iterdescendants() if _CREDIT.search(el.get("class") or "")]
            credit = " ".join(map(text_of, credits[:1]))
            without(figure, [*found, *credits])  # the credit may stand inside of the caption
            pictures.append(_picture(found[0], " ".join(map(text_of, captions)), credit))
            without(figure, captions)
    images = [el for el in root.iterdescendants() if element_name(el) == "img"]
    pictures.extend(_picture(image) for image in images if _is_picture(image))
    return tuple(pictures)


def _is_picture(image: Element) -> bool:
    """Not the single pixels that count readers."""
    href = (image.get("src") or "").strip()
    sizes = [size for name in ("width", "height") if (size := _size(image, name)) is not None]
    return bool(href) and not href.lower().startswith("data:") and all(size > 2 for size in sizes)


def _size(image: Element, name: str) -> int | None:
    match = _PIXELS.fullmatch((image.get(name) or "").strip())
    return int(match[1]) if match else None


def _picture(image: Element, caption: str = "", credit: str = "") -> WirePicture:
    rendition = Rendition(
        href=tidy(image.get("src")), width=_size(image, "width"), height=_size(image, "height")
    )
    return WirePicture(
        caption=caption, credit=credit, alt_text=tidy(image.get("alt")), renditions=(rendition,)
    )
