"""What a query found in a text, marked; and the passage of a long text where it stands. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from articles.search.documents import STEM, fold_run
from articles.search.queries import Query
from articles.search.words import fold, located, primary, starts, stem, wholes

Marked = list[tuple[str, bool]]  # pieces of a text, and whether one was found
Span = tuple[int, int]  # from where to before where

_PASSAGE, _BEFORE = 220, 70  # letters


class Marker:
    """Marks what a query found, in texts of any language."""

    def __init__(self, query: Query) -> None:
        terms = [term for clause in query.clauses for term in clause if not term.is_key]
        words = {word for term in terms if not term.begins for word in term.words}
        self._words = {word for word in words if STEM not in word}
        self._stems = {word for word in words if STEM in word}
        self._begins = tuple(term.words[0] for term in terms if term.begins)
        # Of what stands together in texts of a language; most stands there again and again.
        self._known: dict[tuple[str, str], list[Span]] = {}

    def marked(self, text: str, language: str) -> Marked:
        """The whole text."""
        found, done = [], 0
        for start, end in self._spans(text, primary(language)):
            if start > done:
                found.append((text[done:start], False))
            found.append((text[start:end], True))
            done = end
        return [*found, (text[done:], False)] if done < len(text) else found

    def passage(self, text: str, language: str) -> Marked:
        """A few lines around the first of what was found; nothing where nothing was."""
        first = next(self._spans(text, primary(language)), None)
        if first is None:
            return []
        start = max(first[0] - _BEFORE, 0)
        start = text.find(" ", start, first[0]) + 1 if start else 0
        end = len(text) if len(text) - start <= _PASSAGE else text.rfind(" ", first[1], start + _PASSAGE)
        cut = text[start : end if end > first[1] else start + _PASSAGE]
        said = f"{'… ' if start else ''}{' '.join(cut.split())}{' …' if start + len(cut) < len(text) else ''}"
        return self.marked(said, language)

    def _spans(self, text: str, language: str) -> Iterator[Span]:
        begins, done = starts(text), 0
        for number, whole in enumerate(wholes(text)):
            spans = self._known.get((whole, language))
            if spans is None:
                spans = self._known[whole, language] = self._within(whole, language)
            if spans:
                # Where a whole begins is looked at only here: few of a text are what was looked for.
                begin = next(islice(begins, number - done, None))
                done = number + 1
                yield from ((begin + start, begin + end) for start, end in spans)

    def _within(self, whole: str, language: str) -> list[Span]:
        if whole.isascii():
            return [(0, len(whole))] if self._is_found(whole, language) else []
        found: list[Span] = []
        for start, end, is_run in located(whole):
            if is_run:
                found += self._in_run(whole, start, end)
            elif self._is_found(whole[start:end], language):
                found.append((start, end))
        return found

    def _is_found(self, word: str, language: str) -> bool:
        folded = fold(word)
        if folded in self._words or (self._begins and folded.startswith(self._begins)):
            return True
        return bool(self._stems) and f"{language}{STEM}{stem(word, language)}" in self._stems

    def _in_run(self, text: str, start: int, end: int) -> Iterator[Span]:
        """Letters that stand in a pair that is looked for, joined."""
        hit = set()
        for place in range(start, end):
            pair = fold_run(text[place : min(place + 2, end)])
            if pair in self._words:
                hit |= {place, min(place + 1, end - 1)}
            elif pair.startswith(self._begins):
                hit.add(place)
        place = start
        while place < end:
            begin = place
            while place in hit:
                place += 1
            if place > begin:
                yield begin, place
            place += 1
