"""Brings the sample network into a database: its sites, two months of their stories, and what befell those.

Each kind has an identity (a site its host, a story its wire id, a block its page and label ...). What is
there already is left alone, whatever editors made of it since, so a second run changes nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.contrib.contenttypes.models import ContentType
from django.contrib.flatpages.models import FlatPage
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from articles import publishing
from articles.bylines import names_in
from articles.datelines import Dateline, read_dateline, render_dateline
from articles.models import Author, Picture, Place, RelatedLink, Source, Story, Tag
from articles.picture_storing import add_renditions
from newsportal import keys, outbox
from sections import curation
from sections.models import Block, Channel, ChannelLink, Listing, Site, Slot, site_url
from sections.sample.read import FOLDER, Entry, Sample, SampleError, entries, read_sample, text_html
from sections.sample.reads import count_reads

PROVIDER = "sample"
BY = {"by_name": "Sample network"}

# How a source without a dateline pattern of its own files: SKARVIK, Nov 22, 2026 (KNW) -
FILED_DATELINE = "{place}, {date} ({credit}) -"


@dataclass
class Counts:
    created: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        done = ", ".join(f"{number} {kind}" for kind, number in self.created.items()) or "nothing"
        kept = ", ".join(f"{number} {kind}" for kind, number in self.unchanged.items()) or "nothing"
        return f"Created: {done}. There already: {kept}."


# -- The database ----------------------------------------------------------------


def load(now: datetime) -> Counts:
    """Loads what is missing, as it would stand at the moment `now`. All or nothing. Raises SampleError."""
    loader = _Loader(read_sample(), now)
    with transaction.atomic():
        _wait_for_other_loads()
        loader.load()
        if loader.counts.created:
            outbox.record(keys.NETWORK)
        if loader.counts.created["stories"]:
            count_reads(Story.objects.filter(provider=PROVIDER), now)
    return loader.counts


def _wait_for_other_loads() -> None:
    """Two at once take turns. An empty database has no row of the network to lock, but it has this one."""
    stories = ContentType.objects.filter(app_label="articles", model="story")
    list(stories.select_for_update(no_key=True))


class _Loader:
    def __init__(self, sample: Sample, now: datetime) -> None:
        self.sample = sample
        self.now = now
        self.counts = Counts()
        self.sites: dict[str, Site] = {}
        self.channels: dict[str, Channel] = {}
        self.sources: dict[str, Source] = {}
        self.authors: dict[str, Author] = {}
        self.places: dict[str, Place] = {}
        self.pictures: dict[str, Picture] = {}  # by the name of their file
        self.stories: dict[str, int] = {}  # id -> primary key

    def load(self) -> None:
        network = self.sample.network
        self.stories.update(Story.objects.filter(provider=PROVIDER).values_list("guid", "pk"))
        for position, site in enumerate(network["site"], start=1):
            self._site(site, position)
        for source in network["source"]:
            self._source(source)
        for author in network["author"]:
            values = author.some("role", "biography")
            self.authors[author["name"]], _ = self._keep(author, Author, {"name": author["name"]}, values)
        for place in network["place"]:
            self._place(place)
        for story in self.sample.stories:
            self._story(story)
        for site in network["site"]:
            self._blocks(site)

    def _keep(self, entry: Entry, model, identity: dict, values: dict):
        """The row of that identity, and whether it had to be made."""
        kind = str(model._meta.verbose_name_plural)
        row = model.objects.filter(**identity).first()
        if row is not None:
            self.counts.unchanged[kind] += 1
            return row, False
        row = model(**identity, **values)
        _checked(entry, row.full_clean)
        row.save()
        self.counts.created[kind] += 1
        return row, True

    def _moment(self, hours: float | None) -> datetime | None:
        return None if hours is None else self.now + timedelta(hours=hours)

    def _named(self, entry: Entry, rows: dict, name: str):
        if name not in rows:
            raise SampleError(f"{entry.where}: {name!r} is not known; there are {', '.join(rows)}.")
        return rows[name]

    # Sites and sources

    def _site(self, entry: Entry, position: int) -> None:
        default = entry.get("default", False) and not Site.objects.filter(is_default=True).exists()
        values = entry.some("name", "tagline", "accent", "paper", "plate", "headlines", "legal_text")
        values |= {"position": position, "is_default": default}
        site, _ = self._keep(entry, Site, {"domain": entry["host"]}, values)
        self.sites[entry["key"]] = site
        for page in entries("page", entry.values, entry.where):
            self._page(page, site)
        for number, channel in enumerate(entries("channel", entry.values, entry.where), start=1):
            self._channel(channel, site, number)

    def _page(self, entry: Entry, site: Site) -> None:
        """Each site has pages of its own, though all are at /about/."""
        if FlatPage.objects.filter(url=entry["path"], sites=site).exists():
            self.counts.unchanged["pages"] += 1
            return
        page = FlatPage.objects.create(url=entry["path"], **entry.some("title", "content"))
        page.sites.add(site)
        self.counts.created["pages"] += 1

    def _channel(self, entry: Entry, site: Site, position: int) -> None:
        values = entry.some("title", "kicker", "description", "colour") | {"position": position}
        channel, created = self._keep(entry, Channel, {"site": site, "slug": entry["slug"]}, values)
        self.channels[entry["slug"]] = channel
        if created:
            ChannelLink.objects.bulk_create(
                ChannelLink(channel=channel, position=number, **link.values)
                for number, link in enumerate(entries("links", entry.values, entry.where), start=1)
            )

    def _source(self, entry: Entry) -> None:
        values = {name: value for name, value in entry.values.items() if name not in ("code", "sites")}
        values["all_sites"] = "sites" not in entry.values
        source, created = self._keep(entry, Source, {"code": entry["code"]}, values)
        if created:
            source.sites.add(*(self._named(entry, self.sites, key) for key in entry.get("sites", [])))
        self.sources[entry["code"]] = source

    def _place(self, entry: Entry) -> None:
        identity = {"name": entry["name"], "country": entry.get("country", "")}
        place, _ = self._keep(entry, Place, identity, {})
        for name in (entry["name"], *entry.get("other_names", [])):
            self.places[name] = place

    # Stories

    def _story(self, entry: Entry) -> None:
        if entry["id"] in self.stories:
            self.counts.unchanged["stories"] += 1
            return
        channel = self._named(entry, self.channels, entry.get("channel", ""))
        acts = [act for act in self.sample.acts if act["story"] == entry["id"]]
        story = self._draft(entry, as_first_filed(entry["body"], acts))
        if story.source and not story.source.may_be_carried_by(channel.site):
            raise SampleError(
                f"{entry.where}: the contract of {story.source} does not let {channel.site} carry it."
            )
        story.save()
        self._add_parts(story, entry)
        self._list(story, entry, channel)
        self._bring_out(story, entry, acts)
        self.stories[entry["id"]] = story.pk
        self.counts.created["stories"] += 1

    def _draft(self, entry: Entry, text: str) -> Story:
        scene = self.sample.pictures.get(entry["id"])
        story = Story(
            provider=PROVIDER,
            guid=entry["id"],
            body=text_html(text),
            source=self._named(entry, self.sources, entry["source"]),
            located=self._place_named(entry["place"]),
            picture=self._picture(entry, scene) if scene else None,
            publish_at=self._moment(entry.get("publish_in")),
            embargo_until=self._moment(entry.get("embargo")),
            relevant_until=self._moment(entry.get("relevant")),
            **entry.some(
                "headline", "slugline", "teaser", "byline", "language", "urgency", "genre", "subjects",
                "editors_note",
            ),
        )  # fmt: skip
        story.dateline_parts = self._dateline(entry, story.source)
        # The rows that it points to are our own: to look them up again would cost three queries a story.
        _checked(entry, lambda: story.clean_fields(exclude=["source", "located", "picture"]))
        return story

    def _dateline(self, entry: Entry, source: Source) -> Dateline:
        """In parts; as filed too, and read back as the wire would, where the source has no pattern."""
        parts = Dateline(entry["place"], source.code, self._live(entry).astimezone(UTC).date())
        if source.dateline_pattern:
            return parts
        capitals = Dateline(parts.place.upper(), parts.credit, parts.date)
        return read_dateline(render_dateline(capitals, FILED_DATELINE)) or parts

    def _live(self, entry: Entry) -> datetime:
        hours = [-entry["age"], *entry.some("publish_in", "embargo").values()]
        return self._moment(max(hours))

    def _place_named(self, name: str) -> Place:
        """A place that network.toml does not have is one without a country."""
        if name not in self.places:
            self.places[name], _ = Place.objects.get_or_create(name=name, country="")
        return self.places[name]

    def _picture(self, entry: Entry, key: str) -> Picture:
        """Stored when the first story that shows it is filed; once more for one with rights of its own."""
        words = self._named(entry, self.sample.captions, key)
        rights = self.sample.picture_rights.get(entry["id"])
        name = f"pictures/sample/{key if rights is None else entry['id']}.jpg"
        if name not in self.pictures:
            kept = Picture.objects.filter(file=name).first()
            self.pictures[name] = kept or self._stored(key, words, name, self._moment(rights))
        return self.pictures[name]

    def _stored(self, key: str, words: dict, name: str, rights_until: datetime | None) -> Picture:
        # Of a load that did not get to its end; it may be half a picture.
        Picture(file=name, width=1, height=1).file.delete(save=False)
        if default_storage.save(name, ContentFile((FOLDER / "pictures" / f"{key}.jpg").read_bytes())) != name:
            raise SampleError(f"{name}: another load is writing this picture. Wait for it and try again.")
        self.counts.created["pictures"] += 1
        picture = Picture(file=name, rights_until=rights_until, **words)
        add_renditions(picture)
        picture.save()
        return picture

    def _add_parts(self, story: Story, entry: Entry) -> None:
        story.tags.add(*entry["tags"])
        story.places.add(*(self._place_named(name) for name in entry["about"]))
        story.authors.add(*(self.authors[name] for name in names_in(story.byline) if name in self.authors))
        links = [
            RelatedLink(story=story, position=number, **link.values)
            for number, link in enumerate(entries("links", entry.values, entry.where), start=1)
        ]
        RelatedLink.objects.bulk_create(links)

    def _list(self, story: Story, entry: Entry, home: Channel) -> None:
        others = [self._named(entry, self.channels, slug) for slug in entry.get("also", [])]
        Listing.objects.bulk_create(
            Listing(story=story, channel=channel, primary=channel is home, starts_at=self._live(entry))
            for channel in (home, *others)
        )

    def _bring_out(self, story: Story, entry: Entry, acts: list[Entry]) -> None:
        """Takes the draft where it stands today, by the acts that took it there."""
        state = entry.get("state", "published")
        try:
            if state == "ready":
                publishing.submit(story, **BY)
            elif state == "advisory":
                publishing.mark_advisory(story, **BY)
            elif state == "published":
                publishing.publish(story, at=self._moment(-entry["age"]), **BY)
                for act in acts:
                    perform(act, story, self._moment(-act["age"]))
            elif state != "draft":
                raise SampleError(f"{entry.where}: no story is filed as {state!r}.")
        except publishing.ForbiddenAct as error:
            raise SampleError(f"{entry.where}: {error}") from error

    # Blocks

    def _blocks(self, entry: Entry) -> None:
        """The blocks of a site's home page and of its channels."""
        site = self.sites[entry["key"]]
        for number, block in enumerate(entries("block", entry.values, entry.where), start=1):
            self._block(block, {"home_of": site}, number)
        for channel in entries("channel", entry.values, entry.where):
            page = {"channel": self.channels[channel["slug"]]}
            for number, block in enumerate(entries("block", channel.values, channel.where), start=1):
                self._block(block, page, number)

    def _block(self, entry: Entry, page: dict, position: int) -> None:
        values = entry.some("size", "on_front", "on_stories", "max_age", "may_repeat")
        values |= self._backfill(entry) | {"position": position}
        block, created = self._keep(entry, Block, page | {"label": entry["label"]}, values)
        if created:
            for slot in entries("slot", entry.values, entry.where):
                self._slot(slot, block)

    def _backfill(self, entry: Entry) -> dict:
        if "channel" in entry.values:
            channel = self._named(entry, self.channels, entry["channel"])
            return {"backfill": Block.Backfill.CHANNEL, "from_channel": channel}
        if "tag" in entry.values:
            tag, _ = Tag.objects.get_or_create(name=entry["tag"])
            return {"backfill": Block.Backfill.TAG, "from_tag": tag}
        if "site" in entry.values:
            return {
                "backfill": Block.Backfill.SITE,
                "from_site": self._named(entry, self.sites, entry["site"]),
            }
        return {"backfill": Block.Backfill.NONE}

    def _slot(self, entry: Entry, block: Block) -> None:
        slot = Slot(block=block, starts_at=self.now, **entry.some("position", "headline", "teaser"))
        if "story" in entry.values:
            slot.story_id = self._named(entry, self.stories, entry["story"])
        if "days" in entry.values:
            slot.ends_at = self.now + timedelta(days=entry["days"])
        if "link" in entry.values:
            key, _, path = entry["link"].partition(":")
            slot.url = site_url(self._named(entry, self.sites, key).domain) + path
        _checked(entry, lambda: curation.place(slot, **BY))


def _checked(entry: Entry, check) -> None:
    try:
        check()
    except ValidationError as error:
        faults = (f"{name}: {' '.join(words)}" for name, words in error.message_dict.items())
        raise SampleError(f"{entry.where}: {'; '.join(faults)}") from error


# -- What befell a story -----------------------------------------------------------


def as_first_filed(text: str, acts: list[Entry]) -> str:
    """The text before its corrections; files hold it as it is right."""
    for act in reversed(acts):
        if "is" in act.values:
            text = _replaced(act, text, act["is"], act["was"])
    return text


def _replaced(act: Entry, text: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        raise SampleError(f"{act.where}: story {act['story']} does not say {old!r} once.")
    return text.replace(old, new)


def perform(act: Entry, story: Story, at: datetime) -> None:
    if act["verb"] == "update":
        story.body += "\n" + text_html(act["added"])
        publishing.update(story, at=at, reason=act.get("reason", ""), **BY)
    elif act["verb"] == "correct":
        if "is" in act.values:
            story.body = _replaced(act, story.body, act["was"], act["is"])
        publishing.correct(story, note=act.get("note", ""), at=at, **act.some("kind", "reason"), **BY)
    elif act["verb"] in ("kill", "unpublish"):
        withdraw = publishing.kill if act["verb"] == "kill" else publishing.unpublish
        withdraw(story, at=at, reason=act.get("reason", ""), **act.some("notice", "headline"), **BY)
    else:
        raise SampleError(f"{act.where}: {act['verb']!r} is not something that the sample does to a story.")
