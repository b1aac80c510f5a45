"""Which feeds there are: for people as a page, for feed readers as OPML."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.translation import gettext as _
from lxml import etree

from newsportal.caching import Shown, shows
from sections.network import Network
from sections.page_keys import shown_on
from sections.views import for_readers, page_response


@dataclass(frozen=True, slots=True)
class FeedsPage:
    """Of each site its own feed and those of its channels."""

    network: Network
    title: str


@shown_on.register
def _shown_on_feeds(page: FeedsPage) -> Shown:
    return Shown(set())


@for_readers
def feeds(request, network):
    return page_response(request, "feeds", FeedsPage(network, _("Feeds")))


@for_readers
def opml(request, network):
    """OPML 2.0 of all sites, to subscribe to the network at once."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = network.site.name
    body = etree.SubElement(root, "body")
    for site in network.sites:
        group = etree.SubElement(body, "outline", text=site.name)
        for title, path in [(site.name, "/"), *((channel.title, channel.path) for channel in site.channels)]:
            url = site.url + path
            feed = {"text": title, "xmlUrl": f"{url}rss.xml", "htmlUrl": url, "language": site.language}
            etree.SubElement(group, "outline", type="rss", **feed)
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return shows(request, HttpResponse(content, content_type="text/x-opml; charset=utf-8"), keys=[])
