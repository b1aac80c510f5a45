"""The formats of feeds: RSS 2.0 with Media RSS, Atom (RFC 4287), JSON Feed 1.1.

An entry is given to add_item() with `content`, HTML or empty, and `picture`, a PictureView or None; the
address of its `full` is whole.
"""

from __future__ import annotations

import json
import mimetypes

from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed, rfc3339_date

from articles.markup import without_controls

MEDIA = "http://search.yahoo.com/mrss/"
CONTENT = "http://purl.org/rss/1.0/modules/content/"


def _media_type(url: str) -> str:
    return mimetypes.guess_type(url)[0] or "image/jpeg"


def _add_picture(handler, picture) -> None:
    """https://www.rssboard.org/media-rss"""
    full = picture.full
    sizes = {"width": str(full.width), "height": str(full.height)}
    media = {"url": full.url, "medium": "image", "type": _media_type(full.url), **sizes}
    handler.startElement("media:content", media)
    for name, words in (("description", picture.caption or picture.alt_text), ("credit", picture.credit)):
        if words:
            handler.addQuickElement(f"media:{name}", without_controls(words))
    handler.endElement("media:content")


class _XML:
    """Leaves out what XML cannot hold: a name or a note with a control character in it is no reason for a
    feed to fail, and what is searched for, which stands in the title, may be anything."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.feed = _writable(self.feed)

    def add_item(self, *args, **kwargs):
        super().add_item(*args, **kwargs)
        self.items[-1] = _writable(self.items[-1])


def _writable(told):
    if isinstance(told, str):
        return without_controls(told)
    if isinstance(told, dict):
        return {name: _writable(value) for name, value in told.items()}
    return [_writable(value) for value in told] if isinstance(told, list | tuple) else told


class RSS(_XML, Rss201rev2Feed):
    def rss_attributes(self):
        return super().rss_attributes() | {"xmlns:media": MEDIA, "xmlns:content": CONTENT}

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        if self.feed["hub"]:
            handler.addQuickElement("atom:link", None, {"rel": "hub", "href": self.feed["hub"]})

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        if item["content"]:
            handler.addQuickElement("content:encoded", item["content"])
        if item["picture"]:
            _add_picture(handler, item["picture"])


class Atom(_XML, Atom1Feed):
    def root_attributes(self):
        return super().root_attributes() | {"xmlns:media": MEDIA}

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        if self.feed["hub"]:
            handler.addQuickElement("link", None, {"rel": "hub", "href": self.feed["hub"]})

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        if item["content"]:
            handler.addQuickElement("content", item["content"], {"type": "html"})
        if item["picture"]:
            _add_picture(handler, item["picture"])


class JSONFeed(SyndicationFeed):
    """https://www.jsonfeed.org/version/1.1/"""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile, encoding):
        feed = self.feed
        told = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed["title"],
            "description": feed["description"],
            "home_page_url": feed["link"],
            "feed_url": feed["feed_url"],
            "language": feed["language"],
            **({"hubs": [{"type": "WebSub", "url": feed["hub"]}]} if feed["hub"] else {}),
            "items": [self._item(item) for item in self.items],
        }
        json.dump(told, outfile, ensure_ascii=False)

    def _item(self, item: dict) -> dict:
        text = {"content_text": item["description"]}
        content = {"content_html": item["content"]} if item["content"] else text
        told = {
            "id": item["unique_id"],
            "url": item["link"],
            "title": item["title"],
            "summary": item["description"],
            **content,
            "date_published": rfc3339_date(item["pubdate"]),
            "date_modified": rfc3339_date(item["updateddate"]),
            "authors": [{"name": item["author_name"]}] if item["author_name"] else None,
            "tags": item["categories"],
            "language": item["language"],
            "image": item["picture"] and item["picture"].full.url,
        }
        return {name: value for name, value in told.items() if value}


FORMATS = {"rss.xml": RSS, "atom.xml": Atom, "feed.json": JSONFeed}
