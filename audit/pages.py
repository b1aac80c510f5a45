"""One page of each type that readers see, of the sample network."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from audit.portal import Portal


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    path: str
    host: str = "127.0.0.1"
    status: int = 200


def pages(portal: Portal) -> list[Page]:
    """Asks the database, so it has to be called before a browser runs in this process."""
    from django.utils import timezone

    from articles.models import Story
    from sections.models import Channel, Site
    from sections.network import load_network

    at = timezone.now()
    default, *sisters = Site.objects.order_by("-is_default", "position")
    network = load_network(default.domain)
    shown = Story.objects.public(at, network.site).order_by("-first_published")
    channel = Channel.objects.filter(site=default).first()
    newest = shown.filter(listings__channel=channel, listings__primary=True).first()
    day = f"{newest.first_published:%Y/%m/%d}/"

    def story(name: str, stories) -> Page:
        """By its number it redirects to where it is, maybe on a sister site."""
        answer = portal.get(f"/story/{stories.first().pk}/")
        home = urlsplit(answer.headers["Location"])
        return Page(name, home.path, home.hostname or default.domain)

    corrected = story("corrected story", shown.filter(corrections__isnull=False))
    return [
        Page("home", "/"),
        *(Page(f"home of {site.name}", "/", site.domain) for site in sisters),
        Page("channel", f"/channel/{channel.slug}/"),
        story("story", shown.filter(picture__isnull=False, links__isnull=False, tags__isnull=False)),
        story("story without picture", shown.filter(picture__isnull=True)),
        story("story with table", shown.filter(body__contains="<table")),
        story("right-to-left story", shown.filter(language="ar")),
        corrected,
        Page("history", f"{corrected.path}history/", corrected.host),
        Page("latest", "/latest/"),
        Page("tag", f"/tag/{shown.filter(tags__isnull=False).first().tags.first().slug}/"),
        Page("place", f"/place/{shown.filter(places__isnull=False).first().places.first().slug}/"),
        Page("author", f"/author/{shown.filter(authors__isnull=False).first().authors.first().slug}/"),
        Page("source", f"/source/{newest.source.code}/"),
        Page("archive", "/archive/"),
        Page("archive of a year", f"/archive/{day[:5]}"),
        Page("archive of a month", f"/archive/{day[:8]}"),
        Page("archive of a day", f"/archive/{day}"),
        Page("print edition", f"/channel/{channel.slug}/{day}"),
        Page("corrections", "/corrections/"),
        Page("feeds", "/feeds/"),
        Page("network", "/network/"),
        *(Page(name, f"/{name}/") for name in ("about", "privacy", "accessibility", "newsletter")),
        # The form alone, which crawlers may see, and what it finds, which they may not.
        Page("search", "/search/"),
        Page("search results", f"/search/?q={quote(max(newest.headline.split(), key=len))}"),
        *_withdrawn(portal, [default, *sisters]),
        Page("no such page", "/none/at/all/", status=404),
    ]


def _withdrawn(portal: Portal, sites) -> list[Page]:
    from articles.models import Story

    for story in Story.objects.filter(state="withdrawn"):
        for site in sites:
            answer = portal.get(f"/story/{story.pk}/", site.domain)
            if answer.status == 410:
                return [Page("withdrawn story", f"/story/{story.pk}/", site.domain, 410)]
    return []
