"""Sitemaps of a site, by the protocol of sitemaps.org 0.9 with Google's news and image extensions.

Stories stand in three files a month, so that only the newest one changes and each is soon made; a third of
a month with more than MOST has several, and one without any the site's front. A site names the stories
whose page is its own: a sister's stand in the sister's sitemaps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import count
from urllib.parse import urljoin
from xml.sax.saxutils import escape

from django.contrib.flatpages.models import FlatPage
from django.core.files.storage import default_storage
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
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


def thirds(network: Network, at: datetime) -> dict[int, int]:
    """In how many files each third of a month is, from that of the site's newest story to that of its oldest.

    Three queries, one more for each file of the fullest third beyond the first. None of them looks into each
    third: so that the oldest archive's index costs little more than the youngest's, a third in which there is
    nothing is named, too.
    """
    site = {"site": network.site.pk, "at": at}
    ends = [third_of(row["entry_at"]) for order in ("-entry_at", "entry_at") for row in _first(order, **site)]
    parts = dict.fromkeys(range(ends[0], ends[-1] - 1, -1) if ends else (), 1)
    full = _may_be_full(parts, **site)
    for number in count(1):
        spans = {span_of(third): third for third in full}
        full = [spans[span] for span in _own_after([*spans], MOST * number, **site)]
        if not full:
            break
        parts |= dict.fromkeys(full, number + 1)
    return parts


def third_of(day: date) -> int:
    """Thirds are counted on from one year to the next."""
    return day.year * 36 + (day.month - 1) * 3 + min((day.day - 1) // 10, 2)


@lru_cache(maxsize=10_000)
def span_of(third: int) -> Span:
    return tuple(
        midnight(date(number // 36, number % 36 // 3 + 1, THIRDS[number % 3]))
        for number in (third, third + 1)
    )


def _listed(blank: Blanks) -> QuerySet:
    """What is listed on the site, its own and a sister's, in no order."""
    rows = Listing.objects.filter(site=blank.key("site"), first_published__lte=blank.time("at"))
    return rows.values(entry_at=F("first_published"))


@prepared
def _first(blank: Blanks, order: str) -> QuerySet:
    return _listed(blank).order_by(order)[:1]


def _may_be_full(thirds: Iterable[int], **site) -> list[int]:
    """Those that may have more than a file, which a sample tells; a query."""
    few = MOST // InSample.EVERY // 4  # a quarter of what the sample should have of MOST listings
    if not few:
        return [*thirds]
    counted = Counter(third_of(row["entry_at"]) for row in _sampled(**site))
    return [third for third, rows in counted.items() if rows >= few]


@prepared
def _sampled(blank: Blanks) -> QuerySet:
    return _listed(blank).filter(InSample("pk")).order_by()


@in_spans
def _own_after(blank: Blanks, begin, end, number: int) -> QuerySet:
    """The stories of a span after the first so many."""
    site = SiteKey(blank.key("site"))
    return oldest_first(between(living_on(blank.time("at"), site, site.pk), begin, end))[number:]


# -- The files -----------------------------------------------------------------------


@for_readers
def index(request, network):
    at, base = timezone.now(), escape(network.site.url)
    names = [reverse("sections:sitemap-pages"), reverse("sections:sitemap-news")]
    for third, parts in thirds(network, at).items():
        names += [_file(third, part) for part in range(1, parts + 1)]
    files = [f"<sitemap><loc>{base}{name}</loc></sitemap>" for name in names]
    return _answer(request, "sitemapindex", files, keys.listed("site", network.site.pk))


@lru_cache(maxsize=10_000)
def _file(third: int, part: int) -> str:
    """Not by reverse(), which takes longer for a thousand of them than to find which there are."""
    begin, _end = span_of(third)
    return f"/sitemap-{begin.date()}-{part}.xml"


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
        if part > 1 or number not in thirds(network, at):
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
