"""Every word that readers see is in every language of the portal."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from tests.catalogues import (
    KEYWORDS,
    LANGUAGES,
    LOCALE,
    ROOT,
    catalogue,
    is_whole,
    marked_words,
    modules,
    po_file,
    templates,
)

PLACEHOLDER = re.compile(r"%\(\w+\)s|%s")
# Names and units that are the same in all languages.
NAMES = re.compile(
    r"\b(?:RSS|Atom|JSON Feed|UTC|X|Bluesky|Mastodon|Facebook|LinkedIn|WhatsApp|ninjs|40[034]|500)\b|&\w+;"
)


@pytest.fixture(scope="module")
def marked():
    return marked_words()


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request):
    return request.param


def test_every_word_of_readers_pages_is_translated(marked, language):
    given = catalogue(language)
    missing = [
        word.id
        for word in marked
        if word.id and not ((found := given.get(word.id, word.context)) and is_whole(found))
    ]
    assert not missing, f"run python -m tests.catalogues and translate into {language}: {missing}"


@pytest.mark.parametrize("module", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_words_are_marked_within_an_f_string_where_older_pythons_find_none(module):
    """Before 3.12 an f-string is one token to who looks for marked words."""
    strings = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.JoinedStr)]
    calls = [node for string in strings for node in ast.walk(string) if isinstance(node, ast.Call)]
    assert not [ast.unparse(call) for call in calls if getattr(call.func, "id", "") in KEYWORDS]


def test_no_catalogue_keeps_words_that_no_page_has(marked, language):
    unused = [word.id for word in catalogue(language) if word.id and not marked.get(word.id, word.context)]
    assert not unused, "run python -m tests.catalogues"


def test_translations_fill_in_what_their_words_fill_in(language):
    for word in catalogue(language):
        if not word.id:
            continue
        if word.pluralizable:
            asked, given = (
                set(PLACEHOLDER.findall(word.id[1])),
                [set(PLACEHOLDER.findall(s)) for s in word.string],
            )
            assert given[-1] == asked, word.id
            assert all(form <= asked for form in given), word.id
        else:
            assert sorted(PLACEHOLDER.findall(word.string)) == sorted(PLACEHOLDER.findall(word.id)), word.id


def test_plural_forms_are_all_those_of_the_language(language):
    wanted = {"ar": 6, "es": 2, "fr": 2, "ru": 3, "zh_Hans": 1}[language]
    plurals = [word for word in catalogue(language) if word.pluralizable]
    assert plurals
    assert all(len(word.string) == wanted for word in plurals)


def test_what_is_compiled_is_what_was_translated(language):
    with po_file(language).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for word in catalogue(language):
        if word.pluralizable:
            forms = {compiled.npgettext(word.context, *word.id, n) if word.context else
                     compiled.ngettext(*word.id, n) for n in range(200)}  # fmt: skip
            assert forms == set(word.string)
        elif word.id:
            said = compiled.pgettext(word.context, word.id) if word.context else compiled.gettext(word.id)
            assert said == word.string, "run python -m tests.catalogues"


def test_sites_are_offered_just_the_languages_that_have_a_catalogue():
    offered = {translation.to_locale(code) for code, _name in settings.LANGUAGES} - {"en"}
    assert offered == set(LANGUAGES) == {path.name for path in LOCALE.iterdir()}


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_templates_hold_no_words_that_are_not_marked(path: Path):
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"{#.*?#}", "", text, flags=re.DOTALL)
    text = re.sub(r"{% trans\b.*?{% endtrans %}", "", text, flags=re.DOTALL)
    text = re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.DOTALL)
    spoken = re.findall(r'\s(?:alt|title|aria-label|placeholder|data-done)="([^"]*)"', text)
    words = " ".join([*spoken, re.sub(r"<[^>]*>", " ", text)])
    assert not re.findall(r"[^\W\d_]{2,}", NAMES.sub("", words)), path.relative_to(ROOT)
