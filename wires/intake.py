"""From received bytes to stories. Everything is kept first; everything can be done twice.

An item is one transaction that holds the lock of its wire story, so two intakes of the same story take
turns. What the story should be follows from all its versions (wires.verdict), not from their order of
arrival, so a process killed at any point is mended by running the intake again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC

from django.db import DataError, IntegrityError, transaction

from articles import publishing
from articles.models import Story
from articles.publishing import ForbiddenAct
from wires.item_json import digest, from_json, to_json
from wires.known import Known
from wires.models import Dispatch, Feed, WireCopy, WireStory
from wires.parse import Unreadable, WireItem, parse
from wires.parse.item import Kind, Signal, Status
from wires.picture_files import is_picture
from wires.pictures import order_picture
from wires.verdict import Received, Verdict, verdict
from wires.writing import (
    changes,
    content_digest,
    content_of,
    destination,
    new_story,
    put_in,
    rules_of,
    suggest_likenesses,
    write_story,
)

Standing = WireCopy.Standing
State = Story.State


@dataclass
class Report:
    """What an intake did: `counts` by outcome, `lines` a story each, `failures` with their reasons."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def add(self, outcome: str, headline: str = "", changed: Iterable[str] = ()) -> None:
        self.counts[outcome] += 1
        if headline:
            self.lines.append(f"{outcome}: {headline}")
            self.lines += [f"    {change}" for change in changed]

    def __iadd__(self, other: Report) -> Report:
        self.counts += other.counts
        self.lines += other.lines
        self.failures += other.failures
        return self


def receive(data: bytes, name: str, feed: Feed | None = None) -> Report:
    """Keeps the bytes, then takes their items. The same bytes again change nothing, unless the first
    time was broken off. A picture is left where it is, for the story that names it."""
    if is_picture(data):
        return Report(Counter({"left alone (picture)": 1}))
    dispatch, _ = Dispatch.objects.get_or_create(
        sha256=hashlib.sha256(data).hexdigest(), defaults={"data": data, "name": name[-300:], "feed": feed}
    )
    if dispatch.outcome in (Dispatch.Outcome.TAKEN, Dispatch.Outcome.PARTLY):
        return Report(Counter({"repeated": 1}))
    return take(dispatch)


def take(dispatch: Dispatch) -> Report:
    """Takes all the items of a dispatch, also of one that was taken before: a replay."""
    feed, report, known = dispatch.feed, Report(), Known()
    try:
        parsed = parse(
            bytes(dispatch.data), zone=feed.tzinfo if feed else UTC, format=feed.format if feed else ""
        )
    except Unreadable as error:
        _close(dispatch, Dispatch.Outcome.QUARANTINED, str(error))
        report.failures.append(f"{dispatch.name}: {error}")
        return report
    reasons = list(parsed.failures)
    for item in parsed.items:
        try:
            report.add(*take_item(item, dispatch, known))
        except (DataError, IntegrityError, ForbiddenAct) as error:
            # This item does not fit, whatever is tried; a database that goes away is another matter.
            reasons.append(f"{item.guid or item.headline}: {error}")
            known.forget()
    report.failures += [f"{dispatch.name}: {reason}" for reason in reasons]
    outcome = Dispatch.Outcome.PARTLY if reasons else Dispatch.Outcome.TAKEN
    _close(dispatch, outcome, "\n".join(reasons), parsed.format)
    return report


def _close(dispatch: Dispatch, outcome: str, reason: str, format: str = "") -> None:
    dispatch.outcome, dispatch.reason, dispatch.format = outcome, reason, format
    dispatch.save(update_fields=["outcome", "reason", "format"])


@transaction.atomic
def take_item(item: WireItem, dispatch: Dispatch, known: Known) -> tuple[str, str, list[str]]:
    """One item: its outcome in a word, the headline it is about, and what changed in the story."""
    if item.kind != Kind.STORY:
        return f"left alone ({item.kind})", "", []
    outcome, changed = "", []
    if not item.provider:
        item = replace(item, provider=dispatch.feed.name if dispatch.feed else item.format)
    for guid in (item.guid, *item.cancels):
        status = item.status if guid == item.guid else Status.CANCELED
        wire_story, copies = _claimed(item.provider, guid)
        copy = _copy(wire_story, item, status, dispatch)
        if any(known_copy.digest == copy.digest for known_copy in copies):
            continue
        before = content_of(wire_story.story)
        done = settle(wire_story, [*copies, copy], dispatch.feed, known)
        copy.save(force_insert=True)
        outcome = outcome or done
        changed += changes(before, content_of(wire_story.story))
    return outcome or "repeated", item.headline or item.guid, changed


def _claimed(provider: str, guid: str) -> tuple[WireStory, list[WireCopy]]:
    """The wire story, made if it is new, its row locked until the transaction ends; and its versions."""
    wire_story = WireStory(provider=provider[:120], guid=guid[:300])
    # One statement that either makes the row or, writing what it says already, locks it.
    WireStory.objects.bulk_create(
        [wire_story],
        update_conflicts=True,
        unique_fields=["provider", "guid"],
        update_fields=["guid"],
    )
    copies = list(WireCopy.objects.filter(wire_story=wire_story.pk).defer("item").order_by("pk"))
    if copies:
        wire_story = WireStory.objects.select_related("story").get(pk=wire_story.pk)
    return wire_story, copies


def _copy(wire_story: WireStory, item: WireItem, status: Status, dispatch: Dispatch) -> WireCopy:
    content = to_json(item)
    return WireCopy(
        wire_story=wire_story,
        dispatch=dispatch,
        version=item.version[:60],
        version_created=item.version_created or dispatch.received,
        status=status,
        item=content,
        digest=digest(content | {"status": status}),
    )


# -- What follows from all versions ------------------------------------------------


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
    return apply_copy(wire_story, copy)


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
        copy.save(update_fields=["standing"])


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


def is_edited(wire_story: WireStory) -> bool:
    """Whether somebody changed the story since the wire last wrote it. Publishing it is no change."""
    return content_digest(wire_story.story) != wire_story.written


def _file(wire_story: WireStory, copy: WireCopy, feed: Feed | None, known: Known) -> str:
    item, by = from_json(copy.item), {"by_name": _by(wire_story)}
    goal = destination(item, feed, known.once("rules", lambda: rules_of(feed)))
    story, parts = new_story(item, feed, goal, known)
    outcome = "filed"
    if goal.publish:
        with suppress(ForbiddenAct):  # for an obstacle, which an editor will see
            publishing.publish(story, parts=parts, reason=f"Feed {feed}", **by)
            outcome = "published"
    if outcome == "filed":
        story.save()
        parts.store(story)
    put_in(story, goal.channels)
    if item.is_advisory:
        publishing.mark_advisory(story, **by)
        outcome = "advisory"
    wire_story.story, wire_story.written = story, content_digest(story)
    wire_story.save(update_fields=["story", "written"])
    suggest_likenesses(story)
    order_picture(story, item, copy)
    return outcome


def apply_copy(wire_story: WireStory, copy: WireCopy, fields: Iterable[str] | None = None, by=None) -> str:
    """Puts a version, or some of its fields, into the story, as its next version if it is public.

    The caller holds the lock of the wire story.
    """
    story, item = wire_story.story, from_json(copy.item)
    who = {"by": by, "by_name": "" if by else _by(wire_story)}
    write_story(story, item, fields)
    was_withheld, wire_story.withheld = wire_story.withheld, False
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
    wire_story.written = content_digest(story)
    wire_story.save(update_fields=["written", "withheld"])
    order_picture(story, item, copy)
    return "corrected" if item.signal == Signal.CORRECTION else "updated"


def _by(wire_story: WireStory) -> str:
    return f"Wire: {wire_story.provider}"[:150]
