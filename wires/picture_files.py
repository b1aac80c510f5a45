"""Files of pictures that agencies send: which of them to take, and where it is. No database in here."""

from __future__ import annotations

import email
import email.policy
import os
import re
import stat
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from articles.picture_files import Unusable
from wires.fetch import MAX_BYTES
from wires.parse.item import Rendition, WirePicture
from wires.parse.text import tidy

WIDEST = 4000

CONTENT_TYPES = {"image/jpeg", "image/jpg", "image/pjpeg", "image/png", "image/webp", "image/gif"}
EXTENSIONS = {".jpg", ".jpeg", ".png", ".webp", ".gif"}
_SIGNATURES = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n|GIF8[79]a|RIFF.{4}WEBP", re.DOTALL)


def is_picture(data: bytes) -> bool:
    return bool(_SIGNATURES.match(data))


# -- Which ---------------------------------------------------------------------------


def best_rendition(picture: WirePicture) -> Rendition | None:
    """The widest that is not too wide. Without a width a thumbnail counts as small, the rest as middling."""

    def rank(rendition: Rendition) -> int:
        is_small = re.search(r"thumb|quicklook|preview", rendition.name, re.IGNORECASE)
        width = rendition.width or (100 if is_small else 1000)
        return width if width <= WIDEST else -width

    return max(filter(_is_fetchable, picture.renditions), key=rank, default=None)


def _is_fetchable(rendition: Rendition) -> bool:
    href = rendition.href
    if not (is_url(href) or href.startswith("cid:") or is_bare_name(href)):
        return False
    if rendition.content_type:
        return rendition.content_type.partition(";")[0].strip().lower() in CONTENT_TYPES
    path = urlsplit(href).path if is_url(href) else href
    return PurePosixPath(path).suffix.lower() in EXTENSIONS


def is_url(href: str) -> bool:
    try:
        return urlsplit(href).scheme in ("http", "https")
    except ValueError:
        return False


def is_bare_name(href: str) -> bool:
    """The name of a file and nothing of a path or a scheme."""
    return href not in ("", ".", "..") and not re.search(r"[/\\:\0]", href)


# -- Where it is -----------------------------------------------------------------------


def attached(data: bytes, href: str) -> bytes:
    """The part of a mail that wires.parse.mail names so."""
    for part in email.message_from_bytes(data.lstrip(), policy=email.policy.default).walk():
        cid, name = tidy(part.get("Content-ID")).strip("<>"), tidy(part.get_filename())
        if href == (f"cid:{cid}" if cid else name):
            return part.get_payload(decode=True) or b""
    raise Unusable("The mail has no such part.")


def beside(folder: Path, name: str) -> bytes:
    """Not by a link, which could lead anywhere. Opening a named pipe must not wait for its other end."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(folder / name, flags), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise Unusable("It is no regular file.")
        if found.st_size > MAX_BYTES:
            raise Unusable(f"It has {found.st_size:,} bytes; {MAX_BYTES:,} are the most.")
        return file.read()
