"""Feeds of a site, a channel, a tag, an author, a source: what is new, what changed, what was withdrawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from lxml import etree

from articles.models import Author, Correction, Place, Source, Story, StoryQuerySet, Tag, Withdrawal
from articles.prepared import Blanks, prepared
from articles.search.documents import LAST
from articles.search.finding import NEWEST
from articles.search.streams import TooSlow
from newsportal import keys
from newsportal.caching import Shown, shows
from sections.cards import COLUMNS, SiteKey, card_from, listed, story_path
from sections.compose import Card, PictureView
from sections.contracts import TERMS, is_passed_on
from sections.feed_formats import FORMATS
from sections.lists import ABOUT, CHANNEL, LATEST, list_of
from sections.models import Listing
from sections.network import Network
from sections.page_keys import shown_on
from sections.pages import corrections_of
from sections.searching import SEARCHED, Search
from sections.views import channel_of, for_readers, named_by, page_response

FEED_SIZE = 30
GONE_FOR = timedelta(days=7)  # a withdrawn story is told as such


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
        """Of WebSub: it is told of these lists alone (newsportal.announcing)."""
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
    """Two queries: the newest stories, the withdrawals of late."""
    at = timezone.now()
    withdrawn = _withdrawn(network, subject, at)
    entries = [*_stories(network, subject, at), *withdrawn]
    response = _written(request, file, network, subject.name, subject.path, entries, subject.hub)
    shown = {keys.story(int(entry["unique_id"].rpartition(":")[2])) for entry in entries}
    until = min((entry["updateddate"] + GONE_FOR for entry in withdrawn), default=None)
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
    for entry in sorted(entries, key=lambda entry: entry["updateddate"], reverse=True)[:FEED_SIZE]:
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
    rows = _rows(asked.readable(at).filter(pk__in=found))
    name = _("Search: %s") % (asked.typed or ", ".join(asked.chosen.values()))
    path = f"{reverse('sections:search')}?{asked.asked()}"
    return _written(request, file, network, name, path, _entries(rows, network, at))


@prepared
def _newest(blank: Blanks, kind: str) -> QuerySet:
    at, site = blank.time("at"), SiteKey(blank.key("site"))
    return _rows(list_of(kind, at, site, blank.key("of")))


def _rows(stories: StoryQuerySet) -> QuerySet:
    told = stories.newest_first().annotate(corrections_=corrections_of(OuterRef("pk")))
    return told.values(*COLUMNS, "body", *TERMS, "corrections_")[:FEED_SIZE]


@prepared
def _withdrawals(blank: Blanks, kind: str) -> QuerySet:
    at, site, of = blank.time("at"), SiteKey(blank.key("site")), blank.key("of")
    gone = Story.objects.filter(state=Story.State.WITHDRAWN, first_published__lte=at).carried_by(site.pk)
    where = Q(channel=of) if kind == CHANNEL else Q(channel__site=site.pk)
    gone = gone.filter(Exists(listed(at).filter(where)))
    if kind in ABOUT:
        gone = gone.filter(**{ABOUT[kind]: of})
    primary = Listing.objects.filter(story=OuterRef("story"), primary=True)
    return (
        Withdrawal.objects.filter(story__in=gone.values("pk"), at__gt=blank.time("since"))
        .annotate(home=primary.values("channel")[:1])
        .order_by("-at", "-pk")
        .values("story", "headline", "notice", "at", "home", "story__first_published", "story__language")
    )[:FEED_SIZE]


def _stories(network: Network, subject: Subject, at: datetime) -> list[dict]:
    return _entries(_newest(subject.kind, site=network.site.pk, of=subject.of, at=at), network, at)


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


def _withdrawn(network: Network, subject: Subject, at: datetime) -> list[dict]:
    """For readers that keep what a feed once told them: the same entry, saying that the story is gone."""
    site = network.site.pk
    rows = _withdrawals(subject.kind, site=site, of=subject.of, at=at, since=at - GONE_FOR)
    entries = {}
    for row in rows:
        if row["home"] in network.channels and row["story"] not in entries:
            entries[row["story"]] = _gone_entry(row, network)
    return list(entries.values())


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


# -- Which feeds there are -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FeedsPage:
    """Of each site its own feed and those of its channels."""

    network: Network
    title: str


@shown_on.register
def _shown_on_feeds(page: FeedsPage) -> Shown:
    return Shown(set())


@for_readers
def feeds(request, network):
    return page_response(request, "feeds", FeedsPage(network, _("Feeds")))


@for_readers
def opml(request, network):
    """OPML 2.0 of all sites, to subscribe to the network at once."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = network.site.name
    body = etree.SubElement(root, "body")
    for site in network.sites:
        group = etree.SubElement(body, "outline", text=site.name)
        for title, path in [(site.name, "/"), *((channel.title, channel.path) for channel in site.channels)]:
            url = site.url + path
            feed = {"text": title, "xmlUrl": f"{url}rss.xml", "htmlUrl": url, "language": site.language}
            etree.SubElement(group, "outline", type="rss", **feed)
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return shows(request, HttpResponse(content, content_type="text/x-opml; charset=utf-8"), keys=[])
