"""NITF, the News Industry Text Format of the IPTC, as a file of its own."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from wires.parse.complete import complete, is_correction
from wires.parse.item import Signal, Status, Unreadable, WireItem
from wires.parse.nitf_body import NitfBody, read_nitf_body
from wires.parse.one_by_one import read_each
from wires.parse.status import State, read_status
from wires.parse.subjects import subject_code
from wires.parse.text import URGENCIES, read_number, tidy, unique
from wires.parse.times import Clock
from wires.parse.xml import Element, find_attribute, find_text, read_xml, root_name, text_of

__all__ = ["NitfBody", "looks_like", "read", "read_nitf_body"]

_SLUGS = ("slug", "slugline", "anpa-keyword", "keyword")


def looks_like(head: bytes) -> bool:
    return root_name(head) == "nitf"


def read(data: bytes, zone: datetime.tzinfo) -> Iterator[WireItem | Unreadable]:
    return read_each([read_xml(data)], lambda nitf: _read_item(nitf, zone))


@dataclass(frozen=True, slots=True)
class _Times:
    issued: datetime.datetime | None
    embargo_until: datetime.datetime | None
    expires: datetime.datetime | None


def _read_item(nitf: Element, zone: datetime.tzinfo) -> WireItem:
    clock = Clock(zone)
    state = read_status(find_attribute(nitf, "head/docdata", "management-status"))
    times = _read_times(nitf, state, clock)
    content = read_nitf_body(nitf, today=times.issued.date() if times.issued else None)
    guid = find_attribute(nitf, "head/docdata/doc-id", "id-string")
    cancels, replaces, warnings = _other_documents(nitf, state)
    item = WireItem(
        format="nitf",
        provider=_provider(nitf),
        guid=guid,
        version=find_attribute(nitf, "head/docdata/du-key", "version"),
        version_created=times.issued,
        status=state.status,
        signal=_signal(nitf, replaces),
        embargo_until=times.embargo_until,
        expires=times.expires,
        hold=state.hold,
        cancels=cancels,
        replaces=replaces,
        headline=content.headline or find_text(nitf, "head/title"),
        slugline=_slugline(nitf),
        byline=content.byline,
        source=content.distributor,
        language=content.language,
        correction_note=content.correction_note,
        editors_notes=(*_desk_messages(nitf), *content.editors_notes),
        copyright_holder=find_attribute(nitf, "head/docdata/doc.copyright", "holder"),
        copyright_notice=content.copyright_notice,
        usage_terms=_usage_terms(nitf),
        urgency=_urgency(nitf),
        genre=find_attribute(nitf, "head/tobject/tobject.property", "tobject.property.type"),
        subjects=_subjects(nitf),
        keywords=unique([el.get("key") or text_of(el) for el in nitf.iterfind(".//key-list/keyword")]),
        places=_places(nitf),
        pictures=content.pictures,
        warnings=warnings,
    )
    return complete(item, content.body, datelines=[content.dateline], clock=clock)


def _read_times(nitf: Element, state: State, clock: Clock) -> _Times:
    """When it was sent and may be shown. A release still to come holds, whatever the status says."""

    def norm(name: str) -> str:
        return find_attribute(nitf, f"head/docdata/{name}", "norm")

    release = clock.embargo(norm("date.release")) if state.is_embargoed else clock.read(norm("date.release"))
    issued = clock.first(norm("date.issue"), find_attribute(nitf, "head/pubdata", "date.publication"))
    issued = issued or release
    if state.is_embargoed and not norm("date.release"):
        clock.holds.append("It is under an embargo without an end.")
    is_ahead = release is not None and (state.is_embargoed or issued is None or release > issued)
    return _Times(issued, release if is_ahead else None, clock.read(norm("date.expire")))


def _provider(nitf: Element) -> str:
    return (
        find_attribute(nitf, "head/docdata/doc-id", "regsrc")
        or find_attribute(nitf, "head/docdata/del-list/from-src", "src-name")
        or find_attribute(nitf, "head/docdata/doc.rights", "owner", "agent")
        or find_attribute(nitf, "head/docdata/doc.copyright", "holder")
    )


def _other_documents(nitf: Element, state: State) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The guids that this document cancels, those that it continues, and what else it asks for."""
    other = find_attribute(nitf, "head/docdata", "management-doc-idref")
    becomes = read_status(find_attribute(nitf, "head/docdata", "management-idref-status")).status
    corrected = find_attribute(nitf, "head/docdata/correction", "id-string")
    replaces = unique([corrected])
    if not other:
        return (), replaces, ()
    if Status.CANCELED in (state.status, becomes):
        return (other,), replaces, ()
    asked = (f"It asks to withhold {other}.",) if becomes is Status.WITHHELD else ()
    return (), unique([other, *replaces]), asked


def _signal(nitf: Element, replaces: tuple[str, ...]) -> Signal:
    if nitf.find("head/docdata/correction") is not None:
        return Signal.CORRECTION
    return Signal.UPDATE if replaces else Signal.NEW


def _slugline(nitf: Element) -> str:
    named = {tidy(meta.get("name")).lower(): tidy(meta.get("content")) for meta in nitf.iterfind("head/meta")}
    slug = next((named[name] for name in _SLUGS if named.get(name)), "")
    return slug or find_attribute(nitf, "head/docdata/du-key", "key")


def _desk_messages(nitf: Element) -> list[str]:
    """What the agency tells editors. None of it is for readers, the note of a correction included."""
    messages = [el.get("info") or text_of(el) for el in nitf.iterfind("head/docdata/ed-msg")]
    messages += [el.get("info") or text_of(el) for el in nitf.iterfind("head/docdata/correction")]
    comments = (tidy(el.get("comment")) for el in nitf.iterfind("head/revision-history"))
    return messages + [comment for comment in comments if is_correction(comment)]


def _usage_terms(nitf: Element) -> str:
    names = ("type", "limitations", "geography")
    terms = [tidy(el.get(name)) for el in nitf.iterfind("head/docdata/doc.rights") for name in names]
    return "; ".join(unique(terms))


def _urgency(nitf: Element) -> int | None:
    raw = find_attribute(nitf, "head/docdata/urgency", "ed-urg") or find_attribute(
        nitf, "head/urgency", "ed-urg"
    )
    return read_number(raw, URGENCIES)


def _subjects(nitf: Element) -> tuple[str, ...]:
    codes = []
    for subject in nitf.iter("tobject.subject"):
        register = tidy(subject.get("tobject.subject.ipr"))
        if code := tidy(subject.get("tobject.subject.refnum")):
            codes.append(subject_code(code, "" if register.upper() == "IPTC" else register))
    return unique(codes)


def _places(nitf: Element) -> tuple[str, ...]:
    """Where it happened, which need not be where it was filed from."""
    named = ("city", "state-prov", "county-dist", "iso-cc")
    return unique(
        [
            next((tidy(el.get(name)) for name in named if tidy(el.get(name))), "")
            for el in nitf.iterfind("head/docdata/evloc")
        ]
    )
