"""Copy as an editor pastes it, from a wire terminal, a mail or a web page, read into the parts of a draft."""

import datetime
import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from articles.datelines import Dateline, read_dateline, split_dateline
from articles.pasting import (
    BULLET,
    CopyLink,
    UnfilableCopy,
    drop_sign_off,
    ends_sentence,
    flush,
    is_furniture,
    lines_of,
    open_mail,
    take_links,
    trim,
    unquote,
    until_the_end,
)


@dataclass(frozen=True)
class Copy:
    headline: str
    paragraphs: tuple[str, ...]
    channel_title: str = ""
    kicker: str = ""
    byline: str = ""  # verbatim, without the leading "by"
    dateline: Dateline = Dateline()
    links: tuple[CopyLink, ...] = ()
    slugline: str = ""
    editors_note: str = ""  # to receiving editors, never public


LONGEST_HEADLINE = 200
# Where the parts over a story are looked for; further down "by" is a word of the text.
_TOP_LINES = 12


def read_copy(text: str, *, today: datetime.date | None = None) -> Copy:
    """The parts of a draft; raises UnfilableCopy, and nothing else, for copy that is no story.

    `today` gives the year to a dateline filed without one.
    """
    lines, subject = open_mail(unquote(lines_of(text)))
    lines, notebook = until_the_end(unquote(lines))
    lines, links = take_links(lines)
    lines = trim([flush(line) for line in lines if not is_furniture(line)])
    head = _read_head(lines, subject, today)
    if not head.headline:
        raise UnfilableCopy(
            "The copy has no headline: put it on a line of its own above the byline or the first paragraph, "
            "and leave an empty line below it."
        )
    drop_sign_off(head.body)
    text_and_notes = _paragraphs(head.body)
    paragraphs = [paragraph for paragraph in text_and_notes if not _NOTE.match(paragraph)]
    notes = [_NOTE.sub("", paragraph, count=1) for paragraph in text_and_notes if _NOTE.match(paragraph)]
    drop_sign_off(paragraphs)
    dateline = head.dateline or _take_dateline(paragraphs, today) or Dateline()
    if not paragraphs:
        raise UnfilableCopy("The copy has a headline but no text: paste the story below it.")
    return Copy(
        headline=head.headline,
        paragraphs=tuple(paragraphs),
        channel_title=head.channel_title,
        kicker=head.kicker,
        byline=head.byline,
        dateline=dateline,
        links=tuple(links),
        slugline=head.slugline,
        editors_note="\n".join(head.notes + notes + notebook),
    )


def body_html(copy: Copy) -> str:
    return "\n".join(f"<p>{html.escape(paragraph, quote=False)}</p>" for paragraph in copy.paragraphs)


# The head: everything over the first paragraph.


@dataclass
class _Head:
    headline: str = ""
    channel_title: str = ""
    kicker: str = ""
    byline: str = ""
    dateline: Dateline | None = None
    slugline: str = ""
    notes: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    titles: list[int] = field(default_factory=list)  # the lines that may be one
    below: int | None = None  # the byline or dateline that the titles stand over


_SLUG = re.compile(r"\^?slug(?:line)?\s{0,3}[:=]\s{0,3}(?P<slug>.{1,200})", re.IGNORECASE)
# "EDITOR'S NOTE _" with a dash is AP's note to readers and stays in the text.
_NOTE = re.compile(
    r"[\^(]?(?:eds?|editors?(?:['’]?s?['’]? notes?)?|(?:notes?|attention):? (?:to |for )?editors)\s?:\s{0,3}",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"\^?by:?\s{1,4}(?P<who>\S.{0,118}?)\s{0,3}=?", re.IGNORECASE)
# The agency or the post of a writer, on a line of its own under the name.
_DESK = re.compile(
    r"\^?(?P<desk>[^.,:;!?]{0,50}\b(?:press|writer|correspondent|reporter|editor|agency)s?)\s{0,3}=?", re.I
)
_BYLINE_WORD = re.compile(
    "a|agenc(?:y|ies)|and|at|bin|correspondents?|da|de|del|della|den|der|di|dos|dpa|du|e|editor|el|et|for|from"
    "|ibn|in|la|le|of|our|reporters?|staff|the|van|von|with|writers?|y"
)
# "By Monday", "By the river", "By May 5" open sentences; April Jones is a name.
_NO_NAME = re.compile(
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|all|any|both|far|some|that|the|then|there|this|[0-9]+)\b.*"
    "|(?:january|february|march|april|may|june|july|august|september|october|november|december)"
    r"(?: [0-9].*)?",
    re.IGNORECASE,
)


def _read_head(lines: list[str], subject: str, today: datetime.date | None) -> _Head:
    head = _Head()
    top = [n for n, line in enumerate(lines) if line][:_TOP_LINES]
    _take_marked_lines(head, lines, top, today)
    _take_titles(head, lines, subject)
    for n in top:  # pages repeat the headline
        for end in (n + 1, n + 2):
            if _same(" ".join(lines[n:end]), head.headline):
                head.taken.update(range(n, end))
    head.body = ["" if n in head.taken else line for n, line in enumerate(lines)]
    return head


def _take_marked_lines(head: _Head, lines: list[str], top: list[int], today: datetime.date | None) -> None:
    """Take the lines that say themselves what they are: slug, note, byline, dateline."""
    sentences = 0
    for n in top:
        line = lines[n].strip()
        if n in head.taken:
            continue
        if _NOTE.match(line):
            _take_note(head, lines, n)
        elif slug := _SLUG.fullmatch(line):
            head.slugline = head.slugline or slug["slug"].strip()
            head.taken.add(n)
        elif _take_writer(head, lines, n) or _take_dateline_line(head, line, n, top[0], today):
            head.below = n if head.below is None else head.below
        else:
            head.titles.append(n)
        sentences += len(line) > LONGEST_HEADLINE or (len(line) > 80 and ends_sentence(line))
        if sentences > 1:  # one may be a standfirst, two are the story
            return


def _take_dateline_line(head: _Head, line: str, n: int, first: int, today: datetime.date | None) -> bool:
    dateline = None if head.dateline else read_dateline(line, today=today)
    # "Floods (Update)" at the very top is a headline rather than a place.
    if not dateline or (n == first and not dateline.date):
        return False
    head.dateline = dateline
    head.taken.add(n)
    return True


def _take_note(head: _Head, lines: list[str], n: int) -> None:
    if head.titles and "" in lines[head.titles[0] : n]:
        return  # it stands in the text, whose layout tells where the note ends
    words = [_NOTE.sub("", lines[n].strip(), count=1)]
    head.taken.add(n)
    for below, line in enumerate(lines[n + 1 :], n + 1):
        above = lines[below - 1]
        goes_on = line[:1].islower() or (len(above) > 55 and not ends_sentence(above) and line[:1] != " ")
        # What stands right over a byline is the headline.
        if not line or not goes_on or any(map(_byline, lines[below : below + 2])):
            break
        words.append(line.strip())
        head.taken.add(below)
    head.notes.append(_title(" ".join(words)))


def _take_writer(head: _Head, lines: list[str], n: int) -> bool:
    byline = "" if head.byline else _byline(lines[n])
    if not byline:
        return False
    desk = _DESK.fullmatch(lines[n + 1].strip()) if n + 1 < len(lines) else None
    desk = desk if desk and _are_names(desk["desk"]) else None
    head.byline = f"{byline}, {desk['desk'].strip()}" if desk else byline
    head.taken.update((n, n + 1) if desk else (n,))
    return True


def _byline(line: str) -> str:
    """Who wrote it, if the line is a byline: names, and behind a comma what they are."""
    match = _BYLINE.fullmatch(line.strip())
    if not match:
        return ""
    who = match["who"]
    names, _, post = who.partition(",")
    if len(who.split()) > 14 or (who[-1] in ".?!:;" and not who.endswith(("Jr.", "Sr."))):
        return ""
    if _NO_NAME.fullmatch(names) or re.match(r"\s?(?:the|it|he|she|they|we)\b", post):
        return ""
    return who if _are_names(names) else ""


def _are_names(text: str) -> bool:
    return all(not word.islower() or _BYLINE_WORD.fullmatch(word) for word in text.split())


def _take_titles(head: _Head, lines: list[str], subject: str) -> None:
    """Take the headline, and over it the kicker and the channel's title."""
    over = [n for n in head.titles if head.below is None or n < head.below]
    if not over and not head.dateline:
        over = head.titles  # "by ..." may stand over a headline, a dateline never does
    if subject and over and lines[over[0]].endswith(",") and len(lines[over[0]]) < 40:
        head.taken.add(over.pop(0))  # "Dear all,"
    place, length = _headline(lines, over, open_ended=head.below is None)
    if not length or (subject and not _outranks_subject(lines, over[place] + length, head)):
        head.headline = subject
        return
    first = over[place]
    head.headline = _title(" ".join(line.strip() for line in lines[first : first + length]))
    head.taken.update(range(first, first + length))
    titles = over[:place]
    if titles and _is_kicker(lines[titles[-1]]):
        head.kicker = lines[titles[-1]].strip()
        head.taken.add(titles.pop())
    if titles and len(lines[titles[-1]]) <= 60 and not ends_sentence(lines[titles[-1]]):
        head.channel_title = lines[titles[-1]].strip()
        head.taken.add(titles[-1])


def _headline(lines: list[str], over: list[int], *, open_ended: bool) -> tuple[int, int]:
    """Which of the lines over the text is the headline, and how many lines it takes: 0 if none is.

    Open-ended is a text with neither byline nor dateline to tell where its head ends.
    """
    pairs = list(pairwise(over))
    for place, (n, following) in enumerate(pairs[:4]):
        if lines[n].strip() == lines[following].strip() and _headline_length(lines, n, strict=False):
            return place, 1
    for place, (n, following) in enumerate(pairs[:2], start=1):
        length = _headline_length(lines, following, strict=True)
        parted = not open_ended or _stands_alone(lines, following, length)
        if _is_kicker(lines[n]) and length and parted and any(lines[following + length :]):
            return place, length
    length = _headline_length(lines, over[0], strict=False) if over else 0
    if open_ended and length and not _stands_alone(lines, over[0], length):
        return 0, 0
    return 0, length


def _stands_alone(lines: list[str], n: int, length: int) -> bool:
    """Whether a line that may be a headline is not rather the first line of wrapped text."""
    following = lines[n + length] if n + length < len(lines) else ""
    if following[:1] in ("", " ") or len(following) > 120 or split_dateline(following)[0]:
        return True
    full = len(lines[n]) * 4 > _wrap_width(lines) * 3 > 0
    return not full or "" not in lines


def _headline_length(lines: list[str], n: int, *, strict: bool) -> int:
    """How many lines a headline takes that starts here: none, one, or two if it was wrapped."""
    words, following, behind = (lines[n : n + 3] + ["", ""])[:3]
    words = words.strip()
    run_in, rest = split_dateline(words)
    if len(words) > LONGEST_HEADLINE or words.endswith((",", ";")) or (run_in and rest):
        return 0
    if ends_sentence(words):
        return 0 if strict or len(words) > 80 else 1
    if not following[:1].islower() or _byline(following):
        return 1
    both = f"{words} {following}"
    alone = not behind or behind == words or _byline(behind)
    wrapped = alone and len(both) <= LONGEST_HEADLINE and not ends_sentence(both)
    return 2 if wrapped else 0


def _outranks_subject(lines: list[str], behind: int, head: _Head) -> bool:
    """Whether the text of a mail has a headline of its own, rather than in its subject."""
    if head.below is not None:
        return True
    return (
        not ends_sentence(lines[behind - 1]) and not any(lines[behind : behind + 1]) and any(lines[behind:])
    )


def _title(text: str) -> str:
    """A line of a head without the signs that wires end and begin it with."""
    return re.sub(r"\s{0,3}[=<]$", "", text.strip().removeprefix("^"))


def _is_kicker(line: str) -> bool:
    return line.isupper() and len(line) <= 30 and len(line.split()) <= 3 and not ends_sentence(line)


def _same(line: str, other: str) -> bool:
    return line.casefold().split() == other.casefold().split()


def _take_dateline(paragraphs: list[str], today: datetime.date | None) -> Dateline | None:
    """Take a dateline run into the text; a standfirst or a note may stand before it."""
    for n, paragraph in enumerate(paragraphs[:3]):
        dateline, rest = split_dateline(paragraph, today=today)
        if dateline:
            paragraphs[n : n + 1] = [rest] if rest else []
            return dateline
    return None


# The text: its lines joined into paragraphs.

_PAUSE = re.compile(r"[.!?:…。؟][\"'”’»)\]]{0,3}$")


def _paragraphs(lines: list[str]) -> list[str]:
    lines = trim(lines)
    margin = min((_indent(line) for line in lines if line), default=0)
    lines = [line[margin:] for line in lines]
    goes_on, spaced = _joint(lines), "" in lines
    paragraphs: list[list[str]] = []
    above = ""
    for line in lines:
        # A note to editors ends at the empty line at the earliest: rather too much of it is held back.
        held_back = above and spaced and _NOTE.match(paragraphs[-1][0])
        if line and above and not _NOTE.match(line.strip()) and (held_back or goes_on(above, line)):
            paragraphs[-1].append(line.strip())
        elif line:
            paragraphs.append([line.strip()])
        above = line
    return [_run_together(parts) for parts in paragraphs]


def _joint(lines: list[str]) -> Callable[[str, str], bool]:
    """How this text was laid out, as the rule whether a line goes on with the one above it."""
    filled = [line for line in lines if line]
    spaced = len(filled) < len(lines)
    indented = sum(line.startswith(" ") for line in filled)
    if filled and filled[0].startswith(" ") and 1 < indented < len(filled):
        return lambda above, line: not line.startswith(" ")
    width = _wrap_width(lines)

    def goes_on(above: str, line: str) -> bool:
        if not width or line.startswith(" "):
            return False
        # A line was wrapped if the next word had no room on it. Without empty lines this alone tells
        # where a paragraph ends, so it has to be exact; with them it may allow for a ragged margin.
        needed = len(above) + 1 + len(line.split(maxsplit=1)[0])
        wrapped = needed * 4 > width * 3 if spaced else needed > width
        if _PAUSE.search(above[-10:]):
            return wrapped and not BULLET.match(line)
        return wrapped or line[0].islower() or len(above) * 2 > width

    return goes_on


def _wrap_width(lines: list[str]) -> int:
    """The width the text was wrapped at, or 0 if every line is a paragraph."""
    breaks = [above for above, line in pairwise(lines) if above and line and not line.startswith(" ")]
    widths = sorted(len(line) for line in lines if line)
    width = widths[len(widths) * 3 // 4] if breaks else 0
    inside = sum(not _PAUSE.search(above[-10:]) for above in breaks)
    return width if 45 <= width <= 120 and inside * 5 >= len(breaks) * 2 else 0


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _run_together(parts: list[str]) -> str:
    text = parts[0]
    for part in parts[1:]:
        # "well-" and "known" were one word; "short-" and "and" were two.
        split = re.search(r"[^\W\d_]-$", text[-2:]) and re.match(
            r"(?!(?:and|or|to|und|oder|et|ou)\b)[^\W\d_]", part
        )
        text += part if split and part[0].islower() else f" {part}"
    return text
