"""Addresses of tags, places and authors that were renamed or merged."""

import pytest

from articles.merge_names import keep_old, merge
from articles.models import Author, Place, Tag
from tests.factories import publish


@pytest.fixture
def story(channel):
    story = publish(channel, headline="Ferry runs again")
    story.tags.add("Boats", "Ships")
    return story


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/tag/boats/", "/tag/ships/"),
        ("/tag/boats/?before=20260101000000000000-1", "/tag/ships/?before=20260101000000000000-1"),
        ("/tag/boats/rss.xml", "/tag/ships/rss.xml"),
        ("/tag/boats/atom.xml", "/tag/ships/atom.xml"),
    ],
)
def test_the_pages_and_feeds_of_a_merged_tag_lead_to_the_one_that_was_kept(old, new, read, story):
    ships, boats = Tag.objects.get(name="Ships"), Tag.objects.get(name="Boats")
    merge(ships, [boats])
    response = read(old)
    assert (response.status_code, response["Location"]) == (301, new)
    assert "Ferry runs again" in read("/tag/ships/").content.decode()


def test_a_chain_of_merges_is_one_step_for_readers(read, story):
    ships, boats = Tag.objects.get(name="Ships"), Tag.objects.get(name="Boats")
    vessels = Tag.objects.create(name="Vessels")
    merge(ships, [boats])
    merge(vessels, [ships])
    assert read("/tag/boats/")["Location"] == "/tag/vessels/"


def test_another_name_has_an_address_too_but_a_tag_of_that_address_comes_first(read, story):
    ships = Tag.objects.get(name="Ships")
    ships.other_names.create(name="Bâteaux à voile")
    assert read("/tag/bâteaux-à-voile/")["Location"] == "/tag/ships/"
    ships.other_names.create(name="Boats!")
    assert read("/tag/boats/").status_code == 200


def test_authors_and_places_lead_on_too(read, site):
    ada = Author.objects.create(name="Ada Quist")
    merge(ada, [Author.objects.create(name="A. Quist")])
    assert read("/author/a-quist/")["Location"] == "/author/ada-quist/"
    assert read("/author/a-quist/rss.xml")["Location"] == "/author/ada-quist/rss.xml"
    kyiv = Place.objects.create(name="Kyiv")
    keep_old(kyiv, "Kiev", "kiev")
    assert read("/place/kiev/")["Location"] == "/place/kyiv/"
    assert read("/place/kiev/atom.xml")["Location"] == "/place/kyiv/atom.xml"


def test_the_story_page_links_its_places_and_their_page_lists_it(read, story):
    story.places.add(Place.objects.create(name="Oslo", country="Norway"))
    html = read(f"/story/{story.pk}/ferry-runs-again/").content.decode()
    assert '<a href="/place/oslo-norway/" dir="auto">Oslo, Norway</a>' in html
    page = read("/place/oslo-norway/").content.decode()
    assert "Ferry runs again" in page
    assert "<h1>Oslo, Norway</h1>" in page
    assert 'href="/place/oslo-norway/rss.xml"' in page
    assert "Ferry runs again" in read("/place/oslo-norway/rss.xml").content.decode()


def test_what_never_was_is_not_found(read, site, django_assert_num_queries):
    # 4: the network; no tag; none that had the address; none with a name for it
    with django_assert_num_queries(4):
        assert read("/tag/nothing/").status_code == 404
