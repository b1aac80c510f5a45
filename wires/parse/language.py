"""Language tags as agencies write them, to BCP 47."""

import re

from wires.parse.text import tidy

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,4}")
# What is sent in the place of the two letters that BCP 47 asks for: ISO 639-2 codes and names.
_NAMES = {
    word: code
    for code, words in {
        "ar": "ara arabic",
        "cs": "ces cze czech",
        "da": "dan danish",
        "de": "deu ger german deutsch",
        "el": "ell gre greek",
        "en": "eng english",
        "es": "spa spanish español",
        "fa": "fas per persian",
        "fi": "fin finnish",
        "fr": "fra fre french français",
        "he": "heb hebrew iw",
        "hi": "hin hindi",
        "hu": "hun hungarian",
        "id": "ind indonesian in",
        "it": "ita italian italiano",
        "ja": "jpn japanese",
        "ko": "kor korean",
        "nl": "nld dut dutch nederlands",
        "no": "nor norwegian",
        "pl": "pol polish",
        "pt": "por portuguese português",
        "ru": "rus russian",
        "sv": "swe swedish",
        "tr": "tur turkish",
        "uk": "ukr ukrainian",
        "zh": "zho chi chinese",
    }.items()
    for word in words.split()
}


def read_language(raw: str | None) -> str:
    """ "IT-it" -> "it-IT", "en_US" -> "en-US", "zh-hans" -> "zh-Hans"; "" for what is no language."""
    text = tidy(raw)
    if text.lower() in _NAMES:
        return _NAMES[text.lower()]
    if not _TAG.fullmatch(text):
        return ""
    language, *rest = text.replace("_", "-").split("-")
    language = _NAMES.get(language.lower(), language.lower())
    return "" if language == "und" else "-".join([language, *map(_subtag, rest)])


def _subtag(text: str) -> str:
    if len(text) == 2:
        return text.upper()
    return text.title() if len(text) == 4 and text.isalpha() else text.lower()
