"""Which stories stand where on a page, and why. Pure: no database, no clock, no Django.

The rule is the Guardian's: what an editor picked is never removed; what fills up behind the picks never
repeats a story that stands above it, nor the story being read, nor another of the same running story.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Crop:
    """A picture in one shape, in several widths."""

    url: str  # for browsers and machines that read no WebP
    width: int
    height: int
    srcset: str = ""  # in WebP; empty while its renditions are not made


@dataclass(frozen=True, slots=True)
class PictureView:
    alt_text: str
    caption: str
    credit: str
    full: Crop  # as it was taken
    wide: Crop
    card: Crop
    square: Crop


@dataclass(frozen=True, slots=True)
class Card:
    """A story, or a link to a sister site, as it stands in a list. No body."""

    url: str
    headline: str
    story_id: int | None = None  # None: a link an editor wrote
    kicker: str = ""
    tint: str = ""  # the class of its channel's colour
    teaser: str = ""
    dateline: str = ""
    byline: str = ""
    genre: str = ""
    slugline: str = ""
    language: str = ""
    direction: str = "ltr"
    published: datetime | None = None
    updated: datetime | None = None
    picture: PictureView | None = None
    site_name: str = ""  # set where the link leads away from the site that shows it
    notice: str = ""  # the copyright notice of its source


@dataclass(frozen=True, slots=True)
class Pick:
    """An editor's choice for a block; `position` counts from 1, what is lower stands first."""

    card: Card
    position: int = 0
    slot_id: int | None = None
    picked_by: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class Candidate(Protocol):
    """A story that may fill a block up: as a card, or as less, for many are asked for and few are shown."""

    story_id: int | None
    slugline: str


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """A block before it is filled. `candidates` are its backfill, best first."""

    label: str
    size: int
    picks: Sequence[Pick] = ()
    candidates: Sequence[Candidate] = ()
    filled_from: str = ""  # in words, for the reasons: "the newest in Moon"
    url: str = ""
    may_repeat: bool = False
    key: str = ""
    tint: str = ""  # the class of the colour of the channel that fills it
    max_age: timedelta | None = None  # of what fills it up


@dataclass(frozen=True, slots=True)
class Choice:
    """A card with why it is there: an editor's pick, or what fills the block up, in words."""

    card: Card
    pick: Pick | None = None
    filled_from: str = ""


@dataclass(frozen=True, slots=True)
class FilledBlock:
    label: str
    choices: tuple[Choice, ...]
    url: str = ""
    key: str = ""
    tint: str = ""
    max_age: timedelta | None = None

    @property
    def lead(self) -> Card:
        return self.choices[0].card

    @property
    def headlines(self) -> list[Card]:
        return [choice.card for choice in self.choices[1:]]

    @property
    def cards(self) -> list[Card]:
        return [choice.card for choice in self.choices]


def fill(
    plans: Iterable[BlockPlan],
    *,
    above: Iterable[Card] = (),
    reading: Card | None = None,
    card_of: Callable[[Candidate], Card] = lambda candidate: candidate,
) -> list[FilledBlock]:
    """The blocks of a page from top to bottom; one with nothing to show is left out, label and all.

    `above` is what the page shows before its blocks, `reading` the story whose page it is. `card_of` makes
    the card of a candidate that is shown, where candidates are no cards.
    """
    seen = {card.story_id for card in above}
    blocks = []
    for plan in plans:
        choices = _choices(plan, _backfill(plan, seen, reading), card_of)
        seen.update(choice.card.story_id for choice in choices)
        if choices:
            blocks.append(
                FilledBlock(plan.label, tuple(choices), plan.url, plan.key, plan.tint, plan.max_age)
            )
    return blocks


def needed(
    plans: Sequence[BlockPlan], picks: Sequence[int], above: int, most_repeated: int | None = None
) -> list[int]:
    """How many candidates each block must be given to be full whatever stands above it takes away.

    `picks` is how many each block will have at most, `above` how many cards stand before the blocks.
    `most_repeated`: of blocks that are filled from elsewhere, no more cards than so many are reckoned with.
    """
    counts, before = [], Counter()
    for plan, picked in zip(plans, picks, strict=True):
        same = before[plan.filled_from]
        others = before.total() - same
        if most_repeated is not None:
            others = min(others, most_repeated)
        counts.append(plan.size + picked + (0 if plan.may_repeat else above + same + others))
        before[plan.filled_from] += max(plan.size, picked)
    return counts


def _backfill(plan: BlockPlan, seen: set[int | None], reading: Card | None) -> list[Candidate]:
    taken = {pick.card.story_id for pick in plan.picks}
    if not plan.may_repeat:
        taken |= seen
    return [
        story
        for story in plan.candidates
        if story.story_id not in taken and not (reading and _same_running_story(story, reading))
    ]


def _same_running_story(story: Candidate, reading: Card) -> bool:
    if story.story_id == reading.story_id:
        return True
    return reading.slugline != "" and story.slugline == reading.slugline


def _choices(
    plan: BlockPlan, backfill: list[Candidate], card_of: Callable[[Candidate], Card]
) -> list[Choice]:
    """Picks at their positions, backfill in between and behind while there is room."""
    picks = sorted(plan.picks, key=lambda pick: pick.position)
    room = max(plan.size - len(picks), 0)
    fillers = [Choice(card_of(story), filled_from=plan.filled_from) for story in backfill[:room]]
    choices: list[Choice] = []
    for pick in picks:
        while fillers and len(choices) + 1 < pick.position:
            choices.append(fillers.pop(0))
        choices.append(Choice(pick.card, pick))
    return choices + fillers
