"""Loads the blocks of a page in two queries, whatever their number, and has them filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.json_rows import JSONRows, read_time
from articles.models import Story, StoryQuerySet
from articles.prepared import Blank, Blanks, prepared
from newsportal import keys
from sections.cards import (
    COLUMNS,
    PICTURE_COLUMNS,
    SiteKey,
    card_from,
    picture_view,
    readable,
    rights_ended,
    with_home,
)
from sections.compose import BlockPlan, Card, FilledBlock, Pick, fill, needed
from sections.list_stories import about, in_channel, living_on, newest_first, of_site
from sections.models import Block, Slot
from sections.network import ChannelView, Network
from sections.reads import MostRead

HOME_CHANNEL_SIZE = 5
# What blocks are filled from: a channel, a tag, the site itself, a sister site.
CHANNEL, TAG, SITE, SISTER = "channel", "tag", "site", "sister"
# Or what was read most in a channel or on the site: of which of them, and in which span.
RANKINGS = {f"{of}-{span}": (of, span) for of in (CHANNEL, SITE) for span in MostRead.Span.values}
MOST_REPEATED = 8  # of what stands above a block and would fill it again; few pages have more
PICKED = -1  # the arm of what editors picked


class Source(NamedTuple):
    """What fills a block up: the newest of a channel or a site, those of this site with a tag, a ranking."""

    kind: str
    of: int
    max_age: int | None = None  # in days


@dataclass(frozen=True, slots=True)
class Plan:
    """A block, what its editors picked (slots, as JSON rows) and the stories that can fill it up."""

    plan: BlockPlan
    source: Source | None
    slots: Sequence[dict] = ()

    @property
    def draws_on(self) -> str:
        """The key of the list that fills it up (newsportal.keys), or nothing: a ranking's is its page's."""
        if self.source and self.source.kind in RANKINGS:
            return ""
        kind = self.source and {SISTER: SITE}.get(self.source.kind, self.source.kind)
        return keys.listed(kind, self.source.of) if kind else ""


def newest_of_site(network: Network) -> Plan:
    words = _("the newest of %s") % network.site.name
    plan = BlockPlan(_("Latest"), 7, filled_from=words, url=reverse("sections:latest"), key="latest")
    return Plan(plan, Source(SITE, network.site.pk))


def newest_of_channel(channel: ChannelView) -> Plan:
    words = _("the newest in %s") % channel.title
    plan = BlockPlan(
        channel.title,
        HOME_CHANNEL_SIZE,
        filled_from=words,
        url=channel.path,
        key=channel.slug,
        tint=channel.tint,
    )
    return Plan(plan, Source(CHANNEL, channel.pk))


# -- The blocks of a page -------------------------------------------------------------


def blocks_of(page: str, pk) -> Q:
    """Which blocks stand on a page: the "home" of a site, a "channel"'s own, or under its "stories"."""
    if page == "home":
        return Q(home_of=pk)
    return Q(channel=pk, **{"on_front" if page == "channel" else "on_stories": True})


@prepared
def _blocks(blank: Blanks, page: str) -> QuerySet:
    """The blocks of a page with their slots."""
    slots = JSONRows(
        Slot.objects.live(blank.time("at")).filter(block=OuterRef("pk")).order_by("position", "pk"),
        "pk", "position", "story_id", "url", "headline", "teaser", "picked_by", "starts_at", "ends_at",
        **{f"picture_{name}": f"picture__{name}" for name in PICTURE_COLUMNS},
    )  # fmt: skip
    blocks = Block.objects.filter(blocks_of(page, blank.key("pk")))
    return blocks.annotate(live_slots=slots).values(
        "pk", "label", "size", "may_repeat", "max_age", "backfill", "from_channel", "from_site",
        "from_tag", "from_tag__name", "from_tag__slug", "live_slots",
    )  # fmt: skip


def plans_of(page: str, pk: int, network: Network, at: datetime) -> list[Plan]:
    """As blocks_of() names them; one query."""
    return [_plan(block, network) for block in _blocks(str(page), pk=pk, at=at)]


def _plan(block: dict, network: Network) -> Plan:
    source, words, url = _source(block, network)
    drawn_from = network.channels.get(block["from_channel"])
    plan = BlockPlan(
        block["label"],
        block["size"],
        filled_from=words,
        url=url,
        may_repeat=block["may_repeat"],
        key=f"block-{block['pk']}",
        tint=drawn_from.tint if drawn_from else "",
        max_age=timedelta(days=block["max_age"]) if block["max_age"] else None,
    )
    return Plan(plan, source and source._replace(max_age=block["max_age"]), block["live_slots"])


def drawn_on(plans: list[Plan]) -> frozenset[str]:
    """The keys of the lists that fill the blocks up, also of those blocks that have nothing to show yet."""
    return frozenset(plan.draws_on for plan in plans if plan.draws_on)


def _source(block: dict, network: Network) -> tuple[Source | None, str, str]:
    """What fills the block up, in words, and where there is more of it."""
    if block["backfill"] == Block.Backfill.CHANNEL and block["from_channel"] in network.channels:
        channel = network.channels[block["from_channel"]]
        url = channel.path if channel.site.pk == network.site.pk else channel.url
        return Source(CHANNEL, channel.pk), _("the newest in %s") % channel.title, url
    if block["backfill"] == Block.Backfill.TAG:
        words = _("the newest tagged %s") % block["from_tag__name"]
        return Source(TAG, block["from_tag"]), words, reverse("sections:tag", args=[block["from_tag__slug"]])
    site = network.site_by_pk(block["from_site"]) if block["backfill"] == Block.Backfill.SITE else None
    if site is None:
        return None, "", ""
    words = _("the newest of %s") % site.name
    if site.pk == network.site.pk:
        return Source(SITE, site.pk), words, reverse("sections:latest")
    return Source(SISTER, site.pk), words, site.url + reverse("sections:latest")


# -- Their stories --------------------------------------------------------------------


def filled(
    plans: list[Plan],
    network: Network,
    at: datetime,
    *,
    above: Sequence[Card] = (),
    reading: Card | None = None,
) -> list[FilledBlock]:
    """The blocks filled; one query for all their stories, picked ones too.

    A second one where so much of a block stands above it already that it would be short.
    """
    kinds, picks = [plan.plan for plan in plans], [len(plan.slots) for plan in plans]
    for most_repeated in (MOST_REPEATED, None):
        wanted = needed(kinds, picks, len(above), most_repeated)
        stories = _Fetched(network, at)
        given = _with_stories(plans, wanted, stories, reading)
        blocks = fill(given, above=above, reading=reading, card_of=stories.card)
        if not _is_short(given, wanted, blocks):
            break
    return blocks


def _is_short(plans: list[BlockPlan], wanted: list[int], blocks: list[FilledBlock]) -> bool:
    """Whether a block has room left, and there may be more stories for it than were fetched."""
    shown = {block.key: len(block.choices) for block in blocks}
    return any(
        len(plan.candidates) == count and shown.get(plan.key, 0) < plan.size
        for plan, count in zip(plans, wanted, strict=True)
    )


class _Row(NamedTuple):
    """A story that was fetched, before it is known whether the page shows it."""

    place: int  # in a ranking; 0 where the newest come first
    published: datetime
    story_id: int
    slugline: str


class _Fetched:
    """The stories that were fetched for a page's blocks. A card costs more than its row: few are shown."""

    def __init__(self, network: Network, at: datetime) -> None:
        self.network, self.at = network, at
        self._rows: dict[int, dict] = {}
        self._cards: dict[int, Card] = {}

    def add(self, row: dict) -> _Row | None:
        """None for one of a channel that was made since the network was read."""
        if row["home__channel_id"] not in self.network.channels:
            return None
        self._rows[row["pk"]] = row
        return _Row(row["place"], row["first_published"], row["pk"], row["slugline"])

    def __contains__(self, story_id: int) -> bool:
        return story_id in self._rows

    def card(self, story: _Row) -> Card:
        return self.card_of(story.story_id)

    def card_of(self, story_id: int) -> Card:
        if story_id not in self._cards:
            self._cards[story_id] = card_from(self._rows[story_id], self.network, self.at)
        return self._cards[story_id]


def _with_stories(
    plans: list[Plan], wanted: list[int], stories: _Fetched, reading: Card | None
) -> list[BlockPlan]:
    """One query."""
    arms = {
        index: (plan.source, count)
        for index, (plan, count) in enumerate(zip(plans, wanted, strict=True))
        if plan.source and count
    }
    picked = sorted({slot["story_id"] for plan in plans for slot in plan.slots if slot["story_id"]})
    candidates = _fetch(arms, picked, stories, reading)
    return [
        replace(_with_picks(plan, stories), candidates=candidates.get(index, []))
        for index, plan in enumerate(plans)
    ]


def _fetch(
    arms: dict[int, tuple[Source, int]], picked: list[int], stories: _Fetched, reading: Card | None
) -> dict[int, list[_Row]]:
    """The candidates of each block, in a ranking's order or newest first."""
    if not arms and not picked:
        return {}
    values = {"at": stories.at, "site": stories.network.site.pk}
    if reading:
        values |= {"reading": reading.story_id, "slugline": reading.slugline}
    for index, (source, _count) in arms.items():
        values[f"of{index}"] = source.of
        if source.max_age:
            values[f"since{index}"] = stories.at - timedelta(days=source.max_age)
    # The number of picks is part of the query: rounded up, so that there are few queries.
    rounded = -(-len(picked) // 4) * 4
    for number in range(rounded):
        values[f"pick{number}"] = picked[min(number, len(picked) - 1)]
    shape = tuple(
        (index, source.kind, bool(source.max_age), count) for index, (source, count) in arms.items()
    )
    rows = _stories(shape, rounded, bool(reading), bool(reading and reading.slugline), **values)
    found: dict[int, list[_Row]] = {}
    for row in rows:
        if story := stories.add(row):
            found.setdefault(row["arm"], []).append(story)
    for candidates in found.values():
        candidates.sort(key=lambda story: (story.published, story.story_id), reverse=True)
        candidates.sort(key=lambda story: story.place)
    return found


@prepared
def _stories(blank: Blanks, arms: tuple, picks: int, is_read: bool, is_running: bool) -> QuerySet:  # noqa: FBT001
    """One UNION ALL with an arm a block: each stops at its limit on the index, whatever their number."""
    at, site = blank.time("at"), SiteKey(blank.key("site"))
    selects = []
    if picks:
        keys = [blank.key(f"pick{number}") for number in range(picks)]
        selects.append((PICKED, readable(at, site).filter(pk__in=keys), Value(0)))
    for index, kind, is_limited, count in arms:
        stories = _of_source(kind, at, site, blank.key(f"of{index}")).promotable(at)
        if is_limited:
            stories = stories.filter(entry_at__gt=blank.time(f"since{index}"))
        if is_read:
            stories = stories.exclude(pk=blank.key("reading"))
        if is_running:
            stories = stories.exclude(slugline=blank.text("slugline"))
        if kind in RANKINGS:
            places = _ranking(kind, blank.key(f"of{index}")).filter(story=OuterRef("pk"))
            selects.append((index, stories, Subquery(places.values("position"))))
        else:
            selects.append((index, newest_first(stories)[:count], Value(0)))
    found = [
        with_home(Story.objects.filter(pk__in=stories.values("pk")))
        .annotate(arm=Value(number), place=place)
        .order_by()
        .values(*COLUMNS, "arm", "place")
        for number, stories, place in selects
    ]
    return found[0].union(*found[1:], all=True) if len(found) > 1 else found[0]


def _of_source(kind: str, at: Blank, site: SiteKey, of: Blank) -> StoryQuerySet:
    if kind == CHANNEL:
        return in_channel(at, site, of)
    if kind in RANKINGS:
        return readable(at, site).filter(pk__in=_ranking(kind, of).values("story"))
    if kind == TAG:
        return about(kind, at, site, of)
    return of_site(at, site) if kind == SITE else living_on(at, site, of)


def _ranking(kind: str, of: Blank) -> QuerySet:
    place, span = RANKINGS[kind]
    where = {"channel": of} if place == CHANNEL else {"site": of, "channel": None}
    return MostRead.objects.filter(span=span, **where)


def _with_picks(plan: Plan, stories: _Fetched) -> BlockPlan:
    """The plan with its picks; a slot whose story readers may not see is empty."""
    picks = []
    for slot in plan.slots:
        if slot["story_id"] is None:
            card = Card(url=slot["url"], headline=slot["headline"], teaser=slot["teaser"])
        elif slot["story_id"] in stories:
            card = stories.card_of(slot["story_id"])
        else:
            continue
        picks.append(
            Pick(
                _as_picked(card, slot, stories.at),
                slot["position"],
                slot["pk"],
                slot["picked_by"],
                read_time(slot["starts_at"]),
                read_time(slot["ends_at"]),
            )
        )
    return replace(plan.plan, picks=picks)


def _as_picked(card: Card, slot: dict, at: datetime) -> Card:
    """The card with what the editor wrote for this slot instead of the story's own."""
    picture = card.picture
    if slot["picture_file"] and not rights_ended(read_time(slot["picture_rights_until"]), at):
        picture = picture_view(slot, "picture_")
    return replace(
        card,
        headline=slot["headline"] or card.headline,
        teaser=slot["teaser"] or card.teaser,
        picture=picture,
    )
