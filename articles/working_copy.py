"""The text of a story that its editors work on."""

from __future__ import annotations

from django.db import transaction

from articles.models import Author, Picture, Place, RelatedLink, Source, Story, StoryVersion
from articles.publishing import ForbiddenAct

# What restoring an old text leaves as it is: the wire's identity, and what is agreed on showing it.
NOT_TEXT = (
    "provider", "guid", "wire_version", "publish_at", "embargo_until", "relevant_until", "rights_until",
)  # fmt: skip
_KEYS = {"source": Source, "located": Place, "picture": Picture}


def with_working_copy(story: Story) -> Story:
    """The story as its editors have it. A draft's own row is that."""
    return story


@transaction.atomic
def restore_text(story: Story, version: StoryVersion, by) -> None:
    """Makes an old version's text the draft's. Raises StaleVersion if somebody saved since it was read."""
    if story.state not in Story.WORKING_STATES:
        raise ForbiddenAct(
            f"The text of “{story}” is public or was: it can be restored once the story is on the desk again."
        )
    content = version.content
    for name in set(Story.CONTENT_FIELDS).difference(NOT_TEXT, _KEYS):
        setattr(story, name, Story._meta.get_field(name).to_python(content[name]))
    for name, model in _KEYS.items():
        # What has been deleted since cannot come back.
        setattr(story, name, model.objects.filter(pk=content[name]).first())
    story.save()
    story.tags.set(content["tags"])
    # By any of their names: what was merged since comes back as what was kept.
    story.authors.set(Author.objects.named(content["authors"]))
    story.places.set(Place.objects.named(content["places"]))
    story.links.all().delete()
    RelatedLink.objects.bulk_create(
        RelatedLink(story=story, position=position, **link) for position, link in enumerate(content["links"])
    )
