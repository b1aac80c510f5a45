"""Reads of stories: counted without a reader, written in batches, ranked by a job."""

import re
import threading
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep

import pytest
from django.db import DatabaseError
from django.utils import timezone

from articles import publishing
from newsportal.models import Change
from sections import counting
from sections.counting import MOST_A_MINUTE, Reads
from sections.ranking import KEEP, RANKED, forget_old_reads, rank
from sections.reads import MostRead, ReadCount, write_counts
from tests.factories import make_channel, make_story, publish

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
AT = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)


@pytest.fixture
def reads(monkeypatch):
    """Those of this process, with no thread that writes them."""
    fresh = Reads()
    fresh._writer = threading.current_thread()
    monkeypatch.setattr(counting, "reads", fresh)
    return fresh


@pytest.fixture
def tell(client):
    """What a story's page sends."""

    def tell(story: int, **headers):
        own = {"host": "main.test", "origin": "http://main.test", "user-agent": FIREFOX}
        return client.post(f"/read/{story}/", headers=own | headers)

    return tell


def ranking(span="day", **where) -> list[int]:
    return list(
        MostRead.objects.filter(span=span, **where).order_by("position").values_list("story", flat=True)
    )


# -- Counting ----------------------------------------------------------------------------


def test_a_read_is_counted_in_memory_and_costs_no_query(tell, reads, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = tell(7)
        tell(7)
    assert (response.status_code, response.content, dict(response.cookies)) == (204, b"", {})
    assert "no-store" in response["Cache-Control"]
    assert reads._counts == {7: 2}


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": ""},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"user-agent": "Mozilla/5.0 (compatible; Examplebot/2.1; +https://bot.example/)"},
        {"user-agent": "curl/8.9"},
        {"user-agent": "Mozilla/5.0 HeadlessChrome/140.0"},
        {"user-agent": ""},
    ],
    ids=str,
)
def test_what_comes_from_another_site_or_a_program_is_not_counted(tell, reads, db, headers):
    assert tell(7, **headers).status_code == 204
    assert not reads._counts


def test_only_a_post_counts(client, reads, db):
    assert client.get("/read/7/", headers={"host": "main.test"}).status_code == 405


def test_one_process_counts_a_story_only_so_often_a_minute(reads, monkeypatch):
    monkeypatch.setattr(counting, "monotonic", lambda: 600.0)
    for _ in range(MOST_A_MINUTE + 50):
        reads.add(7)
    reads.add(8)
    assert reads._counts == {7: MOST_A_MINUTE, 8: 1}
    monkeypatch.setattr(counting, "monotonic", lambda: 660.0)
    reads.add(7)
    assert reads._counts[7] == MOST_A_MINUTE + 1


def test_memory_is_bounded_however_many_stories_are_named(reads, monkeypatch):
    monkeypatch.setattr(counting, "MOST_STORIES", 3)
    for story in (1, 2, 3, 4, 1):
        reads.add(story)
    assert reads._counts == {1: 2, 2: 1, 3: 1}


def test_nothing_is_counted_where_it_is_switched_off(tell, read, channel, reads, settings):
    story = publish(channel)
    path = f"/story/{story.pk}/{story.slug}/"
    assert f'data-read="/read/{story.pk}/"' in read(path).content.decode()
    settings.COUNT_READS = False
    assert "data-read" not in read(path).content.decode()
    assert tell(story.pk).status_code == 404
    assert not reads._counts


# -- Writing -----------------------------------------------------------------------------


def test_reads_of_an_hour_are_added_up(channel, django_assert_num_queries):
    one, two = publish(channel), publish(channel)
    # which of them are stories; all their counts
    with django_assert_num_queries(2):
        write_counts({one.pk: 3, two.pk: 1, 999_999: 5}, AT)
    write_counts({one.pk: 4}, AT + timedelta(minutes=50))
    write_counts({one.pk: 1}, AT + timedelta(hours=1))
    rows = ReadCount.objects.order_by("hour", "story").values_list("story", "hour", "count")
    hour = AT.replace(minute=0)
    assert list(rows) == [(one.pk, hour, 7), (two.pk, hour, 1), (one.pk, hour + timedelta(hours=1), 1)]


def test_what_cannot_be_written_is_kept_for_the_next_time(channel, reads, monkeypatch, caplog):
    story = publish(channel)
    reads.add(story.pk)

    def away(counts, at):
        raise DatabaseError("away")

    with monkeypatch.context() as patched:
        patched.setattr(counting, "write_counts", away)
        reads.write()
    assert "1 stories could not be written yet: away" in caplog.text
    reads.add(story.pk)
    reads.write()
    reads.write()
    assert ReadCount.objects.get().count == 2


@pytest.mark.django_db(transaction=True)
def test_a_thread_writes_without_being_asked(channel, monkeypatch):
    monkeypatch.setattr(counting, "WRITE_EVERY", 0.05)
    monkeypatch.setattr(counting.atexit, "register", lambda write: None)
    story, reads = publish(channel), Reads()
    reads.add(story.pk)
    deadline = monotonic() + 10
    while not ReadCount.objects.exists() and monotonic() < deadline:
        sleep(0.02)
    reads.add(story.pk)
    reads.end()
    assert not reads._writer.is_alive()
    assert ReadCount.objects.get().count == 2


# -- Ranking -----------------------------------------------------------------------------


def test_stories_are_ranked_for_each_channel_and_site_of_the_last_day_and_week(channel, sister):
    site, ice = channel.site, make_channel(channel.site, "Ice", "ICE")
    now = timezone.now()
    old, new, cold = publish(channel), publish(channel), publish(ice)
    write_counts({old.pk: 50, new.pk: 1}, now - timedelta(days=3))
    write_counts({old.pk: 2, new.pk: 9, cold.pk: 5}, now - timedelta(hours=2))
    rank(now)
    assert ranking(channel=channel) == [new.pk, old.pk]
    assert ranking("week", channel=channel) == [old.pk, new.pk]
    assert ranking(channel=None, site=site) == [new.pk, cold.pk, old.pk]
    assert ranking(channel=ice) == [cold.pk]
    assert not MostRead.objects.filter(site=sister).exists()


def test_a_story_in_two_channels_counts_once_for_the_site(channel, site):
    story = publish(channel, also=(make_channel(site, "Ice", "ICE"),))
    write_counts({story.pk: 5}, timezone.now())
    rank(timezone.now())
    assert ranking(channel=None, site=site) == [story.pk]
    assert MostRead.objects.filter(span="day").count() == 3


def test_ranking_again_changes_only_what_has_changed(channel, site):
    now = timezone.now()
    one, two = publish(channel), publish(channel)
    write_counts({one.pk: 2, two.pk: 1}, now)
    assert rank(now) == {(site.pk, place, span) for place in (channel.pk, None) for span in ("day", "week")}
    kept = set(MostRead.objects.values_list("pk", flat=True))
    write_counts({one.pk: 1}, now)
    assert rank(now) == set()
    assert set(MostRead.objects.values_list("pk", flat=True)) == kept
    write_counts({two.pk: 5}, now)
    assert len(rank(now)) == 4
    assert ranking(channel=channel) == [two.pk, one.pk]


def test_a_ranking_has_an_end_and_a_day_without_reads_has_none(channel):
    now = timezone.now()
    write_counts({make_story(channel).pk: 1 for _ in range(RANKED + 3)}, now)
    rank(now)
    assert len(ranking(channel=channel)) == RANKED
    rank(now + timedelta(days=2))
    assert ranking(channel=channel) == []
    assert len(ranking("week", channel=channel)) == RANKED


def test_switched_off_the_rankings_go(channel, settings):
    write_counts({publish(channel).pk: 1}, timezone.now())
    rank(timezone.now())
    settings.COUNT_READS = False
    rank(timezone.now())
    assert not MostRead.objects.exists()


def test_old_counts_are_removed(channel):
    now, story = timezone.now(), publish(channel)
    for age in (KEEP + timedelta(hours=2), KEEP - timedelta(hours=2)):
        write_counts({story.pk: 1}, now - age)
    list(forget_old_reads())
    assert ReadCount.objects.get().hour > now - KEEP


# -- On pages ----------------------------------------------------------------------------


@pytest.fixture
def ranked(channel):
    """Seven stories, the last of them read most."""
    stories = [publish(channel, headline=f"Read {number} times") for number in range(1, 8)]
    write_counts({story.pk: number for number, story in enumerate(stories, 1)}, timezone.now())
    rank(timezone.now())
    return stories


def said_most_read(html: str) -> list[str]:
    part = html.partition('class="block most-read"')[2].partition("</section>")[0]
    return re.findall(r"Last[^<]*|Read \d times", part)


@pytest.mark.parametrize("path", ["/", "/channel/russian-news/"])
def test_fronts_show_what_is_read_most(read, ranked, path):
    five = [f"Read {number} times" for number in (7, 6, 5, 4, 3)]
    html = read(path).content.decode()
    assert said_most_read(html) == ["Last 24 hours", *five, "Last 7 days", *five]


def test_what_readers_may_not_see_is_not_among_the_most_read(read, ranked):
    publishing.kill(ranked[-1], by_name="The desk", reason="Wrong")
    html = read("/channel/russian-news/").content.decode()
    assert said_most_read(html)[1] == "Read 6 times"


def test_a_front_without_reads_or_with_counting_off_has_no_such_list(read, channel, ranked, settings):
    assert "most-read" not in read("/channel/russian-news/?before=29990101000000000000-1").content.decode()
    settings.COUNT_READS = False
    assert "most-read" not in read("/").content.decode()


def test_fronts_are_told_when_their_ranking_changes(channel):
    write_counts({publish(channel).pk: 1}, timezone.now())
    rank(timezone.now())
    written = Change.objects.count()
    changed = set(Change.objects.latest("pk").keys.split())
    assert changed == {f"home-blocks:{channel.site_id}", f"front-blocks:{channel.pk}"}
    rank(timezone.now())
    assert Change.objects.count() == written
