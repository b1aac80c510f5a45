"""The archive: a network of 200 channels and its stories, with their versions, acts, listings and tags.

Stories came one by one until now, the older with the lower keys, as many a day in an archive of any size:
what a day, a feed or a front shows of a small one is as much as of a large one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from articles.markup import opening
from articles.models import (
    Act,
    Author,
    Correction,
    Place,
    RelatedLink,
    Source,
    Story,
    StoryVersion,
    Tag,
    TaggedStory,
    Withdrawal,
)
from articles.models.slugs import unicode_slug
from articles.publishing import Verb
from newsportal import keys, outbox
from sections.archive.tables import Table, new_ids
from sections.archive.words import Prose, Zipf
from sections.models import Block, Channel, Listing, Site

SITES, CHANNELS_A_SITE = 4, 50
SOURCES, AUTHORS, PLACES, TAGS = 20, 400, 800, 5_000
BETWEEN = timedelta(days=1) / 274  # a story and the next, a million in ten years; a version and the next
BATCH = 2_000  # stories a transaction
BY = "Archive"

State = Story.State
STATES = ((State.PUBLISHED, State.DRAFT, State.READY, State.WITHDRAWN), (960, 30, 3, 7))
SEEN = (State.PUBLISHED, State.WITHDRAWN)


@dataclass
class Cast:
    """What the stories point to."""

    channels: list[Channel]
    sources: list[Source]
    authors: Zipf
    places: Zipf
    tags: Zipf


def make_archive(stories: int, seed: int, now: datetime) -> Iterator[int]:
    """Makes them in batches, each whole or not at all, and yields how many a batch had."""
    random = Random(seed)
    prose = Prose(random)
    with transaction.atomic():
        cast = _cast(prose, random)
    for start in range(0, stories, BATCH):
        number = min(BATCH, stories - start)
        moments = [now - (stories - start - index) * BETWEEN for index in range(number)]
        with transaction.atomic():
            _Batch(prose, cast, random).write(moments)
            outbox.record(keys.NETWORK)
        yield number


# -- What stories point to -----------------------------------------------------------


def _cast(prose: Prose, random: Random) -> Cast:
    """Made once; a second archive goes on with the same. The sample network is none of its business."""
    names = iter(f"{word.capitalize()}" for word in prose.vocabulary[2_000:])

    def pairs(number: int) -> list[str]:
        return [f"{next(names)} {next(names)}" for _ in range(number)]

    sites = [_site(number, next(names)) for number in range(1, SITES + 1)]
    channels = [_channel(site, number, next(names)) for site in sites for number in range(CHANNELS_A_SITE)]
    sources = [
        Source.objects.get_or_create(
            code=f"ARC{number}",
            defaults={"name": f"{next(names)} Wire", "copyright_notice": f"ARC{number} keeps its rights."},
        )[0]
        for number in range(1, SOURCES + 1)
    ]
    authors = [Author(name=name, slug=unicode_slug(name, "author")) for name in pairs(AUTHORS)]
    places = [Place(name=name, slug=unicode_slug(name, "place")) for name in pairs(PLACES)]
    tags = [Tag(name=name, slug=unicode_slug(name, "tag")) for name in pairs(TAGS)]
    authors, places, tags = (_made_once(rows) for rows in (authors, places, tags))
    random.shuffle(channels)
    return Cast(channels, sources, Zipf(authors), Zipf(places), Zipf(tags))


def _made_once(rows: list) -> list:
    """By name; in few statements, for there are thousands."""
    model = type(rows[0])
    for row in rows:
        row.be_found()
    for row in rows:
        row.be_found()
    model.objects.bulk_create(rows, ignore_conflicts=True)
    found = {row.name: row for row in model.objects.filter(name__in=[row.name for row in rows])}
    return [found[row.name] for row in rows]


def _site(number: int, name: str) -> Site:
    return Site.objects.get_or_create(domain=f"archive-{number}.localhost", defaults={"name": name})[0]


def _channel(site: Site, number: int, title: str) -> Channel:
    channel, made = Channel.objects.get_or_create(
        site=site,
        slug=f"channel-{number}",
        defaults={"title": title, "kicker": title.upper()[:40], "position": number},
    )
    if made and number:
        Block.objects.create(channel=channel, label="Nearby", backfill="channel", from_channel=channel)
    return channel


# -- Stories -------------------------------------------------------------------------


@dataclass
class _Batch:
    prose: Prose
    cast: Cast
    random: Random

    def __post_init__(self) -> None:
        self.blank = {name: getattr(Story(), name) for name in Story.CONTENT_FIELDS}
        record = ("story_id", "at", "by_name")
        self.stories = Table(
            Story,
            "id", "headline", "slugline", "teaser", "body", "byline", "dateline_place", "dateline_credit",
            "dateline_date", "source_id", "located_id", "urgency", "publish_at", "provider", "guid",
            "opening", "created", "state", "version", "first_published", "last_updated",
        )  # fmt: skip
        self.versions = Table(StoryVersion, "id", *record, "number", "kind", "content")
        self.corrections = Table(Correction, *record, "version_id", "note")
        self.withdrawals = Table(Withdrawal, *record, "kind", "headline", "reason")
        self.acts = Table(Act, *record, "verb", "from_state", "to_state")
        self.listings = Table(Listing, "story_id", "channel_id", "primary", "starts_at")
        self.tagged = Table(TaggedStory, "content_object_id", "tag_id")
        self.authors = Table(Story.authors.through, "story_id", "author_id")
        self.places = Table(Story.places.through, "story_id", "place_id")
        self.links = Table(RelatedLink, "story_id", "title", "url")
        self.tables = [
            self.stories, self.versions, self.corrections, self.withdrawals, self.acts, self.listings,
            self.tagged, self.authors, self.places, self.links,
        ]  # fmt: skip

    def write(self, moments: list[datetime]) -> None:
        version_ids = iter(new_ids(StoryVersion, 3 * len(moments)))
        for pk, moment in zip(new_ids(Story, len(moments)), moments, strict=True):
            self._story(pk, moment, version_ids)
        for table in self.tables:
            table.write()

    def _story(self, pk: int, moment: datetime, version_ids: Iterator[int]) -> None:
        random, cast = self.random, self.cast
        state = random.choices(*STATES)[0]
        versions = random.choices((1, 2, 3), (80, 15, 5))[0] if state in SEEN else 0
        times = [moment + number * BETWEEN for number in range(versions)]
        [author], [place] = cast.authors.draw(random, 1), cast.places.draw(random, 1)
        source, tags = random.choice(cast.sources), set(cast.tags.draw(random, random.randint(1, 6)))
        paragraphs = self.prose.text()
        first_words = opening("".join(f"<p>{paragraph}</p>" for paragraph in paragraphs[:5]))
        is_wire = random.random() < 0.8
        content = {
            "headline": self.prose.headline(),
            "slugline": f"{place.name.lower()}-{random.choice(self.prose.vocabulary)}",
            "teaser": paragraphs[0][:160].rpartition(" ")[0],
            "body": "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs),
            "byline": author.name,
            "dateline_place": place.name,
            "dateline_credit": source.code,
            "dateline_date": moment.date(),
            "source_id": source.pk,
            "located_id": place.pk,
            "urgency": random.choices((1, 2, 3, 4, 5, 6), (1, 3, 10, 40, 40, 6))[0],
            "publish_at": times[0] if times else None,
            "provider": source.code if is_wire else None,
            "guid": f"urn:archive:{pk}" if is_wire else None,
        }
        self.stories.add(
            pk, *content.values(), first_words, moment, state.value, versions + 1,
            times[0] if times else None, times[-1] if versions > 1 else None,
        )  # fmt: skip
        for position, channel in enumerate(random.sample(cast.channels, random.choice((1, 1, 2)))):
            self.listings.add(pk, channel.pk, position == 0, moment)
        for tag in tags:
            self.tagged.add(pk, tag.pk)
        self.authors.add(pk, author.pk)
        self.places.add(pk, place.pk)
        links = [{"title": self.prose.headline(), "url": f"https://archive.example/{pk}"}]
        links = links if random.random() < 0.2 else []
        for link in links:
            self.links.add(pk, *link.values())
        names = {"tags": sorted(tag.name for tag in tags), "authors": [author.name], "places": [place.name]}
        snapshot = self._snapshot(content, names | {"links": links})
        self._history(pk, state, times, snapshot, version_ids)

    def _snapshot(self, content: dict, parts: dict) -> dict:
        """As Story.snapshot() gives it."""
        said = {name.removesuffix("_id"): value for name, value in content.items()}
        for name in ("publish_at", "dateline_date"):
            said[name] = said[name] and said[name].isoformat()
        return self.blank | said | parts

    def _history(self, pk: int, state: State, times: list[datetime], content: dict, ids) -> None:
        for number, (at, version) in enumerate(zip(times, ids, strict=False), start=1):
            is_correction = number > 1 and self.random.random() < 0.1
            kind = "original" if number == 1 else "correction" if is_correction else "update"
            # Word by word the same but for the last sentence.
            then = content if number == len(times) else content | {"body": content["body"][:-30] + "</p>"}
            self.versions.add(version, pk, at, BY, number, kind, json.dumps(then))
            verb = Verb.PUBLISH if number == 1 else Verb.CORRECT if is_correction else Verb.UPDATE
            before = State.DRAFT if number == 1 else State.PUBLISHED
            self.acts.add(pk, at, BY, verb.value, before.value, State.PUBLISHED.value)
            if is_correction:
                self.corrections.add(pk, at, BY, version, self.prose.sentence())
        if state == State.WITHDRAWN:
            at = times[-1] + BETWEEN
            self.withdrawals.add(pk, at, BY, "unpublish", content["headline"], self.prose.sentence())
            self.acts.add(pk, at, BY, Verb.UNPUBLISH.value, State.PUBLISHED.value, state.value)
