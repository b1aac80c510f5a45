"""Measures the wire intake against Model.save() and COPY of the same rows, on this machine, in one run.

    python -m benchmarks.intake --files 10000
    python -m benchmarks.intake --files 1000 --only sqlite
    python -m benchmarks.intake --files 100000 --memory
    python -m benchmarks.intake --database-url postgresql://user@host/postgres

Without --database-url it measures on SQLite in a temporary folder and on a throwaway PostgreSQL. With it,
on that server: databases are made there beside the one named, which is left alone, and dropped at the end.
"""

from __future__ import annotations

import argparse

from benchmarks.comparison import Databases, add_arguments, measure, on_each

WANTED = 0.5  # of the rate of Model.save()


def table(title: str, measured: dict[str, dict], *, bulk: str) -> str:
    items = measured["intake"]["items"]
    rates = {name: items / found["seconds"] for name, found in measured.items()}
    labels = {"intake": "intake", "save": "Model.save()", "copy": bulk}
    heads = f"{'ms at work':>12}{'MB at 1,000':>13}{'MB at end':>11}"
    lines = [
        f"{title}: {items:,} items, {sum(measured['save']['told'].values()):,} rows",
        f"{'':14}{'items/s':>10}{'of save()':>11}{f'of {bulk}':>16}{heads}",
    ]
    for name, found in measured.items():
        early = f"{found['peak_early'] / 1024:.0f}" if found["peak_early"] else "-"
        lines.append(
            f"{labels[name]:14}{rates[name]:>10,.0f}{rates[name] / rates['save']:>11.2f}"
            f"{rates[name] / rates['copy']:>16.3f}{found['processor'] / items * 1000:>12.2f}"
            f"{early:>13}{found['peak'] / 1024:>11.0f}"
        )
    share = rates["intake"] / rates["save"]
    lines.append(f"{'reached' if share >= WANTED else 'NOT reached'}: {WANTED} of save() is wanted.")
    return "\n".join([*lines, _told(measured["intake"]), ""])


def _told(intake: dict) -> str:
    told = ", ".join(f"{number:,} {outcome}" for outcome, number in intake["told"].items())
    return f"The intake: {told}. The process that read its files: {intake['beside'] / 1024:.0f} MB."


def memory(title: str, intake: dict) -> str:
    """How much more memory all the items took than the first thousand."""
    early, end = intake["peak_early"], intake["peak"]
    lines = [
        f"{title}: {intake['items']:,} items, {intake['items'] / intake['seconds']:,.0f} a second",
        f"{early / 1024:.0f} MB at 1,000 items, {end / 1024:.0f} MB at the end, {end / early:.2f} of it",
        _told(intake),
    ]
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=10_000, help="how many are taken in (default: 10000)")
    parser.add_argument("--memory", action="store_true", help="the intake's memory alone, without comparison")
    add_arguments(parser)
    args = parser.parse_args()
    if args.files < 1:
        parser.error("--files: at least 1")

    def compare(databases: Databases, title: str, bulk: str) -> str:
        asked = ("intake", str(args.files), str(args.seed))
        if args.memory:
            return memory(title, measure(databases, *asked)["intake"])
        return table(title, measure(databases, *asked, then=["save", "copy"]), bulk=bulk)

    on_each(args, compare)


if __name__ == "__main__":
    main()
