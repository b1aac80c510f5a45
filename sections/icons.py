"""A site's icon, drawn from its name and accent: browsers and home screens ask for it in several sizes."""

from __future__ import annotations

import io

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
