"""Each list is answered by an index of its own: entered at the page key, read in order."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from articles import publishing
from articles.models import Story
from newsportal.announcing import came_out
from sections.feeds import _told
from sections.list_stories import AUTHOR, CHANNEL, DAY, LATEST, PLACE, SOURCE, TAG
from sections.lists import NEWER, NEWEST, OLDER, _screen
from sections.search_counts import _counted
from sections.sitemaps import _crowded, _first
from tests.factories import publish


def plan_of(ask) -> str:
    """How the database answers the query that `ask` makes."""
    asked = []

    def listen(execute, sql, params, *rest):
        asked.append((sql, params))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(listen):
        ask()
    [(sql, params)] = asked
    how = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Few rows are sooner read as they lie and sorted; what matters is that the index can do it.
            for way in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"{how} {sql}", params)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


# What answers each list: an index that begins with what it is of and goes on with its order.
INDEXES = {
    CHANNEL: "listing_newest", LATEST: "listing_newest_of_site", DAY: "listing_newest_of_site",
    TAG: "tagged_newest", PLACE: "place_newest", AUTHOR: "author_newest", SOURCE: "source_newest",
}  # fmt: skip
if connection.vendor == "postgresql":  # of a handful of rows it takes either, both in order
    INDEXES[SOURCE] = "source_newest|story_published"


@pytest.mark.parametrize("kind", INDEXES)
@pytest.mark.parametrize("way", [NEWEST, OLDER, NEWER])
def test_a_list_is_read_from_its_index_without_a_sort(site, channel, kind, way):
    for _ in range(5):
        story = publish(channel)
    now = timezone.now()
    values = {"site": site.pk, "at": now, "of": 1, "begin": now - timedelta(days=1), "end": now}
    values |= {"key_at": story.first_published, "key_pk": story.pk}
    plan = plan_of(lambda: _screen(kind, way, **values))
    assert re.search(rf"\b({INDEXES[kind]})\b", plan)
    for costly in ("TEMP B-TREE", "Sort", "Seq Scan on articles_story ", "SCAN "):
        assert costly not in plan
    if way != NEWEST:  # entered at the page key
        entered = next(line for line in plan.splitlines() if "first_published" in line)
        assert re.search(r"first_published\W* ?[<>]=? ?\W*('|\$|\?)", entered)


@pytest.mark.parametrize("kind", [LATEST, CHANNEL, SOURCE])
def test_a_feed_finds_what_was_changed_of_late_by_the_time_of_the_change(site, channel, kind):
    story = publish(channel)
    publishing.correct(story, note="It was nine.", by_name="The suite")
    publishing.kill(publish(channel), reason="wrong", by_name="The suite")
    now = timezone.now()
    values = {"site": site.pk, "of": channel.pk, "at": now, "since": now - timedelta(days=7)}
    plan = plan_of(lambda: _told(kind, **values))
    for index in ("correction_at", "withdrawal_at", INDEXES[kind]):
        assert re.search(rf"\b({index})\b", plan)
    for costly in ("Seq Scan on articles_story ", "SCAN articles_story", "Seq Scan on articles_correction"):
        assert costly not in plan


def test_the_thirds_that_may_have_several_sitemaps_are_told_by_a_sample(site, channel):
    publish(channel)
    assert "listing_sample" in plan_of(lambda: _crowded(12, site=site.pk, at=timezone.now()))


# In the order of Story.objects.changing().
OF_THE_CLOCK = [
    "story_published", "story_embargo_end", "story_relevant_end", "rights_to_end", "contract_to_end",
    "story_put_off",
]  # fmt: skip


if connection.vendor == "sqlite":  # PostgreSQL weighs it by how many there are

    @pytest.mark.parametrize(("number", "index"), list(enumerate(OF_THE_CLOCK)))
    def test_what_the_clock_changes_is_read_from_an_index_of_its_time(channel, number, index):
        publish(channel)
        begin = timezone.now()
        asked = Story.objects.changing(begin, begin + timedelta(hours=2))[number].order_by()
        plan = plan_of(lambda: list(asked.values_list("pk")))
        assert re.search(rf"{index} \(.*(_until|publish_at|first_published)>", plan)

    def test_what_came_out_by_the_clock_is_read_from_the_index_of_publication(channel):
        publish(channel)
        at = timezone.now()
        plan = plan_of(lambda: list(came_out(at, at + timedelta(seconds=9)).values_list("pk")))
        assert "story_published (state=? AND first_published>? AND first_published<?)" in plan

    def test_what_is_about_to_end_is_read_from_the_indexes_of_its_ends(channel):
        publish(channel)
        at = timezone.now()
        asked = Story.objects.ending(at, at + timedelta(days=3)).order_by()
        plan = plan_of(lambda: list(asked.values_list("pk")))
        for index in ("rights_to_end", "contract_to_end"):
            assert re.search(rf"{index} \(.*_until>", plan)


@pytest.mark.parametrize("order", ["first_published", "-first_published"])
def test_the_first_and_last_of_a_site_are_read_from_the_ends_of_an_index(site, channel, order):
    publish(channel)
    plan = plan_of(lambda: _first(order, site=site.pk, at=timezone.now()))
    assert "listing_newest_of_site" in plan
    for costly in ("TEMP B-TREE", "Sort", "Seq Scan"):
        assert costly not in plan


def test_what_a_search_found_is_counted_from_its_stories_alone(site, channel):
    stories = [publish(channel).pk for _ in range(5)]
    plan = plan_of(lambda: _counted((), 1000, 8, stories=stories, at=timezone.now(), site=site.pk))
    for table in ("articles_story", "sections_listing", "articles_taggedstory", "articles_story_places"):
        assert not re.search(rf"(Seq Scan on|SCAN) {table}\b", plan)
    assert "SCAN newest" in plan or "CTE Scan on newest" in plan
