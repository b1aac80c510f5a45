"""Wire versions that wait beside a story until an editor decides: what they would change, and the two
decisions, to take fields of one or to leave the story as it is."""

from __future__ import annotations

import copy as copies
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from articles.markup import plain_text
from articles.models import Story
from articles.models.stories import StaleVersion
from articles.publishing import RIGHTS, ForbiddenAct, Verb, refuse_over_working_copy
from articles.wording import Pieces, word_changes
from wires.known import Known
from wires.models import WireCopy, WireStory
from wires.parse.item import Signal, Status
from wires.pictures import order_picture
from wires.settling import apply_copy, note_written
from wires.writing import FIELDS, destination, draft_from, rules_of, suggest_likenesses, write_story

Standing = WireCopy.Standing
State = Story.State


@dataclass(frozen=True, slots=True)
class Difference:
    name: str
    label: str
    pieces: Pieces


# -- What it would change ----------------------------------------------------------


def differences(copy: WireCopy) -> list[Difference]:
    """Field by field, from the story as it is to what it would be; against nothing if there is no story."""
    story = copy.wire_story.story or Story()
    proposed = copies.copy(story)
    with transaction.atomic():
        write_story(proposed, copy.wire_item, Known())
        transaction.set_rollback(True)  # a source that nobody has named before is made when it is taken
    proposed.tidy()
    return [
        Difference(name, str(Story._meta.get_field(name).verbose_name), _pieces(name, story, proposed))
        for name in FIELDS
        if getattr(story, name) != getattr(proposed, name)
    ]


def _pieces(name: str, story: Story, proposed: Story) -> Pieces:
    old, new = _text(getattr(story, name)), _text(getattr(proposed, name))
    if name == "body" and plain_text(old) != plain_text(new):
        old, new = plain_text(old), plain_text(new)
    return word_changes(old, new)


def _text(value) -> str:
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%a %d %b %Y %H:%M %Z}"
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return "" if value is None else str(value)


# -- The decisions -------------------------------------------------------------------


def rights(copy: WireCopy) -> list[str]:
    """What one must be allowed to do to decide on it, either way."""
    story = copy.wire_story.story
    if story is None:
        return ["articles.add_story"]
    if story.state == State.WITHDRAWN:
        return [RIGHTS[Verb.RESTORE], RIGHTS[Verb.PUBLISH]]
    if story.state == State.PUBLISHED:
        return [RIGHTS[Verb.CORRECT if copy.item.get("signal") == Signal.CORRECTION else Verb.UPDATE]]
    return ["articles.change_story"]


def may_decide(copy: WireCopy, user) -> bool:
    """Has `user` these rights to its story, or where it would be filed?"""
    story, needed = copy.wire_story.story, rights(copy)
    if story is None:
        feed = copy.dispatch.feed
        channels = destination(copy.wire_item, feed, rules_of(feed)).channels
        return user.has_perms(needed) and all(user.has_perms(needed, channel) for channel in channels)
    return user.has_perms(needed, story)


@transaction.atomic
def take(copy: WireCopy, fields: Iterable[str], by, *, seen: int | None = None) -> Story:
    """Puts those fields into the story, by the act that its state asks for.

    A version without a story, killed before it came, is filed whole as a draft. `seen` is the version of
    the story that was compared. Raises ForbiddenAct, StaleVersion or PermissionDenied; nothing has
    changed then.
    """
    copy = _locked(copy, by)
    wire_story = copy.wire_story
    # Who takes what came after a kill overrules it; a later kill is a new one.
    wire_story.copies.filter(status=Status.CANCELED).update(standing=Standing.REFUSED)
    if wire_story.story is None:
        return _file(copy)
    if seen not in (None, wire_story.story.version):
        raise StaleVersion(wire_story.story)
    refuse_over_working_copy(wire_story.story)
    differing = {difference.name for difference in differences(copy)}
    taken = differing.intersection(fields)
    if differing and not taken:
        raise ForbiddenAct("Tick what the story is to take, or leave it as it is.")
    apply_copy(wire_story, copy, Known(), taken, by)
    if taken != differing:
        # No text has this digest: part of the story is the editors' own, so the next version waits too.
        wire_story.written = ""
        wire_story.save(update_fields=["written"])
    return wire_story.story


@transaction.atomic
def refuse(copy: WireCopy, by) -> None:
    """Leaves the story as it is; this version will not wait again. Raises as `take` does."""
    copy = _locked(copy, by)
    copy.standing = Standing.REFUSED
    copy.save(update_fields=["standing"])


def _locked(copy: WireCopy, by) -> WireCopy:
    """The copy as it is now, its wire story locked, if it still waits and `by` may decide on it."""
    wire_story = WireStory.objects.select_for_update().get(pk=copy.wire_story_id)
    copy = wire_story.copies.get(pk=copy.pk)
    if copy.standing != Standing.WAITING:
        raise ForbiddenAct(f"This version waits no more. It stands at: {copy.get_standing_display()}.")
    if not may_decide(copy, by):
        raise PermissionDenied(
            f"{by} may not decide on it: it takes {', '.join(rights(copy))} where the story stands."
        )
    return copy


def _file(copy: WireCopy) -> Story:
    story, wire_story = draft_from(copy.wire_item, copy.dispatch.feed), copy.wire_story
    note_written(wire_story, story)
    suggest_likenesses(WireStory.objects.filter(pk=wire_story.pk))
    copy.standing = Standing.APPLIED
    copy.save(update_fields=["standing"])
    order_picture(story, copy.wire_item, copy)
    return story
