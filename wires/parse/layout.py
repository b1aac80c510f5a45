"""Text laid out with blanks and line ends, as wires sent it before markup: back to paragraphs and tables."""

import html
import re
from collections.abc import Iterator
from itertools import pairwise
from statistics import median

from articles.markup import without_controls
from wires.parse.blocks import BREAK, Block, split_lines, tidy_blocks

_TAB = 8
# Columns stand three blanks apart; two follow the full stops of typewriter-taught reporters.
_COLUMNS = re.compile(r"\S {3,}\S|[^\s.?!:;] {2}\S.*[^\s.?!:;] {2,}\S")
_RULE = re.compile(r"[-=_*. |+]{5,}")
# Lines longer than this were not broken by a margin: each is a paragraph.
_UNWRAPPED = 110
_MARGIN = range(45, 90)


def text_blocks(text: str) -> list[Block]:
    """Paragraphs and fixed-width tables of plain text."""
    return lines_to_blocks(split_lines(Block("p", [without_controls(text)])))


def html_of_text(text: str) -> str:
    """Plain text as HTML: paragraphs by blank or indented lines, aligned columns as <pre>."""
    return "".join(block.render() for block in text_blocks(text))


def html_of_paragraphs(paragraphs: list[str]) -> str:
    return "".join(f"<p>{html.escape(text.strip(), quote=False)}</p>" for text in paragraphs if text.strip())


def lay_out(blocks: list[Block]) -> list[Block]:
    """Split paragraphs that hold several, and undo lines broken at a margin.

    The only paragraph of a body may be a whole story whose real paragraphs start with blanks or follow
    an empty line. In a body of several the line ends are the file's own and mean nothing.
    """
    alone = sum(not block.markup and block.tag == "p" for block in blocks) == 1
    laid_out: list[Block] = []
    for block in blocks:
        if block.markup or block.tag != "p":
            laid_out.append(block)
            continue
        for part in _split_at_double_breaks(block):
            laid_out.extend(lines_to_blocks(split_lines(part)) if alone and _has_lines(part) else [part])
    laid_out = tidy_blocks(laid_out)
    _join_margin_breaks([block for block in laid_out if not block.markup and BREAK in block.pieces])
    return laid_out


def _has_lines(block: Block) -> bool:
    return any("\n" in piece for piece in block.pieces if piece is not BREAK) and BREAK not in block.pieces


def _split_at_double_breaks(block: Block) -> list[Block]:
    """Two breaks in a row are how HTML without paragraphs ends one."""
    if block.pieces.count(BREAK) < 2:
        return [block]
    marked = Block(block.tag, [p if p is BREAK else _flat(p) for p in block.pieces], block.attributes)
    groups: list[list[Block]] = [[]]
    for line in split_lines(marked):
        if line.text.strip():
            groups[-1].append(line)
        elif groups[-1]:
            groups.append([])
    if len(groups) < 3 and not groups[-1]:
        return [block]
    return [_joined(group, BREAK) for group in groups if group]


def _flat(piece: str) -> str:
    """A piece without line ends, so that breaks alone end its lines."""
    return type(piece)(piece.replace("\r", " ").replace("\n", " "))


def _joined(lines: list[Block], by: str) -> Block:
    pieces: list[str] = []
    for line in lines:
        pieces.extend([by, *line.pieces] if pieces else line.pieces)
    return Block(lines[0].tag, pieces, lines[0].attributes)


def lines_to_blocks(lines: list[Block]) -> list[Block]:
    """Lines to paragraphs and tables, by their blanks."""
    blocks: list[Block] = []
    done = 0
    for start, end in [*_tables(lines), (len(lines), len(lines))]:
        blocks.extend(_paragraphs(lines[done:start]))
        if end > start:
            blocks.append(_pre(lines[start:end]))
        done = end
    return tidy_blocks(blocks)


def _tables(lines: list[Block]) -> Iterator[tuple[int, int]]:
    """The runs of two or more lines in columns; rules and single empty lines may stand in them."""
    start = end = columns = 0
    for n, line in enumerate(lines):
        text = line.text.expandtabs(_TAB).strip()
        if _COLUMNS.search(text):
            start = start if columns else n
            columns += 1
            end = n + 1
        elif columns and n < end + 2 and (not text or _RULE.fullmatch(text)):
            end = n + 1 if text else end
        else:
            if columns > 1:
                yield start, end
            columns = 0
    if columns > 1:
        yield start, end


def _pre(lines: list[Block]) -> Block:
    texts = [line.text.expandtabs(_TAB).rstrip() for line in lines]
    margin = min(_indent(text) for text in texts if text)
    text = "\n".join(text[margin:] for text in texts)
    return Block("pre", markup=f"<pre>{html.escape(text, quote=False)}</pre>")


def _indent(text: str) -> int:
    text = text.expandtabs(_TAB)
    return len(text) - len(text.lstrip())


def _paragraphs(lines: list[Block]) -> list[Block]:
    first, *full = [line for line in lines if line.text.strip()] or [None]
    if not full:
        return [first] if first else []
    base = min(_indent(line.text) for line in full)
    whole_lines = median(len(line.text.strip()) for line in full) > _UNWRAPPED
    groups: list[list[Block]] = []
    after_blank = True
    for line in lines:
        if not line.text.strip():
            after_blank = True
            continue
        if after_blank or whole_lines or _indent(line.text) > base:
            groups.append([])
        groups[-1].append(line)
        after_blank = False
    return [_joined(group, "\n") for group in groups]


def _join_margin_breaks(broken: list[Block]) -> None:
    """Breaks that only copy the right margin of a teleprinter become blanks."""
    lines = [(line, following) for block in broken for line, following in pairwise(block.text.split("\n"))]
    if sum(_runs_on(*pair) for pair in lines) * 2 <= len(lines):
        return
    for block in broken:
        if all(len(line) in _MARGIN for line in block.text.split("\n")[:-1]):
            block.pieces = [" " if piece is BREAK else piece for piece in block.pieces]
            tidy_blocks([block])


def _runs_on(line: str, following: str) -> bool:
    """Whether a sentence goes on over a line end; in a poem or an address it does not."""
    return len(line) in _MARGIN and line.rstrip()[-1:] not in ".!?:" and following.lstrip()[:1].islower()
