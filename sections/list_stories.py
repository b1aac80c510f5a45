"""The stories of each list and their order: newest first, by the rows that put them there.

Such a row has the time of the story's first publication beside it (articles.list_order), so that an index
answers what the list is of and its order at once. `entry_at` and `entry_pk` are that time and the story.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, Subquery

from articles.models import StoryQuerySet
from sections.cards import SiteKey, listed, readable
from sections.models import live_at
from sections.network import SiteView

# The kinds of lists, as the pages that show them are called.
CHANNEL, LATEST, TAG, PLACE = "channel", "latest", "tag", "place"
SOURCE, AUTHOR, DAY = "source", "author", "day"

# Of what a story is about: the rows that say so, their column for it, and for the story.
ABOUT = {
    TAG: ("tagged", "tag", "content_object"),
    PLACE: ("place_entries", "place_id", "story"),
    AUTHOR: ("author_entries", "author_id", "story"),
}


def list_of(kind: str, at: datetime, site: SiteView | SiteKey, of) -> StoryQuerySet:
    """The readable stories of a list: a channel's, a site's, or those of a site that are about something."""
    if kind == CHANNEL:
        return in_channel(at, site, of)
    if kind == SOURCE:
        stories = on_site(at, site).filter(source=of, ended_at__isnull=True)
        return _entered(stories, "first_published", "pk")
    return about(kind, at, site, of) if kind in ABOUT else of_site(at, site)


def in_channel(at: datetime, site: SiteView | SiteKey, channel_pk) -> StoryQuerySet:
    """Readable stories that are listed in a channel, of this site or of a sister's."""
    stories = readable(at, site).filter(live_at(at, "listings__"), listings__channel=channel_pk)
    return _entered(stories, "listings__first_published", "listings__story")


def of_site(at: datetime, site: SiteView | SiteKey) -> StoryQuerySet:
    """Readable stories that are listed in any channel of the site, each once."""
    stories = readable(at, site).filter(live_at(at, "listings__"), listings__site=site.pk)
    stories = _entered(stories, "listings__first_published", "listings__story").alias(entry=F("listings__pk"))
    again = listed(at, story="entry_pk").filter(site=site.pk, pk__lt=OuterRef("entry"))
    return stories.exclude(Exists(again))


def living_on(at: datetime, site: SiteView | SiteKey, of) -> StoryQuerySet:
    """Readable stories whose own page is on the site `of`."""
    stories = readable(at, site).filter(lives_on=of)
    return _entered(stories, "home__first_published", "home__story")


def about(kind: str, at: datetime, site: SiteView | SiteKey, of) -> StoryQuerySet:
    rows, column, story = ABOUT[kind]
    stories = on_site(at, site).filter(**{f"{rows}__{column}": of})
    return _entered(stories, f"{rows}__first_published", f"{rows}__{story}")


def on_site(at: datetime, site: SiteView | SiteKey) -> StoryQuerySet:
    """Readable stories that are listed in any channel of the site; in no order: to be asked of few.

    By a subquery's value, not by Exists: of a join PostgreSQL expects so little that it sorts all of a list.
    """
    here = Subquery(listed(at).filter(site=site.pk).values("pk")[:1])
    return readable(at, site).alias(here=here).filter(here__isnull=False)


def _entered(stories: StoryQuerySet, at: str, pk: str) -> StoryQuerySet:
    return stories.alias(entry_at=F(at), entry_pk=F(pk))


# -- In its order ------------------------------------------------------------------


def newest_first(stories: StoryQuerySet) -> StoryQuerySet:
    """From the newest on. PostgreSQL has rows without a time before that, and drafts may be many."""
    return stories.filter(entry_at__isnull=False).order_by("-entry_at", "-entry_pk")


def oldest_first(stories: StoryQuerySet) -> StoryQuerySet:
    return stories.order_by("entry_at", "entry_pk")


# The last condition is what the index is entered by.


def older_than(stories: StoryQuerySet, at, pk) -> StoryQuerySet:
    """Newest first."""
    older = stories.filter(Q(entry_at__lt=at) | Q(entry_pk__lt=pk), entry_at__lte=at)
    return older.order_by("-entry_at", "-entry_pk")


def newer_than(stories: StoryQuerySet, at, pk) -> StoryQuerySet:
    """Oldest first."""
    newer = stories.filter(Q(entry_at__gt=at) | Q(entry_pk__gt=pk), entry_at__gte=at)
    return oldest_first(newer)


def between(stories: StoryQuerySet, begin, end) -> StoryQuerySet:
    return stories.filter(entry_at__gte=begin, entry_at__lt=end)
