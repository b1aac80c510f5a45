"""IPTC 7901: text framed by control characters, as dpa and other European agencies still send it.

SOH header CRLF keywords CRLF STX head of the story, blank line, text ETX day and time ... EOT
"""

import datetime
import re
from collections.abc import Iterator
from functools import partial
from itertools import dropwhile, takewhile
from typing import NamedTuple

from articles.datelines import read_dateline, split_dateline
from wires.parse.body import read_body
from wires.parse.complete import complete, is_correction, made_guid
from wires.parse.ends import read_byline
from wires.parse.item import Signal, Unreadable, WireItem
from wires.parse.layout import html_of_text
from wires.parse.one_by_one import read_each
from wires.parse.subjects import subject_code
from wires.parse.text import URGENCIES, read_number, tidy, unique, words
from wires.parse.times import Clock
from wires.parse.transmission import (
    FILL,
    Transmission,
    embargo_hold,
    full_year,
    guess_language,
    is_for_editors,
    iso_time,
    read_transmission,
    split_messages,
)

_LOOKS = re.compile(FILL + rb"\x01[A-Za-z]{1,8} ?[0-9]{3,5} +[0-9] +[A-Za-z]")
# "eca062 4 i 211 ccccb dpa 061": source and number, priority, category, words, and what the agency likes.
_HEADER = re.compile(
    r"\s*(?P<source>[A-Za-z]{1,8}) ?(?P<number>[0-9]{3,5}) +(?P<priority>[0-9]) +(?P<category>[A-Za-z]{1,5})"
    r"(?: +[0-9]{1,5})?\b(?P<rest>[^\r\n]{0,200})\s*(?P<keywords>[^\r\n]{0,300})"
)
_AGENCY = re.compile(r"([A-Za-z][A-Za-z-]{1,19}) +[0-9]+\s*$")
# "131137 GMT Nov 13" is the 13th at 11:37; the name of the month may be in any language.
_SENT = re.compile(
    r"(?P<day>[0-9]{2})(?P<hours>[0-9]{2})(?P<minutes>[0-9]{2})\s{0,4}(?P<zone>(?:GMT|UTC|CES?T|MES?Z)\b)?\s{0,4}"
    r"(?P<month>[^\W\d_]{3,10})\.?\s{0,4}(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])",
    re.IGNORECASE,
)
# From here on nothing is for publication: "# dpa NOTEBOOK", "* * * *".
_PRIVATE = re.compile(
    r"\s*(?:#{1,3}\s+\S|\*(?: ?\*){3,}\s*$|the following information is not (?:intended )?for publication"
    r"|die folgenden informationen sind nicht zur)",
    re.IGNORECASE,
)
# A line of nothing but these, over the headline, says what kind of take it is: "REFILE", "1ST LEAD".
_TAKES = words(
    "advisory alert analysis annullierung background berichtigung bulletin corrected correction eil "
    "eilmeldung elimination extra feature flash interview kill korrektur lead meldung neu news preview "
    "profile refile repeat repetition roundup storno summary take update urgent vorausmeldung wiederholung "
    "withdrawal zusammenfassung"
)
_ORDINAL = re.compile(r"[0-9]{1,2}(?:st|nd|rd|th|\.)?")
_LATER = re.compile(r"\b(?:lead|neu|refile|roundup|summary|update|zusammenfassung)\b", re.IGNORECASE)
_AGAIN = re.compile(r"\b(?:repeat|repetition|wiederholung)\b", re.IGNORECASE)
_WITHDRAWS = re.compile(r"\b(?:annullierung|elimination|kill|storno|withdrawal)\b", re.IGNORECASE)
_LONGEST_HEAD = 15


def looks_like(head: bytes) -> bool:
    return bool(_LOOKS.match(head))


def read(data: bytes, zone: datetime.tzinfo) -> Iterator[WireItem | Unreadable]:
    return read_each(split_messages(data), partial(_read_item, zone=zone))


class _Head(NamedTuple):
    headline: str
    byline: str
    takes: str
    notes: list[str]


def _read_item(message: bytes, zone: datetime.tzinfo) -> WireItem:
    sent = read_transmission(message)
    header = _HEADER.match(sent.header)
    if not header:
        raise Unreadable("The message has no header of IPTC 7901.")
    clock = Clock(zone)
    created = _created(sent, clock)
    lines, private = _split_private(sent.text)
    head_lines, story = _split_head(lines)
    head = _read_head(head_lines)
    paragraphs, notes = _take_notes(re.split(r"\n[ \t]*\n", "\n".join(story)))
    body = read_body(html_of_text("\n\n".join(paragraphs)), today=created.date() if created else None)
    provider = _provider(header)
    slugline = tidy(header["keywords"]).strip("/ ")
    notes = [*filter(None, [head.takes]), *head.notes, *notes, *private]
    signal, withdrawal = _meaning(head)
    when = created.isoformat() if created else ""
    item = WireItem(
        format="iptc7901",
        provider=provider,
        guid=made_guid(provider, header["source"], header["number"], when or slugline + head.headline),
        version_created=created,
        signal=signal,
        hold=" ".join(filter(None, [sent.hold, withdrawal, embargo_hold(notes)])),
        headline=head.headline,
        slugline=slugline,
        byline=head.byline,
        language=guess_language(body.html),
        editors_notes=tuple(notes),
        urgency=read_number(header["priority"], URGENCIES),
        subjects=(subject_code(header["category"].lower(), "iptc7901"),),
        keywords=unique(slugline.split("/")),
    )
    return complete(item, body, clock=clock)


def _created(sent: Transmission, clock: Clock) -> datetime.datetime | None:
    match = _SENT.search(sent.trailer)
    if not match:
        return clock.read(sent.trailer)  # which warns of what it cannot read
    # Read as a dateline's: those know the months in the languages of the agencies.
    dated = read_dateline(f"Rome, {match['month']} {match['day']}, {full_year(match['year'])}")
    time = iso_time(dated.date if dated else None, match["hours"], match["minutes"], match["zone"])
    return clock.read(time or sent.trailer)


def _provider(header: re.Match[str]) -> str:
    """The agency by name where the header has it, "dpa 061"; else the code of the source."""
    named = _AGENCY.search(header["rest"])
    return named[1] if named else header["source"]


def _split_private(lines: list[str]) -> tuple[list[str], list[str]]:
    """What is for readers, and the paragraphs behind it that are not: names and phones of the desk."""
    end = next((n for n, line in enumerate(lines) if _PRIVATE.match(line)), len(lines))
    private = (tidy(part) for part in re.split(r"\n\s*\n", "\n".join(lines[end:])))
    return lines[:end], [part for part in private if any(map(str.isalpha, part))]


def _split_head(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines over the story, which end in " =" or before the first blank line."""
    lines = list(dropwhile(lambda line: not line.strip(), lines))
    marked = (n + 1 for n, line in enumerate(lines[:_LONGEST_HEAD]) if line.rstrip().endswith("="))
    if end := next(marked, 0):
        return lines[:end], lines[end:]
    end = next((n for n, line in enumerate(lines) if not line.strip()), len(lines))
    first = " ".join(lines[:end])
    if end == len(lines) or len(first) > 300 or split_dateline(first)[0]:
        return [], lines
    return lines[:end], lines[end:]


def _read_head(lines: list[str]) -> _Head:
    headline: list[str] = []
    takes: list[str] = []
    notes: list[str] = []
    byline = ""
    for text in filter(None, (tidy(line).rstrip(" =") for line in lines)):
        if not headline and _is_take(text):
            takes.append(text)
        elif text.startswith("(") and text.endswith(")") or is_for_editors(text):
            notes.append(text)
        elif headline and not byline and read_byline(text):
            byline = read_byline(text)
        else:
            headline.append(text)
    return _Head(" ".join(headline), byline, ", ".join(takes), notes)


def _is_take(text: str) -> bool:
    return all(word in _TAKES or _ORDINAL.fullmatch(word) for word in text.lower().split())


def _take_notes(paragraphs: list[str]) -> tuple[list[str], list[str]]:
    """The paragraphs without those at the top that speak to editors, and these."""
    paragraphs = [paragraph.strip("\n") for paragraph in paragraphs if paragraph.strip()]
    notes = list(takewhile(is_for_editors, paragraphs))
    return paragraphs[len(notes) :], [tidy(note) for note in notes]


def _meaning(head: _Head) -> tuple[Signal, str]:
    """What the message is to earlier ones, and why that needs an editor.

    No message names the one that it follows: the keywords are those of all stories of a matter.
    """
    said = "\n".join([head.takes, *head.notes])
    hold = f"It withdraws an earlier message: {tidy(said)[:100]}" if _WITHDRAWS.search(said) else ""
    if is_correction(said):
        return Signal.CORRECTION, hold
    if _AGAIN.search(said):
        return Signal.REPEAT, hold
    return (Signal.UPDATE if _LATER.search(said) else Signal.NEW), hold
