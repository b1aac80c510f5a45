"""Feeds of a site, a channel, a tag, an author, a source: what is new, corrected or withdrawn.

A feed reader keeps what it was told once. So each feed has the newest stories of its list and beside them,
however old, those that were corrected or withdrawn within a week.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from articles.json_rows import read_time
from articles.models import Author, Correction, Place, Source, Story, StoryQuerySet, Tag, Withdrawal
from articles.prepared import Blanks, prepared
from articles.search.documents import LAST
from articles.search.finding import NEWEST
from articles.search.streams import TooSlow
from newsportal import keys
from newsportal.caching import shows
from sections.cards import COLUMNS, SiteKey, card_from, listed, story_path, with_home
from sections.compose import Card, PictureView
from sections.contracts import TERMS, is_passed_on
from sections.feed_formats import FORMATS
from sections.list_stories import ABOUT, CHANNEL, LATEST, SOURCE, list_of, newest_first
from sections.models import Listing
from sections.network import Network
from sections.pages import corrections_of
from sections.searching import SEARCHED, Search
from sections.views import channel_of, for_readers, named_by

FEED_SIZE = 30  # and at most as many corrected ones, and as many withdrawn ones
CHANGED_FOR = timedelta(days=7)  # that a story was corrected or withdrawn is told
_LATE_CORRECTIONS = 1_000  # of all sites, the last of which are looked through


@dataclass(frozen=True, slots=True)
class Subject:
    """What a feed is of: its name and page, the kind of its list, the key of what it is a list of."""

    name: str
    path: str
    kind: str
    of: int

    @property
    def key(self) -> str:
        """Of the list (newsportal.keys)."""
        return keys.listed("site" if self.kind == LATEST else self.kind, self.of)

    @property
    def hub(self) -> str:
        """Of WebSub: it is told of these lists alone (newsportal.announcing).

        By its tags, places, authors and source a story stands in dozens of feeds on each site: to tell of all
        would be a hundred requests for each publication, for lists that few follow.
        """
        return settings.WEBSUB_HUB if self.kind in (LATEST, CHANNEL) else ""


@for_readers
def site(request, network, file: str):
    return _feed(request, file, network, Subject(network.site.name, "/", LATEST, network.site.pk))


@for_readers
def channel(request, network, file: str, slug: str):
    found = channel_of(network, slug)
    return _feed(request, file, network, Subject(found.title, found.path, CHANNEL, found.pk))


@for_readers
def tag(request, network, file: str, slug: str):
    return _feed_of(request, file, network, named_by(Tag, slug), slug)


@for_readers
def place(request, network, file: str, slug: str):
    return _feed_of(request, file, network, named_by(Place, slug), slug)


@for_readers
def author(request, network, file: str, slug: str):
    return _feed_of(request, file, network, named_by(Author, slug), slug)


@for_readers
def source(request, network, file: str, code: str):
    return _feed_of(request, file, network, get_object_or_404(Source, code=code), code)


def _feed_of(request: HttpRequest, file: str, network: Network, found, slug: str) -> HttpResponse:
    """Of the site's stories with a tag, a place, an author or a source."""
    kind = found._meta.model_name
    path = reverse(f"sections:{kind}", args=[slug])
    return _feed(request, file, network, Subject(str(found), path, kind, found.pk))


def _feed(request: HttpRequest, file: str, network: Network, subject: Subject) -> HttpResponse:
    """Two queries: the newest stories and the corrected ones, the withdrawn ones."""
    at = timezone.now()
    since = at - CHANGED_FOR
    values = {"site": network.site.pk, "of": subject.of, "at": at, "since": since}
    rows = list({row["pk"]: row for row in _told(subject.kind, **values)}.values())
    gone = {row["story"]: row for row in reversed(_withdrawals(subject.kind, **values))}.values()
    entries = [*_entries(rows, network, at), *_gone_entries(gone, network)]
    response = _written(request, file, network, subject.name, subject.path, entries, subject.hub)
    shown = {keys.story(row["pk"]) for row in rows} | {keys.story(row["story"]) for row in gone}
    changed = [*_corrected_at(rows), *(row["at"] for row in gone)]
    until = min((moment + CHANGED_FOR for moment in changed if moment > since), default=None)
    return shows(request, response, {subject.key, *shown}, until)


def _written(
    request: HttpRequest,
    file: str,
    network: Network,
    name: str,
    path: str,
    entries: list[dict],
    hub: str = "",
) -> HttpResponse:
    """The feed of the page at the path, which may have a query: that is the feed's own, too."""
    site, base, query = network.site, network.site.url, path.partition("?")[2]
    feed = FORMATS[file](
        title=name if name == site.name else f"{site.name}: {name}",
        link=base + path,
        description=site.tagline or name,
        language=site.language,
        feed_url=iri_to_uri(base + request.path + (f"?{query}" if query else "")),
        hub=hub,
        feed_guid=base + path,
    )
    for entry in sorted(entries, key=lambda entry: entry["updateddate"], reverse=True):
        feed.add_item(**entry)
    response = HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
    if hub:
        response.headers["Link"] = f'<{hub}>; rel="hub", <{feed.feed["feed_url"]}>; rel="self"'
    return response


@for_readers(reads=SEARCHED)
def search(request, network, file: str):
    """The newest of what a search finds, filters and all; kept nowhere, as any story may change it."""
    asked, at = replace(Search.read(network, request.GET), order=NEWEST, below=LAST), timezone.now()
    if not asked:
        raise Http404("Nothing is searched for.")
    try:
        found = [hit.story for hit in next(asked.hits(2 * FEED_SIZE))]
    except TooSlow:
        return HttpResponse(_("This search takes too long."), status=503, headers={"Retry-After": "60"})
    rows = _rows(asked.readable(at).filter(pk__in=found)).order_by("-first_published", "-pk")[:FEED_SIZE]
    name = _("Search: %s") % (asked.typed or ", ".join(asked.chosen.values()))
    path = f"{reverse('sections:search')}?{asked.asked()}"
    return _written(request, file, network, name, path, _entries(rows, network, at))


@prepared
def _told(blank: Blanks, kind: str) -> QuerySet:
    """The newest of a list, and those of it that were corrected of late: a story may be both."""
    stories = list_of(kind, blank.time("at"), SiteKey(blank.key("site")), blank.key("of"))
    newest = newest_first(stories)[:FEED_SIZE]
    # Few, and found by their time: limited here, so that no planner walks through a site's stories for them.
    late = Correction.objects.filter(at__gt=blank.time("since"), superseded_by=None).order_by("-at")
    corrected = stories.filter(pk__in=late.values("story")[:_LATE_CORRECTIONS])
    corrected = corrected.order_by("-last_updated", "-pk")[:FEED_SIZE]
    arms = [_rows(with_home(Story.objects.filter(pk__in=arm.values("pk")))) for arm in (newest, corrected)]
    return arms[0].union(arms[1], all=True)


def _rows(stories: StoryQuerySet) -> QuerySet:
    told = stories.order_by().annotate(corrections_=corrections_of(OuterRef("pk")))
    return told.values(*COLUMNS, "body", *TERMS, "corrections_")


def _corrected_at(rows: Iterable[dict]) -> Iterable[datetime]:
    return (read_time(given["at"]) for row in rows for given in row["corrections_"])


@prepared
def _withdrawals(blank: Blanks, kind: str) -> QuerySet:
    at, site, of = blank.time("at"), SiteKey(blank.key("site")), blank.key("of")
    gone = Story.objects.filter(pk=OuterRef("story"), state=Story.State.WITHDRAWN, first_published__lte=at)
    where = Q(channel=of) if kind == CHANNEL else Q(site=site.pk)
    gone = gone.carried_by(site.pk).filter(Exists(listed(at).filter(where)))
    if kind in ABOUT:
        rows, column, _story = ABOUT[kind]
        gone = gone.filter(**{f"{rows}__{column}": of})
    elif kind == SOURCE:
        gone = gone.filter(source=of)
    primary = Listing.objects.filter(story=OuterRef("story"), primary=True)
    return (
        Withdrawal.objects.filter(at__gt=blank.time("since"))
        .annotate(home=primary.values("channel")[:1])
        .alias(
            told=Subquery(gone.values("pk")[:1])
        )  # its value, so that it is asked of the last days' withdrawals alone
        .filter(told__isnull=False)
        .order_by("-at", "-pk")
        .values("story", "headline", "notice", "at", "home", "story__first_published", "story__language")
    )[:FEED_SIZE]


def _entries(rows: Iterable[dict], network: Network, at: datetime) -> list[dict]:
    return [
        _entry(card_from(row, network, at), row, network.site.url)
        for row in rows
        if row["home__channel_id"] in network.channels
    ]


def _entry(card: Card, row: dict, base: str) -> dict:
    """A story: its whole text where feeds may have it."""
    link = urljoin(base, card.url)
    told = [(Correction.Kind(given["kind"]).label, given["note"]) for given in row["corrections_"]]
    notes = format_html_join("", "<p><strong>{}:</strong> {}</p>", told)
    return {
        "title": card.headline,
        "link": link,
        "description": " ".join([card.teaser, *(f"{label}: {note}" for label, note in told)]).strip(),
        "content": notes + row["body"] if is_passed_on(row) else "",
        "author_name": card.byline,
        "pubdate": card.published,
        "updateddate": card.updated or card.published,
        "unique_id": entry_id(link, card.published, card.story_id),
        "unique_id_is_permalink": False,
        "categories": [card.kicker],
        "picture": card.picture and _with_whole_address(card.picture, base),
        "language": card.language,
    }


def _with_whole_address(picture: PictureView, base: str) -> PictureView:
    return replace(picture, full=replace(picture.full, url=urljoin(base, picture.full.url)))


def entry_id(link: str, published: datetime, story: int) -> str:
    """RFC 4151; without the slug, which a new headline would change."""
    return f"tag:{urlsplit(link).hostname},{published:%Y-%m-%d}:story:{story}"


def _gone_entries(rows: Iterable[dict], network: Network) -> list[dict]:
    """For readers that keep what a feed once told them: the same entry, saying that the story is gone."""
    return [_gone_entry(row, network) for row in rows if row["home"] in network.channels]


def _gone_entry(row: dict, network: Network) -> dict:
    link = network.channels[row["home"]].site.url + story_path(row["story"], row["headline"])
    words = row["notice"] or _("This story was withdrawn.")
    return {
        "title": _("Withdrawn: %s") % row["headline"],
        "link": link,
        "description": words,
        "content": "",
        "author_name": "",
        "pubdate": row["story__first_published"],
        "updateddate": row["at"],
        "unique_id": entry_id(link, row["story__first_published"], row["story"]),
        "unique_id_is_permalink": False,
        "categories": [],
        "picture": None,
        "language": row["story__language"],
    }
