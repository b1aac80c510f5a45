"""The JSON of AP's Media API, which is not ninjs but close to it, with the NITF that holds the text.

AP sends the two as separate files. A story whose text is not in the message is held; one that was joined
before it came here ("nitf" beside the item, or the text within its NITF rendition) is read whole.
"""

import datetime
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from wires.parse.body import holds_html
from wires.parse.complete import complete, dateline_of
from wires.parse.feeds import body_without
from wires.parse.item import Kind, Signal, Status, Unreadable, WireItem
from wires.parse.ninjs import day_of, fields, kind_of
from wires.parse.ninjs_parts import Object, labels, objects, read_json, read_text, text
from wires.parse.nitf_body import NitfBody
from wires.parse.one_by_one import read_each
from wires.parse.text import decode, unique, words
from wires.parse.times import Clock

_ALTIDS = re.compile(r'"altids"\s{0,9}:\s{0,99}\{')
# "Do not use pubstatus alone": what an editor did with a version stands here as well.
_CANCELING = words("kill elimination")
_CORRECTING = words("correction corrective clarification")
_UPDATING = words("writethru lead")
_PARTS = words("add takes")


def looks_like(head: bytes) -> bool:
    found = decode(head).lstrip()
    return found.startswith("{") and bool(_ALTIDS.search(found)) and '"itemid"' in found


def read(data: bytes, zone: datetime.tzinfo) -> Iterator[WireItem | Unreadable]:
    return read_each(_entries(read_json(data)), partial(_read_entry, zone=zone))


def _entries(message: Any) -> list[Object]:
    """Objects with an "item", and "nitf" where the two are joined: of a feed, or of one item's file."""
    if not isinstance(message, dict):
        raise Unreadable("The JSON is no object.")
    data = message["data"] if isinstance(message.get("data"), dict) else message
    if isinstance(data.get("items"), list):
        return [entry if isinstance(entry, dict) else {} for entry in data["items"]]
    return [{"nitf": message.get("nitf"), "item": data, **data}]


def _read_entry(entry: Object, zone: datetime.tzinfo) -> WireItem:
    item = entry.get("item")
    ids = item.get("altids") if isinstance(item, dict) else None
    guid = text(ids, "itemid") if isinstance(ids, dict) else ""
    if not guid:
        raise Unreadable("The item has no itemid.")
    clock = Clock(zone)
    kind = kind_of(item)
    content = _read_nitf(entry, day_of(item, zone)) if kind is Kind.STORY else NitfBody()
    found = fields(item, content, clock)
    found |= {
        "provider": "AP",
        "guid": guid,
        "byline": _byline(item) or found["byline"],
        "editors_notes": (*found["editors_notes"], *_instructions(item)),
        "is_advisory": "advisory" in _types(item),
        "signal": _signal(item),
        "status": _status(item, found["status"]),
        "hold": " ".join(unique([found["hold"], *_holds(item, content, kind)])),
    }
    wire = WireItem(format="ap_media", kind=kind, **found)
    body = body_without(content.body, wire.pictures)
    datelines = [content.dateline, dateline_of(text(item, "located"))]
    return complete(wire, body, datelines=datelines, place=_city(item), clock=clock)


def _read_nitf(entry: Object, today: datetime.date | None) -> NitfBody:
    places = [entry.get("nitf"), entry["item"].get("nitf")]
    places += [found for found in objects(entry["item"].get("renditions")) if found.get("name") == "nitf"]
    values = [v for place in places for v in (place.values() if isinstance(place, dict) else [place])]
    texts = (v for v in values if isinstance(v, str) and ("<nitf" in v or holds_html(v)))
    return next((read_text(v, today) for v in texts), NitfBody())


def _types(item: Object) -> frozenset[str]:
    return frozenset(name.lower() for name in labels(item.get("editorialtypes")))


def _status(item: Object, status: Status) -> Status:
    """The stricter of the two that are said."""
    types = _types(item)
    if status is Status.CANCELED or types & _CANCELING:
        return Status.CANCELED
    return Status.WITHHELD if "withhold" in types else status


def _signal(item: Object) -> Signal:
    types = _types(item)
    if types & _CORRECTING:
        return Signal.CORRECTION
    return Signal.UPDATE if types & (_UPDATING | _PARTS) else Signal.NEW


def _holds(item: Object, content: NitfBody, kind: Kind) -> Iterator[str]:
    types = _types(item)
    if "holdforrelease" in types and not item.get("embargoed"):
        yield "It is under an embargo without an end."
    if "disregard" in types:
        yield "AP asks to disregard it."
    if types & _PARTS:
        yield "It is a part of a story."
    if kind is Kind.STORY and not content.body.html:
        yield next(iter(content.body.warnings), "Its text is in a second file, the NITF rendition.")


def _instructions(item: Object) -> tuple[str, ...]:
    names = ("specialinstructions", "outinginstructions")
    return unique([note for name in names for note in labels(item.get(name))])


def _byline(item: Object) -> str:
    """ "By ANN LEE" with the title "AP Science Writer"."""
    found = [(text(line, "by", "name"), text(line, "title")) for line in objects(item.get("bylines"))]
    return ", ".join(part for line in found for part in line if part)


def _city(item: Object) -> str:
    location = item.get("datelinelocation")
    return text(location, "city") if isinstance(location, dict) else ""
