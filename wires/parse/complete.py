"""What is the same in every format once an item has been read: the last step of every reader."""

import dataclasses
import datetime
import hashlib
import re
from collections.abc import Iterable

from articles.datelines import Dateline, read_dateline
from articles.markup import plain_text
from wires.parse.body import Body
from wires.parse.ends import are_initials, read_byline
from wires.parse.item import Kind, Signal, Status, Unreadable, WireItem
from wires.parse.language import read_language
from wires.parse.subjects import with_topics
from wires.parse.text import shorten, tidy, unique
from wires.parse.times import Clock

_NO_BODY = Body()


def complete(
    item: WireItem,
    body: Body = _NO_BODY,
    *,
    datelines: Iterable[Dateline | None] = (),
    place: str = "",
    clock: Clock | None = None,
) -> WireItem:
    """The item with everything filled in that follows from what its format gave.

    `datelines` are those of the file's own fields, best first (see `dateline_of`); the one in the text
    outranks them. `place` is where the story comes from by its metadata: the last resort, and for the
    formats to leave out where an agency puts its desk there. `clock` is the one that read the times.

    Raises Unreadable for an item that says nothing: neither which it is, nor what, in words or pictures.
    """
    item = _cleaned(item)
    item = _with_body(item, body)
    if not (item.guid or item.headline or item.slugline or item.body_html or item.pictures):
        raise Unreadable("It is empty: without identifier, headline, text and picture.")
    item = _with_dateline(item, [body.dateline, *datelines], tidy(place))
    item = _with_clock(item, clock or Clock())
    item = _with_identity(item)
    item = _with_headline(item)
    item = dataclasses.replace(
        item,
        credit=item.credit or item.dateline_credit or item.source or item.provider.rpartition(":")[2],
        subjects=with_topics(item.subjects),
        signal=_signal(item),
        is_advisory=item.is_advisory or _is_advisory(item),
    )
    hold = " ".join(_holds(item))
    return item if hold == item.hold else dataclasses.replace(item, hold=hold)


def _cleaned(item: WireItem) -> WireItem:
    changes: dict[str, object] = {"language": read_language(item.language)}
    for field in dataclasses.fields(item):
        value = getattr(item, field.name)
        if field.name in ("body_html", "format", "language") or isinstance(value, (Kind, Status, Signal)):
            continue
        if isinstance(value, str):
            changes[field.name] = tidy(value)
        elif isinstance(value, tuple) and value and all(isinstance(part, str) for part in value):
            changes[field.name] = unique(value)
    if item.language and not changes["language"]:
        changes["warnings"] = (*item.warnings, f"{tidy(item.language)[:40]!r} is no language.")
    return dataclasses.replace(item, **changes)


# Body and byline


def _with_body(item: WireItem, body: Body) -> WireItem:
    byline, notes = _byline(item, body)
    return dataclasses.replace(
        item,
        byline=byline,
        body_html=body.html or item.body_html,
        editors_notes=unique([*item.editors_notes, *notes, *body.notes, body.sign_off]),
        pictures=(*item.pictures, *body.pictures),
        warnings=(*item.warnings, *body.warnings),
    )


def _byline(item: WireItem, body: Body) -> tuple[str, list[str]]:
    """Who wrote it, and what stood in a byline's place and was none or was another."""
    filed = _without_by(item.byline, item.language)
    if are_initials(filed):
        return body.byline, [filed]
    if not filed or filed.casefold() in body.byline.casefold():
        return body.byline, []
    if body.byline.casefold() in filed.casefold():
        return filed, []
    return filed, [f"By {body.byline}"]


_BY = {"de": "von", "fr": "par", "es": "por", "pt": "por", "it": "di", "nl": "door", "sv": "av", "da": "af"}


def _without_by(byline: str, language: str) -> str:
    """ "By Ann Lee" -> "Ann Lee"; and "Von Ann Lee", but only in German, for it may be a name."""
    words = byline.split()
    if words and words[0].lower() in ("by", "by:", _BY.get(language.partition("-")[0], "by")):
        return read_byline(byline) or " ".join(words[1:])
    return byline


# Dateline


_CLOCK_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}|[0-9]{8}T?[0-9]{4}")
_EDGES = " ,;:-–—_"


def dateline_of(raw: str | None, *, today: datetime.date | None = None) -> Dateline | None:
    """A dateline field, which is free text: "Berlin (dpa) - ", "FORT WASHINGTON, Pa.", "BEIJING, July 23".

    None for what is no dateline, such as the time stamp that one agency sends there.
    """
    text = tidy(raw)
    if not any(c.isalpha() for c in text) or _CLOCK_TIME.search(text):
        return None
    # "ANSA - ROMA, 01 LUG -" has its agency before the place.
    for part in (text, re.split(r"\s[-–—]\s", text.rstrip(_EDGES))[-1]):
        if found := read_dateline(part, today=today):
            return dataclasses.replace(found, raw=text)
    place = text.strip(_EDGES)
    is_short = len(place) <= 60 and len(place.split()) < 8
    is_place = is_short and not any(c.isdigit() or c in "()" for c in place)
    return Dateline(place=place if is_place else "", raw=text)


def _with_dateline(item: WireItem, found: list[Dateline | None], place: str) -> WireItem:
    datelines = [dateline for dateline in found if dateline]
    # A dateline in the text without a place says that there is none to give.
    last_resort = place if item.kind is Kind.STORY and not found[0] else ""
    return dataclasses.replace(
        item,
        dateline_text=item.dateline_text or next((d.raw for d in datelines if d.raw), ""),
        dateline_place=item.dateline_place or next((d.place for d in datelines if d.place), last_resort),
        dateline_credit=item.dateline_credit or next((d.credit for d in datelines if d.credit), ""),
        dateline_date=item.dateline_date or next((d.date for d in datelines if d.date), None),
    )


# Identity, times, headline


def made_guid(provider: str, *parts: str) -> str:
    """An identifier for what has none, the same whenever the same parts come again."""
    digest = hashlib.sha256("\0".join(map(tidy, parts)).encode()).hexdigest()[:20]
    return f"made:{tidy(provider).lower().replace(' ', '-') or 'unknown'}:{digest}"


def _with_identity(item: WireItem) -> WireItem:
    if item.guid and not (item.cancels or item.replaces):
        return item
    if item.guid:
        cancels = tuple(guid for guid in item.cancels if guid != item.guid)
        replaces = tuple(guid for guid in item.replaces if guid != item.guid)
        return dataclasses.replace(item, cancels=cancels, replaces=replaces)
    sent = item.version_created.isoformat() if item.version_created else ""
    parts = (sent, item.slugline, item.headline) if sent else (item.slugline, item.headline, item.body_html)
    return dataclasses.replace(
        item,
        guid=made_guid(item.provider, *parts),
        warnings=(*item.warnings, "It has no identifier; one was made of its time and headline."),
    )


def _with_clock(item: WireItem, clock: Clock) -> WireItem:
    return dataclasses.replace(
        item,
        version_created=item.version_created or item.first_created,
        naive_times=item.naive_times or clock.is_naive,
        hold=" ".join([item.hold, *clock.holds]).strip(),
        warnings=(*item.warnings, *clock.warnings),
    )


def _with_headline(item: WireItem) -> WireItem:
    if item.headline or item.kind is not Kind.STORY:
        return item
    first = plain_text(item.body_html).partition("\n")[0]
    return dataclasses.replace(item, headline=shorten(first), headline_is_derived=bool(first))


# What words say


_CORRECTION = re.compile(
    r"\b(?:correct(?:s|ed|ion|ive)|berichtig(?:t|ung)|korrektur|korrigeret|korrigert|rättelse|korjattu|corrige"
    r"|rectificatif|corrección|rectificación|rettifica|correzione)\b",
    re.IGNORECASE,
)
_UPDATE = re.compile(
    r"\bupdate [0-9]+\b|\b(?:ld-)?writethru\b|\b[0-9]{1,2}(?:st|nd|rd|th) (?:ld|lead)\b", re.IGNORECASE
)
_EMBARGO = re.compile(
    r"\bembargoed\b|\bembargo\W{0,3}(?:until|till|bis|jusqu|hasta|fino|tot|:|[0-9])"
    r"|\b(?:strict|under|sous|bajo|con|unter) embargo\b|\bsperrfrist\b|\bsperrvermerk\b|\bhold for release\b"
    r"|\bhfr\b|\bnot for (?:public )?(?:release|publication|use|broadcast)\b.{0,12}\b(?:before|until|till)\b"
    r"|\bdo not (?:publish|release|use|broadcast)\b.{0,12}\b(?:before|until|till)\b|\bfrei ab\b"
    r"|\bnicht vor\b.{0,30}\b(?:uhr|veröffentlichen)|\bjulkaisuvapaa\b|\bpublicerings?fri\b",
    re.IGNORECASE,
)
# In a slug or a headline an embargo is more often the subject of the story.
_EMBARGO_IN_SLUG = re.compile(r"\b(?:embargoed|sperrfrist|hold for release|hfr)\b", re.IGNORECASE)
# Over a text stands the embargo itself; further down it is what the story tells of.
_EMBARGO_OVER_TEXT = re.compile(
    r"\W{0,5}(?:(?:strict(?:ly)?|under) )?embargo(?:ed)?\W{0,3}(?:until|till|bis|jusqu|hasta|fino|tot|:|\d)"
    r"|\W{0,5}(?:embargoed (?:to|for)|strictly embargoed|under embargo|sperrfrist|hold for release)\b"
    r"|\W{0,5}not for (?:public )?(?:release|publication|use|broadcast)\W{1,3}(?:before|until|till)\b",
    re.IGNORECASE,
)
_KILL = re.compile(
    r"(?i:\b(?:mandatory|bulletin) kill\b|\bkill(?:s|ed)? (?:the|this|our)? ?(?:story|item)\b)"
    r"|^(?:[A-Z]{2}-{1,2})?KILLS?\b",  # "BC-KILL-Ferry"
    re.MULTILINE,
)
_ADVISORY = re.compile(
    r"(?:media|news|photo|editors?['’]?|eds)[ -]advisory\b|advisory\s{0,3}(?:[:_–—-]|$)"
    r"|attention:? editors\b|notes? to editors\b|avis aux rédactions\b|achtung redaktion",
    re.IGNORECASE,
)
_ADVISORY_IN_SLUG = re.compile(r"(?:^|[-/ ,])(?:advisory|advis|adv)(?:$|[-/ ,])", re.IGNORECASE)


def is_correction(text: str) -> bool:
    """Whether words say that something was corrected."""
    return bool(_CORRECTION.search(text))


def _signal(item: WireItem) -> Signal:
    if item.signal is not Signal.NEW:
        return item.signal
    starts = [item.slugline, *(note[:80] for note in item.editors_notes if note.startswith("("))]
    if _CORRECTION.match(item.headline) or any(map(is_correction, starts)):
        return Signal.CORRECTION
    return Signal.UPDATE if any(map(_UPDATE.search, [item.headline, *starts])) else Signal.NEW


def _is_advisory(item: WireItem) -> bool:
    return bool(
        re.split("[:/]", item.genre)[-1].lower() == "advisory"
        or _ADVISORY.match(item.headline)
        or _ADVISORY_IN_SLUG.search(item.slugline)
    )


def _holds(item: WireItem) -> list[str]:
    """The reasons why an editor must look before readers may. What is withdrawn needs none."""
    if item.status is not Status.USABLE:
        return []
    holds = [item.hold] if item.hold else []
    notes = "\n".join(item.editors_notes)
    slugs = (_EMBARGO_IN_SLUG.search(item.slugline), _EMBARGO_IN_SLUG.match(item.headline))
    top = plain_text(item.body_html).splitlines()[:2]
    if not item.embargo_until and (
        _EMBARGO.search(notes) or any(slugs) or any(map(_EMBARGO_OVER_TEXT.match, top))
    ):
        holds.append("It speaks of an embargo.")
    if _KILL.search(f"{notes}\n{item.headline}"):
        holds.append("It speaks of a kill.")
    if item.is_advisory:
        holds.append("It is an advisory to editors.")
    if item.kind is Kind.STORY and not item.body_html:
        holds.append("It has no text.")
    return holds
