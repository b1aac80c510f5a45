"""What a story should be follows from all versions of it that were received (wires.verdict), not from the
order of their arrival: bringing it there, and doing that again, ends the same.

Everything in here runs in a transaction of the caller, who holds the lock of the wire story.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from articles import publishing
from articles.models import Story
from articles.publishing import ForbiddenAct
from articles.statements import update
from wires.known import Known
from wires.models import Feed, WireCopy, WireStory
from wires.parse.item import Signal, Status
from wires.pictures import order_picture
from wires.verdict import Received, Verdict, verdict
from wires.writing import (
    content_digest,
    destination,
    is_edited,
    new_story,
    rules_of,
    starts_of,
    write_story,
)

Standing = WireCopy.Standing
State = Story.State


def settle(wire_story: WireStory, copies: list[WireCopy], feed: Feed | None, known: Known) -> str:
    """Brings the story to what all its versions say, in the order of their arrival.

    The caller holds the lock, and stores the one that is new. Doing it again does nothing.
    """
    found = _verdict_on(copies)
    _mark(copies, found)
    if found.is_killed:
        return _kill(wire_story, found)
    if found.is_withheld:
        return _withhold(wire_story)
    copy = found.newest
    if copy is None:
        return "kept"
    if copy.standing in (Standing.APPLIED, Standing.WAITING, Standing.REFUSED):
        return "older"
    if wire_story.story is None:
        _stand(copy, Standing.APPLIED)
        return _file(wire_story, copy, feed, known)
    if is_edited(wire_story) or _withdrawn_by_editors(wire_story):
        _stand(copy, Standing.WAITING)
        return "waiting"
    return apply_copy(wire_story, copy, known)


def _verdict_on(copies: list[WireCopy]) -> Verdict[WireCopy]:
    return verdict(
        Received(copy, Status(copy.status), copy.version_created, copy.version, arrived)
        for arrived, copy in enumerate(copies)
        # A kill that an editor overruled by taking a later version counts no more.
        if copy.status == Status.USABLE or copy.standing != Standing.REFUSED
    )


def _mark(copies: list[WireCopy], found: Verdict[WireCopy]) -> None:
    for copy in copies:
        if copy.status != Status.USABLE and copy.standing not in (Standing.STOP, Standing.REFUSED):
            _stand(copy, Standing.STOP)
        elif copy.standing == Standing.WAITING and copy not in (found.newest, found.reopens):
            _stand(copy, Standing.OLDER)


def _stand(copy: WireCopy, standing: str) -> None:
    """A copy that is new is stored with it later."""
    copy.standing = standing
    if copy.pk:
        update(copy, "standing")


def _kill(wire_story: WireStory, found: Verdict[WireCopy]) -> str:
    if found.reopens:
        _stand(found.reopens, Standing.WAITING)
    story = wire_story.story
    if story is None:
        return "kill kept for its story"
    if story.withdrawals.filter(kind="kill").exists() and story.state == State.WITHDRAWN:
        return "waiting" if found.reopens else "killed"
    publishing.kill(story, reason="Killed by the agency", by_name=_by(wire_story))
    return "killed"


def _withhold(wire_story: WireStory) -> str:
    story = wire_story.story
    if story is None:
        return "withheld"
    if story.state == State.PUBLISHED:
        publishing.unpublish(story, reason="Withheld by the agency", by_name=_by(wire_story))
        wire_story.withheld = True
        wire_story.save(update_fields=["withheld"])
    return "withheld"


def _withdrawn_by_editors(wire_story: WireStory) -> bool:
    return wire_story.story.state == State.WITHDRAWN and not wire_story.withheld


def _may_be_carried(story: Story, channels: list) -> bool:
    """Whether its source's contract lets a site of these channels carry it; asked before it has a row."""
    source = story.source
    return not source or not channels or any(source.may_be_carried_by(channel.site) for channel in channels)


def _file(wire_story: WireStory, copy: WireCopy, feed: Feed | None, known: Known) -> str:
    item, by = copy.wire_item, {"by_name": _by(wire_story)}
    goal = destination(item, feed, known.once("rules", lambda: rules_of(feed)))
    story, parts = new_story(item, feed, goal, known)
    outcome = "filed"
    if goal.publish and _may_be_carried(story, goal.channels):
        with suppress(ForbiddenAct):  # for an obstacle, which an editor will see
            publishing.publish_new(story, parts, reason=f"Feed {feed}", **by)
            outcome = "published"
    if outcome == "filed":
        story.save()
        parts.store(story)
    if item.is_advisory:
        publishing.mark_advisory(story, **by)
        outcome = "advisory"
    note_written(wire_story, story)
    order_picture(story, item, copy)
    return outcome


def note_written(wire_story: WireStory, story: Story) -> None:
    """Notes in which story the wire wrote what."""
    wire_story.story, wire_story.written, wire_story.withheld = story, content_digest(story), False
    starts = starts_of(story)
    for name, letters in starts.items():
        setattr(wire_story, name, letters)
    update(wire_story, "story", "written", "withheld", *starts)


def apply_copy(
    wire_story: WireStory, copy: WireCopy, known: Known, fields: Iterable[str] | None = None, by=None
) -> str:
    """Puts a version, or some of its fields, into the story, as its next version if it is public.

    The caller holds the lock of the wire story.
    """
    story, item = wire_story.story, copy.wire_item
    who = {"by": by, "by_name": "" if by else _by(wire_story)}
    write_story(story, item, known, fields)
    was_withheld = wire_story.withheld
    if story.state == State.WITHDRAWN:
        publishing.restore(
            story, reason="Released by the agency" if was_withheld else "Taken from the wire", **who
        )
        publishing.publish(story, **who)
    elif story.state != State.PUBLISHED:
        story.save()
    elif item.signal == Signal.CORRECTION:
        note = item.correction_note or f"{story.source or wire_story.provider} has corrected this story."
        publishing.correct(story, note=note, **who)
    else:
        publishing.update(story, **who)
    wire_story.copies.filter(standing=Standing.APPLIED).update(standing=Standing.OLDER)
    _stand(copy, Standing.APPLIED)
    note_written(wire_story, story)
    order_picture(story, item, copy)
    return "corrected" if item.signal == Signal.CORRECTION else "updated"


def _by(wire_story: WireStory) -> str:
    return f"Wire: {wire_story.provider}"[:150]
