"""The same rows written in several ways: by phases, each in a process and a database of its own."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.postgresql import server_programs, throwaway_cluster

NAMES = ("empty", "filled", "save", "copy")


class Databases:
    """Some on one server: an empty one with its tables made, and copies of it for each phase to fill."""

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


def measure(databases: Databases, first: str, *arguments: str, then: Sequence[str] = ()) -> dict[str, dict]:
    """What phases measured, by name. The first fills a database with rows that the others write again."""
    databases.make("empty")
    _phase(databases, "migrate", "empty")
    databases.make("filled")
    found = {first: _phase(databases, first, "filled", *arguments)}
    for name in then:
        databases.make(name)
        found[name] = _phase(databases, name, name)
    return found


def _phase(databases: Databases, phase: str, database: str, *arguments: str) -> dict:
    env = os.environ | {
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "only-for-the-benchmark-" * 3,
        "VAR_DIR": str(databases.folder),
        "DATABASE_URL": databases.url(database),
    }
    if phase in ("save", "copy"):
        env["FILLED_DATABASE_URL"] = databases.url("filled")
    command = [sys.executable, "-m", "benchmarks.phases", phase, *arguments]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"The phase “{phase}” failed; the reason stands above.")
    return json.loads(done.stdout.splitlines()[-1])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=1, help="another seed, other contents")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--database-url", help="a PostgreSQL whose user may make databases")


def on_each(args: argparse.Namespace, compare: Callable[[Databases, str, str], str]) -> None:
    """Prints what `compare` tells of each server. It is given databases, the server's name and the name of
    what writes rows fastest there."""
    if args.database_url and not args.database_url.startswith(("postgresql://", "postgres://")):
        raise SystemExit("--database-url names a PostgreSQL: postgresql://user:password@host:5432/postgres")
    with _servers(args) as measured_on:
        for title, url in measured_on:
            with tempfile.TemporaryDirectory(prefix="newsportal-bench-") as folder:
                databases = Databases(Path(folder), url)
                try:
                    told = compare(databases, title, "COPY" if url else "executemany")
                finally:
                    databases.drop()
            sys.stdout.write(told + "\n")
            sys.stdout.flush()


@contextmanager
def _servers(args: argparse.Namespace) -> Iterator[list[tuple[str, str]]]:
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
