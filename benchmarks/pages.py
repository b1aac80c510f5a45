"""Measures readers' pages: from memory, and made anew, against what else could serve them. Prints a table.

    python -m benchmarks.pages                            on a throwaway PostgreSQL
    python -m benchmarks.pages --only sqlite --stories 10000 --rounds 5

All rows are measured in turns, again in each round, so that what else the machine does meets all of them; a
row is the median of its rounds. CPU is that of the server's processes and of PostgreSQL's. Needs wrk.
"""

from __future__ import annotations

import argparse
import gzip
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import desk
from benchmarks.servers import WRK, Load, Server, free_port, gunicorn, load, nginx, serving

GZIP = {"Accept-Encoding": "gzip"}
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
        for _ in range(rounds):
            for row in self.rows:
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


# -- What is measured --------------------------------------------------------------------


def addresses(host: str) -> dict[str, str]:
    """A page of each type on a site of the archive."""
    from django.urls import reverse

    from sections.cards import story_path
    from sections.models import Listing

    listings = Listing.objects.filter(primary=True, channel__site__domain=host, story__state="published")
    listing = listings.select_related("channel", "story").order_by("-story__first_published")[50]
    story, channel = listing.story, listing.channel
    tag, author, place = story.tags.first(), story.authors.first(), story.places.first()
    day = story.first_published
    return {
        "story": story_path(story.pk, story.headline),
        "home": "/",
        "channel": reverse("sections:channel", args=[channel.slug]),
        "latest": reverse("sections:latest"),
        "tag": reverse("sections:tag", args=[tag.slug]),
        "place": reverse("sections:place", args=[place.slug]),
        "author": reverse("sections:author", args=[author.slug]),
        "source": reverse("sections:source", args=[story.source.code]),
        "archive of a month": reverse("sections:archive-month", args=[day.year, day.month]),
        "archive of a day": reverse("sections:archive-day", args=[day.year, day.month, day.day]),
        "corrections": reverse("sections:corrections"),
        "feed": "/rss.xml",
        "sitemap of a month": reverse("sections:sitemap-month", args=[day.year, day.month, 1]),
    }


def add_rows(run: Run, host: str) -> Server:
    """The portal's server, after all rows have been added."""
    paths = addresses(host)
    portal = run.start("portal", lambda port: gunicorn("newsportal.wsgi", port))
    plain = run.start("plain", lambda port: gunicorn("benchmarks.plain.wsgi", port), **PLAIN)
    cached = run.start(
        "cached", lambda port: gunicorn("benchmarks.plain.wsgi", port), **PLAIN, PLAIN_CACHE="1"
    )
    said = {"Host": host, **GZIP}
    for _ in range(3):
        _status, headers, body = portal.get(paths["story"], **said)
        time.sleep(0.5)
    if headers.get("x-cache") != "hit":
        raise SystemExit(f"The portal's page cache gives no hit: {headers}")
    (run.folder / "body").write_bytes(body)
    bare = run.start(
        "bare", lambda port: gunicorn("benchmarks.bare", port), BARE_BODY=str(run.folder / "body")
    )
    run.add("bytes that are ready, the same server", bare, "/", connections=32)
    run.add("story from memory", portal, paths["story"], connections=32, **said)
    run.add(
        "story from memory, 304",
        portal,
        paths["story"],
        connections=32,
        **said,
        If_None_Match=headers["etag"],
    )
    run.add("Django's cache middleware, local memory", cached, paths["story"], **said)
    add_nginx(run, body)
    run.add("story, a plain Django page", plain, paths["story"], **said)
    # What a session asks for goes past the cache.
    for name, path in paths.items():
        run.add(f"{name}, made anew", portal, path, **said, Cookie="sessionid=benchmark")
    return portal


PLAIN = {"DJANGO_SETTINGS_MODULE": "benchmarks.plain.settings"}


def add_nginx(run: Run, body: bytes) -> None:
    """The same bytes as a file."""
    (run.folder / "www").mkdir()
    (run.folder / "www/page.html").write_bytes(gzip.decompress(body))
    (run.folder / "www/page.html.gz").write_bytes(body)
    try:
        server = run.start("nginx", lambda port: nginx(run.folder, port))
    except FileNotFoundError:
        run.skipped.append("nginx, a static file: nginx is not installed")
        return
    run.add("nginx, a static file of the same bytes", server, "/page.html", connections=32, **GZIP)


def delays(run: Run, host: str, times: int = 20) -> list[float]:
    """From the commit of a publication until every one of some connections to two workers shows it."""
    from articles import publishing
    from articles.models import Story
    from sections.models import Channel, Listing

    server = run.start("two workers", lambda port: gunicorn("newsportal.wsgi", port, workers=2))
    channel = Channel.objects.filter(site__domain=host).first()
    found = []
    for number in range(times):
        headline = f"Delay {os.getpid()} {number}"
        story = Story.objects.create(headline=headline, body="<p>Measured.</p>")
        Listing.objects.create(story=story, channel=channel, primary=True)
        ask = [server.get("/latest/", Host=host) for _ in range(8)]
        assert all(headline.encode() not in body for _status, _headers, body in ask)
        publishing.publish(story, by_name="The benchmark")
        began, shown = time.perf_counter(), 0
        while shown < 8:  # one after the other: each is a new connection, which any worker may take
            _status, _headers, body = server.get("/latest/", Host=host)
            shown = shown + 1 if headline.encode() in body else 0
            if shown == 1:
                first = time.perf_counter()
        found.append(first - began)
    return found


# -- The table -----------------------------------------------------------------------------


def print_table(run: Run) -> None:
    by_name = {row.name: row for row in run.rows}
    bare, plain = by_name["bytes that are ready, the same server"], by_name["story, a plain Django page"]
    say(f"{'':44}{'requests/s':>11}{'CPU ms':>9}{'of plain':>10}{'of bare':>9}")
    for row in run.rows:
        of_plain, of_bare = row.cpu_ms / plain.cpu_ms, row.cpu_ms / bare.cpu_ms
        say(f"{row.name:44}{row.a_second:>11,.0f}{row.cpu_ms:>9.3f}{of_plain:>10.3f}{of_bare:>9.1f}")
    for reason in run.skipped:
        say(f"left out: {reason}")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def measure(args: argparse.Namespace) -> None:
    """In a process of its own, for the database that the environment names."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("make_archive", stories=args.stories, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    host = "archive-1.localhost"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsportal-pages-")))
        run = Run(stack, folder, database_processes(connection))
        portal = add_rows(run, host)
        run.measure(args.rounds, args.seconds)
        print_table(run)
        say(f"memory of the portal, one worker and its master: {portal.memory() / 2**20:.0f} MB")
        found = sorted(delays(run, host))
        say(f"published to visible: median {median(found) * 1000:.0f} ms, at worst {found[-1] * 1000:.0f} ms")


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
    with desk.databases(args.only) as (folder, found):
        for title, url in found.items():
            say(f"{title}, {args.stories:,} stories, {args.rounds} rounds of {args.seconds} s a row")
            command = [sys.executable, "-m", "benchmarks.pages", "--here", *sys.argv[1:]]
            environment = os.environ | desk.environment(folder, url)
            if subprocess.run(command, env=environment, check=False).returncode:
                sys.exit(1)


if __name__ == "__main__":
    main()
