"""The names of what readers see, by which pages of a change are found: each page carries the keys of all
that it shows, each act writes those of what it changes (newsportal.outbox).

A name in an address is quoted, so that a key is a word of ASCII, as HTTP headers want it.
"""

from __future__ import annotations

from urllib.parse import quote

NETWORK = "network"  # what all pages rest on: sites, channels, sources
WORDS = "words"  # what the publisher says of itself

# Of the blocks on a home page, on a channel's page and under a channel's stories, whatever they show.
HOME_BLOCKS, FRONT_BLOCKS, STORY_BLOCKS = "home-blocks", "front-blocks", "story-blocks"


def story(pk: int) -> str:
    """Wherever the story is shown."""
    return f"story:{pk}"


def listed(kind: str, pk: int) -> str:
    """Lists of the stories of a channel, site, tag, place, author or source; blocks of one of the places."""
    return f"{kind}:{pk}"


def named(kind: str, slug: str) -> str:
    """Wherever a tag, place or author is named with its address."""
    return f"{kind}-at:{quote(slug)}"


def month(site_pk: int, year: int | str, month: int | str) -> str:
    """A site's archive of a month, of UTC."""
    return f"month:{site_pk}:{int(year)}-{int(month)}"
