"""The sample network's files, read and checked: what they say, and where, for messages."""

from __future__ import annotations

import html
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


class SampleError(ValueError):
    """A sample file that cannot be loaded; names the file and the entry in it."""


HOURS = (int, float)

# kind of entry -> what it must say, what it may say
FIELDS: dict[str, tuple[dict, dict]] = {
    "site": (
        {"key": str, "host": str, "name": str, "tagline": str, "legal_text": str,
         "accent": str, "paper": str},
        {"default": bool, "plate": str, "headlines": str, "page": list, "channel": list, "block": list},
    ),
    "page": ({"path": str, "title": str, "content": str}, {}),
    "channel": (
        {"slug": str, "title": str, "kicker": str, "description": str, "links": list, "block": list},
        {"colour": str},
    ),
    "block": (
        {"label": str, "size": int},
        {"channel": str, "tag": str, "site": str, "on_front": bool, "on_stories": bool, "max_age": int,
         "may_repeat": bool, "slot": list},
    ),
    "slot": ({"position": int}, {"story": str, "link": str, "headline": str, "teaser": str, "days": HOURS}),
    "source": (
        {"code": str, "name": str, "credit": str, "copyright_notice": str, "home_page": str,
         "byline_pattern": str, "dateline_pattern": str},
        {"is_public_domain": bool, "archive_allowed": bool, "text_days": int, "sites": list},
    ),
    "links": ({"title": str, "url": str}, {}),
    "author": ({"name": str, "role": str, "biography": str}, {}),
    "place": ({"name": str}, {"country": str, "other_names": list}),
    "story": (
        {"id": str, "headline": str, "source": str, "place": str, "about": list, "age": HOURS, "body": str,
         "tags": list, "slugline": str, "genre": str, "urgency": int},
        {"teaser": str, "byline": str, "also": list, "subjects": list, "links": list, "language": str,
         "channel": str, "state": str, "editors_note": str, "publish_in": HOURS,
         "embargo": HOURS, "relevant": HOURS},
    ),
    "act": (
        {"story": str, "verb": str, "age": HOURS},
        {"kind": str, "note": str, "was": str, "is": str, "added": str, "reason": str, "notice": str,
         "headline": str},
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One table of a file, checked; `where` says which, for messages."""

    where: str
    values: dict

    def __getitem__(self, name: str):
        if name not in self.values:
            raise SampleError(f"{self.where}: it has no {name!r}.")
        return self.values[name]

    def get(self, name: str, default=None):
        return self.values.get(name, default)

    def some(self, *names: str) -> dict:
        """Those of the fields that it has."""
        return {name: self.values[name] for name in names if name in self.values}


@dataclass(frozen=True)
class Sample:
    network: dict[str, list[Entry]]
    pictures: dict[str, str]  # story id -> scene
    captions: dict[str, dict[str, str]]  # scene -> alternative text, caption, credit
    picture_rights: dict[str, float]  # story id -> hours from now on that its picture may be shown
    stories: list[Entry]  # oldest first
    acts: list[Entry]  # oldest first


def read_sample() -> Sample:
    network = _toml(FOLDER / "network.toml")
    specials = _toml(FOLDER / "specials.toml")
    stories = list(entries("story", specials, "specials.toml"))
    acts = list(entries("act", specials, "specials.toml"))
    for file in sorted(FOLDER.glob("*/*.toml")):
        stories += entries("story", _toml(file), f"{file.parent.name}/{file.name}", channel=file.stem)
    _refuse_strangers(stories, network, acts)
    return Sample(
        network={
            kind: list(entries(kind, network, "network.toml"))
            for kind in ("site", "source", "author", "place")
        },
        pictures=network.get("pictures", {}),
        captions=_toml(FOLDER / "pictures.toml"),
        picture_rights=network.get("picture_rights", {}),
        stories=sorted(stories, key=lambda story: -story["age"]),
        acts=sorted(acts, key=lambda act: -act["age"]),
    )


def _refuse_strangers(stories: list[Entry], network: dict, acts: list[Entry]) -> None:
    """Two stories of one id, and pictures and acts of a story that there is not."""
    ids = Counter(story["id"] for story in stories)
    for story in stories:
        if ids[story["id"]] > 1:
            raise SampleError(f"{story.where}: another story has this id.")
    for table in ("pictures", "picture_rights"):
        if unknown := network.get(table, {}).keys() - ids:
            raise SampleError(f"network.toml, {table}: there is no story {min(unknown)}.")
    for act in acts:
        if act["story"] not in ids:
            raise SampleError(f"{act.where}: there is no story {act['story']}.")


def _toml(file: Path) -> dict:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SampleError(f"{file.relative_to(FOLDER)}: {error}") from error


def entries(kind: str, table: dict, where: str, **common) -> Iterator[Entry]:
    """The entries of a kind in a table, each checked to say what it must and nothing unheard of."""
    must, may = FIELDS[kind]
    known = must | may
    for number, values in enumerate(table.get(kind, []), start=1):
        if not isinstance(values, dict):
            raise SampleError(f"{where}: {kind} is not a list of tables, [[{kind}]].")
        names = (values.get(name) for name in ("id", "key", "slug", "label", "code", "name"))
        entry = Entry(f"{where}, {kind} {next(filter(None, names), number)}", common | values)
        for name in must:
            entry[name]  # raises SampleError if it is not there
        for name, value in values.items():
            if name not in known:
                raise SampleError(f"{entry.where}: {name!r} is not a field; there are {', '.join(known)}.")
            if not isinstance(value, known[name]):
                raise SampleError(f"{entry.where}: {name!r} may not be {value!r}.")
        yield entry


def text_html(text: str) -> str:
    """Plain text in paragraphs as HTML; a block that starts with "<" is HTML already."""
    blocks = re.split(r"\n\s*\n", text.strip())
    return "\n".join(
        block if block.startswith("<") else f"<p>{html.escape(block, quote=False)}</p>" for block in blocks
    )
