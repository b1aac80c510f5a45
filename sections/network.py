"""The network as every page needs it: its sites with their channels, in one query."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import F
from django.http.request import split_domain_port
from django.urls import reverse

from articles.models.stories import direction
from sections.icons import drawn_icon
from sections.models import Site, site_url


@dataclass(frozen=True, slots=True)
class ChannelView:
    pk: int
    title: str
    slug: str
    kicker: str
    description: str
    colour: str  # empty: the site's
    site: SiteView = field(repr=False)

    @property
    def tint(self) -> str:
        """The class of the style sheet that has its colour, or nothing."""
        return f"tint tint-{self.pk}" if self.colour else ""

    @property
    def path(self) -> str:
        return reverse("sections:channel", args=[self.slug])

    @property
    def url(self) -> str:
        return self.site.url + self.path


@dataclass(frozen=True, slots=True)
class SiteView:
    pk: int
    host: str
    name: str
    tagline: str
    language: str
    accent: str
    paper: str
    plate: str
    headlines: str
    legal_text: str
    is_default: bool
    channels: list[ChannelView] = field(default_factory=list, repr=False)

    @property
    def url(self) -> str:
        return site_url(self.host)

    @property
    def direction(self) -> str:
        return direction(self.language)

    @property
    def icon(self) -> str:
        return drawn_icon(self.name, self.accent)

    def channel(self, slug: str) -> ChannelView | None:
        return next((channel for channel in self.channels if channel.slug == slug), None)


@dataclass(frozen=True, slots=True)
class Network:
    site: SiteView  # the one that the reader is on
    sites: list[SiteView]
    channels: dict[int, ChannelView]  # of all sites, by key

    @property
    def sisters(self) -> list[SiteView]:
        return [site for site in self.sites if site.pk != self.site.pk]

    def site_by_pk(self, pk: int) -> SiteView | None:
        return next((site for site in self.sites if site.pk == pk), None)


class NoSite(LookupError):
    """The network has no site that answers for this host name."""


_SITE = (
    "pk", "domain", "name", "tagline", "language", "accent", "paper", "plate", "headlines", "legal_text",
    "is_default",
)  # fmt: skip
_CHANNEL = ("pk", "title", "slug", "kicker", "description", "colour")


def load_network(host: str) -> Network:
    """The network seen from the site of a Host header; from the default site if none has that name.

    One query. Raises NoSite.
    """
    columns = [*_SITE, *(f"channels__{name}" for name in _CHANNEL)]
    rows = Site.objects.order_by("position", "name", "pk", F("channels__position"), "channels__title")
    sites: dict[int, SiteView] = {}
    channels: dict[int, ChannelView] = {}
    for row in rows.values_list(*columns):
        site = sites.setdefault(row[0], SiteView(*row[: len(_SITE)]))
        pk, *rest = row[len(_SITE) :]
        if pk is not None:
            channels[pk] = ChannelView(pk, *rest, site)
            site.channels.append(channels[pk])
    return Network(_site_for(host, list(sites.values())), list(sites.values()), channels)


def _site_for(host: str, sites: list[SiteView]) -> SiteView:
    name = split_domain_port(host)[0]
    for site in sites:
        if site.host == name:
            return site
    for site in sites:
        if site.is_default:
            return site
    raise NoSite(f"No site of the network has the host name {name}, and none is the default.")
