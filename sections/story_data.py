"""A story for machines, at addresses of its own: ninjs at <story>.json, JSON-LD at <story>.jsonld.

Only where feeds may have the whole text: a data file is made to be taken along.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from articles.markup import plain_text
from newsportal.caching import shows
from sections.ninjs import news_item
from sections.page_keys import shown_on
from sections.pages import Elsewhere, GonePage, StoryPage, story_page
from sections.structured import story_graph
from sections.views import for_readers, page_response, sent_on


@for_readers
def ninjs(request, network, pk: int, slug: str):
    page = story_page(network, pk, slug, timezone.now())
    return _file(request, page, ".json", "application/json", news_item)


@for_readers
def linked_data(request, network, pk: int, slug: str):
    page = story_page(network, pk, slug, timezone.now())
    return _file(request, page, ".jsonld", "application/ld+json", _with_text)


def _with_text(page: StoryPage) -> dict:
    """The graph of the story's page, and the text, which the page has in its HTML."""
    graph = story_graph(page)
    article, *others = graph["@graph"]
    return graph | {"@graph": [article | {"articleBody": plain_text(page.body)}, *others]}


def _file(
    request: HttpRequest, page, ending: str, media_type: str, write: Callable[[StoryPage], dict]
) -> HttpResponse:
    if isinstance(page, Elsewhere):
        return sent_on(request, page, page.url.removesuffix("/") + ending)
    if isinstance(page, GonePage):
        return page_response(request, "gone", page, status=410)
    if page is None or not page.is_passed_on:
        raise Http404("No such story, or none whose text may be passed on.")
    options = {"ensure_ascii": False, "indent": 1}
    media_type = f"{media_type}; charset=utf-8"
    response = JsonResponse(write(page), json_dumps_params=options, content_type=media_type)
    shown = shown_on(page)
    return shows(request, response, shown.keys, shown.until)
