"""Lists of stories, newest first, paged by key: of a channel, a tag, a place, a source, a day and so on."""

from __future__ import annotations

from calendar import Calendar, monthrange
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles.models import Author, Correction, Place, Source, StoryQuerySet, Tag
from articles.models.stories import direction
from articles.prepared import Blanks, Span, in_spans, prepared
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
    of_site,
    older_than,
    oldest_first,
    on_site,
)
from sections.most_read import most_read, parted
from sections.network import ChannelView, Network

PAGE_SIZE = 20
FIRST_YEAR = 1970  # of an archive


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


# The levels of the archive: what each lists, how an entry of it is called, and what its address ends in.
_LEVELS = [("year", year_words, "%Y/"), ("month", month_words, "%m/"), ("day", day_words, "%d/")]


@in_spans
def _spans_with_stories(blank: Blanks, begin, end) -> QuerySet:
    stories = archived(of_site(blank.time("at"), SiteKey(blank.key("site"))))
    return oldest_first(between(stories, begin, end))  # the order is what has PostgreSQL take the index


def archive_page(
    network: Network, at: datetime, year: int | None = None, month: int | None = None
) -> ArchivePage:
    """One query."""
    depth = (year is not None) + (month is not None)
    begin = date(year or FIRST_YEAR, month or 1, 1)
    spans = days_of(begin) if month else months_of(begin.year) if year else years_until(at.year)
    _unit, words, last = _LEVELS[depth]
    path = _archive_path(begin, depth) if depth else reverse("sections:archive")
    found = [begin for begin, _end in _spans_with_stories(spans, site=network.site.pk, at=at)]
    entries = [Link(words(moment), path + moment.strftime(last)) for moment in reversed(found)]
    title = _LEVELS[depth - 1][1](begin) if depth else _("Archive")
    leaf = month_of(year, month, {moment.day for moment in found}) if month and found else None
    return ArchivePage(network, title, entries, path, leaf)


def years_until(year: int) -> list[Span]:
    """Those that stories may be of, the first of all to the year."""
    return [
        (midnight(date(each, 1, 1)), midnight(date(each + 1, 1, 1))) for each in range(FIRST_YEAR, year + 1)
    ]


def months_of(year: int) -> list[Span]:
    begins = [midnight(date(year, month, 1)) for month in range(1, 13)]
    return list(pairwise([*begins, midnight(date(year + 1, 1, 1))]))


def days_of(month: date) -> list[Span]:
    days = range(monthrange(month.year, month.month)[1])
    return [span_of(month + timedelta(days=number)) for number in days]


def _archive_path(day: date, depth: int) -> str:
    """Of the year, the month (depth 2) or the day (depth 3)."""
    unit, *_words = _LEVELS[depth - 1]
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
    values = {"at": at, "site": network.site.pk}
    if where.before:
        found = _corrections(OLDER, before=read_row_key(where.before), **values)
    else:
        found = _corrections(NEWEST, **values)
    shown = found[:PAGE_SIZE]
    cards_by_id = _cards_of([row["story_id"] for row in shown], network, at)
    views = [
        correction_view(row["kind"], row["note"], row["at"], cards_by_id[row["story_id"]])
        for row in shown
        if row["story_id"] in cards_by_id
    ]
    older = str(shown[-1]["pk"]) if len(found) > PAGE_SIZE else ""
    return CorrectionsPage(network, views, where, older)


@prepared
def _corrections(blank: Blanks, way: str) -> QuerySet:
    """One more than a screen. By a subquery's value, not by Exists, or PostgreSQL looks at all and sorts."""
    visible = on_site(blank.time("at"), SiteKey(blank.key("site"))).filter(pk=OuterRef("story"))
    mended = Correction.objects.filter(supersedes=OuterRef("pk"))
    holding = Correction.objects.exclude(Exists(mended)).alias(visible=Subquery(visible.values("pk")[:1]))
    holding = holding.filter(visible__isnull=False)
    if way == OLDER:
        holding = holding.filter(pk__lt=blank.key("before"))
    return holding.order_by("-pk").values("pk", "kind", "note", "at", "story_id")[: PAGE_SIZE + 1]


def _cards_of(stories: list[int], network: Network, at: datetime) -> dict[int, Card]:
    """One query, the same for any number of stories up to a screen."""
    if not stories:
        return {}
    keys = {f"story{number}": stories[min(number, len(stories) - 1)] for number in range(PAGE_SIZE)}
    rows = _of_screen(at=at, site=network.site.pk, **keys)
    return {card.story_id: card for card in cards(rows, network, at)}


@prepared
def _of_screen(blank: Blanks) -> QuerySet:
    keys = [blank.key(f"story{number}") for number in range(PAGE_SIZE)]
    return readable(blank.time("at"), SiteKey(blank.key("site"))).filter(pk__in=keys).values(*COLUMNS)
