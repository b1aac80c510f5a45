"""The search: its page, what it completes, and how browsers learn of it."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from lxml import etree

from articles.search.streams import TooSlow
from newsportal.caching import shows
from sections.search_page import completions, search_page
from sections.searching import SEARCHED, Search
from sections.views import for_readers

OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"


# What a search finds is kept nowhere: any story may change it.


@for_readers(reads=SEARCHED)
def search(request, network):
    page = search_page(Search.read(network, request.GET), timezone.now())
    context = {"page": page, "site": network.site, "network": network}
    status = 503 if page.is_too_slow else 200
    response = render(request, "sections/search.html", context, status=status)
    if page.is_too_slow:
        response["Retry-After"] = "60"
    return response


@for_readers(reads=SEARCHED)
def suggest(request, network):
    """https://github.com/dewitt/opensearch, Suggestions 1.1: what is typed, and what it may become."""
    asked = Search.read(network, request.GET)
    try:
        found = completions(asked, timezone.now())
    except TooSlow:
        found = []
    return JsonResponse([asked.typed, found], safe=False, content_type="application/x-suggestions+json")


@for_readers
def description(request, network):
    """OpenSearch 1.1, by which a browser adds the site to its searches."""
    site = network.site
    root = etree.Element("OpenSearchDescription", nsmap={None: OPENSEARCH})
    etree.SubElement(root, "ShortName").text = site.name[:16]
    etree.SubElement(root, "LongName").text = site.name[:48]
    etree.SubElement(root, "Description").text = _("Search the stories of %s") % site.name
    etree.SubElement(root, "Language").text = site.language
    etree.SubElement(root, "InputEncoding").text = "UTF-8"
    image = etree.SubElement(root, "Image", width="16", height="16", type="image/x-icon")
    image.text = f"{site.url}/favicon.ico"
    for kind, path, query in (
        ("text/html", reverse("sections:search"), "q={searchTerms}"),
        ("application/x-suggestions+json", reverse("sections:suggest"), "q={searchTerms}"),
        ("application/rss+xml", reverse("sections:feed-search", args=["rss.xml"]), "q={searchTerms}"),
    ):
        etree.SubElement(root, "Url", type=kind, template=f"{site.url}{path}?{query}")
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    response = HttpResponse(content, content_type="application/opensearchdescription+xml")
    return shows(request, response, keys=[])
