"""The index on SQLite: an FTS5 table whose row ids are positions with a minus. So the newest match is read
first, and lists are gone through forwards: backwards a jump within a list takes ten times as long.

FTS5 gets words that are folded and stemmed already, parted by spaces; letters that are not ASCII, and our
own signs with them, are word letters to its tokenizer "ascii".
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db import OperationalError, connection

from articles.search.documents import LAST, Document
from articles.search.queries import Clause, Query, Term
from articles.search.streams import Stream, TooSlow, merged

MERGED_AT_ONCE = 500  # pages, of 4 KB
NOTHING_MERGED = 2  # changes: the command itself is one
NESTED_FROM = 3  # clauses; of two, each is moved to where the other is anyway
SAMPLE = 30  # matches that are looked back over to tell how rare they are
NOWHERE = '"§"'  # a term that no document has
_STEPS = 20_000  # of SQLite's machine between two looks at the clock


def write(documents: Sequence[Document]) -> None:
    """In place of what the stories had in the index; three statements."""
    forget([one.story for one in documents])
    with connection.cursor() as cursor:
        # In the order of row ids: at each step back FTS5 would begin another part of the index.
        cursor.executemany(
            "INSERT INTO articles_searchwords (rowid, words) VALUES (%s, %s)",
            sorted((-one.position, one.text) for one in documents),
        )
        cursor.executemany(
            "INSERT INTO articles_searchentry (position, story_id) VALUES (%s, %s)",
            [(one.position, one.story) for one in documents],
        )


def forget(stories: Iterable[int]) -> None:
    """A trigger takes the words along."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM articles_searchentry WHERE story_id = %s", [(key,) for key in stories]
        )


def merge() -> Iterator[int]:
    """Makes one of the parts that the index has been written in, for a search reads each of them. Gives how
    many pages a step wrote, each in a transaction of its own. https://www.sqlite.org/fts5.html#the_merge_command
    """
    with connection.cursor() as cursor:
        pages = -MERGED_AT_ONCE  # with a minus the first time: all parts, and not just those of like size
        while True:
            before = cursor.connection.total_changes
            cursor.execute(
                "INSERT INTO articles_searchwords (articles_searchwords, rank) VALUES ('merge', %s)", [pages]
            )
            if cursor.connection.total_changes - before < NOTHING_MERGED and pages > 0:
                return
            pages = MERGED_AT_ONCE
            yield MERGED_AT_ONCE


# -- Finding -------------------------------------------------------------------------


def find(streams: Sequence[Stream], limit: int, most_ms: int) -> list[int]:
    """The scores of the best, best first; a statement, and one more before it where three words or more are
    looked for together. Raises TooSlow."""
    select = merged(streams, limit, _of_stream)
    with connection.cursor() as cursor:
        end = time.monotonic() + most_ms / 1000
        cursor.connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        try:
            rarity = _rarity(cursor, streams)
            values = [
                value
                for stream in streams
                for value in (fts5(stream.query, rarity), -stream.before, -stream.since)
            ]
            cursor.execute(select, values)
            return [score for (score,) in cursor.fetchall()]
        except OperationalError as error:
            if getattr(error.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
                raise TooSlow from error
            raise
        finally:
            cursor.connection.set_progress_handler(None, 0)


def _of_stream(stream: Stream, limit: int, floor: str) -> str:
    bonus = stream.bonus
    return (
        f"(SELECT {bonus} - rowid AS score FROM articles_searchwords "
        "WHERE articles_searchwords MATCH %s AND rowid > %s "
        f"AND rowid <= MIN(%s, {bonus} - COALESCE(({floor}), 0)) ORDER BY rowid LIMIT {limit})"
    )


def _rarity(cursor, streams: Sequence[Stream]) -> dict[Clause, int]:
    """By what queries of three clauses or more ask for: how far back some of its newest matches reach. What
    would itself take long to find is left out."""
    asked = {
        clause: stream.before
        for stream in streams
        for clause in stream.query.clauses
        if len(stream.query.clauses) >= NESTED_FROM
        and not any(term.begins or term.is_phrase for term in clause)
    }
    if not asked:
        return {}
    newest = (
        "(SELECT -rowid FROM articles_searchwords WHERE articles_searchwords MATCH %s AND rowid > %s "
        f"ORDER BY rowid LIMIT 1 OFFSET {SAMPLE})"
    )
    values = [value for clause, before in asked.items() for value in (_clause(clause), -before)]
    cursor.execute(f"SELECT {', '.join([newest] * len(asked))}", values)
    return {clause: reach or 0 for clause, reach in zip(asked, cursor.fetchone(), strict=True)}


def fts5(query: Query, rarity: Mapping[Clause, int]) -> str:
    """What is rarest comes first, and what is common is looked at for those matches only that are left.

    FTS5 makes one AND of several, and moves all of their words at each step. A NOT keeps them apart.
    """
    rarest, *others = map(_clause, sorted(query.clauses, key=lambda clause: rarity.get(clause, LAST)))
    said = " AND ".join([rarest, *others[: NESTED_FROM - 2]])
    for clause in others[NESTED_FROM - 2 :]:
        said = f"(({said}) NOT {NOWHERE}) AND {clause}"
    without = [_term(term) for term in query.without]
    if query.unless:
        without.append(f"({fts5(query.unless, rarity)})")
    return f"({said}) NOT ({' OR '.join(without)})" if without else said


def _clause(clause: Clause) -> str:
    return f"({' OR '.join(map(_term, clause))})"


def _term(term: Term) -> str:
    words = f'"{" ".join(term.words)}"'
    return f"{words} *" if term.begins else words
