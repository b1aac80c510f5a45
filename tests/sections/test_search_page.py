"""What a reader sees of a search."""

import json
from datetime import timedelta
from time import sleep

import pytest
from django.utils import timezone
from lxml import etree, html

from articles import publishing
from articles.models import Place, Story
from articles.search.streams import TooSlow
from sections import search_counts, search_page, searching
from tests.factories import make_source, make_story, publish

BY = {"by_name": "The suite"}


@pytest.fixture
def search(read):
    def search(query: str, status: int = 200, path: str = "/search/"):
        response = read(f"{path}?{query}")
        assert response.status_code == status
        return html.fromstring(response.content)

    return search


def headlines(page) -> list[str]:
    return [link.text_content() for link in page.cssselect(".card-headline a")]


def facets(page) -> dict[str, dict[str, str]]:
    return {
        section.cssselect("h2")[0].text_content(): {
            row.cssselect("a")[0].text_content(): row.cssselect(".facets-count")[0].text_content()
            for row in section.cssselect("li")
        }
        for section in page.cssselect(".facets section")
    }


def test_what_a_reader_may_see_is_found_behind_much_that_he_may_not(search, channel, monkeypatch):
    monkeypatch.setattr(searching, "ROUNDS", 2)
    publish(channel, headline="Harbour", body="<p>A regolith ferry.</p>")
    ended = [publish(channel, headline="Regolith").pk for _ in range(70)]
    Story.objects.filter(pk__in=ended).update(rights_until=timezone.now())
    assert headlines(search("q=regolith&order=best")) == ["Harbour"]


def test_the_page_without_a_search_is_a_form(search, channel):
    publish(channel)
    page = search("")
    assert headlines(page) == []
    assert page.cssselect("form.search input[name=q]")[0].get("value") == ""
    assert not page.cssselect("meta[name=robots]")


def test_results_are_marked_and_link_to_their_stories(search, channel):
    story = publish(channel, headline="Storms <ahead>", body="<p>The harbour closed at noon.</p>")
    page = search("q=storm+noon")
    [link] = page.cssselect(".card-headline a")
    assert link.get("href") == f"/story/{story.pk}/storms-ahead/"
    assert link.text_content() == "Storms <ahead>"
    assert [mark.text for mark in page.cssselect("mark")] == ["Storms", "noon"]
    assert page.cssselect("input[name=q]")[0].get("value") == "storm noon"
    assert page.cssselect("meta[name=robots]")[0].get("content") == "noindex, follow"


def test_what_stands_in_the_body_alone_is_quoted_from_there(search, channel):
    body = f"<p>{'Nothing here. ' * 30}</p><p>The beacon failed.</p><p>{'Nothing there. ' * 30}</p>"
    publish(channel, headline="Harbour", teaser="Short", body=body)
    page = search("q=beacon")
    assert "The beacon failed." in page.cssselect(".card-teaser")[0].text_content()
    assert [mark.text for mark in page.cssselect("mark")] == ["beacon"]


def test_only_what_readers_of_the_site_may_read_is_found_and_counted(search, channel, moon, site):
    barred = make_source("BAR", all_sites=False)
    barred.sites.add(moon.site.pk)
    now = timezone.now()
    publish(channel, headline="Ferry one")
    publish(moon, headline="Ferry two")
    publish(channel, headline="Ferry in no list").listings.update(ends_at=now - timedelta(days=1))
    publish(moon, headline="Ferry barred", source=barred)
    publish(channel, headline="Ferry embargoed", embargo_until=now + timedelta(hours=1))
    publish(channel, headline="Ferry over", at=now - timedelta(days=9), rights_until=now - timedelta(days=1))
    make_story(channel, headline="Ferry draft")
    publishing.kill(publish(channel, headline="Ferry killed"), reason="Wrong", **BY)
    page = search("q=ferry")
    assert set(headlines(page)) == {"Ferry one", "Ferry two"}
    assert page.cssselect(".found-count")[0].text_content().strip() == "2 stories"


def test_filters_narrow_down_and_say_how_many_stories_they_leave(search, channel, moon):
    source, oslo = make_source("MWS", name="Maritime Wire"), Place.objects.create(name="Oslo")
    for number in range(3):
        story = publish(channel, headline=f"Ferry {number}", source=source if number else None)
        if number == 2:
            story.tags.add("High Tide")
            story.places.add(oslo)
            publishing.update(story, **BY)
    publish(moon, headline="Fähre Ferry", language="de")
    page = search("q=ferry")
    assert facets(page) == {
        "Site": {"Main": "3", "Sister": "1"},
        "Channel": {"Russian News": "3"},
        "Source": {"Maritime Wire": "2"},
        "Tag": {"High Tide": "1"},
        "Place": {"Oslo": "1"},
        "Language": {"English": "3", "Deutsch": "1"},
    }
    for link in page.cssselect(".facets a"):
        narrowed = search(link.get("href").removeprefix("?"))
        count = int(link.getparent().cssselect(".facets-count")[0].text)
        assert len(headlines(narrowed)) == count, link.get("href")
        [chosen] = narrowed.cssselect(".chosen a")
        assert len(headlines(search(chosen.get("href").removeprefix("?")))) == 4


@pytest.mark.parametrize(
    "query", ["tag=none", "place=none", "source=none", "channel=none", "site=none", "language=%22%27%00"]
)
def test_a_filter_that_names_nothing_finds_nothing(search, channel, query):
    publish(channel, headline="Ferry")
    assert headlines(search(f"q=ferry&{query}")) == []


def test_days_bound_a_search_with_the_last_one(search, channel):
    now = timezone.now()
    for days in range(3):
        publish(channel, headline=f"Ferry {days}", at=now - timedelta(days=days))
    day = f"{now - timedelta(days=1):%Y-%m-%d}"
    assert headlines(search(f"q=ferry&from={day}&to={day}")) == ["Ferry 1"]
    assert headlines(search(f"from={day}")) == ["Ferry 0", "Ferry 1"]
    assert len(headlines(search("q=ferry&from=yesterday&to=0001-01-01"))) == 3


@pytest.mark.parametrize("order", ["", "&order=best"])
def test_screens_show_each_story_once(search, channel, monkeypatch, order):
    monkeypatch.setattr(search_page, "PAGE_SIZE", 4)
    for number in range(11):
        publish(channel, headline=f"Ferry {number}", at=timezone.now() - timedelta(hours=number))
    page, seen = search(f"q=ferry{order}"), []
    while True:
        seen += headlines(page)
        more = page.cssselect("a[rel=next]")
        if not more:
            break
        assert page.cssselect("head link[rel=next]")[0].get("href") == more[0].get("href")
        page = search(more[0].get("href").removeprefix("?"))
    assert seen == [f"Ferry {number}" for number in range(11)]


def test_a_screen_is_full_although_much_of_what_was_found_may_not_be_read(search, channel, monkeypatch):
    monkeypatch.setattr(search_page, "PAGE_SIZE", 4)
    now = timezone.now()
    for number in range(5):
        publish(channel, headline=f"Ferry {number}", at=now - timedelta(days=9))
    for _ in range(30):
        publish(channel, headline="Ferry later", embargo_until=now + timedelta(hours=1))
    page = search("q=ferry")
    assert len(headlines(page)) == 4
    assert page.cssselect(".found-count")[0].text_content().strip() == "5 stories"


def test_counts_end_at_a_thousand(search, channel, monkeypatch):
    monkeypatch.setattr(search_counts, "COUNTED", 5)
    for number in range(5):
        publish(channel, headline=f"Ferry {number}")
    assert search("q=ferry").cssselect(".found-count")[0].text_content().strip() == "5 stories"
    publish(channel, headline="Ferry 6")
    page = search("q=ferry")
    assert page.cssselect(".found-count")[0].text_content().strip() == "More than 1,000 stories"
    assert facets(page)["Channel"] == {"Russian News": "5+"}


def test_a_kicker_finds_the_stories_of_its_channel(search, channel, moon):
    publish(moon, headline="Dust")
    publish(channel, headline="Ferry")
    assert headlines(search("q=Regolith")) == ["Dust"]
    assert headlines(search("q=regolith&order=best")) == ["Dust"]
    moon.kicker = "LUNAR"
    moon.save()
    assert headlines(search("q=regolith")) == []
    assert headlines(search("q=lunar")) == ["Dust"]


def test_what_was_meant_is_told_from_stories_that_may_be_read(search, channel):
    publish(channel, headline="Harbour pilots return")
    publish(channel, headline="Harvest secrets", embargo_until=timezone.now() + timedelta(hours=1))
    page = search("q=Harbuor+pilots&channel=russian-news")
    [link] = page.cssselect(".found-meant a")
    assert link.text == "Harbour pilots"
    assert headlines(search(link.get("href").removeprefix("?"))) == ["Harbour pilots return"]
    assert not search("q=Harvset").cssselect(".found-meant")
    assert not search("q=zzzzz").cssselect(".found-meant")
    assert not search("q=pilots").cssselect(".found-meant")


def test_words_are_completed_from_stories_that_may_be_read(read, channel):
    publish(channel, headline="Harbour pilots return")
    publish(channel, headline="Harbour closed")
    publish(channel, headline="Harmless")
    publish(channel, headline="Harvest secrets", embargo_until=timezone.now() + timedelta(hours=1))
    for typed, words in {
        "har": ["harbour", "harmless"], "HARB": ["harbour"], "harbour pi": ["harbour pilots"], "h": [],
        "": [], "return clo": [], "北": [],
    }.items():  # fmt: skip
        response = read(f"/search/suggest.json?q={typed}")
        assert json.loads(response.content) == [typed, words]
        assert response["Content-Type"] == "application/x-suggestions+json"


def test_a_search_that_takes_too_long_says_so(read, channel, monkeypatch):
    def slow(*args, **kwargs):
        raise TooSlow

    monkeypatch.setattr(searching, "find", slow)
    for path in ("/search/?q=ferry", "/search/rss.xml?q=ferry"):
        response = read(path)
        assert response.status_code == 503
        assert response["Retry-After"] == "60"
        assert "takes too long" in response.content.decode()


def test_where_the_whole_archive_takes_too_long_the_last_half_year_is_searched(read, channel, monkeypatch):
    find = searching.find

    def slow_in_all(query, *, since, **kwargs):
        if not since:
            raise TooSlow
        return find(query, since=since, **kwargs)

    monkeypatch.setattr(searching, "find", slow_in_all)
    publish(channel, headline="Old ferry", at=timezone.now() - timedelta(days=200))
    publish(channel, headline="New ferry")
    response = read("/search/?q=ferry")
    assert response.status_code == 200
    page = html.fromstring(response.content)
    assert headlines(page) == ["New ferry"]
    assert "To search the whole archive takes too long" in page.cssselect(".found-late")[0].text_content()
    since = (timezone.now() - timedelta(days=180)).date()
    assert page.cssselect("input[name=from]")[0].get("value") == str(since)
    assert read("/search/?q=ferry&from=2001-01-01").status_code == 200
    feed = read("/search/rss.xml?q=ferry")
    assert feed.status_code == 200
    assert "New ferry" in feed.text
    assert "Old ferry" not in feed.text


def test_what_was_found_is_shown_without_counts_that_take_too_long(search, channel, monkeypatch):
    publish(channel, headline="Ferry")

    def slow(*args, **kwargs):
        raise TooSlow

    monkeypatch.setattr(search_page, "counts", slow)
    page = search("q=ferry")
    assert headlines(page) == ["Ferry"]
    assert facets(page) == {}


def test_all_queries_of_a_page_share_the_time_of_one(search, channel, monkeypatch):
    publish(channel, headline="Ferry")
    given, find = [], searching.find

    def slow(*args, most_ms, **kwargs):
        given.append(most_ms)
        sleep(0.03)
        return find(*args, most_ms=most_ms, **kwargs)

    monkeypatch.setattr(searching, "find", slow)
    search("q=ferry")
    results, counts = given
    assert counts <= results - 30


@pytest.mark.parametrize("key", ["x", "-1", "99999999999999999999", "٣", "9223372036854775808"])
def test_a_page_key_that_is_none_is_no_page(read, channel, key):
    assert read(f"/search/?q=ferry&below={key}").status_code == 404


@pytest.mark.parametrize("count", [1, 60])
def test_queries_of_a_search(read, channel, count, django_assert_num_queries):
    for number in range(count):
        publish(channel, headline=f"Ferry {number}", source=None)
    # 6: the network; what is found; its stories. For the counts: what is found; what is to be counted; names
    with django_assert_num_queries(6):
        read("/search/?q=ferry")
    # 3: the network; what is found; its stories
    with django_assert_num_queries(3):
        read(f"/search/?q=ferry&order=best&below={(1 << 63) - 2}")
    with django_assert_num_queries(3):
        read("/search/atom.xml?q=ferry")


@pytest.mark.parametrize("file", ["rss.xml", "atom.xml", "feed.json"])
def test_a_search_has_feeds(read, search, channel, moon, file):
    publish(channel, headline="Ferry here")
    publish(moon, headline="Ferry there")
    publish(channel, headline="Tram")
    page = search("q=ferry&channel=russian-news&order=best")
    [link] = [link for link in page.cssselect(".found-orders a") if file in link.get("href")]
    text = read(link.get("href")).content.decode()
    assert "Ferry here" in text
    assert "Ferry there" not in text
    assert "Tram" not in text
    assert "Search: ferry" in text
    assert read(f"/search/{file}").status_code == 404


def test_a_browser_learns_of_the_search(read, site):
    page = html.fromstring(read("/").content)
    [link] = page.cssselect("link[rel=search]")
    root = etree.fromstring(read(link.get("href")).content)
    names = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
    urls = {url.get("type"): url.get("template") for url in root.findall("o:Url", names)}
    assert urls["text/html"].endswith("://main.test/search/?q={searchTerms}")
    assert set(urls) == {"text/html", "application/x-suggestions+json", "application/rss+xml"}
    assert len(root.findtext("o:ShortName", namespaces=names)) <= 16
    [graph] = page.xpath("//script[@type='application/ld+json']/text()")
    [action] = [node["potentialAction"] for node in json.loads(graph)["@graph"] if "potentialAction" in node]
    assert action["target"]["urlTemplate"].endswith("://main.test/search/?q={search_term_string}")
