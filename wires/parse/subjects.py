"""Subject codes of the IPTC: what an item is about, in the retired and in the living vocabulary."""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from wires.parse.text import unique

_CODE = re.compile(r"[0-9]{8}")
_URI = re.compile(r"https?://cv\.iptc\.org/newscodes/(subjectcode|mediatopic)/([0-9]{8})/?", re.IGNORECASE)
_SUBJECT_SCHEMES = frozenset({"subj", "subjectcode", "iptc", "iptc_subject_code", "iptcsubjectcodes"})
_TOPIC_SCHEMES = frozenset({"medtop", "mediatopic", "mediatopics", "iptcmediatopics"})


@cache
def _topics() -> dict[str, str]:
    return json.loads((Path(__file__).parent / "vocab" / "subjectcodes_to_medtop.json").read_text("utf-8"))


def map_subject(code: str) -> str:
    """The Media Topic of a subject code, "subj:11001000" -> "medtop:20000598"; "" for any other code.

    Only "subj:" codes are IPTC subject codes: a provider's own may have eight digits as well.
    """
    scheme, _, number = code.rpartition(":")
    topic = _topics().get(number, "") if scheme == "subj" else ""
    return f"medtop:{topic}" if topic else ""


def subject_code(code: str, scheme: str = "") -> str:
    """A code as WireItem.subjects holds it: "scheme:code", IPTC's own schemes under "subj" and "medtop".

    Without a scheme eight digits are IPTC's: 01 to 17 are subject codes, 2... are Media Topics.
    """
    code = code.strip()
    if match := _URI.fullmatch(code):
        return f"{'subj' if match[1].lower() == 'subjectcode' else 'medtop'}:{match[2]}"
    if not scheme and (":" in code or not code):
        return code
    name = scheme.strip().rstrip("/").rpartition("/")[2].lower()
    if _CODE.fullmatch(code):
        if name in _TOPIC_SCHEMES or (not name and code.startswith("2")):
            return f"medtop:{code}"
        if not name or name in _SUBJECT_SCHEMES:
            return f"subj:{code}"
    return f"{scheme.strip() or 'local'}:{code}"


def with_topics(codes: Iterable[str]) -> tuple[str, ...]:
    """The codes as sent, and the Media Topics that their subject codes stand for; each once."""
    codes = unique(list(codes))
    return unique([*codes, *map(map_subject, codes)])
