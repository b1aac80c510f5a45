"""Words as they are looked for: without case and accents, in any script. Pure: text in, words out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from threading import Lock

import regex
import Stemmer

LONGEST = 40  # letters of a word; what is longer is cut, in the index and in what is looked for
MOST_KEPT = 20_000  # words, which are most of a text; some 10 MB

# Scripts that put no space between words. Their text is found by pairs of neighbouring letters.
_UNSPACED = (
    r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}"
    r"\p{Script=Khmer}\p{Script=Myanmar}ー]"
)
# Letters with their marks, and digits. Apostrophes, hyphens and full stops part words: "l'eau", "covid-19"
# and "U.S." are two each.
_WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}]*+")
_PIECE = regex.compile(rf"((?:{_UNSPACED}\p{{M}}*)+)|((?:(?!{_UNSPACED})[\p{{L}}\p{{N}}]\p{{M}}*)+)")

# Letters that Unicode does not take apart into a plain one and a mark.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})

# Languages whose inflections are known, by their primary subtag.
_STEMMED = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque",
    "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish",
    "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian",
    "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian",
    "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_stemmers: dict[str, Stemmer.Stemmer] = {}
_one_at_a_time = Lock()  # a stemmer keeps the word that it works on


def fold(word: str) -> str:
    """Without case, accents and compatibility forms."""
    return word.lower()[:LONGEST] if word.isascii() else _fold(word)


@lru_cache(maxsize=MOST_KEPT)
def _fold(word: str) -> str:
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(_PLAIN)
    return unicodedata.normalize("NFC", plain)[:LONGEST]


@lru_cache(maxsize=MOST_KEPT)
def stem(word: str, language: str) -> str:
    """What the inflections of a word have in common, folded; the folded word where the language has no
    known ones."""
    name = _STEMMED.get(language)
    if name is None or len(word) > LONGEST:
        return fold(word)
    with _one_at_a_time:
        if name not in _stemmers:
            _stemmers[name] = Stemmer.Stemmer(name, 0)  # what it gave is kept here, folded
        return fold(_stemmers[name].stemWord(unicodedata.normalize("NFC", word).lower()))


def primary(language: str) -> str:
    """The primary subtag of a BCP 47 language tag; of anything else letters at most."""
    return "".join(filter(str.isalnum, language.partition("-")[0]))[:8].lower()


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The words of a text as they stand there, and whether one is a run of a script without spaces."""
    for whole in wholes(text):
        if whole.isascii():
            yield whole, False
        else:
            for run, word in _PIECE.findall(whole):
                yield run or word, bool(run)


def wholes(text: str) -> list[str]:
    """What stands together: words, and runs of scripts without spaces with words beside them."""
    return _WORD.findall(text)


def starts(text: str) -> Iterator[int]:
    """Where the wholes begin."""
    return (found.start() for found in _WORD.finditer(text))


def located(whole: str) -> Iterator[tuple[int, int, bool]]:
    """The pieces of a whole, by where they begin and end."""
    for found in _PIECE.finditer(whole):
        yield *found.span(), found[1] is not None


def pairs(run: str) -> list[str]:
    """Of neighbouring letters, and the last letter alone, so that each letter begins one of them."""
    return [run[start : start + 2] for start in range(len(run))]
