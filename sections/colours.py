"""Whether colours can be told apart by those who read: WCAG's contrast of two colours. Pure."""

from __future__ import annotations

from dataclasses import dataclass

INK = "#171614"  # of the style sheet, as are the next
SOFT = "#57534b"
TEXT = 4.5  # to 1: WCAG 2.2, 1.4.3, for text of any size

BLACK, WHITE = "#000000", "#ffffff"


@dataclass(frozen=True, slots=True)
class TooLike:
    """Two colours of too little contrast, and one instead of the first that has enough."""

    ratio: float
    instead: str


def contrast(one: str, other: str) -> float:
    """From 1, the same, to 21, black and white."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def too_like(colour: str, beside: str, *, towards: str) -> TooLike | None:
    """If `colour` cannot be read beside the other: the nearest on its way to black or white that can."""
    ratio = contrast(colour, beside)
    if ratio >= TEXT:
        return None
    steps = (_mixed(colour, towards, share / 100) for share in range(1, 101))
    instead = next((step for step in steps if contrast(step, beside) >= TEXT), towards)
    return TooLike(ratio, instead)


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [value / 255 for value in _channels(colour)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(colour: str, other: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
