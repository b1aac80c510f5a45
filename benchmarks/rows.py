"""The rows that a first phase wrote: as transactions that save them once more, and as whole tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain

from django.apps import apps
from django.contrib.sites.models import Site as HostSite
from django.db import connection, models

from articles.models import (
    Act,
    Author,
    Correction,
    Place,
    SearchEntry,
    Source,
    Story,
    StoryVersion,
    Tag,
    Withdrawal,
)
from newsportal.models import Change
from sections.models import Channel, Site
from wires.models import Dispatch, Feed, PictureOrder, Rule, WireStory

IN = "filled"  # the database that the first phase filled
AT_ONCE = 200  # transactions read back at a time

# What is there before the first file.
GIVEN = [HostSite, Site, Channel, Feed, Rule]
SHARED = [Source, Place, Author, Tag]
Transaction = list[models.Model]


class Words(models.Model):
    """What SQLite searches in: a table of FTS5, of which the portal has no model."""

    rowid = models.BigIntegerField(primary_key=True)
    words = models.TextField()

    class Meta:
        app_label, managed, db_table = "benchmarks", False, "articles_searchwords"

    def __str__(self) -> str:
        return self.words


class EntryWithWords(models.Model):
    """The same on PostgreSQL: a column that the portal's model leaves out."""

    position = models.BigIntegerField(primary_key=True)
    story_id = models.BigIntegerField()
    words = models.TextField()

    class Meta:
        app_label, managed, db_table = "benchmarks", False, "articles_searchentry"

    def __str__(self) -> str:
        return self.words


def search_index() -> list[type[models.Model]]:
    return [EntryWithWords] if connection.vendor == "postgresql" else [SearchEntry, Words]


def tables() -> list[type[models.Model]]:
    """The models of all rows that matter here, those that others point to first."""
    known = chain.from_iterable(
        apps.get_app_config(app).get_models(include_auto_created=True)
        for app in ("articles", "sections", "wires")
    )
    tables = [model for model in known if model._meta.managed and not model._meta.proxy]
    own = [model for model in tables if model is not SearchEntry]
    return [HostSite, Change, *own, *search_index()]


def transactions() -> Iterator[Transaction]:
    """A dispatch is kept on its own, an item with all that follows from it, as the intake does."""
    for model in SHARED:
        yield from ([row] for row in model.objects.using(IN))
    yield from ([row] for row in Change.objects.using(IN).iterator())
    kept: set[int] = set()
    keys = WireStory.objects.using(IN).order_by("pk").values_list("pk", flat=True)
    for key in keys.iterator():
        yield from _of_wire_story(key, kept)
    for key in Dispatch.objects.using(IN).exclude(pk__in=kept).values_list("pk", flat=True):
        yield [Dispatch.objects.using(IN).get(pk=key)]
    for model in search_index():
        yield from ([row] for row in model.objects.using(IN).iterator())


def _of_wire_story(key: int, kept: set[int]) -> Iterator[Transaction]:
    wire_story = WireStory.objects.using(IN).select_related("story").get(pk=key)
    copies = list(wire_story.copies.order_by("pk"))
    story = wire_story.story
    deeds = _deeds(story) if story else []
    for number, copy in enumerate(copies):
        if copy.dispatch_id not in kept:
            kept.add(copy.dispatch_id)
            yield [Dispatch.objects.using(IN).get(pk=copy.dispatch_id)]
        rows: Transaction = [copy]
        if number == 0:
            rows = [story, wire_story, copy, *_around(story)] if story else [wire_story, copy]
        is_last = copy is copies[-1]
        yield [*rows, *chain.from_iterable(deeds[number:] if is_last else deeds[number : number + 1])]


def _around(story: Story) -> Transaction:
    """What was written with the story when it was filed."""
    through = (Story.places.through, Story.authors.through)
    return [
        *story.links.all(),
        *chain.from_iterable(model.objects.using(IN).filter(story=story) for model in through),
        *story.tagged.all(),
        *story.listings.all(),
        *story.likenesses.all(),
        *PictureOrder.objects.using(IN).filter(story=story),
    ]


def _deeds(story: Story) -> list[Transaction]:
    """The records of each act, which have its moment."""
    by_moment: dict[object, Transaction] = defaultdict(list)
    for model in (Act, StoryVersion, Correction, Withdrawal):
        for record in model.objects.using(IN).filter(story=story):
            by_moment[record.at].append(record)
    return [records for _, records in sorted(by_moment.items())]


def numbers(database: str) -> dict[str, int]:
    """How many rows each table has."""
    return {model._meta.db_table: model._base_manager.using(database).count() for model in tables()}
