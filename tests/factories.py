"""One cast for all tests: a network of two sites, and stories in every state by the acts that lead there."""

from datetime import timedelta
from io import BytesIO
from itertools import count

from django.utils import timezone
from PIL import Image

from articles import publishing
from articles.models import Source, Story
from sections.models import Block, Channel, Listing, Site

_numbers = count(1)


def make_site(host: str = "main.test", **kwargs) -> Site:
    kwargs.setdefault("name", host.split(".")[0].title())
    return Site.objects.create(domain=host, **kwargs)


def make_channel(site: Site, title: str = "Russian News", kicker: str = "MILPLEX", **kwargs) -> Channel:
    return Channel.objects.create(site=site, title=title, kicker=kicker, **kwargs)


def make_source(code: str = "MWS", **kwargs) -> Source:
    kwargs.setdefault("name", f"{code} Wire")
    kwargs.setdefault("copyright_notice", f"{code} stories are copyright {code}.")
    return Source.objects.create(code=code, **kwargs)


def make_story(channel: Channel | None = None, *, also: tuple[Channel, ...] = (), **kwargs) -> Story:
    """A draft."""
    number = next(_numbers)
    kwargs.setdefault("headline", f"Harbour pilots return to work, day {number}")
    kwargs.setdefault("body", f"<p>Pilots went back to the harbour on day {number}.</p>")
    story = Story.objects.create(**kwargs)
    for index, listed in enumerate([channel, *also] if channel else also):
        starts_at = timezone.now() - timedelta(days=400)
        Listing.objects.create(story=story, channel=listed, primary=index == 0, starts_at=starts_at)
    return story


def publish(channel: Channel | None = None, **kwargs) -> Story:
    """A story published now, or at `at`, and public as far as its times let it be."""
    at = kwargs.pop("at", None)
    story = make_story(channel, **kwargs)
    publishing.publish(story, by_name="The suite", at=at)
    return story


def make_block(page: Channel | Site, label: str = "Nearby", **kwargs) -> Block:
    where = {"channel": page} if isinstance(page, Channel) else {"home_of": page}
    kwargs.setdefault("backfill", "channel" if "from_channel" in kwargs else "none")
    return Block.objects.create(label=label, **where, **kwargs)


def photo(kind: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options) -> bytes:
    """The bytes of a picture."""
    buffer = BytesIO()
    Image.new(mode, size).save(buffer, kind, **options)
    return buffer.getvalue()
