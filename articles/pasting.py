"""Pasted text made into lines: without what the clipboard, a mail or a page put around the story."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class CopyLink:
    title: str
    url: str = ""


class UnfilableCopy(ValueError):
    """Says what is missing and how to mend it, to the editor who pasted the copy."""


LONGEST = 1_000_000

# Lines: what came through the clipboard, without what nobody typed.

_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffd]")
# Soft hyphens and zero-width spaces are leftovers of a page's layout. The joiners (U+200C, U+200D)
# and direction marks stay: they spell words in Persian and Hindi.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u00ad\u200b\u2060\ufeff\ud800-\udfff]")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# A no-break space stays where typography wants it: French punctuation, and the groups of a number.
_LAYOUT_SPACE = re.compile(r"(?<!«)\u00a0(?![»;:!?%]|(?<=[0-9]\u00a0)[0-9])")


def lines_of(text: str) -> list[str]:
    if len(text) > LONGEST:
        raise UnfilableCopy(
            f"The copy has {len(text):,} characters and {LONGEST:,} are the most: paste one story at a time."
        )
    odd = len(_NOT_TEXT.findall(text))
    if odd > 3 and odd * 20 > len(text):
        raise UnfilableCopy(
            "This is no text, it is full of control characters: paste the story's words, not a file."
        )
    text = _LAYOUT_SPACE.sub(" ", _INVISIBLE.sub("", _LINE_END.sub("\n", text)))
    if not text.strip():
        raise UnfilableCopy("There is no copy: paste a story, with its headline above the text.")
    return [_tidy(line) for line in text.split("\n")]


def _tidy(line: str) -> str:
    """The line with its indentation in plain spaces, and no other tab or space around it."""
    words = line.strip()
    indent = line[: len(line) - len(line.lstrip())][:20].expandtabs(4) if words else ""
    return " " * len(indent) + words.replace("\t", " ")


def flush(line: str) -> str:
    """One space before a line is a slip and no indentation."""
    return line[1:] if line[:1] == " " != line[1:2] else line


def trim(lines: list[str]) -> list[str]:
    filled = [n for n, line in enumerate(lines) if line]
    return lines[filled[0] : filled[-1] + 1] if filled else []


def unquote(lines: list[str]) -> list[str]:
    for _ in range(5):  # a mail that went round more often has other troubles
        if not any(lines) or not all(line.startswith(">") for line in lines if line):
            break
        lines = [_tidy(line[1:].removeprefix(" ")) for line in lines]
    return lines


# Mail: the headers over a message.

_HEADER = re.compile(
    r"(?P<name>from|to|cc|bcc|date|sent|subject|received|importance|[a-z]{1,20}(?:-[a-z]{1,20}){1,4})"
    r"\s{0,3}:(?P<value>.*)",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"(?:-{2,} ?(?:original|forwarded) message ?-{2,}|begin forwarded message:)", re.IGNORECASE
)
_REPLIED = re.compile(r"(?:(?:re|fwd?|aw|wg|tr|rv)\s{0,2}:\s{0,2}){1,9}", re.IGNORECASE)


def open_mail(lines: list[str]) -> tuple[list[str], str]:
    """The text of a mail and its subject; other copy as it is."""
    subject = ""
    for _ in range(3):  # a forwarded mail carries the headers of the one inside
        headers, rest = _headers(lines)
        if "subject" not in headers and len(headers) < 2:
            break
        subject = _REPLIED.sub("", headers.get("subject", ""), count=1).strip() or subject
        lines = rest[: rest.index("--")] if "--" in rest else rest  # "-- " opens the sender's signature
    return lines, subject


def _headers(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    headers: dict[str, str] = {}
    name = ""
    for n, line in enumerate(lines):
        match = _HEADER.fullmatch(line)
        if match:
            name = match["name"].lower()
            headers[name] = match["value"].strip()
        elif name and line.startswith(" "):
            headers[name] = f"{headers[name]} {line.strip()}"[:500]
        elif headers or (line and not _FORWARDED.fullmatch(line)):
            return headers, lines[n:]
    return headers, []


# The page around a story.

_THE_END = re.compile(
    r"-{1,3} ?30 ?-{1,3}|#(?: ?#){2,9}|[-–—(/]{0,3} ?ends? ?[-–—)/]{0,3}"
    r"|related (?:content|stories|articles|news|reports)\W{0,3}|you may also like\W{0,3}",
    re.IGNORECASE,
)
# dpa sends names and telephone numbers behind the story, for editors only.
_NOTEBOOK = re.compile(
    r"#{1,2} ?(?:\w{1,10} )?notebook|\*(?: ?\*){3,9}|the following information is not .{0,20}publication\W?",
    re.IGNORECASE,
)
_SITES = "facebook|twitter|x|linkedin|whatsapp|reddit|pinterest|telegram|bluesky|mastodon|e-?mail"
_FURNITURE = re.compile(
    rf"(?:re)?tweet|share|print|save|comments?|like|{_SITES}|copy link|advertisement|follow us"
    rf"|(?:share|print|e-?mail|tweet|post) (?:this|on|to|via|by)(?: (?:page|article|story|{_SITES}))?"
    r"|(?:subscribe|sign up)\b.{0,60}\bnewsletters?(?: (?:here|today|now))?\W{0,3}"
    r"|read (?:more|also)(?:\W{0,4}|\s?:.{0,200})|.{0,600}(?:\.{3}|…)\s{0,3}read more\W{0,4}"
    r"|(?:©|\(c\) ?[12][0-9]{3}|copyright ?(?:©|\(c\)|[12][0-9]{3})).{0,300}"
    r"|copyright\b[^.]{1,80}\b[12][0-9]{3}\W{0,3}|.{0,300}\ball rights reserved\W{0,3}",
    re.IGNORECASE,
)
# "1ST LEAD", "REFILE": how a wire story replaces an earlier one, for the desk.
_TAKE_KEY = re.compile("(?:[0-9]{1,2}(?:ST|ND|RD|TH) )?(?:LEAD|UPDATE|REFILE|REPEAT|EXTRA|WRITETHRU)")
_LEGAL = re.compile(r"\bCopyright (?:© ?|\(c\) ?)?[12][0-9]{3} ?[-–] ?[12][0-9]{3}\b")
_SIGN_OFF = re.compile(
    r"\(?(?=.{3,24}$)[A-Za-z]{1,8}(?:[/-][A-Za-z]{1,8}){0,7}/[A-Za-z]{1,8}\)?"
    r"|==? ?\w{2,15}|(?:dpa|afp|ap)(?: [a-z]{2,4}){1,6}|AP-[A-Z]{2}-[0-9-]{6,10} [0-9]{4}GMT<?"
)


def until_the_end(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines down to where the story ends, and what the agency sent for editors behind it."""
    story: list[str] = []
    seen = 0
    for n, line in enumerate(lines):
        words = line.strip()
        if len(words) > 80 or not (_THE_END.fullmatch(words) or _NOTEBOOK.fullmatch(words)):
            story.append(line)
            seen += bool(words)
        elif seen > 1:  # over a story such a line only parts it from another
            return story, [line for line in lines[n:] if line] if _NOTEBOOK.fullmatch(words) else []
    return story, []


def is_furniture(line: str) -> bool:
    words = line.strip()
    if _TAKE_KEY.fullmatch(words) or _LEGAL.search(words):
        return True
    return len(words) < 1000 and _FURNITURE.fullmatch(words) is not None


def drop_sign_off(lines: list[str]) -> None:
    while lines and (not lines[-1] or _SIGN_OFF.fullmatch(lines[-1].strip())):
        lines.pop()


# Related links.

_LINKS_HEADING = re.compile(
    r"(?:related|external|useful) links?\W{0,3}|on the (?:net|web)\W{0,3}", re.IGNORECASE
)
_MARKDOWN_LINK = re.compile(r"\[(?P<title>[^\]]{1,300})\]\(\s{0,3}(?P<url>[^\s]{1,2000})\s{0,3}\)")
_LINK = re.compile(
    r"(?P<title>.{0,300}?)[\s:–—|(-]{0,5}(?:^|(?<=[\s<(:–—|-]))"
    r"(?:<(?P<angled>[^<>\s]{1,2000})>|(?P<bare>(?:[a-z]{2,15}://|(?:javascript|data|mailto):)\S{1,2000}))",
    re.IGNORECASE,
)
_HOST = re.compile(
    r"(?:^|\b(?:at|on|from|see|via)\s|(?=www\.))(?P<host>(?:[a-z0-9][a-z0-9-]{0,62}\.){1,4}[a-z]{2,24})"
    r"(?P<path>/[^\s.]{1,500})?[.)/]?$",
    re.IGNORECASE,
)
BULLET = re.compile(r"[-*•·▪–»] ")


def take_links(lines: list[str]) -> tuple[list[str], list[CopyLink]]:
    """The lines without the Related Links, and those links."""
    start = next((n for n, line in enumerate(lines) if n and _LINKS_HEADING.fullmatch(line.strip())), None)
    if start is None:
        return lines, []
    links: list[CopyLink] = []
    end = start + 1
    for n, line in enumerate(lines[start + 1 :], start + 1):
        if line:
            link = _link(line.strip())
            if link is None:
                break
            if links and link.url == link.title and not links[-1].url:
                link = CopyLink(links.pop().title, link.url)  # the address stands below its title
            links.append(link)
        end = n + 1
    return lines[:start] + lines[end:], links


def _link(line: str) -> CopyLink | None:
    line = BULLET.sub("", line, count=1) if BULLET.match(line) else line
    match = _MARKDOWN_LINK.fullmatch(line)
    if match:
        return CopyLink(match["title"].strip(), _web_address(match["url"]))
    match = _LINK.fullmatch(line)
    if match:
        url = match["angled"] or match["bare"]
        return CopyLink(match["title"].strip() or url, _web_address(url))
    if len(line) > 150 or is_furniture(line) or not line:
        return None
    match = _HOST.search(line)
    if match:
        return CopyLink(line, f"https://{match['host'].lower()}{match['path'] or '/'}")
    return None if ends_sentence(line) else CopyLink(line)


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and parts.hostname else ""
    except ValueError:
        return ""


_SENTENCE_END = re.compile(r"(?<!\b[A-Z])(?<!Inc)(?<!Ltd)(?<!\bCo)(?<!Corp)(?<!\.\.)[.。।]['\"”’»)\]]{0,3}$")


def ends_sentence(line: str) -> bool:
    return bool(_SENTENCE_END.search(line[-10:]))
