"""What in a picture's file is fit for readers, whoever sent it, an editor or an agency. No database here."""

from __future__ import annotations

import re
import struct
import warnings
from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

MOST_BYTES = 32 * 1024 * 1024
MOST_PIXELS = 60_000_000
SUFFIXES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}

# What a file of each format is written anew as. MPO is how many cameras call a JPEG with a preview in it.
WRITTEN_AS = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "WEBP": "WEBP", "GIF": "PNG"}
# What people send instead, by how it begins.
_OTHERS = [
    (re.compile(rb"[^\0]{0,1000}<svg[\s>/]", re.DOTALL | re.IGNORECASE), "SVG"),
    (re.compile(rb".{4}ftyp(?:hei[cfmsx]|mif1|msf1)", re.DOTALL), "HEIC"),
    (re.compile(rb".{4}ftypavi[fs]", re.DOTALL), "AVIF"),
    (re.compile(rb"II\*\0|MM\0\*"), "TIFF"),
    (re.compile(rb"%PDF-"), "PDF"),
    (re.compile(rb"BM"), "BMP"),
]


class Unusable(Exception):
    """Why there is no picture to be had, in words for who sent it."""


def written_anew(data: bytes) -> tuple[bytes, str]:
    """The picture without what else its file carried (places, serial numbers, scripts), and its format."""
    if len(data) > MOST_BYTES:
        raise Unusable(too_heavy(len(data)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=["JPEG", "PNG", "WEBP", "GIF"]) as image:
                _refuse_what_readers_cannot_be_shown(image)
                kind = WRITTEN_AS[image.format]
                image.load()
                return _encoded(_upright(image, image.format), kind), kind
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unusable(_too_large()) from error
    except Image.UnidentifiedImageError as error:
        raise Unusable(_not_a_picture(data)) from error
    except (OSError, ValueError, SyntaxError, ArithmeticError, LookupError, struct.error) as error:
        raise Unusable(
            _("It is no picture that could be read to its end; send it again. (%s)") % error
        ) from error


def _refuse_what_readers_cannot_be_shown(image: Image.Image) -> None:
    """Before anything is unpacked."""
    if image.width * image.height > MOST_PIXELS:
        raise Unusable(_too_large())
    # A still out of an animation is not what its sender meant, and one that moves is not for a news page.
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise Unusable(_("It moves. Only still pictures are shown: send one frame of it."))


def too_heavy(size: int) -> str:
    return _("It has %(size)s bytes; %(most)s are the most.") % {
        "size": f"{size:,}",
        "most": f"{MOST_BYTES:,}",
    }


def _too_large() -> str:
    return _("It has more than %(most)s pixels: make it smaller.") % {"most": f"{MOST_PIXELS:,}"}


def _not_a_picture(data: bytes) -> str:
    kind = next((kind for begins, kind in _OTHERS if begins.match(data)), None)
    if kind == "SVG":
        return _("It is no picture for a page but an SVG drawing, which can carry scripts: save it as PNG.")
    if kind:
        return _("It is no picture that all browsers show, but %s: save it as JPEG or PNG.") % kind
    return _("It is no picture in JPEG, PNG, WebP or GIF.")


def _upright(image: Image.Image, kind: str) -> Image.Image:
    """Turned as its EXIF says, in colours that its format has."""
    ImageOps.exif_transpose(image, in_place=True)  # a copy of it may be 200 MB
    if kind == "GIF":
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    if WRITTEN_AS[kind] == "JPEG" and image.mode not in ("RGB", "L"):
        image = image.convert("RGB")
        image.info.pop("icc_profile", None)  # of the colours it had
    return image


def _encoded(image: Image.Image, kind: str) -> bytes:
    # Without its profile a picture would change its colours, without this palette entry its shape.
    image.info = {name: image.info[name] for name in ("icc_profile", "transparency") if name in image.info}
    buffer = BytesIO()
    image.save(buffer, kind, quality=88, icc_profile=image.info.get("icc_profile"))
    return buffer.getvalue()
