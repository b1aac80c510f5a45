"""What an editor should look at again in a story that is saved all the same. Pure: no database, no network.

What may not be published is another matter: publishing.obstacles says that, and the act is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from articles.markup import links_in
from articles.models import Picture, Story

SHORTEST_TEASER, LONGEST_TEASER = 40, 200  # searches and shared links show no more
_FILE_NAME = re.compile(r"\S+\.(?:jpe?g|png|gif|webp|avif|tiff?|svg)", re.IGNORECASE)


@dataclass(frozen=True)
class StoryWarning:
    field: str  # of the form, or the prefix of one of its tables
    words: str


def warnings_for(
    story: Story, *, links: Iterable[str] = (), in_channel: bool = True, dead: Mapping[str, str] | None = None
) -> list[StoryWarning]:
    """`links` are the addresses of its related links; `dead` says which addresses lead nowhere, and why."""
    found = [*_teaser(story), *_picture(story.picture)]
    if not story.source_id:
        words = _("It names no source: readers see no copyright notice, and no contract is checked.")
        found.append(StoryWarning("source", words))
    if not in_channel:
        found.append(StoryWarning("listings", _("It is in no channel: no reader would find it.")))
    for field, addresses in (("body", links_in(story.body)), ("links", filter(None, links))):
        found += _links(field, addresses, dead or {})
    return found


def addresses_of(story: Story, links: Iterable[str]) -> list[str]:
    return [*links_in(story.body), *filter(None, links)]


def _teaser(story: Story) -> Iterable[StoryWarning]:
    length = len(story.teaser.strip())
    if 0 < length < SHORTEST_TEASER:
        words = _("The teaser has %(length)s characters: too short to tell readers what they will find.")
        yield StoryWarning("teaser", words % {"length": length})
    if length > LONGEST_TEASER:
        words = _("The teaser has %(length)s characters: lists and searches cut it after %(most)s.")
        yield StoryWarning("teaser", words % {"length": length, "most": LONGEST_TEASER})


def _picture(picture: Picture | None) -> Iterable[StoryWarning]:
    if picture is None:
        return
    alt_text = picture.alt_text.strip()
    if not alt_text:
        yield StoryWarning("picture", _("The picture has no alt text: who cannot see it misses it."))
    elif _FILE_NAME.fullmatch(alt_text):
        words = _("The picture's alt text is the name of a file (%(name)s): say what the picture shows.")
        yield StoryWarning("picture", words % {"name": alt_text})


def _links(field: str, addresses: Iterable[str], dead: Mapping[str, str]) -> Iterable[StoryWarning]:
    for address in dict.fromkeys(addresses):
        if why := dead.get(address) or _link_trouble(address):
            words = _("The link to %(address)s: %(why)s")
            yield StoryWarning(field, words % {"address": address[:80], "why": why})


def _link_trouble(address: str) -> str:
    """Why an address cannot lead anywhere, by its form alone."""
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname or ""
    except ValueError:
        return _("this is no address.")
    if parts.scheme in ("http", "https"):
        return "" if "." in host.strip(".") else _("its host is not one of the open net.")
    if parts.scheme or address.startswith(("/", "#")):
        return ""
    return _("it has no https:// in front, so it leads nowhere.")
