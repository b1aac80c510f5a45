"""Stories as lists show them: which may stand on a site's pages, and how a row becomes a card."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import NamedTuple
from urllib.parse import quote

from django.core.files.storage import default_storage
from django.db.models import F, FilteredRelation, OuterRef, Q
from django.urls import reverse

from articles.datelines import Dateline, render_dateline
from articles.models import Picture, Story, StoryQuerySet
from articles.models.slugs import unicode_slug
from articles.models.stories import direction
from articles.renditions import CROPS, SET, SHAPES, Rendition, renditions
from sections.compose import Card, Crop, PictureView
from sections.models import Listing
from sections.network import Network, SiteView

# What a picture's renditions are named by.
NAMED_BY = ("file", "width", "height", "focus", *(f"crop_{name}" for name in CROPS))
PICTURE_COLUMNS = (*NAMED_BY, "alt_text", "caption", "credit", "rights_until", "renditions")

# The columns of a card. No body.
COLUMNS = (
    "pk", "headline", "teaser", "opening", "byline", "genre", "slugline", "language",
    "first_published", "last_updated",
    "dateline_place", "dateline_credit", "dateline_date", "dateline_raw", "home__channel_id",
    "source__name", "source__dateline_pattern", "source__byline_pattern", "source__copyright_notice",
    *(f"picture__{name}" for name in PICTURE_COLUMNS),
)  # fmt: skip


class SiteKey(NamedTuple):
    """A site of which only the key is known, or a blank for one."""

    pk: object


def with_home(stories: StoryQuerySet) -> StoryQuerySet:
    """Joins the primary listing as `home`: it says on which site, in which channel a story lives."""
    return stories.annotate(home=FilteredRelation("listings", condition=Q(listings__primary=True)))


def readable(at: datetime, site: SiteView) -> StoryQuerySet:
    """Stories a page of `site` may show or link to, whichever site of the network they live on.

    A story lives on the site of its primary channel, so the contract must allow that one too. `home` is
    the primary listing; a story without one has no address and is in no list. Ask for its site by
    `lives_on`: each filter on home__site would join the listings once more.
    """
    stories = with_home(Story.objects.public(at, site)).filter(home__isnull=False)
    return stories.alias(lives_on=F("home__site")).carried_by(OuterRef("lives_on"))


def listed(at: datetime, story: str = "pk"):
    """The listings of a story that hold at the moment; `story` names its key in the query around."""
    return Listing.objects.live(at).filter(story=OuterRef(story))


def cards(rows: Iterable[dict], network: Network, at: datetime) -> list[Card]:
    """Of rows with COLUMNS."""
    # A channel made since the network was read is not on this page yet.
    return [card_from(row, network, at) for row in rows if row["home__channel_id"] in network.channels]


def card_from(row: dict, network: Network, at: datetime) -> Card:
    """A card from a row with COLUMNS."""
    channel = network.channels[row["home__channel_id"]]
    dateline = Dateline(*(row[f"dateline_{part}"] for part in ("place", "credit", "date", "raw")))
    shown = row["picture__file"] and not rights_ended(row["picture__rights_until"], at)
    return Card(
        url=story_url(network, channel.site, row["pk"], row["headline"]),
        headline=row["headline"],
        story_id=row["pk"],
        kicker=channel.kicker,
        tint=channel.tint,
        teaser=row["teaser"] or row["opening"],
        dateline=render_dateline(dateline, row["source__dateline_pattern"] or ""),
        byline=row["byline"] or row["source__byline_pattern"] or "",
        genre=Story.Genre.words(row["genre"]),
        slugline=row["slugline"],
        language=row["language"],
        direction=direction(row["language"]),
        published=row["first_published"],
        updated=row["last_updated"],
        picture=picture_view(row) if shown else None,
        site_name="" if channel.site.pk == network.site.pk else channel.site.name,
        notice=row["source__copyright_notice"] or "",
    )


def picture_view(row: dict, prefix: str = "picture__") -> PictureView:
    """From the row alone: the names of its renditions follow from it."""
    words = (row[f"{prefix}{name}"] for name in ("alt_text", "caption", "credit"))
    if row[f"{prefix}renditions"] == SET:
        return PictureView(*words, **_crops(*(row[f"{prefix}{name}"] for name in NAMED_BY)))
    as_stored = Crop(default_storage.url(row[f"{prefix}file"]), row[f"{prefix}width"], row[f"{prefix}height"])
    return PictureView(*words, **dict.fromkeys(SHAPES, as_stored))


@lru_cache(maxsize=1000)  # the front pages of a network; each takes half a millisecond
def _crops(*columns) -> dict[str, Crop]:
    """The renditions of each shape."""
    picture = Picture(**dict(zip(NAMED_BY, columns, strict=True)))
    files = {
        name: [(picture.file.name_of(file), file) for file in renditions(picture, name)] for name in SHAPES
    }
    return {name: _crop(files[name]) for name in SHAPES}


def _crop(files: list[tuple[str, Rendition]]) -> Crop:
    urls = [(default_storage.url(name), file) for name, file in files]
    srcset = ", ".join(f"{url} {file.width}w" for url, file in urls if file.format == "WEBP")
    url, last = urls[-1]
    return Crop(url, last.width, last.height, srcset)


def rights_ended(rights_until: datetime | None, at: datetime) -> bool:
    return rights_until is not None and rights_until <= at


@lru_cache(maxsize=10_000)  # of the stories that stand on fronts, again and again
def story_path(story_pk: int, headline: str) -> str:
    before, behind = _around_key_and_slug()
    return f"{before}{story_pk}/{quote(unicode_slug(headline, 'story'))}{behind}"


@cache
def _around_key_and_slug() -> tuple[str, str]:
    """What a story's address has around them. To reverse each took most of a long list's time."""
    before, behind = reverse("sections:story", args=[1, "-"]).split("1/-")
    return before, behind


def story_url(network: Network, site: SiteView, story_pk: int, headline: str) -> str:
    """A path on the site that the reader is on, else a whole URL."""
    path = story_path(story_pk, headline)
    return path if site.pk == network.site.pk else site.url + path


# -- Paging by key ---------------------------------------------------------------


class BadKey(ValueError):
    """A page key in a URL that no page of ours ever linked to."""


def page_key(card: Card) -> str:
    """Where a card stands in a list that is newest first; never shifts when stories come or go."""
    return f"{card.published.astimezone(UTC):%Y%m%d%H%M%S%f}-{card.story_id}"


def read_page_key(key: str) -> tuple[datetime, int]:
    stamp, _, row = key.partition("-")
    try:
        if len(stamp) != 20 or not stamp.isascii():
            raise BadKey(key)
        return datetime.strptime(stamp, "%Y%m%d%H%M%S%f").replace(tzinfo=UTC), read_row_key(row)
    except ValueError as error:
        raise BadKey(key) from error


def read_row_key(key: str) -> int:
    if not (key.isascii() and key.isdigit() and len(key) <= 18):
        raise BadKey(key)
    return int(key)


def notices(cards: Iterable[Card], first: str = "") -> list[str]:
    """The copyright notices of just the sources on a page, each once, the story's own first."""
    return list(dict.fromkeys(notice for notice in [first, *(card.notice for card in cards)] if notice))
