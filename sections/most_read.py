"""What readers of a site, or of one of its channels, read most: as its fronts show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from sections.cards import COLUMNS, card_from, readable
from sections.compose import Card
from sections.network import ChannelView, Network
from sections.reads import MostRead

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Ranking:
    label: str
    cards: list[Card]


def most_read(network: Network, channel: ChannelView | None, at: datetime) -> list[Ranking]:
    """Of the last day and of the last week, without what readers may not see now; one query."""
    if not settings.COUNT_READS:
        return []
    ranked = MostRead.objects.filter(site=network.site.pk, channel=channel and channel.pk)
    spans = {MostRead.Span.DAY: _("Last 24 hours"), MostRead.Span.WEEK: _("Last 7 days")}
    places = {
        span.value: Subquery(ranked.filter(span=span, story=OuterRef("pk")).values("position"))
        for span in spans
    }
    stories = readable(at, network.site).filter(pk__in=ranked.values("story")).annotate(**places)
    rows = [row for row in stories.values(*COLUMNS, *places) if row["home__channel_id"] in network.channels]
    rankings = [
        Ranking(label, [card_from(row, network, at) for row in _in_order(rows, span)])
        for span, label in spans.items()
    ]
    return [ranking for ranking in rankings if ranking.cards]


def _in_order(rows: list[dict], span: str) -> list[dict]:
    return sorted((row for row in rows if row[span]), key=lambda row: row[span])[:SHOWN]
