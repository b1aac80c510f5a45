"""What a check gives: how much it looked at, and what is wrong on which page."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

NODE_MODULES = Path(__file__).resolve().parent.parent / "node_modules"


@dataclass(frozen=True, slots=True)
class Finding:
    page: str
    what: str


@dataclass(slots=True)
class Report:
    looked_at: str  # "24 pages"
    findings: list[Finding] = field(default_factory=list)
    remark: str = ""

    def add(self, page: str, what: str) -> None:
        self.findings.append(Finding(page, what))


class ToolMissing(Exception):
    """Something that a check runs is not installed; says how it would be."""


def program(*names: str, debian: str) -> str:
    """Where the first of the programs is that there is."""
    for name in names:
        if path := shutil.which(name):
            return path
    raise ToolMissing(f"{names[0]} is not installed (Debian: apt install {debian})")


def node_module(path: str) -> Path:
    if not (found := NODE_MODULES / path).exists():
        raise ToolMissing(f"{path.split('/')[0]} is not installed (npm install)")
    return found
