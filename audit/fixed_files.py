"""The files at fixed addresses, read by the parsers that crawlers and researchers use."""

from __future__ import annotations

import json

from audit.findings import Report, ToolMissing
from audit.pages import Page
from audit.portal import Portal

CRAWLER, TRAINING = "Googlebot", "GPTBot"


def check(portal: Portal, pages: list[Page]) -> Report:
    report = Report("robots.txt, security.txt, manifest")
    _robots(portal, pages, report)
    _security(portal, report)
    _manifest(portal, report)
    return report


def _robots(portal: Portal, pages: list[Page], report: Report) -> None:
    try:
        from protego import Protego
    except ImportError as missing:
        raise ToolMissing("protego is not installed (make audit installs it)") from missing
    rules = Protego.parse(portal.get("/robots.txt").text)
    for page in pages:
        if (
            page.status == 200
            and "?" not in page.path
            and not rules.can_fetch(portal.url(page.path), CRAWLER)
        ):
            report.add("robots.txt", f"keeps {CRAWLER} from {page.name}")
    for path in ("/admin/", "/preview/x/"):
        if rules.can_fetch(portal.url(path), CRAWLER):
            report.add("robots.txt", f"lets {CRAWLER} into {path}")
    if rules.can_fetch(portal.url("/"), TRAINING):
        report.add("robots.txt", f"lets {TRAINING} in, unasked")
    for address in rules.sitemaps:
        if not address.startswith(portal.url("/")):
            report.add("robots.txt", f"names a sitemap elsewhere: {address}")
    if not list(rules.sitemaps):
        report.add("robots.txt", "names no sitemap")


def _security(portal: Portal, report: Report) -> None:
    try:
        from sectxt import Parser
    except ImportError as missing:
        raise ToolMissing("sectxt is not installed (make audit installs it)") from missing
    read = Parser(portal.get("/.well-known/security.txt").body)
    for error in read.errors:
        # Asked for by plain http here; a portal in production knows no other address than https.
        if error["code"] != "no_https":
            report.add("security.txt", f"line {error['line']}: {error['message']}")


def _manifest(portal: Portal, report: Report) -> None:
    manifest = json.loads(portal.get("/manifest.webmanifest").body)
    for icon in manifest["icons"]:
        if portal.get(icon["src"]).status != 200:
            report.add("manifest", f"names {icon['src']}, which is not there")
    for name in ("name", "short_name", "start_url", "display"):
        if not manifest.get(name):
            report.add("manifest", f"has no {name}")
