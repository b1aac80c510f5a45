"""Lists of stories, newest first, paged by key: of a channel, a tag, a place, a source, a day and so on."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles.models import Author, Correction, Place, Source, StoryQuerySet, Tag
from articles.models.stories import direction
from articles.prepared import Blanks, prepared
from sections.blocks import drawn_on, filled, plans_of
from sections.cards import (
    COLUMNS,
    SiteKey,
    cards,
    notices,
    page_key,
    read_page_key,
    read_row_key,
    readable,
)
from sections.compose import Card, FilledBlock
from sections.dates import day_words, month_words, year_words
from sections.list_stories import (
    AUTHOR,
    CHANNEL,
    DAY,
    LATEST,
    PLACE,
    SOURCE,
    TAG,
    between,
    list_of,
    newer_than,
    newest_first,
    older_than,
    on_site,
)
from sections.most_read import most_read, parted
from sections.network import ChannelView, Network

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Link:
    title: str
    url: str
    language: str = ""

    @property
    def direction(self) -> str:
        return direction(self.language)


@dataclass(frozen=True, slots=True)
class Where:
    """Which screen of a list: the newest, the one older or the one newer than a page key."""

    before: str = ""
    after: str = ""

    @property
    def is_first(self) -> bool:
        return not self.before and not self.after

    @property
    def query(self) -> str:
        """As it stands at the end of the screen's address."""
        given = {"after": self.after} if self.after else {"before": self.before} if self.before else {}
        return f"?{urlencode(given)}" if given else ""


NEWEST, OLDER, NEWER = "newest", "older", "newer"
BEYOND = {OLDER: older_than, NEWER: newer_than}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One screen of a list. `older` and `newer` are page keys, or empty."""

    network: Network
    kind: str  # of its list; templates choose their words by it
    title: str
    path: str
    cards: list[Card]
    where: Where
    older: str
    newer: str
    description: str = ""
    subject: Tag | Place | Source | Author | None = None
    channel: ChannelView | None = None
    blocks: list[FilledBlock] = field(default_factory=list)
    most_read: list[FilledBlock] = field(default_factory=list)
    draws_on: frozenset[str] = frozenset()

    @property
    def is_first(self) -> bool:
        return self.where.is_first

    @property
    def edition(self) -> str:
        """Where the newest day of a channel stands whole, for printing."""
        newest = self.cards[0].published if self.channel and self.is_first and self.cards else None
        return edition_path(self.channel, newest) if newest else ""

    @property
    def has_feeds(self) -> bool:
        return self.kind in (CHANNEL, TAG, PLACE, AUTHOR, SOURCE)

    @property
    def notices(self) -> list[str]:
        beside = (card for each in (*self.blocks, *self.most_read) for card in each.cards)
        return notices([*self.cards, *beside])


@prepared
def _screen(blank: Blanks, kind: str, way: str) -> QuerySet:
    """One more than a screen of a list; `way`: the newest of it, or those on one side of a page key."""
    at, site = blank.time("at"), SiteKey(blank.key("site"))
    stories = list_of(kind, at, site, blank.key("of"))
    if kind == DAY:
        begin, end = blank.time("begin"), blank.time("end")
        stories = between(archived(stories), begin, end)
    if way == NEWEST:
        stories = newest_first(stories)
    else:
        stories = BEYOND[way](stories, blank.time("key_at"), blank.key("key_pk"))
    return stories.values(*COLUMNS)[: PAGE_SIZE + 1]


def _list_page(network: Network, at: datetime, where: Where, kind: str, values: dict, **what) -> ListPage:
    """One query. Raises BadKey."""
    way = NEWER if where.after else OLDER if where.before else NEWEST
    values = {"site": network.site.pk, "at": at, **values}
    if way != NEWEST:
        values["key_at"], values["key_pk"] = read_page_key(where.after or where.before)
    found = cards(_screen(kind, way, **values), network, at)
    shown = found[:PAGE_SIZE]
    older, newer = len(found) > PAGE_SIZE, bool(way == OLDER and shown)
    if way == NEWER:
        shown = shown[::-1]
        older, newer = bool(shown), len(found) > PAGE_SIZE
    return ListPage(
        network=network,
        kind=kind,
        cards=shown,
        where=where,
        older=page_key(shown[-1]) if older else "",
        newer=page_key(shown[0]) if newer else "",
        **what,
    )


def channel_page(network: Network, channel: ChannelView, at: datetime, where: Where) -> ListPage:
    """Three queries: the list, the blocks with their picks, their stories. Further screens: one."""
    what = {"title": channel.title, "path": channel.path, "description": channel.description}
    page = _list_page(network, at, where, CHANNEL, {"of": channel.pk}, channel=channel, **what)
    if not where.is_first:
        return page
    plans = plans_of("channel", channel.pk, network, at)
    asked = [*plans, *most_read(network, channel)]
    blocks, rankings = parted(filled(asked, network, at, above=page.cards))
    return replace(page, blocks=blocks, most_read=rankings, draws_on=drawn_on(plans))


def latest_page(network: Network, at: datetime, where: Where) -> ListPage:
    """All of a site's stories; one query."""
    return _list_page(network, at, where, LATEST, {}, title=_("Latest"), path=reverse("sections:latest"))


def tag_page(network: Network, tag: Tag, at: datetime, where: Where) -> ListPage:
    """One query."""
    what = {"title": tag.name, "path": reverse("sections:tag", args=[tag.slug])}
    return _list_page(network, at, where, TAG, {"of": tag.pk}, subject=tag, **what)


def place_page(network: Network, place: Place, at: datetime, where: Where) -> ListPage:
    """Stories about the place; one query."""
    what = {"title": str(place), "path": reverse("sections:place", args=[place.slug])}
    return _list_page(network, at, where, PLACE, {"of": place.pk}, subject=place, **what)


def source_page(network: Network, source: Source, at: datetime, where: Where) -> ListPage:
    """One query."""
    what = {"title": source.name, "path": reverse("sections:source", args=[source.code])}
    return _list_page(network, at, where, SOURCE, {"of": source.pk}, subject=source, **what)


def author_page(network: Network, author: Author, at: datetime, where: Where) -> ListPage:
    """One query."""
    what = {"title": author.name, "path": reverse("sections:author", args=[author.slug])}
    what["description"] = author.biography
    return _list_page(network, at, where, AUTHOR, {"of": author.pk}, subject=author, **what)


# -- The archive by date -----------------------------------------------------------


def archived(stories: StoryQuerySet) -> StoryQuerySet:
    """Stories that stay findable by date: not those whose source forbids archiving."""
    return stories.filter(Q(source__isnull=True) | Q(source__archive_allowed=True))


def span_of(day: date) -> tuple[datetime, datetime]:
    """Days are those of UTC, the same on all sites."""
    return midnight(day), midnight(date.fromordinal(day.toordinal() + 1))


def day_page(network: Network, day: date, at: datetime, where: Where) -> ListPage:
    """One query."""
    begin, end = span_of(day)
    what = {"title": day_words(day), "path": _archive_path(day, 3)}
    return _list_page(network, at, where, DAY, {"begin": begin, "end": end}, **what)


def edition_path(channel: ChannelView, at: datetime) -> str:
    """Of the print edition of a channel's day."""
    day = at.astimezone(UTC)
    return reverse("sections:edition", args=[channel.slug, day.year, day.month, day.day])


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """The years, or the months of a year, or the days of a month that have stories."""

    network: Network
    title: str
    entries: list[Link]
    path: str
    month: Month | None = None

    @property
    def description(self) -> str:
        return _("All stories of %(site)s by date: %(when)s") % {
            "site": self.network.site.name,
            "when": self.title,
        }


@dataclass(frozen=True, slots=True)
class Day:
    number: int  # of the month
    name: str
    url: str  # empty where it has no stories


@dataclass(frozen=True, slots=True)
class Month:
    """A leaf of a calendar; a week has seven places, and None where the day is of another month."""

    weekdays: list[tuple[str, str]]  # whole and short
    weeks: list[list[Day | None]]


def month_of(year: int, month: int, days: set[int]) -> Month:
    leaf = Calendar().monthdatescalendar(year, month)
    return Month(
        [(date_format(day, "l"), date_format(day, "D")) for day in leaf[0]],
        [
            [
                Day(day.day, day_words(day), _archive_path(day, 3) if day.day in days else "")
                if day.month == month
                else None
                for day in week
            ]
            for week in leaf
        ],
    )


# The levels of the archive: what each lists, and how an entry of it is called.
_LEVELS = [("year", year_words), ("month", month_words), ("day", day_words)]


def archive_page(
    network: Network, at: datetime, year: int | None = None, month: int | None = None
) -> ArchivePage:
    """One query."""
    stories, depth = archived(on_site(at, network.site)), (year is not None) + (month is not None)
    title, path = _("Archive"), reverse("sections:archive")
    if year is not None:
        begin = date(year, month or 1, 1)
        end = date(year + (month or 12) // 12, (month or 12) % 12 + 1, 1)
        stories = stories.filter(first_published__gte=midnight(begin), first_published__lt=midnight(end))
        title = _LEVELS[depth - 1][1](begin)
        path = _archive_path(begin, depth)
    unit, words = _LEVELS[depth]
    moments = list(stories.datetimes("first_published", unit, order="DESC", tzinfo=UTC))
    entries = [Link(words(moment), _archive_path(moment, depth + 1)) for moment in moments]
    leaf = month_of(year, month, {moment.day for moment in moments}) if month and moments else None
    return ArchivePage(network, title, entries, path, leaf)


def _archive_path(day: date, depth: int) -> str:
    """Of the year, the month (depth 2) or the day (depth 3)."""
    unit, _words = _LEVELS[depth - 1]
    return reverse(f"sections:archive-{unit}", args=[day.year, day.month, day.day][:depth])


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


# -- Corrections -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CorrectionView:
    kind: str
    note: str
    at: datetime
    is_error: bool  # something was wrong: not only unclear
    story: Card | None = None


@dataclass(frozen=True, slots=True)
class CorrectionsPage:
    network: Network
    corrections: list[CorrectionView]
    where: Where
    older: str
    newer: str = ""


def correction_view(kind: str, note: str, at: datetime, story: Card | None = None) -> CorrectionView:
    given = Correction.Kind(kind)
    return CorrectionView(str(given.label), note, at, given == Correction.Kind.CORRECTION, story)


def corrections_page(network: Network, at: datetime, where: Where) -> CorrectionsPage:
    """Corrections of the stories that readers of the site may see, newest first; two queries.

    Its page key is that of a correction. Raises BadKey.
    """
    shown = Correction.objects.filter(story__in=on_site(at, network.site).values("pk"), superseded_by=None)
    if where.before:
        shown = shown.filter(pk__lt=read_row_key(where.before))
    found = list(shown.order_by("-pk")[: PAGE_SIZE + 1])
    stories = readable(at, network.site).filter(pk__in={correction.story_id for correction in found})
    cards_by_id = {card.story_id: card for card in cards(stories.values(*COLUMNS), network, at)}
    views = [
        correction_view(correction.kind, correction.note, correction.at, cards_by_id[correction.story_id])
        for correction in found[:PAGE_SIZE]
        if correction.story_id in cards_by_id
    ]
    older = str(found[PAGE_SIZE - 1].pk) if len(found) > PAGE_SIZE else ""
    return CorrectionsPage(network, views, where, older)
