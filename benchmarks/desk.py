"""Measures the desk's lists and forms on a large archive: queries a page, and how long it takes.

    python -m benchmarks.desk --stories 200000
    python -m benchmarks.desk --stories 200000 --only sqlite

Each page is asked for by an editor whose rights and remit are read with it, again and again on one
connection, in the process itself. Needs the portal's PostgreSQL programs, or --only sqlite.
"""

from __future__ import annotations

import time
from statistics import quantiles

from benchmarks.archives import make, measure_each, say

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

    user, _made = User.objects.get_or_create(username="bench-editor", defaults={"is_staff": True})
    user.user_permissions.set(Permission.objects.all())
    Remit.objects.get_or_create(user=user)[0].sites.set(Site.objects.all())
    return user


def prepare(stories: int) -> None:
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    make(stories)


def measure() -> bool:
    """Prints the table; whether all is as wanted."""
    from django.db import connection
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(editor())
    say(f"wanted: {MOST_QUERIES} queries, {MOST_MS} ms")
    say(f"{'':36}{'queries':>8}{'median ms':>11}{'p95 ms':>9}")
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
        say(f"{name:36}{queries.number:>8}{cuts[9] * 1000:>11.0f}{cuts[18] * 1000:>9.0f}{mark}")
    return well


if __name__ == "__main__":
    measure_each("benchmarks.desk", __doc__, prepare, measure)
