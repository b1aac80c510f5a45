"""The index on PostgreSQL: a row a story with its terms as text, and a GIN index over them as a tsvector.

What was measured decides its form:

- The planner knows nothing of which words are frequent in which years. Left to itself it walks the dates
  for a rare word, or sorts a million rows for a common one. So the newest stories are asked for by their
  terms of time (Key.SPELL, Key.ERA) along with the words: GIN intersects the two lists, and gives few rows
  to sort whatever the words. Only if these are too few are older ones asked for, and then they are few too.
- The vector is not stored: it would take 7 KB a story, the text takes 3. The text lies outside of its row
  (TOAST), so that a list is found in the rows and the index alone. It is read for phrases only, as text,
  for a GIN index knows no order of words. Ranking needs none of it.
- Words are folded and stemmed before they come here, alike for both databases; no extension is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db import OperationalError, connection
from psycopg.errors import QueryCanceled

from articles.search.documents import ERA, SPELL, Document, Key
from articles.search.queries import Query, Term
from articles.search.streams import Stream, TooSlow, merged


def write(documents: Sequence[Document]) -> None:
    """In place of what the stories had in the index; one statement."""
    rows = [value for one in documents for value in (one.position, one.story, one.text)]
    marks = ", ".join(["(%s, %s, %s)"] * len(documents))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO articles_searchentry (position, story_id, words) VALUES {marks} "
            "ON CONFLICT (story_id) DO UPDATE SET position = excluded.position, words = excluded.words",
            rows,
        )


def forget(stories: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM articles_searchentry WHERE story_id = ANY(%s)", [list(stories)])


def merge() -> Iterator[int]:
    """There is nothing to do: GIN is one index from the start, and autovacuum tidies it."""
    return iter(())


# -- Finding -------------------------------------------------------------------------

_VECTOR = "array_to_tsvector(string_to_array(words, ' '))"


def _newest(query: str, until: str = "") -> str:
    """The newest that a tsquery finds, both in SQL; of those alone that were published before `until`, and
    not asked for at all where nothing so old can be wanted.

    "+ 0" keeps the planner from walking the dates and reading each vector on the way. "OFFSET 0" has texts
    read for a phrase from the newest on, and only until enough have it.
    """
    older = f"AND position + 0 < {until} AND {_LEAST} < {until}" if until else ""
    return f"""(
    SELECT position FROM (
        SELECT position, words FROM articles_searchentry
        WHERE {_VECTOR} @@ ({query})::tsquery
          AND position + 0 > {_LEAST} AND position + 0 < %(before)s {older}
        ORDER BY position + 0 DESC OFFSET 0) found
    WHERE {{phrases}} LIMIT %(limit)s)"""


def _within(key: Key, length: int) -> str:
    """The query along with the terms of the newest time and of the one before it."""
    times = f"format(' & (''{key}%%s'' | ''{key}%%s'')', position / {length}, position / {length} - 1)"
    return f"SELECT %(query)s || {times} FROM newest"


def _begin(length: int) -> str:
    """Where the time before the newest one begins."""
    return f"(SELECT (position / {length} - 1) * {length} FROM newest)"


_LEAST = "(SELECT position FROM least)"  # what was published later is wanted

# Read only as far back as a story can be above the floor, which those of other streams have set.
_OF_STREAM = f"""(
WITH least AS MATERIALIZED (
    SELECT GREATEST(%(since)s - 1, ({{floor}}) - %(bonus)s) AS position),
newest AS MATERIALIZED (
    SELECT max(position) AS position FROM articles_searchentry
    WHERE position > {_LEAST} AND position < %(before)s)
SELECT position + %(bonus)s AS score FROM (
    {_newest(_within(Key.SPELL, SPELL))}
    UNION ALL {_newest(_within(Key.ERA, ERA), _begin(SPELL))}
    UNION ALL {_newest("%(query)s", _begin(ERA))}
) found LIMIT %(limit)s)"""


def find(streams: Sequence[Stream], limit: int, most_ms: int) -> list[int]:
    """The scores of the best, best first; one statement. Raises TooSlow."""
    select = merged(streams, limit, _of_stream)
    # In one message with the SELECT, so that they cost no round trip: for this statement alone.
    settings = {"statement_timeout": most_ms, "enable_seqscan": "off", "jit": "off"}
    before = "".join(f"SET LOCAL {name} = {value}; " for name, value in settings.items())
    after = "".join(f"; SET LOCAL {name} TO DEFAULT" for name in settings)
    with connection.cursor() as cursor:
        try:
            cursor.execute(before + select + after)
        except OperationalError as error:
            if isinstance(error.__cause__, QueryCanceled):
                raise TooSlow from error
            raise
        while cursor.description is None:
            cursor.nextset()
        return [score for (score,) in cursor.fetchall()]


def _of_stream(stream: Stream, limit: int, floor: str) -> str:
    values = {
        "query": f"({tsquery(stream.query)})",
        "since": stream.since,
        "before": stream.before,
        "bonus": stream.bonus,
        "limit": limit,
    }
    return connection.ops.compose_sql(_OF_STREAM.format(phrases=phrases(stream.query), floor=floor), values)


# Terms hold letters, digits and signs of our own: nothing that a tsquery or SQL would read as its own.


def tsquery(query: Query) -> str:
    """What the index can say: all but the order of words, which phrases() asks."""
    parts = [f"({' | '.join(map(_term, clause))})" for clause in query.clauses]
    parts += [f"!{_term(term)}" for term in query.without if not term.is_phrase]
    if query.unless and not query.unless.has_phrases:
        parts.append(f"!({tsquery(query.unless)})")
    return " & ".join(parts)


def _term(term: Term) -> str:
    words = " & ".join(f"'{word}'{':*' * term.begins}" for word in term.words)
    return f"({words})" if term.is_phrase else words


def phrases(query: Query) -> str:
    """A condition in SQL: what of the query depends on the order of words."""
    parts = [_any(clause) for clause in query.clauses if any(term.is_phrase for term in clause)]
    parts += [f"NOT {_any([term])}" for term in query.without if term.is_phrase]
    if query.unless and query.unless.has_phrases:
        within = " AND ".join(map(_any, query.unless.clauses))
        parts.append(f"NOT ({within})")
    return " AND ".join(parts) or "true"


def _any(clause: Iterable[Term]) -> str:
    stand = (f"strpos(words, ' {' '.join(term.words)}{' ' * (not term.begins)}') > 0" for term in clause)
    return f"({' OR '.join(stand)})"
