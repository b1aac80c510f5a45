"""What the two engines are asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from articles.search.documents import LAST
from articles.search.queries import Query


class TooSlow(Exception):
    """The search was ended, so that it would not slow down others."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Stories that a query finds, newest first, from one position to before another.

    A story's score is its position and the bonus. Streams are merged by score, so what is in one with a
    bonus stands where a story would that was published later by as much.
    """

    query: Query
    since: int = 0
    before: int = LAST
    bonus: int = 0


def merged(streams: Sequence[Stream], limit: int, of_stream: Callable[[Stream, int, str], str]) -> str:
    """SQL for the best scores of all streams, best first.

    `of_stream(stream, limit, floor)` gives a SELECT in brackets of the stream's best, as `score`. The floor
    is SQL for a score that so many in the streams before it have, or more; it is NULL where they are too
    few. What is below it need not be found. So the stream with the highest bonus should come first.
    """
    names: list[str] = []
    parts = []
    for stream in streams:
        floor = f"{_best(names)} LIMIT 1 OFFSET {limit - 1}" if names else "NULL"
        names.append(f"stream_{len(names)}")
        parts.append(f"{names[-1]} AS {of_stream(stream, limit, floor)}")
    return f"WITH {', '.join(parts)} {_best(names)} LIMIT {limit}"


def _best(names: Sequence[str]) -> str:
    scores = " UNION ALL ".join(f"SELECT score FROM {name}" for name in names)  # noqa: S608
    return f"SELECT score FROM ({scores}) found ORDER BY score DESC"  # noqa: S608
