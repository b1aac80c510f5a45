"""The parts of stories as they are stored, with where each stands, all in one query.

`Parts.of` is for an instance that may carry others than those.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import F, Model, OuterRef, QuerySet

from articles.json_rows import JSONRows, read_time
from articles.models import Author, Parts, Place, RelatedLink, Story, Tag
from articles.prepared import Blanks, prepared

Row = TypeVar("Row", bound=Model)
_LISTING, _SLOT = Story.listings.rel.related_model, Story.slots.rel.related_model  # of whichever app
_TIMES = ("starts_at", "ends_at")


def stored_parts(story: Story) -> Parts:
    """One query, composed once."""
    [row] = _of_one(pk=story.pk)
    return _parts(row)


def stored_parts_of(pks: Iterable[int]) -> dict[int, Parts]:
    """By story; one query for all."""
    return {row["pk"]: _parts(row) for row in _with_parts(Story.objects.filter(pk__in=pks))}


@prepared
def _of_one(blank: Blanks) -> QuerySet:
    return _with_parts(Story.objects.filter(pk=blank.key("pk")))


def _with_parts(stories: QuerySet) -> QuerySet:
    own = OuterRef("pk")
    links = RelatedLink.objects.filter(story=own).order_by("position", "id")
    listings, slots = (model.objects.filter(story=own).order_by() for model in (_LISTING, _SLOT))
    return (
        stories.order_by()
        .annotate(
            tags_=JSONRows(Tag.objects.filter(tagged__content_object=own), "id", "name"),
            authors_=JSONRows(Author.objects.filter(stories=own), "id", "name"),
            places_=JSONRows(Place.objects.filter(stories=own), "id", "name", "country"),
            links_=JSONRows(links, "id", "title", "url"),
            listings_=JSONRows(listings, *_TIMES, "primary", "channel_id", "site_id"),
            slots_=JSONRows(
                slots, *_TIMES, "block_id", home_of_id="block__home_of", channel_id="block__channel",
                on_front="block__on_front", on_stories="block__on_stories",
            ),
            picture_until=F("picture__rights_until"),
        )
        .values("pk", "tags_", "authors_", "places_", "links_", "listings_", "slots_", "picture_until")
    )  # fmt: skip


def _parts(row: dict) -> Parts:
    return Parts(
        tags=[_row(Tag, values) for values in row["tags_"]],
        authors=[_row(Author, values) for values in row["authors_"]],
        places=[_row(Place, values) for values in row["places_"]],
        links=[_row(RelatedLink, values) for values in row["links_"]],
        listings=[_standing(_LISTING, "channel", values) for values in row["listings_"]],
        slots=[_standing(_SLOT, "block", values) for values in row["slots_"]],
        picture_until=row["picture_until"],
    )


def _standing(model: type[Row], where: str, values: dict) -> Row:
    """A listing with its channel, or a slot with its block."""
    row = _row(model, values | {name: read_time(values[name]) for name in _TIMES})
    there = model._meta.get_field(where)
    setattr(row, where, _row(there.related_model, values | {"id": values[there.attname]}))
    return row


def _row(model: type[Row], values: dict) -> Row:
    """What is not among the values is read when it is asked for."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname in values]
    return model.from_db(None, names, [values[name] for name in names])
