"""How often each story was read, by the hour, and which are read most: what the database keeps of it.

Stories are counted, never readers: nothing here says who read what.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, models

from articles.models import Story

_PORTION = 5_000  # rows a statement

# Rows are locked in the order of their stories: processes that write at once only wait for each other.
_WRITE = """
    INSERT INTO sections_readcount (story_id, hour, count) VALUES {rows}
    ON CONFLICT (story_id, hour) DO UPDATE SET count = sections_readcount.count + excluded.count
"""


class ReadCount(models.Model):
    """Reads of a story within an hour of UTC."""

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="+", db_index=False)
    hour = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["story", "hour"], name="counted_once_an_hour")]

    def __str__(self) -> str:
        return f"{self.story_id}: {self.count}"


class MostRead(models.Model):
    """A place in the ranking of a channel, or of a whole site. Readers may have lost the story meanwhile."""

    class Span(models.TextChoices):
        DAY = "day"
        WEEK = "week"

    site = models.ForeignKey("sections.Site", on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey("sections.Channel", on_delete=models.CASCADE, null=True, related_name="+")
    span = models.CharField(max_length=4, choices=Span)
    position = models.PositiveSmallIntegerField()
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "span", "position"], name="one_story_a_place_of_channel"
            ),
            models.UniqueConstraint(
                fields=["site", "span", "position"],
                condition=models.Q(channel=None),
                name="one_story_a_place_of_site",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.span}, {self.position}: {self.story_id}"


def write_counts(counts: Mapping[int, int], at: datetime) -> None:
    """Adds the reads of stories to those of the hour; what is no story is left out. Two queries."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    stories = sorted(Story.objects.filter(pk__in=counts).values_list("pk", flat=True))
    as_stored = connection.ops.adapt_datetimefield_value(hour)
    for begin in range(0, len(stories), _PORTION):
        portion = stories[begin : begin + _PORTION]
        with connection.cursor() as cursor:
            cursor.execute(
                _WRITE.format(rows=", ".join(["(%s, %s, %s)"] * len(portion))),
                [value for pk in portion for value in (pk, as_stored, counts[pk])],
            )
