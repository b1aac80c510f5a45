"""ninjs of the IPTC, News in JSON: its three spellings, and the dialect that Superdesk writes."""

import datetime
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from wires.parse.complete import complete, dateline_of, is_correction
from wires.parse.feeds import body_without, without_repeats
from wires.parse.item import Kind, Rendition, Signal, Status, Unreadable, WireItem, WireLink, WirePicture
from wires.parse.ninjs_parts import Object, labels, objects, plain, read_content, read_json, text, values
from wires.parse.nitf_body import NitfBody
from wires.parse.one_by_one import read_each
from wires.parse.status import read_status
from wires.parse.subjects import subject_code
from wires.parse.text import URGENCIES, decode, read_number, unique, words
from wires.parse.times import Clock, read_time

_MARKS = re.compile(
    r'"(uri|guid|pubstatus|versioncreated|firstcreated|embargoed(?:until)?|body_x?html5?|body_text|bodies'
    r'|headlines?|slugline|copyrightholder|copyrightnotice|usageterms|ednote|renditions|associations)"\s{0,9}:',
    re.IGNORECASE,
)
_LISTS = ("item", "items", "_items", "newsitems")
_CONTINUING = ("evolvedfrom", "rewrite_of", "replacing")  # Superdesk's, and TT's
_NOTES = ("ednote", "description_usage", "embargoedreason")  # the last two are TT's
_PICTURES = words("picture photo image")
_OTHERS = words("audio video graphic animation component event planning calendar")
# AP's addresses end in a session's query, and its other API has the identity in them alone.
_AP_ADDRESS = re.compile(r"https?://[^/]+/media/v[^/]*/content/([0-9a-f]{32})\b", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?:https?://|tag:|urn:newsml:)([\w.-]+)", re.IGNORECASE)


def looks_like(head: bytes) -> bool:
    start = decode(head).lstrip()
    marks = {mark.lower() for mark in _MARKS.findall(start)} if start[:1] in ("{", "[") else set()
    return len(marks) > 1 and marks != {"uri", "guid"}


def read(data: bytes, zone: datetime.tzinfo) -> Iterator[WireItem | Unreadable]:
    return read_each(_items(read_json(data)), partial(_read_item, zone=zone))


def _items(message: Any) -> list[Any]:
    found = message
    if isinstance(message, dict) and not guid_of(message):
        found = next((message[name] for name in _LISTS if message.get(name)), message)
    items = found if isinstance(found, list) else [found]
    if not items:
        raise Unreadable("The message has no items.")
    return items


def _read_item(item: Any, zone: datetime.tzinfo) -> WireItem:
    if not isinstance(item, dict) or not guid_of(item):
        raise Unreadable("The item has no uri.")
    clock = Clock(zone)
    kind = kind_of(item)
    today = day_of(item, zone)
    content = read_content(item, _headline(item), today) if kind is Kind.STORY else NitfBody()
    wire = WireItem(format="ninjs", kind=kind, **fields(item, content, clock))
    body = body_without(content.body, wire.pictures)
    datelines = [content.dateline, dateline_of(text(item, "dateline"), today=today)]
    return complete(wire, body, datelines=datelines, place=_place(item), clock=clock)


# Fields, in AP's JSON as well


def guid_of(item: Object) -> str:
    uri = text(item, "uri", "guid")
    match = _AP_ADDRESS.match(uri)
    return match[1].lower() if match else uri


def kind_of(item: Object) -> Kind:
    """Missing and unknown types are stories: a kill of one may say no more than whom it is for."""
    name = text(item, "type").lower()
    if name in _PICTURES or (not name and text(item, "mimetype").startswith("image/")):
        return Kind.PICTURE
    if name in _OTHERS or (not name and ("eventdetails" in item or "plannedcoverage" in item)):
        return Kind.OTHER
    is_story = values(item, "body", "bodies") or _status(item) is not Status.USABLE
    return Kind.PACKAGE if name == "composite" and not is_story else Kind.STORY


def _status(item: Object) -> Status:
    return read_status(str(item.get("pubstatus") or "")).status


def day_of(item: Object, zone: datetime.tzinfo) -> datetime.date | None:
    sent = read_time(text(item, "versioncreated"), zone).at
    return sent.date() if sent else None


def fields(item: Object, content: NitfBody, clock: Clock) -> dict[str, Any]:
    """The fields of a WireItem, but for format and kind, from an item and its text."""
    pictures, links = _associated(item)
    own = [_picture(item)] if kind_of(item) is Kind.PICTURE else []
    ahead = [end for end in (_embargo(found, clock) for found in (item, *pictures)) if end]
    replaces = unique([guid for name in _CONTINUING for guid in labels(item.get(name))])
    notes = [text(found, name) for found in (item, *pictures) for name in _NOTES]
    return {
        "provider": _provider(item),
        "guid": guid_of(item),
        "version": text(item, "version"),
        "version_created": clock.read(text(item, "versioncreated")),
        "first_created": clock.read(text(item, "firstcreated")),
        "embargo_until": max(ahead, default=None),
        "expires": clock.read(text(item, "expires")),
        "replaces": replaces,
        "pictures": (*own, *without_repeats([*map(_picture, pictures), *content.pictures])),
        "links": (*links, *(WireLink(title="", guid=guid, rel="evolvedFrom") for guid in replaces)),
        "editors_notes": (*notes, *content.editors_notes),
        **_state(item),
        **_lines(item, content),
        **_topics(item),
    }


def _provider(item: Object) -> str:
    """From the identifier alone: a kill has nothing else to tell it by, and must have the same."""
    uri = text(item, "uri", "guid")
    match = _AUTHORITY.match(uri)
    return "AP" if _AP_ADDRESS.match(uri) else match[1] if match else ""


def _embargo(item: Object, clock: Clock) -> datetime.datetime | None:
    raw = item.get("embargoeduntil") or item.get("embargoed")
    return clock.embargo(str(raw) if raw else "")  # what is no time, as "true", holds


def _state(item: Object) -> dict[str, Any]:
    word = str(item.get("pubstatus") or "")
    state = read_status(word)
    holds = [state.hold]
    if state.is_embargoed and not (item.get("embargoeduntil") or item.get("embargoed")):
        holds.append("It is under an embargo without an end.")
    if text(item, "profile") == "INFO":  # of TT
        holds.append("It is for information only, not for publication.")
    signals = " ".join(labels(item.get("signal")))
    is_misspelt = word.lower() == "cancelled"
    return {
        "status": state.status,
        "hold": " ".join(filter(None, holds)),
        "signal": Signal.CORRECTION if is_correction(signals) else Signal.NEW,
        "warnings": ("The status is written 'cancelled', against the standard.",) if is_misspelt else (),
    }


def _lines(item: Object, content: NitfBody) -> dict[str, Any]:
    holder = text(item, "copyrightholder")
    sources = labels(item.get("infosources") or item.get("infosource"))
    return {
        "headline": _headline(item) or content.headline or text(item, "title"),
        "slugline": text(item, "slugline"),
        "byline": _byline(item) or content.byline,
        "located": text(item, "located"),
        "source": text(item, "source") or ", ".join(sources) or holder,
        "credit": _described(item, "creditline"),
        "language": text(item, "language") or content.language,
        "correction_note": content.correction_note,
        "copyright_holder": holder,
        "copyright_notice": text(item, "copyrightnotice") or content.copyright_notice,
        "usage_terms": " ".join(labels(item.get("usageterms"))),
    }


def _headline(item: Object) -> str:
    """The main one: there may be others, for telephones and search engines."""
    found = values(item, "headline", "headlines")
    found.sort(key=lambda headline: headline[0] not in ("", "main"))
    return plain(found[0][2]) if found else ""


def _byline(item: Object) -> str:
    if byline := text(item, "byline", "by"):
        return plain(byline)
    writers = [
        author for author in objects(item.get("authors")) if "edit" not in text(author, "role").lower()
    ]
    return ", ".join(unique([text(author, "name") for author in writers]))


def _place(item: Object) -> str:
    """Where it is filed from, unless the writer's name has got in there."""
    line = dateline_of(text(item, "located"))
    place = line.place if line else ""
    return "" if place.partition(",")[0] in _byline(item) else place


def _topics(item: Object) -> dict[str, Any]:
    subjects = [*objects(item.get("subject")), *objects(item.get("subjects"))]
    return {
        "urgency": read_number(text(item, "urgency"), URGENCIES),
        "genre": ", ".join(labels(item.get("genres") or item.get("genre"))),
        "subjects": unique([_subject(found) for found in subjects]),
        "keywords": labels(item.get("keywords")),
        "places": labels(item.get("places") or item.get("place")),
    }


def _subject(found: Object) -> str:
    code, uri, scheme = text(found, "code", "literal"), text(found, "uri"), text(found, "scheme")
    if subject_code(uri).startswith(("subj:", "medtop:")):
        return subject_code(uri)
    if scheme.startswith("http"):
        return subject_code(f"{scheme.rstrip('/')}/{code}")
    is_iptc = subject_code(code).startswith(("subj:", "medtop:"))
    if code and (scheme or is_iptc or not uri):
        return subject_code(code, scheme)
    name = text(found, "name")
    return uri or (subject_code(name, "literal") if name else "")


# Pictures


def _associated(item: Object) -> tuple[list[Object], list[WireLink]]:
    """The pictures sent along, and the links to what else belongs to an item."""
    pictures, links = [], []
    rel = "member" if kind_of(item) is Kind.PACKAGE else "related"
    for found in objects(item.get("associations")):
        if _status(found) is not Status.USABLE:
            continue
        if text(found, "type").lower() in _PICTURES | {"", "graphic"} and _renditions(found):
            pictures.append(found)
        elif guid_of(found):
            links.append(WireLink(title=_headline(found), guid=guid_of(found), rel=text(found, "rel") or rel))
    return pictures, links


def _picture(item: Object) -> WirePicture:
    makers = [_byline(item) or ", ".join(labels(item.get("photographer"))), _described(item, "creditline")]
    if makers[0].casefold() in makers[1].casefold():
        makers = makers[1:]
    return WirePicture(
        guid=guid_of(item),
        headline=_headline(item),
        caption=_described(item, "caption", "text", "", "main", "html", "xhtml"),
        credit="/".join(unique(makers)) or text(item, "source", "copyrightholder"),
        alt_text=text(item, "alttext", "alt_text", "body_text"),  # the last is where Superdesk has it
        renditions=tuple(_renditions(item)),
    )


def _described(item: Object, *roles: str) -> str:
    """A description in the first of the roles that there is one for."""
    found = {role: value for role, _, value in reversed(values(item, "description", "descriptions"))}
    return next((plain(found[role]) for role in roles if role in found), "")


def _renditions(item: Object) -> list[Rendition]:
    """Those that are images: captions and scripts are among AP's."""
    found = [
        Rendition(
            href=text(entry, "href"),
            name=text(entry, "name"),
            content_type=text(entry, "contenttype", "mimetype").lower(),
            width=read_number(text(entry, "width")),
            height=read_number(text(entry, "height")),
        )
        for entry in objects(item.get("renditions"))
    ]
    return [r for r in found if r.href and (r.content_type or "image/").startswith("image/")]
