from articles.models.desk import Presence, WorkingCopy
from articles.models.editors import Editor
from articles.models.entries import AuthorEntry, PlaceEntry
from articles.models.links import LinkCheck
from articles.models.lookups import HasCome
from articles.models.parts import Parts
from articles.models.pictures import Picture
from articles.models.records import Act, Correction, StoryVersion, Withdrawal
from articles.models.search import SearchEntry
from articles.models.sharing import ShareLink, ShareRevocation, ShareUse
from articles.models.sources import Author, AuthorName, AuthorSlug, Place, PlaceName, PlaceSlug, Source
from articles.models.stories import RelatedLink, Story, StoryQuerySet
from articles.models.tags import Tag, TaggedStory, TagName, TagSlug

__all__ = [
    "Act", "Author", "AuthorEntry", "AuthorName", "AuthorSlug", "Correction", "Editor", "HasCome",
    "LinkCheck", "Parts", "Picture", "Place", "PlaceEntry", "PlaceName", "PlaceSlug", "Presence",
    "RelatedLink", "SearchEntry", "ShareLink", "ShareRevocation", "ShareUse", "Source", "Story",
    "StoryQuerySet", "StoryVersion", "Tag", "TagName", "TagSlug", "TaggedStory", "Withdrawal",
    "WorkingCopy",
]  # fmt: skip
