"""What a query found in a text, marked; and the passage of a long text where it stands. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from articles.search.documents import STEM, fold_run
from articles.search.queries import Query
from articles.search.words import fold, located, primary, starts, stem, wholes

Marked = list[tuple[str, bool]]  # pieces of a text, and whether one was found
Span = tuple[int, int]  # from where to before where

_PASSAGE, _BEFORE = 220, 70  # letters
_AT_ONCE = 800  # letters of a text at least that are looked through together for the first match

# Languages whose stems may begin with another letter than their words; in all others they begin alike.
_BEGIN_OTHERWISE = frozenset({"ar", "ga", "id", "nl", "tr"})


class Marker:
    """Marks what a query found, in texts of any language."""

    def __init__(self, query: Query) -> None:
        terms = [term for clause in query.clauses for term in clause if not term.is_key]
        words = {word for term in terms if not term.begins for word in term.words}
        self._words = {word for word in words if STEM not in word}
        self._stems: dict[str, set[str]] = {}  # by language
        for language, _stem, root in (word.partition(STEM) for word in words - self._words):
            self._stems.setdefault(language, set()).add(root)
        self._begins = tuple(term.words[0] for term in terms if term.begins)
        self._initials = {word[0] for word in (*self._words, *self._begins)}
        self._initials |= {root[0] for roots in self._stems.values() for root in roots}
        self._initials |= {letter.upper() for letter in self._initials}
        # By language: what was looked at, and the matches within what has one.
        self._known: dict[str, tuple[set[str], dict[str, list[Span]]]] = {}

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
        first = self._first(text, primary(language))
        if first is None:
            return []
        start = max(first[0] - _BEFORE, 0)
        start = text.find(" ", start, first[0]) + 1 if start else 0
        end = len(text) if len(text) - start <= _PASSAGE else text.rfind(" ", first[1], start + _PASSAGE)
        cut = text[start : end if end > first[1] else start + _PASSAGE]
        said = f"{'… ' if start else ''}{' '.join(cut.split())}{' …' if start + len(cut) < len(text) else ''}"
        return self.marked(said, language)

    def _first(self, text: str, language: str) -> Span | None:
        """Looks through a few lines at a time, as most texts have it early."""
        done = 0
        while done < len(text):
            end = text.find("\n", done + _AT_ONCE) + 1 or len(text)
            if span := next(self._spans(text[done:end], language), None):
                return done + span[0], done + span[1]
            done = end
        return None

    def _spans(self, text: str, language: str) -> Iterator[Span]:
        standing = wholes(text)
        found = self._found(standing, language)
        if found.keys().isdisjoint(standing):
            return
        begins, done = starts(text), 0
        for number, whole in enumerate(standing):
            if whole in found:
                # Where a whole begins is looked at only here: few of a text are what was looked for.
                begin = next(islice(begins, number - done, None))
                done = number + 1
                yield from ((begin + start, begin + end) for start, end in found[whole])

    def _found(self, standing: Iterable[str], language: str) -> dict[str, list[Span]]:
        """What has a match, of these and of what stood in the texts before: most stands there again."""
        looked_at, found = self._known.setdefault(language, (set(), {}))
        new = set(standing) - looked_at
        looked_at |= new
        plain = []
        for whole in new:
            if not whole.isascii():
                if spans := self._within(whole, language):
                    found[whole] = spans
            elif whole[0] in self._initials or language in _BEGIN_OTHERWISE:
                plain.append(whole)
        found |= {word: [(0, len(word))] for word in self._matches(plain, language)}
        return found

    def _within(self, whole: str, language: str) -> list[Span]:
        found: list[Span] = []
        for start, end, is_run in located(whole):
            if is_run:
                found += self._in_run(whole, start, end)
            elif self._matches([whole[start:end]], language):
                found.append((start, end))
        return found

    def _matches(self, words: Collection[str], language: str) -> list[str]:
        stems, begins = self._stems.get(language), self._begins
        return [
            word
            for word, folded in zip(words, map(fold, words), strict=True)
            if folded in self._words
            or (begins and folded.startswith(begins))
            or (stems and stem(word, language) in stems)
        ]

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
