"""Which stories the desk finds by words: in the search index what is published, by their rows all others."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy

from articles.models import Story
from articles.models.keys import is_key
from articles.search.documents import AROUND
from articles.search.finding import find
from articles.search.queries import parse
from articles.search.words import pieces

MOST_FOUND = 1000
TOO_MANY = gettext_lazy("Very many words begin so: type more of them.")


def with_words(words: str) -> list[int]:
    """Keys of the newest stories with all of the words, with them as their wire id, or with that number.

    Of what is published each is a word of headline, teaser, slugline, byline or tags, or begins one, as
    readers' search has it; what is not, which no index of words holds, has each within headline or slugline.
    Raises TooSlow, where very many words begin so.
    """
    words = words.strip()
    if not words:
        return []
    numbered = [int(words)] if is_key(words) else []
    found = {*_published(words), *_others(words), *_by_wire_id(words)}.difference(numbered)
    return sorted(found, reverse=True)[:MOST_FOUND] + numbered


def _published(words: str) -> list[int]:
    beginnings = " ".join(f"{piece}*" for piece, _is_run in pieces(words))
    query = parse(beginnings, language="").standing(AROUND)
    return [hit.story for hit in find(query, limit=MOST_FOUND)] if query else []


def _others(words: str) -> list[int]:
    """From an index of their own, without their rows; see Story.Meta."""
    named = Q()
    for word in words.split():
        named &= Q(headline__icontains=word) | Q(slugline__icontains=word)
    named |= Q(guid__icontains=words)
    # In a query of its own: to have them in order, SQLite would read the whole table backwards.
    found = Story.objects.order_by().filter(named).exclude(state=Story.State.PUBLISHED).values("pk")
    newest = Story.objects.filter(pk__in=found).order_by("-pk").values_list("pk", flat=True)
    return list(newest[:MOST_FOUND])


def _by_wire_id(words: str) -> list[int]:
    """Only of what may be one: without providers it takes a walk through their index."""
    if " " in words or not any(map(str.isdigit, words)):
        return []
    return list(Story.objects.filter(guid=words).values_list("pk", flat=True))
