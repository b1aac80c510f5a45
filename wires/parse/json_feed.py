"""JSON Feed 1.1, and 1.0, whose items have one author."""

import datetime
import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from wires.parse.body import Body, read_body
from wires.parse.complete import complete
from wires.parse.feeds import body_without, without_repeats
from wires.parse.item import Rendition, Unreadable, WireItem, WireLink, WirePicture
from wires.parse.layout import html_of_text
from wires.parse.one_by_one import read_each
from wires.parse.text import decode, tidy, unique
from wires.parse.times import Clock
from wires.parse.worded_times import to_iso

_VERSION = re.compile(rb'"version"\s{0,9}:\s{0,9}"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version')


def looks_like(head: bytes) -> bool:
    head = head.replace(b"\0", b"")
    return head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"{") and bool(_VERSION.search(head))


def read(data: bytes, zone: datetime.tzinfo) -> Iterator[WireItem | Unreadable]:
    try:
        feed = json.loads(decode(data))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"The JSON is broken: {error}") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise Unreadable("The feed has no list of items.")
    return read_each(feed["items"], partial(_read_entry, feed=feed, zone=zone))


def _read_entry(entry: Any, feed: dict[str, Any], zone: datetime.tzinfo) -> WireItem:
    if not isinstance(entry, dict):
        raise Unreadable("It is no object.")
    clock = Clock(zone)
    published = clock.read(to_iso(_text(entry, "date_published")))
    created = clock.read(to_iso(_text(entry, "date_modified"))) or published
    pictures = without_repeats([*_pictures(entry)])
    item = WireItem(
        format="json_feed",
        provider=_text(feed, "title") or _text(feed, "home_page_url"),
        # "If an id is presented as a number or other type, a reader should coerce it to a string."
        guid=_text(entry, "id") or _text(entry, "url"),
        version_created=created,
        first_created=published,
        headline=_text(entry, "title"),
        byline=", ".join(unique([_text(author, "name") for author in _authors(entry)])),
        source=_text(feed, "title"),
        language=_text(entry, "language") or _text(feed, "language"),
        keywords=tuple(tag for tag in _list(entry, "tags") if isinstance(tag, str)),
        pictures=pictures,
        links=tuple(_links(entry)),
    )
    return complete(item, body_without(_body(entry, created), pictures), clock=clock)


def _text(about: dict[str, Any], name: str) -> str:
    value = about.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return tidy(str(value)) if isinstance(value, str) or is_number else ""


def _list(about: dict[str, Any], name: str) -> list[Any]:
    value = about.get(name)
    return value if isinstance(value, list) else []


def _objects(about: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [value for value in _list(about, name) if isinstance(value, dict)]


def _authors(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Its own; those of the feed are the publisher."""
    return _objects(entry, "authors") or [a for a in [entry.get("author")] if isinstance(a, dict)]


def _body(entry: dict[str, Any], created: datetime.datetime | None) -> Body:
    """HTML, else plain text, else the summary, which is plain text too."""
    today = created.date() if created else None
    raw = ((name, entry.get(name)) for name in ("content_html", "content_text", "summary"))
    for name, text in raw:
        if isinstance(text, str) and text.strip():
            body = read_body(text if name == "content_html" else html_of_text(text), today=today)
            if body.html:
                return body
    return Body()


def _pictures(entry: dict[str, Any]) -> Iterator[WirePicture]:
    for name in ("image", "banner_image"):
        if href := _text(entry, name):
            yield WirePicture(renditions=(Rendition(href),))
    for attachment in _objects(entry, "attachments"):
        href, kind = _text(attachment, "url"), _text(attachment, "mime_type").lower()
        if href and kind.startswith("image/"):
            yield WirePicture(
                headline=_text(attachment, "title"), renditions=(Rendition(href, content_type=kind),)
            )


def _links(entry: dict[str, Any]) -> Iterator[WireLink]:
    for name, rel in (("url", "alternate"), ("external_url", "related")):
        url = _text(entry, name)
        if url.startswith(("http://", "https://")):
            yield WireLink(title="", url=url, rel=rel)
