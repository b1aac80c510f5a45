"""What agencies put before and behind the words of a story: notes, byline, dateline, sign-off."""

import datetime
import re
from dataclasses import dataclass, field

from articles.datelines import Dateline, split_dateline
from wires.parse.blocks import Block, cut
from wires.parse.text import tidy, words

# Words that are small inside a byline: "Ann Lee and Max van der Moss".
_SMALL = words(
    "a agencies agency and at bin correspondent correspondents da de del della den der di dos dpa du e "
    "editor el et for from ibn in la le mit of our reporter reporters staff the und van von with writer "
    "writers y af av door och og"
)
_NO_NAMES = words(
    "all any both design far january february march april may june july august september october november "
    "december monday tuesday wednesday thursday friday saturday sunday some that the then there this now "
    "early late mid midnight noon"
)
_BY = re.compile(r"(?P<by>by|von|par|por|door|di|av|af)\b:?\s+(?P<who>\S.{0,118}?)\s*=?", re.IGNORECASE)
_DESK = re.compile(
    r"[^.,:;!?]{0,50}\b(?:press|writer|correspondent|reporter|editor|agency|staff)s?\s*=?", re.IGNORECASE
)
_NOTE = re.compile(
    r"\(?(?:eds?\.?|editors|attention:? editors|notes? to editors)\s{0,3}[:=]\s?.+"
    r"|\((?:adds|updates|updating|recasts|refiles|corrects|repeats|rewrites|removes|fixes|clarifies|changes"
    r"|edits|releads|writes through)\b[^.]{0,300}\)"
    r"|n i e u w bericht\b.{0,200}",  # ANP: "N i e u w bericht, vervangt: ..."
    re.IGNORECASE | re.DOTALL,
)
# Further down; "Ed:" there is somebody who speaks. In two brackets Reuters gives its desk's addresses.
_NOTE_WITHIN = re.compile(
    r"\(?(?:eds\.?|attention:? editors|notes? to editors)\s{0,3}[:=]\s?.+|\(\([^()]{3,400}\)\)",
    re.IGNORECASE | re.DOTALL,
)
_BULLET = re.compile(r"[*•·▪–—-]+\s")
_RULE = re.compile(r"(?:[_*=–—-]\s?){3,40}")
_SIGN_OFF = re.compile(r"[\w./=()\\ -]{2,24}")
_ADDRESS = re.compile(r"\w\.[a-z]{2,}|://", re.IGNORECASE)
# As they sign: "AAP RTV ar", "dpa sza yybb n1 gth".
_AGENCIES = words(
    "AAP AFP ANI ANP ANSA AP APA ATS Belga BELGA BTA CTK DPA dpa EFE Efe HINA Hina IANS JIJI Jiji KCNA "
    "Kyodo KYODO LUSA Lusa MTI NTB PA PAP PTI Reuters REUTERS Ritzau RITZAU SAPA SDA sda SID STT TASS TT UPI "
    "Xinhua XINHUA"
)
_KNOWN = re.compile(
    rf"\(?(?:{'|'.join(sorted(_AGENCIES))})\)?"
    r"(?: (?!(?:is|was|has|had|and|the|in|on|of|to|at|by|for|it|not)\b)(?:[a-z0-9]{1,4}|[A-Z]{2,4})){0,6}"
    r"|={1,2} ?\w{2,15}|AP-[A-Z]{2}-[0-9-]{6,10} [0-9]{4}GMT<?"
    r"|[-–—(/#]{0,3} ?(?i:ends?|30|fin|ende|more|###)\.? ?[-–—)/#]{0,3}"
)
# How far down the parts over a story are looked for, and behind how many paragraphs of its text.
_TOP = 12
_TEASERS = 3


@dataclass
class Ends:
    """What was taken off the blocks, and off which ends."""

    byline: str = ""
    dateline: Dateline | None = None
    sign_off: str = ""
    notes: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)


def take_ends(blocks: list[Block], today: datetime.date | None) -> tuple[list[Block], Ends]:
    """The blocks without their ends, and those. The only text of a body is never taken for an end."""
    ends = Ends()
    blocks = _take_bottom(_take_top(list(blocks), ends, today), ends)
    blocks = [block for block in blocks if not _take_note(block, ends, is_only=len(blocks) == 1)]
    return _with_rules(blocks, ends), ends


def _take_top(blocks: list[Block], ends: Ends, today: datetime.date | None) -> list[Block]:
    kept: list[Block] = []
    read = 0  # paragraphs of the story seen so far
    for n, block in enumerate(blocks[:_TOP]):
        if not is_paragraph(block):
            kept.append(block)
            continue
        text = tidy(block.text)
        is_last = n + 1 == len(blocks)
        if not is_last and _take_line(text, ends, is_top=read < 2):
            continue
        found = not ends.dateline and _take_dateline(block, ends, today, is_last=is_last)
        if block.pieces:
            kept.append(block)
            read += not _BULLET.match(text)
        if (found and block.pieces) or read >= _TEASERS:
            return kept + blocks[n + 1 :]
    return kept + blocks[_TOP:]


def is_paragraph(block: Block) -> bool:
    return not block.markup and block.tag == "p"


def _take_line(text: str, ends: Ends, *, is_top: bool) -> bool:
    """Whether a paragraph is a note or a byline and nothing else; then it is taken."""
    if _NOTE.fullmatch(text):
        ends.notes.append(text)
    elif is_top and not ends.byline and read_byline(text):
        ends.byline = read_byline(text)
    elif is_top and ends.byline and ends.taken and read_byline(ends.taken[-1]) and _is_desk(text):
        ends.byline += f", {text.rstrip(' =')}"
    else:
        return False
    ends.taken.append(text)
    return True


def _take_note(block: Block, ends: Ends, *, is_only: bool) -> bool:
    """Whether a paragraph of the text speaks to editors; then it is taken."""
    text = tidy(block.text)
    if is_only or not is_paragraph(block) or not _NOTE_WITHIN.fullmatch(text):
        return False
    ends.notes.append(text)
    ends.taken.append(text)
    return True


def read_byline(text: str) -> str:
    """Who wrote it, if a line is a byline and nothing else: "By Ann Lee, Science Editor"; else ""."""
    match = _BY.fullmatch(tidy(text))
    if not match:
        return ""
    who = match["who"]
    names = who.partition(",")[0].split()
    ends_well = who[-1] not in ".?!:;" or who.endswith(("Jr.", "Sr."))
    if not names or len(who.split()) > 14 or not ends_well or not _are_names(names):
        return ""
    # "By Reuters" is a byline, "Von Berlin" is none.
    return who if match["by"].lower() == "by" or len(names) > 1 else ""


def _are_names(words: list[str]) -> bool:
    if words[0].lower() in _NO_NAMES or not words[0][0].isalpha():
        return False
    return all(not word.islower() or word in _SMALL for word in words)


def _is_desk(text: str) -> bool:
    """The agency or the post of a writer, on a line of its own under the name."""
    words = text.split()
    return len(words) < 7 and bool(_DESK.fullmatch(text)) and _are_names(words)


def _take_dateline(block: Block, ends: Ends, today: datetime.date | None, *, is_last: bool) -> bool:
    text = block.text
    dateline, rest = split_dateline(text, today=today)
    if not dateline or (is_last and not rest.strip()):
        return False
    length = len(text) - len(rest)
    ends.dateline = dateline
    ends.taken.append(text[:length])
    cut(block, length)
    return True


def _take_bottom(blocks: list[Block], ends: Ends) -> list[Block]:
    signs: list[str] = []
    while len(blocks) > 1 and len(signs) < 4 and is_paragraph(blocks[-1]):
        text = tidy(blocks[-1].text)
        if not is_sign_off(text):
            break
        signs.insert(0, text)
        blocks = blocks[:-1]
    ends.sign_off = " ".join(signs)
    ends.taken.extend(signs)
    return blocks


def is_sign_off(text: str) -> bool:
    """Whether a line is the initials of a desk or a known end mark; never a sentence."""
    return bool(_KNOWN.fullmatch(text)) or are_initials(text)


def are_initials(text: str) -> bool:
    """The desk's, "hh/ph/ts", with slashes between them."""
    if not _SIGN_OFF.fullmatch(text) or "/" not in text or _ADDRESS.search(text):
        return False
    initials = [part.strip(" ()=.") for part in text.split("/")]
    is_short = all(len(part) <= 10 and part.count(" ") < 2 for part in initials)
    return is_short and any(part.isalpha() for part in initials)


def _with_rules(blocks: list[Block], ends: Ends) -> list[Block]:
    """AP's "___" as <hr> between paragraphs, and nowhere else."""
    ruled: list[Block] = []
    for block in blocks:
        text = block.text.strip()
        is_rule = is_paragraph(block) and bool(_RULE.fullmatch(text))
        if is_rule:
            ends.taken.append(text)
        if not is_rule and block.tag != "hr":
            ruled.append(block)
        elif ruled and ruled[-1].tag != "hr":
            ruled.append(Block("hr", markup="<hr>"))
    while ruled and ruled[-1].tag == "hr":
        ruled.pop()
    return ruled
