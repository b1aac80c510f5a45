"""A story's page as readers will see it, of a text that is not public: a draft, a working copy, a version.

Made by the composer and the template of the page itself, from the JSON of Story.snapshot(). All other
stories on it are those that are public.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import add_never_cache_headers

from articles.json_rows import JSONRows
from articles.markup import clean_html, opening
from articles.models import Author, Picture, Source, Story, Tag
from articles.models.tags import normal_form
from sections.cards import COLUMNS, with_home
from sections.network import load_network
from sections.pages import STORY_COLUMNS, StoryPage, composed, standing_parts

_LINK = re.compile(r'(<a\b[^>]*?\shref=")(?!#|mailto:)(/?)')


class NoAddress(Exception):
    """The story is in no channel, so there is no page of it to show; the message says so for the editor."""

    def __init__(self) -> None:
        super().__init__(
            "The story is in no channel yet, so no site has a page of it. "
            "List it in a channel, mark that as primary, and save."
        )


def preview_page(story_pk: int, content: dict, at: datetime) -> StoryPage:
    """The page of a text on its story's own site. Six queries; raises NoAddress."""
    own = _own_columns(story_pk, content)
    if own["home__channel_id"] is None:
        raise NoAddress
    network = load_network(own["home__channel__site__domain"])
    row = own | _text_columns(content) | _key_columns(content)
    row |= {"newer_": [], "older_": []}  # what stands beside it depends on when it is published
    row["first_published"] = _goes_live(own["first_published"], content, at)
    with translation.override(network.site.language):
        return composed(network, row, at)


def preview_response(request: HttpRequest, page: StoryPage, **bar) -> HttpResponse:
    """For the eyes of who asked: kept by nobody, found by no search, told to no other site."""
    site = page.network.site
    context = {"page": page, "site": site, "network": page.network, **bar}
    with translation.override(site.language):
        html = render_to_string("sections/preview.html", context, request)
    response = HttpResponse(_links_out(html, site.url))
    seal(response)
    return response


def seal(response: HttpResponse) -> None:
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"


def _links_out(html: str, site_url: str) -> str:
    """Links lead to the site that the page is of, whatever host shows the preview, and beside it."""

    def lead(found: re.Match) -> str:
        return found[1].replace("<a", '<a target="_blank"', 1) + (f"{site_url}/" if found[2] else "")

    return _LINK.sub(lead, html)


# -- The row that the composer takes -------------------------------------------------


def _own_columns(story_pk: int, content: dict) -> dict:
    """What a text does not say: where the story lives, what readers were told of it, where names lead."""
    tags = Tag.objects.filter(normal__in=[normal_form(name) for name in content["tags"]])
    authors = Author.objects.filter(name__in=content["authors"])
    parts = standing_parts() | {
        "tags_": JSONRows(tags.order_by("name"), "name", "slug"),
        "authors_": JSONRows(authors.order_by("name"), "name", "slug"),
    }
    columns = ("pk", "first_published", "last_updated", "home__channel_id", "home__channel__site__domain")
    row = with_home(Story.objects.filter(pk=story_pk)).annotate(**parts).values(*columns, *parts).get()
    return row | {name: row[name] or [] for name in parts}


def _text_columns(content: dict) -> dict:
    body = clean_html(content["body"])
    columns = {name: content[name] for name in COLUMNS if name in Story.CONTENT_FIELDS and "__" not in name}
    if filed := columns["dateline_date"]:
        columns["dateline_date"] = date.fromisoformat(filed)
    places = [{"name": name, "country": ""} for name in content["places"]]
    return columns | {"body": body, "opening": opening(body), "places_": places, "links_": content["links"]}


def _key_columns(content: dict) -> dict:
    """The columns of the text's source and picture, by the names that a join would give them."""
    columns = {}
    for name, model in (("source", Source), ("picture", Picture)):
        wanted = [column.partition("__")[2] for column in STORY_COLUMNS if f"{name}__" in column]
        found = model.objects.filter(pk=content[name]).values(*wanted).first() or {}
        columns |= {f"{name}__{column}": found.get(column) for column in wanted}
    return columns


def _goes_live(first_published: datetime | None, content: dict, at: datetime) -> datetime:
    """The time of publication that the page would bear."""
    said = [content[name] for name in ("publish_at", "embargo_until") if content[name]]
    return first_published or max([at, *map(datetime.fromisoformat, said)])
