from articles.models.parts import Parts
from articles.models.pictures import Picture
from articles.models.records import Act, Correction, StoryVersion, Withdrawal
from articles.models.sources import Author, Place, Source
from articles.models.stories import RelatedLink, Story, StoryQuerySet
from articles.models.tags import Tag, TaggedStory

__all__ = [
    "Act", "Author", "Correction", "Parts", "Picture", "Place", "RelatedLink", "Source", "Story",
    "StoryQuerySet", "StoryVersion", "Tag", "TaggedStory", "Withdrawal",
]  # fmt: skip
