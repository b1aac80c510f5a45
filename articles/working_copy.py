"""Changes to a published story that readers do not see yet: saved, gone on with by anybody, then published
or discarded.

The story's columns stay what readers see. Saving and discarding count in Story.version like any save, so
a form opened before is refused as stale. articles.publishing takes the working copy away as it publishes
its content, and publishes nothing over one that was not looked at; a withdrawal leaves it, for the day
the story comes back.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone

from articles.models import Author, Place, RelatedLink, Story, StoryVersion, Tag, WorkingCopy
from articles.publishing import ForbiddenAct, Verb, verbs_for

# What restoring an old text leaves as it is: the wire's identity, and what is agreed on showing it.
NOT_TEXT = (
    "provider", "guid", "wire_version", "publish_at", "embargo_until", "relevant_until", "rights_until",
)  # fmt: skip


def with_working_copy(story: Story, *, is_loaded: bool = False) -> Story:
    """A copy of the story that carries its working copy's content, also its tags, authors, places and
    links; the story itself if there is none. Up to four queries, one less where `story.working_copy` is
    loaded already.

    Its state, version and dates of publication are the story's own, which is `live` of the copy.
    """
    story = story.live
    if is_loaded:
        saved = getattr(story, "working_copy", None)
    else:
        saved = WorkingCopy.objects.filter(story=story.pk).first()
    if saved is None:
        return story
    saved.story = story
    carrier = copy.copy(story)
    carrier._state = copy.copy(story._state)
    carrier.aside = saved
    set_content(carrier, saved.content)
    return carrier


def set_content(story: Story, content: dict) -> None:
    """Puts what Story.snapshot() said into the instance; nothing is written. Rows that are gone are left out.

    Its tags, authors, places and links stand in the instance as if they had been prefetched. They are found
    by any of their names: what was merged since comes back as what was kept.
    """
    # Not to be shared with the instance that this one was copied from.
    story._state.fields_cache = {}
    for name in set(Story.CONTENT_FIELDS).intersection(content):
        field = Story._meta.get_field(name)
        setattr(story, field.attname, field.to_python(content[name]))
    story._prefetched_objects_cache = {
        "tags": _loaded(Tag, Tag.objects.named(content["tags"])),
        "authors": _loaded(Author, Author.objects.named(content["authors"])),
        "places": _loaded(Place, Place.objects.named(content["places"])),
        "links": _loaded(RelatedLink, links_of(story, content)),
    }


def links_of(story: Story, content: dict) -> list[RelatedLink]:
    return [RelatedLink(story=story, position=n, **link) for n, link in enumerate(content["links"])]


def _loaded(model: type[models.Model], rows: Iterable[models.Model]) -> models.QuerySet:
    """A queryset that has its rows already, as prefetch_related leaves one behind."""
    rows = list(rows)
    loaded = model._default_manager.filter(pk__in=[row.pk for row in rows if row.pk])
    loaded._result_cache = rows
    return loaded


# -- Writing -------------------------------------------------------------------------


@transaction.atomic
def save_aside(story: Story, content: dict, by) -> WorkingCopy:
    """Keeps `content` beside a published story. Raises StaleVersion as a save does."""
    if story.state != Story.State.PUBLISHED:
        raise ForbiddenAct(f"The story is {story.get_state_display().lower()}: save it as it is.")
    _refuse_unless(by, story, Verb.UPDATE, Verb.CORRECT)
    Story.objects.count_save(story)
    saved, _ = WorkingCopy.objects.update_or_create(
        story_id=story.pk,
        defaults={
            "content": content,
            "at": timezone.now(),
            "by": by,
            "by_name": by.get_full_name() or by.get_username(),
        },
    )
    return saved


@transaction.atomic
def discard(story: Story, by) -> None:
    """Readers have seen nothing of the changes, and will not."""
    _refuse_unless(by, story, Verb.UPDATE, Verb.CORRECT, Verb.PUBLISH, Verb.RESTORE)
    Story.objects.count_save(story)
    WorkingCopy.objects.filter(story=story.pk).delete()


def take_over(story: Story) -> None:
    """Writes the tags, authors, places and links that `story` carries to the story itself, and forgets the
    working copy.

    The caller has checked the story's version, or saved it, in the same transaction.
    """
    carried, story._prefetched_objects_cache = story._prefetched_objects_cache, {}
    for name in ("tags", "authors", "places"):
        getattr(story, name).set(list(carried[name]))
    replace_links(story, list(carried["links"]))
    WorkingCopy.objects.filter(story=story.pk).delete()
    story.aside = None


@transaction.atomic
def restore_text(story: Story, version: StoryVersion, by) -> None:
    """Brings an old text back: beside a published story, to be looked at and published; into a draft itself.

    Its times and what the wire calls it stay as they are.
    """
    current = with_working_copy(story)
    text = {name: value for name, value in version.content.items() if name not in NOT_TEXT}
    content = current.snapshot() | text
    if story.state == Story.State.PUBLISHED:
        save_aside(story, content, by)
    elif story.state in Story.WORKING_STATES:
        _refuse_unless(by, story, Verb.SPIKE, Verb.REOPEN)  # each state has one, for who may change stories
        set_content(current, content)
        current.save()
        take_over(current)
        story.refresh_from_db()
    else:
        raise ForbiddenAct("The story is withdrawn: restore it to the desk first.")


def replace_links(story: Story, links: list[RelatedLink]) -> None:
    story.links.all().delete()
    RelatedLink.objects.bulk_create(
        RelatedLink(story=story, position=n, title=link.title, url=link.url) for n, link in enumerate(links)
    )


def _refuse_unless(by, story: Story, *verbs: Verb) -> None:
    """Unless who acts may do one of those to the story as it stands."""
    if not set(verbs).intersection(verbs_for(story, by)):
        raise PermissionDenied(f"{by} may not change “{story}” as it stands: {story.get_state_display()}.")
