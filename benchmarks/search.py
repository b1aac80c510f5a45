"""Measures the search on a large archive: how long the engine takes for words of any frequency.

    python -m benchmarks.search --stories 200000
    python -m benchmarks.search --stories 200000 --only sqlite

Words that stand in 0.01 % to 98 % of the stories, one to four of them, with and without filters, in both
orders; each search once, on one connection, in the process itself. Needs the portal's PostgreSQL programs,
or --only sqlite. DATABASE_URL and --here measure a database that has its archive already.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from random import Random
from statistics import median, quantiles

from benchmarks.desk import databases

SHARES = (0.0001, 0.001, 0.01, 0.1, 0.5, 0.98)  # of the stories that have a word
EACH = 40  # searches a line of the table
WANTED = {"postgresql": {"newest": 40, "best": 60}, "sqlite": {"newest": 5, "best": 60}}  # ms, 99 of 100


def words_by_share(random: Random) -> dict[float, list[str]]:
    """Words that about so many stories have, told from a sample of them."""
    from collections import Counter

    from articles.models import Story
    from articles.search.finding import find
    from articles.search.queries import parse

    sample = Story.objects.filter(state="published").order_by("pk").values_list("body", flat=True)[:4000:4]
    counts = Counter(word for body in sample for word in {*body.lower().replace("<p>", " ").split()})
    number = len(sample)
    found = {}
    for share in SHARES:
        # What stands in one text of the sample may be rarer yet: such words are counted.
        near = [w for w, n in counts.items() if w.isalpha() and 0.6 * share < n / number < 1.7 * share]
        if share * number < 2:
            most = int(share * Story.objects.count() * 2) + 2
            once = random.sample([w for w, n in counts.items() if w.isalpha() and n == 1], 300)
            near = [w for w in once if len(find(parse(w, "xx"), limit=most, most_ms=60_000)) < most]
        found[share] = random.choices(near or [counts.most_common(1)[0][0]], k=EACH)
    return found


def lines(words: dict[float, list[str]]):
    """Names and searches of each line of the table."""
    for share, chosen in words.items():
        yield f"a word of {share:.2%}", chosen
    random, flat = Random(2), [word for chosen in words.values() for word in chosen]
    for number in (2, 3, 4):
        yield f"{number} words of any", [" ".join(random.sample(flat, number)) for _ in range(EACH)]


def filters() -> dict[str, list[str]]:
    """Names of filters and the terms that they ask for."""
    from articles.models import Source, Tag
    from articles.search.documents import Key
    from sections.models import Channel

    tag = Tag.objects.filter(tagged__isnull=False).order_by("pk").first()
    return {
        "": [],
        "of a channel": [Key.CHANNEL.of(Channel.objects.order_by("pk").first().pk)],
        "of a source": [Key.SOURCE.of(Source.objects.order_by("pk").first().pk)],
        "with a tag": [Key.TAG.of(tag.pk)],
    }


def measure() -> bool:
    """Prints the table; whether all is as wanted."""
    from dataclasses import replace

    from django.db import connection

    from articles.search.finding import find
    from articles.search.queries import Term, parse

    words, well, every = words_by_share(Random(1)), True, {"newest": [], "best": []}
    sys.stdout.write(f"{'':32}{'newest p50':>12}{'p99 ms':>9}{'best p50':>12}{'p99 ms':>9}\n")
    for name, searches in lines(words):
        for narrowed, keys in filters().items():
            row = f"{name} {narrowed}".strip()
            clauses = tuple((Term((key,)),) for key in keys)
            cells = ""
            for order in every:
                taken = []
                for typed in searches:
                    query = parse(typed, "en")
                    query = replace(query, clauses=(*query.clauses, *clauses))
                    start = time.perf_counter()
                    find(query, order=order, limit=31, most_ms=60_000)
                    taken.append((time.perf_counter() - start) * 1000)
                every[order] += taken
                cells += f"{median(taken):>12.1f}{quantiles(taken, n=100)[98]:>9.1f}"
            sys.stdout.write(f"{row:32}{cells}\n")
            sys.stdout.flush()
    for order, all_ms in every.items():
        p99 = quantiles(all_ms, n=100)[98]
        wanted = WANTED[connection.vendor][order]
        well &= p99 <= wanted
        sys.stdout.write(f"{order}: p99 of all {p99:.1f} ms; wanted {wanted} ms\n")
    return well


def fill(stories: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("make_archive", stories=stories, verbosity=0)
    start = time.perf_counter()
    call_command("reindex_search", verbosity=0)
    rate = stories / (time.perf_counter() - start)
    sys.stdout.write(f"indexed {rate:,.0f} stories/s\n")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stories", type=int, default=200_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--here", action="store_true", help="on DATABASE_URL, as it is")
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.stories < 5_000:
        parser.error("--stories: at least 5000; searches of few stories tell nothing")
    if args.here:
        import django

        django.setup()
        if args.fill:
            fill(args.stories)
        sys.exit(0 if measure() else 1)
    well = True
    with databases(args.only) as (folder, found):
        for title, url in found.items():
            sys.stdout.write(f"{title}, {args.stories:,} stories\n")
            sys.stdout.flush()
            env = os.environ | {
                "DJANGO_SETTINGS_MODULE": "newsportal.settings", "ENV_FILE": os.devnull, "VAR_DIR": folder,
                "SECRET_KEY": "only-for-the-benchmark-" * 3, "DATABASE_URL": url, "SITE_URL": "http://{host}",
            }  # fmt: skip
            command = [
                sys.executable,
                "-m",
                "benchmarks.search",
                "--here",
                "--fill",
                f"--stories={args.stories}",
            ]
            well &= subprocess.run(command, env=env, check=False).returncode == 0
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
