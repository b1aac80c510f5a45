"""How a wire item becomes the content of a story: which fields it writes, where the story goes."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise

from django.db.models import Q, QuerySet

from articles.bylines import names_in
from articles.datelines import Dateline
from articles.markup import plain_text
from articles.models import Author, Parts, Place, RelatedLink, Source, Story, Tag
from articles.models.names import LONGEST, normal_form
from wires.known import Known
from wires.models import Feed, Likeness, Rule, WireStory
from wires.parse.item import WireItem
from wires.parse.text import shorten

# What the wire writes, by the names that an editor sees. The rest of a story is the editors' alone.
FIELDS = (
    "headline", "slugline", "body", "byline", "dateline_place", "dateline_credit", "dateline_date",
    "dateline_raw", "source", "language", "urgency", "genre", "subjects", "editors_note", "embargo_until",
    "rights_until", "wire_version",
)  # fmt: skip


def values_of(item: WireItem, source: Source | None = None) -> dict:
    """A story's fields as the item has them."""
    given = Dateline(
        item.dateline_place[:120], item.dateline_credit[:60], item.dateline_date, item.dateline_text[:200]
    )
    return {
        "headline": item.headline[:300],
        "slugline": item.slugline[:120],
        "body": item.body_html,
        "byline": item.byline[:200],
        "dateline_place": given.place,
        "dateline_credit": given.credit,
        "dateline_date": given.date,
        "dateline_raw": given.raw,
        "source": source,
        "language": item.language or "en",
        "urgency": item.urgency if item.urgency in range(1, 10) else 5,
        "genre": item.genre if item.genre in Story.Genre.values else Story.Genre.ARTICLE,
        "subjects": list(item.subjects),
        "editors_note": "\n".join(filter(None, [item.hold, *item.editors_notes])),
        "embargo_until": item.embargo_until,
        "rights_until": item.expires,
        "wire_version": item.version[:60],
    }


def write_story(story: Story, item: WireItem, known: Known, fields: Iterable[str] | None = None) -> None:
    """Sets the fields on the instance; saving it is the caller's act."""
    wanted = FIELDS if fields is None else set(fields)
    source = _source(item, None, known) if "source" in wanted else None
    for name, value in values_of(item, source or story.source).items():
        if name in wanted:
            setattr(story, name, value)


def draft_from(item: WireItem, feed: Feed | None) -> Story:
    """A new draft with all that belongs to it, in its channels."""
    known = Known()
    goal = destination(item, feed, rules_of(feed))
    story, parts = new_story(item, feed, goal, known)
    story.save()
    parts.store(story)
    return story


def new_story(item: WireItem, feed: Feed | None, goal: Destination, known: Known) -> tuple[Story, Parts]:
    """A story with its parts and channels, not stored yet; sources, places and tags that are new are."""
    source = _source(item, feed, known)
    story = Story(provider=item.provider[:120], guid=item.guid[:300], **values_of(item, source))
    story.located, places = _places(item, known)
    names, tags = tuple(names_in(item.byline)), tuple(goal.tags)
    parts = Parts(
        tags=known.once(("tags", tags), lambda: Tag.objects.named_or_new(tags)) if tags else [],
        authors=known.once(("authors", names), lambda: Author.objects.named(names)) if names else [],
        places=places,
        links=[
            RelatedLink(position=position, title=link.title[:200], url=link.url[:500])
            for position, link in enumerate(item.links)
            if link.title and link.url.startswith(("http://", "https://"))
        ],
        listings=_listings(goal.channels),
    )
    return story, parts


def _listings(channels: list) -> list:
    """In these channels, the first of them its primary one."""
    listing = Story.listings.rel.related_model
    return [listing(channel=channel, primary=number == 0) for number, channel in enumerate(channels)]


def _places(item: WireItem, known: Known) -> tuple[Place | None, list[Place]]:
    """Where it was filed, if that place is known; what it is about, made if new. One to three queries."""
    names = tuple(dict.fromkeys(name[:120] for name in item.places[:20]))

    def look_up() -> tuple[Place | None, list[Place]]:
        found = Place.objects.by_name([*names, item.dateline_place])
        located = found.get(normal_form(item.dateline_place))
        if item.dateline_place and not located:
            located = Place.objects.filter(name=item.dateline_place).first()  # in whichever country
        about = (
            found.get(normal_form(name)[:LONGEST]) or Place.objects.get_or_create(name=name, country="")[0]
            for name in names
        )
        return located, list(dict.fromkeys(about))

    if not names and not item.dateline_place:
        return None, []
    return known.once(("places", names, item.dateline_place), look_up)


def _source(item: WireItem, feed: Feed | None, known: Known) -> Source | None:
    """By the names that the item gives it; the feed's own if it gives none; made if it is new."""
    names = (item.dateline_credit, item.source, item.credit)
    if feed and feed.source:
        return known.once(("source", names), lambda: Source.objects.named(*names)) or feed.source
    return known.once(("new source", names), lambda: Source.objects.named_or_new(*names))


def content_of(story: Story | None) -> dict:
    """What the wire writes, and the state, as they are in memory."""
    return {name: getattr(story, name) for name in ("state", *FIELDS)} if story else {}


def changes(before: dict, after: dict) -> list[str]:
    """What became of a story, a line a field, for people; of long texts only how much."""
    lines = []
    for name in after if before else ():
        old, new = before[name], after[name]
        if old == new:
            continue
        if name == "body":
            gone, come = Counter(plain_text(old).split()), Counter(plain_text(new).split())
            lines.append(f"body: {(gone - come).total()} words out, {(come - gone).total()} words in")
        else:
            lines.append(f"{name}: {shorten(str(old), 80) or '-'} -> {shorten(str(new), 80) or '-'}")
    return lines


def content_digest(story: Story) -> str:
    """Of what the wire writes, so that an editor's change shows."""
    names = ("source_id" if name == "source" else name for name in FIELDS if name != "wire_version")
    values = [str(getattr(story, name)) for name in names]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def is_edited(wire_story: WireStory) -> bool:
    """Whether somebody changed the story since the wire last wrote it, also where readers do not see it
    yet. Publishing it is no change. No query if `story.working_copy` is loaded."""
    story = wire_story.story
    return content_digest(story) != wire_story.written or hasattr(story, "working_copy")


# -- Where it goes ---------------------------------------------------------------


@dataclass
class Destination:
    channels: list = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    publish: bool = False


def destination(item: WireItem, feed: Feed | None, rules: Iterable[Rule]) -> Destination:
    """Channels (the first is the primary one), tags, and whether it is published at once."""
    if feed is None:
        return Destination()
    goal = Destination(publish=feed.publish and not item.hold and not item.is_advisory)
    for rule in rules:
        if not matches(rule, item):
            continue
        if rule.channel and rule.channel not in goal.channels:
            goal.channels.append(rule.channel)
        goal.tags += [tag.strip() for tag in rule.tags.split(",") if tag.strip()]
        goal.publish = goal.publish and not rule.to_desk
    if not goal.channels and feed.channel:
        goal.channels.append(feed.channel)
    goal.publish = goal.publish and bool(goal.channels)
    return goal


def rules_of(feed: Feed | None) -> list[Rule]:
    return list(feed.rules.select_related("channel")) if feed else []


def matches(rule: Rule, item: WireItem) -> bool:
    value = rule.value.strip().casefold()
    return {
        Rule.Field.SUBJECT: lambda: any(code.casefold().startswith(value) for code in item.subjects),
        Rule.Field.KEYWORD: lambda: value in (keyword.casefold() for keyword in item.keywords),
        Rule.Field.SLUGLINE: lambda: value in item.slugline.casefold(),
        Rule.Field.GENRE: lambda: value == item.genre.casefold(),
        Rule.Field.URGENCY: lambda: item.urgency is not None and item.urgency <= int(rule.value),
    }[rule.field]()


# -- Likenesses ------------------------------------------------------------------

ALIKE = 0.75
STARTS = {"headline_start": 24, "text_start": 40}  # with their lengths


def starts_of(story: Story) -> dict[str, str]:
    """The letters that its headline and its text start with, by which stories that may be alike are found."""
    texts = (story.headline, story.opening)
    return {name: _letters(text)[:most] for text, (name, most) in zip(texts, STARTS.items(), strict=True)}


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def suggest_likenesses(wire_stories: QuerySet[WireStory]) -> None:
    """Notes older stories of the same source and day under another id that read nearly the same.

    Two queries for any number of stories, if none starts like another.
    """
    stories = list(wire_stories.filter(story__isnull=False).distinct().values_list("story", *STARTS))
    headlines, texts = ({row[n] for row in stories} - {""} for n in (1, 2))
    same = Q(headline_start__in=headlines) | Q(text_start__in=texts)
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for key, *starts in WireStory.objects.filter(same, story__isnull=False).values_list("story", *STARTS):
        for start in zip(STARTS, starts, strict=True):
            found[start].add(key)
    for key, *starts in stories:
        alike = set().union(*(found[start] for start in zip(STARTS, starts, strict=True) if start[1]))
        if older := {other for other in alike if other < key}:
            _suggest(Story.objects.defer("body").select_related("source").get(pk=key), older)


def _suggest(story: Story, suspects: set[int]) -> None:
    if story.source is None or story.dateline_date is None:
        return
    near = Story.objects.filter(
        pk__in=sorted(suspects)[-200:],
        source=story.source,
        dateline_date__gte=story.dateline_date - timedelta(days=1),
        dateline_date__lte=story.dateline_date + timedelta(days=1),
        language=story.language,
    )
    likenesses = []
    for pk, headline, opening in near.values_list("pk", "headline", "opening"):
        alike = likeness((story.headline, story.opening), (headline, opening))
        if alike >= ALIKE:
            likenesses.append(Likeness(story=story, other_id=pk, percent=round(alike * 100)))
    Likeness.objects.bulk_create(likenesses, ignore_conflicts=True)


def likeness(one: tuple[str, str], other: tuple[str, str]) -> float:
    """Of two headlines and openings, from 0 to 1: the greater of what either pair has in common."""
    (headline, opening), (another, beginning) = one, other
    return max(_common(_pairs(headline), _pairs(another)), _common(_words(opening), _words(beginning)))


@lru_cache(maxsize=1000)
def _pairs(text: str) -> frozenset[str]:
    """Of neighbouring letters: alike for like headlines also in scripts that part no words."""
    return frozenset(map("".join, pairwise(text.casefold())))


@lru_cache(maxsize=1000)
def _words(text: str) -> frozenset[str]:
    return frozenset(text.casefold().split())


def _common(one: frozenset[str], other: frozenset[str]) -> float:
    """Dice's coefficient; nothing is like nothing."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0
