"""A story's markup, XHTML, HTML or NITF, as a flat list of blocks: paragraphs, headings, lists, tables."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from wires.parse.text import words
from wires.parse.xml import Element

# Nothing in these is text of the story.
DROPPED = words(
    "script style head template noscript iframe object embed svg canvas audio video map xml "
    "input button select textarea"
)
_HEADINGS = {"h1": "h2", "h2": "h2", "hl1": "h2", "hl2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
_BOXES = words(
    "p div section article main header footer nav aside address center block body body.content body.head "
    "body.end form fieldset details summary figure figcaption dl dt dd credit note tagline abstract li tr td "
    "th caption html datasource media-caption media-producer"
)
_KEPT = words("ul ol table pre blockquote bq nitf-table")
_INLINE = {
    "a": "a", "em": "em", "strong": "strong", "b": "b", "i": "i", "sub": "sub", "sup": "sup", "abbr": "abbr",
    "code": "code", "tt": "code", "kbd": "code", "samp": "code", "q": "q", "cite": "cite",
}  # fmt: skip
_TABLE_PARTS = words("caption thead tbody tfoot tr")
_BLOCKS = _BOXES | _KEPT | frozenset(_HEADINGS) | {"hr"}
_LINK = re.compile(r"\s*(?:https?:|mailto:)", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|[\r\n]")
# Not the no-break spaces, which French and the groups of numbers are written with.
_SPACE = re.compile(r"[ \t\r\n\f]+")
_NUMBER = re.compile(r"[0-9]{1,3}")


class Tag(str):
    """A piece of a run that is markup, not text."""

    __slots__ = ()

    @property
    def closes(self) -> bool:
        return self.startswith("</")

    @property
    def closing(self) -> Tag:
        return Tag(f"</{self[1:-1].split()[0]}>")


BREAK = Tag("<br>")


@dataclass(slots=True)
class Block:
    """A paragraph or heading as its pieces; any other block as its finished HTML."""

    tag: str
    pieces: list[str] = field(default_factory=list)
    attributes: str = ""
    markup: str = ""

    @property
    def text(self) -> str:
        return "".join("\n" if p is BREAK else "" if isinstance(p, Tag) else p for p in self.pieces)

    def render(self) -> str:
        if self.markup:
            return self.markup
        return f"<{self.tag}{self.attributes}>{_render(self.pieces)}</{self.tag}>"


def _render(pieces: list[str]) -> str:
    return "".join(piece if isinstance(piece, Tag) else html.escape(piece, quote=False) for piece in pieces)


def tree_blocks(root: Element) -> list[Block]:
    """The blocks of an element's content. White space in paragraphs is still as it was in the file."""
    walk = _Walk()
    walk.content(root)
    walk.flush()
    return walk.blocks


def element_name(element: Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


class _Walk:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.run: list[str] = []
        self.tag = "p"
        self.attributes = ""

    def content(self, element: Element) -> None:
        self.text(element.text)
        for child in element:
            self.node(child)
            self.text(child.tail)

    def text(self, text: str | None) -> None:
        if text:
            self.run.append(text)

    def node(self, element: Element) -> None:
        name = element_name(element)
        if not name or name in DROPPED:
            return
        if name == "br":
            self.run.append(BREAK)
        elif name == "hr":
            self.finished("hr", "<hr>")
        elif name in _KEPT:
            self.finished(name, _kept(name, element))
        elif name in _HEADINGS or name in _BOXES:
            self.box(element, _HEADINGS.get(name, "p"))
        else:
            self.inline(element, _INLINE.get(name, ""))

    def box(self, element: Element, tag: str) -> None:
        self.flush()
        outer = self.tag, self.attributes
        self.tag, self.attributes = tag, _direction(element)
        self.content(element)
        self.flush()
        self.tag, self.attributes = outer

    def inline(self, element: Element, tag: str) -> None:
        href = (element.get("href") or "").strip()
        if tag == "a" and not _LINK.match(href):
            tag = ""
        if not tag or any(element_name(inner) in _BLOCKS for inner in element.iterdescendants()):
            self.content(element)
            return
        link = f' href="{html.escape(href)}"' if tag == "a" else ""
        opening = Tag(f"<{tag}{link}{_direction(element)}>")
        self.run.append(opening)
        self.content(element)
        self.run.append(opening.closing)

    def finished(self, tag: str, markup: str) -> None:
        self.flush()
        if markup:
            self.blocks.append(Block(tag, markup=markup))

    def flush(self) -> None:
        if any(not isinstance(piece, Tag) and piece.strip() for piece in self.run):
            self.blocks.append(Block(self.tag, self.run, self.attributes))
        self.run = []


def _direction(element: Element) -> str:
    values = ((name, (element.get(name) or "").strip()) for name in ("lang", "dir"))
    return "".join(f' {name}="{html.escape(value)}"' for name, value in values if value)


def _kept(name: str, element: Element) -> str:
    if name in ("ul", "ol"):
        return f"<{name}>{''.join(_list_items(element))}</{name}>"
    if name == "pre":
        text = "".join(element.itertext()).strip("\r\n")
        return f"<pre>{html.escape(text, quote=False)}</pre>" if text.strip() else ""
    if name == "table" or name == "nitf-table":
        return f"<table>{''.join(_table_parts(element))}</table>"
    inner = "".join(block.render() for block in tidy_blocks(tree_blocks(element)))
    return f"<blockquote>{inner}</blockquote>" if inner else ""


def _list_items(element: Element) -> Iterator[str]:
    for text, child in [(element.text, None), *((child.tail, child) for child in element)]:
        inner = "" if child is None or element_name(child) in DROPPED else _inner(child)
        if inner:
            yield f"<li>{inner}</li>"
        if text and text.strip():
            yield f"<li>{html.escape(text.strip(), quote=False)}</li>"


def _table_parts(element: Element) -> Iterator[str]:
    yield _stray(element.text, element)
    for child in element:
        name = element_name(child)
        if name in ("td", "th"):
            yield f"<{name}{_spans(child)}>{_inner(child)}</{name}>"
        elif name == "caption":
            yield f"<caption>{_inner(child)}</caption>"
        elif name in _TABLE_PARTS:
            yield f"<{name}>{''.join(_table_parts(child))}</{name}>"
        elif name and name not in DROPPED:
            yield from _table_parts(child)
        yield _stray(child.tail, element)


def _stray(text: str | None, parent: Element) -> str:
    """Text between cells: a browser would throw it out of the table, in front of it."""
    if not text or not text.strip():
        return ""
    cell = f"<td>{html.escape(text.strip(), quote=False)}</td>"
    return cell if element_name(parent) == "tr" else f"<tr>{cell}</tr>"


def _spans(element: Element) -> str:
    values = ((name, (element.get(name) or "").strip()) for name in ("colspan", "rowspan"))
    return "".join(f' {name}="{value}"' for name, value in values if _NUMBER.fullmatch(value))


def _inner(element: Element) -> str:
    """What is in a cell or a list item: one paragraph needs no <p>."""
    blocks = tidy_blocks(tree_blocks(element))
    if len(blocks) == 1 and blocks[0].tag == "p" and not blocks[0].markup:
        return _render(blocks[0].pieces)
    return "".join(block.render() for block in blocks)


def tidy_blocks(blocks: list[Block]) -> list[Block]:
    """With white space collapsed, and none at the ends of a block."""
    for block in blocks:
        if not block.markup:
            block.pieces = _tidy_pieces(block.pieces)
    return [block for block in blocks if block.markup or block.text.strip()]


def _tidy_pieces(pieces: list[str]) -> list[str]:
    tidied: list[str] = []
    blank = True  # nothing yet, or what is there ends in white space
    for piece in pieces:
        if piece is BREAK:
            _strip_end(tidied)
            tidied.append(piece)
            blank = True
        elif isinstance(piece, Tag):
            tidied.append(piece)
        elif piece:
            text = _SPACE.sub(" ", piece)
            text = text.lstrip() if blank else text
            if text:
                tidied.append(text)
                blank = text.endswith(" ")
    while tidied and tidied[-1] is BREAK:
        tidied.pop()
    while tidied and tidied[0] is BREAK:
        tidied.pop(0)
    _strip_end(tidied)
    return tidied


def _strip_end(pieces: list[str]) -> None:
    """Take the white space off the last piece of text, if no other text would run into the next."""
    for n in range(len(pieces) - 1, -1, -1):
        if pieces[n] is BREAK:
            return
        if not isinstance(pieces[n], Tag):
            pieces[n] = pieces[n].rstrip()
            return


def cut(block: Block, length: int) -> None:
    """Take the first `length` characters of a paragraph's text off, and marks left without text."""
    kept: list[str] = []
    for piece in block.pieces:
        if isinstance(piece, Tag) and piece is not BREAK:
            kept.append(piece)
        elif piece is BREAK:
            if length > 0:
                length -= 1
            else:
                kept.append(piece)
        else:
            kept.append(piece[length:] if length < len(piece) else "")
            length = max(0, length - len(piece))
    block.pieces = _tidy_pieces(_without_empty_marks(kept))


def _without_empty_marks(pieces: list[str]) -> list[str]:
    kept: list[str] = []
    for piece in pieces:
        opened = kept[-1] if kept else None
        if isinstance(piece, Tag) and piece.closes and isinstance(opened, Tag) and opened.closing == piece:
            kept.pop()
        elif piece:
            kept.append(piece)
    return kept


def split_lines(block: Block) -> list[Block]:
    """One block a line, at line ends and at breaks; a mark that spans lines is opened again on each."""
    lines: list[list[str]] = [[]]
    opened: list[Tag] = []

    def end_line() -> None:
        lines[-1].extend(tag.closing for tag in reversed(opened))
        lines.append(list(opened))

    for piece in block.pieces:
        if piece is BREAK:
            end_line()
        elif isinstance(piece, Tag):
            lines[-1].append(piece)
            if piece.closes:
                opened.pop()
            else:
                opened.append(piece)
        else:
            first, *others = _LINE_END.split(piece)
            lines[-1].append(first)
            for part in others:
                end_line()
                lines[-1].append(part)
    return [Block(block.tag, _without_empty_marks(line), block.attributes) for line in lines]
