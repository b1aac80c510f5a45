"""One phase of the benchmark, in a process of its own so that its memory is its own.

    python -m benchmarks.phases migrate | intake | archive | save | copy     started by others

Only the work itself is timed: making up the files and reading back the rows is not. The last line of
the output is what was measured, as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import dj_database_url
import django
from django.conf import settings
from django.utils import timezone
from tqdm import tqdm

EARLY = 1000  # items after which memory is looked at for the first time


@dataclass
class Measured:
    """`items` are items of files, and transactions where rows are saved; `told` is counts by name."""

    items: int = 0
    seconds: float = 0.0
    processor: float = 0.0  # of them this process was at work, and did not wait for disk, server or others
    peak_early: int = 0
    peak: int = 0
    beside: int = 0  # the peak of a process that helped
    told: dict = field(default_factory=dict)

    @contextmanager
    def timed(self) -> Iterator[None]:
        start, at_work = time.perf_counter(), time.process_time()
        yield
        self.seconds += time.perf_counter() - start
        self.processor += time.process_time() - at_work

    def count(self, items: int) -> None:
        self.items += items
        if self.items <= EARLY or not self.peak_early:
            self.peak_early = peak_memory()

    def as_json(self) -> str:
        self.peak = peak_memory()
        return json.dumps(vars(self))


def peak_memory() -> int:
    """Of this process, in KB."""
    return _kilobytes(resource.RUSAGE_SELF)


def _kilobytes(whose: int) -> int:
    peak = resource.getrusage(whose).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def progress(work: Iterable, name: str, total: int | None = None) -> tqdm:
    return tqdm(work, desc=name, total=total, unit="", leave=False, disable=not sys.stderr.isatty())


# -- The phases --------------------------------------------------------------------


def migrate() -> Measured:
    """The tables, empty: Django brings a site along."""
    from django.contrib.sites.models import Site as HostSite
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    HostSite.objects.all().delete()
    return Measured()


def intake(files: int, seed: int) -> Measured:
    """As manage.py ingest takes a folder in."""
    from benchmarks.wire_files import wire_files
    from wires.intake import receive_all

    feed, measured, told = trusted_feed(), Measured(), Counter()
    with tempfile.TemporaryDirectory(prefix="newsportal-bench-") as folder:
        for number, (name, data) in enumerate(progress(wire_files(files, seed), "files", files)):
            Path(folder, f"{number:07}-{name}").write_bytes(data)
        paths = (Path(folder, name) for name in sorted(os.listdir(folder)))  # noqa: PTH208
        contents = ((path.name, path.read_bytes()) for path in paths)
        reports = receive_all(contents, feed)
        bar = progress([], "intake", files)
        with measured.timed():
            for report in reports:
                if report.failures:
                    raise SystemExit(f"{report.failures[0]}")
                told += report.counts
                measured.count(sum(report.counts.values()))
                bar.update()
    # The process that read the files has ended.
    measured.beside = _kilobytes(resource.RUSAGE_CHILDREN)
    measured.told = dict(told)
    return measured


def archive(stories: int, seed: int) -> Measured:
    """As manage.py make_archive makes one."""
    from sections.archive.make import make_archive

    measured, bar = Measured(), progress([], "archive", stories)
    with measured.timed():
        for number in make_archive(stories, seed, timezone.now()):
            measured.count(number)
            bar.update(number)
    return measured


def trusted_feed():
    """Publishes at once; its rules list and tag."""
    from sections.models import Channel, Site
    from wires.models import Feed, Rule

    site = Site.objects.create(domain="bench.test", name="Bench", is_default=True)
    world, sea, space = (
        Channel.objects.create(site=site, title=title, kicker=title.upper())
        for title in ("World", "Sea", "Space")
    )
    feed = Feed.objects.create(name="bench", channel=world, publish=True)
    Rule.objects.create(
        feed=feed, position=1, field="keyword", value="ferries", channel=sea, tags="Ferries, Sea"
    )
    Rule.objects.create(feed=feed, position=2, field="keyword", value="space", channel=space, tags="Space")
    Rule.objects.create(
        feed=feed, position=3, field="subject", value="medtop:2000", channel=world, tags="Wire"
    )
    Rule.objects.create(feed=feed, position=4, field="urgency", value="4", tags="Top news")
    return Feed.objects.select_related("source").get(pk=feed.pk)


def save() -> Measured:
    """The same rows by Model.save() one by one, each committed on its own, as Django does by itself.

    Nothing but that: no check, no cleaning of HTML, no look at what is there, no lock.
    """
    from django.db.models import Model

    from benchmarks.rows import AT_ONCE, GIVEN, IN, transactions

    for model in GIVEN:
        for row in model.objects.using(IN):
            row.save_base(raw=True, using="default", force_insert=True)
    measured, work = Measured(), transactions()
    bar = progress([], "save()")
    while some := list(islice(work, AT_ONCE)):
        with measured.timed():
            for row in chain.from_iterable(some):
                Model.save(row, using="default", force_insert=True)
        measured.count(len(some))
        bar.update(len(some))
    check_same(measured)
    return measured


def copy() -> Measured:
    """The same rows by COPY, a table at a time; on SQLite by executemany, the fastest that it has."""
    from django.db import connections, transaction

    from benchmarks.rows import tables

    load = _copy if connections["default"].vendor == "postgresql" else _executemany
    measured = Measured()
    transaction.set_autocommit(False)
    for model in progress(tables(), "COPY"):
        columns = ", ".join(f'"{f.column}"' for f in model._meta.local_concrete_fields)
        load(measured, model._meta.db_table, columns)
    with measured.timed():
        transaction.commit()
    check_same(measured)
    return measured


def _copy(measured: Measured, table: str, columns: str) -> None:
    from django.db import connections

    from benchmarks.rows import IN

    with tempfile.TemporaryFile() as file:
        with connections[IN].cursor() as cursor, cursor.copy(f'COPY "{table}" ({columns}) TO STDOUT') as out:
            for part in out:
                file.write(part)
        file.seek(0)
        with (
            measured.timed(),
            connections["default"].cursor() as cursor,
            cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as into,
        ):
            while part := file.read(1 << 16):
                into.write(part)


def _executemany(measured: Measured, table: str, columns: str) -> None:
    from django.db import connections

    from benchmarks.rows import IN

    connections[IN].ensure_connection()
    rows = connections[IN].connection.execute(f'SELECT {columns} FROM "{table}"')  # noqa: S608
    marks = ", ".join("?" * (columns.count(",") + 1))
    insert = f'INSERT INTO "{table}" ({columns}) VALUES ({marks})'  # noqa: S608
    while some := rows.fetchmany(1000):
        with measured.timed():
            connections["default"].connection.executemany(insert, some)


def check_same(measured: Measured) -> None:
    """A comparison with other rows would be none."""
    from benchmarks.rows import IN, numbers

    there, here = numbers(IN), numbers("default")
    if there != here:
        differing = {table: (there[table], here[table]) for table in there if there[table] != here[table]}
        raise SystemExit(f"The rows are not the same: {differing}")
    measured.told = {table: number for table, number in here.items() if number}


# -- Starting ------------------------------------------------------------------------


def main(phase: str, *arguments: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsportal.settings")
    if source := os.environ.get("FILLED_DATABASE_URL"):
        default = settings.DATABASES["default"]
        settings.DATABASES["filled"] = {
            **default,
            **dj_database_url.parse(source),
            "OPTIONS": default["OPTIONS"],
        }
    django.setup()
    phases = {"migrate": migrate, "intake": intake, "archive": archive, "save": save, "copy": copy}
    measured = phases[phase](*map(int, arguments))
    sys.stdout.write(measured.as_json() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
