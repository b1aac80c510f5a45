"""How often the stories of the sample network were read, invented like the stories themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

from articles.models import StoryQuerySet
from sections.ranking import rank
from sections.reads import write_counts

EARLIER = timedelta(days=3)


def count_reads(stories: StoryQuerySet, now: datetime) -> None:
    """Lately and some days ago, by two patterns, so that the day's ranking is not the week's."""
    for at, step, most in ((now, 7, 41), (now - EARLIER, 11, 97)):
        there = stories.filter(first_published__lte=at).order_by("pk").values_list("pk", flat=True)
        write_counts({pk: 1 + number * step % most for number, pk in enumerate(there)}, at)
    rank(now)
