"""The environment of the pages that readers see: templates/readers/, written in Jinja2.

A front page holds a hundred cards; Jinja2 compiles them to Python and takes a sixth of the time that Django's
templates take. The desk, of which nobody asks for a hundred pages a second, is written in those.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote

from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import iri_to_uri
from django.utils.html import linebreaks
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from jinja2 import ChainableUndefined, Environment, pass_environment
from markupsafe import Markup

from sections import structured
from sections.compose import FilledBlock
from sections.dates import day_words, moment_words
from sections.network import Network


def environment(**options) -> Environment:
    """What TEMPLATES of the settings names. A template knows these filters and functions, and no others."""
    # What a page does not have (a channel, a path) is as nothing, however much is asked of it.
    ours = {"undefined": ChainableUndefined, "lstrip_blocks": True, "extensions": ["jinja2.ext.i18n"]}
    made = Environment(**options | ours)
    made.install_gettext_callables(
        translation.gettext, translation.ngettext,
        pgettext=translation.pgettext, npgettext=translation.npgettext,
    )  # fmt: skip
    made.globals |= {
        "current_language": translation.get_language,
        "language_is_bidi": translation.get_language_bidi,
        "json_ld": json_ld,
        "menus": menus,
        "static": static,
        "url": url,
    }
    made.filters |= {
        "day": lambda at: day_words(at.astimezone(UTC)),
        "iriencode": iri_to_uri,
        "iso": iso,
        "leads_away": leads_away,
        "linebreaks": lambda text: Markup(linebreaks(text, autoescape=True)),
        "moment": moment_words,
        "quoted": lambda text: quote(text, safe=""),
        "truncatechars": lambda text, length: Truncator(text).chars(length),
        "wide_tables": wide_tables,
    }
    return made


@lru_cache(maxsize=200)  # the fixed addresses, which stand at the foot of every page
def url(name: str, *args) -> str:
    return reverse(name, args=args)


# -- Times, always those of UTC ----------------------------------------------------------


def iso(at: datetime) -> str:
    """HTML knows no more than thousandths of a second, and readers no more than seconds."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


# -- Parts of pages ------------------------------------------------------------------------


@pass_environment
def menus(environment: Environment, network: Network) -> Markup:
    """Of all sites and channels; made once for a copy of the network, a site and a language."""
    key = ("menus", network.site.pk, translation.get_language())
    if key not in network.parts:
        made = environment.get_template("sections/_menus.html").render(network=network, site=network.site)
        network.parts[key] = Markup(made)
    return network.parts[key]


def wide_tables(body: str) -> Markup:
    """A stored body, its tables in boxes that scroll sideways, by keyboard too.

    The body was cleaned when it was stored: well-formed, so that "<table" is always a tag with its end.
    """
    if "<table" not in body:
        return Markup(body)
    name = _("Table")
    box = f'<div class="scroll" role="group" aria-label="{name}" tabindex="0">'
    return Markup(body.replace("<table", f"{box}<table").replace("</table>", "</table></div>"))


def leads_away(blocks: Iterable[FilledBlock]) -> bool:
    """Whether any story in the blocks lives on a sister site."""
    return any(card.site_name for block in blocks for card in block.cards)


_GRAPHS = {"home": structured.site_graph, "list": structured.list_graph, "story": structured.story_graph}
# What HTML could take for the end of the script, or for a tag.
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def json_ld(kind: str, page) -> Markup:
    """A page's structured data, as a block of data in its head; nothing in it is run."""
    content = json.dumps(_GRAPHS[kind](page), ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    return Markup(f'<script type="application/ld+json">{content}</script>')
