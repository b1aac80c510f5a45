"""From received bytes to stories. Everything is kept first; everything can be done twice.

An item is one transaction that holds the lock of its wire story, so two intakes of the same story take
turns. What the story should be does not depend on the order of arrival (wires.settling), so a process
killed at any point is mended by running the intake again.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import NamedTuple

from django.db import DataError, IntegrityError, transaction

from articles.models import Story
from articles.publishing import ForbiddenAct
from wires.item_json import digest, to_json
from wires.known import Known
from wires.models import Dispatch, Feed, WireCopy, WireStory
from wires.parse import Unreadable, WireItem
from wires.parse.item import Kind, Status
from wires.picture_files import is_picture
from wires.reading import Outcome, Reader, Task, read
from wires.settling import settle
from wires.writing import changes, content_of, suggest_likenesses

Standing = WireCopy.Standing
DONE = (Dispatch.Outcome.TAKEN, Dispatch.Outcome.PARTLY)
PICTURE = "picture"  # the format of a dispatch that a story may name
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
    time was broken off. A picture is kept, for the story that names it."""
    [report] = receive_all([(name, data)], feed)
    return report


def receive_all(files: Iterable[tuple[str, bytes]], feed: Feed | None = None) -> Iterator[Report]:
    """Receives files by name, a batch at a time, with a report for each.

    While one batch is written another process parses the next, which is kept by then.
    """
    with Reader() as reader:
        last: list[Kept] = []
        known = Known()
        for batch in _batches(files):
            parsed, kept = reader.finish(), _keep(batch, feed)
            reader.start([entry.task for entry in kept if entry.task], aside=bool(last) or len(kept) >= FULL)
            yield from _take_all(last, parsed, known)
            last = kept
        yield from _take_all(last, reader.finish(), known)


# Files, and their bytes, that are held in memory at a time, twice.
FULL, MOST_BYTES = 100, 4_000_000


def _batches(files: Iterable[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    batch, size = [], 0
    for name, data in files:
        batch.append((name, data))
        size += len(data)
        if len(batch) == FULL or size > MOST_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class Kept(NamedTuple):
    """A received file, and what is to be read of it, if anything is."""

    dispatch: Dispatch
    task: Task | None


def _keep(batch: list[tuple[str, bytes]], feed: Feed | None) -> list[Kept]:
    """Stores the files as they are, each once, before anything is made of them."""
    digests = [hashlib.sha256(data).hexdigest() for _, data in batch]
    new = {
        sha256: Dispatch(sha256=sha256, data=data, name=name[-300:], feed=feed)
        for sha256, (name, data) in zip(digests, batch, strict=True)
    }
    for dispatch in new.values():
        if is_picture(dispatch.data):
            dispatch.outcome, dispatch.format = Dispatch.Outcome.TAKEN, PICTURE
    # In one order, so that two intakes of the same files wait for each other and not both.
    Dispatch.objects.bulk_create([new[sha256] for sha256 in sorted(new)], ignore_conflicts=True)
    stored = Dispatch.objects.filter(sha256__in=new).defer("data")
    dispatches = {dispatch.sha256: dispatch for dispatch in stored}
    for dispatch in dispatches.values():
        if feed and dispatch.feed_id == feed.pk:
            dispatch.feed = feed  # and not a copy of it each
    unread = {sha256 for sha256, dispatch in dispatches.items() if dispatch.outcome not in DONE}
    kept = []
    for sha256 in digests:
        dispatch = dispatches[sha256]
        kept.append(Kept(dispatch, _task(dispatch, new[sha256].data) if sha256 in unread else None))
        unread.discard(sha256)
    return kept


def _task(dispatch: Dispatch, data: bytes) -> Task:
    feed = dispatch.feed
    return Task(data, feed.tzinfo if feed else UTC, feed.format if feed else "")


def _take_all(batch: list[Kept], parsed: list[Outcome], known: Known) -> list[Report]:
    outcomes, reports = iter(parsed), []
    for entry in batch:
        if entry.task:
            reports.append(_take(entry.dispatch, next(outcomes), known))
        else:
            reports.append(_nothing_to_read(entry.dispatch))
    _close([entry.dispatch for entry in batch if entry.task])
    return reports


def _nothing_to_read(dispatch: Dispatch) -> Report:
    return Report(Counter({"left alone (picture)" if dispatch.format == PICTURE else "repeated": 1}))


def take(dispatch: Dispatch) -> Report:
    """Takes all the items of a dispatch, also of one that was taken before: a replay."""
    if dispatch.format == PICTURE:
        return _nothing_to_read(dispatch)
    report = _take(dispatch, read(_task(dispatch, bytes(dispatch.data))), Known())
    _close([dispatch])
    return report


def _take(dispatch: Dispatch, parsed: Outcome, known: Known) -> Report:
    report = Report()
    if isinstance(parsed, Unreadable):
        dispatch.outcome, dispatch.reason, dispatch.format = Dispatch.Outcome.QUARANTINED, str(parsed), ""
        report.failures.append(f"{dispatch.name}: {parsed}")
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
    dispatch.outcome = Dispatch.Outcome.PARTLY if reasons else Dispatch.Outcome.TAKEN
    dispatch.reason, dispatch.format = "\n".join(reasons), parsed.format
    return report


def _close(dispatches: list[Dispatch]) -> None:
    """Notes what became of them, an UPDATE for all to which the same happened.

    Who is killed before that takes them again, which changes nothing but brings this to its end.
    """
    if dispatches:
        suggest_likenesses(WireStory.objects.filter(copies__dispatch__in=[d.pk for d in dispatches]))
    alike: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for dispatch in dispatches:
        alike[dispatch.outcome, dispatch.reason, dispatch.format].append(dispatch.pk)
    for (outcome, reason, format), keys in alike.items():
        Dispatch.objects.filter(pk__in=keys).update(outcome=outcome, reason=reason, format=format)


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
    [wire_story] = WireStory.objects.raw(CLAIM, [provider[:120], guid[:300]])
    copies = WireCopy.objects.filter(wire_story=wire_story.pk).defer("item").order_by("pk")
    return wire_story, list(copies)


# Either makes the row or, writing what it says already, locks it. Both databases have it in these words.
CLAIM = """
    INSERT INTO wires_wirestory (provider, guid, written, withheld, headline_start, text_start)
    VALUES (%s, %s, '', FALSE, '', '')
    ON CONFLICT (provider, guid) DO UPDATE SET guid = excluded.guid RETURNING *
"""


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
