"""The acts that curate a block; the only code that writes slots.

Each checks the right of who acts, counts the block's version up in the UPDATE that also checks it, writes
the slots, a line of the block's history and word of it for the pages that show it, in one transaction.
`seen` is the version of the block that the editor looked at. `by` is who acts; None is the portal itself,
which has every right, looks at no page and must give `by_name`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, count

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.clock import clock
from newsportal import outbox
from sections.models import Block, Slot

LAST_POSITION = 999


class StaleBlock(Exception):
    """The block was curated by somebody else since it was looked at; nothing was written."""

    def __init__(self, block: Block) -> None:
        words = {"block": block, "who": _("Somebody"), "what": "", "when": ""}
        if last := _history(block).select_related("user").first():
            words |= {"who": name_of(last.user), "when": clock(last.action_time), "what": last.change_message}
            said = _("Nothing was done: %(who)s changed “%(block)s” in the meantime (%(when)s: %(what)s)")
        else:
            said = _("Nothing was done: “%(block)s” was changed or removed by somebody else in the meantime.")
        super().__init__(said % words)


def may_curate(user, block: Block) -> bool:
    """None is the portal itself."""
    return user is None or user.has_perm("sections.change_slot", block)


def name_of(user) -> str:
    return user.get_full_name() or user.get_username()


@transaction.atomic
def place(slot: Slot, *, seen: int | None = None, by=None, by_name: str = "") -> None:
    """Puts a new slot at its position, or at the first that is free if it has none.

    Raises ValidationError, which names who has the position.
    """
    _begin(slot.block, seen, by)
    if slot.position is None:
        others = {other: other.position for other in _not_ended(slot.block)}
        slot.position = _first_free(slot, count(1), others)
    _add(slot, by, by_name)
    _log(slot.block, by, _("placed “%(slot)s” at position %(position)s") % _words(slot))


@transaction.atomic
def pin(slot: Slot, to: int, *, seen: int | None = None, by=None, by_name: str = "") -> None:
    """A story that fills the block up becomes a pick and goes to a position; others make room.

    The slot's own position is where the page shows it now, None for in another block.
    """
    _begin(slot.block, seen, by)
    behind_all = _behind_all(slot.block)
    shown_at, slot.position = slot.position or behind_all, behind_all
    _add(slot, by, by_name)
    slot.position = shown_at
    moved = _rearrange(slot, to)
    _log(slot.block, by, _("pinned “%(slot)s” at position %(position)s") % _words(slot) + moved)


@transaction.atomic
def move(slot: Slot, to: int, *, seen: int | None = None, by=None) -> None:
    """To another position; whoever has it makes room."""
    _begin(slot.block, seen, by)
    moved = _rearrange(slot, to)
    _log(slot.block, by, _("moved “%(slot)s” to position %(position)s") % _words(slot) + moved)


@transaction.atomic
def transfer(
    slot: Slot, into: Block, to: int, *, seen: int | None = None, seen_there: int | None = None, by=None
) -> None:
    """To a position in another block, where whoever has it makes room; its time and words stay.

    Raises ValidationError if the story is in that block already.
    """
    left = slot.block
    # In the order of their keys, so that of two who move to and fro one waits for the other.
    for block, version in sorted([(left, seen), (into, seen_there)], key=lambda pair: pair[0].pk):
        _begin(block, version, by)
    _tell_pages(slot)  # of what it leaves; where it goes is told as others make room there
    slot.block, slot.position = into, _behind_all(into)
    slot.full_clean()
    slot.save(update_fields=["block", "position"])
    moved = _rearrange(slot, to)
    words = _words(slot) | {"left": left, "into": into}
    _log(left, by, _("moved “%(slot)s” to the block “%(into)s”") % words)
    _log(into, by, _("moved “%(slot)s” here from “%(left)s”, to position %(position)s") % words + moved)


@transaction.atomic
def change(slot: Slot, *, seen: int | None = None, by=None) -> None:
    """Its time, position or words. Raises ValidationError as `place` does."""
    _begin(slot.block, seen, by)
    slot.full_clean()
    slot.save()
    _tell_pages(slot)
    until = _(" until %s") % clock(slot.ends_at) if slot.ends_at else ""
    _log(slot.block, by, _("changed “%(slot)s”: position %(position)s") % _words(slot) + until)


@transaction.atomic
def remove(slot: Slot, *, seen: int | None = None, by=None) -> None:
    """Its time ends now; one whose time has not begun goes altogether."""
    _begin(slot.block, seen, by)
    now = timezone.now()
    if slot.starts_at < now:
        slot.ends_at = now
        slot.save(update_fields=["ends_at"])
    else:
        slot.delete()
    _tell_pages(slot)
    _log(slot.block, by, _("removed “%(slot)s” from position %(position)s") % _words(slot))


def rearranged(slots: Sequence[Slot], moved: Slot, to: int) -> dict[Slot, int]:
    """The position of each of a block's slots once `moved` is at `to`.

    Who is in its way gives way, towards where it came from if there is room; who is not stays. No two that
    meet in time share a position afterwards, even if they did before.
    """
    others = sorted((slot for slot in slots if slot != moved), key=lambda slot: (slot.position, slot.pk))
    passed = [slot for slot in others if moved.position < slot.position <= to]
    settled = {moved: to}
    for slot in chain(reversed(passed), (slot for slot in others if slot not in passed)):
        # Whoever does not meet it in time has no place before or behind it, and may as well stand higher.
        upwards = range(slot.position, 0, -1) if slot in passed or not slot.meets(moved) else ()
        settled[slot] = _first_free(slot, chain(upwards, count(max(slot.position, 1))), settled)
    return settled


def _first_free(slot: Slot, positions: Iterable[int], settled: dict[Slot, int]) -> int:
    taken = {position for other, position in settled.items() if slot.meets(other)}
    return next(position for position in positions if position not in taken)


# -- Parts of each act -------------------------------------------------------------


def _begin(block: Block, seen: int | None, by) -> None:
    """Locks the block until the act is done."""
    if not may_curate(by, block):
        raise PermissionDenied(f"{by} may not curate “{block}”.")
    row = Block.objects.filter(pk=block.pk)
    if seen is not None:
        row = row.filter(version=seen)
    if not row.update(version=F("version") + 1):
        raise StaleBlock(block)


def _add(slot: Slot, by, by_name: str) -> None:
    slot.picked_by = by_name or name_of(by)
    slot.full_clean()
    slot.save()
    _tell_pages(slot)


def _not_ended(block: Block):
    return Slot.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now()), block=block.pk)


def _behind_all(block: Block) -> int:
    return max(_not_ended(block).values_list("position", flat=True), default=0) + 1


def _rearrange(slot: Slot, to: int) -> str:
    """Says, for the log, who made room."""
    slots = [slot, *_not_ended(slot.block).exclude(pk=slot.pk).select_related("story").defer("story__body")]
    to = min(max(to, 1), LAST_POSITION)
    settled = rearranged(slots, slot, to)
    changed = [other for other in slots if other.position != settled[other] and other != slot]
    for other in (slot, *changed):
        other.position = settled[other]
        other.save(update_fields=["position"])
    _tell_pages(slot)
    return "".join(f"; “{other}” → {other.position}" for other in changed)


def _tell_pages(slot: Slot) -> None:
    story = slot.story.moments if slot.story else []
    outbox.record(*slot.block.page_keys, moments=[slot.starts_at, slot.ends_at, *story])


def _words(slot: Slot) -> dict:
    return {"slot": slot, "position": slot.position}


def _history(block: Block):
    kind = ContentType.objects.get_for_model(Block)
    return LogEntry.objects.filter(content_type=kind, object_id=str(block.pk)).order_by("-action_time", "-pk")


def _log(block: Block, by, words: str) -> None:
    if by is not None:
        LogEntry.objects.log_actions(by.pk, [block], CHANGE, words, single_object=True)
