"""The body of an NITF document, on its own, in a NewsML item or as a rendition of an AP story."""

import dataclasses
import datetime
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from articles.datelines import Dateline
from wires.parse.body import Body, read_body
from wires.parse.complete import dateline_of, is_correction
from wires.parse.item import Rendition, WirePicture
from wires.parse.text import read_number, tidy, unique
from wires.parse.times import read_time
from wires.parse.xml import Element, find_text, language_of, read_xml, spaced_text_of, text_of, without


@dataclass(frozen=True, slots=True)
class NitfBody:
    """What /nitf/body says; identity and status are in the head, or in the file around the NITF."""

    body: Body = Body()
    headline: str = ""
    byline: str = ""
    dateline: Dateline | None = None
    distributor: str = ""
    language: str = ""
    copyright_notice: str = ""
    correction_note: str = ""
    editors_notes: tuple[str, ...] = ()
    pictures: tuple[WirePicture, ...] = ()


def read_nitf_body(source: bytes | Element, *, today: datetime.date | None = None) -> NitfBody:
    """From the bytes of an NITF file or its element; raises Unreadable. `today`: the day it was sent."""
    nitf = read_xml(source) if isinstance(source, bytes) else source
    nitf = nitf if nitf.tag == "nitf" else next(nitf.iter("nitf"), nitf)
    head = nitf.find("body/body.head")
    head = etree.Element("body.head") if head is None else head
    content = _content(nitf)
    pictures = tuple(_take_pictures(content))
    notes = [*head.findall("note"), *_take_private_notes(content)]
    public, private = _sorted_notes(notes)
    return NitfBody(
        body=read_body(content, today=today),
        headline=find_text(head, "hedline/hl1", "headline/hl1", "hedline", "headline"),
        byline=_byline(head),
        dateline=_dateline(head, today),
        distributor=find_text(head, "distributor"),
        language=language_of(nitf.find("body/body.content"), nitf.find("body"), nitf),
        copyright_notice=find_text(head, "rights"),
        correction_note=public,
        editors_notes=private,
        pictures=pictures,
    )


def _content(nitf: Element) -> Element:
    """What readers get, to take apart.

    By its full path: a note in body.head has a body.content of its own, and may be for editors only.
    """
    body = nitf.find("body")
    found = None if body is None else body.find("body.content")
    if found is None:
        content = etree.Element("body.content") if body is None else deepcopy(body)
        without(content, [*content.iterfind("body.head"), *content.iterfind("body.end")])
    else:
        content = deepcopy(found)
    content.tail = None
    tagline = nitf.find("body/body.end/tagline")
    if tagline is not None:
        content.append(deepcopy(tagline))  # "Ann Lee contributed to this story." is for readers
    return content


def _take_pictures(content: Element) -> Iterator[WirePicture]:
    for media in list(content.iter("media")):
        without(content, [media])
        references = list(media.iter("media-reference"))
        first = references[0] if references else None
        if first is None or not _is_image(media, first):
            continue
        yield WirePicture(
            caption=spaced_text_of(media.find("media-caption")),
            credit=find_text(media, "media-producer"),
            alt_text=tidy(first.get("alternate-text")),
            renditions=tuple(map(_rendition, references)),
        )


def _is_image(media: Element, reference: Element) -> bool:
    kinds = (tidy(media.get("media-type")).lower(), tidy(reference.get("mime-type")).lower())
    return kinds[0] in ("image", "photo", "picture") or kinds[1].startswith("image/")


def _rendition(reference: Element) -> Rendition:
    return Rendition(
        href=tidy(reference.get("source")),
        name=tidy(reference.get("name")),
        content_type=tidy(reference.get("mime-type")),
        width=read_number(reference.get("width")),
        height=read_number(reference.get("height")),
    )


def _take_private_notes(content: Element) -> list[Element]:
    notes = [note for note in content.iter("note") if note.get("type") == "npa"]
    without(content, notes)
    return notes


def _sorted_notes(notes: list[Element]) -> tuple[str, tuple[str, ...]]:
    """The correction that is for readers, and the rest: another advisory to them waits for an editor."""
    public, private = [], []
    for note in notes:
        text = spaced_text_of(note)
        is_public = note.get("type") in ("pa", "std") and is_correction(text)
        (public if is_public else private).append(text)
    return " ".join(public), unique(private)


def _byline(head: Element) -> str:
    return ", ".join(filter(None, map(_writer, head.iterfind("byline"))))


def _writer(byline: Element) -> str:
    """ "By ANN LEE<byttl>Science Writer</byttl>" runs together as text: "By ANN LEE, Science Writer"."""
    titles = [text for title in byline.iter("byttl") if (text := text_of(title))]
    byline = deepcopy(byline)
    without(byline, list(byline.iter("byttl")))
    return ", ".join(filter(None, [text_of(byline).rstrip(" ,"), *titles]))


def _dateline(head: Element, today: datetime.date | None) -> Dateline | None:
    element = head.find("dateline")
    if element is None:
        return None
    element = deepcopy(element)
    days = list(element.iter("story.date"))
    norm = read_time(days[0].get("norm")).at if days else None
    day = text_of(days[0]) if days else ""
    without(element, days)
    line = dateline_of(", ".join(filter(None, [text_of(element).rstrip(" ,"), day])), today=today)
    if line is None:
        return None
    city = find_text(element, ".//city").rstrip(" ,")
    return dataclasses.replace(line, place=city or line.place, date=norm.date() if norm else line.date)
