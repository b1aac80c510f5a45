"""All sitemaps that robots.txt names: the schema of sitemaps.org, the rules of news and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from lxml import etree

from audit.findings import Report, node_module
from audit.pages import Page
from audit.portal import Portal

MOST_URLS, MOST_BYTES = 50_000, 50 * 1024 * 1024
NEWS_DAYS, MOST_NEWS = 2, 1000
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
IMAGE = "{http://www.google.com/schemas/sitemap-image/1.1}"


def check(portal: Portal, pages: list[Page]) -> Report:
    schema = etree.XMLSchema(etree.parse(node_module("sitemap/schema/sitemap.xsd")))
    report = Report("")
    named = portal.get("/robots.txt").text.splitlines()
    waiting = [line.partition(": ")[2] for line in named if line.startswith("Sitemap: ")]
    seen: set[str] = set()
    urls = 0
    while waiting:
        if (address := waiting.pop()) in seen:
            continue
        seen.add(address)
        answer = portal.get(urlsplit(address).path)
        if answer.status != 200:
            report.add(address, f"answers {answer.status}")
            continue
        tree = etree.fromstring(answer.body)
        if tree.tag == f"{SITEMAP}sitemapindex":
            waiting += [entry.text for entry in tree.iter(f"{SITEMAP}loc")]
            wrongs = wrong_in_index(tree)
        else:
            urls += len(tree)
            wrongs = wrong_in(tree, len(answer.body), schema)
        for wrong in wrongs:
            report.add(urlsplit(address).path, wrong)
    report.looked_at = f"{len(seen)} sitemaps, {urls} URLs"
    return report


def wrong_in_index(tree) -> Iterator[str]:
    """The schema at hand is that of sitemaps; an index of them is simple."""
    if not 0 < len(tree) <= MOST_URLS:
        yield f"names {len(tree)} sitemaps"
    for entry in tree:
        if [child.tag for child in entry] not in ([f"{SITEMAP}loc"], [f"{SITEMAP}loc", f"{SITEMAP}lastmod"]):
            yield f"line {entry.sourceline}: an entry is a loc and maybe a lastmod"
        elif not urlsplit(entry.findtext(f"{SITEMAP}loc")).netloc:
            yield f"line {entry.sourceline}: not a whole address"


def wrong_in(tree, size: int, schema) -> Iterator[str]:
    if len(tree) > MOST_URLS or size > MOST_BYTES:
        yield f"has {len(tree)} URLs in {size} bytes"
    news = list(tree.iter(f"{NEWS}news"))
    yield from _wrong_news(news)
    if len(news) > MOST_NEWS:
        yield f"has {len(news)} news entries"
    for picture in tree.iter(f"{IMAGE}image"):
        if not urlsplit(picture.findtext(f"{IMAGE}loc", "")).netloc:
            yield f"line {picture.sourceline}: a picture without a whole address"
    # The schema would want those of all extensions as well, which are not published with it.
    for extension in [*tree.iter(f"{NEWS}news", f"{IMAGE}image")]:
        extension.getparent().remove(extension)
    if not schema.validate(tree):
        yield from (f"line {error.line}: {error.message}" for error in schema.error_log)


def _wrong_news(entries) -> Iterator[str]:
    oldest = datetime.now(UTC) - timedelta(days=NEWS_DAYS, hours=1)
    for entry in entries:
        for path in ("publication/name", "publication/language", "publication_date", "title"):
            if not entry.findtext("/".join(NEWS + step for step in path.split("/"))):
                yield f"line {entry.sourceline}: a news entry without {path}"
        moment = entry.findtext(f"{NEWS}publication_date")
        if moment and datetime.fromisoformat(moment) < oldest:
            yield f"line {entry.sourceline}: a news entry of {moment}"
