"""Datelines: read from a wire line or the start of a story, and shown to a reader."""

import datetime
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Dateline:
    place: str = ""
    credit: str = ""  # the agency as written, without the parentheses
    date: datetime.date | None = None
    raw: str = ""  # exactly as filed, trailing dash included


DEFAULT_PATTERN = "{place} ({credit}) {date}"
PATTERN_FIELDS = ("place", "credit", "date")

# A dateline longer than this is a sentence; the limit also bounds every search below.
LONGEST = 200

# English, French, German, Spanish, Italian, Portuguese, Dutch, Nordic: the languages of the agencies' files.
# No word stands for two months in any of them, so one table serves all.
_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "january jan janvier janv januar januari jänner jän enero ene gennaio gen janeiro",
            "february feb février fevrier févr fév fev februar februari feber febrero febbraio fevereiro",
            "march mar mars marts maart märz maerz mär mrz marzo março marco",
            "april apr avril avr abril abr aprile",
            "may mai maj mei mayo maggio mag maio",
            "june jun juin juni junio giugno giu junho",
            "july jul juillet juil juli julio luglio lug julho",
            "august aug augusti augustus août aout agosto ago",
            "september sept sep septembre septiembre setiembre settembre set setembro",
            "october oct octobre oktober okt octubre ottobre ott outubro out",
            "november nov novembre noviembre novembro",
            "december dec décembre decembre déc dezember desember dez diciembre dic dicembre dezembro",
        ),
        start=1,
    )
    for word in words.split()
}
_SHOWN_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that open a sentence or a page's time stamp, never the name of a place.
_OPENERS = _words(
    """
    a an and as at all after again also although any because before both but by during each even every
    for from he her here his how however i if in into it its last many meanwhile more most my next
    no not now of on once one or our over she since so some such than that their then there these they
    this those though to today two under until we what when where which while who why with yesterday you
    president minister chancellor senator mr mrs ms dr
    published updated posted issued released

    monday tuesday wednesday thursday friday saturday sunday
    lundi mardi mercredi jeudi vendredi samedi dimanche
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
    lunes martes miércoles jueves viernes sábado domingo
    lunedì martedì mercoledì giovedì venerdì sabato domenica
    segunda-feira terça-feira quarta-feira quinta-feira sexta-feira
    """
)
# "The" opens sentences, and the names of these places.
_THE_PLACES = _words("hague valley bronx woodlands villages dalles plains gambia bahamas")
# Words written small inside the name of a place: Rio de Janeiro, Frankfurt am Main.
_PARTICLES = _words(
    """
    al am an and au aux bei bin by d da das de del della den der des di do dos du e el en im
    ka la las le les los lès na no of on op près s sous sur the und upon van vom von y zu zum
    """
)
_PLACE_MARKS = frozenset(" .,'’‘`ʼ-‐‑/&()\u200c\u200d\u200e\u200f")

_MONTH = rf"(?:{'|'.join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))})(?![^\W\d_])\.?"
_YEAR = "[12][0-9]{3}(?![0-9])"
# Bidirectional marks sit between the words of Arabic and Hebrew datelines like spaces.
_GAP = r"[\s\u200e\u200f]{0,4}"
_SPACE = r"[\s\u200e\u200f]{1,4}"
_DATE = (
    rf"(?P<when>(?P<month1>{_MONTH}){_SPACE}(?P<day1>[0-9]{{1,2}})(?:st|nd|rd|th)?(?![0-9])"
    rf"(?:(?:,{_GAP}|{_SPACE})(?P<year1>{_YEAR}))?"
    rf"|(?P<day2>[0-9]{{1,2}})(?:\.|er|[º°ª]|st|nd|rd|th)?{_SPACE}(?:de{_SPACE})?(?P<month2>{_MONTH})"
    rf"(?:,?{_SPACE}(?:del?{_SPACE})?(?P<year2>{_YEAR}))?"
    rf"|(?P<year3>{_YEAR})-(?P<month3>[0-9]{{2}})-(?P<day3>[0-9]{{2}})(?![0-9])"
    rf"|(?P<day4>[0-9]{{1,2}})\.(?P<month4>[0-9]{{1,2}})\.(?P<year4>{_YEAR}))"
)
_PLACE = r"(?P<place>[^()0-9\n]{1,60}?(?:\([^()0-9\n]{2,20}\))?)"  # "Halle (Saale)" is one place
_CREDIT = r"\((?P<credit>[^()\n]{1,40})\)"
_DASH = rf"(?:{_GAP}(?:-{{2,3}}|[–—―]|\.[-–—]){_GAP}|{_SPACE}[-_]{_GAP}|[-_](?:{_SPACE}|$))"
# Oslo (NTB): ...
_DASH_AFTER_CREDIT = rf"(?:{_DASH}|(?P<colon>{_GAP}:(?=\s|$)))"
# Behind a date a tight dash would be a range, "July 23-25", and no end of a dateline.
_DASH_AFTER_DATE = rf"(?:{_GAP}(?:-{{2,3}}|[—―]){_GAP}|{_SPACE}[-_–](?:{_SPACE}|$))"

_DATED_CREDIT = rf"{_PLACE}{_GAP},?{_SPACE}{_DATE}{_GAP},?{_GAP}{_CREDIT}"
# (layout, its dash, whether the dash may be missing at the end of a line)
_LAYOUTS = (
    # Just a place and its agency: Moscow (AFP)
    (rf"{_PLACE}{_GAP},?{_GAP}{_CREDIT}", _DASH_AFTER_CREDIT, True),
    # Moscow (AFP) Feb 28, 2025
    (rf"{_PLACE}{_GAP},?{_GAP}{_CREDIT}{_GAP},?{_GAP}{_DATE}", _DASH_AFTER_DATE, True),
    # MOSCOW, Feb 28, 2025 (AFP) -
    (_DATED_CREDIT, _DASH_AFTER_CREDIT, True),
    # MOSCOW, February 28
    (rf"{_PLACE},{_GAP}{_DATE}", _DASH_AFTER_DATE, True),
    # SYDNEY, February 28 AAP -
    (rf"{_PLACE},{_GAP}{_DATE}{_SPACE}(?-i:(?P<credit>[A-Z][A-Za-z]{{1,11}}))", _DASH_AFTER_DATE, False),
    # Feb 28 (Reuters) -
    (rf"{_DATE}{_GAP}{_CREDIT}", _DASH, True),
    # (ANSA) - Rome, February 28 -
    (rf"{_CREDIT}{_DASH}{_PLACE}(?:,{_GAP}{_DATE})?", _DASH_AFTER_DATE, False),
    # BOSTON, Mass.--(BUSINESS WIRE)--
    (rf"{_PLACE}{_DASH}{_CREDIT}", _DASH, False),
)
_WHOLE = tuple(
    re.compile(rf"{layout}{dash}{'?' if may_lack else ''}{_GAP}$", re.IGNORECASE)
    for layout, dash, may_lack in _LAYOUTS
)
_RUN_IN = tuple(re.compile(rf"{layout}{dash}\s{{0,20}}(?=\S)", re.IGNORECASE) for layout, dash, _ in _LAYOUTS)
# The Indian agencies run on with no dash at all: "NEW DELHI, Feb 28 (IANS) The ..."
_RUN_ON = re.compile(rf"{_DATED_CREDIT}{_SPACE}(?=\S)", re.IGNORECASE)


def read_dateline(line: str, *, today: datetime.date | None = None) -> Dateline | None:
    """The parts of a line that is a dateline and nothing else, or None.

    A date filed without its year needs `today`: it is taken as the latest such day up to then.
    """
    raw = line.strip()
    if not raw or len(raw) > LONGEST:
        return None
    for layout in _WHOLE:
        match = layout.match(raw)
        if match and _holds(match):
            return _dateline(match, raw, today)
    return None


def split_dateline(paragraph: str, *, today: datetime.date | None = None) -> tuple[Dateline | None, str]:
    """The dateline a paragraph starts with and the text behind it; (None, paragraph) if it has none."""
    start = paragraph.lstrip()
    head = start[:LONGEST]
    for layout in _RUN_IN:
        match = layout.match(head)
        if match and _holds(match) and _opens_a_sentence(start[match.end() :]):
            return _dateline(match, match.group().strip(), today), start[match.end() :]
    match = _RUN_ON.match(head)
    if match and _holds(match) and match["credit"].isupper() and _opens_a_sentence(start[match.end() :]):
        return _dateline(match, match.group().strip(), today), start[match.end() :]
    whole = read_dateline(paragraph, today=today)
    return (whole, "") if whole else (None, paragraph)


def check_pattern(pattern: str) -> None:
    """Raise ValueError, in words an editor can act on, for a house pattern that cannot be shown."""
    allowed = ", ".join(f"{{{name}}}" for name in PATTERN_FIELDS)
    fields = re.findall(r"\{([^{}]*)\}", pattern)
    for field in fields:
        if field not in PATTERN_FIELDS:
            raise ValueError(f"The dateline pattern has an unknown field {{{field}}}. Allowed are {allowed}.")
    if re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", pattern)):
        raise ValueError(f"The dateline pattern has a brace without its partner. Allowed are {allowed}.")
    if pattern and not fields:
        raise ValueError(f"The dateline pattern shows no part of the dateline. Allowed are {allowed}.")


# What joins a dateline to the text behind it, from which it is parted where it is shown.
_JOINT = " -–—_:"


@lru_cache(maxsize=10_000)  # lists show the same stories again and again, and a filed line is read for it
def render_dateline(dateline: Dateline, pattern: str = "") -> str:
    """The dateline as readers see it.

    A house pattern rebuilds it from the parts. Without one it is shown as filed, as long as the
    parts still say what the filed text says: an edited place must not be hidden behind the old text.
    A field the pattern has no right to name (see `check_pattern`) counts as an absent part.
    """
    if not pattern and dateline.raw:
        # The dateline's own date stands in for the day it was read, so "July 23" finds its year again.
        filed = read_dateline(dateline.raw, today=dateline.date)
        if filed and (filed.place, filed.credit, filed.date) == _parts(dateline):
            return dateline.raw.rstrip(_JOINT)
    place, credit, day = _parts(dateline)
    shown = f"{_SHOWN_MONTHS[day.month - 1]} {day.day}, {day.year}" if day else ""
    return _fill(pattern or DEFAULT_PATTERN, {"place": place, "credit": credit, "date": shown})


def _parts(dateline: Dateline) -> tuple[str, str, datetime.date | None]:
    return dateline.place, dateline.credit, dateline.date


_UNIT = re.compile(r"\([^(){}]*(?:\{[^{}]*\}[^(){}]*)+\)|\{[^{}]*\}")


def _fill(pattern: str, values: dict[str, str]) -> str:
    """Fill in a pattern; an absent part takes its brackets and one of its separators along."""
    shown = ""
    gap: str | None = None
    units, rest = _units(pattern)
    for number, (separator, unit) in enumerate(units):
        # Of the separators around an absent part the plainer one stays: a space rather than a comma.
        gap = separator if gap is None else min(gap, separator, key=len)
        if unit.startswith("("):
            inner = _fill(unit[1:-1], values)
            part = f"({inner})" if inner else ""
        else:
            part = values.get(unit[1:-1], "")
        if part:
            shown += (gap if shown or number == 0 else "") + part
            gap = None
    return (shown + rest).strip() if shown else ""


@lru_cache(maxsize=1_000)  # houses have one or two each, and a page of lists has hundreds of datelines
def _units(pattern: str) -> tuple[list[tuple[str, str]], str]:
    """The fields of a pattern, brackets and all, each with what stands before it; and what stands last."""
    units, end = [], 0
    for unit in _UNIT.finditer(pattern):
        units.append((pattern[end : unit.start()], unit.group()))
        end = unit.end()
    return units, pattern[end:]


def _dateline(match: re.Match[str], raw: str, today: datetime.date | None) -> Dateline:
    found = match.groupdict()
    place = " ".join((found.get("place") or "").split()).strip(" ,")
    credit = " ".join((found.get("credit") or "").split())
    return Dateline(place=place, credit=credit, date=_day(found, today), raw=raw)


def _day(found: dict[str, str | None], today: datetime.date | None) -> datetime.date | None:
    if not found.get("when"):
        return None
    day, month, year = (_first(found, name) for name in ("day", "month", "year"))
    number = int(month) if month.isdigit() else _MONTHS.get(month.rstrip(".").casefold(), 0)
    if year:
        return _date(int(year), number, int(day))
    if not today:
        return None
    # Copy is filed on the day it speaks of; a day's grace covers the far side of the date line.
    # Five years back reach the last 29 February.
    latest = today + datetime.timedelta(days=min(2, (datetime.date.max - today).days))
    candidates = (_date(latest.year - back, number, int(day)) for back in range(5))
    return next((day for day in candidates if day and day <= latest), None)


def _first(found: dict[str, str | None], name: str) -> str:
    return next((found[f"{name}{n}"] or "" for n in "1234" if found.get(f"{name}{n}")), "")


def _date(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def _holds(match: re.Match[str]) -> bool:
    """Whether what stands where a place and a credit belong can be a place and a credit."""
    found = match.groupdict()
    place, credit = found.get("place"), found.get("credit")
    if place is not None and not _is_place(place.strip(" ,\u200e\u200f")):
        return False
    if found.get("colon") and not found.get("when") and not _is_initials(credit, place):
        return False
    return credit is None or _is_credit(credit)


def _is_initials(credit: str, place: str) -> bool:
    """Oslo (NTB), LONDON (PA); and no party of who is quoted: "Ann Lee (Ap): ..." """
    is_long = len(credit) >= (2 if place.isupper() else 3)
    return is_long and credit.isupper() | (credit.lower() == credit.upper())


def _is_place(text: str) -> bool:
    words = text.replace(",", " ").split()
    if not words or len(words) > 7 or text.count(",") > 3 or re.search(r"--|(^|\s)-|-(\s|$)", text):
        return False
    if not all(c in _PLACE_MARKS or c.isspace() or unicodedata.category(c)[0] in "LM" for c in text):
        return False
    first = words[0].strip(".'’").casefold()
    if not any(c.isalpha() for c in text) or first in _OPENERS:
        return False
    if all(word.strip(".").casefold() in _MONTHS for word in words):
        return False
    if words[0] == "The" and (len(words) < 2 or words[1].casefold() not in _THE_PLACES):
        return False
    if text.lower() == text.upper():  # no capitals to go by, as in Arabic: only short names are safe
        return len(words) <= 4
    return not words[0].islower() and not any(w.islower() and w not in _PARTICLES for w in words)


def _is_credit(text: str) -> bool:
    words = text.split()
    if not 1 <= len(words) <= 4 or not any(c.isalpha() for c in text):
        return False
    if not all(c.isalnum() or c in " .-/&'’_" or unicodedata.category(c)[0] == "M" for c in text):
        return False
    # "dpa" and "dpa/bb" are agencies, "(again)" and "(the capital)" are asides.
    return not text.islower() or (len(words) == 1 and len(re.split("[/-]", text)[0]) <= 4)


def _opens_a_sentence(text: str) -> bool:
    """A sentence starts with a capital, if its script has any: "(NATO) - which ..." goes on with one."""
    word = re.search(r"\w[\w’'-]{0,40}", text[:80])
    return word is not None and not (word.group()[0].islower() and word.group().islower())
