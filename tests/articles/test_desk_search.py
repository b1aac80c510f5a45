"""Finding a story at the desk, by words, by its wire id, by its number."""

import pytest

from articles import desk_search, publishing
from articles.desk_search import with_words
from articles.models import Story
from articles.search.streams import TooSlow
from sections.models import Block
from tests.articles.test_admin import LIST, desk
from tests.factories import make_channel, make_site, make_story, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel():
    return make_channel(make_site(is_default=True))


def make(state: str, channel, **said):
    story = make_story(channel, **said) if state == "draft" else publish(channel, **said)
    if state == "withdrawn":
        publishing.unpublish(story, reason="Dull", by_name="The suite")
    return story


@pytest.mark.parametrize("state", ["draft", "published", "withdrawn"])
def test_a_story_is_found_by_how_its_words_begin_in_whatever_state(state, channel):
    said = {"headline": "Old lighthouse for sale", "slugline": "LIGHT-sale", "provider": "MWS"}
    story = make(state, channel, **said, guid="urn:mws:0042")
    make(state, channel, headline="Old ferry for sale")
    for words in ("lighthouse", "LIGHTH sale", " light-sale  old ", "urn:mws:0042", str(story.pk)):
        assert with_words(words) == [story.pk], words
    for words in ("lighthouse ferry", "boat", "%", "urn:mws:004", "9" * 60, " "):
        found = with_words(words)
        assert story.pk not in found or (state != "published" and words == "urn:mws:004"), words


def test_a_story_whose_wire_id_has_its_number_is_found_once(channel):
    story = make("draft", channel)
    Story.objects.filter(pk=story.pk).update(guid=f"urn:mws:{story.pk}", provider="MWS")
    assert with_words(str(story.pk)) == [story.pk]


def test_a_published_story_is_found_by_its_tags_and_without_its_accents(channel):
    story = make_story(channel, headline="Café on the quay")
    story.tags.add("Harbour life")
    publishing.publish(story, by_name="The suite")
    assert with_words("cafe quay") == with_words("harbou quay") == [story.pk]


def test_a_new_headline_is_found_and_the_old_one_is_not(channel):
    story = publish(channel, headline="Old lighthouse")
    story.headline = "Ferry sold"
    publishing.update(story, by_name="The suite")
    assert (with_words("lighthouse"), with_words("ferry")) == ([], [story.pk])


def test_the_newest_are_found_whatever_their_state(channel, monkeypatch):
    monkeypatch.setattr(desk_search, "MOST_FOUND", 2)
    _oldest, draft, published = (
        make(state, channel, headline="Ferry") for state in ("published", "draft", "published")
    )
    assert with_words("ferry") == [published.pk, draft.pk]


def test_a_script_without_spaces_is_found_by_some_of_its_letters(channel):
    story = publish(channel, headline="北京港口重新开放")
    assert with_words("港口") == with_words("港口重") == [story.pk]
    assert with_words("口港") == []


def test_a_search_that_takes_too_long_asks_for_more_letters(channel, monkeypatch):
    def slow(*args, **kwargs):
        raise TooSlow

    monkeypatch.setattr(desk_search, "find", slow)
    Block.objects.create(label="Nearby", channel=channel, backfill="none", on_front=True)
    client = desk()
    for address in (f"{LIST}?q=a", f"/admin/sections/block/front/channel/{channel.pk}/?q=a"):
        assert "Very many words begin so" in client.get(address).content.decode()
