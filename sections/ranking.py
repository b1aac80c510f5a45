"""Which stories of a site and of each of its channels are read most: a job counts again, pages look it up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from newsportal import keys, outbox
from sections.models import Listing, Site
from sections.reads import MostRead, ReadCount

KEEP = timedelta(days=8)
LOOKED_AT = 20_000  # the most read stories of all sites; what comes after them is in no ranking
RANKED = 20  # of a channel: those that are withdrawn or lapse are passed over when it is shown
_PORTION = 5_000


# A ranking is of (site, channel or None, span).
Key = tuple[int, int | None, str]
SPANS = {MostRead.Span.DAY: timedelta(days=1), MostRead.Span.WEEK: timedelta(days=7)}


def rank(at: datetime) -> set[Key]:
    """Counts again, and says which rankings have changed."""
    with transaction.atomic():
        list(Site.objects.select_for_update().order_by("pk").values_list("pk"))  # one at a time
        old, new = _stored(), {}
        if settings.COUNT_READS:
            for span, length in SPANS.items():
                new |= _rankings(span, at - length, at)
        changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        for site, channel, span in changed:
            MostRead.objects.filter(site=site, channel=channel, span=span).delete()
        MostRead.objects.bulk_create(
            MostRead(site_id=site, channel_id=channel, span=span, position=position, story_id=story)
            for site, channel, span in changed
            for position, story in enumerate(new.get((site, channel, span), []), start=1)
        )
        outbox.record(
            *(
                keys.listed(keys.FRONT_BLOCKS, channel) if channel else keys.listed(keys.HOME_BLOCKS, site)
                for site, channel, _span in changed
            )
        )
    return changed


def _stored() -> dict[Key, list[int]]:
    found = defaultdict(list)
    rows = MostRead.objects.order_by("position").values_list("site", "channel", "span", "story")
    for site, channel, span, story in rows:
        found[site, channel, span].append(story)
    return dict(found)


def _rankings(span: str, begin: datetime, at: datetime) -> dict[Key, list[int]]:
    """Two queries, and one more for each 5,000 stories."""
    sums = ReadCount.objects.filter(hour__gt=begin).values("story").annotate(reads=Sum("count"))
    order = list(sums.order_by("-reads", "-story").values_list("story", flat=True)[:LOOKED_AT])
    listed = defaultdict(list)
    for number in range(0, len(order), _PORTION):
        rows = Listing.objects.live(at).filter(story__in=order[number : number + _PORTION])
        for story, channel, site in rows.values_list("story", "channel", "channel__site"):
            listed[story].append((site, channel))
    rankings = defaultdict(list)
    for story in order:
        places = listed[story]
        for site, channel in [*places, *{(site, None) for site, _channel in places}]:
            if len(rankings[site, channel, span]) < RANKED:
                rankings[site, channel, span].append(story)
    return dict(rankings)


# -- Jobs ------------------------------------------------------------------------------


def rank_again() -> Iterator[None]:
    rank(timezone.now())
    yield


def forget_old_reads() -> Iterator[None]:
    old = ReadCount.objects.filter(hour__lt=timezone.now() - KEEP).order_by("hour")
    while portion := list(old.values_list("pk", flat=True)[:_PORTION]):
        ReadCount.objects.filter(pk__in=portion).delete()
        yield
