"""A site's icon, drawn from its name and accent: browsers and home screens ask for it in several sizes."""

from __future__ import annotations

import io
from html import escape
from urllib.parse import quote

from PIL import Image, ImageDraw, ImageFont

SIZES = {"favicon.ico": 48, "apple-touch-icon.png": 180, "icon-192.png": 192, "icon-512.png": 512}


def icon(name: str, accent: str, size: int, format: str) -> bytes:
    """The first letter of the name on the accent. Pillow's own font has Latin letters only: of other names
    it is a page with its lines."""
    image = Image.new("RGB", (size, size), accent)
    draw = ImageDraw.Draw(image)
    letter = name[:1].upper()
    if letter.isascii() and letter.isalnum():
        font = ImageFont.load_default(size * 0.72)
        draw.text((size / 2, size / 2), letter, fill="white", font=font, anchor="mm")
    else:
        for line in range(3):
            top = size * (0.28 + line * 0.17)
            draw.rectangle([size * 0.24, top, size * (0.76 - 0.14 * (line == 2)), top + size * 0.08], "white")
    output = io.BytesIO()
    image.save(output, format, **({"sizes": [(16, 16), (32, 32), (48, 48)]} if format == "ICO" else {}))
    return output.getvalue()


def drawn_icon(name: str, accent: str) -> str:
    """The first letter on the accent as an address that is itself the picture: browsers ask for nothing."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" fill="{accent}"/>'
        '<text x="16" y="24.5" font-family="Georgia,serif" font-size="25" font-weight="700" fill="#fff" '
        f'text-anchor="middle">{escape(name[:1].upper())}</text></svg>'
    )
    return "data:image/svg+xml," + quote(svg, safe="=:/',()")
