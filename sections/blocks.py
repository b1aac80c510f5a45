"""Loads the blocks of a page in two queries, whatever their number, and has them filled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.json_rows import JSONRows, read_time
from articles.models import StoryQuerySet
from articles.prepared import Blank, Blanks, Given, in_arms, prepared
from newsportal import keys
from sections.cards import (
    COLUMNS,
    PICTURE_COLUMNS,
    SiteKey,
    card_from,
    picture_view,
    readable,
    rights_ended,
)
from sections.compose import BlockPlan, Card, FilledBlock, Pick, fill, needed
from sections.list_stories import about, in_channel, living_on, newest_first, of_site
from sections.models import Block, Slot
from sections.network import ChannelView, Network
from sections.reads import MostRead

HOME_CHANNEL_SIZE = 5
# What blocks are filled from: a channel, a tag, the site itself, a sister site.
CHANNEL, TAG, SITE, SISTER = "channel", "tag", "site", "sister"
PICKED = "picked"  # by editors, a story each
# Or what was read most in a channel or on the site: of which of them, and in which span.
RANKINGS = {f"{of}-{span}": (of, span) for of in (CHANNEL, SITE) for span in MostRead.Span.values}
# Stories of a page that are fetched to be spared, for those that stand above a block and would fill it again:
# the fewer blocks there are, the likelier they share their stories. Each block has a few at the least.
SPARE, SPARE_EACH = 120, 3
SOME_MORE = 32  # what a short block is given anew is a multiple of it, so that there are few queries


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

    A second one for blocks that would be short, so much of them stands above already.
    """
    kinds, picks = [plan.plan for plan in plans], [len(plan.slots) for plan in plans]
    spare = max(SPARE // max(len(plans), 1), SPARE_EACH)
    wanted, enough = (needed(kinds, picks, len(above), most) for most in (spare, None))
    picked = sorted({slot["story_id"] for plan in plans for slot in plan.slots if slot["story_id"]})
    stories = _Fetched(network, at)
    candidates = _fetch(_arms(plans, wanted, range(len(plans))), picked, stories, reading)
    while True:
        given = [
            replace(_with_picks(plan, stories), candidates=candidates.get(index, []))
            for index, plan in enumerate(plans)
        ]
        blocks = fill(given, above=above, reading=reading, card_of=lambda story: stories.card(story.story_id))
        short = [index for index in _short(given, wanted, blocks) if wanted[index] < enough[index]]
        if not short:
            return blocks
        for index in short:
            wanted[index] = -(-enough[index] // SOME_MORE) * SOME_MORE
        candidates |= _fetch(_arms(plans, wanted, short), [], stories, reading)


def _short(plans: list[BlockPlan], wanted: list[int], blocks: list[FilledBlock]) -> list[int]:
    """Those that have room left, where there may be more stories than were fetched."""
    shown = {block.key: len(block.choices) for block in blocks}
    return [
        index
        for index, plan in enumerate(plans)
        if len(plan.candidates) == wanted[index] and shown.get(plan.key, 0) < plan.size
    ]


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

    def card(self, story_id: int) -> Card:
        if story_id not in self._cards:
            self._cards[story_id] = card_from(self._rows[story_id], self.network, self.at)
        return self._cards[story_id]


def _arms(plans: list[Plan], wanted: list[int], indexes: Iterable[int]) -> dict[int, tuple[Source, int]]:
    """What fills these blocks up, and how many stories of it are asked for."""
    return {
        index: (plans[index].source, wanted[index])
        for index in indexes
        if plans[index].source and wanted[index]
    }


def _fetch(
    arms: dict[int, tuple[Source, int]], picked: Sequence[int], stories: _Fetched, reading: Card | None
) -> dict[int, list[_Row]]:
    """The candidates of each block, in a ranking's order or newest first; one query."""
    if not arms and not picked:
        return {}
    values = {"at": stories.at, "site": stories.network.site.pk}
    if reading:
        values |= {"reading": reading.story_id, "slugline": reading.slugline}
    ages = {source.max_age for source, _count in arms.values() if source.max_age}
    values |= {f"since{age}": stories.at - timedelta(days=age) for age in ages}
    reads = (bool(reading), bool(reading and reading.slugline))
    asked: dict[_Filling, dict[int, list[int]]] = {}  # by what is asked for and of what, for which blocks
    for index, (source, count) in arms.items():
        filling = _Filling(source.kind, count, source.max_age, *reads)
        asked.setdefault(filling, {}).setdefault(source.of, []).append(index)
    if picked:
        asked[_Filling(PICKED, 1)] = dict.fromkeys(picked, [])
    fillings = list(asked)
    found: dict[int, list[_Row]] = {index: [] for index in arms}
    for arm, of, row in _newest([((filling,), list(asked[filling])) for filling in fillings], **values):
        if story := stories.add(row):
            for index in asked[fillings[arm]][of]:
                found[index].append(story)
    for candidates in found.values():
        candidates.sort(key=lambda story: (story.published, story.story_id), reverse=True)
        candidates.sort(key=lambda story: story.place)
    return found


class _Filling(NamedTuple):
    """How stories are asked for that may stand in blocks; of what editors picked, each story is its own."""

    kind: str
    count: int
    max_age: int | None = None
    is_read: bool = False  # a story: the page is its own
    is_running: bool = False  # and it has a slugline


@in_arms
def _newest(blank: Blanks, of: Given, filling: _Filling) -> QuerySet:
    at, site = blank.time("at"), SiteKey(blank.key("site"))
    stories, place = _of_source(filling.kind, at, site, of), Value(0)
    if filling.kind == PICKED:
        return stories.annotate(place=place).order_by().values(*COLUMNS, "place")
    stories = stories.promotable(at)
    if filling.max_age:
        stories = stories.filter(entry_at__gt=blank.time(f"since{filling.max_age}"))
    if filling.is_read:
        stories = stories.exclude(pk=blank.key("reading"))
    if filling.is_running:
        stories = stories.exclude(slugline=blank.text("slugline"))
    if filling.kind in RANKINGS:
        place = Subquery(_ranking(filling.kind, of).filter(story=OuterRef("pk")).values("position"))
        return stories.annotate(place=place).order_by().values(*COLUMNS, "place")
    return newest_first(stories).annotate(place=place).values(*COLUMNS, "place")[: filling.count]


def _of_source(kind: str, at: Blank, site: SiteKey, of: Given) -> StoryQuerySet:
    if kind == PICKED:
        return readable(at, site).filter(pk=of)
    if kind == CHANNEL:
        return in_channel(at, site, of)
    if kind in RANKINGS:
        return readable(at, site).filter(pk__in=_ranking(kind, of).values("story"))
    if kind == TAG:
        return about(kind, at, site, of)
    return of_site(at, site) if kind == SITE else living_on(at, site, of)


def _ranking(kind: str, of: Given) -> QuerySet:
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
            card = stories.card(slot["story_id"])
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
