"""What benchmarks of a large archive begin with: its databases, each measured in a process of its own."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from tests.postgresql import server_programs, throwaway_cluster

LEAST = 10_000  # stories; lists and searches of few tell nothing


@contextmanager
def databases(only: str | None):
    """What is measured on: a folder, and URLs by name."""
    with tempfile.TemporaryDirectory(prefix="newsportal-bench-") as folder:
        found = {} if only == "postgresql" else {"SQLite": f"sqlite:///{Path(folder) / 'archive.sqlite3'}"}
        if only == "sqlite":
            yield folder, found
        elif programs := server_programs():
            with throwaway_cluster(programs) as url:
                yield folder, found | {"PostgreSQL": url}
        else:
            raise SystemExit("No PostgreSQL server is installed (initdb was not found); use --only sqlite.")


def environment(folder: str, url: str) -> dict[str, str]:
    """Settings of a process that is measured."""
    return {
        "DJANGO_SETTINGS_MODULE": "newsportal.settings", "ENV_FILE": os.devnull, "VAR_DIR": folder,
        "SECRET_KEY": "only-for-the-benchmark-" * 3, "DATABASE_URL": url, "SITE_URL": "http://{host}",
    }  # fmt: skip


def make(stories: int) -> None:
    """Tables, an archive in them, and its index for the search."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("make_archive", stories=stories, verbosity=0)
    start = time.perf_counter()
    call_command("reindex_search", verbosity=0)
    say(f"indexed {stories / (time.perf_counter() - start):,.0f} stories/s")
    with connection.cursor() as cursor:
        # As each does by itself, a while after rows came.
        cursor.execute("ANALYZE" if connection.vendor == "postgresql" else "PRAGMA wal_checkpoint")


def measure_each(
    module: str, about: str, prepare: Callable[[int], None], measure: Callable[[], bool]
) -> None:
    """The command of a benchmark: `prepare` fills an empty database, `measure` prints its table and says
    whether all is as wanted."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=about.partition("\n")[0])
    parser.add_argument("--stories", type=int, default=200_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--here", action="store_true", help="on DATABASE_URL, an archive already")
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.stories < LEAST:
        parser.error(f"--stories: at least {LEAST}")
    if args.here or args.fill:
        import django

        django.setup()
        if args.fill:
            prepare(args.stories)
        sys.exit(0 if measure() else 1)
    well = True
    with databases(args.only) as (folder, found):
        for title, url in found.items():
            say(f"{title}, {args.stories:,} stories")
            command = [sys.executable, "-m", module, "--fill", f"--stories={args.stories}"]
            env = os.environ | environment(folder, url)
            well &= subprocess.run(command, env=env, check=False).returncode == 0
    sys.exit(0 if well else 1)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
