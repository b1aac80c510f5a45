"""A WireItem as JSON and back, so that a version can be shown, compared and applied later."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from datetime import date, datetime

from wires.parse.item import Kind, Rendition, Signal, Status, WireItem, WireLink, WirePicture

FIELDS = tuple(field.name for field in fields(WireItem))


def to_json(item: WireItem) -> dict:
    """Only what is given: an absent field is left out."""
    values = ((name, getattr(item, name)) for name in FIELDS)
    return {name: _plain(value) for name, value in values if value not in ("", (), None, False)}


def digest(content: dict) -> str:
    """The same for the same content, whatever the order of its keys. Our own `warnings` are no part of it."""
    said = {name: value for name, value in content.items() if name != "warnings"}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def from_json(content: dict) -> WireItem:
    values = {name: _READERS.get(name, _strings)(value) for name, value in content.items() if name in FIELDS}
    return WireItem(**values)


def _plain(value):
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return asdict(value) if isinstance(value, (WirePicture, WireLink)) else value


def _strings(value):
    return tuple(value) if isinstance(value, list) else value


def _picture(value: dict) -> WirePicture:
    renditions = tuple(Rendition(**rendition) for rendition in value.get("renditions", ()))
    return WirePicture(**(value | {"renditions": renditions}))


_READERS = {
    "kind": Kind,
    "status": Status,
    "signal": Signal,
    "version_created": datetime.fromisoformat,
    "first_created": datetime.fromisoformat,
    "embargo_until": datetime.fromisoformat,
    "expires": datetime.fromisoformat,
    "dateline_date": date.fromisoformat,
    "pictures": lambda pictures: tuple(map(_picture, pictures)),
    "links": lambda links: tuple(WireLink(**link) for link in links),
}
