"""Stories whose right to be shown has ended leave the indexes of lists.

What readers may see is decided by StoryQuerySet.public() and the clock, whether this was run or not. But
where contracts let copy stand for some days, nearly all of an archive has ended, and a list without this
would read through thousands of such stories to find the few that may be shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from articles.models import Story
from articles.statements import let_others

KEPT = timedelta(days=7)  # for the desk, which shows fronts as they were
AT_ONCE = 100  # stories of a transaction
MOST = 2_000  # of a run, so that other jobs get their turn


def take_off_lists() -> Iterator[None]:
    """A publication, a correction and a contract that changes put a story back (`ended_at`)."""
    now, left = timezone.now(), MOST
    for column in ("contract_until", "rights_until"):
        ended = Story.objects.filter(
            state=Story.State.PUBLISHED, ended_at__isnull=True, **{f"{column}__lt": now - KEPT}
        ).order_by(column)
        while left > 0 and (keys := list(ended.values_list("pk", flat=True)[:AT_ONCE])):
            with transaction.atomic():
                Story.objects.lock(keys)
                ended.filter(pk__in=keys).order_by().update(ended_at=now)
            left -= len(keys)
            yield
            let_others()
