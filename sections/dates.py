"""Dates as readers of a site read them: in its language, in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.utils.formats import date_format
from django.utils.translation import pgettext


def year_words(day: date) -> str:
    return date_format(day, pgettext("format of a year", "Y"))


def month_words(day: date) -> str:
    return date_format(day, pgettext("format of a month", "F Y"))


def day_words(day: date) -> str:
    return date_format(day, pgettext("format of a day", "j F Y"))


def moment_words(at: datetime) -> str:
    """A moment to the minute; pages write UTC behind it."""
    return date_format(at.astimezone(UTC), pgettext("format of a moment", "j F Y, H:i"))
