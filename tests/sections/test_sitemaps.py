"""Sitemaps name each story once, on the site where its page is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.flatpages.models import FlatPage
from django.utils import timezone
from lxml import etree

from articles.models import Picture
from sections import sitemaps
from sections.models import InSample, Listing
from tests.factories import make_channel, make_site, publish

pytestmark = pytest.mark.django_db

SPACES = {"s": sitemaps.NAMESPACE, "n": sitemaps.NEWS, "i": sitemaps.IMAGE}


@pytest.fixture
def ports(db):
    return make_channel(make_site("main.test", is_default=True), "Ports")


@pytest.fixture
def found(read):
    """The texts that an XPath finds in a sitemap."""

    def found(path: str, xpath: str) -> list[str]:
        response = read(path)
        assert response.status_code == 200
        assert response["Content-Type"] == "application/xml; charset=utf-8"
        return etree.fromstring(response.content).xpath(xpath, namespaces=SPACES)

    return found


def test_the_index_names_a_file_for_each_third_of_a_month_from_the_oldest_story_to_the_newest(found, ports):
    for at in (
        datetime(2024, 2, 10, 23, 59, tzinfo=UTC),
        datetime(2024, 2, 11, tzinfo=UTC),
        datetime(2024, 2, 29, 23, 59, tzinfo=UTC),
        datetime(2024, 3, 1, tzinfo=UTC),
        datetime(2023, 12, 31, tzinfo=UTC),
    ):
        publish(ports, at=at)
    publish(ports, embargo_until=timezone.now() + timedelta(days=40))
    assert found("/sitemap.xml", "//s:loc/text()") == [
        f"http://main.test/sitemap-{name}.xml"
        for name in (
            "pages", "news",
            "2024-03-01-1", "2024-02-21-1", "2024-02-11-1", "2024-02-01-1",
            "2024-01-21-1", "2024-01-11-1", "2024-01-01-1", "2023-12-21-1",
        )
    ]  # fmt: skip
    assert found("/sitemap-2024-02-11-1.xml", "//s:lastmod/text()") == ["2024-02-11T00:00:00+00:00"]


def test_a_third_of_a_month_without_stories_names_the_front_alone(found, read, ports):
    for month in (1, 3):
        publish(ports, at=datetime(2024, month, 1, tzinfo=UTC))
    assert found("/sitemap-2024-02-11-1.xml", "//s:loc/text()") == ["http://main.test/"]
    for path in ("/sitemap-2023-12-21-1.xml", "/sitemap-2024-03-11-1.xml", "/sitemap-2024-02-11-2.xml"):
        assert read(path).status_code == 404


def test_a_site_without_stories_has_an_index_all_the_same(found, ports):
    assert found("/sitemap.xml", "count(//s:loc)") == 2


def test_a_third_of_a_month_with_too_many_stories_has_several_files(found, read, ports, monkeypatch):
    monkeypatch.setattr(sitemaps, "MOST", 2)
    stories = [publish(ports, at=datetime(2024, 2, day, tzinfo=UTC)) for day in (3, 1, 2)]
    assert found("/sitemap.xml", "//s:loc/text()")[2:] == [
        "http://main.test/sitemap-2024-02-01-1.xml",
        "http://main.test/sitemap-2024-02-01-2.xml",
    ]
    first, second = (found(f"/sitemap-2024-02-01-{part}.xml", "//s:loc/text()") for part in (1, 2))
    names = [f"http://main.test/story/{story.pk}/{story.slug}/" for story in stories]
    assert (first, second) == (names[1:], names[:1])
    assert read("/sitemap-2024-02-01-3.xml").status_code == 404


def test_a_story_has_its_address_its_last_change_and_its_picture(found, ports):
    at = datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC)
    picture = Picture.objects.create(file="a b.jpg", width=4, height=3, alt_text="A quay")
    ended = Picture.objects.create(file="c.jpg", width=4, height=3, alt_text="A quay", rights_until=at)
    publish(ports, at=at, picture=picture)
    publish(ports, at=at + timedelta(days=1), picture=ended)
    assert found("/sitemap-2024-02-01-1.xml", "//s:lastmod/text()")[0] == "2024-02-03T04:05:06+00:00"
    assert found("/sitemap-2024-02-01-1.xml", "//i:loc/text()") == ["http://main.test/media/a%20b.jpg"]


def test_a_story_stands_in_the_sitemap_of_its_own_site_alone(found, read, ports):
    sister = make_channel(make_site("sister.test"), "Moon")
    publish(sister, also=(ports,), at=datetime(2024, 2, 3, tzinfo=UTC))
    assert found("/sitemap-2024-02-01-1.xml", "//s:loc/text()") == ["http://main.test/"]
    there = etree.fromstring(read("/sitemap-2024-02-01-1.xml", host="sister.test").content)
    assert there.xpath("//s:loc/text()", namespaces=SPACES)[0].startswith("http://sister.test/story/")


def test_the_news_sitemap_has_two_days(found, ports):
    now = timezone.now()
    publish(ports, headline="Old", at=now - timedelta(hours=49))
    assert found("/sitemap-news.xml", "//s:loc/text()") == ["http://main.test/"]
    publish(ports, headline="港口重开", language="zh-Hant", at=now - timedelta(hours=47))
    publish(ports, headline="Pilots & crews", at=now)
    assert found("/sitemap-news.xml", "//n:title/text()") == ["Pilots & crews", "港口重开"]
    assert found("/sitemap-news.xml", "//n:language/text()") == ["en", "zh-tw"]
    assert found("/sitemap-news.xml", "//n:name/text()") == ["Main", "Main"]


def test_pages_that_are_no_stories_are_named_too(found, ports):
    page = FlatPage.objects.create(url="/about/", title="About")
    page.sites.add(ports.site)
    assert found("/sitemap-pages.xml", "//s:loc/text()") == [
        f"http://main.test{path}"
        for path in ("/", "/latest/", "/archive/", "/corrections/", "/channel/ports/", "/about/")
    ]


def test_a_sitemap_costs_two_queries_and_the_index_four(read, ports, django_assert_num_queries):
    for _ in range(3):
        publish(ports, at=datetime(2024, 2, 3, tzinfo=UTC))
    # The network; the newest story, the oldest; the sample that tells which thirds may have several files.
    with django_assert_num_queries(4):
        read("/sitemap.xml")
    for path in ("/sitemap-2024-02-01-1.xml", "/sitemap-news.xml", "/sitemap-pages.xml"):
        with django_assert_num_queries(2):
            read(path)


@pytest.mark.parametrize(
    "path",
    [
        "/sitemap-2024-13-01-1.xml",
        "/sitemap-2024-02-02-1.xml",
        "/sitemap-2024-02-01-0.xml",
        "/sitemap-0000-01-01-1.xml",
        "/sitemap-2024-02-01-999999999999999999.xml",
    ],
)
def test_a_sitemap_that_cannot_be_is_not_there(read, ports, path):
    assert read(path).status_code == 404


def test_the_thirds_of_which_a_sample_has_many_are_looked_into(ports, monkeypatch):
    days = [(2024, 2, 10), (2024, 2, 11), (2024, 2, 20), (2024, 2, 21), (2024, 2, 29), (2024, 2, 22)]
    for day in days:
        publish(ports, at=datetime(*day, 23, 59, tzinfo=UTC))
    for number, listing in enumerate(Listing.objects.order_by("pk")):  # all in the sample but the last
        key = InSample.EVERY * (number + 5) + (number == len(days) - 1)
        Listing.objects.filter(pk=listing.pk).update(id=key)
    found = sitemaps._crowded(2, site=ports.site.pk, at=timezone.now())
    assert sorted(sitemaps._numbered(**row) for row in found) == [
        sitemaps.third_of(date(*day)) for day in ((2024, 2, 11), (2024, 2, 21))
    ]
