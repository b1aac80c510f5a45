"""IPTC Media Topics: what a code means and which topics are broader."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from django.core.exceptions import ValidationError

_CODE = re.compile(r"(?:medtop:|https?://cv\.iptc\.org/newscodes/mediatopic/)?([0-9]{8})/?", re.IGNORECASE)


@cache
def _topics() -> dict[str, tuple[str, str, bool]]:
    """Code -> name, broader code, whether it is retired; read once."""
    return json.loads((Path(__file__).parent / "vocab" / "mediatopics.json").read_text("utf-8"))


def topic_code(written: str) -> str:
    """A code as stories' subjects hold it, medtop:20000601, however it is written; raises ValidationError."""
    match = _CODE.fullmatch(written.strip())
    if not match or match[1] not in _topics():
        raise ValidationError(
            f"“{written[:60]}” is no Media Topic that is known here: write its code, as medtop:20000601."
        )
    return f"medtop:{match[1]}"


def topic_name(code: str) -> str:
    """What it is called, in English; nothing for a code that is not known."""
    name, _broader, retired = _topics().get(code.removeprefix("medtop:"), ("", "", False))
    return f"{name} (retired)" if retired else name


def broader_topics(code: str) -> list[str]:
    """Those above a topic, the nearest first."""
    found: list[str] = []
    number = code.removeprefix("medtop:")
    while (number := _topics().get(number, ("", "", False))[1]) and f"medtop:{number}" not in found:
        found.append(f"medtop:{number}")
    return found
