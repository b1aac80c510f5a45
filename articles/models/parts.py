from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

from articles.models.sources import Author, Place
from articles.models.tags import Tag, TaggedStory
from articles.statements import insert

if TYPE_CHECKING:
    from articles.models.stories import RelatedLink, Story


@dataclass
class Parts:
    """What belongs to a story's content and has rows of its own."""

    tags: list[Tag] = field(default_factory=list)
    authors: list[Author] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    links: list[RelatedLink] = field(default_factory=list)
    # Where it stands is no part of its content: listings with their channels, picks with their blocks.
    listings: list[models.Model] = field(default_factory=list)
    slots: list[models.Model] = field(default_factory=list)
    picture_until: datetime | None = None  # when the right to show its picture ends

    @classmethod
    def of(cls, story: Story) -> Parts:
        """Of its content only, as the instance has it; four queries."""
        return cls(*(list(part.all()) for part in (story.tags, story.authors, story.places, story.links)))

    def store(self, story: Story) -> None:
        """For a story that is new and has none yet: an INSERT for each kind that there is."""
        authors, places = type(story).authors.through, type(story).places.through
        insert(TaggedStory(content_object=story, tag=tag) for tag in self.tags)
        insert(authors(story=story, author=author) for author in self.authors)
        insert(places(story=story, place=place) for place in self.places)
        for row in (*self.links, *self.listings):
            row.story = story
        insert(self.links)
        insert(self.listings)

    def snapshot(self) -> dict:
        return {
            "tags": sorted(tag.name for tag in self.tags),
            "authors": sorted(author.name for author in self.authors),
            "places": sorted(map(str, self.places)),
            "links": [{"title": link.title, "url": link.url} for link in self.links],
        }
