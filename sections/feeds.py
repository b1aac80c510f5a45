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
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from articles.json_rows import JSONRows, read_time
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
from sections.list_stories import ABOUT, CHANNEL, LATEST, SOURCE, list_of, newest_first, on_site
from sections.network import Network
from sections.pages import corrections_of
from sections.searching import SEARCHED, Search
from sections.views import channel_of, for_readers, named_by

FEED_SIZE = 30  # and at most as many corrected ones, and as many withdrawn ones
CHANGED_FOR = timedelta(days=7)  # that a story was corrected or withdrawn is told
_LATE = 500  # corrections of all sites, and withdrawals, the last of which are looked through


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
    """One query."""
    at = timezone.now()
    since = at - CHANGED_FOR
    told = _told(subject.kind, site=network.site.pk, of=subject.of, at=at, since=since)
    rows = list({row["pk"]: row for row in told}.values())
    entries = _entries(rows, network, at)
    response = _written(request, file, network, subject.name, subject.path, entries, subject.hub)
    shown = {keys.story(row["pk"]) for row in rows}
    until = min((moment + CHANGED_FOR for moment in _changed_at(rows) if moment > since), default=None)
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
        found = [hit.story for hit in asked.newest(2 * FEED_SIZE, at)]
    except TooSlow:
        return HttpResponse(_("This search takes too long."), status=503, headers={"Retry-After": "60"})
    rows = _rows(asked.readable(at).filter(pk__in=found)).order_by("-first_published", "-pk")[:FEED_SIZE]
    name = _("Search: %s") % (asked.typed or ", ".join(asked.chosen.values()))
    path = f"{reverse('sections:search')}?{asked.asked()}"
    return _written(request, file, network, name, path, _entries(rows, network, at))


@prepared
def _told(blank: Blanks, kind: str) -> QuerySet:
    """The newest of a list, and those of it that were corrected or withdrawn of late; one may come twice."""
    at, site, of = blank.time("at"), SiteKey(blank.key("site")), blank.key("of")
    stories = list_of(kind, at, site, of)
    newest = newest_first(stories)[:FEED_SIZE]
    # Asked of each: PostgreSQL would join the table with itself as a whole.
    corrections = Correction.objects.filter(~Exists(Correction.objects.filter(supersedes=OuterRef("pk"))))
    # Of few: SQLite would walk through all listings of the site, PostgreSQL through all that a tag has.
    changed = stories if kind == CHANNEL else _about(kind, on_site(at, site), of)
    corrected = _of_late(changed, corrections, blank).order_by("-last_updated", "-pk")[:FEED_SIZE]
    gone = _of_late(_withdrawn(kind, at, site, of), Withdrawal.objects.all(), blank)
    gone = gone.order_by("-withdrawn_at", "-pk")[:FEED_SIZE]
    first, *others = (
        _rows(with_home(Story.objects.filter(pk__in=arm.values("pk")))) for arm in (newest, corrected, gone)
    )
    return first.union(*others, all=True)


def _of_late(stories: StoryQuerySet, records: QuerySet, blank: Blanks) -> StoryQuerySet:
    """Few, and found by the time of the record, so that no planner walks through a site's stories."""
    late = records.filter(at__gt=blank.time("since")).order_by("-at")
    return stories.filter(pk__in=late.values("story")[:_LATE])


def _withdrawn(kind: str, at: datetime, site: SiteKey, of) -> StoryQuerySet:
    """Those that would be on the list; with the time, `withdrawn_at`."""
    gone = Story.objects.filter(state=Story.State.WITHDRAWN, first_published__lte=at).carried_by(site.pk)
    gone = gone.filter(Exists(listed(at).filter(Q(channel=of) if kind == CHANNEL else Q(site=site.pk))))
    return _about(kind, gone, of).alias(withdrawn_at=Subquery(_withdrawals().values("at")[:1]))


def _about(kind: str, stories: StoryQuerySet, of) -> StoryQuerySet:
    """Those that are about it, or from it, if lists of that kind are of such; by a value (on_site)."""
    if kind == SOURCE:
        about = Case(When(source=of, then="pk"))
    elif kind in ABOUT:
        rows, column, story = ABOUT[kind]
        entries = Story._meta.get_field(rows).related_model.objects
        about = Subquery(entries.filter(**{column: of, story: OuterRef("pk")}).values("pk")[:1])
    else:
        return stories
    return stories.alias(about=about).filter(about__isnull=False)


def _withdrawals() -> QuerySet:
    """Of the story outside, if it is withdrawn now; the last first."""
    return Withdrawal.objects.filter(story=OuterRef("pk"), story__state=Story.State.WITHDRAWN).order_by(
        "-at", "-pk"
    )


def _rows(stories: StoryQuerySet) -> QuerySet:
    told = stories.order_by().annotate(
        corrections_=corrections_of(OuterRef("pk")),
        withdrawals_=JSONRows(_withdrawals(), "headline", "notice", "at"),
    )
    return told.values(*COLUMNS, "body", *TERMS, "corrections_", "withdrawals_")


def _changed_at(rows: Iterable[dict]) -> Iterable[datetime]:
    return (read_time(given["at"]) for row in rows for given in row["corrections_"] + row["withdrawals_"])


def _entries(rows: Iterable[dict], network: Network, at: datetime) -> list[dict]:
    return [
        _gone_entry(row, network)
        if row["withdrawals_"]
        else _entry(card_from(row, network, at), row, network)
        for row in rows
        if row["home__channel_id"] in network.channels
    ]


def _entry(card: Card, row: dict, network: Network) -> dict:
    """A story: its whole text where feeds may have it."""
    base = network.site.url
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


def _gone_entry(row: dict, network: Network) -> dict:
    """For readers that keep what a feed once told them: the same entry, saying that the story is gone."""
    gone = row["withdrawals_"][0]
    link = network.channels[row["home__channel_id"]].site.url + story_path(row["pk"], gone["headline"])
    return {
        "title": _("Withdrawn: %s") % gone["headline"],
        "link": link,
        "description": gone["notice"] or _("This story was withdrawn."),
        "content": "",
        "author_name": "",
        "pubdate": row["first_published"],
        "updateddate": read_time(gone["at"]),
        "unique_id": entry_id(link, row["first_published"], row["pk"]),
        "unique_id_is_permalink": False,
        "categories": [],
        "picture": None,
        "language": row["language"],
    }


def _with_whole_address(picture: PictureView, base: str) -> PictureView:
    return replace(picture, full=replace(picture.full, url=urljoin(base, picture.full.url)))


def entry_id(link: str, published: datetime, story: int) -> str:
    """RFC 4151; without the slug, which a new headline would change."""
    return f"tag:{urlsplit(link).hostname},{published:%Y-%m-%d}:story:{story}"
