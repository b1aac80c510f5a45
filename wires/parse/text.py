"""Bytes to text, and text without what nobody typed."""

import codecs
import re
import unicodedata

from articles.markup import without_controls

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # starts like the UTF-16 one, so it comes first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Codecs of text. Python has others ("unicode_escape", "idna", "undefined") that no file may choose.
_CHARSETS = re.compile(
    r"utf-(?:8|16|32)|iso(?:8859|2022)|cp[0-9]|koi8|big5|gb[0-9k]|euc_|shift_|mac-|johab|tis-620|hz|kz1048"
)
_LATIN_1 = frozenset({"iso8859-1", "ascii"})


def decode(data: bytes, declared: str = "", *, keep_controls: bool = False) -> str:
    """The text of bytes whose declared charset cannot be trusted. Never fails.

    A byte order mark wins, then valid UTF-8 over whatever is declared (a file that says latin-1 and is
    valid UTF-8 with accents is UTF-8), then the declaration, then a Western guess. `keep_controls` is for
    the formats whose structure is in the control characters.
    """
    text = unicodedata.normalize("NFC", _decode(data, _codec(declared)))
    return text.removeprefix("\ufeff") if keep_controls else without_controls(text)


def _decode(data: bytes, declared: str) -> str:
    for mark, charset in _BOMS:
        if data.startswith(mark):
            return data.decode(charset, errors="replace").removeprefix("\ufeff")
    if b"\0" in data[:64] and (wide := _wide(data, declared)):
        return data.decode(wide, errors="replace")
    # The seven-bit charsets of Japanese, Korean and Chinese mail look like ASCII with escapes.
    is_shifted = declared.startswith(("iso2022", "hz")) and (b"\x1b" in data or b"~{" in data)
    for charset in (declared, "utf-8") if is_shifted else ("utf-8", declared):
        if charset and charset not in _LATIN_1:
            try:
                return data.decode(charset)
            except UnicodeDecodeError:
                continue
    return _nearly_utf_8(data) or _western(data)


def _codec(declared: str) -> str:
    """Python's name of a declared charset; "" if it is none."""
    if not re.fullmatch(r"[A-Za-z0-9_.:-]{2,40}", declared.strip()):
        return ""
    try:
        name = codecs.lookup(declared.strip()).name
    except LookupError:
        return ""
    return name if name in _LATIN_1 or _CHARSETS.match(name) else ""


def _wide(data: bytes, declared: str) -> str:
    """The charset of UTF-16 or UTF-32 without a byte order mark, told by where the zeros stand."""
    if data[:3] == b"\0\0\0" or data[1:4] == b"\0\0\0":
        return "utf-32-be" if data[0] == 0 else "utf-32-le"
    if data[1:2] == b"\0" and data[3:4] == b"\0":
        return "utf-16-le"
    if data[:1] == b"\0" and data[2:3] == b"\0":
        return "utf-16-be"
    return declared if declared.startswith(("utf-16", "utf-32")) else ""


def _nearly_utf_8(data: bytes) -> str:
    """UTF-8 with a damaged byte here and there, which must not turn a whole Arabic file to gibberish."""
    text = data.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    read = sum(not c.isascii() for c in text) - damaged
    return text if read > 4 * damaged else ""


def _western(data: bytes) -> str:
    # 0x80-0x9F are letters and quotes in Windows-1252 and nothing in ISO 8859; without any of them
    # a 0xA4 is rather the euro of 8859-15 than a currency sign.
    windows = any(0x80 <= byte <= 0x9F for byte in data)
    if windows or b"\xa4" not in data:
        try:
            return data.decode("cp1252")
        except UnicodeDecodeError:
            pass
    return data.decode("iso8859-15")


def tidy(text: str | None) -> str:
    """One line: NFC, no control characters, every run of white space one blank."""
    return " ".join(without_controls(unicodedata.normalize("NFC", text)).split()) if text else ""


def tidy_lines(text: str | None) -> str:
    """Like `tidy`, but lines stay lines; empty ones go."""
    lines = (tidy(line) for line in (text or "").splitlines())
    return "\n".join(line for line in lines if line)


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def unique(words: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Tidied, without the empty and the repeated, in order."""
    return tuple(dict.fromkeys(word for word in map(tidy, words) if word))


def read_number(raw: str | None, within: range = range(1, 1_000_000)) -> int | None:
    """A whole number from a file, None where there is none or one out of bounds."""
    text = tidy(raw)
    number = int(text) if re.fullmatch("[0-9]{1,9}", text) else None
    # None in a range is a search from end to end.
    return number if number is not None and number in within else None


URGENCIES = range(1, 10)


def shorten(text: str, length: int = 120) -> str:
    """At most about `length` characters of a line, cut between words."""
    text = tidy(text)
    if len(text) <= length:
        return text
    cut = text[: length + 1].rsplit(" ", 1)[0]
    return cut[:length].rstrip(" ,;:-–—") + "…"
