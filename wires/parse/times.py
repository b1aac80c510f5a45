"""The times of wire files: ISO 8601 in its extended and basic forms, and nothing guessed."""

import datetime
import re
from dataclasses import dataclass, field

from wires.parse.text import tidy

# Not datetime.fromisoformat, which takes any character for the "T": "201310201927..." would be read wrong.
_ISO = re.compile(
    r"(?P<year>[0-9]{4})-?(?P<month>[0-9]{2})-?(?P<day>[0-9]{2})"
    r"(?:[T ]?(?P<hour>[0-9]{2}):?(?P<minute>[0-9]{2})"
    r"(?::?(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?)?"
    r" ?(?P<zone>Z|UTC|GMT|(?:GMT|UTC)?(?P<sign>[+-])(?P<hours>[0-9]{2}):?(?P<minutes>[0-9]{2})?)?",
    re.IGNORECASE,
)
# Years outside are placeholders: 0001 of .NET, 9999 for "never".
_YEARS = range(1900, 2200)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as read: `at` in UTC, or None with the warning that says why."""

    at: datetime.datetime | None = None
    is_naive: bool = False  # the file gave no zone; the feed's was taken
    warning: str = ""


def read_time(raw: str | None, zone: datetime.tzinfo = datetime.UTC) -> Moment:
    """An ISO time. Empty is None; a placeholder or a time in other words is None with a warning."""
    text = tidy(raw)
    if not text:
        return Moment()
    match = _ISO.fullmatch(text)
    try:
        moment = _moment(match, zone) if match else Moment()
    except (ValueError, OverflowError):
        moment = Moment()
    if moment.at is None or moment.at == _EPOCH or moment.at.year not in _YEARS:
        return Moment(warning=f"{text[:60]!r} is no time.")
    return moment


def _moment(match: re.Match[str], zone: datetime.tzinfo) -> Moment:
    year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    midnight = hour == 24 and not minute and not second  # ISO 8601 lets a day end at 24:00
    hour, second = 0 if midnight else hour, min(second, 59)
    micro = int(f"{match['fraction'] or 0:0<6}"[:6])  # versions of the same second are told apart by it
    local = datetime.datetime(year, month, day, hour, minute, second, micro, _offset(match) or zone)
    at = (local + datetime.timedelta(days=midnight)).astimezone(datetime.UTC)
    return Moment(at, is_naive=match["zone"] is None)


def _offset(match: re.Match[str]) -> datetime.tzinfo | None:
    if not match["zone"]:
        return None
    if not match["sign"]:
        return datetime.UTC
    offset = datetime.timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
    return datetime.timezone(-offset if match["sign"] == "-" else offset)


@dataclass
class Clock:
    """Reads all the times of one item, and remembers what had to be assumed and what could not be read."""

    zone: datetime.tzinfo = datetime.UTC
    is_naive: bool = False
    warnings: list[str] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)  # reasons for an editor to look first

    def read(self, raw: str | None) -> datetime.datetime | None:
        moment = read_time(raw, self.zone)
        self.is_naive |= moment.is_naive
        if moment.warning:
            self.warnings.append(moment.warning)
        return moment.at

    def first(self, *raws: str | None) -> datetime.datetime | None:
        """The first of them that is a time."""
        return next((at for raw in raws if (at := self.read(raw))), None)

    def embargo(self, raw: str | None) -> datetime.datetime | None:
        """An embargo's end. One that cannot be read must not count as none: it holds the item."""
        at = self.read(raw)
        if at is None and tidy(raw):
            self.holds.append(f"It is under an embargo whose end cannot be read: {tidy(raw)[:60]}.")
        return at
