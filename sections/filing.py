"""Drafts in their channels: from copy as an editor pastes it, and from a story that is there."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from articles.bylines import names_in
from articles.copying import draft_from
from articles.filing import Copy, UnfilableCopy, body_html
from articles.models import Author, RelatedLink, Source, Story
from sections.models import Channel, Listing


@transaction.atomic
def file_copy(copy: Copy, channel: Channel) -> Story:
    """Stores the copy as a draft, listed in its channel; publishing it is an editor's act.

    Raises UnfilableCopy where a part of it is longer than a story can hold.
    """
    story = Story(
        headline=copy.headline,
        slugline=copy.slugline,
        body=body_html(copy),
        byline=copy.byline,
        editors_note=copy.editors_note,
        source=Source.objects.named_or_new(copy.dateline.credit),
        language=channel.site.language,
    )
    story.dateline_parts = copy.dateline
    links = [
        RelatedLink(position=position, title=link.title, url=link.url)
        for position, link in enumerate(copy.links)
    ]
    for part in (story, *links):
        _refuse_what_does_not_fit(part)
    story.save()
    story.authors.set(Author.objects.named(names_in(copy.byline)))
    for link in links:
        link.story = story
    RelatedLink.objects.bulk_create(links)
    Listing.objects.create(story=story, channel=channel, primary=True)
    return story


@transaction.atomic
def new_from(story: Story, by) -> Story:
    """A new draft with the story's text, tags and places, in those of its channels where `by` may file it."""
    draft = draft_from(story)
    listings = story.listings.order_by("-primary", "pk")
    own = [listing for listing in listings if by.has_perm("articles.add_story", listing)]
    Listing.objects.bulk_create(
        Listing(story=draft, channel_id=listing.channel_id, primary=index == 0)
        for index, listing in enumerate(own)
    )
    return draft


def _refuse_what_does_not_fit(part: Story | RelatedLink) -> None:
    try:
        part.clean_fields(exclude=["story", "source"])
    except ValidationError as error:
        said = "; ".join(f"{name}: {' '.join(words)}" for name, words in error.message_dict.items())
        raise UnfilableCopy(f"A part of the copy does not fit a story. {said}") from error
