"""Media RSS 1.5.1: the pictures of a feed's items."""

from collections.abc import Iterator

from wires.parse.item import Rendition, WirePicture
from wires.parse.text import read_number, tidy
from wires.parse.xml import Element, text_of, without

# Also without the slash, as it was at first.
_NAMESPACE = "http://search.yahoo.com/mrss"
_ENDINGS = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif")


def take_pictures(item: Element) -> tuple[WirePicture, ...]:
    """The pictures of an item, whose Media RSS is taken out of it.

    It must go: feedparser reads media:title and media:description as the item's own, so that the caption
    of a picture would become the story.
    """
    media = [child for child in item if _name(child)]
    pictures = list(_pictures(item, media))
    without(item, [child for child in media if _name(child) != "keywords"])
    return tuple(pictures)


def _name(element: Element) -> str:
    """The local name of an element of Media RSS, "" of any other."""
    namespace, _, name = str(element.tag).removeprefix("{").rpartition("}")
    return name if namespace.rstrip("/") == _NAMESPACE else ""


def _named(element: Element, name: str) -> list[Element]:
    return [child for child in element if _name(child) == name]


def _pictures(item: Element, media: list[Element]) -> Iterator[WirePicture]:
    """One a group, which holds the same picture in several sizes, and one for what stands alone."""
    contents = [el for el in media if _name(el) == "content" and _is_image(el)]
    groups = [_sizes(item, el) for el in media if _name(el) == "group"]
    alone: dict[str, list[Element]] = {}
    for content in contents:
        # Some send sizes without a group; only the query of the address tells them apart.
        alone.setdefault(tidy(content.get("url")).partition("?")[0], []).append(content)
    groups += [(item, sizes) for sizes in alone.values()]
    groups = [(parent, sizes) for parent, sizes in groups if sizes]
    thumbnails = [el for el in media if _name(el) == "thumbnail" and _is_image(el)]
    for n, (parent, sizes) in enumerate(groups):
        yield _picture([sizes[0], parent, item], [*sizes, *(thumbnails if n == 0 else [])])
    if thumbnails and not groups:
        yield _picture([item], thumbnails)


def _sizes(item: Element, group: Element) -> tuple[Element, list[Element]]:
    return group, [el for el in group if _name(el) in ("content", "thumbnail") and _is_image(el)]


def _is_image(element: Element) -> bool:
    url = tidy(element.get("url"))
    if not url or _name(element) == "thumbnail":
        return bool(url)
    kind = tidy(element.get("medium")) or tidy(element.get("type")).partition("/")[0]
    return kind.lower() == "image" if kind else url.lower().partition("?")[0].endswith(_ENDINGS)


def _picture(levels: list[Element], sizes: list[Element]) -> WirePicture:
    """What is said of a picture may stand in it, in its group or in the item; the nearest counts."""

    def said(name: str) -> str:
        return next((text for el in levels for found in _named(el, name) if (text := text_of(found))), "")

    return WirePicture(
        headline=said("title"),
        caption=said("description"),
        credit=said("credit"),
        renditions=tuple(map(_rendition, sizes)),
    )


def _rendition(element: Element) -> Rendition:
    return Rendition(
        href=tidy(element.get("url")),
        name="thumbnail" if _name(element) == "thumbnail" else "",
        content_type=tidy(element.get("type")).lower(),
        width=read_number(element.get("width")),
        height=read_number(element.get("height")),
    )
