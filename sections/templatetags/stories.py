"""Filters for the pages readers see."""

import json
from collections.abc import Iterable

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from sections import structured
from sections.compose import FilledBlock

register = template.Library()


@register.filter
def wide_tables(body: str) -> SafeString:
    """A stored body, its tables in boxes that scroll sideways, by keyboard too.

    The body was cleaned when it was stored: well-formed, so that "<table" is always a tag with its end.
    """
    box = f'<div class="scroll" role="group" aria-label="{_("Table")}" tabindex="0">'
    return mark_safe(body.replace("<table", f"{box}<table").replace("</table>", "</table></div>"))


@register.filter
def leads_away(blocks: Iterable[FilledBlock]) -> bool:
    """Whether any story in the blocks lives on a sister site."""
    return any(card.site_name for block in blocks for card in block.cards)


_GRAPHS = {"home": structured.site_graph, "list": structured.list_graph, "story": structured.story_graph}
# What HTML could take for the end of the script, or for a tag.
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


@register.simple_tag
def json_ld(kind: str, page) -> SafeString:
    """A page's structured data, as a block of data in its head; nothing in it is run."""
    content = json.dumps(_GRAPHS[kind](page), ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(content))
