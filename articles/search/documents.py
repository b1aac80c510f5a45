"""What the index holds of a story: its terms. Pure: texts in, terms out; the engines only store them.

A term is a folded word, or one of these, which no word can be because of its sign:

- `en·storm`  the stem of a word of a story in English, where the word itself is another
- `¹storm`    a word, or with `¹en·storm` a stem, of the headline
- `²storm`    the same of all that stands around the text: headline, teaser, slugline, byline, tags
- `§t12`      where the story belongs: to the tag with the key 12; see Key

So one index answers where a word stands, and by what a list is narrowed down, without any other table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from articles.markup import plain_text
from articles.search.words import fold, pairs, pieces, primary, stem

GAP = "¦"  # between texts, so that no phrase goes from one into the next
STEM = "·"
HEADLINE, AROUND = "¹", "²"
MOST = 100_000  # letters of a body; a tsvector takes no more than a megabyte


class Key(StrEnum):
    """What a story belongs to, with a key of a row behind it; times with a number of ours."""

    CHANNEL = "§c"  # listed in it
    HOME = "§h"  # its primary channel, which gives the kicker
    SITE = "§w"  # with a channel that it is listed in
    SOURCE = "§s"
    TAG = "§t"
    PLACE = "§p"
    LANGUAGE = "§l"  # with the primary subtag
    SPELL = "§d"  # of 24 days, in which it was published
    ERA = "§e"  # of 194 days

    def of(self, value) -> str:
        return f"{self}{value}"


# -- Positions: one number that says when a story was published, and which it is ---------

_ID_BITS = 28  # stories up to 268 million
SECOND = 1 << _ID_BITS
SPELL, ERA = SECOND << 21, SECOND << 24  # how much of a position is one
LAST = (1 << 63) - 1


def position(published: datetime, story: int) -> int:
    """Its place in the order of publication, which is the order of positions. Unique."""
    seconds = min(max(int(published.astimezone(UTC).timestamp()), 0), LAST // SECOND - 1)
    return seconds * SECOND + story % SECOND


def position_at(moment: datetime) -> int:
    """The first position that a story published at the moment, or later, can have."""
    return position(moment, 0)


# -- Documents -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Document:
    position: int
    story: int
    words: list[str]  # of all texts, in order
    marks: set[str] = field(default_factory=set)

    @property
    def text(self) -> str:
        """All terms as one text, with a space before and after each."""
        return " ".join([GAP, *self.words, *self.marks, GAP])


def document(story, tags: Iterable[str], keys: Iterable[str]) -> Document:
    """Of a Story, the names of its tags and the keys of what it belongs to."""
    at, language = position(story.first_published, story.pk), primary(story.language)
    headline, body = words_of(story.headline), words_of(plain_text(story.body)[:MOST])
    around = [words_of(text) for text in (story.teaser, story.slugline, story.byline, *tags)]
    head = {word for text in (headline, *around) for word in text}
    words: list[str] = []
    for text in (headline, *around, body):
        words += [*(word for word, _original in text), GAP]
    marks = {
        *keys,
        Key.LANGUAGE.of(language),
        Key.SPELL.of(at // SPELL),
        Key.ERA.of(at // ERA),
        *_stems(head.union(body), language),
        *(f"{HEADLINE}{term}" for term in _terms(set(headline), language)),
        *(f"{AROUND}{term}" for term in _terms(head, language)),
    }
    return Document(at, story.pk, words, marks)


def words_of(text: str) -> list[tuple[str, str]]:
    """The words of a text folded, and as they stand there; of a script without spaces pairs of letters."""
    found: list[tuple[str, str]] = []
    for piece, is_run in pieces(text):
        if is_run:
            found += [(pair, "") for pair in pairs(fold_run(piece))]
        elif word := fold(piece):
            found.append((word, piece))
    return found


def fold_run(run: str) -> str:
    """A run of a script without spaces, of any length."""
    return "".join(fold(letter) for letter in run)


def _stems(words: Iterable[tuple[str, str]], language: str) -> Iterator[str]:
    for word, original in words:
        if original and (root := stem(original, language)) != word:
            yield f"{language}{STEM}{root}"


def _terms(words: set[tuple[str, str]], language: str) -> Iterator[str]:
    yield from (word for word, _original in words)
    yield from _stems(words, language)
