"""What pages tell search engines in JSON-LD."""

import json
import re

import pytest

from articles import publishing
from articles.models import Author, Picture, Place
from tests.factories import make_channel, make_site, make_source, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def ports(db):
    return make_channel(make_site("main.test", name="Tideline", is_default=True, tagline="Oceans"), "Ports")


@pytest.fixture
def graph(read):
    """The nodes of a page's graph, by their type."""

    def graph(path: str) -> dict[str, dict]:
        page = read(path).content.decode()
        [content] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
        told = json.loads(content)
        assert told["@context"] == "https://schema.org"
        return {node["@type"]: node for node in told["@graph"]}

    return graph


def address(story) -> str:
    return f"/story/{story.pk}/{story.slug}/"


def test_a_story_is_a_news_article_with_all_that_its_page_shows(graph, ports):
    author = Author.objects.create(name="Nell Harrow")
    picture = Picture.objects.create(file="quay.jpg", width=1200, height=675, alt_text="A quay", credit="MWS")
    story = publish(
        ports, headline="Pilots back", teaser="After a week.", byline="Nell Harrow", picture=picture,
        source=make_source("MWS"), dateline_place="Tidewater", dateline_credit="MWS", language="en-GB",
    )  # fmt: skip
    story.authors.add(author)
    story.tags.add("Pilots")
    story.places.add(Place.objects.create(name="Tidewater", country="Norlant"))
    publishing.correct(story, note="It was nine days.", by_name="The suite")
    article = graph(address(story))["NewsArticle"]
    url = f"http://main.test{address(story)}"
    story.refresh_from_db()
    assert article == article | {
        "@id": f"{url}#story",
        "mainEntityOfPage": url,
        "headline": "Pilots back",
        "description": "After a week.",
        "articleSection": "Ports",
        "datePublished": story.first_published.isoformat(),
        "dateModified": story.last_updated.isoformat(),
        "inLanguage": "en-GB",
        "author": [{"@type": "Person", "name": "Nell Harrow", "url": "http://main.test/author/nell-harrow/"}],
        "sourceOrganization": {"@type": "NewsMediaOrganization", "name": "MWS Wire"},
        "keywords": ["Pilots"],
        "contentLocation": [{"@type": "Place", "name": "Tidewater, Norlant"}],
        "isPartOf": {
            "@type": "WebSite",
            "@id": "http://main.test/#website",
            "name": "Tideline",
            "url": "http://main.test/",
        },
        "publisher": {"@id": "http://main.test/#publisher"},
    }
    assert article["dateline"].startswith("Tidewater (MWS)")
    assert article["image"]["url"] == "http://main.test/media/quay.jpg"
    assert [given["text"] for given in article["correction"]] == ["It was nine days."]
    assert "articleBody" not in article


def test_who_has_no_page_is_named_as_the_byline_has_it_else_by_the_source(graph, ports):
    named = publish(ports, byline="AFP Staff Writers")
    sourced = publish(ports, source=make_source("MWS"))
    by_nobody = publish(ports)
    names = [
        graph(address(story))["NewsArticle"]["author"][0]["name"] for story in (named, sourced, by_nobody)
    ]
    assert names == ["AFP Staff Writers", "MWS Wire", "Tideline"]


def test_a_story_says_where_it_stands_on_the_site(graph, ports):
    story = publish(ports, headline="Pilots back")
    trail = graph(address(story))["BreadcrumbList"]["itemListElement"]
    assert [(step["position"], step["name"]) for step in trail] == [
        (1, "Tideline"),
        (2, "Ports"),
        (3, "Pilots back"),
    ]
    assert trail[1]["item"] == "http://main.test/channel/ports/"


def test_fronts_list_their_stories_and_say_whose_they_are(graph, ports):
    stories = [publish(ports) for _ in range(3)]
    front = graph("/")
    assert front["WebSite"]["publisher"] == {"@id": front["NewsMediaOrganization"]["@id"]}
    urls = [item["url"] for item in front["ItemList"]["itemListElement"]]
    assert urls == [f"http://main.test{address(story)}" for story in reversed(stories)]
    listed = graph("/channel/ports/")["ItemList"]["itemListElement"]
    assert [item["url"] for item in listed] == urls


def test_text_that_looks_like_markup_stays_within_the_data(graph, ports):
    headline = "</script><b>Pilots & crews</b>"
    story = publish(ports, headline=headline)
    assert graph(address(story))["NewsArticle"]["headline"] == headline
