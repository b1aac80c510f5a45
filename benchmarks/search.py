"""Measures the search on a large archive: how long the engine takes for words of any frequency.

    python -m benchmarks.search --stories 200000
    python -m benchmarks.search --stories 200000 --only sqlite
    DATABASE_URL=... python -m benchmarks.search --here

Words that stand in 0.01 % to 98 % of the stories, one to four of them, with and without filters, first and
deep screens, in both orders, on one connection, in the process itself. Each line of searches is run through
before it is timed: that brings what they read from the disk into memory. Needs the portal's PostgreSQL
programs, or --only sqlite. --here measures an archive that is there already.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from statistics import median, quantiles

from benchmarks.archives import make, measure_each, say

SHARES = (0.0001, 0.001, 0.01, 0.1, 0.5, 0.98)  # of the stories that have a word
EACH = 40  # searches a line of the table
SCREEN = 31  # stories
ORDERS = ("newest", "best")
WANTED = {"postgresql": {"newest": 40, "best": 60}, "sqlite": {"newest": 5, "best": 60}}  # ms, 99 of 100


@dataclass(frozen=True)
class Narrowing:
    """What a filter asks for: one of these terms, and a time."""

    keys: tuple[str, ...] = ()
    between: dict[str, int] = field(default_factory=dict)


def words_by_share(bodies: list[str], random: Random) -> dict[float, list[str]]:
    """Words that about so many stories have, told from some of them."""
    from articles.search.finding import find
    from articles.search.queries import parse

    counts = Counter(word for body in bodies for word in {*body.lower().replace("<p>", " ").split()})
    number, found = len(bodies), {}
    for share in SHARES:
        near = [w for w, n in counts.items() if w.isalpha() and 0.6 * share < n / number < 1.7 * share]
        if share * number < 2:
            # What stands in one of these texts may be rarer yet: such words are counted.
            most = int(share * stories().count() * 2) + 2
            once = random.sample([w for w, n in counts.items() if w.isalpha() and n == 1], 300)
            near = [w for w in once if len(find(parse(w, "xx"), limit=most, most_ms=60_000)) < most]
        found[share] = random.choices(near or [counts.most_common(1)[0][0]], k=EACH)
    return found


def stories():
    from articles.models import Story

    return Story.objects.filter(state="published").order_by("pk")


def lines(words: dict[float, list[str]], random: Random) -> Iterator[tuple[str, list[str]]]:
    """Names and searches of each line of the table."""
    for share, chosen in words.items():
        yield f"a word of {share:.2%}", chosen
    flat = [word for chosen in words.values() for word in chosen]
    for number in (2, 3, 4):
        yield f"{number} words of any", [" ".join(random.sample(flat, number)) for _ in range(EACH)]


def filters(some: list[int], random: Random) -> dict[str, list[Narrowing]]:
    """By name, for each search of a line one that some stories have: the commoner, the oftener."""
    from articles.models import Story, TaggedStory
    from articles.search.documents import Key, position_at
    from sections.models import Listing

    def of(key: Key, rows) -> list[Narrowing]:
        return [Narrowing((key.of(value),)) for value in random.choices(list(rows), k=EACH)]

    def year(moment) -> Narrowing:
        since = position_at(moment.replace(month=1, day=1))
        return Narrowing(between={"since": since, "before": position_at(moment.replace(month=12, day=31))})

    chosen = Story.objects.filter(pk__in=some)
    listed = Listing.objects.filter(story__in=some)
    moments = list(chosen.values_list("first_published", flat=True))
    tags = TaggedStory.objects.filter(content_object__in=some).values_list("tag", flat=True)
    return {
        "": [Narrowing()] * EACH,
        "of a site": of(Key.SITE, listed.values_list("channel__site", flat=True)),
        "of a channel": of(Key.CHANNEL, listed.values_list("channel", flat=True)),
        "of a source": of(Key.SOURCE, chosen.values_list("source", flat=True)),
        "with a tag": of(Key.TAG, tags),
        "about a place": of(Key.PLACE, chosen.filter(places__isnull=False).values_list("places", flat=True)),
        "in a language": of(Key.LANGUAGE, chosen.values_list("language", flat=True)),
        "of a year": [year(moment) for moment in random.choices(moments, k=EACH)],
    }


def taken(typed: str, narrowed: Narrowing, order: str, below: int) -> float:
    """Milliseconds of a search."""
    from articles.search.finding import find
    from articles.search.queries import Term, parse

    query = parse(typed, "en")
    if narrowed.keys:
        query = replace(query, clauses=(*query.clauses, tuple(Term((key,)) for key in narrowed.keys)))
    start = time.perf_counter()
    find(query, order=order, below=below, limit=SCREEN, most_ms=60_000, **narrowed.between)
    return (time.perf_counter() - start) * 1000


def measure() -> bool:
    """Prints the table; whether all is as wanted."""
    from django.db import connection

    from articles.search.documents import LAST, position_at

    random, chosen = Random(1), stories()
    count = chosen.count()
    some = [chosen[place].pk for place in sorted(random.sample(range(count), 200))]
    words = words_by_share(list(chosen.values_list("body", flat=True)[:4000:4]), random)
    # A deep screen goes on in the midst of the archive.
    middle = position_at(chosen[count // 2].first_published)
    every: dict[str, list[float]] = {order: [] for order in ORDERS}
    say(f"{'':40}{'newest: median':>16}{'p99 ms':>9}{'best: median':>16}{'p99 ms':>9}")

    def line(name: str, searches: list[str], narrowings: list[Narrowing], below: int) -> None:
        cells = ""
        for order in ORDERS:
            asked = list(zip(searches, narrowings, strict=True))
            for _ in range(2):
                ms = [taken(typed, narrowed, order, below) for typed, narrowed in asked]
            every[order] += ms
            cells += f"{median(ms):>16.1f}{quantiles(ms, n=100)[98]:>9.1f}"
        say(f"{name:40}{cells}")

    narrowed = filters(some, random)
    for name, searches in lines(words, random):
        for by, narrowings in narrowed.items():
            line(f"{name} {by}".strip(), searches, narrowings, LAST)
        line(f"{name}, a deep screen", searches, narrowed[""], middle)
    well, wanted = True, WANTED[connection.vendor]
    for order, all_ms in every.items():
        p99 = quantiles(all_ms, n=100)[98]
        well &= p99 <= wanted[order]
        say(f"{order}: median {median(all_ms):.1f} ms, p99 {p99:.1f} ms; wanted p99 {wanted[order]} ms")
    return well


if __name__ == "__main__":
    measure_each("benchmarks.search", __doc__, make, measure)
