"""A story as ninjs 3.2 of the IPTC (https://iptc.org/standards/ninjs/). Pure: a page in, a dict out."""

from __future__ import annotations

from mimetypes import guess_type
from urllib.parse import urljoin

from articles.markup import plain_text
from sections.compose import PictureView
from sections.feeds import entry_id
from sections.pages import StoryPage

_STANDARD = {
    "name": "ninjs",
    "version": "3.2",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.2.json#",
}


def news_item(page: StoryPage) -> dict:
    card, base = page.card, page.network.site.url
    item = {
        "standard": _STANDARD,
        "uri": entry_id(page.url, card.published, card.story_id),
        "type": "text",
        "representationType": "full",
        "pubStatus": "usable",
        "firstCreated": card.published.isoformat(),
        "versionCreated": (card.updated or card.published).isoformat(),
        "language": card.language,
        "headlines": [{"role": "main", "value": card.headline}],
        "descriptions": _described(
            ("teaser", card.teaser),
            ("dateline", card.dateline),
            *(("correction", given.note) for given in page.corrections),
        ),
        "bodies": [
            {"role": "main", "contentType": "text/html", "value": page.body},
            {"role": "plain", "contentType": "text/plain", "value": plain_text(page.body)},
        ],
        "by": card.byline,
        "genres": [{"name": card.genre}] if card.genre else [],
        "subjects": [{"name": tag.title, "rel": "about", "uri": urljoin(base, tag.url)} for tag in page.tags],
        "places": [
            {"name": place.title, "rel": "about", "uri": urljoin(base, place.url)} for place in page.places
        ],
        "infoSources": [{"name": page.source.title, "role": "originator"}] if page.source else [],
        "copyrightNotice": card.notice,
        "associations": [_picture(card.picture, base)] if card.picture else [],
        "altIds": [{"role": "web", "value": page.url}],
    }
    return {name: value for name, value in item.items() if value not in ("", None, [])}


def _picture(picture: PictureView, base: str) -> dict:
    """Its address is its identity; it has none of its own in the network."""
    url = urljoin(base, picture.full.url)
    item = {
        "name": "picture",
        "uri": url,
        "type": "picture",
        "descriptions": _described(("caption", picture.caption), ("alternative", picture.alt_text)),
        "by": picture.credit,
        "renditions": [
            {
                "name": "full",
                "href": url,
                "contentType": guess_type(url)[0] or "image/jpeg",
                "width": picture.full.width,
                "height": picture.full.height,
            }
        ],
    }
    return {name: value for name, value in item.items() if value}


def _described(*said: tuple[str, str]) -> list[dict]:
    return [{"role": role, "value": words} for role, words in said if words]
