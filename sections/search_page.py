"""The page of a search: what is found, marked; how it can be narrowed down; what may have been meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from itertools import islice
from operator import itemgetter

from django.conf.locale import LANG_INFO
from django.db.models import Count, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.markup import plain_text
from articles.models import Place, Story, Tag, TaggedStory
from articles.prepared import Blanks, prepared
from articles.search.documents import HEADLINE, words_of
from articles.search.finding import BEST, NEWEST, find
from articles.search.highlights import Marked, Marker
from articles.search.queries import Query, Term, parse
from articles.search.streams import TooSlow
from articles.search.words import primary
from sections.cards import COLUMNS, card_from, notices
from sections.compose import Card
from sections.lists import PAGE_SIZE
from sections.network import Network
from sections.searching import Search

COUNTED = 1_000  # stories; of more it is only said that there are more
CHOICES = 8  # of each filter
NEAR, LIKE = 300, 0.7  # stories whose headlines are looked at for what was meant; how like a word must be


@dataclass(frozen=True, slots=True)
class Result:
    card: Card
    headline: Marked
    words: Marked  # of the teaser, or of the text where that says nothing of it


@dataclass(frozen=True, slots=True)
class Choice:
    title: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter and what can be chosen of it; nothing where one is chosen."""

    title: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class Counts:
    total: int
    is_more: bool
    facets: list[Facet]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    network: Network
    search: Search
    results: list[Result] = field(default_factory=list)
    counts: Counts | None = None  # on the first screen
    next: str = ""  # the query of the next screen
    meant: str = ""
    is_too_slow: bool = False

    path = property(lambda self: reverse("sections:search"))

    @property
    def title(self) -> str:
        typed = self.search.typed
        return _("Search: %s") % typed if typed else _("Search")

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


def titles() -> dict[str, str]:
    return {
        "site": _("Site"), "channel": _("Channel"), "source": _("Source"), "tag": _("Tag"),
        "place": _("Place"), "language": _("Language"),
    }  # fmt: skip


def search_page(search: Search, at: datetime) -> SearchPage:
    """Two queries, five more for the counts of the first screen; and one for each tag, place or source."""
    what = {"network": search.network, "search": search}
    if not search:
        return SearchPage(**what)
    try:
        results, more = _results(search, at)
    except TooSlow:
        return SearchPage(**what, is_too_slow=True)
    counts, meant = None, ""
    if search.is_first:
        with suppress(TooSlow):  # What was found is shown without.
            counts = _counts(search, at) if results else None
            meant = "" if results else _meant(search, at)
    return SearchPage(**what, results=results, counts=counts, next=more, meant=meant)


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


# -- Counts --------------------------------------------------------------------------


def _counts(search: Search, at: datetime) -> Counts:
    """Of the newest 1,000 that are found; exact if there are no more."""
    rows: list[dict] = []
    stories: dict[int, dict] = {}
    for hits in search.hits(COUNTED + 1, order=NEWEST):
        rows += search.listings(hits, at, "pk", "source__code", "source__name", "language")
        stories = {row["pk"]: row for row in rows}
        if len(stories) > COUNTED:
            break
    is_more = len(stories) > COUNTED
    if is_more:
        stories = dict(islice(stories.items(), COUNTED))
        rows = [row for row in rows if row["pk"] in stories]
    source = Counter(map(itemgetter("source__code", "source__name"), stories.values()))
    given = {
        **_where(search.network, rows),
        "source": Counter({names: count for names, count in source.items() if names[0]}),
        **_about(list(stories)),
        "language": _languages(Counter(map(itemgetter("language"), stories.values()))),
    }
    return Counts(len(stories), is_more, [_facet(search, *entry) for entry in given.items()])


Values = Counter[tuple[str, str]]  # as it stands in an address, and as it is shown


def _where(network: Network, rows: list[dict]) -> dict[str, Values]:
    """In which sites and in which channels of this one stories are listed."""
    # Of a channel made since the network was read nothing is known yet.
    site_of = {pk: channel.site for pk, channel in network.channels.items()}
    listed = {(row["pk"], site_of[row["channel"]].pk) for row in rows if row["channel"] in site_of}
    sites = Counter(site for _story, site in listed)
    channels = Counter(row["channel"] for row in rows)
    return {
        "site": Counter({(site.host, site.name): sites[site.pk] for site in network.sites}),
        "channel": Counter({(one.slug, one.title): channels[one.pk] for one in network.site.channels}),
    }


def _about(stories: list[int]) -> dict[str, Values]:
    """Tags and places that stand at most of the stories; three queries."""
    counted = {name: _commonest(name, stories=stories) for name in ("tag", "place")}
    keys = {f"{name}_keys": [row[name] for row in rows] for name, rows in counted.items()}
    named = {(row["kind"], row["pk"]): (row["slug"], row["name"]) for row in _names(**keys)}
    values = {name: Counter() for name in counted}
    for name, rows in counted.items():
        for row in rows:
            if names := named.get((name, row[name])):  # else it went just now
                values[name][names] = row["count"]
    return values


@prepared
def _commonest(blank: Blanks, name: str) -> QuerySet:
    table, story = {"tag": (TaggedStory, "content_object"), "place": (Story.places.through, "story")}[name]
    rows = table.objects.filter(**{f"{story}__in": blank.keys("stories")}).order_by()
    return rows.values(name).annotate(count=Count("*")).order_by("-count", name)[:CHOICES]


@prepared
def _names(blank: Blanks) -> QuerySet:
    tags, places = (
        model.objects.filter(pk__in=blank.keys(f"{name}_keys"))
        .order_by()
        .values("pk", "slug", "name", kind=Value(name))
        for name, model in (("tag", Tag), ("place", Place))
    )
    return tags.union(places, all=True)


def _languages(counted: Counter[str]) -> Values:
    """Those of one language together, in whichever country."""
    values: Values = Counter()
    for tag, count in counted.items():
        code = primary(tag)
        values[code, LANG_INFO.get(code, {}).get("name_local", code).capitalize()] += count
    return values


def _facet(search: Search, name: str, values: Values) -> Facet:
    offered = [] if name in search.chosen else values.most_common(CHOICES)
    return Facet(
        titles()[name],
        [Choice(title, count, search.asked(**{name: value})) for (value, title), count in offered if count],
    )


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
    return [" ".join([*before, word.lower()]) for word in list(found.values())[:CHOICES]]
