"""What changed from one text to another, by words; from one version of a story to another, by fields.

Pure: strings and the JSON of Story.snapshot() in, words in. The desk's history and the readers' use it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from html import unescape
from typing import Literal

import regex
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.markup import plain_text

Change = Literal["same", "gone", "new"]
Pieces = list[tuple[Change, str]]

# Words as Unicode parts them (UAX 29): "don't" and "3,500.5" are one, Arabic and Hindi keep their marks,
# Chinese and Thai, which write no spaces, go by character.
_WORD_BOUNDARY = regex.compile(r"(?w)\b")
# Below this share of common words a text is not changed but another one: shown whole, not in shreds.
_LEAST_IN_COMMON = 0.2
# Pairs of equal words that may be weighed against each other; natural text of 10,000 words has far fewer.
_MOST_PAIRS = 600_000
# A stretch that differs is compared more finely up to this length.
_MOST_LETTERS_APART = 2_000

_LINK = re.compile(r'<a\s[^>]*?href="([^"]*)"')


def word_changes(old: str, new: str) -> Pieces:
    """The "same" and "gone" pieces together are the old text, the "same" and "new" ones the new text."""
    if old == new:
        return [("same", old)] if old else []
    pieces = list(_joined(_changes(old, new)))
    common = sum(len(text) for change, text in pieces if change == "same" and not text.isspace())
    if common < _LEAST_IN_COMMON * min(len(old), len(new)):
        return _whole(old, new)
    return pieces


def _whole(old: str, new: str) -> Pieces:
    return [piece for piece in (("gone", old), ("new", new)) if piece[1]]


def _changes(old: str, new: str) -> Iterator[tuple[Change, str]]:
    """Words are compared with the space after them, which halves the work; what differs, without."""
    for change in _aligned(_words_with_space(old), _words_with_space(new)):
        if len(change) == 1:
            yield "same", change[0]
        elif max(map(len, change)) > _MOST_LETTERS_APART:
            yield from _whole(*change)
        else:
            for part in _aligned(*map(_words, change)):
                yield from [("same", part[0])] if len(part) == 1 else _whole(*part)


def _aligned(before: list[str], after: list[str]) -> Iterator[tuple[str] | tuple[str, str]]:
    """In order: a text that both have, or what the one has where the other has something else."""
    matcher = SequenceMatcher(None, before, after)
    # b2j: the places of each word of `after`, without the very frequent
    if sum(len(matcher.b2j.get(word, ())) for word in before) > _MOST_PAIRS:
        yield "".join(before), "".join(after)
        return
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        texts = "".join(before[i1:i2]), "".join(after[j1:j2])
        yield texts[:1] if tag == "equal" else texts


def _words(text: str) -> list[str]:
    return [word for word in _WORD_BOUNDARY.split(text) if word]


def _words_with_space(text: str) -> list[str]:
    words: list[str] = []
    for word in _words(text):
        if word.isspace() and words:
            words[-1] += word
        else:
            words.append(word)
    return words


def _joined(pieces: Iterator[tuple[Change, str]]) -> Iterator[tuple[Change, str]]:
    """One "gone" and one "new" for words that changed in a row: a space alone between them parts nothing."""
    same = gone = new = ""
    for change, text in pieces:
        if change == "same":
            same += text
            continue
        if same and not (same.isspace() and (gone or new)):
            yield from _whole(gone, new)
            yield "same", same
            gone = new = ""
        elif same:
            gone, new = gone + same, new + same
        same = ""
        gone, new = (gone + text, new) if change == "gone" else (gone, new + text)
    yield from _whole(gone, new)
    if same:
        yield "same", same


# -- A story by its fields -------------------------------------------------------

# How the values of a field are compared: as a line of words, a text of blocks, a list, or whole.
WORDS, TEXT, LIST, VALUE, TIME = "words", "text", "list", "value", "time"

FIELDS: dict[str, tuple[str | Promise, str]] = {
    "headline": (_("Headline"), WORDS),
    "teaser": (_("Teaser"), WORDS),
    "picture": (_("Picture"), VALUE),
    "byline": (_("Byline"), WORDS),
    "authors": (_("Authors"), LIST),
    "body": (_("Body"), TEXT),
    "dateline_place": (_("Dateline place"), VALUE),
    "dateline_credit": (_("Dateline credit"), VALUE),
    "dateline_date": (_("Dateline date"), VALUE),
    "dateline_raw": (_("Dateline as filed"), VALUE),
    "source": (_("Source"), VALUE),
    "located": (_("Located"), VALUE),
    "links": (_("Related links"), LIST),
    "tags": (_("Tags"), LIST),
    "places": (_("Places"), LIST),
    "slugline": (_("Slugline"), VALUE),
    "genre": (_("Genre"), VALUE),
    "urgency": (_("Urgency"), VALUE),
    "language": (_("Language"), VALUE),
    "subjects": (_("Subjects"), LIST),
    "publish_at": (_("Publish at"), TIME),
    "embargo_until": (_("Embargo until"), TIME),
    "relevant_until": (_("Relevant until"), TIME),
    "rights_until": (_("Rights until"), TIME),
    "editors_note": (_("Editor's note"), WORDS),
    "provider": (_("Provider"), VALUE),
    "guid": (_("Wire id"), VALUE),
    "wire_version": (_("Wire version"), VALUE),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A block of a text, or an entry of a list; `skipped` lines before it are the same in both."""

    pieces: Pieces
    skipped: int = 0

    @property
    def is_same(self) -> bool:
        return all(change == "same" for change, _text in self.pieces)


@dataclass(frozen=True, slots=True)
class FieldChange:
    name: str
    label: str
    kind: str
    lines: list[Line]
    note: str = ""
    skipped_after: int = 0  # lines after the last one shown


def field_changes(before: dict, after: dict) -> list[FieldChange]:
    """The fields that differ, in the order of the page a reader sees. Unknown ones are compared whole."""
    unknown = [name for name in (*before, *after) if name not in FIELDS]
    names = [*FIELDS, *dict.fromkeys(unknown)]
    return [_field_change(name, before, after) for name in names if before.get(name) != after.get(name)]


def _field_change(name: str, before: dict, after: dict) -> FieldChange:
    label, kind = FIELDS.get(name, (name.replace("_", " ").capitalize(), VALUE))
    old, new = before.get(name), after.get(name)
    if kind == TEXT:
        return _text_change(name, str(label), old or "", new or "")
    if kind == LIST:
        lines = _list_lines([_said(item) for item in old or []], [_said(item) for item in new or []])
    elif kind == WORDS:
        lines = [Line(word_changes(old or "", new or ""))]
    else:
        lines = [Line(_whole(_said(old, kind), _said(new, kind)))]
    return FieldChange(name, str(label), kind, lines)


def _said(value, kind: str = VALUE) -> str:
    if value in (None, ""):
        return ""
    if kind == TIME:
        return f"{datetime.fromisoformat(value).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values() if part)
    return str(value)


def _list_lines(old: list[str], new: list[str]) -> list[Line]:
    """Entries gone, then entries new; where only their order changed, all of them anew."""
    gone, come = [item for item in old if item not in new], [item for item in new if item not in old]
    if not gone and not come:
        gone, come = old, new
    return [Line([("gone", item)]) for item in gone] + [Line([("new", item)]) for item in come]


def _text_change(name: str, label: str, old: str, new: str) -> FieldChange:
    """HTML compared as its blocks of words, and where its links lead; never shown as markup."""
    lines = _block_lines(plain_text(old).splitlines(), plain_text(new).splitlines())
    old_links, new_links = ([unescape(url) for url in _LINK.findall(text)] for text in (old, new))
    if old_links != new_links:
        lines += _list_lines(old_links, new_links)
    if all(line.is_same for line in lines):
        return FieldChange(name, label, TEXT, [], gettext("The words are the same; their marks changed."))
    shown, skipped = _with_context(lines)
    return FieldChange(name, label, TEXT, shown, skipped_after=skipped)


def _block_lines(old: list[str], new: list[str]) -> list[Line]:
    lines = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [Line([("same", text)]) for text in old[i1:i2]]
        elif i2 - i1 == j2 - j1:
            lines += [Line(word_changes(*pair)) for pair in zip(old[i1:i2], new[j1:j2], strict=True)]
        else:
            lines.append(Line(word_changes("\n".join(old[i1:i2]), "\n".join(new[j1:j2]))))
    return lines


def _with_context(lines: list[Line]) -> tuple[list[Line], int]:
    """Changed lines with one unchanged before and after; how many are left out at the end."""
    changed = {number for number, line in enumerate(lines) if not line.is_same}
    shown, skipped = [], 0
    for number, line in enumerate(lines):
        if changed & {number - 1, number, number + 1}:
            shown.append(Line(line.pieces, skipped))
            skipped = 0
        else:
            skipped += 1
    return shown, skipped
