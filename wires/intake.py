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
from django.db.models import QuerySet

from articles.models import Story
from articles.prepared import Blanks, prepared
from articles.publishing import ForbiddenAct
from articles.statements import insert, insert_unless_there
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
    unread = [entry.dispatch for entry in batch if entry.task]
    reports = iter(_take(list(map(Read.of, unread, parsed)), known))
    return [next(reports) if entry.task else _nothing_to_read(entry.dispatch) for entry in batch]


def _nothing_to_read(dispatch: Dispatch) -> Report:
    return Report(Counter({"left alone (picture)" if dispatch.format == PICTURE else "repeated": 1}))


def take(dispatch: Dispatch) -> Report:
    """Takes all the items of a dispatch, also of one that was taken before: a replay."""
    if dispatch.format == PICTURE:
        return _nothing_to_read(dispatch)
    [report] = _take([Read.of(dispatch, read(_task(dispatch, bytes(dispatch.data))))], Known())
    return report


class Read(NamedTuple):
    """A dispatch as it was read; its items as the versions that they are, of stories yet to be found."""

    dispatch: Dispatch
    outcome: Outcome
    copies: list[WireCopy]

    @classmethod
    def of(cls, dispatch: Dispatch, outcome: Outcome) -> Read:
        items = () if isinstance(outcome, Unreadable) else outcome.items
        return cls(dispatch, outcome, [_copy(item, dispatch) for item in items])


def _take(batch: list[Read], known: Known) -> list[Report]:
    stored = _stored([copy for entry in batch for copy in entry.copies])
    reports = [_take_dispatch(entry, stored, known) for entry in batch]
    _close([entry.dispatch for entry in batch])
    return reports


def _stored(copies: list[WireCopy]) -> set[str]:
    """The digests of those that were taken before. A feed on the web brings most of its entries again."""
    if not copies:
        return set()
    items = [copy.wire_item for copy in copies]
    there = WireCopy.objects.filter(
        wire_story__provider__in={item.provider[:120] for item in items},
        wire_story__guid__in={item.guid[:300] for item in items},
        digest__in={copy.digest for copy in copies},
    )
    return set(there.values_list("digest", flat=True))


def _take_dispatch(read: Read, stored: set[str], known: Known) -> Report:
    report, (dispatch, outcome, copies) = Report(), read
    if isinstance(outcome, Unreadable):
        dispatch.outcome, dispatch.reason, dispatch.format = Dispatch.Outcome.QUARANTINED, str(outcome), ""
        report.failures.append(f"{dispatch.name}: {outcome}")
        return report
    reasons = list(outcome.failures)
    for copy in copies:
        item = copy.wire_item
        if copy.digest in stored and not item.cancels:
            report.add("repeated", item.headline or item.guid)
            continue
        try:
            report.add(*_taken(copy, known))
            stored.add(copy.digest)
        except (DataError, IntegrityError, ForbiddenAct) as error:
            # This item does not fit, whatever is tried; a database that goes away is another matter.
            reasons.append(f"{item.guid or item.headline}: {error}")
            known.forget()
    report.failures += [f"{dispatch.name}: {reason}" for reason in reasons]
    dispatch.outcome = Dispatch.Outcome.PARTLY if reasons else Dispatch.Outcome.TAKEN
    dispatch.reason, dispatch.format = "\n".join(reasons), outcome.format
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


def _taken(copy: WireCopy, known: Known) -> tuple[str, str, list[str]]:
    """Tried again should a row be gone that was known, which an editor has merged or removed."""
    try:
        return take_item(copy, known)
    except IntegrityError:
        known.forget()
        return take_item(_copy(copy.wire_item, copy.dispatch), known)


@transaction.atomic
def take_item(copy: WireCopy, known: Known) -> tuple[str, str, list[str]]:
    """One item: its outcome in a word, the headline it is about, and what changed in the story."""
    item, dispatch = copy.wire_item, copy.dispatch
    if item.kind != Kind.STORY:
        return f"left alone ({item.kind})", "", []
    outcome, changed = "", []
    others = [(guid, _copy(item, dispatch, Status.CANCELED)) for guid in item.cancels if guid != item.guid]
    for guid, version in [(item.guid, copy), *others]:
        wire_story, copies = _claimed(item.provider, guid)
        if any(before.digest == version.digest for before in copies):
            continue
        version.wire_story = wire_story
        before = content_of(wire_story.story)
        done = settle(wire_story, [*copies, version], dispatch.feed, known)
        insert([version])
        outcome = outcome or done
        changed += changes(before, content_of(wire_story.story))
    return outcome or "repeated", item.headline or item.guid, changed


def _claimed(provider: str, guid: str) -> tuple[WireStory, list[WireCopy]]:
    """The wire story, made if it is new, its row locked until the transaction ends; and its versions."""
    wire_story = WireStory(provider=provider[:120], guid=guid[:300])
    if insert_unless_there(wire_story):
        return wire_story, []
    [wire_story] = _locked(provider=wire_story.provider, guid=wire_story.guid)
    return wire_story, _copies(wire_story=wire_story.pk)


@prepared
def _locked(blank: Blanks) -> QuerySet:
    rows = WireStory.objects.filter(provider=blank.text("provider"), guid=blank.text("guid"))
    return rows.select_for_update(of=["self"]).select_related("story__source", "story__working_copy")


@prepared
def _copies(blank: Blanks) -> QuerySet:
    return WireCopy.objects.filter(wire_story=blank.key("wire_story")).defer("item").order_by("pk")


def _copy(item: WireItem, dispatch: Dispatch, status: Status | None = None) -> WireCopy:
    """The version that an item is, of a story that is yet to be found."""
    if not item.provider:
        item = replace(item, provider=dispatch.feed.name if dispatch.feed else item.format)
    content, status = to_json(item), status or item.status
    copy = WireCopy(
        dispatch=dispatch,
        version=item.version[:60],
        version_created=item.version_created or dispatch.received,
        status=status,
        item=content,
        digest=digest(content | {"status": status}),
    )
    copy.wire_item = item
    return copy
