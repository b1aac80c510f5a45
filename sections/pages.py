"""The pages that are no lists: home, a story, a withdrawn story, words of the publisher."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.flatpages.models import FlatPage
from django.db.models import Exists, F, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.bylines import BylinePart, byline_parts
from articles.json_rows import JSONRows, read_time
from articles.markup import opening
from articles.models import Author, Correction, Place, RelatedLink, Story, StoryVersion, Tag, Withdrawal
from articles.models.slugs import unicode_slug
from articles.prepared import Blank, Blanks, prepared
from sections.blocks import drawn_on, filled, newest_of_channel, newest_of_site, plans_of
from sections.cards import (
    COLUMNS,
    SiteKey,
    card_from,
    notices,
    readable,
    story_path,
    story_url,
    with_home,
)
from sections.compose import Card, FilledBlock
from sections.contracts import TERMS, is_passed_on
from sections.list_stories import in_channel, newer_than, older_than
from sections.lists import CorrectionView, Link, correction_view
from sections.models import ChannelLink
from sections.most_read import most_read, parted
from sections.network import ChannelView, Network
from sections.share_drawing import share_path


@dataclass(frozen=True, slots=True)
class HomePage:
    network: Network
    blocks: list[FilledBlock]
    most_read: list[FilledBlock]
    notices: list[str]
    draws_on: frozenset[str]


# What a story's page needs beside its card, and its parts.
STORY_COLUMNS = (*COLUMNS, "body", "source__code", *TERMS)


@dataclass(frozen=True, slots=True)
class StoryPage:
    network: Network
    channel: ChannelView
    card: Card
    body: str  # safe: cleaned when it was stored
    is_passed_on: bool  # whole, to feeds and data files
    teaser: str
    byline: list[BylinePart]
    source: Link | None
    tags: list[Link]
    places: list[Link]
    links: list[Link]
    corrections: list[CorrectionView]
    has_history: bool
    newer: Link | None  # its neighbours in the channel
    older: Link | None
    blocks: list[FilledBlock]
    notices: list[str]
    draws_on: frozenset[str]

    @property
    def url(self) -> str:
        return self.network.site.url + self.card.url

    @property
    def share_path(self) -> str:
        """Of the picture that goes with links to it; empty where it has one of its own."""
        card = self.card
        return "" if card.picture else share_path(self.network.site, card.story_id, card.headline)

    @property
    def read_path(self) -> str:
        """Where the page tells that it is being read, if reads are counted."""
        return reverse("sections:count-read", args=[self.card.story_id]) if settings.COUNT_READS else ""

    @property
    def data_path(self) -> str:
        """Of its data files, but for their endings."""
        return self.card.url.removesuffix("/")

    @property
    def history_url(self) -> str:
        return f"{self.card.url}history/"

    @property
    def errors(self) -> list[CorrectionView]:
        """Corrections of what was wrong: they stand above the text."""
        return [given for given in self.corrections if given.is_error]

    @property
    def remarks(self) -> list[CorrectionView]:
        """Clarifications and notes: under the text."""
        return [given for given in self.corrections if not given.is_error]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The story lives at another address: its own site, its slug of today."""

    story_id: int
    url: str


@dataclass(frozen=True, slots=True)
class GonePage:
    network: Network
    story_id: int
    headline: str
    words: str  # what kind of withdrawal, for readers
    notice: str
    at: datetime
    language: str
    direction: str


# -- Home ------------------------------------------------------------------------


def home_page(network: Network, at: datetime) -> HomePage:
    """The site's own blocks, the newest of each channel, what is read most. Two queries for all."""
    plans = plans_of("home", network.site.pk, network, at)
    if not plans:
        plans = [newest_of_site(network)]
    plans += [newest_of_channel(channel) for channel in network.site.channels]
    blocks, rankings = parted(filled([*plans, *most_read(network)], network, at))
    shown = notices(card for each in (*blocks, *rankings) for card in each.cards)
    return HomePage(network, blocks, rankings, shown, drawn_on(plans))


# -- A story ---------------------------------------------------------------------


def story_page(network: Network, pk: int, slug: str, at: datetime) -> StoryPage | Elsewhere | GonePage | None:
    """The story's page on the site it lives on, where else to go, or None: nothing for readers.

    Three queries for a page, one more where the story is not to be read here.
    """
    row = find_story(network, pk, slug, at)
    return composed(network, row, at) if isinstance(row, dict) else row


def find_story(network: Network, pk: int, slug: str, at: datetime) -> dict | Elsewhere | GonePage | None:
    """The story as a row with all its parts, if a reader of the site may read it under this slug."""
    row = next(iter(_story_row(pk=pk, site=network.site.pk, at=at)), None)
    if row is None or row["home__channel_id"] not in network.channels:
        return _not_here(network, pk, at)
    if slug != unicode_slug(row["headline"], "story"):
        return Elsewhere(pk, story_path(pk, row["headline"]))
    return row


def composed(network: Network, row: dict, at: datetime) -> StoryPage:
    """The page of a story given as a row with all its parts, whoever may see it. Two queries."""
    card = card_from(row, network, at)
    channel = network.channels[row["home__channel_id"]]
    plans = plans_of("stories", channel.pk, network, at)
    blocks = filled(plans, network, at, above=[card], reading=card)
    byline = row["byline"] or row["source__byline_pattern"] or ""
    return StoryPage(
        network=network,
        channel=channel,
        card=card,
        body=row["body"],
        is_passed_on=is_passed_on(row),
        teaser=row["teaser"],
        byline=byline_parts(
            byline,
            [
                (author["name"], reverse("sections:author", args=[author["slug"]]))
                for author in row["authors_"]
            ],
        ),
        source=Link(row["source__name"], reverse("sections:source", args=[row["source__code"]]))
        if row["source__code"]
        else None,
        tags=[Link(tag["name"], reverse("sections:tag", args=[tag["slug"]])) for tag in row["tags_"]],
        places=[
            Link(
                ", ".join(filter(None, [place["name"], place["country"]])),
                reverse("sections:place", args=[place["slug"]]),
            )
            for place in row["places_"]
        ],
        links=[Link(link["title"], link["url"]) for link in row["links_"] + row["standing_"]],
        corrections=[
            correction_view(given["kind"], given["note"], read_time(given["at"]))
            for given in row["corrections_"]
        ],
        has_history=bool(row["has_history"]),
        newer=_neighbour(row["newer_"], network),
        older=_neighbour(row["older_"], network),
        blocks=blocks,
        notices=notices((card for block in blocks for card in block.cards), first=card.notice),
        draws_on=drawn_on(plans),
    )


def _neighbour(rows: list[dict], network: Network) -> Link | None:
    for row in rows:
        if channel := network.channels.get(row["home_channel"]):
            return Link(
                row["headline"], story_url(network, channel.site, row["pk"], row["headline"]), row["language"]
            )
    return None


def corrections_of(story) -> JSONRows:
    """The notes to its readers that hold, the newest first."""
    holding = Correction.objects.filter(story=story, superseded_by=None)
    return JSONRows(holding.order_by("-at", "-pk"), "kind", "note", "at")


def standing_parts() -> dict:
    """Parts of a row that are no part of the story's text: its channel's links, what became of it."""
    return {
        "standing_": JSONRows(ChannelLink.objects.filter(channel=OuterRef("home__channel")), "title", "url"),
        "corrections_": corrections_of(OuterRef("pk")),
        "has_history": Exists(StoryVersion.objects.filter(story=OuterRef("pk"), number__gt=1)),
    }


@prepared
def _story_row(blank: Blanks) -> QuerySet:
    """The story with all its parts, if it is to be read on the site."""
    at, site = blank.time("at"), SiteKey(blank.key("site"))
    own = OuterRef("pk")
    parts = standing_parts() | {
        "tags_": JSONRows(Tag.objects.filter(tagged__content_object=own).order_by("name"), "name", "slug"),
        "authors_": JSONRows(Author.objects.filter(stories=own).order_by("name"), "name", "slug"),
        "places_": JSONRows(Place.objects.filter(stories=own).order_by("name"), "name", "country", "slug"),
        "links_": JSONRows(RelatedLink.objects.filter(story=own), "title", "url"),
    }
    parts |= _beside(site, at)
    stories = readable(at, site).filter(pk=blank.key("pk"), lives_on=site.pk)
    return stories.annotate(**parts).values(*STORY_COLUMNS, *parts)


def _beside(site: SiteKey, at: Blank) -> dict[str, JSONRows]:
    """The stories before and after it in its channel."""
    stories = in_channel(at, site, OuterRef("home__channel"))
    published, own = OuterRef("first_published"), OuterRef("pk")
    newer, older = newer_than(stories, published, own), older_than(stories, published, own)
    columns = ("pk", "headline", "language")
    return {
        "newer_": JSONRows(newer[:1], *columns, home_channel="home__channel"),
        "older_": JSONRows(older[:1], *columns, home_channel="home__channel"),
    }


def _not_here(network: Network, pk: int, at: datetime) -> Elsewhere | GonePage | None:
    story = with_home(Story.objects.filter(pk=pk)).annotate(home_site=F("home__site")).first()
    if story is None:
        return None
    if story.state == Story.State.WITHDRAWN:
        return _gone(network, story)
    home = network.site_by_pk(story.home_site) if story.home_site else None
    if home is None or home.pk == network.site.pk or not story.is_public(at, home):
        return None
    return Elsewhere(pk, home.url + story_path(story.pk, story.headline))


def _gone(network: Network, story: Story) -> GonePage | None:
    """What readers are told of a withdrawn story; nothing if they never could see it."""
    withdrawal = story.withdrawals.first()
    if withdrawal is None or story.first_published is None:
        return None
    words = {
        Withdrawal.Kind.KILL: _("Withdrawn"),
        Withdrawal.Kind.TAKE_DOWN: _("Taken down on request"),
        Withdrawal.Kind.UNPUBLISH: _("Withdrawn by the editors"),
    }[withdrawal.kind]
    return GonePage(
        network, story.pk, withdrawal.headline, words, withdrawal.notice, withdrawal.at, story.language,
        story.direction,
    )  # fmt: skip


# -- Words of the publisher --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WordsPage:
    """About, Privacy: what the publisher says of the site."""

    network: Network
    title: str
    path: str
    content: str  # HTML, written by those who may edit flat pages

    @property
    def description(self) -> str:
        return opening(self.content) or self.title


@dataclass(frozen=True, slots=True)
class NetworkPage:
    """All sites with their channels."""

    network: Network


def words_page(network: Network, path: str) -> WordsPage | None:
    """One query."""
    page = FlatPage.objects.filter(url=path, sites=network.site.pk).first()
    return WordsPage(network, page.title, path, page.content) if page else None
