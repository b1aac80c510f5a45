"""The network as every page needs it: its sites with their channels."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple

from django.db.models import F
from django.http.request import split_domain_port
from django.urls import reverse

from articles.markup import without_controls
from articles.models.stories import direction
from newsportal import keys
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
    path: str
    url: str

    @property
    def tint(self) -> str:
        """The class of the style sheet that has its colour, or nothing."""
        return f"tint tint-{self.pk}" if self.colour else ""


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
    url: str
    direction: str
    channels: list[ChannelView] = field(default_factory=list, repr=False)

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
    parts: dict[tuple, str] = field(default_factory=dict, repr=False, compare=False)  # of pages, ready

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

    One query; none while a copy is vouched for. Raises NoSite.
    """
    sites, channels, parts = kept_network.copy()
    return Network(_site_for(host, sites), sites, channels, parts)


class Copy(NamedTuple):
    sites: list[SiteView]
    channels: dict[int, ChannelView]
    parts: dict[tuple, str]  # what is made of them for pages, and goes with them


class KeptNetwork:
    """This process's copy of the network's sites and channels: every page needs them, and they seldom change.

    It is used only while somebody vouches for it: who hears of every change and calls forget() at one
    (newsportal.pagecache). Where nobody does, the network is read for each page.
    """

    key = keys.NETWORK  # what changes it

    def __init__(self) -> None:
        self._found: Copy | None = None
        self._good_until = float("-inf")
        self._forgotten = 0  # how often

    def vouch(self, until: float) -> None:
        """Every change that is committed up to then, by time.monotonic(), will be told in time."""
        self._good_until = until

    def forget(self) -> None:
        """A site or a channel has changed, or may have."""
        self._forgotten += 1
        self._found = None

    def copy(self) -> Copy:
        kept = self._found
        if kept is not None and monotonic() < self._good_until:
            return kept
        before = self._forgotten
        found = Copy(*_read(), {})
        if before == self._forgotten:  # else it may be older than the change that was heard of meanwhile
            self._found = found
        return found


kept_network = KeptNetwork()


def _read() -> tuple[list[SiteView], dict[int, ChannelView]]:
    """One query."""
    columns = [*_SITE, *(f"channels__{name}" for name in _CHANNEL)]
    rows = Site.objects.order_by("position", "name", "pk", F("channels__position"), "channels__title")
    sites: dict[int, SiteView] = {}
    channels: dict[int, ChannelView] = {}
    for stored in rows.values_list(*columns):
        # Names stand in XML, too, which cannot hold all that somebody may have pasted.
        row = [without_controls(value) if isinstance(value, str) else value for value in stored]
        site = sites.get(row[0])
        if site is None:
            given = dict(zip(_SITE, row, strict=False))
            site = SiteView(*row[: len(_SITE)], site_url(given["domain"]), direction(given["language"]))
            sites[site.pk] = site
        pk, *rest = row[len(_SITE) :]
        if pk is not None:
            path = reverse("sections:channel", args=[rest[1]])
            channels[pk] = ChannelView(pk, *rest, site, path, site.url + path)
            site.channels.append(channels[pk])
    return list(sites.values()), channels


def _site_for(host: str, sites: list[SiteView]) -> SiteView:
    name = split_domain_port(host)[0]
    for site in sites:
        if site.host == name:
            return site
    for site in sites:
        if site.is_default:
            return site
    raise NoSite(f"No site of the network has the host name {name}, and none is the default.")
