"""What pages tell search engines in JSON-LD, in the vocabulary of schema.org. Pure: pages in, dicts out."""

from __future__ import annotations

from itertools import islice
from urllib.parse import urljoin

from django.urls import reverse

from sections.compose import Card
from sections.lists import CorrectionView, ListPage
from sections.network import SiteView
from sections.pages import HomePage, StoryPage

LIST_MOST = 20  # of a page's stories, those that stand first; the rest is found by its links


def site_graph(page: HomePage) -> dict:
    """Of a site's front: who publishes it, what it is, what stands on it."""
    site = page.network.site
    website = {
        "@type": "WebSite",
        "@id": f"{site.url}/#website",
        "url": f"{site.url}/",
        "name": site.name,
        "description": site.tagline,
        "inLanguage": site.language,
        "publisher": {"@id": f"{site.url}/#publisher"},
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": f"{site.url}{reverse('sections:search')}?q={{search_term_string}}",
            },
            "query-input": "required name=search_term_string",
        },
    }
    cards = [card for block in page.blocks for card in block.cards]
    return _graph(_publisher(site), website, _item_list(site, cards))


def list_graph(page: ListPage) -> dict:
    site = page.network.site
    trail = _trail(site, (page.title, page.path))
    return _graph(_item_list(site, page.cards), *([trail] if page.is_first else []))


def story_graph(page: StoryPage) -> dict:
    channel = page.channel
    trail = _trail(page.network.site, (channel.title, channel.path), (page.card.headline, page.card.url))
    return _graph(news_article(page), _publisher(page.network.site), trail)


def news_article(page: StoryPage) -> dict:
    """https://schema.org/NewsArticle, without the text itself."""
    site, card = page.network.site, page.card
    article = {
        "@type": "NewsArticle",
        "@id": f"{page.url}#story",
        "url": page.url,
        "mainEntityOfPage": page.url,
        "headline": card.headline,
        "description": card.teaser,
        "articleSection": page.channel.title,
        "datePublished": card.published.isoformat(),
        "dateModified": (card.updated or card.published).isoformat(),
        "inLanguage": card.language,
        "dateline": card.dateline,
        "isAccessibleForFree": True,
        "isPartOf": {
            "@type": "WebSite", "@id": f"{site.url}/#website", "name": site.name, "url": f"{site.url}/",
        },
        "publisher": {"@id": f"{site.url}/#publisher"},
        "author": _authors(page),
        "sourceOrganization": page.source and {"@type": "NewsMediaOrganization", "name": page.source.title},
        "copyrightNotice": card.notice,
        "keywords": [tag.title for tag in page.tags],
        "contentLocation": [{"@type": "Place", "name": place.title} for place in page.places],
        "image": card.picture and {
            "@type": "ImageObject",
            "url": urljoin(site.url, card.picture.full.url),
            "width": f"{card.picture.full.width} px",
            "height": f"{card.picture.full.height} px",
            "caption": card.picture.caption or card.picture.alt_text,
            "creditText": card.picture.credit,
        },
        "correction": [_correction(given) for given in page.corrections],
    }  # fmt: skip
    return {name: value for name, value in article.items() if value not in ("", None, [])}


def _authors(page: StoryPage) -> list[dict]:
    """Those who have a page, as people; else the byline, as the agency words it; else the source."""
    site = page.network.site
    people = [
        {"@type": "Person", "name": part.text, "url": urljoin(site.url, part.url)}
        for part in page.byline
        if part.url
    ]
    byline = "".join(part.text for part in page.byline)
    return people or [
        {"@type": "Organization", "name": byline or (page.source and page.source.title) or site.name}
    ]


def _correction(given: CorrectionView) -> dict:
    return {"@type": "CorrectionComment", "text": given.note, "datePublished": given.at.isoformat()}


def _publisher(site: SiteView) -> dict:
    return {
        "@type": "NewsMediaOrganization",
        "@id": f"{site.url}/#publisher",
        "name": site.name,
        "url": f"{site.url}/",
        "logo": {"@type": "ImageObject", "url": f"{site.url}/icon-512.png"},
        "correctionsPolicy": site.url + reverse("sections:corrections"),
    }


def _trail(site: SiteView, *steps: tuple[str, str]) -> dict:
    """https://schema.org/BreadcrumbList"""
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": urljoin(site.url, path)}
        for position, (name, path) in enumerate([(site.name, "/"), *steps], start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def _item_list(site: SiteView, cards: list[Card]) -> dict:
    """https://schema.org/ItemList; each address once, in the order of the page."""
    stories = {card.url: card for card in cards if card.story_id}
    urls = [urljoin(site.url, url) for url in islice(stories, LIST_MOST)]
    items = [
        {"@type": "ListItem", "position": number, "url": url} for number, url in enumerate(urls, start=1)
    ]
    return {"@type": "ItemList", "itemListElement": items}


def _graph(*nodes: dict) -> dict:
    return {"@context": "https://schema.org", "@graph": list(nodes)}
