"""Every kind of feed: RSS and Atom through feedparser, JSON Feed by the rules of its version 1.1."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

import feedparser

from audit.findings import Report
from audit.pages import Page
from audit.portal import Portal

OF_PAGES = ("home", "channel", "tag", "place", "author", "source", "search results")
TYPES = {
    "rss.xml": "application/rss+xml",
    "atom.xml": "application/atom+xml",
    "feed.json": "application/feed+json",
}
# https://www.jsonfeed.org/version/1.1/
FEED_FIELDS = {
    "version": str, "title": str, "home_page_url": str, "feed_url": str, "description": str,
    "user_comment": str, "next_url": str, "icon": str, "favicon": str, "authors": list, "language": str,
    "expired": bool, "hubs": list, "items": list,
}  # fmt: skip
ITEM_FIELDS = {
    "id": str, "url": str, "external_url": str, "title": str, "content_html": str, "content_text": str,
    "summary": str, "image": str, "banner_image": str, "date_published": str, "date_modified": str,
    "authors": list, "tags": list, "language": str, "attachments": list,
}  # fmt: skip


def check(portal: Portal, pages: list[Page]) -> Report:
    lists = [page for page in pages if page.name in OF_PAGES]
    report = Report(f"{len(lists) * len(TYPES)} feeds")
    for page in lists:
        for file, mime in TYPES.items():
            name = f"{file} of {page.name}"
            path, mark, query = page.path.partition("?")
            answer = portal.get(path + file + mark + query, page.host)
            if answer.status != 200 or not answer.headers["Content-Type"].startswith(mime):
                report.add(name, f"answers {answer.status}, {answer.headers['Content-Type']}")
                continue
            for wrong in wrong_in_json(answer.body) if file == "feed.json" else wrong_in_xml(answer):
                report.add(name, wrong)
    return report


def wrong_in_xml(answer) -> Iterator[str]:
    feed = feedparser.parse(answer.body, response_headers={"content-type": answer.headers["Content-Type"]})
    if feed.bozo:
        yield f"is not well-formed: {feed.bozo_exception}"
    if not feed.entries:
        yield "has no entries"
    for name in ("title", "link", "updated"):
        if not feed.feed.get(name):
            yield f"has no {name}"
    for number, entry in enumerate(feed.entries, start=1):
        for name in ("id", "title", "link", "updated" if feed.version == "atom10" else "published"):
            if not entry.get(name):
                yield f"entry {number} has no {name}"
    ids = [entry.get("id") for entry in feed.entries]
    if len(set(ids)) < len(ids):
        yield "has two entries of one id"


def wrong_in_json(body: bytes) -> Iterator[str]:
    try:
        feed = json.loads(body)
    except ValueError as broken:
        yield f"is no JSON: {broken}"
        return
    yield from _of_types("the feed", feed, FEED_FIELDS)
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield f"is of version {feed.get('version')}"
    yield from (f"has no {name}" for name in ("title", "items") if not feed.get(name))
    for number, item in enumerate(feed.get("items", []), start=1):
        where = f"item {number}"
        yield from _of_types(where, item, ITEM_FIELDS)
        if not item.get("id"):
            yield f"{where} has no id"
        if not ("content_html" in item or "content_text" in item):
            yield f"{where} has neither content_html nor content_text"
        yield from _wrong_values(where, item)
    ids = [item.get("id") for item in feed.get("items", [])]
    if len(set(ids)) < len(ids):
        yield "has two items of one id"


def _of_types(where: str, given: dict, fields: dict[str, type]) -> Iterator[str]:
    for name, value in given.items():
        if name.startswith("_"):
            continue  # an extension
        if name not in fields:
            yield f"{where} has {name}, which JSON Feed does not know"
        elif not isinstance(value, fields[name]):
            yield f"{where}: {name} is not a {fields[name].__name__}"


def _wrong_values(where: str, item: dict) -> Iterator[str]:
    for name in ("date_published", "date_modified"):
        if name in item and not _is_moment(item[name]):
            yield f"{where}: {name} is no RFC 3339 time: {item[name]}"
    for name in ("url", "external_url", "image", "banner_image"):
        if name in item and not urlsplit(item[name]).netloc:
            yield f"{where}: {name} is no whole address: {item[name]}"
    for author in item.get("authors", []):
        if not {"name", "url", "avatar"} & set(author):
            yield f"{where} has an author without name, url and avatar"
    for attachment in item.get("attachments", []):
        if not {"url", "mime_type"} <= set(attachment):
            yield f"{where} has an attachment without url or mime_type"


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
