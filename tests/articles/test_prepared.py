"""Queries that are built once give the same rows as the ORM, for any values."""

from datetime import timedelta

import pytest
from django.db import connection, models
from django.utils import timezone

from articles import prepared as prepared_queries
from articles.models import Story
from articles.prepared import in_arms, in_spans, prepared
from tests.factories import make_source, make_story

built = []


@prepared
def _since(blank, newest_first):
    built.append(newest_first)
    stories = Story.objects.filter(created__gt=blank.time("since")).exclude(headline=blank.text("but"))
    stories = stories.filter(models.Q(pk=blank.key("pk")) | models.Q(slugline__contains="50%"))
    return stories.order_by("-pk" if newest_first else "pk").values("pk", "headline", "created", "subjects")


@pytest.fixture
def stories(db):
    return [make_story(headline=name, slugline="50% more", subjects=["a"]) for name in ("One", "Two", "Ten")]


def test_rows_are_those_that_the_orm_gives_with_the_types_of_their_fields(stories):
    since = timezone.now() - timedelta(hours=1)
    rows = _since(False, since=since, but="Two", pk=0)
    assert rows == list(
        Story.objects.exclude(headline="Two").order_by("pk").values("pk", "headline", "created", "subjects")
    )
    assert rows[0]["subjects"] == ["a"]
    assert _since(False, since=timezone.now() + timedelta(hours=1), but="", pk=0) == []


def test_a_query_is_built_once_for_each_shape_and_takes_any_values(stories):
    built.clear()
    since = timezone.now() - timedelta(hours=1)
    for but, expected in (("One", ["Ten", "Two"]), ("Ten", ["Two", "One"]), ("", ["Ten", "Two", "One"])):
        assert [row["headline"] for row in _since(True, since=since, but=but, pk=1)] == expected
        _since(False, since=since, but=but, pk=1)
    assert built.count(True) <= 1
    assert built.count(False) <= 1


@prepared
def _of(blank, provider):
    return Story.objects.filter(provider=provider, pk__gt=blank.key("after")).values("provider")


def test_what_is_the_same_in_each_call_may_be_any_text(db):
    names = ["O'Brien's \\ 100% \"Wire\"; --", "'", "%(after)s"]
    for name in names:
        make_story(provider=name, guid=name)
    assert [_of(name, after=0) for name in names] == [[{"provider": name}] for name in names]


@prepared
def _whether(blank, answer):
    return Story.objects.values(answer=models.Value(answer))


def test_what_is_the_same_but_neither_text_nor_number_is_refused(db):
    with pytest.raises(TypeError, match="cannot be part of a prepared query; give it as a blank"):
        _whether(b"yes")


@prepared
def _with_their_sources(blank):
    stories = Story.objects.filter(slugline=blank.text("slugline")).select_related("source", "working_copy")
    return stories.order_by("pk")


def test_a_queryset_without_values_gives_instances_and_what_they_refer_to(stories, django_assert_num_queries):
    stories[0].source = make_source("AFP")
    stories[0].save()
    for _ in range(2):
        with django_assert_num_queries(1):
            found = _with_their_sources(slugline="50% more")
            assert [(row.headline, row.source and row.source.name) for row in found] == [
                ("One", stories[0].source.name),
                ("Two", None),
                ("Ten", None),
            ]
            assert [row.created for row in found] == [story.created for story in stories]
            assert not any(hasattr(row, "working_copy") for row in found)


def test_a_value_that_is_missing_is_told(stories):
    with pytest.raises(KeyError, match="but"):
        _since(True, since=timezone.now(), pk=1)


if connection.vendor == "postgresql":  # SQLite's statements are kept by its driver

    def test_postgresql_plans_for_what_is_the_same_in_each_call(db):
        assert _of("Wire", after=0) == []
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement FROM pg_prepared_statements")
            [statement] = [row[0] for row in cursor.fetchall() if "provider" in row[0]]
        assert "'Wire'" in statement

    def test_postgresql_prepares_it_and_stops_planning_it(stories):
        for _ in range(9):
            _since(True, since=timezone.now(), but="x", pk=1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT generic_plans, custom_plans, statement FROM pg_prepared_statements")
            [(generic, custom)] = [row[:2] for row in cursor.fetchall() if "slugline" in row[2]]
        assert generic >= 4
        assert custom <= 5

    def test_postgresql_starts_no_other_process_for_a_page(db):
        with connection.cursor() as cursor:
            for name in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"):
                cursor.execute(f"SET LOCAL {name} = 0")  # else so few rows are never shared out
            cursor.execute("EXPLAIN SELECT count(*) FROM articles_story")
            assert "Gather" not in "".join(row[0] for row in cursor.fetchall())

    def test_postgresql_expects_that_almost_all_has_come_whatever_the_moment(db):
        Story.objects.bulk_create(Story(headline="Ferry", publish_at=timezone.now()) for _ in range(90))
        expected = {}
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE articles_story")
            for way in ("lte", "has_come"):
                sql, _at = Story.objects.filter(
                    **{f"publish_at__{way}": timezone.now()}
                ).query.sql_with_params()
                cursor.execute(f"PREPARE {way} AS {sql.replace('%s', '$1')}")
                cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
                cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE {way} (now())")
                [plan] = cursor.fetchone()[0]
                expected[way] = plan["Plan"]["Plan Rows"]
                cursor.execute(f"DEALLOCATE {way}")
        assert expected["lte"] < 40
        assert expected["has_come"] > 85


@in_spans
def _created_after(blank, begin, end, number):
    stories = Story.objects.filter(created__gte=begin, created__lt=end).exclude(headline=blank.text("but"))
    return stories.order_by("created")[number:]


def test_spans_of_time_that_have_rows_are_told_from_those_that_have_none(stories, django_assert_num_queries):
    hour, now = timedelta(hours=1), timezone.now()
    now, before, after = ((now + hour * number, now + hour * (number + 1)) for number in (-1, -2, 0))
    with django_assert_num_queries(1):
        assert _created_after([before, now, after], 0, but="Two") == [now]
    assert _created_after([after, now], 1, but="Two") == [now]
    assert _created_after([after, now], 2, but="Two") == []
    with django_assert_num_queries(0):
        assert _created_after([], 0, but="Two") == []


@in_arms
def _children(blank, of, number, newest_first):
    stories = Story.objects.filter(urgency=of).exclude(headline=blank.text("but"))
    return stories.order_by("-pk" if newest_first else "pk").values("pk", "created")[:number]


def test_many_keys_are_asked_for_at_once_each_to_its_limit(db, monkeypatch, django_assert_num_queries):
    stories = {urgency: [make_story(urgency=urgency) for _ in range(3)] for urgency in (1, 2, 3)}
    arms = [((2, True), [1, 3, 6]), ((1, False), [2])]
    with django_assert_num_queries(1):
        found = _children(arms, but="")
    given = sorted((arm, key, row["pk"]) for arm, key, row in found)
    newest = [(0, urgency, story.pk) for urgency in (1, 3) for story in stories[urgency][1:]]
    assert given == [*newest, (1, 2, stories[2][0].pk)]
    assert found[0][2]["created"] == Story.objects.get(pk=found[0][2]["pk"]).created
    monkeypatch.setattr(prepared_queries, "ARMS_AT_ONCE", 1)  # as where there are more than SQLite takes
    assert sorted((arm, key, row["pk"]) for arm, key, row in _children(arms, but="")) == given
    with django_assert_num_queries(0):
        assert _children([], but="") == []
