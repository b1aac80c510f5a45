"""What a story's received versions, together, say of it. Pure: the order of their arrival plays no part.

The rules are those of the agencies: the newest version stands, by the time the agency gave it and then its
number; a kill is for all versions and for ever; a withheld story is hidden until a newer usable version.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from wires.parse.item import Status

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Received(Generic[Key]):
    """A version: `key` is whatever the caller knows it by; `arrived` only parts versions without a time."""

    key: Key
    status: Status
    version_created: datetime
    version: str = ""
    arrived: int = 0


@dataclass(frozen=True, slots=True)
class Verdict(Generic[Key]):
    """`newest` is the usable version that the story should show, if it is to show any.

    `reopens` is a usable version newer than a kill: only an editor may bring the story back with it.
    """

    is_killed: bool = False
    is_withheld: bool = False
    newest: Key | None = None
    reopens: Key | None = None


def verdict(versions: Iterable[Received[Key]]) -> Verdict[Key]:
    ordered = sorted(versions, key=order)
    kills = [version for version in ordered if version.status == Status.CANCELED]
    usable = [version for version in ordered if version.status == Status.USABLE]
    if kills:
        later = [version for version in usable if order(version) > order(kills[-1])]
        return Verdict(is_killed=True, reopens=later[-1].key if later else None)
    if not ordered:
        return Verdict()
    newest = usable[-1].key if usable else None
    return Verdict(is_withheld=ordered[-1].status == Status.WITHHELD, newest=newest)


def order(version: Received) -> tuple[datetime, int, int, int]:
    """By time, then number; of two of the same instant and number, what stops a story stands last."""
    stops = (Status.USABLE, Status.WITHHELD, Status.CANCELED).index(version.status)
    digits = re.findall(r"\d{1,18}", version.version)
    return version.version_created, int(digits[-1]) if digits else 0, stops, version.arrived
