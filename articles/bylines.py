"""A byline is the agency's own words; where they name an author with a page, that name is a link."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BylinePart:
    text: str
    url: str = ""


def byline_parts(byline: str, authors: Iterable[tuple[str, str]]) -> list[BylinePart]:
    """The byline cut at the names of `authors` (name, url); the parts' texts joined are the byline.

    Longer names win, so that "Ann Lee Moss" is not taken for "Ann Lee".
    """
    urls = {name.casefold(): url for name, url in authors if name}
    if not urls:
        return [BylinePart(byline)] if byline else []
    names = "|".join(re.escape(name) for name in sorted(urls, key=len, reverse=True))
    pieces = re.split(rf"(?<!\w)({names})(?!\w)", byline, flags=re.IGNORECASE)
    return [BylinePart(piece, urls.get(piece.casefold(), "")) for piece in pieces if piece]


def names_in(byline: str) -> list[str]:
    """The pieces of a byline that may be names: "Jane Doe and John Roe, Science Editor" gives three."""
    return [
        name for piece in re.split(r",|;|/|&|\band\b|\bet\b|\bund\b|\by\b", byline) if (name := piece.strip())
    ]
