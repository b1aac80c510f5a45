"""Tags and places that a story may be about, from its subjects and its words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value

from articles.markup import plain_text
from articles.media_topics import broader_topics, topic_name
from articles.models import Place, PlaceName, Story, Tag, TaggedStory, TagName
from articles.models.names import folded_words

MOST = 12  # of each
LONGEST_NAME = 4  # in words
WORDS_OF_BODY = 600  # what a story is about stands at its top


@dataclass(frozen=True, slots=True)
class Suggestion:
    key: int
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    tags: list[Suggestion]
    places: list[Suggestion]


def suggestions(story: Story, has: Iterable[Tag | Place] = ()) -> Suggestions:
    """Tags in use and known places, the likeliest first, without those that the story `has`.

    One query, whatever the number of tags: it asks for the names that the text could hold.
    """
    texts = {
        "in the dateline": story.dateline_place,
        "in the headline": story.headline,
        "in the teaser": story.teaser,
        "in the text": " ".join(plain_text(story.body).split()[:WORDS_OF_BODY]),
    }
    where: dict[str, str] = {}
    for part, text in texts.items():
        for phrase in phrases(text):
            where.setdefault(phrase, part)
    topics = _topics(story.subjects)
    words = set(re.findall(r"\w+", " ".join(texts.values())))
    known = {(type(row), row.pk) for row in has}
    found: dict[type, dict[int, tuple]] = {Tag: {}, Place: {}}
    for kind, key, name, country, written, folded, topic in _named(list(where), list(topics)):
        model = Place if kind == "place" else Tag
        part = where.get(folded, "")
        # "US" is not "us": initials stand in a text as they are written.
        if part and written.isalpha() and written.isupper() and written not in words:
            part = ""
        if topic in topics:
            above, why = topics[topic]
            order = (2 if above else 0, above)
        if part and (topic not in topics or order > (1, 0)):
            order, why = (1, list(texts).index(part), -len(folded.split())), part
        elif topic not in topics:
            continue
        if (model, key) not in known and (model is Place or why != "in the dateline"):
            shown = ", ".join(filter(None, [name, country]))
            found[model][key] = min((order, shown, why), found[model].get(key, ((9,),)))
    return Suggestions(*(_likeliest(rows) for rows in found.values()))


def suggestions_for(story: Story, form) -> Suggestions:
    """For a form of the story, whose initial values are what it has; no further query."""
    return suggestions(story, chain(*(form.initial.get(name) or () for name in ("tags", "places"))))


def _likeliest(rows: dict[int, tuple]) -> list[Suggestion]:
    best = sorted((order, name, key, why) for key, (order, name, why) in rows.items())
    return [Suggestion(key, name, why) for _order, name, key, why in best[:MOST]]


def phrases(text: str) -> set[str]:
    """What of a text could be a name: one word to a few, but no single letter."""
    words = folded_words(text)
    runs = (zip(*(words[at:] for at in range(length)), strict=False) for length in range(1, LONGEST_NAME + 1))
    return {" ".join(run) for run in chain(*runs) if len(run) > 1 or len(run[0]) > 1}


def _topics(subjects: list) -> dict[str, tuple[int, str]]:
    """Media Topics of the story and those above them: how far above, and why in words."""
    topics: dict[str, tuple[int, str]] = {}
    codes = [str(code) for code in subjects if str(code).startswith("medtop:")]
    for code in codes:
        topics[code] = (0, f"subject {code} {topic_name(code)}".strip())
    for code in codes:
        for steps, above in enumerate(broader_topics(code), start=1):
            topics.setdefault(above, (steps, f"above its subject {topic_name(code)}"))
    return topics


def _named(names: list[str], topics: list[str]) -> QuerySet:
    """Of tags and places: kind, key, name, country, the name that matched, its folded form, topic."""
    nothing = _text("")
    used, used_otherwise = (
        Exists(TaggedStory.objects.filter(tag=OuterRef(tag)).order_by()) for tag in ("pk", "of")
    )
    tags = Tag.objects.filter(Q(folded__in=names) | Q(topic__in=topics), used)
    tag_names = TagName.objects.filter(used_otherwise, folded__in=names)
    places, place_names = (model.objects.filter(folded__in=names) for model in (Place, PlaceName))
    arms = [
        (tags, _text("tag"), "pk", "name", nothing, F("topic")),
        (tag_names, _text("tag"), "of", "of__name", nothing, nothing),
        (places, _text("place"), "pk", "name", "country", nothing),
        (place_names, _text("place"), "of", "of__name", "of__country", nothing),
    ]
    selects = [rows.order_by().values_list(*own, F("name"), F("folded"), topic) for rows, *own, topic in arms]
    return selects[0].union(*selects[1:], all=True)


def _text(words: str) -> Value:
    return Value(words, output_field=CharField())
