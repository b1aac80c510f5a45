"""The print edition of a channel's day: its stories whole, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sections.cards import COLUMNS, card_from, notices
from sections.compose import Card
from sections.dates import day_words
from sections.list_stories import between, in_channel, oldest_first
from sections.lists import archived, edition_path, midnight, span_of
from sections.network import ChannelView, Network

MOST = 50  # of a day; the channel's page has them all


@dataclass(frozen=True, slots=True)
class WholeStory:
    card: Card
    body: str  # safe: cleaned when it was stored


@dataclass(frozen=True, slots=True)
class Edition:
    network: Network
    channel: ChannelView
    title: str
    path: str
    stories: list[WholeStory]  # in the order of the day

    @property
    def notices(self) -> list[str]:
        return notices(story.card for story in self.stories)


def edition(network: Network, channel: ChannelView, day: date, at: datetime) -> Edition:
    """One query. Without the stories whose source forbids archiving."""
    begin, end = span_of(day)
    stories = between(archived(in_channel(at, network.site, channel.pk)), begin, end)
    rows = oldest_first(stories).values(*COLUMNS, "body")[:MOST]
    whole = [
        WholeStory(card_from(row, network, at), row["body"])
        for row in rows
        if row["home__channel_id"] in network.channels
    ]
    return Edition(network, channel, day_words(day), edition_path(channel, midnight(day)), whole)
