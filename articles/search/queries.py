"""The query language: words, "phrases", -without, OR, begin*. Pure: what somebody typed in, a Query out.

There is no wrong query: what means nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import regex

from articles.search.documents import AROUND, STEM, Key, fold_run
from articles.search.words import fold, pairs, pieces, primary, stem

LONGEST = 200  # letters that are read
MOST = 12  # words and phrases that are looked for
BEGINNING = 4  # letters at least of begin*: the lists of all words that begin so are read

# A phrase in any of the quotation marks that keyboards give, or what stands between spaces; -before it.
_PART = regex.compile(r'([-−–]?)(?:["“”„«»]([^"“”„«»]*)(?:["“”„«»]|$)|([^\s"“”„«»]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """Words that follow each other; one of the index's other terms; or what a word begins with."""

    words: tuple[str, ...]
    begins: bool = False

    @property
    def is_phrase(self) -> bool:
        return len(self.words) > 1

    @property
    def is_key(self) -> bool:
        return self.words[0][0] == "§"


Clause = tuple[Term, ...]  # any of them


@dataclass(frozen=True, slots=True)
class Query:
    """A story is found that has a term of each clause, none of `without`, and not all that `unless` asks."""

    clauses: tuple[Clause, ...] = ()
    without: tuple[Term, ...] = ()
    unless: Query | None = None
    typed: tuple[str, ...] = ()  # the single words, as they were typed

    def __bool__(self) -> bool:
        return bool(self.clauses)

    @property
    def has_phrases(self) -> bool:
        return any(term.is_phrase for clause in (*self.clauses, self.without) for term in clause)

    def standing(self, mark: str) -> Query | None:
        """The same words where the mark says: HEADLINE or AROUND; None if they cannot stand there."""
        marked = tuple(_marked(clause, mark) for clause in self.clauses)
        if not all(marked):
            return None
        # A phrase is marked by one word of it, so the phrase itself is asked for too.
        phrases = (clause for clause in self.clauses if any(term.is_phrase for term in clause))
        return replace(self, clauses=(*marked, *phrases))


def _marked(clause: Clause, mark: str) -> Clause:
    if all(term.is_key for term in clause):
        return clause
    words = [replace(term, words=(mark + max(term.words, key=len),)) for term in clause if not term.is_key]
    # A kicker stands around the text, and in no headline.
    return (*words, *(term for term in clause if term.is_key and mark == AROUND))


def parse(typed: str, language: str, kickers: Mapping[str, Iterable[int]] | None = None) -> Query:
    """What somebody typed who reads that language, in which inflections are known.

    `kickers` are folded words with the keys of the channels in whose kicker they stand.
    """
    clauses: list[list[Term]] = []
    without: list[Term] = []
    words: list[str] = []
    either = False
    for minus, phrase, word in _PART.findall(typed[:LONGEST].replace("\0", " ")):
        if word == "OR" and not minus:
            either = bool(clauses)
            continue
        terms = _phrase(phrase) if phrase else _word(word, primary(language), kickers or {})
        if not terms:
            continue
        if minus:
            without += terms
        elif either:
            clauses[-1] += terms
        else:
            clauses.append(terms)
        if word and not minus:
            words.append(word)
        either = False
        if len(clauses) + len(without) >= MOST:
            break
    return Query(tuple(map(tuple, clauses)), tuple(without), typed=tuple(words))


def _phrase(text: str) -> list[Term]:
    """Exactly these words in this order."""
    words = _index_words(text)
    return [Term(tuple(words))] if words else []


def _word(text: str, language: str, kickers: Mapping[str, Iterable[int]]) -> list[Term]:
    """The word, its inflections, the kicker it stands in. One that our index has as several is a phrase."""
    words = _index_words(text)
    if not words:
        return []
    if len(words) > 1:
        return [Term(tuple(words))]
    [(piece, is_run)] = pieces(text)
    if is_run:
        # One letter of a run is found as what a pair begins with.
        return [Term((words[0],), begins=len(words[0]) == 1)]
    if text.endswith("*") and len(words[0]) >= BEGINNING:
        return [Term((words[0],), begins=True)]
    root = stem(piece, language)
    keys = [Key.HOME.of(key) for key in kickers.get(words[0], ())]
    wanted = dict.fromkeys([words[0], root, f"{language}{STEM}{root}", *keys])
    return [Term((term,)) for term in wanted]


def _index_words(text: str) -> list[str]:
    """As documents have them; the last letter of a run stands for the run only if there is no other."""
    words: list[str] = []
    for piece, is_run in pieces(text):
        if is_run:
            run = fold_run(piece)
            words += pairs(run)[: max(len(run) - 1, 1)]
        else:
            words.append(fold(piece))
    return [word for word in words if word]
