"""Loads the blocks of a page in two queries, whatever their number, and has them filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import OuterRef, Q, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.json_rows import JSONRows, read_time
from articles.models import Story, StoryQuerySet
from newsportal import keys
from sections.cards import (
    COLUMNS,
    PICTURE_COLUMNS,
    card_from,
    in_channel,
    on_site,
    picture_view,
    readable,
    rights_ended,
    with_home,
)
from sections.compose import BlockPlan, Card, FilledBlock, Pick, fill, needed
from sections.models import Block, Slot
from sections.network import ChannelView, Network

HOME_CHANNEL_SIZE = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """A block, what its editors picked (slots, as JSON rows) and the stories that can fill it up."""

    plan: BlockPlan
    backfill: StoryQuerySet | None
    slots: Sequence[dict] = ()
    draws_on: str = ""  # the key of the list that fills it up (newsportal.keys)


def newest_of_site(network: Network, at: datetime) -> Plan:
    words = _("the newest of %s") % network.site.name
    plan = BlockPlan(_("Latest"), 7, filled_from=words, url=reverse("sections:latest"), key="latest")
    return Plan(plan, on_site(at, network.site).promotable(at), draws_on=keys.listed("site", network.site.pk))


def newest_of_channel(channel: ChannelView, network: Network, at: datetime) -> Plan:
    words = _("the newest in %s") % channel.title
    plan = BlockPlan(
        channel.title,
        HOME_CHANNEL_SIZE,
        filled_from=words,
        url=channel.path,
        key=channel.slug,
        tint=channel.tint,
    )
    stories = in_channel(at, network.site, channel.pk).promotable(at)
    return Plan(plan, stories, draws_on=keys.listed("channel", channel.pk))


def plans_of(which: Q, network: Network, at: datetime) -> list[Plan]:
    """The blocks of a page with their slots; one query."""
    slots = JSONRows(
        Slot.objects.live(at).filter(block=OuterRef("pk")).order_by("position", "pk"),
        "pk", "position", "story_id", "url", "headline", "teaser", "picked_by", "starts_at", "ends_at",
        **{f"picture_{name}": f"picture__{name}" for name in PICTURE_COLUMNS},
    )  # fmt: skip
    blocks = Block.objects.filter(which).select_related("from_tag").annotate(live_slots=slots)
    return [_plan(block, network, at) for block in blocks]


def _plan(block: Block, network: Network, at: datetime) -> Plan:
    backfill, words, url = _backfill(block, network, at)
    if backfill is not None:
        backfill = backfill.promotable(at)
        if block.max_age:
            backfill = backfill.filter(first_published__gt=at - timedelta(days=block.max_age))
    of = {"channel": block.from_channel_id, "tag": block.from_tag_id, "site": block.from_site_id}
    kind = block.backfill
    plan = BlockPlan(
        block.label,
        block.size,
        filled_from=words,
        url=url,
        may_repeat=block.may_repeat,
        key=f"block-{block.pk}",
        tint=network.channels[block.from_channel_id].tint
        if block.from_channel_id in network.channels
        else "",
        max_age=timedelta(days=block.max_age) if block.max_age else None,
    )
    return Plan(plan, backfill, block.live_slots, keys.listed(kind, of[kind]) if of.get(kind) else "")


def drawn_on(plans: list[Plan]) -> frozenset[str]:
    """The keys of the lists that fill the blocks up, also of those blocks that have nothing to show yet."""
    return frozenset(plan.draws_on for plan in plans if plan.draws_on)


def _backfill(block: Block, network: Network, at: datetime) -> tuple[StoryQuerySet | None, str, str]:
    """What fills the block up, in words, and where there is more of it."""
    if block.backfill == Block.Backfill.CHANNEL and block.from_channel_id in network.channels:
        channel = network.channels[block.from_channel_id]
        url = channel.path if channel.site.pk == network.site.pk else channel.url
        return in_channel(at, network.site, channel.pk), _("the newest in %s") % channel.title, url
    if block.backfill == Block.Backfill.TAG:
        stories = on_site(at, network.site).filter(tagged__tag=block.from_tag)
        return (
            stories,
            _("the newest tagged %s") % block.from_tag,
            reverse("sections:tag", args=[block.from_tag.slug]),
        )
    site = network.site_by_pk(block.from_site_id) if block.backfill == Block.Backfill.SITE else None
    if site is None:
        return None, "", ""
    words = _("the newest of %s") % site.name
    if site.pk == network.site.pk:
        return on_site(at, site), words, reverse("sections:latest")
    listed_there = readable(at, network.site).filter(home__channel__site=site.pk)
    return listed_there, words, site.url + reverse("sections:latest")


def filled(
    plans: list[Plan],
    network: Network,
    at: datetime,
    *,
    above: Sequence[Card] = (),
    reading: Card | None = None,
) -> list[FilledBlock]:
    """The blocks filled; one query for all their stories, picked ones too."""
    wanted = needed([plan.plan for plan in plans], [len(plan.slots) for plan in plans], len(above))
    picked = {slot["story_id"] for plan in plans for slot in plan.slots if slot["story_id"]}
    arms = [readable(at, network.site).filter(pk__in=picked)] if picked else []
    arm_of: dict[int, int] = {}
    for index, (plan, count) in enumerate(zip(plans, wanted, strict=True)):
        if plan.backfill is None or count == 0:
            continue
        stories = plan.backfill
        if reading is not None:
            stories = stories.exclude(pk=reading.story_id)
            if reading.slugline:
                stories = stories.exclude(slugline=reading.slugline)
        arm_of[len(arms)] = index
        arms.append(stories.newest_first()[:count])
    stories_by_id, candidates = _fetch(arms, arm_of, network, at)
    return fill(
        [
            replace(_with_picks(plan, stories_by_id, at), candidates=candidates.get(index, []))
            for index, plan in enumerate(plans)
        ],
        above=above,
        reading=reading,
    )


def _fetch(arms, arm_of, network: Network, at: datetime) -> tuple[dict[int, Card], dict[int, list[Card]]]:
    """All stories that may stand in blocks, by their id, and the candidates of each block, newest first.

    One UNION ALL with an arm a block: each stops at its limit on the index, however many blocks there are.
    """
    selects = [
        with_home(Story.objects.filter(pk__in=arm.values("pk")))
        .annotate(arm=Value(number))
        .order_by()
        .values(*COLUMNS, "arm")
        for number, arm in enumerate(arms)
    ]
    if not selects:
        return {}, {}
    rows = selects[0].union(*selects[1:], all=True) if len(selects) > 1 else selects[0]
    by_id: dict[int, Card] = {}
    candidates: dict[int, list[Card]] = {}
    for row in rows:
        if row["home__channel_id"] not in network.channels:
            continue
        card = by_id.setdefault(row["pk"], card_from(row, network, at))
        if row["arm"] in arm_of:
            candidates.setdefault(arm_of[row["arm"]], []).append(card)
    for found in candidates.values():
        found.sort(key=lambda card: (card.published, card.story_id), reverse=True)
    return by_id, candidates


def _with_picks(plan: Plan, stories: dict[int, Card], at: datetime) -> BlockPlan:
    """The plan with its picks; a slot whose story readers may not see is empty."""
    picks = []
    for slot in plan.slots:
        if slot["story_id"] is None:
            card = Card(url=slot["url"], headline=slot["headline"], teaser=slot["teaser"])
        elif slot["story_id"] in stories:
            card = stories[slot["story_id"]]
        else:
            continue
        picks.append(
            Pick(
                _as_picked(card, slot, at),
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
