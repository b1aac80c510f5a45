"""NewsML 1.x of the IPTC: AFP, Kyodo, EFE, ATS, ANP and press releases send it."""

import datetime
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from wires.parse.complete import complete, dateline_of
from wires.parse.item import Kind, Signal, Status, Unreadable, WireItem, WireLink
from wires.parse.newsml_1_parts import Parts, read_content, read_parts, read_pictures
from wires.parse.nitf_body import NitfBody
from wires.parse.one_by_one import read_each
from wires.parse.status import read_status
from wires.parse.subjects import subject_code
from wires.parse.text import URGENCIES, read_number, tidy, unique, words
from wires.parse.times import Clock
from wires.parse.xml import Element, find_attribute, find_text, language_of, read_xml, root_name, text_of

# "urn:newsml:afp.com:20140829T135002Z:TX-PAR-FXW86:1N": the revision, and how it relates to the last.
_REVISION = re.compile(r":[0-9]+[A-Z]?$")
_INSTRUCTIONS = {"update": Signal.UPDATE, "rectify": Signal.CORRECTION, "correct": Signal.CORRECTION}
_SUBJECTS = ("Subject", "SubjectMatter", "SubjectDetail")
_PARTIAL = {
    "U": "It is a part to be patched into the last revision.",
    "A": "It changes only what may be done with the last revision.",
}
_TERMS = words("UsageType Geography Limitations StartDate EndDate")
_EIGHT_DIGITS = re.compile("[0-9]{8}")


def looks_like(head: bytes) -> bool:
    return root_name(head) == "NewsML"


def read(data: bytes, zone: datetime.tzinfo) -> Iterator[WireItem | Unreadable]:
    root = read_xml(data)
    items = root.findall("NewsItem")
    if not items:
        raise Unreadable("The message has no items.")
    sender = find_attribute(root, "NewsEnvelope/SentFrom/Party", "FormalName")
    return read_each(items, partial(_read_item, zone=zone, sender=sender))


def _read_item(el: Element, zone: datetime.tzinfo, sender: str) -> WireItem:
    clock = Clock(zone)
    created = clock.first(
        find_text(el, "NewsManagement/ThisRevisionCreated"), find_text(el, "NewsManagement/FirstCreated")
    )
    today = created.date() if created else None
    parts = read_parts(el)
    content = read_content(parts, today)
    pictures = tuple(read_pictures(el, parts))
    item = WireItem(
        format="newsml_1",
        kind=_kind(el, parts, has_pictures=bool(pictures)),
        provider=find_text(el, "Identification/NewsIdentifier/ProviderId") or sender,
        guid=_guid(el),
        version=find_text(el, "Identification/NewsIdentifier/RevisionId"),
        version_created=created,
        first_created=clock.read(find_text(el, "NewsManagement/FirstCreated")),
        language=_language(el, parts),
        pictures=(*pictures, *content.pictures),
        links=tuple(_links(el)),
        **_state(el, clock),
        **_lines(el, parts, content),
        **_rights(parts),
        **_topics(el, parts),
    )
    line = parts.line("DateLine")
    datelines = [content.dateline, dateline_of(line, today=today)]
    return complete(item, content.body, datelines=datelines, place=_city(parts), clock=clock)


def _guid(el: Element) -> str:
    """Common to all revisions. The public identifier knows better: a NewsItemId may end in "-v2"."""
    public = find_text(el, "Identification/NewsIdentifier/PublicIdentifier")
    if public:
        return _unversioned(public)
    names = ("ProviderId", "DateId", "NewsItemId")
    identity = [find_text(el, f"Identification/NewsIdentifier/{name}") for name in names]
    if not identity[-1]:
        raise Unreadable("The item has no identifier.")
    return ":".join(["urn:newsml", *identity])


def _unversioned(identifier: str) -> str:
    """Without the revision, the sixth part; of five parts the last is the item's own number."""
    return _REVISION.sub("", identifier) if identifier.count(":") > 4 else identifier


def _kind(el: Element, parts: Parts, *, has_pictures: bool) -> Kind:
    if parts.text is not None:
        return Kind.STORY
    if next(el.iter("NewsItemRef"), None) is not None:
        return Kind.PACKAGE
    if has_pictures:
        return Kind.PICTURE
    # A kill has no content at all; what has some that is no text is graphics, sound or video.
    has_content = any(content.get("Href") for content in el.iter("ContentItem"))
    return Kind.OTHER if has_content else Kind.STORY


def _language(el: Element, parts: Parts) -> str:
    named = parts.attribute("DescriptiveMetadata/Language", "FormalName")
    return named or language_of(*parts.chain, el)


def _state(el: Element, clock: Clock) -> dict[str, Any]:
    state = read_status(find_attribute(el, "NewsManagement/Status", "FormalName"))
    holds = [state.hold]
    embargo_until = expires = None
    change = el.find("NewsManagement/StatusWillChange")
    if change is not None:
        future = read_status(find_attribute(change, "FutureStatus", "FormalName")).status
        time = find_text(change, "DateAndTime")
        if future is Status.USABLE:
            embargo_until = clock.embargo(time)
        else:
            expires = clock.read(time)
    if state.is_embargoed and not embargo_until:
        holds.append("It is under an embargo without an end.")
    patch = find_attribute(el, "Identification/NewsIdentifier/RevisionId", "Update").upper()
    holds.append(_PARTIAL.get(patch, ""))
    signal, hold = _instruction(el)
    return {
        "status": state.status,
        "signal": signal,
        "embargo_until": embargo_until,
        "expires": expires,
        "hold": " ".join(filter(None, [*holds, hold])),
        "is_advisory": find_attribute(el, "NewsManagement/NewsItemType", "FormalName").lower() == "advisory",
    }


def _instruction(el: Element) -> tuple[Signal, str]:
    """What to do with earlier revisions. Only the status withdraws; an instruction to delete makes wait."""
    named = [tidy(found.get("FormalName")).lower() for found in el.iterfind("NewsManagement/Instruction")]
    hold = "It comes with an instruction to delete." if "delete" in named else ""
    previous = find_attribute(el, "Identification/NewsIdentifier/RevisionId", "PreviousRevision")
    default = Signal.UPDATE if read_number(previous) else Signal.NEW
    return next((_INSTRUCTIONS[name] for name in named if name in _INSTRUCTIONS), default), hold


def _lines(el: Element, parts: Parts, content: NitfBody) -> dict[str, Any]:
    byline = ", ".join(filter(None, [parts.line("ByLine"), parts.line("ByLineTitle")]))
    comments = [
        text_of(comment) for comment in (*el.iterfind("Comment"), *el.iterfind("NewsManagement/Comment"))
    ]
    notes = [text_of(line) for line in parts.every("NewsLines/NewsLine/NewsLineText")]
    return {
        "headline": parts.line("HeadLine") or content.headline,
        "slugline": parts.line("SlugLine"),
        "byline": byline or content.byline,
        "located": _city(parts),
        "source": parts.attribute("AdministrativeMetadata/Source/Party", "FormalName")
        or parts.attribute("AdministrativeMetadata/Provider/Party", "FormalName"),
        "credit": parts.line("CreditLine"),
        "correction_note": content.correction_note,
        "editors_notes": (*comments, *notes, *content.editors_notes),
    }


def _city(parts: Parts) -> str:
    """Where the story comes from by its metadata, which a dateline may contradict."""
    for present in ("DateLine", "Origin"):
        for place in parts.every(f"DescriptiveMetadata/Location[@HowPresent='{present}']"):
            if city := find_attribute(place, "Property[@FormalName='City']", "Value"):
                return city
    return ""


def _rights(parts: Parts) -> dict[str, Any]:
    terms = parts.every("RightsMetadata/UsageRights/*")
    return {
        "copyright_holder": parts.first("RightsMetadata/Copyright/CopyrightHolder"),
        "copyright_notice": parts.line("CopyrightLine") or parts.line("RightsLine"),
        "usage_terms": "; ".join(unique([text_of(term) for term in terms if term.tag in _TERMS])),
    }


def _topics(el: Element, parts: Parts) -> dict[str, Any]:
    keywords = [
        tidy(p.get("Value")) for p in parts.every("DescriptiveMetadata/Property[@FormalName='Keyword']")
    ]
    keywords = keywords or [parts.line("KeywordLine")]
    places = parts.every("DescriptiveMetadata/Location/Property")
    return {
        "urgency": read_number(find_attribute(el, "NewsManagement/Urgency", "FormalName"), URGENCIES),
        "genre": ", ".join(
            unique([tidy(genre.get("FormalName")) for genre in parts.every("DescriptiveMetadata/Genre")])
        ),
        "subjects": _subjects(el, parts),
        "keywords": unique([word for several in keywords for word in several.split(";")]),
        "places": unique(
            [tidy(p.get("Value")) for p in places if p.get("FormalName") in ("City", "Country")]
        ),
    }


def _subjects(el: Element, parts: Parts) -> tuple[str, ...]:
    codes = []
    for found in parts.every("DescriptiveMetadata/SubjectCode/*"):
        code = tidy(found.get("FormalName"))
        if found.tag in _SUBJECTS and code:
            codes.append(
                subject_code(code, "" if _EIGHT_DIGITS.fullmatch(code) else tidy(found.get("Scheme")))
            )
    topics = (text_of(name) for name in el.iterfind(".//TopicSet/Topic/FormalName"))
    return unique([*codes, *(subject_code(code) for code in topics if _EIGHT_DIGITS.fullmatch(code))])


def _links(el: Element) -> Iterator[WireLink]:
    for name, rel in (("AssociatedWith", "related"), ("DerivedFrom", "derivedFrom")):
        for found in el.iterfind(f"NewsManagement/{name}"):
            if target := tidy(found.get("NewsItem")):
                yield WireLink(title=text_of(found), guid=_unversioned(target), rel=rel)
    for member in el.iter("NewsItemRef"):
        if target := tidy(member.get("NewsItem")):
            yield WireLink(title=text_of(member), guid=_unversioned(target), rel="member")
