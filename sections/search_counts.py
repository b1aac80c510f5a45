"""How many stories a search finds, and how many of them each filter would leave."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.conf.locale import LANG_INFO
from django.db.models import F, QuerySet, Value
from django.utils.translation import gettext as _

from articles.models import Place, Source, Story, Tag, TaggedStory
from articles.prepared import Blanks, in_sql, prepared
from articles.search.finding import NEWEST, Hit
from articles.search.words import primary
from sections.models import Listing
from sections.network import Network
from sections.searching import Search, readable_where

COUNTED = 1_000  # stories; of more it is only said that there are more
CHOICES = 8  # of each filter


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


def titles() -> dict[str, str]:
    """Of the filters, by their names in an address."""
    return {
        "site": _("Site"), "channel": _("Channel"), "source": _("Source"), "tag": _("Tag"),
        "place": _("Place"), "language": _("Language"),
    }  # fmt: skip


def counts(search: Search, at: datetime) -> Counts:
    """Of the newest 1,000 that are found; exact if there are no more. Three queries. Raises TooSlow."""
    hits: list[Hit] = []
    found: dict[str, Counter] = {"total": Counter()}
    for more in search.hits(COUNTED + 1, order=NEWEST):
        hits += more
        found = _found(search, hits, at)
        if found["total"][""] > COUNTED:
            break
    total = found["total"][""]
    given = {**_where(search.network, found), **_about(found), "language": _languages(found["language"])}
    facets = [_facet(search, name, title, given[name]) for name, title in titles().items()]
    return Counts(min(total, COUNTED), total > COUNTED, facets)


def _found(search: Search, hits: list[Hit], at: datetime) -> dict[str, Counter]:
    """By the name of a filter how many stories there are of what it can ask for: keys, languages."""
    found: dict[str, Counter] = defaultdict(Counter)
    shape = (tuple(search.where), COUNTED, CHOICES)
    for name, key, count in _counted(*shape, **search.blanks(hits, at)):
        found[name][key] = count
    return found


@in_sql("""
    WITH found AS MATERIALIZED ({stories}),
    newest AS MATERIALIZED (
        SELECT pk, source, language FROM found ORDER BY first_published DESC, pk DESC LIMIT {most}),
    listed AS MATERIALIZED (
        SELECT site, channel, story FROM newest CROSS JOIN ({listings}) AS listings WHERE story = pk)
    SELECT 'total', '', COUNT(*) FROM found
    UNION ALL SELECT 'site', CAST(site AS TEXT), COUNT(DISTINCT story) FROM listed GROUP BY site
    UNION ALL SELECT 'channel', CAST(channel AS TEXT), COUNT(*) FROM listed GROUP BY channel
    UNION ALL SELECT 'source', CAST(source AS TEXT), COUNT(*) FROM newest GROUP BY source
    UNION ALL SELECT 'language', language, COUNT(*) FROM newest GROUP BY language
    UNION ALL SELECT * FROM (
        SELECT 'tag', CAST(tag AS TEXT), COUNT(*)
        FROM newest CROSS JOIN ({tags}) AS tags WHERE story = pk
        GROUP BY tag ORDER BY COUNT(*) DESC, MIN(tag) LIMIT {choices}) AS tags
    UNION ALL SELECT * FROM (
        SELECT 'place', CAST(place AS TEXT), COUNT(*)
        FROM newest CROSS JOIN ({places}) AS places WHERE story = pk
        GROUP BY place ORDER BY COUNT(*) DESC, MIN(place) LIMIT {choices}) AS places
""")
def _counted(blank: Blanks, where: tuple[str, ...], most: int, choices: int) -> dict[str, QuerySet | int]:
    """Of the stories that a reader may read, which are looked up once for all. CROSS, for SQLite goes through
    such a join in the order in which it is written, and through all tags of the archive otherwise."""
    stories = readable_where(blank, where)
    return {
        "most": most,
        "choices": choices,
        "stories": stories.values("pk", "source", "language", "first_published"),
        "listings": Listing.objects.live(blank.time("at")).values("site", "channel", "story"),
        "tags": TaggedStory.objects.order_by().values("tag", story=F("content_object")),
        "places": Story.places.through.objects.values("place", "story"),
    }


Values = Counter[tuple[str, str]]  # as it stands in an address, and as it is shown


def _where(network: Network, found: dict[str, Counter]) -> dict[str, Values]:
    """In which sites and in which channels of this one stories are listed."""
    sites, channels = found["site"], found["channel"]
    return {
        "site": Counter({(site.host, site.name): sites[str(site.pk)] for site in network.sites}),
        "channel": Counter({(one.slug, one.title): channels[str(one.pk)] for one in network.site.channels}),
    }


def _about(found: dict[str, Counter]) -> dict[str, Values]:
    """Sources, tags and places that stand at most of the stories; one query."""
    counted = {name: _commonest(found[name]) for name in ("source", "tag", "place")}
    keys = {f"{name}_keys": [int(key) for key, _count in rows] for name, rows in counted.items()}
    named = {(row["kind"], str(row["pk"])): (row["address"], row["name"]) for row in _names(**keys)}
    # What has no name went just now.
    return {
        name: Counter({named[name, key]: count for key, count in rows if (name, key) in named})
        for name, rows in counted.items()
    }


def _commonest(counted: Counter) -> list[tuple[str, int]]:
    """Without the stories that have none."""
    return [(key, count) for key, count in counted.most_common(CHOICES + 1) if key is not None][:CHOICES]


@prepared
def _names(blank: Blanks) -> QuerySet:
    models = {"source": (Source, "code"), "tag": (Tag, "slug"), "place": (Place, "slug")}
    sources, *others = (
        model.objects.filter(pk__in=blank.keys(f"{name}_keys"))
        .order_by()
        .values("pk", "name", address=F(column), kind=Value(name))
        for name, (model, column) in models.items()
    )
    return sources.union(*others, all=True)


def _languages(counted: Counter[str]) -> Values:
    """Those of one language together, in whichever country."""
    values: Values = Counter()
    for tag, count in counted.items():
        code = primary(tag)
        values[code, LANG_INFO.get(code, {}).get("name_local", code).capitalize()] += count
    return values


def _facet(search: Search, name: str, title: str, values: Values) -> Facet:
    offered = [] if name in search.chosen else values.most_common(CHOICES)
    return Facet(
        title,
        [Choice(title, count, search.asked(**{name: value})) for (value, title), count in offered if count],
    )
