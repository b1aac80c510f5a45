"""What an ANPA 1312 message says of itself in its slug: which story it is of, and what it does to it."""

import datetime
import re
from dataclasses import dataclass

from wires.parse.complete import made_guid
from wires.parse.item import Signal, Status
from wires.parse.status import read_status
from wires.parse.text import tidy

_SLUG_AND_DATE = re.compile(r"(?P<slug>.*?)(?:\s(?P<month>[0-9]{2})-(?P<day>[0-9]{2})(?:\s+[0-9]{1,5})?)?\s*")
_SUFFIX = re.compile(
    r"\s*,\s*(?:(?P<number>[0-9]{1,2})(?:st|nd|rd|th)\s*)?(?P<what>ld-writethru|writethru|ld|lead|add|insert"
    r"|sub|take|correct(?:ion|ive)|adv ?[0-9]{0,2}|advisory|(?:bulletin |mandatory )?kill|withhold)\b[^,]*$",
    re.IGNORECASE,
)
_PARTS = frozenset({"ld", "lead", "add", "insert", "sub", "take", "correction", "corrective", "advisory"})
_ENDS = frozenset({"kill", "bulletin kill", "mandatory kill", "withhold"})
# Slugs that any number of stories of a day go by.
_SHARED = re.compile(r"news ?alert|advisory|digest\b|news budget", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identity:
    guid: str
    version: str = ""
    status: Status = Status.USABLE
    signal: Signal = Signal.NEW
    hold: str = ""
    cancels: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def identify(slug: str, provider: str, day: datetime.date | None, own: str) -> Identity:
    """Which story a message is of; `own` is what names the message itself, `day` when it was filed.

    The format has no identifiers, but a slug is one story's for a day. "1st Ld-Writethru" behind it makes
    the message a new version of that story, "Kill" its end. The story of the day before is linked to, for
    it may be another. What shares a slug with others is a story by itself.
    """
    key, number, what = _split_slug(slug)
    status = read_status(what.split()[-1]).status if what in _ENDS else Status.USABLE
    if not key or not day or _SHARED.search(key):
        hold = f"It withdraws an earlier story: {slug}" if status is not Status.USABLE else ""
        return Identity(own, number, hold=hold)

    def guid_of(day: datetime.date) -> str:
        return made_guid(provider, "".join(key.casefold().split()), day.isoformat())

    guid, before = guid_of(day), guid_of(day - datetime.timedelta(days=1))
    if what in _PARTS:
        signal = Signal.CORRECTION if what.startswith("correct") else Signal.UPDATE
        hold = f"It is a part of, or a change to, the earlier story {key}."
        return Identity(own, number, signal=signal, hold=hold, replaces=(guid, before))
    if status is not Status.USABLE:
        cancels = (before,) if status is Status.CANCELED else ()
        warning = f"What came before that as {key}, but for the day before, is not withdrawn."
        return Identity(guid, number, status, cancels=cancels, warnings=(warning,))
    if "writethru" in what:
        return Identity(guid, number, signal=Signal.UPDATE, replaces=(before,))
    hold = f"It is an advance, for release at a time to come: {slug}" if what.startswith("adv") else ""
    return Identity(guid, number, hold=hold)


def _split_slug(slug: str) -> tuple[str, str, str]:
    """The slug of the story, the number of its lead, and what the message does to it."""
    number = what = ""
    while match := _SUFFIX.search(slug):
        slug, number, what = slug[: match.start()], match["number"] or number, match["what"].lower()
    return slug, number, what


def header_slug(line: str) -> str:
    """The slug of the header, "BC-US--APNewsAlert     06-29 0358", which is cut to 24 characters."""
    return tidy(_SLUG_AND_DATE.fullmatch(line)["slug"])


def read_filed(line: str, created: datetime.datetime | None) -> datetime.date | None:
    """The day of the header: the desk's, which in GMT may be over. Its year is that of the trailer."""
    filed = _SLUG_AND_DATE.fullmatch(line)
    if not created or not filed["month"]:
        return created.date() if created else None
    days = [read_day(year, filed["month"], filed["day"]) for year in (created.year, created.year - 1)]
    latest = created.date() + datetime.timedelta(days=2)
    return next((day for day in days if day and day <= latest), created.date())


def read_day(year: int, month: str, day: str) -> datetime.date | None:
    try:
        return datetime.date(year, int(month), int(day))
    except ValueError:
        return None
