"""The picture that goes with a link to a story that has none: the site's name plate and the headline.

Drawn when somebody asks for it, and never stored where a web server would go on showing it: a story that is
withdrawn takes its headline along.
"""

from __future__ import annotations

import hashlib
import io
import threading
import unicodedata
from functools import lru_cache
from pathlib import Path

import regex
from django.conf import settings
from django.urls import reverse
from PIL import Image, ImageDraw, ImageFont, features

from articles.models.stories import direction
from sections.network import SiteView

WIDTH, HEIGHT = 1200, 630  # what those who show links ask for
# Latin, Greek, Cyrillic, Hebrew and Arabic; other scripts by the fonts of SHARE_FONTS.
OWN_FONT = Path(__file__).parent / "fonts/headlines.ttf"

_DESIGN = "2"  # another one gives all pictures new addresses
_MARGIN = 72
_SIZES = (92, 80, 70, 62, 54, 46)  # of the headline: the largest in which it fits
_TOP, _BOTTOM = 210, HEIGHT - 60  # the room of the headline
_LEADING = 1.16
_INK = "#161616"
# Lines may break after a space, and between letters of scripts that write none.
_PIECES = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]|[^\s\p{Han}\p{Hiragana}\p{Katakana}]+|\s+")
# Scripts that are read from the right or whose letters change beside each other. Pillow sets them with
# libraqm, which its wheels carry, and that with libfribidi, which is the system's.
_NEEDS_SHAPING = regex.compile(
    r"[^\p{Latin}\p{Greek}\p{Cyrillic}\p{Han}\p{Hiragana}\p{Katakana}\p{Common}\p{Inherited}]"
)
_ONE_AT_A_TIME = threading.Lock()  # a burst of new links takes one core, not all


def mark_of(site: SiteView, headline: str) -> str:
    """Changes with all that the picture shows, so that each picture has its own address."""
    shown = repr((_DESIGN, site.name, site.host, site.language, site.accent, site.paper, headline))
    return hashlib.sha256(shown.encode()).hexdigest()[:12]


def share_path(site: SiteView, story_pk: int, headline: str) -> str:
    return reverse("sections:share-picture", args=[story_pk, mark_of(site, headline)])


def drawn(site: SiteView, headline: str, language: str) -> bytes:
    """A PNG. Without the headline where no font has its letters or nothing can set them.

    A name plate is on each: where the site's name cannot be set, its host name stands for it.
    """
    plate = site.name if _font_for(site.name) else site.host
    with _ONE_AT_A_TIME:
        return _draw(plate, site.language, site.accent, site.paper, headline, language)


@lru_cache(maxsize=64)  # at some 20 KB
def _draw(name: str, site_language: str, accent: str, paper: str, headline: str, language: str) -> bytes:
    image = Image.new("RGB", (WIDTH, HEIGHT), paper)
    canvas = ImageDraw.Draw(image)
    canvas.rectangle([0, 0, WIDTH, 18], accent)
    plate, words = _font_for(name), _font_for(headline)
    if words:
        _write(canvas, [name], _fit(name, plate, 60, 1)[0], 72, site_language, accent)
        canvas.rectangle([_MARGIN, 168, WIDTH - _MARGIN, 170], accent)
        font, lines = _headline(headline, words)
        _write(canvas, lines, font, _TOP, language, _INK)
    else:
        font, lines = _fit(name, plate, 150, 2)
        height = len(lines) * font.size * _LEADING
        _write(canvas, lines, font, (HEIGHT - height) / 2, site_language, accent)
    output = io.BytesIO()
    image.quantize(32).save(output, "PNG", optimize=True)
    return output.getvalue()


def _write(canvas, lines: list[str], font, top: float, language: str, colour: str) -> None:
    """From the side where the language begins."""
    to_left = direction(language) == "rtl"
    x, anchor = (WIDTH - _MARGIN, "ra") if to_left else (_MARGIN, "la")
    # The same sign is written otherwise in Chinese and in Japanese: a font that has both goes by this.
    set_as = {"direction": "rtl" if to_left else "ltr", "language": language} if can_shape() else {}
    for number, line in enumerate(lines):
        y = top + number * font.size * _LEADING
        canvas.text((x, y), line, colour, font, anchor, **set_as)


def _headline(headline: str, path: str):
    """In the largest size in which it is whole; in the smallest its end is left out."""
    for size in _SIZES:
        font, lines = _font(path, size), _lines(headline, _font(path, size))
        most = int((_BOTTOM - _TOP) / (size * _LEADING))
        if _fits(lines, font, most):
            return font, lines
    return font, lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1].rstrip()}…"]


def _fit(text: str, path: str, size: int, most: int):
    """In the largest size up to `size` in which it takes at most so many lines."""
    while size > 24 and not _fits(_lines(text, _font(path, size)), _font(path, size), most):
        size -= 6
    return _font(path, size), _lines(text, _font(path, size))[:most]


def _fits(lines: list[str], font, most: int) -> bool:
    """A word that is too long for a line is not broken, so it has to be set smaller."""
    return len(lines) <= most and all(font.getlength(line) <= WIDTH - 2 * _MARGIN for line in lines)


def _lines(text: str, font) -> list[str]:
    lines = [""]
    for piece in _PIECES.findall(text):
        if font.getlength(f"{lines[-1]}{piece}".rstrip()) <= WIDTH - 2 * _MARGIN or not lines[-1]:
            lines[-1] += piece
        else:
            lines.append(piece.lstrip())
    return [line.rstrip() for line in lines]


def can_shape() -> bool:
    return features.check("raqm")


# -- Fonts -----------------------------------------------------------------------------


def _font_for(text: str) -> str | None:
    """The first font that has all letters of the text."""
    if _NEEDS_SHAPING.search(text) and not can_shape():
        return None
    paths = [str(OWN_FONT), *settings.SHARE_FONTS]
    return next((path for path in paths if _has_all(path, text)), None)


def _has_all(path: str, text: str) -> bool:
    font = _font(path, 20)
    absent = _shape(font, "\uffff")
    written = {letter for letter in text if unicodedata.category(letter)[0] not in "CZ"}
    return all(_shape(font, letter) != absent for letter in written)


def _shape(font, letter: str) -> tuple:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)


@lru_cache(maxsize=64)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)
