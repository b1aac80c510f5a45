"""What IPTC 7901 and ANPA 1312 share: messages of a teleprinter line, framed by control characters."""

import datetime
import html
import re
from dataclasses import dataclass

from wires.parse.item import Unreadable
from wires.parse.text import decode, words

_SOH, _EOT = b"\x01", b"\x04"
_STX, _ETX = "\x02", "\x03"
# What a line sends between messages to keep itself going.
FILL = rb"[\s\0\x16\x7f]{0,400}"
_MOST = 10_000
_LINE_END = re.compile(r"\r{0,3}\n|\r")
_OFFSETS = {
    "GMT": "Z", "UTC": "Z", "CET": "+01:00", "MEZ": "+01:00", "CEST": "+02:00", "MESZ": "+02:00",
    "EST": "-05:00", "EDT": "-04:00", "CST": "-06:00", "CDT": "-05:00", "MST": "-07:00", "MDT": "-06:00",
    "PST": "-08:00", "PDT": "-07:00",
}  # fmt: skip
_FOR_EDITORS = re.compile(
    r"\W{0,5}(?:sperrfrist|embargo(?:ed)?\b\W|(?:hold )?for release\b|achtung\b\W|attention\b\W|\$?adv ?[0-9]"
    r"|eds\.?\W?:|editors\W?:)",
    re.IGNORECASE,
)
_ADVANCE = re.compile(r"\W{0,5}(?:sperrfrist|embargo|(?:hold )?for release|\$?adv ?[0-9])", re.IGNORECASE)
# Words that are common in one language and rare in all the others.
_COMMON = {
    "en": words("the of and to with"),
    "de": words("der die und das nicht ein"),
    "fr": words("le les des et du dans"),
    "es": words("el los las y del"),
    "it": words("il di che gli della"),
    "pt": words("os da não uma em"),
    "nl": words("het een van niet zijn"),
}


@dataclass(frozen=True, slots=True)
class Transmission:
    header: str
    text: list[str]  # lines
    trailer: str
    hold: str = ""


def split_messages(data: bytes) -> list[bytes]:
    """The messages of a file, each from behind its SOH up to its EOT."""
    parts = data.split(_SOH, _MOST + 1)[1:]
    if not parts:
        raise Unreadable("The file has no start of a message.")
    if len(parts) > _MOST:
        raise Unreadable(f"The file has more than {_MOST:,} messages.")
    return [part.partition(_EOT)[0] for part in parts]


def read_transmission(message: bytes) -> Transmission:
    # NULs are fill as well, and would make the decoder think of UTF-16.
    text = decode(message.replace(b"\0", b""), keep_controls=True)
    header, start, rest = text.partition(_STX)
    if not start:
        raise Unreadable("The message has no start of its text.")
    text, end, trailer = rest.partition(_ETX)
    hold = "" if end else "The message has no end: it may have been cut off."
    return Transmission(header, _LINE_END.split(text), trailer, hold)


def iso_time(day: datetime.date | None, hours: str, minutes: str, zone: str | None) -> str:
    """A trailer's time for Clock.read, without a zone where the trailer names none that is known."""
    return f"{day.isoformat()}T{hours}:{minutes}{_OFFSETS.get((zone or '').upper(), '')}" if day else ""


def full_year(digits: str) -> int:
    """Of two digits; the formats are of the seventies."""
    return int(digits) + (0 if len(digits) > 2 else 2000 if int(digits) < 70 else 1900)


def is_for_editors(paragraph: str) -> bool:
    """Whether a line of the head, or a paragraph over the story, speaks to editors: "Eds:", "Sperrfrist"."""
    return bool(_FOR_EDITORS.match(paragraph))


def embargo_hold(notes: list[str]) -> str:
    """A reason to hold the item if any of its notes gives a time for its release."""
    return next((f"Its release is set: {note[:100]}" for note in notes if _ADVANCE.match(note)), "")


def guess_language(text: str) -> str:
    """Neither format names the language. "" if the words do not speak clearly for one."""
    found = re.findall(r"[^\W\d_]+", html.unescape(text[:20_000]).lower())
    counts = sorted((sum(word in common for word in found), code) for code, common in _COMMON.items())
    (second, _), (first, code) = counts[-2:]
    return code if first >= max(3, 2 * second, len(found) // 50) else ""
