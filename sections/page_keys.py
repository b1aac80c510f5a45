"""The keys of a page, from what was composed, and when it is over because something on it has aged.

A page has the key of each story that it shows, of each list that it shows a part of (a story that comes
into the list changes it), of the blocks that it has room for, and of each name that it links to. What all
pages rest on is added to each by sections.views.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import singledispatch
from urllib.parse import unquote

from newsportal import keys
from newsportal.caching import Shown
from sections import lists
from sections.compose import Card, FilledBlock
from sections.editions import Edition
from sections.history import HistoryPage
from sections.lists import ArchivePage, CorrectionsPage, ListPage
from sections.pages import Elsewhere, GonePage, HomePage, NetworkPage, StoryPage, WordsPage


@singledispatch
def shown_on(page) -> Shown:
    """To be registered for each kind of page: one that says nothing would never be mended."""
    raise TypeError(f"sections.page_keys does not know what a {type(page).__name__} shows.")


@shown_on.register
def _(page: HomePage) -> Shown:
    site = page.network.site
    own = {keys.listed("site", site.pk), keys.listed(keys.HOME_BLOCKS, site.pk)}
    # What changes one of the site's channels says so of the site, too.
    elsewhere = page.draws_on - {keys.listed("channel", channel.pk) for channel in site.channels}
    return Shown(own | elsewhere | _in_blocks(page.blocks) | _ranked(page), _aged(page.blocks))


@shown_on.register
def _(page: StoryPage) -> Shown:
    channel, blocks = page.channel.pk, page.blocks
    own = {keys.listed("channel", channel), keys.listed(keys.STORY_BLOCKS, channel)} | of_cards([page.card])
    linked = [*page.tags, *page.places, *page.byline]
    return Shown(
        own | _named(part.url for part in linked) | page.draws_on | _in_blocks(blocks), _aged(blocks)
    )


@shown_on.register
def _(page: ListPage) -> Shown:
    site, found = page.network.site.pk, of_cards(page.cards)
    if page.kind == lists.CHANNEL:
        found.add(keys.listed("channel", page.channel.pk))
        found.add(keys.listed(keys.FRONT_BLOCKS, page.channel.pk))
    elif page.kind == lists.LATEST:
        found.add(keys.listed("site", site))
    elif page.kind == lists.DAY:
        found.add(_month(site, page.path))
    else:
        found.add(keys.listed(page.kind, page.subject.pk))
    return Shown(found | page.draws_on | _in_blocks(page.blocks) | _ranked(page), _aged(page.blocks))


@shown_on.register
def _(page: Edition) -> Shown:
    own = {keys.listed("channel", page.channel.pk)}
    return Shown(own | of_cards(story.card for story in page.stories))


@shown_on.register
def _(page: ArchivePage) -> Shown:
    site = page.network.site.pk
    return Shown({_month(site, page.path) if page.month else keys.listed("site", site)})


@shown_on.register
def _(page: CorrectionsPage) -> Shown:
    stories = of_cards(given.story for given in page.corrections)
    return Shown({keys.listed("site", page.network.site.pk)} | stories)


@shown_on.register
def _(page: HistoryPage) -> Shown:
    return Shown(of_cards([page.card]), page.until)


@shown_on.register
def _(page: GonePage | Elsewhere) -> Shown:
    return Shown({keys.story(page.story_id)})


@shown_on.register
def _(page: WordsPage) -> Shown:
    return Shown({keys.WORDS})


@shown_on.register
def _(page: NetworkPage) -> Shown:
    return Shown(set())


# -- Parts of pages --------------------------------------------------------------------


def of_cards(cards: Iterable[Card]) -> set[str]:
    return {keys.story(card.story_id) for card in cards if card.story_id}


def _in_blocks(blocks: Iterable[FilledBlock]) -> set[str]:
    return of_cards(card for block in blocks for card in block.cards) | _named(block.url for block in blocks)


def _ranked(page: HomePage | ListPage) -> set[str]:
    """A ranking that changes says so by the key of the blocks beside it."""
    return of_cards(card for ranking in page.most_read for card in ranking.cards)


def _named(urls: Iterable[str]) -> set[str]:
    """Of tags, places and authors, by where they are: /tag/harbours/"""
    parts = (url.strip("/").split("/") for url in urls)
    named = (part for part in parts if len(part) == 2 and part[0] in ("tag", "place", "author"))
    return {keys.named(kind, unquote(slug)) for kind, slug in named}


def _month(site: int, path: str) -> str:
    """Of an address in the archive by date: /archive/2026/11/23/"""
    _archive, year, month, *_day = path.strip("/").split("/")
    return keys.month(site, year, month)


def _aged(blocks: Iterable[FilledBlock]) -> datetime | None:
    """When the first of the stories that fill the blocks up is too old for its block."""
    ends = (
        choice.card.published + block.max_age
        for block in blocks
        if block.max_age
        for choice in block.choices
        if choice.pick is None
    )
    return min(ends, default=None)
