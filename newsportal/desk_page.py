"""The desk's front page: what needs somebody, as counts that lead to the lists behind them.

Reads what a user may view and nothing else, a query each. Counts stop at MOST: no table is read whole.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count, F, Value
from django.db.models.functions import TruncHour
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.clock import clock
from articles.desk_lists import ENDS_SOON
from articles.models import Act, Story
from articles.publishing import Verb
from sections.models import Slot
from wires.health import state
from wires.models import Dispatch, Feed, Likeness, WireCopy

MOST = 500  # counted; more is said to be more
SHOWN = 6  # rows under a count
SLOT_ENDS_SOON = timedelta(hours=6)
CHART_HOURS = 24


@dataclass(frozen=True, slots=True)
class Row:
    words: str
    url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for somebody: how much of it, the list of it, and its first rows."""

    title: str
    count: int
    url: str
    rows: list[Row] = field(default_factory=list)
    is_trouble: bool = False
    is_wide: bool = False

    @property
    def number(self) -> str:
        return f"{MOST:,}+" if self.count > MOST else f"{self.count:,}"


@dataclass(frozen=True, slots=True)
class Hour:
    """A pair of bars of the chart: `x` and the heights are in units of its view box."""

    at: datetime
    came: int
    went: int
    x: int
    came_height: float
    went_height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Stories that came to the desk and that were published, by hour, oldest first."""

    hours: list[Hour]
    width: int
    height: int

    @property
    def came(self) -> int:
        return sum(hour.came for hour in self.hours)

    @property
    def went(self) -> int:
        return sum(hour.went for hour in self.hours)

    @property
    def most(self) -> int:
        return max(max(hour.came, hour.went) for hour in self.hours)


@dataclass(frozen=True, slots=True)
class Desk:
    at: datetime
    needs: list[Need]
    chart: Chart | None


def desk_page(user, at: datetime | None = None) -> Desk:
    """What `user` sees now; nine queries and those for the user's rights."""
    at = at or timezone.now()
    needs: list[Need] = []
    sees_stories = user.has_perm("articles.view_story")
    if sees_stories:
        needs += [_incoming(), _ready(), _going_live(at)]
    if user.has_perm("wires.view_wirecopy"):
        needs.append(_updates())
    if user.has_perm("wires.view_likeness"):
        needs.append(_likenesses())
    if sees_stories:
        needs.append(_ending(at))
    if user.has_perm("sections.view_slot"):
        needs.append(_slots(at))
    if user.has_perm("wires.view_feed"):
        needs.append(_feeds(at))
    if user.has_perm("wires.view_dispatch"):
        needs.append(_dispatches())
    return Desk(at, needs, _chart(at) if sees_stories else None)


def _list(model: str, **given) -> str:
    query = f"?{urlencode(given)}" if given else ""
    return reverse(f"admin:{model}_changelist") + query


def _story_row(story: dict, note: str = "") -> Row:
    return Row(story["headline"], reverse("admin:articles_story_change", args=[story["pk"]]), note)


# -- Stories -----------------------------------------------------------------------


def _incoming() -> Need:
    """By urgency, the flashes first, and by source."""
    found = Story.objects.incoming().order_by().values("urgency", "source", "source__name")
    counts = list(found.annotate(number=Count("pk")))
    where = {"state__exact": Story.State.DRAFT.value, "origin": "wire"}
    by_urgency, by_source = Counter(), Counter()
    for count in counts:
        by_urgency[count["urgency"]] += count["number"]
        by_source[count["source"] or "none", count["source__name"] or _("No source")] += count["number"]
    rows = [
        Row(_("Urgency %d") % urgency, _list("articles_story", **where, urgency=urgency), f"{number:,}")
        for urgency, number in sorted(by_urgency.items())
    ]
    rows += [
        Row(name, _list("articles_story", **where, source=key), f"{number:,}")
        for (key, name), number in by_source.most_common(SHOWN)
    ]
    return Need(
        _("Incoming wire copy"), by_urgency.total(), _list("articles_story", **where), rows, is_wide=True
    )


def _ready() -> Need:
    ready = Story.objects.filter(state=Story.State.READY)
    stories = list(ready.order_by("-id").values("pk", "headline")[: MOST + 1])
    rows = [_story_row(story) for story in stories[:SHOWN]]
    return Need(_("Ready for publication"), len(stories), _list("articles_story", state__exact="ready"), rows)


def _going_live(at: datetime) -> Need:
    ahead = Story.objects.going_live(at)
    stories = ahead.order_by("first_published", "id").values(
        "pk", "headline", "first_published", "embargo_until"
    )
    stories = list(stories[: MOST + 1])
    rows = [_story_row(story, _live_words(story)) for story in stories[:SHOWN]]
    return Need(_("Embargoed and scheduled"), len(stories), _list("articles_story", when="ahead"), rows)


def _live_words(story: dict) -> str:
    held = story["embargo_until"] == story["first_published"]
    words = _("embargo until %s") if held else _("goes live %s")
    return words % clock(story["first_published"])


def _ending(at: datetime) -> Need:
    soon = Story.objects.ending(at, at + ENDS_SOON)
    stories = soon.order_by().values("pk", "headline", "rights_until", "contract_until")
    stories = sorted(stories[: MOST + 1], key=_end)
    rows = [_story_row(story, _("ends %s") % clock(_end(story))) for story in stories[:SHOWN]]
    return Need(_("Rights about to end"), len(stories), _list("articles_story", when="ending"), rows)


def _end(story: dict) -> datetime:
    return min(filter(None, [story["rights_until"], story["contract_until"]]))


# -- Where stories stand -------------------------------------------------------------


def _slots(at: datetime) -> Need:
    soon = Slot.objects.live(at).filter(ends_at__lte=at + SLOT_ENDS_SOON)
    slots = soon.order_by("ends_at").values(
        "headline", "story__headline", "ends_at", "block", "block__label"
    )[: MOST + 1]
    rows = [
        Row(
            slot["headline"] or slot["story__headline"],
            reverse("admin:sections_block_change", args=[slot["block"]]),
            f"{slot['block__label']}, {_('ends %s') % clock(slot['ends_at'])}",
        )
        for slot in slots
    ]
    return Need(_("Slots about to end"), len(rows), _list("sections_block"), rows[:SHOWN])


# -- The wire ------------------------------------------------------------------------


def _updates() -> Need:
    waiting = WireCopy.objects.filter(standing=WireCopy.Standing.WAITING)
    copies = waiting.order_by("-id").values("pk", "wire_story__story__headline", "version")
    copies = list(copies[: MOST + 1])
    rows = [
        Row(
            copy["wire_story__story__headline"] or _("A story that is not here yet"),
            reverse("admin:wires_wirecopy_change", args=[copy["pk"]]),
            _("version %s") % copy["version"] if copy["version"] else "",
        )
        for copy in copies[:SHOWN]
    ]
    return Need(_("Wire updates to decide on"), len(copies), _list("wires_wirecopy"), rows)


def _likenesses() -> Need:
    count = Likeness.objects.filter(dismissed=False)[: MOST + 1].count()
    return Need(_("Possible duplicates"), count, _list("wires_likeness"))


def _feeds(at: datetime) -> Need:
    troubled = []
    for feed in Feed.objects.defer("location", "senders"):
        words, is_well = state(feed, at)
        if not is_well:
            troubled.append(Row(feed.name, reverse("admin:wires_feed_change", args=[feed.pk]), words))
    title = _("Feeds that are down or quiet")
    return Need(title, len(troubled), _list("wires_feed"), troubled[:SHOWN], is_trouble=True)


def _dispatches() -> Need:
    failed = Dispatch.objects.filter(outcome=Dispatch.Outcome.QUARANTINED)
    dispatches = list(failed.order_by("-id").values_list("pk", "name")[: MOST + 1])
    rows = [Row(name, reverse("admin:wires_dispatch_change", args=[pk])) for pk, name in dispatches[:SHOWN]]
    url = _list("wires_dispatch", outcome__exact=Dispatch.Outcome.QUARANTINED.value)
    return Need(_("Dispatches that could not be read"), len(dispatches), url, rows, is_trouble=True)


# -- The chart -----------------------------------------------------------------------

HOUR_WIDTH, CHART_HEIGHT = 20, 80


def _chart(at: datetime) -> Chart:
    """One query. Hours are those of the editor's zone."""
    last = timezone.localtime(at).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    first = last - timedelta(hours=CHART_HOURS - 1)
    came = Story.objects.filter(created__gte=first, created__lte=at).values(moment=F("created"))
    went = Act.objects.filter(at__gte=first, at__lte=at, verb=Verb.PUBLISH).values(moment=F("at"))
    came, went = (
        stories.order_by()
        .values(hour=TruncHour("moment"))
        .annotate(number=Count("pk"), what=Value(what))
        .values_list("what", "hour", "number")
        for what, stories in (("came", came), ("went", went))
    )
    rows = came.union(went, all=True)
    counts = Counter({(what, hour.astimezone(UTC)): number for what, hour, number in rows})
    most = max([1, *counts.values()])
    hours = []
    for number in range(CHART_HOURS):
        hour = first + timedelta(hours=number)
        pair = [counts["came", hour], counts["went", hour]]
        heights = [round(count * CHART_HEIGHT / most, 1) for count in pair]
        hours.append(Hour(timezone.localtime(hour), *pair, number * HOUR_WIDTH, *heights))
    return Chart(hours, CHART_HOURS * HOUR_WIDTH, CHART_HEIGHT)
