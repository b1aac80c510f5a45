"""Wire files to stories: bytes in, WireItems out. No Django, no database, no network in here.

A format is one module with `looks_like` and `read`, and one line in FORMATS.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import NamedTuple

from wires.parse import anpa1312, ap_media, feeds, iptc7901, json_feed, mail, newsml_1, newsml_g2, ninjs, nitf
from wires.parse.item import Unreadable, WireItem
from wires.parse.limits import MAX_BYTES
from wires.parse.one_by_one import STUMBLES

__all__ = ["FORMATS", "Format", "Parsed", "Unreadable", "WireItem", "detect", "parse"]

# What a format is told by.
HEAD = 16_384


class Format(NamedTuple):
    looks_like: Callable[[bytes], bool]
    read: Callable[[bytes, tzinfo], Iterable[WireItem | Unreadable]]


# Tried in this order: the first that a file looks like reads it.
FORMATS = {
    "newsml_g2": Format(newsml_g2.looks_like, newsml_g2.read),
    "newsml_1": Format(newsml_1.looks_like, newsml_1.read),
    "nitf": Format(nitf.looks_like, nitf.read),
    "iptc7901": Format(iptc7901.looks_like, iptc7901.read),
    "anpa1312": Format(anpa1312.looks_like, anpa1312.read),
    "feeds": Format(feeds.looks_like, feeds.read),
    "json_feed": Format(json_feed.looks_like, json_feed.read),
    "ap_media": Format(ap_media.looks_like, ap_media.read),
    "ninjs": Format(ninjs.looks_like, ninjs.read),
    "mail": Format(mail.looks_like, mail.read),
}


@dataclass(frozen=True, slots=True)
class Parsed:
    items: tuple[WireItem, ...]
    failures: tuple[str, ...]  # one reason for each item of the message that could not be read
    format: str


def parse(data: bytes, *, zone: tzinfo = UTC, format: str = "") -> Parsed:
    """All the items of a file. `zone` is that of times without one, a setting of the feed.

    Raises Unreadable, and nothing else, if the file as a whole is beyond reading.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(f"The file has {len(data):,} bytes; {MAX_BYTES:,} are the most.")
    name = format or detect(data)
    if name not in FORMATS:
        raise Unreadable(f"There is no reader for the format {name!r}." if name else "No known format.")
    outcomes = _outcomes(FORMATS[name], data, zone)
    return Parsed(
        items=tuple(outcome for outcome in outcomes if isinstance(outcome, WireItem)),
        failures=tuple(str(outcome) for outcome in outcomes if isinstance(outcome, Unreadable)),
        format=name,
    )


def _outcomes(format: Format, data: bytes, zone: tzinfo) -> list[WireItem | Unreadable]:
    outcomes: list[WireItem | Unreadable] = []
    try:
        for outcome in format.read(data, zone):
            outcomes.append(outcome)  # noqa: PERF402 - what was read before it breaks is kept
    except Unreadable as error:
        outcomes.append(error)
    except STUMBLES as error:
        outcomes.append(Unreadable(f"The file is not as it should be: {type(error).__name__}: {error}"))
    if len(outcomes) == 1 and isinstance(outcomes[0], Unreadable):
        raise outcomes[0]
    return outcomes


def detect(data: bytes) -> str:
    """The name of the format that the bytes look like, whatever the file is called; "" for none."""
    head = data[:HEAD]
    return next((name for name, format in FORMATS.items() if format.looks_like(head)), "")
