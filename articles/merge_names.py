"""Tags, places and authors: how much they are used, two made one, and what stays of a name given up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.db.models import Count, F, Max, Min, Q

from articles.models import Author, Place, Story, Tag, TaggedStory
from articles.models.names import LONGEST, Named, normal_form
from articles.search import indexing
from newsportal import keys, outbox

# model -> the table of its stories, and that table's two columns
STORIES = {
    Tag: (TaggedStory, "tag", "content_object"),
    Place: (Story.places.through, "place", "story"),
    Author: (Story.authors.through, "author", "story"),
}


@dataclass(frozen=True, slots=True)
class Uses:
    stories: int = 0
    last: datetime | None = None  # when the newest of its stories was filed


def uses_of(model: type[Named], keys: Iterable[int]) -> dict[int, Uses]:
    """How much these rows are used; two queries, of which none reads the stories that it counts."""
    table, own, story = STORIES[model]
    rows = table.objects.filter(**{f"{own}__in": list(keys)}).order_by().values_list(own)
    counted = list(rows.annotate(Count("pk"), Max(story)))
    # A story that was filed later has the higher key.
    newest = {story for _key, _stories, story in counted}
    filed = dict(Story.objects.filter(pk__in=newest).values_list("pk", "created"))
    return {key: Uses(stories, filed.get(story)) for key, stories, story in counted}


def published_stories(row: Named) -> int:
    """How many stories of a row are published; reads all its stories."""
    table, own, story = STORIES[type(row)]
    published = {f"{story}__state": Story.State.PUBLISHED}
    return table.objects.filter(**{own: row.pk}, **published).count()


def stories_of(model: type[Named], keys: Iterable[int]) -> list[int]:
    """The keys of the stories that name one of these rows; one query."""
    table, own, story = STORIES[model]
    return list(table.objects.filter(**{f"{own}__in": list(keys)}).values_list(story, flat=True))


def pointers(model: type[Named]) -> list[models.ForeignKey]:
    """Every column of the database that names a row of the model, of whichever app."""
    return [
        relation.field
        for relation in model._meta.get_fields(include_hidden=True)
        if relation.one_to_many and relation.auto_created
    ]


def named_elsewhere(model: type[Named], keys: list[int]) -> dict[int, dict[str, int]]:
    """What else names these rows, such as blocks, and how often. One query for each such column."""
    found: dict[int, dict[str, int]] = {key: {} for key in keys}
    own = {STORIES[model][0], model.other_names.rel.related_model, model.old_slugs.rel.related_model}
    for pointer in pointers(model):
        if pointer.model in own:
            continue
        rows = pointer.model._base_manager.filter(**{f"{pointer.name}__in": keys}).order_by()
        label = f"{pointer.model._meta.verbose_name_plural} ({pointer.verbose_name})"
        for key, count in rows.values_list(pointer.name).annotate(count=Count("pk")):
            found[key][label] = count
    return found


def keep_old(row: Named, name: str, slug: str) -> None:
    """Has a name and an address that `row` or another had lead to it from now on."""
    other_name, old_slug = type(row).other_names.rel.related_model, type(row).old_slugs.rel.related_model
    # What it took back from its own past, or now bears as its own.
    row.other_names.filter(normal=row.normal).delete()
    row.old_slugs.filter(slug=row.slug).delete()
    normal = normal_form(name)[:LONGEST]
    if normal != row.normal and not other_name.objects.filter(normal=normal).exists():
        row.other_names.create(name=name[:120])
    if slug != row.slug:
        old_slug.objects.update_or_create(slug=slug, defaults={"of": row})


def keys_of(row: Named) -> set[str]:
    """Of the pages that list its stories, and of those that name it."""
    kind = row._meta.model_name
    return {keys.listed(kind, row.pk), keys.named(kind, row.slug)}


class Gone(Exception):
    """What was to be kept is not there any more; nothing was merged."""


@transaction.atomic
def merge(kept: Named, others: Iterable[Named]) -> int:
    """Makes `others` one with `kept`; returns how many stories changed.

    All that named one of them names `kept` then. Their names find it, their addresses lead to it. A story
    that somebody has open is a newer one now, so that saving it brings nothing back. Who is merged already
    is passed over, so twice is as once.
    """
    model = type(kept)
    wanted = {kept.pk, *(other.pk for other in others)}
    rows = {row.pk: row for row in model.objects.select_for_update().filter(pk__in=wanted).order_by("pk")}
    if kept.pk not in rows:
        raise Gone(f"“{kept}” is not there any more: it was merged or deleted meanwhile.")
    kept = rows.pop(kept.pk)
    if not rows:
        return 0
    outbox.record(*keys_of(kept), *(key for other in rows.values() for key in keys_of(other)))
    changed = _touch_stories(model, list(rows))
    found_by = stories_of(model, rows)
    _move_stories(model, kept, list(rows))
    for pointer in pointers(model):
        # By the base manager: none of its rows may be left out, they would go with the row they name.
        named = pointer.model._base_manager.filter(**{f"{pointer.name}__in": list(rows)})
        named.update(**{pointer.name: kept})
    for other in rows.values():
        other.delete()
        keep_old(kept, str(other), other.slug)
    topic = next((other.topic for other in rows.values() if other.topic), "") if model is Tag else ""
    if topic and not kept.topic:
        kept.topic = topic
        kept.save(update_fields=["topic"])
    indexing.index(found_by)
    return changed


def _touch_stories(model: type[Named], keys: list[int]) -> int:
    table, own, story = STORIES[model]
    named = Q(pk__in=table.objects.filter(**{f"{own}__in": keys}).values(story))
    for pointer in pointers(model):
        if pointer.model is Story:
            named |= Q(**{f"{pointer.name}__in": keys})
    return Story.objects.filter(named).update(version=F("version") + 1)


def _move_stories(model: type[Named], kept: Named, keys: list[int]) -> None:
    """Each story has what is kept once, however many of the others it had."""
    table, own, story = STORIES[model]
    theirs = table.objects.filter(**{f"{own}__in": keys})
    has_it = table.objects.filter(**{own: kept.pk}).values(story)
    first = theirs.exclude(**{f"{story}__in": has_it}).order_by().values(story).annotate(first=Min("pk"))
    table.objects.filter(pk__in=first.values("first")).update(**{own: kept})
    theirs.delete()
