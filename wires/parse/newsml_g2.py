"""NewsML-G2 of the IPTC: a message of items, or one item on its own."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from wires.parse.complete import complete, dateline_of, is_correction
from wires.parse.item import Kind, Rendition, Signal, Status, Unreadable, WireItem, WireLink, WirePicture
from wires.parse.newsml_g2_body import read_content
from wires.parse.nitf_body import NitfBody
from wires.parse.one_by_one import read_each
from wires.parse.status import read_status
from wires.parse.subjects import subject_code
from wires.parse.text import URGENCIES, read_number, tidy, unique, words
from wires.parse.times import Clock
from wires.parse.xml import (
    Element,
    find_attribute,
    find_text,
    language_of,
    read_xml,
    root_name,
    spaced_text_of,
    text_of,
)

_ITEMS = words("newsItem packageItem conceptItem knowledgeItem planningItem catalogItem")
_KINDS = {"text": Kind.STORY, "picture": Kind.PICTURE, "photo": Kind.PICTURE, "composite": Kind.PACKAGE}
_SIGNALS = {
    "sig:correction": Signal.CORRECTION,
    "sig:update": Signal.UPDATE,
    "sig:repeat": Signal.REPEAT,
    # Reuters; its D, deleted, is a reason to hold: see _state.
    "edstat:c": Signal.CORRECTION,
    "edstat:u": Signal.UPDATE,
}
_AREAS = words("country statprov region worldregion continent")
_CONTINUING = words("evolvedFrom prevVersion replaces")


def looks_like(head: bytes) -> bool:
    return root_name(head) in _ITEMS | {"newsMessage"}


@dataclass(frozen=True, slots=True)
class _Message:
    """What the items of a message share."""

    zone: datetime.tzinfo
    sender: str = ""
    sent: str = ""
    language: str = ""


def read(data: bytes, zone: datetime.tzinfo) -> Iterator[WireItem | Unreadable]:
    root = read_xml(data)
    items = [root] if root.tag in _ITEMS else [el for el in root.iterfind("itemSet/*") if el.tag in _ITEMS]
    if not items:
        raise Unreadable("The message has no items.")
    message = _Message(
        zone, find_text(root, "header/sender"), find_text(root, "header/sent"), language_of(root)
    )
    return read_each(items, partial(_read_item, message=message))


def _read_item(el: Element, message: _Message) -> WireItem:
    guid = tidy(el.get("guid"))
    if not guid:
        raise Unreadable("The item has no guid.")
    if el.tag not in ("newsItem", "packageItem"):
        # An event that is called off, or a term that is retired, is no kill of a story.
        return complete(WireItem(format="newsml_g2", kind=Kind.OTHER, guid=guid, headline=_headline(el)))
    kind = _kind(el)
    clock = Clock(message.zone)
    created = clock.first(*_times(el, message))
    today = created.date() if created else None
    text = read_content(el, today) if kind is Kind.STORY else NitfBody()
    provider = _name(el.find("itemMeta/provider")) or message.sender
    item = WireItem(
        format="newsml_g2",
        kind=kind,
        provider=provider,
        guid=guid,
        version=tidy(el.get("version")),
        version_created=created,
        first_created=clock.read(find_text(el, "itemMeta/firstCreated")),
        embargo_until=clock.embargo(find_text(el, "itemMeta/embargoed")),
        expires=clock.read(find_text(el, "itemMeta/expires")),
        language=_language(el, message),
        pictures=(*_pictures(el, kind), *text.pictures),
        links=(*_links(el), *_members(el)),
        replaces=_replaced(el),
        **_state(el),
        **_lines(el, text),
        **_rights(el),
        **_topics(el),
    )
    datelines = [text.dateline, dateline_of(find_text(el, "contentMeta/dateline"), today=today)]
    return complete(item, text.body, datelines=datelines, place=_place(el, provider), clock=clock)


def _kind(el: Element) -> Kind:
    if el.tag == "packageItem":
        return Kind.PACKAGE
    nature = re.split("[:/]", find_attribute(el, "itemMeta/itemClass", "qcode", "uri"))[-1].lower()
    if nature:
        return _KINDS.get(nature, Kind.OTHER)
    has_text = el.find("contentSet/inlineXML") is not None or el.find("contentSet/inlineData") is not None
    return Kind.STORY if has_text else Kind.OTHER


def _times(el: Element, message: _Message) -> Iterator[str]:
    """When this version was made; if it does not say, the next best times."""
    yield find_text(el, "itemMeta/versionCreated")
    yield find_text(el, "contentMeta/contentModified")
    yield message.sent


def _language(el: Element, message: _Message) -> str:
    return find_attribute(el, "contentMeta/language", "tag") or language_of(el) or message.language


def _state(el: Element) -> dict[str, Any]:
    state = read_status(find_attribute(el, "itemMeta/pubStatus", "qcode", "uri", "literal"))
    signals = [tidy(signal.get("qcode")).lower() for signal in el.iterfind("itemMeta/signal")]
    holds = [state.hold]
    if state.is_embargoed and not find_text(el, "itemMeta/embargoed"):
        holds.append("It is under an embargo without an end.")
    if "edstat:d" in signals and state.status is Status.USABLE:
        holds.append("The agency marks this version as deleted.")
    return {
        "status": state.status,
        "signal": next((_SIGNALS[signal] for signal in signals if signal in _SIGNALS), Signal.NEW),
        "hold": " ".join(filter(None, holds)),
    }


def _lines(el: Element, text: NitfBody) -> dict[str, Any]:
    """What is shown around a story, or said about it to editors."""
    public, private = _notes(el)
    source = _source(el)
    return {
        "headline": _headline(el) or text.headline,
        "slugline": find_text(el, "contentMeta/slugline"),
        "byline": ", ".join(unique([text_of(by) for by in el.iterfind("contentMeta/by")])) or text.byline,
        "located": _name(el.find("contentMeta/located")),
        "source": source,
        "credit": find_text(el, "contentMeta/creditline") or source,
        "correction_note": public or text.correction_note,
        "editors_notes": (*private, *text.editors_notes),
    }


def _headline(el: Element) -> str:
    """The main one: some send a kicker, a line below it or a translation as further headlines."""
    headlines = [headline for headline in el.iterfind("contentMeta/headline") if text_of(headline)]
    main = [headline for headline in headlines if "sub" not in (headline.get("role") or "").lower()]
    own = {"", _primary_language(el)}
    main.sort(key=lambda line: (language_of(line).lower()[:2] not in own, read_number(line.get("rank")) or 1))
    return text_of(main[0]) if main else find_text(el, "itemMeta/title", "conceptSet/concept/name")


def _notes(el: Element) -> tuple[str, list[str]]:
    """The correction for readers, and the notes to editors: nothing is public unless its role says so."""
    public, private = [], []
    for note in el.iterfind("itemMeta/edNote"):
        role = re.split("[:/]", note.get("role") or "")[-1].lower()
        is_public = role == "public" and "nonpublic" not in (note.get("pubconstraint") or "").lower()
        text = spaced_text_of(note)
        (public if is_public and is_correction(text) else private).append(text)
    return " ".join(public), private


def _name(el: Element | None) -> str:
    if el is None:
        return ""
    return find_text(el, "name") or next(
        (tidy(el.get(a)) for a in ("literal", "qcode", "uri") if el.get(a)), ""
    )


def _source(el: Element) -> str:
    """Who wrote it."""
    sources = el.findall("contentMeta/infoSource")
    sources.sort(key=lambda source: not (source.get("role") or "").lower().endswith(":source"))
    return next((name for name in map(_name, sources) if name and "://" not in name), "")


def _place(el: Element, provider: str) -> str:
    """The city a story is from by its metadata. Reuters puts the desk there that edited it."""
    located = el.find("contentMeta/located")
    if located is None or provider.lower() == "reuters.com":
        return ""
    kind = re.split("[:/]", located.get("type") or "")[-1].lower()
    return "" if kind in _AREAS else find_text(located, "name") or tidy(located.get("literal"))


def _rights(el: Element) -> dict[str, Any]:
    holders = map(_name, el.iterfind("rightsInfo/copyrightHolder"))
    return {
        "copyright_holder": next(filter(None, holders), ""),
        "copyright_notice": _in_language(el, "rightsInfo/copyrightNotice"),
        "usage_terms": _in_language(el, "rightsInfo/usageTerms"),
    }


def _in_language(el: Element, path: str) -> str:
    """What stands there in the item's language, or in none; else in the first that there is."""
    variants = [(language_of(found).lower()[:2], text_of(found)) for found in el.iterfind(path)]
    variants = [(language, text) for language, text in variants if text]
    fitting = [text for language, text in variants if language in ("", _primary_language(el))]
    return " ".join(unique(fitting or [text for _, text in variants[:1]]))


def _primary_language(el: Element) -> str:
    return (find_attribute(el, "contentMeta/language", "tag") or language_of(el)).lower()[:2]


def _topics(el: Element) -> dict[str, Any]:
    return {
        "urgency": read_number(find_text(el, "contentMeta/urgency"), URGENCIES),
        "genre": ", ".join(unique([_name(genre) for genre in el.iterfind("contentMeta/genre")])),
        "subjects": unique([code for found in el.iterfind("contentMeta/subject") for code in _codes(found)]),
        "keywords": unique([text_of(keyword) for keyword in el.iterfind("contentMeta/keyword")]),
        "places": unique([_name(s) for s in el.iterfind("contentMeta/subject") if _is_place(s)]),
    }


def _codes(subject: Element) -> Iterator[str]:
    """A subject's code; and IPTC's, which dpa hangs below its own as broader or same."""
    code = subject.get("qcode") or subject.get("uri")
    yield subject_code(code) if code else subject_code(subject.get("literal") or "", "literal")
    for related in (*subject.iter("broader"), *subject.iter("sameAs")):
        code = subject_code(related.get("qcode") or related.get("uri") or "")
        if code.startswith(("medtop:", "subj:")):
            yield code


def _is_place(subject: Element) -> bool:
    kind = re.split("[:/]", subject.get("type") or "")[-1].lower()
    return kind in ("geoarea", "poi", "city", *_AREAS) and bool(find_text(subject, "name"))


def _pictures(el: Element, kind: Kind) -> Iterator[WirePicture]:
    """The pictures whose files the item names: a picture's own, or those sent along with a text."""
    groups: list[list[Rendition]] = [[]]
    for remote in el.iterfind("contentSet/remoteContent"):
        rendition = _rendition(remote)
        is_image = rendition.content_type.startswith("image/") or (
            kind is Kind.PICTURE and not rendition.content_type
        )
        if not is_image or not rendition.href:
            continue
        if kind is not Kind.PICTURE and rendition.name in (other.name for other in groups[-1]):
            groups.append([])
        groups[-1].append(rendition)
    if kind is Kind.PICTURE:
        credit = unique([find_text(el, "contentMeta/by"), find_text(el, "contentMeta/creditline")])
        yield WirePicture(
            guid=tidy(el.get("guid")),
            headline=_headline(el),
            caption=_caption(el),
            credit="/".join(credit) or _source(el),
            renditions=tuple(groups[0]),
        )
    else:
        yield from (WirePicture(renditions=tuple(group)) for group in groups if group)


def _caption(el: Element) -> str:
    descriptions = el.findall("contentMeta/description")
    descriptions.sort(key=lambda found: not (found.get("role") or "").lower().endswith(":caption"))
    return next((text for found in descriptions if (text := text_of(found))), "")


def _rendition(remote: Element) -> Rendition:
    return Rendition(
        href=tidy(remote.get("href")) or tidy(remote.get("residref")),
        name=tidy(remote.get("rendition")),
        content_type=tidy(remote.get("contenttype")).lower(),
        width=read_number(remote.get("width")),
        height=read_number(remote.get("height")),
    )


def _relation(link: Element) -> str:
    return re.split("[:/]", tidy(link.get("rel")))[-1]


def _links(el: Element) -> Iterator[WireLink]:
    for link in el.iterfind("itemMeta/link"):
        yield WireLink(
            title=find_text(link, "title", "headline"),
            url=tidy(link.get("href")),
            guid=tidy(link.get("residref")),
            rel=_relation(link),
        )


def _members(el: Element) -> Iterator[WireLink]:
    """What a package holds; the members come as items of their own, before or after it."""
    for member in el.iterfind("groupSet/group/itemRef"):
        yield WireLink(
            title=find_text(member, "headline", "title"),
            url=tidy(member.get("href")),
            guid=tidy(member.get("residref")),
            rel="member",
        )


def _replaced(el: Element) -> tuple[str, ...]:
    links = (link for link in el.iterfind("itemMeta/link") if _relation(link) in _CONTINUING)
    return unique([link.get("residref") or "" for link in links])
