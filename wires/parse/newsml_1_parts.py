"""The components of a NewsML 1.x item: which of them is the story, and which are its pictures."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from wires.parse.body import holds_html, read_body
from wires.parse.item import Rendition, WirePicture
from wires.parse.layout import html_of_text
from wires.parse.nitf_body import NitfBody, read_nitf_body
from wires.parse.text import read_number, tidy, words
from wires.parse.xml import Element, find_attribute, find_text, spaced_text_of

_IMAGES = words("photo picture image graphic still")
_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|tiff?)$", re.IGNORECASE)
_NO_STORY_ROLES = words("caption photo picture image graphic thumbnail preview quicklook highdef video audio")


@dataclass(frozen=True, slots=True)
class Parts:
    """The main component of an item, inside the ones that hold it; innermost first.

    Only these speak of the story: the components of photos have headlines and bylines of their own.
    """

    chain: tuple[Element, ...] = ()
    text: Element | None = None  # the ContentItem with the story

    def line(self, name: str) -> str:
        return next((text for part in self.chain if (text := find_text(part, f"NewsLines/{name}"))), "")

    def first(self, path: str) -> str:
        return next((text for part in self.chain if (text := find_text(part, path))), "")

    def attribute(self, path: str, *names: str) -> str:
        found = (find_attribute(part, path, *names) for part in self.chain)
        return next(filter(None, found), "")

    def every(self, path: str) -> Iterator[Element]:
        for part in self.chain:
            yield from part.iterfind(path)


def read_parts(item: Element) -> Parts:
    candidates = [part for part in item.iter("NewsComponent") if _text(part) is not None]
    candidates = [part for part in candidates if not _belongs_to_picture(part, item)]
    candidates.sort(key=lambda part: (role_of(part) != "main", _has_image(part)))
    if not candidates:
        top = item.find("NewsComponent")
        return Parts(() if top is None else (top,))
    chain = [candidates[0], *(el for el in candidates[0].iterancestors("NewsComponent"))]
    return Parts(tuple(chain), _text(candidates[0]))


def role_of(component: Element) -> str:
    return find_attribute(component, "Role", "FormalName").lower()


def _text(component: Element) -> Element | None:
    """The component's own content with a text in it."""
    for content in component.iterfind("ContentItem"):
        media = find_attribute(content, "MediaType", "FormalName").lower()
        data = content.find("DataContent")
        if data is not None and media in ("", "text", "complexdata") and spaced_text_of(data):
            return content
    return None


def _belongs_to_picture(component: Element, item: Element) -> bool:
    """Whether a text is a caption: by its own role, or as the neighbour of nothing but pictures."""
    if role_of(component) in _NO_STORY_ROLES:
        return True
    if role_of(component) == "main":
        return False
    holders = [el for el in component.iterancestors("NewsComponent") if el.getparent() is not item]
    return any(role_of(el) in _NO_STORY_ROLES or _has_image(el) for el in holders)


def _has_image(component: Element) -> bool:
    return any(_is_image(content) for content in component.iter("ContentItem"))


def _is_image(content: Element) -> bool:
    media = find_attribute(content, "MediaType", "FormalName").lower()
    mime = find_attribute(content, "MimeType", "FormalName").lower()
    href = tidy(content.get("Href"))
    if not href:
        return False
    return media in _IMAGES or mime.startswith("image/") or (not media and bool(_IMAGE_FILE.search(href)))


def read_content(parts: Parts, today: datetime.date | None) -> NitfBody:
    data = None if parts.text is None else parts.text.find("DataContent")
    if data is None:
        return NitfBody()
    nitf = next(data.iter("nitf"), None)
    if nitf is not None:
        return read_nitf_body(nitf, today=today)
    if len(data):
        return NitfBody(body=read_body(next(data.iter("body.content", "body"), data), today=today))
    text = data.text or ""
    return NitfBody(body=read_body(text if holds_html(text) else html_of_text(text), today=today))


def read_pictures(item: Element, parts: Parts) -> Iterator[WirePicture]:
    """One for each component of a photo, with its files as renditions."""
    groups: dict[Element, list[Element]] = {}
    for content in item.iter("ContentItem"):
        if _is_image(content):
            groups.setdefault(_picture_of(content, item, parts), []).append(content)
    for component, contents in groups.items():
        if parts.text is None and len(groups) == 1:
            yield _picture(parts.chain[-1], contents)
        elif component in parts.chain:
            yield from (WirePicture(renditions=(_rendition(content),)) for content in contents)
        else:
            yield _picture(component, contents)


def _picture_of(content: Element, item: Element, parts: Parts) -> Element:
    """The component of a whole photo: the next one up that has lines or a caption."""
    holders = [el for el in content.iterancestors("NewsComponent") if el not in parts.chain]
    holders = [el for el in holders if el.getparent() is not item] or holders
    for holder in holders:
        if holder.find("NewsLines") is not None or _caption(holder):
            return holder
    return holders[-1] if holders else parts.chain[0]


def _caption(component: Element) -> str:
    for part in component.iter("NewsComponent"):
        content = _text(part)
        if content is not None:
            return spaced_text_of(content.find("DataContent"))
    return ""


def _picture(component: Element, contents: list[Element]) -> WirePicture:
    credit = find_text(component, ".//NewsLines/CreditLine") or find_text(component, ".//NewsLines/ByLine")
    return WirePicture(
        guid=tidy(component.get("Duid")),
        headline=find_text(component, ".//NewsLines/HeadLine"),
        caption=_caption(component),
        credit=credit,
        renditions=tuple(map(_rendition, contents)),
    )


def _rendition(content: Element) -> Rendition:
    holder = next(content.iterancestors("NewsComponent"))
    sizes = {
        tidy(el.get("FormalName")).lower(): el.get("Value")
        for el in content.iterfind("Characteristics/Property")
    }
    return Rendition(
        href=tidy(content.get("Href")),
        name=find_attribute(holder, "Role", "FormalName"),
        content_type=find_attribute(content, "MimeType", "FormalName").lower(),
        width=read_number(sizes.get("width")),
        height=read_number(sizes.get("height")),
    )
