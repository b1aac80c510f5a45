"""RSS 2.0, RSS 1.0 (RDF) and Atom, through feedparser, which knows their dialects."""

import datetime
import io
import re
import xml.sax
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import feedparser
from lxml import etree

from articles.markup import plain_text
from wires.parse.body import Body, holds_html, read_body
from wires.parse.complete import complete
from wires.parse.item import Rendition, Unreadable, WireItem, WireLink, WirePicture
from wires.parse.layout import html_of_text
from wires.parse.media_rss import take_pictures
from wires.parse.one_by_one import STUMBLES, read_each
from wires.parse.subjects import subject_code
from wires.parse.text import decode, tidy, unique
from wires.parse.times import Clock
from wires.parse.worded_times import to_iso
from wires.parse.xml import local_name, read_xml, root_name

_ROOTS = frozenset({"rss", "rdf", "feed"})
_ITEMS = ("item", "entry")
# Tells the items of lxml and of feedparser apart and together.
_NUMBER = "{urn:wires:parse}number"
_DECLARED = re.compile(rb"""<\?xml\b[^>]{0,120}?encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9._:-]{2,40})""", re.I)
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,200}?\?>", re.IGNORECASE)
_MEDIA_WORDS = re.compile(
    r"<media:(title|description|credit|text)\b[^<>]*>[^<]*(?:</media:\1>)?", re.IGNORECASE
)
_END = re.compile(r"</(?:rss|(?:\w+:)?rdf|(?:\w+:)?feed)\s*>\s*\Z", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s()<>]{1,99}@[^\s()<>]{1,99}")
# Whole texts outside content:encoded; Yandex had its partners send them.
_FULL_TEXTS = ("yandex_full-text",)


def looks_like(head: bytes) -> bool:
    return root_name(head).lower() in _ROOTS


@dataclass(frozen=True, slots=True)
class _Feed:
    """What the items of a feed share."""

    zone: datetime.tzinfo
    about: Mapping[str, Any]
    pictures: Mapping[str, tuple[WirePicture, ...]]
    warning: str = ""


def read(data: bytes, zone: datetime.tzinfo) -> Iterator[WireItem | Unreadable]:
    markup, pictures, warning = _prepare(data)
    try:
        # Never the bytes themselves: feedparser would open a file of that name.
        parsed = feedparser.parse(io.BytesIO(markup), sanitize_html=False)
    except (*STUMBLES, AssertionError, xml.sax.SAXException) as error:
        raise Unreadable(f"The feed is broken: {type(error).__name__}: {error}") from error
    if not parsed.entries and not parsed.version:
        raise Unreadable("It is no feed.")
    feed = _Feed(zone, dict(parsed.feed), pictures, warning)
    outcomes = list(read_each(map(dict, parsed.entries), partial(_read_entry, feed=feed)))
    if (
        outcomes
        and warning
        and isinstance(outcomes[-1], WireItem)
        and not _END.search(markup[-200:].decode(errors="ignore"))
    ):
        cut = replace(outcomes[-1], hold=f"{outcomes[-1].hold} The feed breaks off, maybe in it.".strip())
        outcomes[-1] = cut
    return iter(outcomes)


def _prepare(data: bytes) -> tuple[bytes, dict[str, tuple[WirePicture, ...]], str]:
    """UTF-8 without Media RSS, for feedparser; the pictures by the number of their item; and a warning."""
    try:
        root = read_xml(data, keep_namespaces=True)
    except Unreadable as error:
        return _as_text(data), {}, f"{error} What could be read of it was."
    pictures = {}
    items = [el for el in root.iter(etree.Element) if local_name(el.tag) in _ITEMS]
    for number, item in enumerate(items):
        pictures[str(number)] = take_pictures(item)
        etree.SubElement(item, _NUMBER, nsmap={"wires": "urn:wires:parse"}).text = str(number)
    return etree.tostring(root, encoding="utf-8"), pictures, ""


def _as_text(data: bytes) -> bytes:
    """A feed that is no XML, which feedparser reads all the same."""
    declared = _DECLARED.search(data, 0, 400)
    text = decode(data, declared[1].decode("ascii") if declared else "")
    return _MEDIA_WORDS.sub("", _DECLARATION.sub("", text, count=1)).lstrip().encode()


def _read_entry(entry: dict[str, Any], feed: _Feed) -> WireItem:
    clock = Clock(feed.zone)
    published = clock.first(*(to_iso(entry.get(name)) for name in ("published", "created")))
    created = clock.read(to_iso(entry.get("updated"))) or published
    body = _body(entry, created.date() if created else None)
    pictures = [*feed.pictures.get(entry.get("wires_number", ""), ()), *_enclosed(entry)]
    title = tidy(feed.about.get("title"))
    source = tidy((entry.get("source") or {}).get("title")) or title
    subjects, keywords = _topics(entry)
    item = WireItem(
        format="feeds",
        provider=title or tidy(feed.about.get("link")),
        guid=tidy(entry.get("id")) or tidy(entry.get("link")),
        version_created=created,
        first_created=published,
        expires=clock.read(to_iso(entry.get("expired"))),
        headline=_headline(entry),
        byline=_byline(entry),
        source=source,
        language=_language(entry, feed),
        copyright_notice=tidy(entry.get("rights")) or tidy(feed.about.get("rights")),
        usage_terms=tidy(_license(entry) or _license(feed.about)),
        subjects=subjects,
        keywords=keywords,
        pictures=without_repeats(pictures),
        links=tuple(_links(entry)),
        warnings=(feed.warning,) if feed.warning else (),
    )
    return complete(item, body_without(body, item.pictures), clock=clock)


def _body(entry: dict[str, Any], today: datetime.date | None) -> Body:
    """The whole text if the feed has it, else the description, which may be a teaser."""
    contents = sorted(entry.get("content", ()), key=lambda content: "html" not in (content.get("type") or ""))
    texts = [(content.get("value"), content.get("type")) for content in contents]
    texts += [(entry.get(name), "text/html") for name in _FULL_TEXTS]
    texts.append((entry.get("summary"), (entry.get("summary_detail") or {}).get("type")))
    for text, kind in texts:
        if text and (body := _read_text(text, kind or "text/html", today)).html:
            return body
    return Body()


def _read_text(text: str, kind: str, today: datetime.date | None) -> Body:
    is_text = kind == "text/plain" and not holds_html(text)
    return read_body(html_of_text(text) if is_text else text, today=today)


def _headline(entry: dict[str, Any]) -> str:
    title = entry.get("title") or ""
    is_html = "html" in ((entry.get("title_detail") or {}).get("type") or "")
    return plain_text(title) if is_html else title


def _byline(entry: dict[str, Any]) -> str:
    """The names of the authors; RSS has their addresses there as well, and often nothing else.

    `author` is the last of them as sent: feedparser breaks "desk@wire.example" off after ".exam".
    """
    raw = [author.get("name") for author in entry.get("authors", ())[:-1]] + [entry.get("author")]
    return ", ".join(unique([_ADDRESS.sub("", name or "").strip(" ()<>") for name in raw]))


def _language(entry: dict[str, Any], feed: _Feed) -> str:
    details = [*entry.get("content", ()), entry.get("summary_detail") or {}, entry.get("title_detail") or {}]
    said = (tidy(detail.get("language")) for detail in details)
    return tidy(entry.get("language")) or next(filter(None, said), "") or tidy(feed.about.get("language"))


def _license(about: Mapping[str, Any]) -> str:
    return next((link.get("href", "") for link in about.get("links", ()) if link.get("rel") == "license"), "")


def _topics(entry: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """IPTC's codes, where a category names the scheme, and words."""
    subjects, keywords = [], []
    for tag in entry.get("tags", ()):
        term = tidy(tag.get("term"))
        code = subject_code(term, tidy(tag.get("scheme")))
        if code.startswith(("medtop:", "subj:")):
            subjects.append(code)
        keywords.append(tag.get("label") or ("" if code in subjects else term))
    return unique(subjects), unique(keywords)


def _enclosed(entry: dict[str, Any]) -> Iterator[WirePicture]:
    for link in entry.get("links", ()):
        kind = tidy(link.get("type")).lower()
        if link.get("rel") == "enclosure" and kind.startswith("image/") and tidy(link.get("href")):
            yield WirePicture(renditions=(Rendition(tidy(link["href"]), content_type=kind),))


def _links(entry: dict[str, Any]) -> Iterator[WireLink]:
    """The story on its publisher's site, and what is related to it; not the pictures."""
    for link in entry.get("links", ()):
        url, rel = tidy(link.get("href")), tidy(link.get("rel"))
        is_picture = rel == "enclosure" and tidy(link.get("type")).lower().startswith("image/")
        if url.startswith(("http://", "https://")) and not is_picture:
            yield WireLink(title=tidy(link.get("title")), url=url, rel=rel)


def without_repeats(pictures: list[WirePicture]) -> tuple[WirePicture, ...]:
    """Without pictures whose files came with an earlier one, as an enclosure and in media:content."""
    kept: list[WirePicture] = []
    seen: set[str] = set()
    for picture in pictures:
        if not _hrefs([picture]) <= seen:
            kept.append(picture)
            seen |= _hrefs([picture])
    return tuple(kept)


def body_without(body: Body, pictures: tuple[WirePicture, ...]) -> Body:
    """The body without the pictures that also come on their own, and better described."""
    sent = _hrefs(pictures)
    return replace(body, pictures=tuple(p for p in body.pictures if not _hrefs([p]) <= sent))


def _hrefs(pictures: Iterable[WirePicture]) -> set[str]:
    return {rendition.href for picture in pictures for rendition in picture.renditions}
