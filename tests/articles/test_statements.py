"""Rows written with statements composed once: the same rows as Django's own save() writes."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.forms.models import model_to_dict

from articles.models import Story, StoryVersion, Tag
from articles.statements import insert, insert_unless_there, update
from tests.factories import make_story

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def version(story: Story, number: int = 1) -> StoryVersion:
    content = {"headline": 'Ærø "100 %s"', "urgency": 4, "byline": None}
    return StoryVersion(story=story, number=number, kind="original", at=NOON, by_name="Test", content=content)


def test_an_inserted_row_is_the_one_that_save_stores():
    story = make_story()
    [inserted], saved = insert([version(story)]), version(story, number=2)
    saved.save()
    rows = StoryVersion.objects.order_by("number")
    assert [row.pk for row in rows] == [inserted.pk, saved.pk]
    assert model_to_dict(rows[0], exclude=["number", "id"]) == model_to_dict(
        rows[1], exclude=["number", "id"]
    )
    assert rows[0].content == saved.content


def test_inserted_rows_know_their_keys_and_that_they_are_stored():
    story = make_story()
    rows = insert(version(story, number) for number in (1, 2, 3))
    assert {row.number: row.pk for row in rows} == dict(StoryVersion.objects.values_list("number", "pk"))
    assert not any(row._state.adding for row in rows)


def test_a_time_that_is_set_on_adding_is_set():
    [story] = insert([Story(headline="Ferry resumes", opening="")])
    assert Story.objects.get().created == story.created is not None


def test_no_rows_take_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert insert([]) == []


def test_a_row_that_is_there_is_not_stored_again():
    assert insert_unless_there(Tag(name="Ferries", slug="ferries", normal="ferries", folded="ferries"))
    again = Tag(name="Ferries!", slug="ferries-2", normal="ferries", folded="ferries")
    assert not insert_unless_there(again)
    assert again.pk is None
    assert Tag.objects.get().name == "Ferries"


def test_a_row_that_breaks_a_constraint_is_refused():
    story = make_story()
    insert([version(story)])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([version(story)])


def test_an_update_writes_the_named_fields_of_its_row_alone():
    one, other = make_story(headline="One"), make_story(headline="Other")
    one.headline, one.source, one.slugline = "100 % new", other.source, "not-written"
    update(one, "headline", "source")
    one.refresh_from_db()
    assert (one.headline, one.source, one.slugline) == ("100 % new", other.source, "")
    assert Story.objects.get(pk=other.pk).headline == "Other"
