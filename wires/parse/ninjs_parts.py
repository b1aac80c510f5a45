"""The parts of ninjs: values that are written in three ways, and the text of an item."""

import dataclasses
import datetime
import json
import re
import unicodedata
from typing import Any

from articles.markup import plain_text, without_controls
from wires.parse.body import Body, holds_html, read_body
from wires.parse.item import Unreadable
from wires.parse.layout import html_of_text
from wires.parse.nitf_body import NitfBody, read_nitf_body
from wires.parse.text import decode, tidy, unique, words

# Its names are in small letters: 3.x writes "versionCreated", the others "versioncreated".
Object = dict[str, Any]

_HTML_ROLES = words("html html5 xhtml main")
_TEXT_ROLES = frozenset({"text", "main", ""})
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,300}>|&(?:#[0-9]{1,7}|[a-zA-Z]{2,31});")
# TT's line over the text, kicker and agency, and the credit in a figure, which the picture has as well.
_DESK_MATTER = re.compile(
    r'<div class="dat">[^<]*(?:<(?!/?div)[^<]*)*</div>|<div class="byline">[^<]*</div>(?=\s{0,9}<figcaption)',
    re.IGNORECASE,
)
_PAGE_BODY = re.compile(r"<body\b[^<>]{0,500}>", re.IGNORECASE)
_FIRST_HEADING = re.compile(r"<h2(?: [^<>]*)?>(.*?)</h2>\s*", re.DOTALL)


def read_json(data: bytes) -> Any:
    """The value, its names in small letters; raises Unreadable. Of two values of a name the first counts."""
    try:
        return json.loads(decode(data, "utf-8"), object_pairs_hook=_object, strict=False)
    except RecursionError as error:
        raise Unreadable("The JSON is nested too deep.") from error
    except ValueError as error:
        raise Unreadable(f"The JSON is broken: {error}") from error


def _object(pairs: list[tuple[str, Any]]) -> Object:
    found: Object = {}
    for name, value in pairs:
        if found.get(name.lower()) in (None, ""):
            found[name.lower()] = value
    return found


def text(item: Object, *names: str) -> str:
    """The first of the named values that is text or a number and not empty, on one line."""
    values = (item.get(name) for name in names)
    texts = (tidy(str(v)) for v in values if isinstance(v, (str, int, float)) and not isinstance(v, bool))
    return next(filter(None, texts), "")


def objects(value: Any) -> list[Object]:
    """The objects of a list (2.x, 3.x), or of an object by name (1.x)."""
    if isinstance(value, dict):
        if all(entry is None or isinstance(entry, dict) for entry in value.values()):
            return [{"name": name, **entry} for name, entry in value.items() if entry]
        return [value]
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def labels(value: Any) -> tuple[str, ...]:
    """The names of what may be one or several, strings or objects."""
    entries = value if isinstance(value, list) else [value]
    entries = [entry if isinstance(entry, dict) else {"name": entry} for entry in entries]
    return unique([text(entry, "name", "literal", "code") for entry in entries])


def values(item: Object, name: str, several: str) -> list[tuple[str, str, str]]:
    """(role, content type, value): "body_html" of 1.x, or the list "bodies" of the others."""
    named = [
        (key.removeprefix(name).strip("_"), "", value)
        for key, value in item.items()
        if key == name or key.startswith(f"{name}_")
    ]
    listed = [
        (text(entry, "role").lower(), text(entry, "contenttype", "mimetype").lower(), entry.get("value"))
        for entry in objects(item.get(several))
    ]
    return [
        (role, kind, unicodedata.normalize("NFC", without_controls(value)))
        for role, kind, value in named + listed
        if isinstance(value, str) and value.strip()
    ]


def plain(value: str) -> str:
    return tidy(plain_text(value) if _MARKUP.search(value) else value)


# Text


def read_content(item: Object, headline: str, today: datetime.date | None) -> NitfBody:
    """The best of the bodies that holds a text."""
    bodies = [(_rank(*body), body[2]) for body in values(item, "body", "bodies")]
    content = NitfBody()
    for rank, value in sorted(bodies, key=lambda body: body[0]):
        if rank != _UNKNOWN:
            content = read_text(value, today, is_html=rank < _NITF)
        if content.body.html:
            return _without_headline(content, headline)
    return content


_HTML, _OTHER_HTML, _NITF, _TEXT, _OTHER_TEXT, _UNKNOWN = range(6)


def _rank(role: str, content_type: str, value: str) -> int:
    """Best first. Unknown is XML of an agency's own, as TT's."""
    if "html" in role + content_type:
        return _HTML if role in _HTML_ROLES else _OTHER_HTML
    if "nitf" in role + content_type or "xml" in content_type:
        return _NITF if "<nitf" in value else _UNKNOWN
    return _TEXT if role in _TEXT_ROLES else _OTHER_TEXT


def read_text(value: str, today: datetime.date | None, *, is_html: bool = False) -> NitfBody:
    """A text in NITF, HTML or neither, whatever it is declared to be."""
    if "<nitf" in value:
        try:
            return read_nitf_body(value.encode(), today=today)
        except Unreadable as error:
            return NitfBody(body=Body(warnings=(str(error),)))
    markup = _story(value) if is_html or holds_html(value) else html_of_text(value)
    return NitfBody(body=read_body(markup, today=today))


def _story(markup: str) -> str:
    """The part of a whole page, as TT sends, that is the story."""
    is_page = markup.lstrip()[:9].lower().startswith(("<html", "<!doctype"))
    start = _PAGE_BODY.search(markup) if is_page else None
    return _DESK_MATTER.sub("", markup[start.end() :] if start else markup)


def _without_headline(content: NitfBody, headline: str) -> NitfBody:
    """Some repeat it over the text."""
    first = _FIRST_HEADING.match(content.body.html)
    if not first or plain(first[1]).casefold() != headline.casefold():
        return content
    body = dataclasses.replace(content.body, html=content.body.html[first.end() :])
    return dataclasses.replace(content, body=body)
