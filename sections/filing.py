"""From copy as an editor pastes it to a draft in a channel."""

from __future__ import annotations

from django.db import transaction
from django.utils.text import slugify

from articles.bylines import names_in
from articles.filing import Copy, body_html
from articles.models import Author, RelatedLink, Source, Story
from sections.models import Channel, Listing


@transaction.atomic
def file_copy(copy: Copy, channel: Channel) -> Story:
    """Stores the copy as a draft, listed in its channel; publishing it is an editor's act.

    A source that the network does not know yet is made, without any limit by contract.
    """
    story = Story(
        headline=copy.headline,
        slugline=copy.slugline,
        body=body_html(copy),
        byline=copy.byline,
        editors_note=copy.editors_note,
        source=_source(copy.dateline.credit),
        language=channel.site.language,
    )
    story.dateline_parts = copy.dateline
    story.save()
    story.authors.set(Author.objects.filter(name__in=names_in(copy.byline)))
    RelatedLink.objects.bulk_create(
        RelatedLink(story=story, position=position, title=link.title, url=link.url)
        for position, link in enumerate(copy.links)
    )
    Listing.objects.create(story=story, channel=channel, primary=True)
    return story


def _source(credit: str) -> Source | None:
    code = slugify(credit)[:20].strip("-")
    if not code:
        return None
    known = Source.objects.filter(code__iexact=code).first()
    return known or Source.objects.create(code=code.upper(), name=credit)
