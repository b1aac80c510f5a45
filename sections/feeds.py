"""RSS 2.0 and Atom of a site, a channel, a tag, a place, an author."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed

from articles.models import Author, Place, StoryQuerySet, Tag
from sections.cards import cards, in_channel, on_site
from sections.compose import Card
from sections.network import Network
from sections.views import channel_of, for_readers, named_by

GENERATORS = {"rss": Rss201rev2Feed, "atom": Atom1Feed}


FEED_SIZE = 30


@for_readers
def site(request, network, kind: str):
    at = timezone.now()
    return _feed(request, kind, network, at, on_site(at, network.site), network.site.name, "/")


@for_readers
def channel(request, network, kind: str, slug: str):
    at, found = timezone.now(), channel_of(network, slug)
    stories = in_channel(at, network.site, found.pk)
    return _feed(request, kind, network, at, stories, found.title, found.path)


@for_readers
def tag(request, network, kind: str, slug: str):
    at, found = timezone.now(), named_by(Tag, slug)
    stories = on_site(at, network.site).filter(tagged__tag=found)
    return _feed(request, kind, network, at, stories, found.name, reverse("sections:tag", args=[slug]))


@for_readers
def place(request, network, kind: str, slug: str):
    at, found = timezone.now(), named_by(Place, slug)
    stories = on_site(at, network.site).filter(places=found)
    return _feed(request, kind, network, at, stories, str(found), reverse("sections:place", args=[slug]))


@for_readers
def author(request, network, kind: str, slug: str):
    at, found = timezone.now(), named_by(Author, slug)
    stories = on_site(at, network.site).filter(authors=found)
    return _feed(request, kind, network, at, stories, found.name, reverse("sections:author", args=[slug]))


def _feed(
    request: HttpRequest,
    kind: str,
    network: Network,
    at: datetime,
    stories: StoryQuerySet,
    name: str,
    path: str,
) -> HttpResponse:
    site, base = network.site, network.site.url
    feed = GENERATORS[kind](
        title=name if name == site.name else f"{site.name}: {name}",
        link=base + path,
        description=site.tagline or name,
        language=site.language,
        feed_url=base + request.path,
        feed_guid=base + path,
    )
    for card in cards(stories.newest_first()[:FEED_SIZE], network, at):
        _add(feed, card, base)
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def _add(feed, card: Card, base: str) -> None:
    """One entry; its id is the story's address without the slug, which a new headline would change."""
    link = base + card.url if card.url.startswith("/") else card.url
    feed.add_item(
        title=card.headline,
        link=link,
        description=card.teaser,
        author_name=card.byline,
        pubdate=card.published,
        updateddate=card.updated or card.published,
        unique_id=f"tag:{link.split('/')[2].split(':')[0]},{card.published:%Y-%m-%d}:story:{card.story_id}",
        unique_id_is_permalink=False,
        categories=[card.kicker],
    )
