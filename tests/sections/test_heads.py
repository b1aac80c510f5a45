"""What the head of every page says to search engines and to who shares it."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.flatpages.models import FlatPage
from django.utils import timezone

from articles import publishing
from articles.models import Author, Picture, Place
from sections.lists import PAGE_SIZE
from tests.factories import make_source, publish
from tests.sections.test_story_page import path

PAGES = [
    "home", "channel", "latest", "tag", "author", "source", "archive", "year", "month", "day", "corrections",
    "words", "feeds", "network", "story", "history", "edition", "place", "search",
]  # fmt: skip


@pytest.fixture
def addresses(site, channel):
    now = timezone.now()
    story = publish(channel, headline="Pilots “back”", teaser="After fog & rain.", source=make_source())
    story.tags.add("Ferries")
    story.places.add(Place.objects.create(name="Skarvik"))
    story.authors.add(Author.objects.create(name="Ada Quist"))
    publishing.correct(story, note="It was nine days.", by_name="The suite")
    FlatPage.objects.create(url="/about/", title="About", content="<p>Who we are</p>").sites.add(site)
    day = f"{now:%Y/%m/%d}/"
    return {
        "home": "/",
        "channel": "/channel/russian-news/",
        "latest": "/latest/",
        "tag": "/tag/ferries/",
        "author": "/author/ada-quist/",
        "source": "/source/MWS/",
        "archive": "/archive/",
        "year": f"/archive/{day[:5]}",
        "month": f"/archive/{day[:8]}",
        "day": f"/archive/{day}",
        "corrections": "/corrections/",
        "words": "/about/",
        "feeds": "/feeds/",
        "network": "/network/",
        "story": path(story),
        "history": f"{path(story)}history/",
        "edition": f"/channel/russian-news/{day}",
        "place": "/place/skarvik/",
        "search": "/search/",
    }


def head(response) -> dict[str, list[str]]:
    """What each name, property or rel of the head says."""
    assert response.status_code == 200
    html = response.content.decode().split("</head>")[0]
    told = {
        "title": [unescape(words).strip() for words in re.findall(r"<title>(.*?)</title>", html, re.DOTALL)]
    }
    for tag in re.findall(r"<(?:meta|link)\s[^>]*>", html):
        given = dict(re.findall(r'([\w:-]+)="([^"]*)"', tag))
        name = given.get("name") or given.get("property") or given.get("rel")
        if name:
            told.setdefault(name, []).append(unescape(given.get("content") or given.get("href") or ""))
    return told


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_a_whole_head_that_says_each_thing_once(read, addresses, page):
    told = head(read(addresses[page]))
    names = ["title", "description", "canonical", "og:type", "og:title", "og:description", "og:url",
             "og:site_name", "twitter:card"]  # fmt: skip
    for name in names:
        [words] = told.get(name, [])
        assert words, name
    assert told["canonical"] == told["og:url"] == [f"http://main.test{addresses[page]}"]
    assert len(told["alternate"]) >= 3
    assert told["og:site_name"] == ["Main"]


@pytest.mark.parametrize("page", ["home", "channel", "latest"])
def test_a_front_is_shared_with_its_first_picture(read, addresses, channel, page):
    told = head(read(addresses[page]))
    assert told["twitter:card"] == ["summary"]
    assert "og:image" not in told
    publish(channel, picture=Picture.objects.create(file="quay.jpg", width=4, height=3, alt_text="A quay"))
    told = head(read(addresses[page]))
    assert told["twitter:card"] == ["summary_large_image"]
    assert told["og:image"] == ["http://main.test/media/quay.jpg"]
    assert told["og:image:alt"] == ["A quay"]


def test_no_two_pages_have_the_same_title(read, addresses):
    titles = [head(read(address))["title"][0] for page, address in addresses.items() if page != "edition"]
    assert len(set(titles)) == len(titles)


def test_quotes_and_ampersands_arrive_as_they_were_written(read, addresses):
    told = head(read(addresses["story"]))
    assert told["og:title"] == ["Pilots “back”"]
    assert told["description"] == told["og:description"] == ["After fog & rain."]


def test_a_story_without_a_teaser_is_described_by_its_first_words(read, channel):
    story = publish(channel, teaser="", body="<p>The ferry sailed at noon.</p>")
    assert head(read(path(story)))["description"] == ["The ferry sailed at noon."]


def test_a_site_and_channel_that_say_nothing_of_themselves_are_described_all_the_same(read, site, channel):
    site.tagline = ""
    site.save()
    for address in ["/", "/channel/russian-news/", "/latest/"]:
        assert all(head(read(address))["description"]), address
        assert all(head(read(address))["og:description"]), address


def test_screens_of_a_list_name_their_neighbours(read, channel):
    now = timezone.now()
    for number in range(PAGE_SIZE * 2 + 1):
        publish(channel, at=now - timedelta(minutes=number))
    first = head(read("/latest/"))
    assert "prev" not in first
    second = head(read(f"/latest/{first['next'][0]}"))
    assert second["canonical"] == [f"http://main.test/latest/{first['next'][0]}"]
    assert "prev" in second
    assert "next" in second


@pytest.mark.parametrize("page", ["history", "edition"])
def test_what_repeats_other_pages_is_not_for_searches(read, addresses, page):
    assert head(read(addresses[page]))["robots"] == ["noindex"]
