"""Made-up words and sentences that are distributed as those of a language are (Zipf). No Django in here."""

from __future__ import annotations

from itertools import accumulate
from random import Random

COMMON = [
    "the", "of", "to", "in", "and", "a", "for", "that", "was", "on", "with", "at", "by", "from",
    "as", "it", "is", "were", "after", "its", "has", "be", "over", "an", "said", "new", "than",
    "between", "which", "will", "two", "who", "year", "not", "but", "more", "been", "first",
    "their", "had", "city", "would", "under", "port", "three", "people", "last", "water", "into",
    "officials", "before", "against", "week", "about", "this", "ship", "plan", "across", "during",
    "court", "report", "council", "river", "harbour", "minister", "group", "state", "budget",
    "storm", "power", "police", "week", "line", "market", "season", "test", "launch", "talks",
    "border",
]  # fmt: skip
_ONSETS = [
    "b", "br", "c", "ch", "cl", "d", "dr", "f", "fl", "g", "gl", "h", "j", "k", "l", "m", "n", "p",
    "pl", "qu", "r", "s", "sh", "st", "t", "th", "tr", "v", "w", "y", "z",
]  # fmt: skip
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ee", "ie", "oa", "ou"]
_CODAS = ["", "", "", "l", "m", "n", "nd", "r", "rd", "s", "st", "t", "x"]


class Zipf:
    """Draws from a sequence, the n-th about 1/n as often as the first."""

    def __init__(self, values: list) -> None:
        self.values = values
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(values))))

    def draw(self, random: Random, number: int) -> list:
        return random.choices(self.values, cum_weights=self._weights, k=number)


def vocabulary(size: int, random: Random) -> list[str]:
    """Different words, the commonest first."""
    words = dict.fromkeys(COMMON)
    while len(words) < size:
        syllables = random.choices((1, 2, 3), (2, 5, 3))[0]
        word = "".join(random.choice(_ONSETS) + random.choice(_VOWELS) for _ in range(syllables))
        words[word + random.choice(_CODAS)] = None
    return list(words)[:size]


class Prose:
    """Sentences and texts; most sentences from a stock, for speed, and in each text rare words of its own."""

    def __init__(self, random: Random, *, words: int = 60_000, stock: int = 20_000) -> None:
        self.random = random
        self.vocabulary = vocabulary(words, random)
        self._common = Zipf(self.vocabulary)
        self._stock = [self._sentence(random.randint(8, 26)) for _ in range(stock)]

    def headline(self) -> str:
        return " ".join(self._common.draw(self.random, self.random.randint(5, 9))).capitalize()

    def sentence(self) -> str:
        return self.random.choice(self._stock)

    def text(self) -> list[str]:
        """The paragraphs of a story of 300 to 600 words."""
        left, paragraphs = self.random.randint(300, 600), []
        while left > 0:
            sentences = self.random.choices(self._stock, k=self.random.randint(1, 3))
            if not paragraphs:
                sentences.append(self._sentence(12, rare=5))
            paragraph = " ".join(sentences)
            left -= paragraph.count(" ") + 1
            paragraphs.append(paragraph)
        return paragraphs

    def _sentence(self, length: int, rare: int = 0) -> str:
        words = self._common.draw(self.random, length - rare) + self.random.choices(self.vocabulary, k=rare)
        return " ".join(words).capitalize() + "."
