"""Times in words, as feeds and mail write them: RFC 5322 and its bad spellings, in several languages."""

import re

from articles.datelines import read_dateline
from wires.parse.text import tidy

# What stands behind "1 January 2000" in feeds and in no dateline: Dutch, the Nordic languages, Russian.
_MORE_MONTHS = {
    word: month
    for month, words in {
        "jan": "januari янв января",
        "feb": "februari фев февр февраля",
        "mar": "maart mrt марта мар",
        "apr": "апр апреля",
        "may": "mei maj мая",
        "jun": "июн июня",
        "jul": "июл июля",
        "aug": "augusti augustus авг августа",
        "sep": "сен сент сентября",
        "oct": "окт октября",
        "nov": "ноя нояб ноября",
        "dec": "des desember дек декабря",
    }.items()
    for word in words.split()
}
# RFC 822's, and others that mean one offset only. Not IST or BST, which are two or three zones.
_ZONES = {
    "UT": "Z", "UTC": "Z", "GMT": "Z", "Z": "Z", "WET": "Z", "WEST": "+0100",
    "CET": "+0100", "CEST": "+0200", "MEZ": "+0100", "MESZ": "+0200", "EET": "+0200", "EEST": "+0300",
    "MSK": "+0300", "JST": "+0900", "KST": "+0900", "AEST": "+1000", "AEDT": "+1100", "NZST": "+1200",
    "NZDT": "+1300", "EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500", "MST": "-0700",
    "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
}  # fmt: skip
_WORD = r"[^\W\d_]{1,15}"
_WORDED = re.compile(
    rf"(?:{_WORD}(?:-feira)?(?:[.,]{{1,2}}\s?|\s))?"  # the weekday, which says nothing new
    rf"(?:(?P<day1>[0-9]{{1,2}})(?:\.|er|st|nd|rd|th)?[\s-]?(?:de\s)?(?P<month1>{_WORD})"
    r"(?:\.,?|,)?[\s-]?(?:del?\s)?(?P<year1>[0-9]{4}|[0-9]{2})"
    rf"|(?P<month2>{_WORD})\.?\s(?P<day2>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year2>[0-9]{{4}}))"
    r"(?:,?\s(?:-\s|at\s|um\s)?(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]{1,9})?)?"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?)?)?"
    r"(?:\s?(?P<zone>[+-][0-9]{2}:?[0-9]{2}|[a-z]{1,4})(?:\s?\([^()]{0,40}\))?)?",
    re.IGNORECASE,
)


def to_iso(raw: str | None) -> str:
    """ "Tue, 24 Jul 2018 17:13 EDT" -> "2018-07-24T17:13:00-0400", for `times.read_time` to judge.

    What is not understood comes back as it is: nothing is guessed. A zone that could mean several
    offsets is left out, so that the feed's own counts.
    """
    text = tidy(raw)
    match = _WORDED.fullmatch(text)
    month = _month(match["month1"] or match["month2"]) if match else 0
    if not match or not month:
        return text
    year = int(match["year1"] or match["year2"])
    year += 0 if year > 99 else 2000 if year < 70 else 1900
    day = int(match["day1"] or match["day2"])
    return f"{year:04}-{month:02}-{day:02}{_clock_time(match)}"


def _month(word: str) -> int:
    word = _MORE_MONTHS.get(word.casefold(), word)
    dateline = read_dateline(f"Moon, 1 {word} 2000")
    return dateline.date.month if dateline and dateline.date else 0


def _clock_time(match: re.Match[str]) -> str:
    if not match["hour"]:
        return ""
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    zone = match["zone"] or ""
    zone = zone if zone[:1] in ("+", "-") else _ZONES.get(zone.upper(), "")
    return f"T{hour:02}:{match['minute']}:{match['second'] or '00'}{zone}"
