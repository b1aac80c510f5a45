from articles.models.desk import Presence, WorkingCopy
from articles.models.editors import Editor
from articles.models.pictures import Picture
from articles.models.records import Act, Correction, StoryVersion, Withdrawal
from articles.models.sharing import ShareLink, ShareRevocation, ShareUse
from articles.models.sources import Author, Place, Source
from articles.models.stories import RelatedLink, Story, StoryQuerySet
from articles.models.tags import Tag, TaggedStory

__all__ = [
    "Act", "Author", "Correction", "Editor", "Picture", "Place", "Presence", "RelatedLink", "ShareLink",
    "ShareRevocation", "ShareUse", "Source", "Story", "StoryQuerySet", "StoryVersion", "Tag", "TaggedStory",
    "Withdrawal", "WorkingCopy",
]  # fmt: skip
