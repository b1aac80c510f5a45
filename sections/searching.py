"""What readers ask of the search: read from an address, and found among the stories they may read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from time import monotonic
from urllib.parse import urlencode

from django.db.models import Exists
from django.http import QueryDict

from articles.models import Place, Source, StoryQuerySet, Tag
from articles.prepared import Blank, Blanks, prepared
from articles.search import queries
from articles.search.documents import LAST, Key, position_at
from articles.search.finding import BEST, MOST_MS, NEWEST, Hit, find
from articles.search.queries import Query, Term, parse
from articles.search.streams import TooSlow
from articles.search.words import primary
from sections.cards import BadKey, SiteKey, listed, readable
from sections.lists import midnight
from sections.network import Network, SiteView

# All that a search's address may say.
SEARCHED = ("q", "order", "from", "to", "below", "site", "channel", "source", "tag", "place", "language")
# What narrows a search down, by its name in the address.
FILTERS = ("site", "channel", "source", "tag", "place", "language")
WHERE = {"in_site": "site", "in_channel": "channel"}  # columns of a listing
ROUNDS = 4  # times that more is looked for, where readers may not see what was found
LATE = timedelta(days=180)  # is looked through where the whole archive takes too long
MORE, MOST = 4, 1_000  # how many times as much each time; and what is not gone beyond for it


@dataclass(frozen=True)
class Search:
    """A search as its address says it. `chosen` are filters by name: host, slug, code or language."""

    network: Network
    typed: str = ""
    order: str = NEWEST
    chosen: dict[str, str] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None  # with this day
    below: int = LAST  # the score of the last story of the screen before

    @classmethod
    def read(cls, network: Network, given: QueryDict) -> Search:
        """Whatever is given; what means nothing is left out. Raises BadKey for a page key that is none."""
        return cls(
            network=network,
            typed=" ".join(given.get("q", "").replace("\0", " ").split())[: queries.LONGEST],
            order=BEST if given.get("order") == BEST else NEWEST,
            chosen={name: given[name][:140] for name in FILTERS if given.get(name, "").strip("\0 ")},
            since=_day(given.get("from", "")),
            until=_day(given.get("to", "")),
            below=_score(given["below"]) if given.get("below") else LAST,
        )

    # -- Its address -----------------------------------------------------------------

    def asked(self, **changes) -> str:
        """The query of the address of this search, with changes; never with a page key of its own."""
        given = {"q": self.typed, **self.chosen}
        given |= {"from": self.since, "to": self.until, "order": self.order if self.order == BEST else ""}
        return urlencode({name: value for name, value in (given | changes).items() if value})

    def of_late(self, at: datetime) -> Search:
        """The same of the last half year. A phrase of common words that stand together nowhere has PostgreSQL
        read all texts that have them: of an archive of a million more than it has time for."""
        return replace(self, since=(at - LATE).date())

    # -- What is looked for ----------------------------------------------------------

    @property
    def is_first(self) -> bool:
        return self.below == LAST

    @cached_property
    def language(self) -> str:
        """In which inflections are known."""
        return self.chosen.get("language") or self.network.site.language

    @cached_property
    def words(self) -> Query:
        """As they were typed, kickers among them."""
        kickers: dict[str, list[int]] = {}
        for channel in self.network.channels.values():
            for word in _kicker_words(channel.kicker):
                kickers.setdefault(word, []).append(channel.pk)
        return parse(self.typed, self.language, kickers)

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.words or self.chosen or self.since or self.until)

    @cached_property
    def query(self) -> Query:
        """The words narrowed down; one that finds nothing where a filter names what is not there.

        A query for each tag, place or source.
        """
        clauses = [self._clause(name, value) for name, value in self.chosen.items()]
        if not all(clauses) or not self:
            return Query()
        if not self.words and not clauses:
            # Whatever there is of these days: each story stands on a site.
            clauses = [tuple(Term((Key.SITE.of(site.pk),)) for site in self.network.sites)]
        return replace(self.words, clauses=(*self.words.clauses, *clauses))

    def _clause(self, name: str, value: str) -> queries.Clause:
        """What an entry of the index must have one of."""
        places = {"site": Key.SITE, "channel": Key.CHANNEL}
        if name in places:
            place = self.where[f"in_{name}"]
            return (Term((places[name].of(place),)),) if place else ()
        if name == "language":
            return (Term((Key.LANGUAGE.of(primary(value)),)),)
        key, model, column = {
            "source": (Key.SOURCE, Source, "code"),
            "tag": (Key.TAG, Tag, "slug"),
            "place": (Key.PLACE, Place, "slug"),
        }[name]
        rows = model.objects.filter(**{column: value}).values_list("pk", flat=True)
        return tuple(Term((key.of(row),)) for row in rows[:1])

    # -- What readers may see of it ----------------------------------------------------

    def readable(self, at: datetime) -> StoryQuerySet:
        """What a reader of the site may read, listed where the filters say."""
        return _readable(at, self.network.site, self.where)

    def rows(self, hits: Iterable[Hit], at: datetime, *columns: str) -> list[dict]:
        """Of those stories that a reader may read, in no order; one query."""
        return _rows(tuple(columns), tuple(self.where), **self.blanks(hits, at))

    def blanks(self, hits: Iterable[Hit], at: datetime) -> dict:
        """The values for readable_where()."""
        stories = [hit.story for hit in hits]
        return {"stories": stories, "at": at, "site": self.network.site.pk, **self.where}

    @property
    def where(self) -> dict[str, int]:
        """The keys of the site and of the channel of this one where stories must be listed, as WHERE names
        them; 0 of what is not there."""
        site, channel = self.chosen.get("site"), self.chosen.get("channel")
        keys = {}
        if site:
            keys["in_site"] = next((one.pk for one in self.network.sites if one.host == site), 0)
        if channel:
            found = self.network.site.channel(channel)
            keys["in_channel"] = found.pk if found else 0
        return keys

    @cached_property
    def _ends(self) -> float:
        return monotonic() + MOST_MS / 1000

    @property
    def left_ms(self) -> int:
        """For all queries of a page together: a search that is many is ended as one is."""
        return max(1, int((self._ends - monotonic()) * 1000))

    def newest(self, number: int, at: datetime) -> list[Hit]:
        """So many of what is found; of late, where the whole archive takes too long. Raises TooSlow."""
        try:
            return next(self.hits(number, NEWEST))
        except TooSlow:
            if self.since:
                raise
            return self.of_late(at).newest(number, at)

    def hits(self, number: int, order: str = "") -> Iterator[list[Hit]]:
        """What is found, first what is first in its order, or in that given: so many, then more at a time;
        one query each time. Raises TooSlow."""
        below = self.below
        for _round in range(ROUNDS):
            hits = find(
                self.query,
                order=order or self.order,
                since=position_at(midnight(self.since)) if self.since else 0,
                before=position_at(midnight(self.until + timedelta(days=1))) if self.until else LAST,
                below=below,
                limit=number,
                most_ms=self.left_ms,
            )
            yield hits
            if len(hits) < number:
                return
            below, number = hits[-1].score, max(number, min(MORE * number, MOST))


def _readable(at: datetime | Blank, site: SiteView | SiteKey, where: Mapping) -> StoryQuerySet:
    """`where`: see Search."""
    # By their own keys: of a name PostgreSQL expects few listings, and begins with all that it has.
    places = {WHERE[name]: key for name, key in where.items()}
    return readable(at, site).filter(Exists(listed(at).filter(**places)))


def readable_where(blank: Blanks, where: Iterable[str]) -> StoryQuerySet:
    """The same of blanks: `stories`, `at`, `site`, and those of `where`."""
    asked = {name: blank.key(name) for name in where}
    stories = _readable(blank.time("at"), SiteKey(blank.key("site")), asked)
    return stories.filter(pk__in=blank.keys("stories")).order_by()


@prepared
def _rows(blank: Blanks, columns: tuple[str, ...], where: tuple[str, ...]) -> StoryQuerySet:
    return readable_where(blank, where).values(*columns)


@lru_cache(maxsize=10_000)  # the channels of a network; read for each search
def _kicker_words(kicker: str) -> list[str]:
    return [word for term in parse(kicker, "").clauses for word in term[0].words]


def _day(text: str) -> date | None:
    """Of the calendar of UTC, in years that a page of ours may have."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year <= 3000 else None


def _score(key: str) -> int:
    if len(key) > 19 or not key.isdigit() or not key.isascii() or int(key) > LAST:
        raise BadKey(key)
    return int(key)
