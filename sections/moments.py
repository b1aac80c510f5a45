"""The moments to come at which pages change by the clock, with the keys of those pages.

Asked of the rows themselves, so that it does not matter who wrote them: a story's times, its listings', its
picture's, and those of editors' picks. What ages on a page (a block's oldest story, a feed's withdrawals),
the page itself says: sections.page_keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from articles import showing
from articles.models import Picture, Story
from sections.models import Listing, Slot

AT_ONCE = 500  # stories a query
Change = tuple[float, set[str]]


def moments_between(begin: datetime, end: datetime) -> Iterator[Change]:
    """Between the two, both left out: what is now is on the page already."""
    yield from _of_stories(begin, end)
    yield from _of_picks(begin, end)


def _of_stories(begin: datetime, end: datetime) -> Iterator[Change]:
    pks: set[int] = set()
    for stories in Story.objects.changing(begin, end):
        pks.update(stories.order_by().values_list("pk", flat=True))
    for name in ("starts_at", "ends_at"):
        pks.update(_within(Listing.objects.all(), name, begin, end, of="story"))
    pictures = _within(Picture.objects.all(), "rights_until", begin, end)
    pks.update(Story.objects.filter(picture__in=pictures).order_by().values_list("pk", flat=True))
    found = sorted(pks)
    for start in range(0, len(found), AT_ONCE):
        yield from _of_these(found[start : start + AT_ONCE], begin, end)


def _of_these(pks: list[int], begin: datetime, end: datetime) -> Iterator[Change]:
    stories = Story.objects.filter(pk__in=pks).defer("body", "teaser", "opening", "subjects")
    for shown in showing.shown_by(stories).values():
        for moment in shown.moments:
            if begin < moment < end:
                yield moment.timestamp(), shown.keys


def _of_picks(begin: datetime, end: datetime) -> Iterator[Change]:
    slots = Slot.objects.select_related("block")
    for name, moment_of in (
        ("starts_at", lambda slot: slot.starts_at),
        ("ends_at", lambda slot: slot.ends_at),
        ("picture__rights_until", lambda slot: slot.picture.rights_until),
    ):
        rows = slots.filter(**{f"{name}__gt": begin, f"{name}__lt": end})
        for slot in rows.select_related("picture") if name.startswith("picture") else rows:
            yield moment_of(slot).timestamp(), slot.block.page_keys


def _within(rows: QuerySet, name: str, begin: datetime, end: datetime, of: str = "pk") -> list[int]:
    found = rows.filter(**{f"{name}__gt": begin, f"{name}__lt": end})
    return list(found.order_by().values_list(of, flat=True))
