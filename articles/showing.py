"""Where stories are shown, as the keys of pages, and the moments at which that changes by the clock.

An act on a story ends with `record`. Where one is listed and picked is other apps' to say: it is asked by
the relations to the story, whichever app has them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db.models import DateTimeField, F, IntegerField, QuerySet, Value

from articles.models import Parts, Story
from newsportal import keys, outbox


@dataclass
class Shown:
    keys: set[str] = field(default_factory=set)
    moments: set[datetime] = field(default_factory=set)


def record(story: Story, parts: Parts | None = None) -> None:
    """Says that what readers see of a stored story has changed. Two statements, the first of which is long
    to compose, and shorter for who has the story's `parts` at hand.

    What has left a list is found by the story's own key in pages that showed it. Who takes a story out of
    a channel calls it before, too: a site's sitemaps name more stories than a page has keys.
    """
    if parts and not story.picture_id:
        shown = shown_by([story.pk], in_lists_only=True)[story.pk]
        shown.keys.update(_keys_of(story, parts))
    else:
        shown = shown_by([story.pk])[story.pk]
    shown.keys.update(months_of(story, sites_in(shown.keys)))
    outbox.record(*shown.keys, moments=[*shown.moments, *story.moments])


def record_new(story: Story, channels: Iterable, parts: Parts) -> None:
    """The same of a story that was filed in this transaction, from what is in memory. One statement."""
    sites = {channel.site_id for channel in channels}
    found = {keys.story(story.pk), *months_of(story, sites), *_keys_of(story, parts)}
    found.update(keys.listed("channel", channel.pk) for channel in channels)
    found.update(keys.listed("site", site) for site in sites)
    outbox.record(*found, moments=story.moments)


def _keys_of(story: Story, parts: Parts) -> set[str]:
    """Of the lists that a story is in for what it says, not for where it was put."""
    kinds = {"tag": parts.tags, "place": parts.places, "author": parts.authors}
    found = {keys.listed(kind, row.pk) for kind, rows in kinds.items() for row in rows}
    return found | {keys.listed("source", pk) for pk in filter(None, [story.source_id])}


def months_of(story: Story, sites: Iterable[int]) -> set[str]:
    """The archives that it stands in."""
    if story.first_published is None:
        return set()
    day = story.first_published.astimezone(UTC)
    return {keys.month(site, day.year, day.month) for site in sites}


def sites_in(found: Iterable[str]) -> set[int]:
    return {int(key.partition(":")[2]) for key in found if key.startswith("site:")}


def shown_by(pks: list[int], *, in_lists_only: bool = False) -> dict[int, Shown]:
    """By story: its keys, except of months, and the moments of its listings, picks and picture. One query."""
    shown = {pk: Shown({keys.story(pk)}) for pk in pks}
    stories = Story.objects.filter(pk__in=pks).order_by()
    lists, *others = _lists(stories) if in_lists_only else _lists(stories) + _own(stories)
    for pk, kind, of, site, *moments in lists.union(*others, all=True):
        found = shown[pk]
        if kind != "picture":
            found.keys.add(keys.listed(kind, of))
        if site is not None:
            found.keys.add(keys.listed("site", site))
        found.moments.update(filter(None, moments))
    return shown


def _own(stories: QuerySet) -> list[QuerySet]:
    return [
        _arm(stories, "tag", "tagged__tag_id"),
        _arm(stories, "place", "places__pk"),
        _arm(stories, "author", "authors__pk"),
        _arm(stories, "source", "source_id"),
        _arm(stories, "picture", "picture_id", moments=("picture__rights_until",)),
    ]


def _lists(stories: QuerySet) -> list[QuerySet]:
    """Rows of (story, kind, key, site, two moments)."""
    block = "slots__block"
    during = ("slots__starts_at", "slots__ends_at")
    return [
        _arm(stories, "channel", "listings__channel_id", "listings__channel__site_id",
             ("listings__starts_at", "listings__ends_at")),
        _arm(stories, keys.HOME_BLOCKS, f"{block}__home_of_id", moments=during),
        _arm(stories.filter(slots__block__on_front=True), keys.FRONT_BLOCKS, f"{block}__channel_id",
             moments=during),
        _arm(stories.filter(slots__block__on_stories=True), keys.STORY_BLOCKS, f"{block}__channel_id",
             moments=during),
    ]  # fmt: skip


def _arm(stories: QuerySet, kind: str, of: str, site: str = "", moments: tuple[str, ...] = ()) -> QuerySet:
    begin, end = [*map(F, moments), *[Value(None, output_field=DateTimeField())] * 2][:2]
    rows = stories.annotate(
        kind=Value(kind),
        named=F(of),
        at_site=F(site) if site else Value(None, output_field=IntegerField()),
        begin=begin,
        end=end,
    )
    return rows.filter(named__isnull=False).values_list("pk", "kind", "named", "at_site", "begin", "end")
