"""Measures the desk's lists and forms on a large archive: queries a page, and how long it takes.

    python -m benchmarks.desk --stories 200000
    python -m benchmarks.desk --stories 200000 --only sqlite

Each page is asked for by an editor whose rights and remit are read with it, again and again on one
connection, in the process itself. Needs the portal's PostgreSQL programs, or --only sqlite.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

from tests.postgresql import server_programs, throwaway_cluster

MOST_QUERIES, MOST_MS = 15, 300  # wanted of each page
ROUNDS = 25


class Queries:
    """Counts what the database is asked; for connection.execute_wrapper()."""

    number = 0

    def __call__(self, execute, sql, params, many, context):
        self.number += 1
        return execute(sql, params, many, context)


def pages() -> dict[str, str]:
    """Names and paths of what is measured; needs the archive."""
    from django.contrib import admin
    from django.urls import reverse

    from articles.models import Author, Picture, Place, Source, Story, Tag
    from sections.models import Block, Channel
    from wires.models import Feed

    stories = reverse("admin:articles_story_changelist")
    versions = reverse("admin:articles_storyversion_changelist")
    published = Story.objects.filter(state="published")
    word = published.order_by("pk")[5000].headline.split()[-1]
    found = {
        "desk": reverse("admin:index"),
        "stories, ready": f"{stories}?state__exact=ready",
        "stories, of the wire by urgency": f"{stories}?state__exact=draft&origin=wire&urgency=1",
        "stories, of a source": f"{stories}?source={Source.objects.first().pk}",
        "stories, deep page": f"{stories}?p=150",
        "stories, embargoed": f"{stories}?when=ahead",
        "stories, rights about to end": f"{stories}?when=ending",
        "stories, by word": f"{stories}?q={word}",
        "story, new": reverse("admin:articles_story_add"),
        "versions of a story": f"{versions}?story={published.first().pk}",
    }
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        found[f"list: {model._meta.verbose_name_plural}"] = reverse(f"admin:{name}_changelist")
    for model in (Story, Tag, Place, Author, Source, Picture, Channel, Block, Feed):
        row = published.last() if model is Story else model.objects.last()
        if row is not None:
            name = f"{model._meta.app_label}_{model._meta.model_name}"
            found[f"form: {model._meta.verbose_name}"] = reverse(f"admin:{name}_change", args=[row.pk])
    return found


def editor():
    """With every right by name and a remit of all sites: nobody's pages ask the database for more."""
    from django.contrib.auth.models import Permission, User

    from sections.models import Remit, Site

    user = User.objects.create_user("editor", is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    Remit.objects.create(user=user).sites.set(Site.objects.all())
    return user


def measure(stories: int) -> bool:
    """Makes the archive, measures, prints a table; whether all is as wanted."""
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("make_archive", stories=stories, verbosity=0)
    call_command("reindex_search", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(headers={"host": "localhost"})
    client.force_login(editor())
    sys.stdout.write(f"{'':36}{'queries':>8}{'median ms':>11}{'p95 ms':>9}\n")
    well = True
    for name, path in pages().items():
        queries = Queries()
        with connection.execute_wrapper(queries):
            answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{name}: {path} answers {answer.status_code}")
        seconds = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            client.get(path)
            seconds.append(time.perf_counter() - start)
        cuts = quantiles(seconds, n=20)
        is_well = queries.number <= MOST_QUERIES and cuts[18] * 1000 <= MOST_MS
        well &= is_well
        mark = "" if is_well else "  NOT as wanted"
        sys.stdout.write(
            f"{name:36}{queries.number:>8}{cuts[9] * 1000:>11.0f}{cuts[18] * 1000:>9.0f}{mark}\n"
        )
        sys.stdout.flush()
    return well


@contextmanager
def databases(only: str | None):
    """What is measured on: names and URLs."""
    with tempfile.TemporaryDirectory(prefix="newsportal-bench-") as folder:
        found = {} if only == "postgresql" else {"SQLite": f"sqlite:///{Path(folder) / 'desk.sqlite3'}"}
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stories", type=int, default=200_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.stories < 10_000:
        parser.error("--stories: at least 10000; lists of few rows tell nothing")
    if args.here:
        import django

        django.setup()
        sys.exit(0 if measure(args.stories) else 1)
    well = True
    with databases(args.only) as (folder, found):
        for title, url in found.items():
            sys.stdout.write(
                f"{title}, {args.stories:,} stories; wanted: {MOST_QUERIES} queries, {MOST_MS} ms\n"
            )
            sys.stdout.flush()
            env = os.environ | environment(folder, url)
            command = [sys.executable, "-m", "benchmarks.desk", "--here", "--stories", str(args.stories)]
            well &= subprocess.run(command, env=env, check=False).returncode == 0
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
