"""Times as the desk says them: in the zone in force, the editor's own, with UTC beside it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils import timezone
from django.utils.formats import date_format


def clock(moment: datetime) -> str:
    """ "Tue 3 Mar 14:00 Sydney = 03:00 UTC"; the year where it is another one, UTC's day likewise."""
    local, utc = timezone.localtime(moment), moment.astimezone(UTC)
    if local.utcoffset() == utc.utcoffset():
        return f"{day_and_time(moment)} UTC"
    there = f"{utc:%H:%M}" if local.date() == utc.date() else f"{day_of(utc)} {utc:%H:%M}"
    return f"{day_and_time(moment)} {zone_name()} = {there} UTC"


def day_and_time(moment: datetime) -> str:
    local = timezone.localtime(moment)
    year = "" if local.year == timezone.localtime().year else f" {local.year}"
    return f"{day_of(local)}{year} {local:%H:%M}"


def day_of(local: datetime) -> str:
    return date_format(local, "D j M")


def zone_name() -> str:
    """The place that the zone in force is named for: Sydney, New York."""
    return timezone.get_current_timezone_name().rpartition("/")[2].replace("_", " ")
