"""Says what acts have changed, to everybody who has to know: page caches, those in front, other services.

An act writes a row in its own transaction, so a change and the word of it are there together or not at
all. Each consumer keeps its own position and reads on from there. PostgreSQL's rows appear when their
transaction commits, not in the order of their numbers: a position is therefore the number of a transaction
below which all have ended, with the rows beyond that were read already.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.transaction import TransactionManagementError
from django.utils import timezone

CHANNEL = "newsportal_change"  # on which PostgreSQL notifies listeners of a commit

_INSERT = {
    "postgresql": f"""
        INSERT INTO newsportal_change (xid, keys, moments)
        SELECT pg_current_xact_id()::text::bigint, %s, %s FROM pg_notify('{CHANNEL}', '')
    """,
    "sqlite": "INSERT INTO newsportal_change (xid, keys, moments) VALUES (0, %s, %s)",
}

# One statement, so that mark and rows are of one snapshot.
_READ = {
    "postgresql": """
        SELECT now.mark, change.xid, change.id, change.keys, change.moments
        FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS mark) AS now
        LEFT JOIN newsportal_change AS change ON change.xid >= %s
        ORDER BY change.xid, change.id LIMIT %s
    """,
    # Its transactions commit one after the other: the number of a row is that of its transaction, too.
    "sqlite": """
        SELECT now.mark, change.id, change.id, change.keys, change.moments
        FROM (SELECT coalesce(max(seq), 0) + 1 AS mark FROM sqlite_sequence
              WHERE name = 'newsportal_change') AS now
        LEFT JOIN newsportal_change AS change ON change.id >= %s ORDER BY change.id LIMIT %s
    """,
}
_NOTHING_YET = 2**63 - 1  # no row is beyond it
MOST = 5_000  # rows at a time


class Position(NamedTuple):
    """Up to where a consumer has read: all before `mark`, and of the rest those in `seen`."""

    mark: int
    seen: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class News:
    """A change as a consumer reads it."""

    pk: int
    keys: frozenset[str]
    moments: tuple[float, ...]  # at which the same changes again, in seconds since 1970


class PositionLost(Exception):
    """The database is not the one that the position is of: restored from a backup, or made anew."""


def record(*keys: str, moments: Iterable[datetime | None] = ()) -> None:
    """Says that what these keys name has changed, and when it will again by the clock.

    One INSERT. To be called in the transaction that makes the change. Moments that have passed are left out.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("What changes and the word of it belong in one transaction.")
    if not keys:
        return
    now = timezone.now()
    coming = sorted({moment for moment in moments if moment and moment > now})
    words = " ".join(sorted(set(keys))), " ".join(str(moment.timestamp()) for moment in coming)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT[connection.vendor], words)


def here(cursor, vendor: str) -> Position:
    """The position of who knows all that is committed now. Two queries."""
    _news, position = read(cursor, vendor, Position(_NOTHING_YET))
    return read(cursor, vendor, position)[1]


def read(cursor, vendor: str, position: Position) -> tuple[list[News], Position]:
    """What was committed and has not been read from `position`, and the position after it.

    One query. At most MOST: who gets as many reads on at once. Raises PositionLost.
    """
    most = MOST + len(position.seen)
    cursor.execute(_READ[vendor], [position.mark, most])
    rows = cursor.fetchall()
    mark = rows[0][0]
    if mark < position.mark < _NOTHING_YET:
        raise PositionLost(f"It was {position.mark}, and the database is at {mark}.")
    rows = [row[1:] for row in rows if row[1] is not None]
    if len(rows) == most:
        mark = min(mark, rows[-1][0])
    seen = frozenset(pk for transaction, pk, *_words in rows if transaction >= mark)
    news = [
        News(pk, frozenset(keys.split()), tuple(map(float, moments.split())))
        for _transaction, pk, keys, moments in rows
        if pk not in position.seen
    ]
    return sorted(news, key=lambda new: new.pk), Position(mark, seen)
