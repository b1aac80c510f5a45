"""Sitemaps of a site, by the protocol of sitemaps.org 0.9 with Google's news and image extensions.

Stories stand in three files a month, so that only the newest one changes and each is soon made; a third of
a month with more than MOST has several, and one without any the site's front. A site names the stories
whose page is its own: a sister's stand in the sister's sitemaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import count
from typing import NamedTuple
from urllib.parse import urljoin
from xml.sax.saxutils import escape

from django.contrib.flatpages.models import FlatPage
from django.core.files.storage import default_storage
from django.db.models import Case, Count, QuerySet, TextField, When
from django.db.models.functions import Cast, Coalesce, Substr
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from articles.markup import without_controls
from articles.models import StoryQuerySet
from articles.prepared import Blanks, Span, in_spans, prepared
from newsportal import keys
from newsportal.caching import shows
from sections.cards import SiteKey, rights_ended, story_path
from sections.list_stories import between, living_on, newest_first, oldest_first
from sections.lists import midnight
from sections.models import InSample, Listing
from sections.network import Network
from sections.views import for_readers

MOST = 50_000  # URLs a file, by the protocol
MOST_PARTS = 100  # files of a third of a month
THIRDS = (1, 11, 21)  # the days on which they begin
NEWS_AGE = timedelta(hours=48)  # by Google's rules for news sitemaps, as is the number
NEWS_MOST = 1_000

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
IMAGE = "http://www.google.com/schemas/sitemap-image/1.1"


# -- What stands in them -------------------------------------------------------------


def own_stories(network: Network, at: datetime) -> StoryQuerySet:
    return living_on(at, network.site, network.site.pk)


class Thirds(NamedTuple):
    """Of months, from that of a site's newest story to that of its oldest.

    A third in which there is nothing is among them: to look into each would take long in an old archive.
    """

    named: range = range(0)
    parts: tuple[tuple[int, int], ...] = ()  # of those that have more than a file

    @property
    def files(self) -> Iterator[tuple[int, int]]:
        """A third and a part of it, the newest third first."""
        parts = dict(self.parts)
        for third in self.named:
            yield from ((third, part) for part in range(1, parts.get(third, 1) + 1))


def thirds(network: Network, at: datetime) -> Thirds:
    """Three queries, one more for each file of the fullest third beyond the first."""
    site = {"site": network.site.pk, "at": at}
    ends = [_first(order, **site) for order in ("-first_published", "first_published")]
    if not all(ends):
        return Thirds()
    newest, oldest = (third_of(rows[0]["first_published"]) for rows in ends)
    named = range(newest, oldest - 1, -1)
    few = MOST // InSample.EVERY // 4  # a quarter of what a sample should have of MOST listings
    full = [_numbered(**row) for row in _crowded(few, **site)] if few else named
    parts: dict[int, int] = {}
    for number in count(1):
        spans = {span_of(third): third for third in full}
        full = [spans[span] for span in _own_after([*spans], MOST * number, **site)]
        if not full:
            break
        parts |= dict.fromkeys(full, number + 1)
    return Thirds(named, tuple(parts.items()))


def third_of(day: date) -> int:
    """Thirds are counted on from one year to the next."""
    return day.year * 36 + (day.month - 1) * 3 + min((day.day - 1) // 10, 2)


def span_of(third: int) -> Span:
    return tuple(
        midnight(date(number // 36, number % 36 // 3 + 1, THIRDS[number % 3]))
        for number in (third, third + 1)
    )


def _listed(blank: Blanks) -> QuerySet:
    """What is listed on the site, its own and a sister's, in no order."""
    return Listing.objects.filter(site=blank.key("site"), first_published__lte=blank.time("at"))


@prepared
def _first(blank: Blanks, order: str) -> QuerySet:
    return _listed(blank).order_by(order).values("first_published")[:1]


@prepared
def _crowded(blank: Blanks, few: int) -> QuerySet:
    """The thirds of which a sample has so many listings. By the text of the time, which begins alike in both
    databases: 2026-11-24."""
    rows = _listed(blank).filter(InSample("pk")).annotate(text=Cast("first_published", TextField()))
    rows = rows.alias(day=Substr("text", 9, 2)).annotate(
        month=Substr("text", 1, 7),
        third=Case(When(day__lte="10", then=0), When(day__lte="20", then=1), default=2),
    )
    return rows.values("month", "third").annotate(rows=Count("*")).filter(rows__gte=few).order_by()


def _numbered(month: str, third: int, rows: int) -> int:
    return third_of(date.fromisoformat(f"{month}-{THIRDS[third]:02}"))


@in_spans
def _own_after(blank: Blanks, begin, end, number: int) -> QuerySet:
    """The stories of a span after the first so many."""
    site = SiteKey(blank.key("site"))
    return oldest_first(between(living_on(blank.time("at"), site, site.pk), begin, end))[number:]


# -- The files -----------------------------------------------------------------------


@for_readers
def index(request, network):
    files = _files(network.site.url, thirds(network, timezone.now()))
    return _answer(request, "sitemapindex", files, keys.listed("site", network.site.pk))


@lru_cache(maxsize=100)
def _files(base: str, thirds: Thirds) -> list[str]:
    """Kept, as they change with a new third alone."""
    names = [reverse("sections:sitemap-pages"), reverse("sections:sitemap-news")]
    names += [f"/sitemap-{span_of(third)[0].date()}-{part}.xml" for third, part in thirds.files]
    return [f"<sitemap><loc>{escape(base + name)}</loc></sitemap>" for name in names]


@for_readers
def pages(request, network):
    """The pages that are no stories: fronts, channels, and what the publisher says of itself."""
    paths = [reverse(f"sections:{name}") for name in ("home", "latest", "archive", "corrections")]
    paths += [channel.path for channel in network.site.channels]
    paths += FlatPage.objects.filter(sites=network.site.pk).order_by("url").values_list("url", flat=True)
    urls = [f"<url><loc>{escape(network.site.url + path)}</loc></url>" for path in paths]
    return _urlset(request, network, urls, keys.WORDS)


@for_readers
def third(request, network, year: int, month: int, day: int, part: int):
    """Stories, with their pictures; one query of what the addresses are made of."""
    if not 1 <= month <= 12 or day not in THIRDS or part > MOST_PARTS:
        raise Http404("No such third of a month, or part of one.")
    at = timezone.now()
    number = third_of(date(year, month, day))
    begin, end = span_of(number)
    rows = _files_stories(part, MOST, site=network.site.pk, at=at, begin=begin, end=end)
    shown = {keys.month(network.site.pk, year, month)}
    if not rows:
        if part > 1 or number not in thirds(network, at).named:
            raise Http404("No stories in these days.")
        shown.add(keys.listed("site", network.site.pk))
    return _urlset(request, network, [_url_of(network, row, at) for row in rows], *shown)


@prepared
def _files_stories(blank: Blanks, part: int, most: int) -> QuerySet:
    """Of a third of a month, counted from the oldest, so that only the last part changes."""
    site = SiteKey(blank.key("site"))
    stories = living_on(blank.time("at"), site, site.pk)
    stories = oldest_first(between(stories, blank.time("begin"), blank.time("end")))
    changed = Coalesce("last_updated", "first_published")
    columns = ("pk", "headline", "picture__file", "picture__rights_until")
    return stories.annotate(changed=changed).values(*columns, "changed")[(part - 1) * most : part * most]


def _url_of(network: Network, row: dict, at: datetime) -> str:
    address, changed = _address(network, row), row["changed"].isoformat(timespec="seconds")
    picture = ""
    if row["picture__file"] and not rights_ended(row["picture__rights_until"], at):
        file = urljoin(network.site.url, default_storage.url(row["picture__file"]))
        picture = f"<image:image><image:loc>{escape(file)}</image:loc></image:image>"
    return f"<url><loc>{escape(address)}</loc><lastmod>{changed}</lastmod>{picture}</url>"


@for_readers
def news(request, network):
    """The last two days, for news search engines."""
    at = timezone.now()
    stories = newest_first(own_stories(network, at).filter(entry_at__gt=at - NEWS_AGE))[:NEWS_MOST]
    rows = list(stories.values("pk", "headline", "first_published", "language"))
    urls = [_news_of(network, row) for row in rows]
    until = rows[-1]["first_published"] + NEWS_AGE if rows else None
    return _urlset(request, network, urls, keys.listed("site", network.site.pk), until=until)


def _news_of(network: Network, row: dict) -> str:
    published = row["first_published"].isoformat(timespec="seconds")
    return (
        f"<url><loc>{escape(_address(network, row))}</loc><news:news><news:publication>"
        f"<news:name>{escape(network.site.name)}</news:name>"
        f"<news:language>{escape(_news_language(row['language']))}</news:language></news:publication>"
        f"<news:publication_date>{published}</news:publication_date>"
        f"<news:title>{escape(without_controls(row['headline']))}</news:title></news:news></url>"
    )


def _urlset(request: HttpRequest, network: Network, urls: list[str], *shown: str, **until) -> HttpResponse:
    """The schema wants one address at least."""
    front = f"<url><loc>{escape(network.site.url)}/</loc></url>"
    return _answer(request, "urlset", urls or [front], *shown, **until)


def _answer(
    request: HttpRequest, root: str, entries: Iterable[str], *shown: str, until: datetime | None = None
) -> HttpResponse:
    """Written as text: a file has thousands of entries, and elements take several times as long."""
    names = f'xmlns="{NAMESPACE}" xmlns:image="{IMAGE}" xmlns:news="{NEWS}"'
    content = f"<?xml version='1.0' encoding='UTF-8'?>\n<{root} {names}>{''.join(entries)}</{root}>"
    response = HttpResponse(content, content_type="application/xml; charset=utf-8")
    return shows(request, response, shown, until)


def _address(network: Network, row: dict) -> str:
    return network.site.url + story_path(row["pk"], row["headline"])


def _news_language(tag: str) -> str:
    """ISO 639 by Google's rules, which know two kinds of Chinese."""
    language, _, rest = tag.lower().partition("-")
    if language == "zh":
        return "zh-tw" if rest.startswith(("tw", "hk", "mo", "hant")) else "zh-cn"
    return language
