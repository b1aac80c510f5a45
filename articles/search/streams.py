"""What the two engines are asked."""

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
