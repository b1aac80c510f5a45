"""The renditions of a picture: which there are, what they are called, and making them.

A name follows from the picture's row alone, so a page asks neither the storage nor the database for it; and
what changes the pixels changes the name, so no cache keeps an old crop. django-imagefield names and stores
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from imagefield.backend_base import calculate_crop_box
from imagefield.fields import ImageField, ImageFieldFile
from imagefield.processing import register
from PIL import Image

if TYPE_CHECKING:
    from articles.models import Picture

# Raise it when what follows changes: until make_renditions has run, pages show the file as it was stored.
SET = 2

# WebP: as small as AVIF at these sizes, in a third of the time. Every browser of the last six years reads it.
SAVED = {
    "WEBP": {"quality": 78, "method": 4},
    "JPEG": {"quality": 80, "progressive": True, "optimize": True},
}
EXTENSIONS = {"WEBP": ".webp", "JPEG": ".jpg"}


@dataclass(frozen=True, slots=True)
class Shape:
    label: str
    ratio: tuple[int, int] | None  # None: as it was taken
    widths: tuple[int, ...]  # in WebP
    fallback: int = 0  # one in JPEG, for old browsers and link previews


SHAPES = {
    "full": Shape(_("As it was taken"), None, (800, 1280), 1280),
    "wide": Shape(_("16:9, for leads and link previews"), (16, 9), (800, 1280), 1200),
    "card": Shape(_("4:3, for lists"), (4, 3), (320, 640), 640),
    "square": Shape(_("1:1, for lists on phones"), (1, 1), (160, 320)),
}
CROPS = {name: shape for name, shape in SHAPES.items() if shape.ratio}

# A crop of its own, in parts of the picture: its left and upper edge and its width. The ratio says the rest.
BOX = re.compile(r"([01]\.\d{3})x([01]\.\d{3})x([01]\.\d{3})")


class Region(NamedTuple):
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Rendition:
    """One file; called by django-imagefield to learn how it is made."""

    format: str
    width: int
    height: int
    region: Region
    whole: tuple[int, int]

    def __call__(self, file: ImageFieldFile, context) -> None:
        context.extension = EXTENSIONS[self.format]
        context.ppoi = None  # is in the region; where that stays the same, so does the file
        made = (self.format, (self.width, self.height), tuple(self.region), self.whole)
        context.processors = [("cut_out", *made, tuple(SAVED[self.format].items()))]


def region(picture: Picture, name: str) -> Region:
    """The part of the picture that a shape shows, in pixels."""
    shape, width, height = SHAPES[name], picture.width, picture.height
    if shape.ratio is None:
        return Region(0, 0, width, height)
    across, down = shape.ratio
    box = BOX.fullmatch(getattr(picture, f"crop_{name}"))
    if not box:
        found = Region(*calculate_crop_box(width, height, across, down, picture.file.focus))
        return found._replace(width=max(found.width, 1), height=max(found.height, 1))
    left, top, part = map(float, box.groups())
    cut = min(max(round(part * width), 1), width)
    tall = min(max(round(cut * down / across), 1), height)
    return Region(min(round(left * width), width - cut), min(round(top * height), height - tall), cut, tall)


def renditions(picture: Picture, name: str) -> list[Rendition]:
    """Of one shape, the narrowest first, the fallback last; nothing is made larger than it came."""
    shape, part = SHAPES[name], region(picture, name)
    widths = dict.fromkeys(min(width, part.width) for width in shape.widths)
    wanted = [("WEBP", width) for width in widths]
    if shape.fallback:
        wanted.append(("JPEG", min(shape.fallback, part.width)))
    whole = (picture.width, picture.height)
    return [
        Rendition(kind, width, max(round(width * part.height / part.width), 1), part, whole)
        for kind, width in wanted
    ]


def all_renditions(picture: Picture) -> Iterator[Rendition]:
    for name in SHAPES:
        yield from renditions(picture, name)


def named(picture: Picture) -> dict[str, Rendition]:
    """All, by the names of their files; two shapes of one picture can be the same."""
    return {picture.file.name_of(rendition): rendition for rendition in all_renditions(picture)}


def render(picture: Picture) -> None:
    """Makes those that are not stored yet."""
    # Read once: each is made from the whole file, wherever it is stored.
    with picture.file.open("rb") as stored:
        data = stored.read()
    picture.file.file = ContentFile(data)
    # One that is there may be half of one, if whoever made it was killed before the row said that all are.
    force = picture.renditions != SET
    for rendition in named(picture).values():
        picture.file.process(rendition, force=force)


class RenditionsFile(ImageFieldFile):
    @property
    def focus(self) -> list[float]:
        """Of the picture's width and height, from its upper left corner."""
        return self._ppoi()

    def name_of(self, rendition: Rendition) -> str:
        return self._process_context(rendition).name


class RenditionsField(ImageField):
    attr_class = RenditionsFile


# -- How it is made ----------------------------------------------------------------


@register
def cut_out(get_image, kind: str, size: tuple, part: tuple, whole: tuple, saved: tuple):
    def processor(image, context):
        profile = image.info.get("icc_profile", b"")
        # A JPEG is unpacked at a half, a quarter or an eighth of its size where that is enough.
        scale = 2 * size[0] / part[2]
        image.draft(None, (int(whole[0] * scale), int(whole[1] * scale)))
        image = _in_colour(get_image(image, context), opaque=kind == "JPEG")
        across, down = image.width / whole[0], image.height / whole[1]
        left, top, width, height = part
        edges = (left * across, top * down, (left + width) * across, (top + height) * down)
        context.save_kwargs.update(saved, format=kind)
        if profile[16:20] == b"RGB ":
            context.save_kwargs["icc_profile"] = profile
        return image.resize(size, Image.Resampling.LANCZOS, box=edges, reducing_gap=3)

    return processor


def _in_colour(image: Image.Image, *, opaque: bool) -> Image.Image:
    """In the colours of WebP and JPEG; what is transparent shows white where there is no transparency."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    if opaque:
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image).convert("RGB")
    return image
