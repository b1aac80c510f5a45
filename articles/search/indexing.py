"""What a story shows, written into the index in the transaction that shows it.

The index holds the stories that are published, whether their time has come or not: what a reader may see
is asked of Story.objects.public when something was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import models, transaction
from django.db.models import OuterRef

from articles.json_rows import JSONRows
from articles.models import Parts, SearchEntry, Story, Tag
from articles.search.documents import Document, Key, document
from articles.search.engine import engine
from articles.statements import let_others

AT_ONCE = 500  # stories in memory
A_BATCH = 100  # stories of a reindexing, which wait for each other and for the desk


def index_story(story: Story, parts: Parts) -> None:
    """A published story as it was just stored, with all its parts; one statement, three on SQLite."""
    tags = {tag.pk: tag.name for tag in parts.tags}
    listings = [(row.channel_id, row.channel.site_id, row.primary) for row in parts.listings]
    engine().write([_document(story, tags, [place.pk for place in parts.places], listings)])


def index(stories: Iterable[int]) -> None:
    """Brings the index to what these stories are in the database, published or not.

    To be called by whoever changes a published story, its tags, places or channels, in the same transaction.
    """
    keys = sorted(set(stories))
    for start in range(0, len(keys), AT_ONCE):
        _index(keys[start : start + AT_ONCE])


def _index(keys: list[int]) -> None:
    # In the order of keys, in which all who write many entries lock them.
    documents = sorted(_documents(keys), key=lambda one: one.story)
    if gone := set(keys) - {one.story for one in documents}:
        engine().forget(sorted(gone))
    if documents:
        engine().write(documents)


def forget(story: Story) -> None:
    engine().forget([story.pk])


_TEXTS = ("headline", "teaser", "slugline", "byline", "body", "language", "first_published", "source_id")


def _documents(keys: list[int]) -> Iterator[Document]:
    """One query."""
    own = OuterRef("pk")
    listings = Story.listings.rel.related_model.objects.filter(story=own)
    stories = Story.objects.filter(pk__in=keys, state=Story.State.PUBLISHED).only(*_TEXTS).order_by()
    parts = {
        "tags_": JSONRows(Tag.objects.filter(tagged__content_object=own).order_by(), "pk", "name"),
        "places_": JSONRows(Story.places.through.objects.filter(story=own), "place_id"),
        "listings_": JSONRows(listings, "channel_id", "primary", its_site="channel__site"),
    }
    for story in stories.annotate(**parts):
        yield _document(
            story,
            {tag["pk"]: tag["name"] for tag in story.tags_},
            [place["place_id"] for place in story.places_],
            [(row["channel_id"], row["its_site"], row["primary"]) for row in story.listings_],
        )


def _document(
    story: Story, tags: dict[int, str], places: list[int], listings: list[tuple[int, int, bool]]
) -> Document:
    """`tags` are names by key, `listings` keys of channels and of their sites, and which is primary."""
    keys = [*(Key.TAG.of(key) for key in tags), *(Key.PLACE.of(key) for key in places)]
    for channel, site, is_home in listings:
        keys += [Key.CHANNEL.of(channel), Key.SITE.of(site), *([Key.HOME.of(channel)] if is_home else [])]
    if story.source_id:
        keys.append(Key.SOURCE.of(story.source_id))
    return document(story, tags.values(), keys)


# -- All of it -----------------------------------------------------------------------


def to_index(after: int) -> models.QuerySet:
    """The published stories with a higher key, in the order of keys."""
    return Story.objects.filter(pk__gt=after, state=Story.State.PUBLISHED).order_by("pk")


def reindex(after: int = 0, *, missing: bool = False) -> Iterator[tuple[int, int, int]]:
    """Brings the index to these stories in the order of their keys, or to those of them only that are not
    in it; yields the last key of each batch, how many stories that was, and how many of them were indexed.

    Searches and the desk go on: a batch is a short transaction.
    """
    while keys := list(to_index(after).values_list("pk", flat=True)[:A_BATCH]):
        # What is missing is told here, and not by the database among all stories: it would read them all.
        there = SearchEntry.objects.filter(story__in=keys).values_list("story", flat=True) if missing else ()
        wanted = sorted(set(keys).difference(there))
        _index_anew(wanted)
        after = keys[-1]
        yield after, len(keys), len(wanted)


def forget_stale() -> int:
    """Takes out stories that are published no more: only who writes around articles.publishing leaves any."""
    stale = SearchEntry.objects.exclude(story__state=Story.State.PUBLISHED).values_list("story", flat=True)
    keys = sorted(stale)
    for start in range(0, len(keys), A_BATCH):
        _index_anew(keys[start : start + A_BATCH])
    return len(keys)


def tidy() -> Iterator[int]:
    """Makes searches quick again after much was written; yields how many pages each step wrote."""
    for pages in engine().merge():
        yield pages
        let_others()


def _index_anew(keys: list[int]) -> None:
    """Locks the stories, so that nothing that is published meanwhile is overwritten with older words."""
    if not keys:
        return
    with transaction.atomic():
        Story.objects.lock(keys)
        index(keys)
    let_others()
