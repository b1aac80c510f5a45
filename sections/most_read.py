"""What readers of a site, or of one of its channels, read most: two blocks at the end of its fronts.

They are filled with the others, at no further query, and kept to the same rule of what readers may see.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from sections.blocks import RANKINGS, Plan, Source
from sections.compose import BlockPlan, FilledBlock
from sections.network import ChannelView, Network
from sections.reads import MostRead

SHOWN = 5


def most_read(network: Network, channel: ChannelView | None = None) -> list[Plan]:
    """Of the last day and of the last week."""
    if not settings.COUNT_READS:
        return []
    place = ("channel", channel.pk) if channel else ("site", network.site.pk)
    labels = {MostRead.Span.DAY: _("Last 24 hours"), MostRead.Span.WEEK: _("Last 7 days")}
    return [_plan(label, *place, span) for span, label in labels.items()]


def _plan(label: str, kind: str, of: int, span: str) -> Plan:
    ranking = f"{kind}-{span}"
    return Plan(BlockPlan(label, SHOWN, may_repeat=True, key=ranking), Source(ranking, of))


def parted(blocks: list[FilledBlock]) -> tuple[list[FilledBlock], list[FilledBlock]]:
    """Blocks, and apart from them those of what is read most."""
    rankings = [block for block in blocks if block.key in RANKINGS]
    return [block for block in blocks if block.key not in RANKINGS], rankings
