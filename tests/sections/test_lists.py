"""Home, channels, tags, the archive, corrections: order, paging, and what each page leaves out."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.flatpages.models import FlatPage
from django.utils import timezone

from articles import publishing
from articles.models import Author
from sections.models import Slot
from tests.factories import make_block, make_channel, make_source, make_story, publish

MARCH = datetime(2026, 3, 3, 12, tzinfo=UTC)


def headlines(html: str) -> list[str]:
    return [match[0] for match in re.findall(r"((?:Story|Pick) \d+)(?=\s*<)", html.split("<main", 1)[1])]


def numbered(channel, count, **kwargs):
    return [
        publish(channel, headline=f"Story {n:02}", at=MARCH + timedelta(minutes=n), **kwargs)
        for n in range(count)
    ]


def in_order(html: str) -> list[int]:
    main = html.split("<main", 1)[1].split("</main>", 1)[0]
    return list(dict.fromkeys(int(n) for n in re.findall(r"Story (\d\d)", main)))


def follow(html: str, rel: str) -> str:
    tag = next(tag for tag in re.findall(r"<link[^>]+>", html) if f'rel="{rel}"' in tag)
    return re.search(r'href="[^"]*(\?[^"]*)"', tag)[1].replace("&amp;", "&")


def test_a_channel_shows_its_newest_first_and_pages_by_key(read, channel):
    numbered(channel, 45)
    first = read("/channel/russian-news/").content.decode()
    assert in_order(first) == list(range(44, 24, -1))
    second = read("/channel/russian-news/" + follow(first, "next")).content.decode()
    assert in_order(second) == list(range(24, 4, -1))
    third = read("/channel/russian-news/" + follow(second, "next")).content.decode()
    assert in_order(third) == [4, 3, 2, 1, 0]
    assert 'rel="next"' not in third
    back = read("/channel/russian-news/" + follow(third, "prev")).content.decode()
    assert in_order(back) == list(range(24, 4, -1))


def test_a_story_published_meanwhile_does_not_shift_the_next_screen(read, channel):
    numbered(channel, 25)
    older = follow(read("/channel/russian-news/").content.decode(), "next")
    publish(channel, headline="Story 99")
    assert in_order(read("/channel/russian-news/" + older).content.decode()) == [4, 3, 2, 1, 0]


def test_stories_of_the_same_instant_are_neither_lost_nor_repeated(read, channel):
    for n in range(30):
        publish(channel, headline=f"Story {n:02}", at=MARCH)
    first = read("/channel/russian-news/").content.decode()
    second = read("/channel/russian-news/" + follow(first, "next")).content.decode()
    assert sorted(in_order(first) + in_order(second)) == list(range(30))


def test_a_listing_holds_from_its_start_to_its_end(read, channel):
    over, later = publish(channel, headline="Story 01"), publish(channel, headline="Story 02")
    now = timezone.now()
    over.listings.update(ends_at=now)
    later.listings.update(starts_at=now + timedelta(hours=1))
    assert in_order(read("/channel/russian-news/").content.decode()) == []


def test_home_leads_with_the_sites_own_blocks_then_its_channels(read, site, channel):
    ice = make_channel(site, "Ice", "MELTLINE")
    for n in range(3):
        publish(channel, headline=f"Story {n:02}")
        publish(ice, headline=f"Story {n + 10}")
    block = make_block(site, "Top stories", backfill="site", from_site=site, size=2)
    picked = publish(ice, headline="Story 77", at=MARCH)
    Slot.objects.create(block=block, story=picked)
    html = read("/").content.decode()
    assert in_order(html)[:2] == [77, 12]
    assert html.index("Top stories") < html.index("Story 02")
    assert in_order(html).count(12) == 1


def test_a_story_past_its_relevance_leaves_the_front_but_not_its_channel(read, channel):
    publish(channel, headline="Story 01", relevant_until=timezone.now())
    assert in_order(read("/").content.decode()) == []
    assert in_order(read("/channel/russian-news/").content.decode()) == [1]


def test_an_author_page_lists_what_the_author_signed(read, channel):
    author = Author.objects.create(name="Ada Quist", biography="Writes about harbours.")
    publish(channel, headline="Story 01").authors.add(author)
    publish(channel, headline="Story 02")
    html = read("/author/ada-quist/").content.decode()
    assert in_order(html) == [1]
    assert "Writes about harbours." in html


def test_the_archive_goes_from_years_to_months_to_days(read, channel):
    publish(channel, headline="Story 01", at=MARCH)
    publish(channel, headline="Story 02", at=MARCH + timedelta(days=1))
    publish(channel, headline="Story 03", at=MARCH.replace(year=2025))
    assert 'href="/archive/2025/"' in read("/archive/").content.decode()
    assert 'href="/archive/2026/03/"' in read("/archive/2026/").content.decode()
    month = read("/archive/2026/03/").content.decode()
    assert 'href="/archive/2026/03/03/"' in month
    assert 'href="/archive/2026/03/05/"' not in month
    assert in_order(read("/archive/2026/03/03/").content.decode()) == [1]


def test_the_archive_leaves_out_what_a_source_forbids_to_archive(read, channel):
    publish(channel, headline="Story 01", at=MARCH, source=make_source(archive_allowed=False))
    assert in_order(read("/archive/2026/03/03/").content.decode()) == []
    assert in_order(read("/channel/russian-news/").content.decode()) == [1]


def test_corrections_are_listed_with_their_stories_newest_first(read, channel, moon):
    for n, where in enumerate([channel, channel, moon]):
        story = publish(where, headline=f"Story {n:02}")
        publishing.correct(story, note=f"Note {n}", by_name="The suite")
    html = read("/corrections/").content.decode()
    assert in_order(html) == [1, 0]
    assert html.index("Note 1") < html.index("Note 0")
    assert "Note 2" not in html


def test_corrections_page_by_key(read, channel):
    story = publish(channel)
    for n in range(25):
        publishing.correct(story, note=f"Note {n:02}.", by_name="The suite")
    first = read("/corrections/").content.decode()
    assert "Note 24." in first
    assert "Note 04." not in first
    older = re.search(r'href="[^"]*(\?before=\d+)"', first)[1]
    assert "Note 04." in read("/corrections/" + older).content.decode()


def test_a_host_that_no_site_has_gets_the_default_site(read, site, sister):
    assert "Main" in read("/", host="127.0.0.1:8000").content.decode()
    assert "<title>Sister" in read("/", host="sister.test:8000").content.decode()


def test_a_network_without_any_site_has_no_page(read, db):
    assert read("/").status_code == 404


def test_an_empty_channel_is_a_page_all_the_same(read, channel):
    assert read("/channel/russian-news/").status_code == 200
    assert read("/").status_code == 200


def test_a_flat_page_is_on_its_own_sites_only(read, site, sister):
    FlatPage.objects.create(url="/privacy/", title="Privacy", content="<p>No cookies.</p>").sites.add(site)
    assert "No cookies." in read("/privacy/").content.decode()
    assert read("/privacy/", host="sister.test").status_code == 404


# -- What cannot be ----------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/story/0/x/",
        "/story/-1/x/",
        "/story/01/x/",
        "/story/999999999999999999/x/",
        "/story/99999999999999999999/x/",
        "/story/x/",
        "/story/1/%00/",
        "/channel/none/",
        "/channel/%00/",
        "/tag/none/",
        "/author/none/",
        "/source/NONE/",
        "/archive/0000/",
        "/archive/9999/",
        "/archive/2026/13/",
        "/archive/2026/0/",
        "/archive/2026/02/30/",
        "/archive/2026/2/99999999999999999999/",
        "/archive/12026/",
        "/archive/2026/x/",
        "/none/",
        "/rss.xml/",
        "/rss.json",
        "/channel/russian-news/?before=x",
        "/channel/russian-news/?before=20261399999999999999-1",
        "/channel/russian-news/?after=-",
        "/channel/russian-news/?before=20260101000000000000-99999999999999999999",
        "/channel/russian-news/?before=2026010100000000000٣-1",
        "/latest/?before=%00",
        "/corrections/?before=x",
        "/corrections/?before=99999999999999999999",
        "/channel/russian-news/none.xml",
        "/tag/none/rss.xml",
    ],
)
def test_what_cannot_be_is_not_found(read, channel, path):
    assert read(path).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_pages_are_only_read(client, channel, method):
    for path in ["/", "/channel/russian-news/", "/latest/", "/rss.xml", "/corrections/"]:
        assert getattr(client, method)(path, headers={"host": "main.test"}).status_code == 405


def test_head_is_answered_like_get_without_a_body(client, channel):
    response = client.head("/channel/russian-news/", headers={"host": "main.test"})
    assert (response.status_code, response.content) == (200, b"")


# -- For caches and readers' privacy -----------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/channel/russian-news/", "/latest/", "/rss.xml", "/look.css", "/corrections/"]
)
def test_pages_are_asked_for_again_and_answered_304_while_they_are_the_same(read, channel, path):
    publish(channel)
    first = read(path)
    assert first["Cache-Control"] == "public, no-cache"
    assert read(path, **{"if-none-match": first["ETag"]}).status_code == 304
    publish(channel)
    if path not in ("/look.css", "/corrections/"):
        assert read(path, **{"if-none-match": first["ETag"]}).status_code == 200


def test_readers_get_no_cookie_no_script_and_nothing_from_elsewhere(read, channel):
    story = publish(channel)
    for path in ["/", "/channel/russian-news/", f"/story/{story.pk}/{story.slug}/"]:
        response = read(path)
        html = response.content.decode()
        assert not response.cookies
        assert "default-src 'self'" in response["Content-Security-Policy"]
        assert "Cookie" not in response.get("Vary", "")
        # data, which is not run, and files of our own
        data, own = html.count('<script type="application/ld+json">'), html.count('<script src="/static/')
        assert html.count("<script") == data + own
        assert " style=" not in html
        loaded = re.findall(r'<(?:link|img|source)[^>]+(?:href|src|srcset)="([^"]+)"', html)
        outside = [url for url in loaded if url.startswith(("http", "//")) and "http://main.test/" not in url]
        assert outside == []


def test_drafts_of_the_desk_have_no_page(read, channel):
    story = make_story(channel)
    assert read(f"/story/{story.pk}/{story.slug}/").status_code == 404
