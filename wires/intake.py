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
from django.db.models import Q

from articles import publishing
from articles.models import Story
from articles.publishing import ForbiddenAct
from wires.item_json import digest, from_json, to_json
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
    draft_from,
    is_edited,
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
    feed, report = dispatch.feed, Report()
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
            report.add(*take_item(item, dispatch))
        except (DataError, IntegrityError, ForbiddenAct) as error:
            # This item does not fit, whatever is tried; a database that goes away is another matter.
            reasons.append(f"{item.guid or item.headline}: {error}")
    report.failures += [f"{dispatch.name}: {reason}" for reason in reasons]
    outcome = Dispatch.Outcome.PARTLY if reasons else Dispatch.Outcome.TAKEN
    _close(dispatch, outcome, "\n".join(reasons), parsed.format)
    return report


def _close(dispatch: Dispatch, outcome: str, reason: str, format: str = "") -> None:
    dispatch.outcome, dispatch.reason, dispatch.format = outcome, reason, format
    dispatch.save(update_fields=["outcome", "reason", "format"])


@transaction.atomic
def take_item(item: WireItem, dispatch: Dispatch) -> tuple[str, str, list[str]]:
    """One item: its outcome in a word, the headline it is about, and what changed in the story."""
    if item.kind != Kind.STORY:
        return f"left alone ({item.kind})", "", []
    outcome, changed = "", []
    if not item.provider:
        item = replace(item, provider=dispatch.feed.name if dispatch.feed else item.format)
    for guid in (item.guid, *item.cancels):
        status = item.status if guid == item.guid else Status.CANCELED
        wire_story = _locked(item.provider, guid)
        if _keep(wire_story, item, status, dispatch):
            before = content_of(wire_story.story)
            done = settle(wire_story, dispatch.feed)
            outcome = outcome or done
            changed += changes(before, content_of(wire_story.story))
    return outcome or "repeated", item.headline or item.guid, changed


def _locked(provider: str, guid: str) -> WireStory:
    identity = {"provider": provider[:120], "guid": guid[:300]}
    WireStory.objects.bulk_create([WireStory(**identity)], ignore_conflicts=True)
    return WireStory.objects.select_for_update().get(**identity)


def _keep(wire_story: WireStory, item: WireItem, status: Status, dispatch: Dispatch) -> bool:
    """Whether the version is new to us. The lock on the wire story is held, so nobody adds it meanwhile."""
    content = to_json(item)
    identity = {"wire_story": wire_story, "digest": digest(content | {"status": status})}
    if WireCopy.objects.filter(**identity).exists():
        return False
    WireCopy.objects.create(
        **identity,
        dispatch=dispatch,
        version=item.version[:60],
        version_created=item.version_created or dispatch.received,
        status=status,
        item=content,
    )
    return True


# -- What follows from all versions ------------------------------------------------


def verdict_on(wire_story: WireStory) -> Verdict[int]:
    # A kill that an editor overruled by taking a later version counts no more.
    rows = wire_story.copies.exclude(~Q(status=Status.USABLE), standing=Standing.REFUSED)
    return verdict(
        Received(pk, Status(status), created, version, pk)
        for pk, status, created, version in rows.values_list("pk", "status", "version_created", "version")
    )


def settle(wire_story: WireStory, feed: Feed | None) -> str:
    """Brings the story to what its versions say; the caller holds the lock. Doing it again does nothing."""
    found = verdict_on(wire_story)
    _mark(wire_story, found)
    if found.is_killed:
        return _kill(wire_story, found)
    if found.is_withheld:
        return _withhold(wire_story)
    if found.newest is None:
        return "kept"
    copy = wire_story.copies.get(pk=found.newest)
    if copy.standing in (Standing.APPLIED, Standing.WAITING, Standing.REFUSED):
        return "older"
    item = from_json(copy.item)
    if wire_story.story is None:
        _stand([copy.pk], Standing.APPLIED)
        return _file(wire_story, copy, item, feed)
    if is_edited(wire_story) or _withdrawn_by_editors(wire_story):
        _stand([copy.pk], Standing.WAITING)
        return "waiting"
    return apply_copy(wire_story, copy)


def _mark(wire_story: WireStory, found: Verdict[int]) -> None:
    stops = wire_story.copies.exclude(status=Status.USABLE).exclude(
        standing__in=[Standing.STOP, Standing.REFUSED]
    )
    stops.update(standing=Standing.STOP)
    waiting = wire_story.copies.filter(standing=Standing.WAITING)
    waiting.exclude(pk__in=[key for key in (found.newest, found.reopens) if key]).update(
        standing=Standing.OLDER
    )


def _stand(keys: Iterable[int], standing: str) -> None:
    WireCopy.objects.filter(pk__in=list(keys)).update(standing=standing)


def _kill(wire_story: WireStory, found: Verdict[int]) -> str:
    if found.reopens:
        _stand([found.reopens], Standing.WAITING)
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


def _file(wire_story: WireStory, copy: WireCopy, item: WireItem, feed: Feed | None) -> str:
    goal = destination(item, feed)
    story = draft_from(item, feed, goal)
    wire_story.story = story
    wire_story.written = content_digest(story)
    wire_story.save(update_fields=["story", "written"])
    suggest_likenesses(story)
    order_picture(story, item, copy)
    by = {"by_name": _by(wire_story)}
    if item.is_advisory:
        publishing.mark_advisory(story, **by)
        return "advisory"
    if goal.publish:
        with suppress(ForbiddenAct):  # for an obstacle, which an editor will see
            publishing.publish(story, reason=f"Feed {feed}", **by)
            return "published"
    return "filed"


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
    _stand([copy.pk], Standing.APPLIED)
    wire_story.written = content_digest(story)
    wire_story.save(update_fields=["written", "withheld"])
    order_picture(story, item, copy)
    return "corrected" if item.signal == Signal.CORRECTION else "updated"


def _by(wire_story: WireStory) -> str:
    return f"Wire: {wire_story.provider}"[:150]
