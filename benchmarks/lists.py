"""Measures readers' pages made anew on a large archive, first pages and deep ones, against a small archive.

    python -m benchmarks.lists --stories 1000000
    python -m benchmarks.lists --archive postgresql://user@host/large --small postgresql://user@host/small

Each page is asked for again and again on one connection, in the process itself and past the pages in
memory. A deep page is entered by a page key in the middle or at the end of its list, which is the longest
of its kind. CPU is that of the process and, where it runs on this machine, of PostgreSQL's.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from importlib import import_module
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode

from benchmarks.archives import databases, environment, make
from benchmarks.desk import Queries
from benchmarks.page_rows import third
from benchmarks.servers import TICKS

SMALL = 10_000  # stories
MOST_MS, MOST_RATIO = 20, 1.5  # wanted of each page
ROUNDS = 200  # so that one pause of the process, for its garbage, is beyond 99 of 100
WARM = 8  # requests: queries are built and planned, templates compiled


# -- What is measured ------------------------------------------------------------------


def pages() -> Iterator[tuple[str, str, str]]:
    """(page, where in it, path) of the first site; needs the archive."""
    from django.urls import reverse

    from articles import models
    from articles.models import Correction, Story
    from sections.models import Channel, Listing, Site

    site = Site.objects.get(domain="archive-1.localhost")
    here = Listing.objects.filter(site=site, first_published__isnull=False)
    channel = Channel.objects.get(pk=_largest(here, "channel"))
    rows = {
        "latest": (reverse("sections:latest"), here),
        "channel": (reverse("sections:channel", args=[channel.slug]), here.filter(channel=channel)),
    }
    for model, entries, column, story in (
        (models.Tag, models.TaggedStory, "tag_id", "content_object_id"),
        (models.Place, models.PlaceEntry, "place_id", "story_id"),
        (models.Author, models.AuthorEntry, "author_id", "story_id"),
        (models.Source, Story, "source_id", "pk"),
    ):
        listed = entries.objects.filter(first_published__isnull=False)
        of = model.objects.get(pk=_largest(listed, column))
        kind = model._meta.model_name
        path = reverse(f"sections:{kind}", args=[getattr(of, "slug", None) or of.code])
        rows[kind] = (path, listed.filter(**{column: of.pk}).annotate(story_key=_f(story)))
    yield "home", "", "/"
    for name, (path, entries) in rows.items():
        yield name, "first", path
        for where, key in _keys(entries):
            yield name, where, f"{path}?before={key}"
    living = here.filter(channel=channel, primary=True, story__state="published")
    newest = living.latest("first_published").story
    yield "story", "", f"{reverse('sections:story', args=[newest.pk, newest.slug])}"
    yield "story", "history", f"{reverse('sections:story', args=[newest.pk, newest.slug])}history/"
    corrections = list(Correction.objects.order_by("pk").values_list("pk", flat=True))
    yield "corrections", "first", reverse("sections:corrections")
    for where, index in (("middle", len(corrections) // 2), ("end", 0)):
        yield "corrections", where, f"{reverse('sections:corrections')}?before={corrections[index] + 60}"
    oldest = here.earliest("first_published").first_published
    midst = (oldest + (newest.first_published - oldest) / 2).astimezone(UTC)
    day = [midst.year, midst.month, midst.day]
    yield "archive", "years", reverse("sections:archive")
    yield "archive", "months", reverse("sections:archive-year", args=day[:1])
    yield "archive", "days", reverse("sections:archive-month", args=day[:2])
    yield "archive", "a day", reverse("sections:archive-day", args=day)
    yield "edition", "", reverse("sections:edition", args=[channel.slug, *day])
    for name in ("latest", "channel", "tag", "place", "author", "source"):
        yield "feed", name, f"{'/' if name == 'latest' else rows[name][0]}atom.xml"
    yield "sitemap", "index", reverse("sections:sitemap")
    yield "sitemap", "news", reverse("sections:sitemap-news")
    yield "sitemap", "of ten days", reverse("sections:sitemap-third", args=[*day[:2], third(day[2]), 1])
    address = {name: path.strip("/").split("/")[-1] for name, (path, _entries) in rows.items()}
    words = models.Tag.objects.get(slug=address["tag"]).name
    search = f"{reverse('sections:search')}?{urlencode({'q': words})}"
    for order in ("newest", "best"):
        yield "search", order, f"{search}&order={order}"
    address["site"] = site.domain
    for name in ("site", "channel", "source", "tag", "place"):
        yield "search", f"of a {name}", f"{search}&{name}={address[name]}"


def _f(name: str):
    from django.db.models import F

    return F(name)


def _largest(rows, column: str) -> int:
    from django.db.models import Count

    counted = rows.order_by().values(column).annotate(number=Count("pk")).exclude(**{column: None})
    return counted.order_by("-number").values_list(column, flat=True)[0]


def _keys(entries) -> Iterator[tuple[str, str]]:
    story = "story_key" if "story_key" in entries.query.annotations else "story_id"
    number = entries.count()
    ordered = entries.order_by("-first_published").values_list("first_published", story)
    for where, index in (("middle", number // 2), ("end", max(number - 60, 0))):
        at, pk = ordered[index]
        yield where, f"{at.astimezone(UTC):%Y%m%d%H%M%S%f}-{pk}"


def measure() -> dict[str, dict]:
    """By page: median and p99 in ms, CPU in ms, queries, of the archive that the settings name."""
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from sections.network import kept_network

    call_command("collectstatic", interactive=False, verbosity=0)
    import_module("newsportal.wsgi")  # what it does for speed when it starts is part of what is measured
    kept_network.vouch(time.monotonic() + 86_400)  # as where somebody hears of its changes
    client, found = Client(headers={"host": "archive-1.localhost"}), {}
    for page, where, path in pages():
        queries = Queries()
        for _ in range(WARM):
            client.get(path)
        with connection.execute_wrapper(queries):
            answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{page}: {path} answers {answer.status_code}")
        seconds, before = [], _cpu(connection)
        for _ in range(ROUNDS):
            start = time.perf_counter()
            client.get(path)
            seconds.append(time.perf_counter() - start)
        found[f"{page} {where}".strip()] = {
            "queries": queries.number,
            "median": 1000 * median(seconds),
            "p99": 1000 * quantiles(seconds, n=100)[98],
            "cpu": 1000 * (_cpu(connection) - before) / ROUNDS,
        }
    return found


def _cpu(connection) -> float:
    """Seconds of this process, and of PostgreSQL's that answers it."""
    seconds = time.process_time()
    if connection.vendor == "postgresql":
        stat = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
        if stat.exists():
            seconds += int(stat.read_text().split()[0]) / TICKS
    return seconds


# -- The table -------------------------------------------------------------------------


def table(large: dict[str, dict], small: dict[str, dict]) -> bool:
    """Prints it; whether all is as wanted."""
    sys.stdout.write(f"{'':22}{'queries':>8}{'median ms':>11}{'p99 ms':>9}{'CPU ms':>9}{'of small':>10}\n")
    well = True
    for name, row in large.items():
        ratio = row["cpu"] / small[name]["cpu"] if name in small else 0
        is_well = row["p99"] <= MOST_MS and ratio <= MOST_RATIO
        well &= is_well
        mark = "" if is_well else "  NOT as wanted"
        sys.stdout.write(
            f"{name:22}{row['queries']:>8}{row['median']:>11.1f}{row['p99']:>9.1f}{row['cpu']:>9.1f}"
            f"{ratio:>10.2f}{mark}\n"
        )
    return well


@contextmanager
def archives(args: argparse.Namespace) -> Iterator[list[tuple[str, str, str]]]:
    """(title, URL of the large archive, of the small one)."""
    if args.archive:
        yield [(args.archive.partition(":")[0], args.archive, args.small)]
        return
    with databases(args.only) as (_folder, large), databases(args.only) as (_other, small):
        for urls, stories in ((large, args.stories), (small, SMALL)):
            for url in urls.values():
                _run(url, "--make", str(stories))
        yield [(title, url, small[title]) for title, url in large.items()]


def _run(url: str, *what: str) -> str:
    """In a process of its own, with that database."""
    command = [sys.executable, "-m", "benchmarks.lists", *what]
    with tempfile.TemporaryDirectory(prefix="newsportal-bench-") as folder:
        env = os.environ | environment(folder, url)
        return subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stories", type=int, default=200_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--archive", help="URL of a database with an archive; --small names the other")
    parser.add_argument("--small", help=f"URL of one with {SMALL:,} stories")
    parser.add_argument("--make", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if bool(args.archive) != bool(args.small):
        parser.error("--archive and --small go together")
    if args.make or args.here:
        import django

        django.setup()
        if args.make:
            make(args.make)
        else:
            json.dump(measure(), sys.stdout)
        return
    well = True
    with archives(args) as found:
        for title, large, small in found:
            sys.stdout.write(f"{title}; wanted: {MOST_MS} ms, {MOST_RATIO} times {SMALL:,} stories\n")
            sys.stdout.flush()
            well &= table(json.loads(_run(large, "--here")), json.loads(_run(small, "--here")))
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
