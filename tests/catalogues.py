"""The words readers see, and their catalogues in locale/: python -m tests.catalogues

Finds every word that templates and modules of readers' pages mark for gettext, brings the .po files up to
date (new words are left empty, unused ones go) and compiles the .mo files, which are committed: a portal
needs neither this nor any gettext program to run.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
LANGUAGES = ("ar", "es", "fr", "ru", "zh_Hans")  # English is what the words are written in

# The desk speaks English: its modules' words are in no catalogue.
DESK = {
    "admin", "bulk_listing", "curation", "dead_links", "desk_preview", "desk_slots", "desk_story", "filing",
    "front_desk", "fronts", "models", "preview", "remits_desk", "rights",
}  # fmt: skip
READERS_OF_ARTICLES = ("wording.py", "models/genres.py", "models/records.py")
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}


def templates() -> list[Path]:
    return sorted((ROOT / "templates/readers").rglob("*.html"))


def modules() -> list[Path]:
    sections = [*(ROOT / "sections").glob("*.py"), *(ROOT / "sections/templatetags").glob("*.py")]
    return [
        *(path for path in sorted(sections) if path.stem not in DESK),
        *(ROOT / "articles" / name for name in READERS_OF_ARTICLES),
    ]


def marked_words() -> Catalog:
    """What is in the sources, with the files where it stands."""
    found = Catalog(project="newsportal", charset="utf-8")
    for path in [*templates(), *modules()]:
        reader = babel_extract if path.suffix == ".html" else "python"
        place = (str(path.relative_to(ROOT)), 0)
        with path.open("rb") as file:
            for _line, words, _comments, context in extract(reader, file, KEYWORDS):
                found.add(words, locations=[place], context=context)
    return found


def po_file(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES/django.po"


def catalogue(language: str) -> Catalog:
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language)


def is_whole(message: Message) -> bool:
    """Translated, in all its plural forms."""
    given = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(given) and not message.fuzzy


def bring_up_to_date(language: str) -> list[str]:
    """The words that still want a translation."""
    words = catalogue(language)
    words.update(marked_words(), no_fuzzy_matching=True, update_creation_date=False)
    words.obsolete.clear()
    path = po_file(language)
    with path.open("wb") as file:
        write_po(file, words, width=110, include_lineno=False, sort_output=True)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, words)
    return [str(message.id) for message in words if message.id and not is_whole(message)]


def main() -> int:
    wanting = {language: bring_up_to_date(language) for language in LANGUAGES}
    for language, words in wanting.items():
        for word in words:
            print(f"{language}: {word!r} wants a translation", file=sys.stderr)  # noqa: T201
    return 1 if any(wanting.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
