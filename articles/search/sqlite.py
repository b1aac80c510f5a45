"""The index on SQLite: an FTS5 table whose row ids are positions, so that the newest match is read first.

FTS5 gets words that are folded and stemmed already, parted by spaces; letters that are not ASCII, and our
own signs with them, are word letters to its tokenizer "ascii".
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence

from django.db import OperationalError, connection

from articles.search.documents import Document
from articles.search.queries import Query, Term
from articles.search.streams import Stream, TooSlow

_STEPS = 20_000  # of SQLite's machine between two looks at the clock


def write(documents: Sequence[Document]) -> None:
    """In place of what the stories had in the index; three statements."""
    forget([one.story for one in documents])
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO articles_searchwords (rowid, words) VALUES (%s, %s)",
            [(one.position, one.text) for one in documents],
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


# -- Finding -------------------------------------------------------------------------


def find(streams: Sequence[Stream], limit: int, most_ms: int) -> list[int]:
    """The scores of the best, best first; one statement. Raises TooSlow."""
    part = (
        "SELECT * FROM (SELECT rowid + %s AS score FROM articles_searchwords "
        "WHERE articles_searchwords MATCH %s AND rowid >= %s AND rowid < %s ORDER BY rowid DESC LIMIT %s)"
    )
    values = [
        value
        for stream in streams
        for value in (stream.bonus, fts5(stream.query), stream.since, stream.before, limit)
    ]
    select = f"{' UNION ALL '.join([part] * len(streams))} ORDER BY score DESC LIMIT {limit}"
    with connection.cursor() as cursor:
        end = time.monotonic() + most_ms / 1000
        cursor.connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        try:
            cursor.execute(select, values)
            return [score for (score,) in cursor.fetchall()]
        except OperationalError as error:
            if getattr(error.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
                raise TooSlow from error
            raise
        finally:
            cursor.connection.set_progress_handler(None, 0)


def fts5(query: Query) -> str:
    said = " AND ".join(f"({' OR '.join(map(_term, clause))})" for clause in query.clauses)
    without = [_term(term) for term in query.without]
    if query.unless:
        without.append(f"({fts5(query.unless)})")
    return f"({said}) NOT ({' OR '.join(without)})" if without else said


def _term(term: Term) -> str:
    words = f'"{" ".join(term.words)}"'
    return f"{words} *" if term.begins else words
