"""Measures how fast make_archive is, against COPY of the same rows, on this machine, in one run.

    python -m benchmarks.archive --stories 100000
    python -m benchmarks.archive --stories 20000 --only sqlite
    python -m benchmarks.archive --database-url postgresql://user@host/postgres

On SQLite that is `executemany`. The index of the search is no part of it. Databases are made as for
benchmarks.intake.
"""

from __future__ import annotations

import argparse

from benchmarks.comparison import Databases, add_arguments, measure, on_each

WANTED = 0.5  # of the rate of COPY


def table(title: str, measured: dict[str, dict], *, bulk: str) -> str:
    made, copied = measured["archive"], measured["copy"]
    share = copied["seconds"] / made["seconds"]
    lines = [f"{title}: {made['items']:,} stories, {sum(copied['told'].values()):,} rows"]
    for name, found in (("make_archive", made), (bulk, copied)):
        rate, work = made["items"] / found["seconds"], found["processor"] / made["items"] * 1000
        lines.append(f"{name:14}{rate:>10,.0f} stories/s{work:>8.2f} ms at work")
    reached = "reached" if share >= WANTED else "NOT reached"
    return "\n".join([*lines, f"{share:.2f} of {bulk}; {reached}: {WANTED} is wanted.", ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stories", type=int, default=100_000, help="how many are made (default: 100000)")
    add_arguments(parser)
    args = parser.parse_args()
    if args.stories < 1:
        parser.error("--stories: at least 1")

    def compare(databases: Databases, title: str, bulk: str) -> str:
        found = measure(databases, "archive", str(args.stories), str(args.seed), then=["copy"])
        return table(title, found, bulk=bulk)

    on_each(args, compare)


if __name__ == "__main__":
    main()
