"""The number of queries of each page type: fixed by design, the same for 1 story and for 200."""

from time import monotonic

import pytest
from django.contrib.flatpages.models import FlatPage
from django.db import connection
from django.utils import timezone

from articles import publishing
from articles.models import Author, Place
from sections import network
from sections.models import Site
from sections.network import kept_network, load_network
from tests.factories import make_block, make_source, publish
from tests.sections.test_story_page import path

STORIES = [1, 200]


@pytest.fixture
def vouched():
    """The process has a copy of the network, as where somebody hears of its changes."""
    kept_network.forget()
    kept_network.vouch(monotonic() + 600)
    yield
    kept_network.vouch(0)
    kept_network.forget()


TODAY = timezone.now()


@pytest.fixture
def fill(channel, moon):
    """Fills both sites with stories that have all their parts, and the first channel with blocks."""

    def fill(count: int):
        source, author = make_source(), Author.objects.create(name="Ada Quist")
        place = Place.objects.create(name="Oslo")
        stories = [publish(channel, also=(moon,), source=source, byline="Ada Quist") for _ in range(count)]
        for story in stories[: count if count < 10 else 30]:
            story.tags.add("Ferries")
            story.authors.add(author)
            story.places.add(place)
        publishing.correct(stories[0], note="Two, not three.", by_name="The suite")
        for number in range(count if count == 1 else 8):
            make_block(channel, f"Block {number}", from_channel=moon)
        return stories

    return fill


@pytest.mark.parametrize("count", STORIES)
def test_story_page(read, fill, count, django_assert_num_queries):
    story = fill(count)[0]
    # 4: the network; the story with its parts; the blocks with their slots; all stories of the blocks
    with django_assert_num_queries(4):
        assert read(path(story)).status_code == 200


@pytest.mark.parametrize("count", STORIES)
def test_history_of_a_story(read, fill, count, django_assert_num_queries):
    story = fill(count)[0]
    for number in range(12 if count > 1 else 0):
        story.headline = f"Harbour pilots return to work, take {number}"
        publishing.update(story, by_name="The suite")
    # 9: the network; the story, to be sure it is public; as a row; its acts, versions, corrections and
    # withdrawals; the texts of a screen; their sources (and, where they have some, their pictures)
    with django_assert_num_queries(9):
        assert read(f"{path(story)}history/").status_code == 200


@pytest.mark.parametrize("count", STORIES)
def test_channel_page(read, fill, count, django_assert_num_queries):
    fill(count)
    # 4: the network; the blocks with their slots; the list; all stories of the blocks
    with django_assert_num_queries(4):
        assert read("/channel/russian-news/").status_code == 200


@pytest.mark.parametrize("count", STORIES)
def test_further_screen_of_a_channel(read, fill, count, django_assert_num_queries):
    fill(count)
    # 2: the network; the list
    with django_assert_num_queries(2):
        assert read("/channel/russian-news/?before=29990101000000000000-1").status_code == 200


@pytest.mark.parametrize("count", STORIES)
def test_home_page(read, fill, count, django_assert_num_queries):
    fill(count)
    # 3: the network; the site's blocks with their slots; all stories of the page
    with django_assert_num_queries(3):
        assert read("/").status_code == 200


ABOUT = ["/tag/ferries/", "/place/oslo/", "/author/ada-quist/", "/source/MWS/", "/tag/ferries/rss.xml"]


@pytest.mark.parametrize("count", STORIES)
@pytest.mark.parametrize("path", ABOUT)
def test_pages_about_something(read, fill, count, path, django_assert_num_queries):
    fill(count)
    # 3: the network; the tag, place, author or source; the list
    with django_assert_num_queries(3):
        assert read(path).status_code == 200


@pytest.mark.parametrize("count", STORIES)
@pytest.mark.parametrize(
    "path", ["/latest/", "/archive/", f"/archive/{TODAY:%Y/%m}/", f"/channel/russian-news/{TODAY:%Y/%m/%d}/"]
)
def test_plain_lists(read, fill, count, path, django_assert_num_queries):
    fill(count)
    # 2: the network; the list
    with django_assert_num_queries(2):
        assert read(path).status_code == 200


@pytest.mark.parametrize("count", STORIES)
@pytest.mark.parametrize("path", ["/rss.xml", "/channel/russian-news/atom.xml", "/feed.json"])
def test_feeds(read, fill, count, path, django_assert_num_queries):
    fill(count)
    # 2: the network; the newest stories with those that were corrected or withdrawn of late
    with django_assert_num_queries(2):
        assert read(path).status_code == 200


@pytest.mark.parametrize("count", STORIES)
def test_corrections_page(read, fill, count, django_assert_num_queries):
    fill(count)
    # 3: the network; the corrections; their stories
    with django_assert_num_queries(3):
        assert read("/corrections/").status_code == 200


def test_gone_page(read, channel, django_assert_num_queries):
    story = publish(channel)
    publishing.kill(story, reason="Wrong", by_name="The suite")
    # 4: the network; no public story; the story; its withdrawal
    with django_assert_num_queries(4):
        assert read(path(story)).status_code == 410


def test_pages_of_words_and_the_look(read, site, django_assert_num_queries):
    FlatPage.objects.create(url="/about/", title="About", content="<p>Who we are</p>").sites.add(site)
    # 2: the network; the page
    with django_assert_num_queries(2):
        assert "Who we are" in read("/about/").content.decode()
    # 1: the network
    with django_assert_num_queries(1):
        assert "The network" in read("/network/").content.decode()
    with django_assert_num_queries(1):
        assert "--site-accent: #9b1c1c" in read("/look.css").content.decode()


def test_what_cannot_be_costs_the_reader_one_query_at_most(read, site, django_assert_num_queries):
    # 1: the network, for the language to say it in; no address of ours has this form
    with django_assert_num_queries(1):
        assert read("/story/99999999999999999999999/x/").status_code == 404


def test_no_list_loads_a_body(read, fill):
    fill(1)
    asked = []

    def listen(execute, sql, *rest):
        asked.append(sql)
        return execute(sql, *rest)

    for path_ in ["/", "/channel/russian-news/", "/latest/", "/tag/ferries/"]:
        with connection.execute_wrapper(listen):
            assert read(path_).status_code == 200
    assert len(asked) > 8
    assert not any('"articles_story"."body"' in sql for sql in asked)


@pytest.mark.parametrize(
    ("path_", "most"),
    [
        ("/", 2), ("/channel/russian-news/", 3), ("/latest/", 1), ("/tag/ferries/", 2), ("/place/oslo/", 2),
        ("/author/ada-quist/", 2), ("/source/MWS/", 2), ("/archive/", 1), (f"/archive/{TODAY:%Y/%m/%d}/", 1),
        ("/rss.xml", 1), ("/corrections/", 2), ("/network/", 0),
    ],
)  # fmt: skip
def test_a_copy_of_the_network_that_is_vouched_for_saves_a_query(
    read, fill, vouched, path_, most, django_assert_num_queries
):
    fill(1)
    kept_network.forget()
    read(path_)
    with django_assert_num_queries(most):
        assert read(path_).status_code == 200


def test_story_page_with_a_copy_of_the_network(read, fill, vouched, django_assert_num_queries):
    story = fill(1)[0]
    kept_network.forget()
    read(path(story))
    # 3: the story with its parts; the blocks with their slots; all stories of the blocks
    with django_assert_num_queries(3):
        assert read(path(story)).status_code == 200


def test_a_copy_is_not_used_once_it_was_forgotten_or_nobody_vouches_for_it(read, site, vouched):
    assert "Late Name" not in read("/network/").content.decode()
    Site.objects.filter(pk=site.pk).update(name="Late Name")
    assert "Late Name" not in read("/network/").content.decode()
    kept_network.forget()
    assert "Late Name" in read("/network/").content.decode()
    Site.objects.filter(pk=site.pk).update(name="Later Name")
    kept_network.vouch(0)
    assert "Later Name" in read("/network/").content.decode()


def test_a_copy_read_while_a_change_was_heard_of_is_not_kept(site, vouched, monkeypatch):
    read_rows = network._read

    def overtaken():
        found = read_rows()
        Site.objects.filter(pk=site.pk).update(name="Late Name")
        kept_network.forget()
        return found

    monkeypatch.setattr(network, "_read", overtaken)
    assert load_network("main.test").site.name != "Late Name"
    monkeypatch.setattr(network, "_read", read_rows)
    assert load_network("main.test").site.name == "Late Name"


def test_menus_of_one_copy_are_each_sites_own_in_its_language(read, channel, moon, vouched):
    Site.objects.filter(pk=moon.site.pk).update(language="fr")

    def menus(host: str) -> str:
        _head, _tag, foot = read("/network/", host).content.decode().partition('<footer class="foot">')
        return foot

    for _ in range(2):
        here, there = menus("main.test"), menus(moon.site.domain)
        assert 'href="/channel/russian-news/"' in here
        assert 'href="/channel/russian-news/"' not in there
        assert 'href="/channel/moon/"' in there
        assert ("About us" in here, "About us" in there) == (True, False)
