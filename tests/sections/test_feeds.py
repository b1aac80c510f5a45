"""RSS and Atom as a feed reader reads them."""

import feedparser
import pytest

from articles import publishing
from articles.models import Author
from tests.factories import make_source, publish

FEEDS = [
    f"{where}{kind}.xml"
    for where in ["/", "/channel/russian-news/", "/tag/ferries/", "/author/ada-quist/"]
    for kind in ["rss", "atom"]
]


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


def test_a_feed_that_has_not_changed_is_answered_304(read, story):
    first = read("/rss.xml")
    assert read("/rss.xml", **{"if-none-match": first["ETag"]}).status_code == 304


def test_an_empty_feed_is_a_feed(read, channel):
    feed = feedparser.parse(read("/rss.xml").content)
    assert (feed.bozo, feed.entries, feed.feed.title) == (False, [], "Main")


def test_a_killed_story_leaves_the_feed(read, story):
    publishing.kill(story, reason="Wrong", by_name="The suite")
    assert feedparser.parse(read("/rss.xml").content).entries == []
