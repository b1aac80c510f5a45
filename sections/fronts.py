"""What the desk's page of a front shows: the readers' page at a moment, each item with why it is there.

A front is the home page of a site, the page of a channel, or what stands under a channel's stories.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models
from django.db.models import Prefetch, Q, QuerySet
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.desk_search import with_words
from articles.models import Story
from articles.models.keys import is_key
from articles.models.stories import clock
from sections import lists, pages
from sections.blocks import blocks_of, filled, plans_of
from sections.compose import Card, Choice, FilledBlock
from sections.list_stories import in_channel, newest_first
from sections.models import Block, Channel, Listing, Site, Slot, live_at
from sections.network import Network, load_network

MOST_FOUND = 20
# A story in another state would have to come back to the desk first.
PLACEABLE = [Story.State.DRAFT, Story.State.READY, Story.State.PUBLISHED]
LONG_COLUMNS = ("body", "teaser", "opening", "editors_note", "subjects")


class Kind(models.TextChoices):
    HOME = "home", gettext_lazy("Home page")
    CHANNEL = "channel", gettext_lazy("Front")
    STORIES = "stories", gettext_lazy("Under its stories")


@dataclass(frozen=True, slots=True)
class Row:
    """What stands on the page. `position` is where a pick would take its place; strictly rising.

    `up` and `down` are those of its neighbours.
    """

    position: int
    card: Card
    why: str
    slot_id: int | None = None
    ends: str = ""
    up: int | None = None
    down: int | None = None


@dataclass(frozen=True, slots=True)
class Absent:
    """A pick that is not on the page at the moment: its time has not begun, or readers may not see it."""

    slot: Slot
    why: str


@dataclass(frozen=True, slots=True)
class DeskBlock:
    """`block` is None for one that the page makes by itself, of a channel's newest."""

    label: str
    key: str
    rows: list[Row]
    block: Block | None = None
    absent: list[Absent] = field(default_factory=list)
    coming: list[Absent] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Front:
    kind: Kind
    pk: int  # of the site, or of the channel
    network: Network
    at: datetime

    @property
    def title(self) -> str:
        site = self.network.site.name
        if self.kind == Kind.HOME:
            return f"{site}: {self.kind.label}"
        return f"{site}: {self.network.channels[self.pk].title}, {self.kind.label.lower()}"

    @property
    def which(self) -> Q:
        """Its blocks."""
        return blocks_of(self.kind, self.pk)


def find_front(kind: str, pk: int, at: datetime) -> Front | None:
    """Two queries."""
    if kind not in Kind.values or not is_key(pk):
        return None
    if kind == Kind.HOME:
        host = Site.objects.filter(pk=pk).values_list("domain", flat=True).first()
    else:
        host = Channel.objects.filter(pk=pk).values_list("site__domain", flat=True).first()
    return Front(Kind(kind), pk, load_network(host), at) if host else None


# -- As readers see it ---------------------------------------------------------------


def readers_page(front: Front) -> tuple[str, pages.HomePage | lists.ListPage | pages.StoryPage | None]:
    """The template and the page; for what stands under a channel's stories: of its newest, if it has one."""
    network, at = front.network, front.at
    if front.kind == Kind.HOME:
        return "home", pages.home_page(network, at)
    if front.kind == Kind.CHANNEL:
        return "list", lists.channel_page(network, network.channels[front.pk], at, lists.Where())
    newest = newest_first(in_channel(at, network.site, front.pk).filter(home__channel=front.pk))
    story = newest.only("headline").first()
    return "story", story and pages.story_page(network, story.pk, story.slug, at)


# -- For the desk --------------------------------------------------------------------


def desk_blocks(front: Front) -> list[DeskBlock]:
    """The blocks of the page from top to bottom, the empty ones too; a fixed number of queries."""
    shown = {block.key: block for block in _composed(front)}
    blocks = [
        _desk_block(block, shown.pop(f"block-{block.pk}", None), front)
        for block in Block.objects.filter(front.which).prefetch_related(_slots(front.at))
    ]
    return blocks + [DeskBlock(block.label, key, _rows(block, front.at)) for key, block in shown.items()]


def _composed(front: Front) -> list[FilledBlock]:
    if front.kind == Kind.STORIES:
        return filled(plans_of(front.kind, front.pk, front.network, front.at), front.network, front.at)
    page = readers_page(front)[1]
    if front.kind == Kind.HOME:
        return page.blocks
    newest = tuple(Choice(card, filled_from=_("the newest in %s") % page.title) for card in page.cards)
    return [*page.blocks, *([FilledBlock(_("The list"), newest, key="list")] if newest else [])]


def _slots(at: datetime) -> Prefetch:
    """Those that have not ended, with all that says whether readers see their stories."""
    homes = Listing.objects.filter(primary=True).select_related("channel__site")
    slots = Slot.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at)).select_related("story__source")
    slots = slots.defer(*(f"story__{name}" for name in LONG_COLUMNS)).prefetch_related(
        "story__source__sites", Prefetch("story__listings", homes, to_attr="homes")
    )
    return Prefetch("slots", slots.order_by("starts_at", "position", "pk"), to_attr="not_ended")


def _desk_block(block: Block, shown: FilledBlock | None, front: Front) -> DeskBlock:
    rows = _rows(shown, front.at) if shown else []
    on_page = {row.slot_id for row in rows}
    absent, coming = [], []
    for slot in block.not_ended:
        if slot.starts_at > front.at:
            coming.append(Absent(slot, _when(slot, front)))
        elif slot.pk not in on_page:
            absent.append(Absent(slot, _hidden(slot.story, front.at, front.network)))
    return DeskBlock(block.label, f"block-{block.pk}", rows, block, absent, coming)


def _rows(block: FilledBlock, at: datetime) -> list[Row]:
    positions = []
    for choice in block.choices:
        positions.append(max(max(positions, default=0) + 1, choice.pick.position if choice.pick else 0))
    ups, downs = [None, *positions], [*positions[1:], None]
    return [
        Row(
            position, choice.card, _why(choice), choice.pick and choice.pick.slot_id, _ends(choice, at), *ways
        )
        for choice, position, *ways in zip(block.choices, positions, ups, downs, strict=False)
    ]


def _ends(choice: Choice, at: datetime) -> str:
    if choice.pick is None or choice.pick.ends_at is None:
        return ""
    return _("ends in %s") % timeuntil(choice.pick.ends_at, at)


def _why(choice: Choice) -> str:
    pick = choice.pick
    if pick is None:
        return _("Fills up with %s") % choice.filled_from
    words = {"who": pick.picked_by or _("the portal"), "since": clock(pick.starts_at)}
    if pick.ends_at is None:
        return _("Picked by %(who)s, from %(since)s until it is removed") % words
    return _("Picked by %(who)s, from %(since)s until %(until)s") % (words | {"until": clock(pick.ends_at)})


def _when(slot: Slot, front: Front) -> str:
    """Of a pick that is to come."""
    words = {"since": clock(slot.starts_at), "who": slot.picked_by or _("the portal")}
    said = _("From %(since)s, picked by %(who)s.") % words
    hidden = slot.story and _hidden(slot.story, slot.starts_at, front.network)
    return f"{said} {_('Not shown then: %s') % hidden}" if hidden else said


def _hidden(story: Story, at: datetime, network: Network) -> str:
    """Why no reader of the site sees the story at the moment, with when they will; empty if they do."""
    reasons = list(story.hidden_because(at, network.site))
    if not story.homes:
        reasons.append(_("it is in no channel"))
    elif story.source and not story.source.may_be_carried_by(story.homes[0].channel.site):
        words = {"source": story.source, "site": story.homes[0].channel.site}
        reasons.append(_("the contract with %(source)s does not let %(site)s carry it") % words)
    begin = max(filter(None, [story.publish_at, story.embargo_until]), default=at)
    said = "; ".join(dict.fromkeys(reasons))
    if begin > at and said and not _hidden(story, begin, network):
        return _("%(said)s; shows from %(begin)s") % {"said": said, "begin": clock(begin)}
    return said


# -- Stories to place ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    story: Story
    note: str  # why readers of the front's site do not see it, with when they will


def placeable(words: str, front: Front) -> list[Found]:
    """At most six queries. Raises TooSlow."""
    homes = Listing.objects.filter(primary=True).select_related("channel__site")
    found = Story.objects.filter(pk__in=with_words(words), state__in=PLACEABLE)
    found = found.select_related("source").defer(*LONG_COLUMNS)
    found = found.prefetch_related("source__sites", Prefetch("listings", homes, to_attr="homes"))
    return [Found(story, _hidden(story, front.at, front.network)) for story in found[:MOST_FOUND]]


# -- All fronts ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FrontLine:
    """A front in the list of all, with what its editors picked for now."""

    kind: Kind
    pk: int
    title: str
    blocks: int
    picks: int
    next_end: datetime | None


def front_lines(at: datetime) -> list[tuple[str, list[FrontLine]]]:
    """By site; three queries."""
    blocks = list(_with_picks(Block.objects.all(), at))
    fronts = []
    for site in Site.objects.order_by("position", "name"):
        lines = [_line(Kind.HOME, site.pk, Kind.HOME.label, [b for b in blocks if b.home_of_id == site.pk])]
        fronts.append((site, lines))
    lines_of = {site.pk: lines for site, lines in fronts}
    for channel in Channel.objects.order_by("position", "title"):
        own = [block for block in blocks if block.channel_id == channel.pk]
        on_front, on_stories = [b for b in own if b.on_front], [b for b in own if b.on_stories]
        lines_of[channel.site_id] += [
            _line(Kind.CHANNEL, channel.pk, channel.title, on_front),
            _line(Kind.STORIES, channel.pk, f"{channel.title}, {Kind.STORIES.label.lower()}", on_stories),
        ]
    return [(site.name, lines) for site, lines in fronts]


def _with_picks(blocks: QuerySet, at: datetime) -> QuerySet:
    live = live_at(at, "slots__")
    return blocks.order_by().annotate(
        picks=models.Count("slots", filter=live), next_end=models.Min("slots__ends_at", filter=live)
    )


def _line(kind: Kind, pk: int, title: str, blocks: Iterable[Block]) -> FrontLine:
    ends = [block.next_end for block in blocks if block.next_end]
    picks = sum(block.picks for block in blocks)
    return FrontLine(kind, pk, title, len(list(blocks)), picks, min(ends, default=None))
