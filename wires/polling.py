"""Looking for new copy where a feed says it is, and handing what is there to the intake.

A feed is claimed before it is looked at, so that pollers take turns; a claim that nobody renews ends by
itself. What the feed remembers of a look is written last, when all that came is kept: whoever is killed in
between looks at the same once more, which changes nothing.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, time_ns
from urllib.parse import unquote, urlsplit, urlunsplit

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from wires.fetch import FetchError, folder, http, mailbox
from wires.intake import Report, receive
from wires.models import Dispatch, Feed

logger = logging.getLogger(__name__)

Kind = Feed.Kind
Entries = Iterator[tuple[str, bytes | FetchError]]

CLAIM = timedelta(minutes=10)
BUSY = "looked at by another process"
# Also what lies in a folder is met again: the newest files and the pictures beside the copy.
NO_NEWS = ("repeated", "refused", "left alone (picture)", BUSY)


def due(now: datetime) -> QuerySet[Feed]:
    """The feeds to look at, those that have waited longest first."""
    return (
        Feed.objects.filter(is_active=True)
        .exclude(kind=Kind.BY_HAND)
        .filter(Q(next_look=None) | Q(next_look__lte=now), _unclaimed(now))
        .order_by(F("next_look").asc(nulls_first=True), "pk")
    )


def poll_due() -> Iterator[Report]:
    """Looks at each feed that is due, once."""
    for pk in list(due(timezone.now()).values_list("pk", flat=True)):
        # Read again: looking at the others has taken its time.
        feed = due(timezone.now()).filter(pk=pk).first()
        if feed:
            yield poll(feed, timezone.now())


def poll(feed: Feed, now: datetime) -> Report:
    """Looks at the feed at once, whether it is due or not; failures are in the report and on the feed."""
    if feed.kind not in FETCHERS:
        return Report(failures=[f"{feed}: it is fed by hand: manage.py ingest --feed {feed} PATH"])
    claim = _Claim(feed, now)
    if not claim.take():
        return Report(Counter({BUSY: 1}))
    report, memory = Report(), _Memory.of(feed)
    error: Exception | None = None
    try:
        for name, found in FETCHERS[feed.kind](feed, memory):
            report += _take(feed, name, found)
            claim.renew()
    except FetchError as reason:
        error = reason
    except (OperationalError, InterfaceError):
        raise  # our own database is away: nothing can be noted, and it is not the feed that failed
    except Exception as reason:
        logger.exception("Looking at the feed %s went wrong.", feed)
        error = reason
    if error:
        report.failures.append(str(error) if isinstance(error, FetchError) else repr(error))
    columns = _outcome(feed, now, report, error)
    if columns.get("failures"):
        # An answer that could not be read is to be fetched, and told of, once more.
        memory = replace(_Memory.of(feed), seen=memory.seen)
    claim.end(**columns, **memory.columns())
    report.failures = [f"{feed}: {reason}" for reason in report.failures]
    return report


def _take(feed: Feed, name: str, found: bytes | FetchError) -> Report:
    if isinstance(found, FetchError):
        return Report(failures=[f"{name}: {found}"])
    if feed.kind in (Kind.MAILDIR, Kind.IMAP) and mailbox.sender(found) not in _senders(feed):
        return Report(Counter({"refused": 1}))
    same = Dispatch.objects.filter(sha256=hashlib.sha256(found).hexdigest())
    # A file in quarantine has been told of. An address that still gives what cannot be read is at fault.
    if feed.kind != Kind.HTTP and same.filter(outcome=Dispatch.Outcome.QUARANTINED).exists():
        return Report(Counter({"repeated": 1}))
    try:
        return receive(found, name, feed)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if not same.exists():
            raise
        # It is kept, and will be taken again; it must not keep those behind it out.
        logger.exception("%s of the feed %s could not be taken.", name, feed)
        return Report(failures=[f"{name}: {error!r}"])


def _senders(feed: Feed) -> set[str]:
    return {line.strip().lower() for line in feed.senders.splitlines() if line.strip()}


def _outcome(feed: Feed, now: datetime, report: Report, error: Exception | None) -> dict:
    """The columns that say how the look went."""
    interval = timedelta(minutes=max(feed.interval, 1))
    columns: dict = {"looked": now, "next_look": now + interval}
    if any(outcome not in NO_NEWS for outcome in report.counts):
        columns["last_item"] = now
    # One bad file among good ones is in quarantine, and the feed is well.
    if not report.failures or (report.counts and not error):
        return columns | {"last_success": now, "failures": 0, "last_error": ""}
    failures = feed.failures + 1
    if error:
        asked = timedelta(seconds=getattr(error, "retry_after", None) or 0)
        columns["next_look"] = now + max(http.back_off(failures, interval), asked)
    return columns | {"failures": failures, "last_error": report.failures[-1]}


# -- Taking turns ------------------------------------------------------------------


def _unclaimed(now: datetime) -> Q:
    return Q(claimed_until=None) | Q(claimed_until__lte=now)


class _Claim:
    """The right to look at a feed, for a while."""

    def __init__(self, feed: Feed, now: datetime) -> None:
        self._feed = feed
        self._now = now
        self._started = self._renewed = monotonic()
        self._until = now + CLAIM

    def take(self) -> bool:
        """Not if somebody has looked at the feed since it was read, or is about it now."""
        unchanged = Feed.objects.filter(pk=self._feed.pk, next_look=self._feed.next_look)
        return unchanged.filter(_unclaimed(self._now)).update(claimed_until=self._until) == 1

    def renew(self) -> None:
        clock = monotonic()
        if clock - self._renewed < CLAIM.total_seconds() / 4:
            return
        until = self._now + timedelta(seconds=clock - self._started) + CLAIM
        if not self._mine().update(claimed_until=until):
            raise FetchError("Another process has taken over.")
        self._until, self._renewed = until, clock

    def end(self, **columns: object) -> None:
        """Writes nothing if another process has taken over meanwhile: what that one finds is newer."""
        self._mine().update(claimed_until=None, **columns)

    def _mine(self) -> QuerySet[Feed]:
        return Feed.objects.filter(pk=self._feed.pk, claimed_until=self._until)


# -- Where it is -------------------------------------------------------------------


@dataclass
class _Memory:
    """Up to where a feed has been read. `place` tells whether that was the place it is read from now."""

    place: str
    etag: str = ""
    last_modified: str = ""
    seen: str = ""

    @classmethod
    def of(cls, feed: Feed) -> _Memory:
        # With another list of senders, what was refused so far may be wanted.
        told = "\n".join([feed.kind, feed.location, *sorted(_senders(feed))])
        place = hashlib.sha256(told.encode()).hexdigest()[:12]
        known, _, seen = feed.seen.partition(" ")
        return cls(place, feed.etag, feed.last_modified, seen) if known == place else cls(place)

    def columns(self) -> dict[str, str]:
        columns = {"seen": f"{self.place} {self.seen}"}
        for name in ("etag", "last_modified"):
            value = getattr(self, name)
            columns[name] = value if len(value) <= Feed._meta.get_field(name).max_length else ""
        return columns


class _Changes:
    """Tells what came into a folder since the last look, by the time at which a file's entry changed.

    Not by its own time, which may be years old when somebody moves or copies it there. The minutes before
    a look count as not seen: files that were still growing then were left alone.
    """

    OVERLAP = 600 * 10**9

    def __init__(self, seen: str) -> None:
        now = time_ns()
        self._most = now - self.OVERLAP
        # A mark ahead of the clock is from a time when the clock was wrong.
        self._since = int(seen) if seen.isdecimal() and int(seen) < now else 0
        self._newest = self._since

    def is_new(self, name: str, found: os.stat_result) -> bool:
        self._newest = max(self._newest, found.st_ctime_ns)
        return found.st_ctime_ns >= self._since

    @property
    def seen(self) -> str:
        return str(min(self._newest, self._most))


def _from_folder(feed: Feed, memory: _Memory) -> Entries:
    changes = _Changes(memory.seen)
    yield from folder.entries(Path(feed.location), wanted=changes.is_new)
    memory.seen = changes.seen


def _from_maildir(feed: Feed, memory: _Memory) -> Entries:
    changes = _Changes(memory.seen)
    taken = {key for key, found in _delivered(Path(feed.location)) if not changes.is_new(key, found)}
    yield from mailbox.maildir_entries(Path(feed.location), taken=taken)
    memory.seen = changes.seen


def _delivered(maildir: Path) -> Iterator[tuple[str, os.stat_result]]:
    with suppress(OSError):  # the fetcher will say what is wrong with the folder
        for file in [*(maildir / "new").iterdir(), *(maildir / "cur").iterdir()]:
            with suppress(FileNotFoundError):
                yield file.name.partition(":")[0], file.stat()


def _from_web(feed: Feed, memory: _Memory) -> Entries:
    try:
        url = urlsplit(feed.location)
        ports = http.Limits().ports | ({url.port} if url.port else set())
    except ValueError as error:
        raise FetchError(f"This is no URL that can be fetched: {error}") from error
    fetched = http.fetch(
        feed.location,
        user_agent="newsportal",
        etag=memory.etag,
        last_modified=memory.last_modified,
        limits=http.Limits(ports=ports),
        allow_private=settings.FEED_PRIVATE_NETWORKS,
    )
    if fetched.data is not None:
        # Without its query, in which there may be a key.
        yield urlunsplit((url.scheme, url.netloc, url.path, "", "")), fetched.data
    memory.etag, memory.last_modified = fetched.etag, fetched.last_modified


def _from_mailbox(feed: Feed, memory: _Memory) -> Entries:
    variable = f"FEED_PASSWORD_{feed.name.upper().replace('-', '_')}"
    if variable not in settings.FEED_PASSWORDS:
        raise FetchError(f"The environment has no {variable}.")
    try:
        url = urlsplit(feed.location)
        host, port, user = url.hostname, url.port or 993, unquote(url.username or "")
        since = mailbox.Uid(*map(int, memory.seen.split(":"))) if memory.seen else mailbox.NOTHING_YET
    except ValueError as error:
        raise FetchError(f"The mailbox's address is not like imaps://user@host/folder: {error}") from error
    if url.scheme != "imaps" or not host or not user:
        raise FetchError("The mailbox's address is not like imaps://user@host/folder.")
    inbox = unquote(url.path.strip("/")) or "INBOX"
    password = settings.FEED_PASSWORDS[variable]
    for uid, message in mailbox.imap_entries(host, port, user, password, inbox, since):
        yield f"{inbox} {uid.validity}:{uid.number}", message
        # Once it is kept; when the connection breaks, the next look goes on from here.
        memory.seen = f"{uid.validity}:{uid.number}"


# A fetcher notes in the memory what need not be fetched again, after it was kept.
FETCHERS: dict[str, Callable[[Feed, _Memory], Entries]] = {
    Kind.FOLDER: _from_folder,
    Kind.HTTP: _from_web,
    Kind.MAILDIR: _from_maildir,
    Kind.IMAP: _from_mailbox,
}
