"""A new draft from a story that is there."""

from __future__ import annotations

from django.db import transaction

from articles.models import RelatedLink, Story

# Of the one story and not of its text: the wire's identity, its times, what was said to its editors.
NOT_COPIED = {
    "provider", "guid", "wire_version", "publish_at", "embargo_until", "relevant_until", "rights_until",
    "editors_note",
}  # fmt: skip


@transaction.atomic
def draft_from(story: Story) -> Story:
    copied = [name for name in Story.CONTENT_FIELDS if name not in NOT_COPIED]
    draft = Story(**{name: getattr(story, name) for name in copied})
    draft.save()
    draft.tags.set(story.tags.all())
    draft.places.set(story.places.all())
    draft.authors.set(story.authors.all())
    RelatedLink.objects.bulk_create(
        RelatedLink(story=draft, position=link.position, title=link.title, url=link.url)
        for link in story.links.all()
    )
    return draft
