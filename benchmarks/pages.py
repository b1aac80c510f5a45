"""Measures readers' pages: from memory, and made anew, against what else could serve them. Prints a table.

    python -m benchmarks.pages                            on a throwaway PostgreSQL
    python -m benchmarks.pages --only sqlite --stories 10000 --rounds 5

All rows are measured in turns, to and fro in each round, so that what else the machine does meets all of
them; a row is the median of its rounds. CPU is that of the server and of PostgreSQL. Needs wrk.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import archives
from benchmarks.page_rows import BARE, NGINX, PLAIN, add_rows
from benchmarks.publication import delays
from benchmarks.servers import WRK, Load, Server, free_port, gunicorn, load, serving

WARM = 32  # requests: eight of each of four threads


@dataclass
class Row:
    name: str
    server: Server
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    connections: int = 4
    found: list[Load] = field(default_factory=list)

    @property
    def a_second(self) -> float:
        return median(each.a_second for each in self.found)

    @property
    def cpu_ms(self) -> float:
        return median(each.cpu_ms for each in self.found)


class Run:
    """The servers of a run, on a database that is filled."""

    def __init__(self, stack: ExitStack, folder: Path, database: int | None) -> None:
        self.stack, self.folder, self.database = stack, folder, database
        self.rows: list[Row] = []
        self.skipped: list[str] = []

    def start(self, name: str, command: Callable[[int], list[str]], **env: str) -> Server:
        port = free_port()
        log = self.folder / f"{name}.log"
        return self.stack.enter_context(serving(command(port), os.environ | env, port, log))

    def add(self, name: str, server: Server, path: str, *, connections: int = 4, **headers: str) -> None:
        self.rows.append(Row(name, server, path, headers, connections))

    def measure(self, rounds: int, seconds: int) -> None:
        for row in self.rows:
            self._warm(row)
        for number in range(rounds):
            # To and fro: what comes right after a heavy load is slower for it.
            for row in self.rows[:: -1 if number % 2 else 1]:
                row.found.append(self._load(row, seconds))

    def _warm(self, row: Row) -> None:
        """Until threads have built their queries, and PostgreSQL has settled on plans, after the fifth."""
        answered, rounds = 0, 0
        while answered < WARM and rounds < WARM:
            answered += self._load(row, 2).number
            rounds += 1

    def _load(self, row: Row, seconds: int) -> Load:
        return load(
            row.server,
            row.path,
            row.headers,
            database=self.database,
            connections=row.connections,
            seconds=seconds,
        )


# -- The table -----------------------------------------------------------------------------


def print_table(run: Run) -> None:
    """Rates are told as parts of the bare application's and of nginx's, CPU as a part of the plain page's."""
    by_name = {row.name: row for row in run.rows}
    say(f"{'':44}{'requests/s':>11}{'of bare':>9}{'of nginx':>10}{'CPU ms':>9}{'of plain':>10}")
    for row in run.rows:
        of_bare, of_nginx = (_part(row.a_second, by_name.get(name), "a_second") for name in (BARE, NGINX))
        of_plain = _part(row.cpu_ms, by_name[PLAIN], "cpu_ms")
        say(f"{row.name:44}{row.a_second:>11,.0f}{of_bare:>9}{of_nginx:>10}{row.cpu_ms:>9.3f}{of_plain:>10}")
    for reason in run.skipped:
        say(f"left out: {reason}")


def _part(value: float, of: Row | None, measure: str) -> str:
    return f"{value / getattr(of, measure):.3f}" if of else ""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def measure(args: argparse.Namespace) -> None:
    """In a process of its own, for the database that the environment names."""
    from django.core.management import call_command
    from django.db import connection

    archives.make(args.stories)
    call_command("collectstatic", interactive=False, verbosity=0)
    host = "archive-1.localhost"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsportal-pages-")))
        run = Run(stack, folder, database_processes(connection))
        add_rows(run, host)
        run.measure(args.rounds, args.seconds)
        print_table(run)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsportal-pages-")))
        run = Run(stack, folder, database_processes(connection))
        workers = run.start("eight workers", lambda port: gunicorn("newsportal.wsgi", port, workers=8))
        found = sorted(delays(workers, host, args.publications))
        say(
            f"published to visible everywhere, under full load: median {median(found) * 1000:.0f} ms, "
            f"p99 {found[int(len(found) * 0.99)] * 1000:.0f} ms, at worst {found[-1] * 1000:.0f} ms"
        )
        say(f"memory of eight workers and their master then: {workers.memory() / 2**20:.0f} MB")


def database_processes(connection) -> int | None:
    """The process that all others of PostgreSQL descend from, or None."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        return int((Path(cursor.fetchone()[0]) / "postmaster.pid").read_text().split()[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stories", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1, help="of each row in each round")
    parser.add_argument("--publications", type=int, default=100, help="whose delay is taken")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], default="postgresql")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if WRK is None:
        raise SystemExit("wrk is not installed (Debian: apt install wrk).")
    if args.here:
        import django

        django.setup()
        measure(args)
        return
    with archives.databases(args.only) as (folder, found):
        for title, url in found.items():
            say(f"{title}, {args.stories:,} stories, {args.rounds} rounds of {args.seconds} s a row")
            command = [sys.executable, "-m", "benchmarks.pages", "--here", *sys.argv[1:]]
            environment = os.environ | archives.environment(folder, url)
            if subprocess.run(command, env=environment, check=False).returncode:
                sys.exit(1)


if __name__ == "__main__":
    main()
