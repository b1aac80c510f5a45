"""The page of a search: what is found, marked; how it can be narrowed down; what may have been meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches

from django.urls import reverse
from django.utils.translation import gettext as _

from articles.markup import plain_text
from articles.search.documents import HEADLINE, words_of
from articles.search.finding import BEST, NEWEST, find
from articles.search.highlights import Marked, Marker
from articles.search.queries import Query, Term, parse
from articles.search.streams import TooSlow
from sections.cards import COLUMNS, card_from, notices
from sections.compose import Card
from sections.dates import day_words
from sections.lists import PAGE_SIZE
from sections.network import Network
from sections.search_counts import Counts, counts, titles
from sections.searching import Search

COMPLETIONS = 8
NEAR, LIKE = 300, 0.7  # stories whose headlines are looked at for what was meant; how like a word must be


@dataclass(frozen=True, slots=True)
class Result:
    card: Card
    headline: Marked
    words: Marked  # of the teaser, or of the text where that says nothing of it


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    network: Network
    search: Search
    results: list[Result] = field(default_factory=list)
    counts: Counts | None = None  # on the first screen
    next: str = ""  # the query of the next screen
    meant: str = ""
    is_of_late: bool = False  # as the whole archive takes too long
    is_too_slow: bool = False

    path = property(lambda self: reverse("sections:search"))

    @property
    def title(self) -> str:
        typed = self.search.typed
        return _("Search: %s") % typed if typed else _("Search")

    @property
    def since(self) -> str:
        return day_words(self.search.since) if self.search.since else ""

    @property
    def orders(self) -> list[tuple[str, str, bool]]:
        """Name, query of the address, whether it is this one."""
        words = {NEWEST: _("Newest first"), BEST: _("Best first")}
        here = self.search
        return [
            (words[order], here.asked(order=order if order == BEST else ""), order == here.order)
            for order in words
        ]

    @property
    def feeds(self) -> list[tuple[str, str, str]]:
        """Name, media type, address."""
        kinds = {
            "rss.xml": ("RSS", "application/rss+xml"),
            "atom.xml": ("Atom", "application/atom+xml"),
            "feed.json": ("JSON Feed", "application/feed+json"),
        }
        query = self.search.asked(order="")
        return [
            (*kind, f"{reverse('sections:feed-search', args=[file])}?{query}") for file, kind in kinds.items()
        ]

    @property
    def chosen(self) -> list[tuple[str, str, str]]:
        """Of each filter its name, what was chosen, and the query without it."""
        return [
            (titles()[name], value, self.search.asked(**{name: ""}))
            for name, value in self.search.chosen.items()
        ]

    @property
    def meant_query(self) -> str:
        return self.search.asked(q=self.meant)

    @property
    def notices(self) -> list[str]:
        return notices(result.card for result in self.results)


def search_page(search: Search, at: datetime) -> SearchPage:
    """Two queries, three more for the counts of the first screen; and one for each tag, place or source. Of
    late, and as many again, where the whole archive takes too long."""
    what = {"network": search.network, "search": search}
    if not search:
        return SearchPage(**what)
    try:
        results, more = _results(search, at)
    except TooSlow:
        if search.since:
            return SearchPage(**what, is_too_slow=True)
        return replace(search_page(search.of_late(at), at), is_of_late=True)
    found, meant = None, ""
    if search.is_first:
        with suppress(TooSlow):  # What was found is shown without.
            found = counts(search, at) if results else None
            meant = "" if results else _meant(search, at)
    return SearchPage(**what, results=results, counts=found, next=more, meant=meant)


def _results(search: Search, at: datetime) -> tuple[list[Result], str]:
    """Those of a screen, and the query of the next. Texts are read with them, to quote what was found."""
    found: dict[int, dict] = {}
    order: list[tuple[int, int]] = []
    for hits in search.hits(PAGE_SIZE + 10):
        rows = search.rows(hits, at, *COLUMNS, "body")
        found |= {row["pk"]: row for row in rows if row["home__channel_id"] in search.network.channels}
        order += [(hit.score, hit.story) for hit in hits if hit.story in found]
        if len(order) > PAGE_SIZE:
            break
    marker = Marker(search.words)
    shown = [_result(found[story], marker, search.network, at) for _score, story in order[:PAGE_SIZE]]
    more = search.asked(below=order[PAGE_SIZE - 1][0]) if len(order) > PAGE_SIZE else ""
    return shown, more


def _result(row: dict, marker: Marker, network: Network, at: datetime) -> Result:
    card = card_from(row, network, at)
    headline, words = (marker.marked(text, card.language) for text in (card.headline, card.teaser))
    if not any(is_found for _text, is_found in (*headline, *words)):
        words = marker.passage(plain_text(row["body"]), card.language) or words
    return Result(card, headline, words)


# -- What was meant ------------------------------------------------------------------


def _meant(search: Search, at: datetime) -> str:
    """The same with words of headlines in place of those that nothing has; empty if that finds nothing.

    Only words of stories that the reader may read are told.
    """
    instead = {word: near for word in search.words.typed[:4] if (near := _near(word, search, at))}
    if not instead:
        return ""
    meant = " ".join(instead.get(word, word) for word in search.typed.split())
    hits = find(parse(meant, search.language), limit=PAGE_SIZE, most_ms=search.left_ms)
    return meant if search.rows(hits, at, "pk") else ""


def _near(word: str, search: Search, at: datetime) -> str:
    """The likest word of a headline, of those that begin alike."""
    [(folded, _original), *others] = words_of(word) or [("", "")]
    if others or len(folded) < 3 or find(parse(word, search.language), limit=1, most_ms=search.left_ms):
        return ""
    for begin in (folded[:3], folded[:2]):
        words = headline_words(search, begin, at)
        if found := get_close_matches(folded, words, n=1, cutoff=LIKE):
            return words[found[0]]
    return ""


def headline_words(search: Search, begin: str, at: datetime, query: Query | None = None) -> dict[str, str]:
    """Words in headlines of the newest stories that begin so and that the query finds, the commonest first:
    folded, and as one of them has it. Two queries."""
    clause = (Term((f"{HEADLINE}{begin}",), begins=True),)
    hits = find(Query((*(query.clauses if query else ()), clause)), limit=NEAR, most_ms=search.left_ms)
    rows = {row["pk"]: row["headline"] for row in search.rows(hits, at, "pk", "headline")}
    counted, shown = Counter(), {}
    for headline in [rows[hit.story] for hit in hits if hit.story in rows]:
        words = {
            word: original for word, original in words_of(headline) if original and word.startswith(begin)
        }
        counted.update(words.keys())
        shown |= words
    return {word: shown[word] for word, _count in counted.most_common()}


def completions(search: Search, at: datetime) -> list[str]:
    """What is typed with its last word completed, from headlines that the reader may read."""
    *before, last = search.typed.split() or [""]
    words: Iterable[tuple[str, str]] = words_of(last)
    [(begin, _original), *others] = words or [("", "")]
    if others or len(begin) < 2:
        return []
    query = parse(" ".join(before), search.language)
    found = headline_words(search, begin, at, query)
    return [" ".join([*before, word.lower()]) for word in list(found.values())[:COMPLETIONS]]
