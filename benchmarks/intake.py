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
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.postgresql import server_programs, throwaway_cluster

WANTED = 0.5  # of the rate of Model.save()
NAMES = ("empty", "intake", "save", "copy")


class Databases:
    """Four on one server: an empty one with its tables made, and copies of it for each phase to fill."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder, self.server = folder, url
        self.prefix = f"newsportal_bench_{os.getpid()}_"

    def url(self, name: str) -> str:
        if not self.server:
            return f"sqlite:///{self.folder / name}.sqlite3"
        return urlsplit(self.server)._replace(path=f"/{self.prefix}{name}").geturl()

    def make(self, name: str) -> None:
        if self.server:
            template = "" if name == "empty" else f' TEMPLATE "{self.prefix}empty"'
            self._run(f'CREATE DATABASE "{self.prefix}{name}"{template}')
        elif name != "empty":
            shutil.copyfile(self.folder / "empty.sqlite3", self.folder / f"{name}.sqlite3")

    def drop(self) -> None:
        for name in NAMES if self.server else ():
            self._run(f'DROP DATABASE IF EXISTS "{self.prefix}{name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        import psycopg

        try:
            with psycopg.connect(self.server, autocommit=True) as connection:
                connection.execute(statement)
        except psycopg.Error as error:
            raise SystemExit(f"PostgreSQL refused “{statement}”: {error}") from error


def measure(databases: Databases, files: int, seed: int, phases: list[str]) -> dict[str, dict]:
    databases.make("empty")
    _phase(databases, "migrate", "empty")
    found = {}
    for name in phases:
        databases.make(name)
        arguments = [str(files), str(seed)] if name == "intake" else []
        found[name] = _phase(databases, name, name, *arguments)
    return found


def _phase(databases: Databases, phase: str, database: str, *arguments: str) -> dict:
    env = os.environ | {
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "only-for-the-benchmark-" * 3,
        "VAR_DIR": str(databases.folder),
        "DATABASE_URL": databases.url(database),
    }
    if phase in ("save", "copy"):
        env["INTAKE_DATABASE_URL"] = databases.url("intake")
    command = [sys.executable, "-m", "benchmarks.phases", phase, *arguments]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"The phase “{phase}” failed; the reason stands above.")
    return json.loads(done.stdout.splitlines()[-1])


# -- What is told --------------------------------------------------------------------


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


@contextmanager
def servers(args: argparse.Namespace) -> Iterator[list[tuple[str, str]]]:
    """What is measured on, as title and URL; an empty URL is SQLite."""
    if args.database_url:
        yield [("PostgreSQL", args.database_url)]
    elif args.only == "sqlite":
        yield [("SQLite", "")]
    elif programs := server_programs():
        with throwaway_cluster(programs) as url:
            yield [("PostgreSQL", url)] if args.only else [("SQLite", ""), ("PostgreSQL", url)]
    elif args.only:
        raise SystemExit("No PostgreSQL server is installed (initdb was not found). Name one: --database-url")
    else:
        sys.stderr.write("No PostgreSQL server is installed (initdb was not found): SQLite alone.\n")
        yield [("SQLite", "")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=10_000, help="how many are taken in (default: 10000)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other files")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--memory", action="store_true", help="the intake's memory alone, without comparison")
    parser.add_argument("--database-url", help="a PostgreSQL whose user may make databases")
    args = parser.parse_args()
    if args.files < 1:
        parser.error("--files: at least 1")
    if args.database_url and not args.database_url.startswith(("postgresql://", "postgres://")):
        parser.error("--database-url names a PostgreSQL: postgresql://user:password@host:5432/postgres")
    with servers(args) as measured_on:
        for title, url in measured_on:
            with tempfile.TemporaryDirectory(prefix="newsportal-bench-") as folder:
                databases = Databases(Path(folder), url)
                try:
                    phases = ["intake"] if args.memory else list(NAMES[1:])
                    found = measure(databases, args.files, args.seed, phases)
                finally:
                    databases.drop()
            bulk = "COPY" if url else "executemany"
            told = memory(title, found["intake"]) if args.memory else table(title, found, bulk=bulk)
            sys.stdout.write(told + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
