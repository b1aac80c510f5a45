"""RSS and Atom as a feed reader reads them."""

import json
from datetime import datetime, timedelta

import feedparser
import pytest
from django.utils import timezone
from lxml import etree

from articles import publishing
from articles.models import Author, Picture, Source, Tag
from newsportal.caching import SHOWN
from sections import feeds
from sections.models import Channel, Site
from tests.factories import make_channel, make_site, make_source, publish

LISTS = ["/", "/channel/russian-news/", "/tag/ferries/", "/author/ada-quist/", "/source/MWS/"]
FEEDS = [f"{path}{kind}.xml" for path in LISTS for kind in ["rss", "atom"]]


@pytest.fixture
def story(channel):
    story = publish(
        channel, headline="Ferry & bridge", teaser="After <a> week.", byline="Ada Quist", source=make_source()
    )
    story.tags.add("Ferries")
    story.authors.add(Author.objects.create(name="Ada Quist"))
    return story


@pytest.mark.parametrize("path", FEEDS)
def test_every_feed_is_well_formed_and_holds_the_story(read, story, path):
    response = read(path)
    feed = feedparser.parse(response.content)
    (entry,) = feed.entries
    assert not feed.bozo
    assert response["Content-Type"].startswith(("application/rss+xml", "application/atom+xml"))
    assert entry.title == "Ferry &amp; bridge" if feed.version == "rss20x" else "Ferry & bridge"
    assert entry.link == f"http://main.test/story/{story.pk}/{story.slug}/"
    assert entry.author == "Ada Quist"
    assert feed.feed.links[0].href.startswith("http://main.test/")


def test_an_entry_keeps_its_id_and_shows_its_update(read, story):
    before = feedparser.parse(read("/atom.xml").content).entries[0]
    story.headline = "Ferry, bridge and tunnel"
    publishing.update(story, by_name="The suite")
    after = feedparser.parse(read("/atom.xml").content).entries[0]
    assert after.id == before.id
    assert after.link != before.link
    assert after.published == before.published
    assert after.updated > before.updated


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_correction_is_told_in_the_entry_that_it_updates(read, channel, is_whole):
    source = make_source("CRR", feeds_full_text=is_whole)
    story = publish(channel, headline="Ferry", teaser="Nine days.", body="<p>B</p>", source=source)
    publishing.correct(story, note="It was nine & not eight.", by_name="The suite")
    entry = feedparser.parse(read("/atom.xml").content).entries[0]
    assert entry.updated > entry.published
    assert entry.summary == "Nine days. Correction: It was nine & not eight."
    if is_whole:
        content = entry.content[0].value
        assert content == "<p><strong>Correction:</strong> It was nine &amp; not eight.</p><p>B</p>"
    else:
        assert "content" not in entry


@pytest.mark.parametrize("path", ["/", "/channel/russian-news/", "/tag/ferries/", "/source/MWS/"])
def test_a_corrected_story_is_told_for_a_week_however_many_are_newer(read, story, channel, path, monkeypatch):
    for number in range(feeds.FEED_SIZE):
        newer = publish(channel, headline=f"Newer {number}", source=story.source)
        newer.tags.add("Ferries")
    titles = [entry.title for entry in feedparser.parse(read(f"{path}atom.xml").content).entries]
    assert len(titles) == feeds.FEED_SIZE
    assert story.headline not in titles
    publishing.correct(story, note="It was nine.", by_name="The suite")
    publishing.correct(newer, note="It was ten.", by_name="The suite")
    entries = feedparser.parse(read(f"{path}atom.xml").content).entries
    assert len(entries) == feeds.FEED_SIZE + 1
    assert [entry.title for entry in entries[:2]] == [newer.headline, story.headline]
    assert entries[1].summary.endswith("Correction: It was nine.")
    assert entries[1].updated > entries[1].published
    monkeypatch.setattr(feeds, "CHANGED_FOR", timedelta(0))
    titles = [entry.title for entry in feedparser.parse(read(f"{path}atom.xml").content).entries]
    assert len(titles) == feeds.FEED_SIZE
    assert story.headline not in titles


def test_a_correction_elsewhere_is_not_told(read, story, channel):
    elsewhere = publish(make_channel(channel.site, "Ports"), headline="Quay")
    publishing.correct(elsewhere, note="It was nine.", by_name="The suite")
    for path in ("/channel/russian-news/", "/tag/ferries/"):
        (entry,) = feedparser.parse(read(f"{path}atom.xml").content).entries
        assert entry.title == story.headline


@pytest.mark.parametrize("act", ["correct", "withdraw"])
def test_a_feed_is_kept_no_longer_than_its_changes_are_told(read, story, act):
    assert read("/rss.xml").wsgi_request.META[SHOWN].until is None
    if act == "correct":
        publishing.correct(story, note="It was nine.", by_name="The suite")
    else:
        publishing.unpublish(story, reason="Doubts", by_name="The suite")
    until = read("/rss.xml").wsgi_request.META[SHOWN].until
    assert timedelta(0) <= timezone.now() + feeds.CHANGED_FOR - until < timedelta(minutes=1)


def test_a_feed_that_has_not_changed_is_answered_304(read, story):
    first = read("/rss.xml")
    assert read("/rss.xml", **{"if-none-match": first["ETag"]}).status_code == 304


def test_an_empty_feed_is_a_feed(read, channel):
    feed = feedparser.parse(read("/rss.xml").content)
    assert (feed.bozo, feed.entries, feed.feed.title) == (False, [], "Main")


def test_a_withdrawn_story_stays_for_a_week_as_an_entry_that_says_so(read, story, monkeypatch):
    before = feedparser.parse(read("/rss.xml").content).entries[0]
    publishing.kill(story, reason="Secret", headline="A ferry", notice="It was wrong.", by_name="The suite")
    (entry,) = feedparser.parse(read("/channel/russian-news/rss.xml").content).entries
    assert (entry.title, entry.summary) == ("Withdrawn: A ferry", "It was wrong.")
    assert (entry.id, entry.published) == (before.id, before.published)
    assert read(entry.link.removeprefix("http://main.test")).status_code == 410
    monkeypatch.setattr(feeds, "CHANGED_FOR", timedelta(0))
    assert feedparser.parse(read("/rss.xml").content).entries == []


def test_a_story_that_nobody_could_read_is_not_told_as_withdrawn(read, channel):
    story = publish(channel, publish_at=timezone.now() + timedelta(days=1))
    publishing.kill(story, reason="Wrong", by_name="The suite")
    assert feedparser.parse(read("/rss.xml").content).entries == []


def test_a_withdrawn_story_is_told_once_by_its_last_word(read, story):
    publishing.unpublish(story, reason="Doubts", notice="Being checked.", by_name="The suite")
    publishing.kill(story, reason="Wrong", notice="It was wrong.", by_name="The suite")
    (entry,) = feedparser.parse(read("/rss.xml").content).entries
    assert entry.summary == "It was wrong."


@pytest.mark.parametrize(
    ("source", "is_whole"),
    [
        (None, True),
        ({"feeds_full_text": True}, True),
        ({"is_public_domain": True}, True),
        ({}, False),
    ],
)
def test_the_whole_text_is_told_where_the_contract_lets_it(read, channel, source, is_whole):
    publish(
        channel,
        teaser="After a week.",
        body="<p>The ferry &amp; the tug sailed.</p>",
        source=source if source is None else make_source(**source),
    )
    rss, atom = (feedparser.parse(read(path).content).entries[0] for path in ("/rss.xml", "/atom.xml"))
    (entry,) = json.loads(read("/feed.json").content)["items"]
    for told in (rss, atom):
        assert told.summary == "After a week."
        content = [part.value for part in told.get("content", [])]
        assert content == (["<p>The ferry &amp; the tug sailed.</p>"] if is_whole else [])
    assert ("content_html" in entry) is is_whole


def test_a_picture_is_told_with_its_credit(read, channel):
    picture = Picture.objects.create(file="quay.jpg", width=4, height=3, alt_text="A quay", credit="MWS")
    publish(channel, picture=picture)
    (entry,) = feedparser.parse(read("/rss.xml").content).entries
    (media,) = entry.media_content
    assert media["url"] == "http://main.test/media/quay.jpg"
    assert (media["width"], media["height"], media["type"]) == ("4", "3", "image/jpeg")
    (entry,) = json.loads(read("/feed.json").content)["items"]
    assert entry["image"] == "http://main.test/media/quay.jpg"


def test_the_json_feed_has_what_version_1_1_asks_for(read, story):
    response = read("/channel/russian-news/feed.json")
    assert response["Content-Type"] == "application/feed+json; charset=utf-8"
    told = json.loads(response.content)
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["feed_url"] == "http://main.test/channel/russian-news/feed.json"
    (entry,) = told["items"]
    assert entry == entry | {
        "id": feedparser.parse(read("/atom.xml").content).entries[0].id,
        "title": "Ferry & bridge",
        "content_text": "After <a> week.",
        "authors": [{"name": "Ada Quist"}],
        "tags": ["MILPLEX"],
        "language": "en",
    }
    assert datetime.fromisoformat(entry["date_published"]) <= timezone.now()


def test_the_feeds_of_the_network_are_listed_for_people_and_as_opml(read, channel):
    make_channel(make_site("sister.test"), "Moon")
    page = read("/feeds/").content.decode()
    outlines = etree.fromstring(read("/network.opml").content).findall(".//outline[@xmlUrl]")
    urls = [outline.get("xmlUrl") for outline in outlines]
    assert urls == [
        "http://main.test/rss.xml",
        "http://main.test/channel/russian-news/rss.xml",
        "http://sister.test/rss.xml",
        "http://sister.test/channel/moon/rss.xml",
    ]
    for url in urls:
        assert f'href="{url}"' in page
    assert 'href="/feeds/"' in read("/").content.decode()


BAD = "\x01\x0b\x1a\ufffe"


@pytest.mark.parametrize("file", ["rss.xml", "atom.xml", "feed.json"])
def test_a_feed_is_well_formed_whatever_was_pasted_into_names_and_notes(read, story, file):
    Picture.objects.create(file="a.jpg", width=4, height=3, alt_text="A quay", caption=f"A{BAD} quay")
    story.picture = Picture.objects.get()
    story.headline, story.teaser = f"Ferry{BAD} again", f"At{BAD} nine."
    publishing.update(story, by_name="The suite")
    publishing.correct(story, note=f"At{BAD} ten.", by_name="The suite")
    Tag.objects.update(name=f"Ferries{BAD}")
    Source.objects.update(name=f"Wire{BAD}", byline_pattern=f"Wire{BAD}", feeds_full_text=True)
    for path in (f"/{file}", f"/tag/ferries/{file}", f"/source/{story.source.code}/{file}"):
        response = read(path)
        assert response.status_code == 200
        assert "Ferry again" in response.content.decode()
        if file.endswith("xml"):
            etree.fromstring(response.content)
    response = read(f"/search/{file}?q=ferry%01%0B&source=%01")
    assert response.status_code == 200
    Site.objects.update(name=f"Main{BAD}", tagline=f"News{BAD}")
    Channel.objects.update(title=f"Ports{BAD}")
    for path in ("/network.opml", "/opensearch.xml", "/sitemap-news.xml", "/rss.xml"):
        etree.fromstring(read(path).content)
