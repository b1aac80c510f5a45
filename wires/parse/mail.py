"""Stories by e-mail: RFC 5322, with MIME (RFC 2045 to 2047)."""

import datetime
import email
import email.errors
import email.header
import email.policy
import email.utils
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from articles.markup import plain_text
from wires.parse.body import read_body
from wires.parse.complete import complete
from wires.parse.feeds import body_without
from wires.parse.item import Kind, Rendition, Unreadable, WireItem, WirePicture
from wires.parse.layout import html_of_text
from wires.parse.one_by_one import STUMBLES
from wires.parse.text import decode, tidy, unique
from wires.parse.times import Clock
from wires.parse.worded_times import to_iso

_ENVELOPE = re.compile(rb"\s*(?:>?From [^\r\n]*\r?\n)?")  # blank lines, and the separator of an mbox
_HEADERS = re.compile(rb"(?:[!-9;-~]+[ \t]*:[^\n]*\n(?:[ \t]+[^\n]*\n)*)+")
_KNOWN = re.compile(rb"^(from|date|received|message-id|subject|mime-version|return-path)[ \t]*:", re.I | re.M)
_NO_PART_OF_A_HEADLINE = re.compile(r"(?:(?:re|fwd?|aw|wg)\s?:\s*)+", re.IGNORECASE)
# RFC 3676, 4.3: what follows a line of two dashes and a blank is the sender's signature.
_SIGNATURE = re.compile(r"^-- ?\r?$", re.MULTILINE)
_EMBARGO = re.compile(
    r"\bembargoed\b|\b(?:strict|under) embargo\b|\bembargo\s?(?::|until|till|bis|jusqu|hasta|fino|tot)"
    r"|\bsperrfrist\b|\bhold for release\b|\bnot for (?:release|publication|broadcast)\b",
    re.IGNORECASE,
)
_TOP = 400  # characters of a release in which its embargo stands
_DEPTH = 20
_MAIL = "message/rfc822"
_LONGEST = 4000  # characters of a header; the standard library takes the square of that for encoded words


def looks_like(head: bytes) -> bool:
    """A block of headers with at least two that mail has, and other files do not."""
    headers = _HEADERS.match(head, _ENVELOPE.match(head).end())
    return bool(headers) and len({name.lower() for name in _KNOWN.findall(headers[0])}) > 1


def read(data: bytes, zone: datetime.tzinfo) -> Iterator[WireItem | Unreadable]:
    data = data[_ENVELOPE.match(data).end() :]
    try:
        # policy.default takes minutes for a header that is made to, and compat32 none; the headers that
        # are read here are decoded below, with more patience for wrong charsets than either.
        message = email.message_from_bytes(data, policy=email.policy.compat32)
        yield _read_message(message, zone)
        for carried in _carried(message):
            yield _read_message(carried, zone, hold="It came within another mail, whoever sent it.")
    except (*STUMBLES, email.errors.MessageError, AssertionError) as error:
        raise Unreadable(f"The mail is broken: {type(error).__name__}: {error}") from error


def _carried(message: Message) -> list[Message]:
    """The mails that were forwarded within one, each a story of its own; a bounce brings one's own back."""
    if _is_automatic(message):
        return []
    return [
        part.get_payload(0)
        for part in message.walk()
        if part.get_content_type() == _MAIL and part.is_multipart()
    ]


@dataclass
class _Parts:
    """What was found in the parts of a message beside its text."""

    carries_mail: bool = False
    pictures: list[WirePicture] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def _read_message(message: Message, zone: datetime.tzinfo, hold: str = "") -> WireItem:
    clock = Clock(zone)
    created = clock.first(*map(to_iso, _times(message)))
    parts = _Parts()
    body = read_body(_read_part(message, parts), today=created.date() if created else None)
    name, address = map(_decoded, email.utils.parseaddr(_raw_header(message, "From")))
    if _EMBARGO.search(plain_text(body.html)[:_TOP]):
        clock.holds.append("Its first lines speak of an embargo.")
    if parts.carries_mail:
        clock.holds.append("It brings other mails, which are read as stories of their own.")
    item = WireItem(
        format="mail",
        kind=Kind.OTHER if _is_automatic(message) else Kind.STORY,
        provider=address.lower(),
        guid=_header(message, "Message-ID"),
        version_created=created,
        expires=clock.read(to_iso(_header(message, "Expires"))),
        replaces=unique([_header(message, "Supersedes")]),
        hold=hold,
        headline=_NO_PART_OF_A_HEADLINE.sub("", _header(message, "Subject"), count=1),
        source=name or address.rpartition("@")[2],
        language=_header(message, "Content-Language").partition(",")[0],
        keywords=unique(_header(message, "Keywords").split(",")),
        editors_notes=unique(parts.notes),
        pictures=tuple(parts.pictures),
        warnings=unique(parts.warnings),
    )
    return complete(item, body_without(body, item.pictures), clock=clock)


def _times(message: Message) -> Iterator[str]:
    """When it was written; without that, when the last server took it."""
    yield _header(message, "Date")
    yield _header(message, "Received").rpartition(";")[2]


def _is_automatic(message: Message) -> bool:
    """Bounces and notes of absence (RFC 3834). What is "auto-generated" may well be a story."""
    answer = _header(message, "Auto-Submitted").lower().startswith("auto-replied")
    return answer or message.get_content_type() == "multipart/report"


# Headers


def _raw_header(message: Message, name: str) -> str:
    """As it stands there, bytes over ASCII included, which a mail ought not to have."""
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
    return tidy(decode(raw[:_LONGEST].encode("utf-8", "surrogateescape")))


def _decoded(raw: str) -> str:
    """Without the encoded words of RFC 2047, whose charset may be a wrong one."""
    try:
        chunks = email.header.decode_header(raw)
    except email.errors.HeaderParseError:
        return raw
    # What is not encoded comes as a string, or among encoded words in this codec.
    texts = [
        chunk if isinstance(chunk, str) else decode(chunk, charset) if charset else _unescaped(chunk)
        for chunk, charset in chunks
    ]
    return tidy("".join(texts))


def _unescaped(chunk: bytes) -> str:
    return chunk.decode("raw-unicode-escape", errors="replace")


def _header(message: Message, name: str) -> str:
    return _decoded(_raw_header(message, name))


# Parts


def _read_part(part: Message, parts: _Parts, depth: int = 0) -> str:
    """The text of a part as HTML; what else is in it goes to `parts`."""
    kind = part.get_content_type()
    if depth > _DEPTH:
        raise Unreadable(f"The mail is nested more than {_DEPTH} deep.")
    if part.is_multipart() and kind.startswith("multipart/"):
        texts = [_read_part(child, parts, depth + 1) for child in part.get_payload()]
        return _best(texts) if kind == "multipart/alternative" else "\n".join(texts)
    is_attached = part.get_content_disposition() == "attachment" or part.get_filename()
    if kind in ("text/plain", "text/html") and not is_attached:
        text = decode(part.get_payload(decode=True) or b"", part.get_content_charset() or "")
        return _html(text, parts) if kind == "text/plain" else text
    if kind == _MAIL and part.is_multipart():
        parts.carries_mail = True
    else:
        _add_attachment(part, kind, parts)
    return ""


def _best(texts: list[str]) -> str:
    """Of the same text in several forms the plainest, which RFC 2046 puts first, if it has the words.

    Plain text is often only "your program cannot show this mail".
    """
    lengths = [len(plain_text(text)) for text in texts]
    return next((text for text, length in zip(texts, lengths, strict=True) if 2 * length >= max(lengths)), "")


def _html(text: str, parts: _Parts) -> str:
    story, *signature = _SIGNATURE.split(text, maxsplit=1)
    parts.notes.extend(signature)
    return html_of_text(story)


def _add_attachment(part: Message, kind: str, parts: _Parts) -> None:
    name = _decoded(tidy(part.get_filename())[:_LONGEST])
    cid = _header(part, "Content-ID").strip("<>")
    href = f"cid:{cid}" if cid else name
    if kind.startswith("image/") and href:
        rendition = Rendition(href, name=name, content_type=kind)
        caption = _header(part, "Content-Description")
        parts.pictures.append(WirePicture(caption=caption, renditions=(rendition,)))
    else:
        parts.warnings.append(f"An attachment is not read: {name or kind}.")
