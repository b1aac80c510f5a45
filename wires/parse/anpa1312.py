"""ANPA 1312: the wire of American newspapers, still found in archives and mail gateways.

SYN SYN SOH service, number, US, selector LF priority, category, layout, slug, date LF
STX ^slug< ^headline< ^Eds: ...< ^By ...= TAB paragraph ... ETX agency and time ... EOT
"""

import datetime
import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby

from wires.parse.anpa1312_slug import header_slug, identify, read_day, read_filed
from wires.parse.body import Body, read_body
from wires.parse.complete import complete, made_guid
from wires.parse.ends import read_byline
from wires.parse.item import Unreadable, WireItem
from wires.parse.one_by_one import read_each
from wires.parse.subjects import subject_code
from wires.parse.text import tidy
from wires.parse.times import Clock
from wires.parse.transmission import (
    FILL,
    embargo_hold,
    full_year,
    guess_language,
    is_for_editors,
    iso_time,
    read_transmission,
    split_messages,
)

_LOOKS = re.compile(FILL + rb"\x01[A-Za-z]?[0-9]{3,5}[^\r\n\x02]{0,40}\r{0,3}\n[A-Za-z] [A-Za-z][\x11-\x14 ]")
_HEADER = re.compile(
    r"(?P<service>[A-Za-z]?)(?P<number>[0-9]{3,5})[^\r\n]{0,40}\r{0,3}\n"
    r"(?P<priority>[A-Za-z]) (?P<category>[A-Za-z])[\x13\x14]?(?P<layout>[\x11\x12]?)(?P<rest>[^\r\n]{0,200})"
)
_AS_TYPED = "\x12"  # DC2: in columns; DC1 is running text
# Flash, bulletin, urgent, regular, deferred; the other letters are of features and advances.
_URGENCIES = {"f": 1, "b": 2, "u": 3, "r": 4, "d": 5}
# "AP-WF-11-13-13 1509GMT", month first.
_SENT = re.compile(
    r"(?P<agency>[A-Za-z]{2,8})[ -](?:[A-Z]{2}-)?(?P<month>[0-9]{2})-(?P<day>[0-9]{2})-(?P<year>[0-9]{2})"
    r"\s{1,4}(?P<hours>[0-9]{2})(?P<minutes>[0-9]{2})\s?(?P<zone>[A-Za-z]{3})?"
)
_LONGEST_SLUG = 200
_COUNT = re.compile(r"\s*,\s*[0-9]{1,5}$")
_MEDIA = re.compile(r"AP (?:Photo|Graphic|Video|Audio|Interactive)s?\b")
_EDS = re.compile(r"\(?(?:eds\.?|editors)\s?:\s?(?P<note>.*?)\)?", re.IGNORECASE | re.DOTALL)
# Whose line under a byline is the writer's.
_DESK = re.compile(r"\b(?:AP|press|writer|editor|correspondent|reporter)\b", re.IGNORECASE)
_COLUMNS = re.compile(r"[^\s.?!:;\"'] {2,}\S")


def looks_like(head: bytes) -> bool:
    return bool(_LOOKS.match(head))


def read(data: bytes, zone: datetime.tzinfo) -> Iterator[WireItem | Unreadable]:
    return read_each(split_messages(data), partial(_read_item, zone=zone))


def _read_item(message: bytes, zone: datetime.tzinfo) -> WireItem:
    sent = read_transmission(message)
    header = _HEADER.match(sent.header.lstrip())
    if not header:
        raise Unreadable("The message has no header of ANPA 1312.")
    clock = Clock(zone)
    trailer = _SENT.search(sent.trailer)
    provider = trailer["agency"].upper() if trailer else ""
    created = clock.read(_time(trailer) if trailer else sent.trailer)
    head = _Head(header_slug(header["rest"]))
    elements = _elements(sent.text, as_typed=header["layout"] == _AS_TYPED)
    body = _read_body(head.take_all(elements), created)
    filed = read_filed(header["rest"], created)
    own = made_guid(provider, header["service"], header["number"], str(created or filed or head.slug))
    identity = identify(head.slug, provider, filed, own)
    holds = [sent.hold, identity.hold, embargo_hold(head.notes)]
    item = WireItem(
        format="anpa1312",
        provider=provider,
        version_created=created,
        guid=identity.guid,
        version=identity.version,
        status=identity.status,
        signal=identity.signal,
        cancels=identity.cancels,
        replaces=identity.replaces,
        warnings=identity.warnings,
        hold=" ".join(filter(None, holds)),
        headline=head.headline,
        slugline=head.slug,
        byline=head.byline,
        language=guess_language(body.html),
        editors_notes=tuple(head.notes),
        urgency=_URGENCIES.get(header["priority"].lower()),
        subjects=(subject_code(header["category"].lower(), "anpa"),),
    )
    return complete(item, body, clock=clock)


def _time(trailer: re.Match[str]) -> str:
    day = read_day(full_year(trailer["year"]), trailer["month"], trailer["day"])
    return iso_time(day, trailer["hours"], trailer["minutes"], trailer["zone"]) or trailer[0]


# Text


@dataclass(slots=True)
class _Element:
    kind: str  # "^" a line of the head or a heading, "p" a paragraph, "row" of a table
    lines: list[str]

    @property
    def end(self) -> str:
        """The mark behind it: "<" flush left, "=" centred."""
        mark = self.lines[-1].rstrip()[-1:]
        return mark if mark in ("<", "=") else ""

    @property
    def text(self) -> str:
        text = _plain(" ".join(self.lines).rstrip().removesuffix(self.end).expandtabs(8))
        return text.rstrip() if self.kind == "row" else tidy(text)

    def goes_on(self, line: str, *, as_typed: bool) -> bool:
        return not (
            not line.strip() or line[0] in "^\t" or self.end or _is_row(line, self, as_typed=as_typed)
        )


def _elements(lines: list[str], *, as_typed: bool) -> list[_Element]:
    """The lines as what they are, those that go on joined to their starts."""
    elements: list[_Element] = []
    after_blank = True
    for line in lines:
        if line.startswith("^"):
            # "^*9006< ^Slug,50<" is two of them.
            pieces = re.split(r"(?<=[<=])\s{0,9}\^", line[1:])
            elements.extend(_Element("row" if _is_row(piece) else "^", [piece]) for piece in pieces)
        elif not after_blank and elements[-1].goes_on(line, as_typed=as_typed):
            elements[-1].lines.append(line)
        elif line.strip():
            before = None if after_blank else elements[-1]
            elements.append(_Element("row" if _is_row(line, before, as_typed=as_typed) else "p", [line]))
        after_blank = not line.strip()
    return elements


def _is_row(line: str, before: _Element | None = None, *, as_typed: bool = False) -> bool:
    """Whether a line stands by itself in a table: as typed, in columns of blanks or with semicolons."""
    if as_typed and line.strip(" \t_=<"):
        return True
    if line.startswith("\t") or as_typed:
        return False
    after_row = before is not None and before.kind == "row"
    return after_row or line.count(";") > 2 or bool(_COLUMNS.search(line.strip()))


def _plain(text: str) -> str:
    """The characters that seven bits had no room for."""
    text = text.replace("'''", "'\"").replace("``", '"').replace("''", '"').replace("`", "'")
    return re.sub(r"\{(?=[\s;<]|$)", "½", text)


def _dashed(text: str) -> str:
    return text.replace(" _ ", " — ")


@dataclass(slots=True)
class _Head:
    slug: str  # the header's, until the line with the whole of it comes
    has_slug: bool = False
    headline: str = ""
    byline: str = ""
    notes: list[str] = field(default_factory=list)

    def take_all(self, elements: list[_Element]) -> list[_Element]:
        """The elements of the story. Titles of a table may stand between the headline and the byline."""
        kept: list[_Element] = []
        for n, element in enumerate(elements):
            if element.kind != "^":
                return kept + elements[n:]
            if not self.take(element, is_top=not kept):
                kept.append(element)
        return kept

    def take(self, element: _Element, *, is_top: bool) -> bool:
        text = element.text
        if re.fullmatch(r"\*[0-9]+", text):  # a code for typesetters
            return True
        if note := _note(text):
            self.notes.append(note)
        elif not self.byline and text[:3].lower() == "by " and (element.end == "=" or read_byline(text)):
            self.byline = text[3:]
        elif self.byline:
            if not is_top or "," in self.byline or not _DESK.search(text):
                return False
            self.byline += f", {text}"
        elif not self.has_slug and not self.headline and self._is_slug(text):
            self.slug, self.has_slug = _COUNT.sub("", text[:_LONGEST_SLUG]), True
        elif not self.headline:
            self.headline = _dashed(text)
        elif is_top and element.end == "<":
            self.notes.append(_dashed(text))  # the story in a sentence or two, for those who list it
        else:
            return False
        return True

    def _is_slug(self, text: str) -> bool:
        """Whether a line ends in a count of words, or starts like the slug of the header."""
        return bool(_COUNT.search(text)) or (bool(self.slug) and text.startswith(self.slug[:6]))


def _note(text: str) -> str:
    if match := _EDS.fullmatch(text):
        return match["note"]
    return text if _MEDIA.match(text) or is_for_editors(text) else ""


def _read_body(elements: Iterable[_Element], created: datetime.datetime | None) -> Body:
    markup: list[str] = []
    notes: list[str] = []
    for kind, group in groupby(elements, key=lambda element: element.kind):
        if kind == "row":
            rows = html.escape("\n".join(row.text for row in group), quote=False)
            markup.append(f"<pre>{rows}</pre>")
            continue
        for element in group:
            if note := _note(element.text):
                notes.append(note)
            else:
                tag = "h2" if kind == "^" and element.end == "=" else "p"
                markup.append(f"<{tag}>{html.escape(element.text, quote=False)}</{tag}>")
    body = read_body("\n".join(markup), today=created.date() if created else None)
    # Only now: the dateline is kept as filed.
    return replace(body, html=_dashed(body.html), notes=(*notes, *body.notes))
