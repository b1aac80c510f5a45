"""Which stories a query finds, in which order.

Two orders. "newest" is that of publication. "best" weighs what a match is worth with age: one in the
headline is worth a year, one around the text (teaser, slugline, byline, tags, kicker) three months. So the
order is that of one number, which time does not change; a screen goes on exactly where another ended; and
the best of a million matches cost no more than the newest of three lists. How often a word stands in a
body says little in news, and would have every match read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from articles.search.documents import AROUND, HEADLINE, LAST, SECOND
from articles.search.engine import engine
from articles.search.queries import Query
from articles.search.streams import Stream

NEWEST, BEST = "newest", "best"
DAY = 86_400 * SECOND
BONUS = {HEADLINE: 365 * DAY, AROUND: 91 * DAY}
MOST_MS = 1_000  # a search that takes longer is ended


@dataclass(frozen=True, slots=True)
class Hit:
    score: int

    @property
    def story(self) -> int:
        return self.score % SECOND


def find(
    query: Query,
    *,
    order: str = NEWEST,
    since: int = 0,
    before: int = LAST,
    below: int = LAST,
    limit: int,
    most_ms: int = MOST_MS,
) -> list[Hit]:
    """Hits published from one position to before another, with a score below that given, best first.

    One statement. Raises TooSlow.
    """
    if not query:
        return []
    whole = [Stream(query, since, before)]
    streams = best(query, since, before) if order == BEST else whole
    begun = [replace(stream, before=min(stream.before, below - stream.bonus)) for stream in streams]
    return [Hit(score) for score in engine().find(begun, limit, most_ms)]


def best(query: Query, since: int, before: int) -> list[Stream]:
    """Each match in the stream of the highest bonus that it has, and in no other."""
    streams, unless = [], None
    for mark, bonus in BONUS.items():
        if standing := query.standing(mark):
            streams.append(Stream(replace(standing, unless=unless), since, before, bonus))
            unless = standing
    return [*streams, Stream(replace(query, unless=unless), since, before)]
