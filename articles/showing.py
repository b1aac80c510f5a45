"""Where stories are shown, as the keys of pages, and the moments at which that changes by the clock.

An act on a story ends with `record`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from articles.models import Parts, Story
from articles.stored_parts import stored_parts, stored_parts_of
from newsportal import keys, outbox


@dataclass
class Shown:
    keys: set[str]
    moments: set[datetime]


def record(story: Story, parts: Parts | None = None) -> None:
    """Says that what readers see of a story has changed. One statement; one more to read its `parts`.

    What has left a list is found by the story's own key in pages that showed it. Who takes a story out of
    a channel calls it before, too: a site's sitemaps name more stories than a page has keys.
    """
    shown = _shown(story, parts or stored_parts(story))
    outbox.record(*shown.keys, moments=shown.moments)


def shown_by(stories: Iterable[Story]) -> dict[int, Shown]:
    """By their keys. One query."""
    found = {story.pk: story for story in stories}
    return {pk: _shown(found[pk], parts) for pk, parts in stored_parts_of(found).items()}


def _shown(story: Story, parts: Parts) -> Shown:
    sites = {listing.channel.site_id for listing in parts.listings}
    lists = {
        "tag": [row.pk for row in parts.tags],
        "place": [row.pk for row in parts.places],
        "author": [row.pk for row in parts.authors],
        "source": [story.source_id] if story.source_id else [],
        "channel": [listing.channel_id for listing in parts.listings],
        "site": sites,
    }
    found = {keys.listed(kind, pk) for kind, pks in lists.items() for pk in pks}
    found.update([keys.story(story.pk)], _months(story, sites))
    found.update(*(slot.block.page_keys for slot in parts.slots))
    times = ((row.starts_at, row.ends_at) for row in (*parts.listings, *parts.slots))
    return Shown(found, {*chain(*times), *story.moments, parts.picture_until} - {None})


def _months(story: Story, sites: Iterable[int]) -> Iterator[str]:
    """The archives that it stands in."""
    if story.first_published:
        day = story.first_published.astimezone(UTC)
        yield from (keys.month(site, day.year, day.month) for site in sites)
