"""The text in a NewsML-G2 item: XHTML, NITF, HTML in a string, or bare text, whatever it is declared as."""

import base64
import binascii
import datetime
from copy import deepcopy

from lxml import etree

from wires.parse.body import holds_html, read_body
from wires.parse.layout import html_of_text
from wires.parse.nitf_body import NitfBody, read_nitf_body
from wires.parse.text import decode
from wires.parse.xml import Element, without


def read_content(item: Element, today: datetime.date | None) -> NitfBody:
    """The first of an item's inline contents that holds a text."""
    contents = [*item.iterfind("contentSet/inlineXML"), *item.iterfind("contentSet/inlineData")]
    read = [_read(content, today) for content in contents]
    return next((found for found in read if found.body.html), read[0] if read else NitfBody())


def _read(content: Element, today: datetime.date | None) -> NitfBody:
    nitf = next(content.iter("nitf"), None)
    if nitf is not None:
        return read_nitf_body(nitf, today=today)
    if len(content):
        return NitfBody(body=read_body(_story(content), today=today))
    text = _data(content)
    return NitfBody(body=read_body(text if holds_html(text) else html_of_text(text), today=today))


def _data(content: Element) -> str:
    text = content.text or ""
    if "base64" not in (content.get("encoding") or ""):
        return text
    try:
        return decode(base64.b64decode(text))
    except (binascii.Error, ValueError):
        return ""


def _story(content: Element) -> Element:
    """The part of an XHTML page that is the story.

    dpa sends whole pages: <section class="main"> is the story, the rest is slug, time and notepad.
    """
    page = deepcopy(next(content.iter("body"), content))
    page.tail = None
    sections = [section for section in page.iter("section") if "main" in _classes(section)]
    if sections:
        story = etree.Element("body")
        story.extend(sections)
        return story
    without(page, [el for el in page.iter() if _is_desk_matter(el)])
    return page


def _is_desk_matter(element: Element) -> bool:
    classes = _classes(element)
    return (
        element.tag in ("header", "time")
        or (element.tag == "ul" and "slugline" in classes)
        or (element.tag == "section" and "notepad" in classes)
    )


def _classes(element: Element) -> list[str]:
    return (element.get("class") or "").split()
