"""Stories whose right to be shown has ended stand in no list's index, and come back with the right."""

from datetime import timedelta

import pytest
from django.utils import timezone

from articles import ending, publishing
from articles.models import Story
from newsportal.jobs import JOBS
from sections.models import Listing
from tests.factories import make_source, publish

pytestmark = pytest.mark.django_db

HOURS = timedelta(hours=1)
LONG_AGO = ending.KEPT + HOURS


def listed() -> set[int]:
    return set(Listing.objects.filter(first_published__isnull=False).values_list("story", flat=True))


def run() -> int:
    """How many transactions the job made."""
    return len(list(JOBS["ended"].run()))


def test_what_ended_a_week_ago_leaves_the_lists_and_nothing_else(channel):
    now = timezone.now()
    contract, rights, of_late, to_come, free = (
        publish(channel, at=now - 2 * LONG_AGO, rights_until=until)
        for until in (None, now + HOURS, now + HOURS, now + HOURS, None)
    )
    for story, column, until in (
        (contract, "contract_until", now - LONG_AGO),
        (rights, "rights_until", now - LONG_AGO),
        (of_late, "rights_until", now - HOURS),
    ):
        Story.objects.filter(pk=story.pk).update(**{column: until})
    assert run() == 2
    assert listed() == {of_late.pk, to_come.pk, free.pk}
    assert run() == 0


def test_a_source_whose_contract_is_extended_has_its_stories_back_at_once(channel, client):
    source = make_source(text_days=3)
    ago = (timedelta(days=days) for days in (20, 40))
    story, older = (publish(channel, source=source, at=timezone.now() - each) for each in ago)
    Story.objects.update(contract_until=timezone.now() - LONG_AGO)
    run()
    for days, there in ((10, set()), (30, {story.pk}), (None, {story.pk, older.pk})):
        source.text_days = days
        publishing.apply_contract(source)
        assert listed() == there
    page = client.get(f"/channel/{channel.slug}/", headers={"host": channel.site.domain})
    assert story.headline in page.text


def test_a_story_whose_rights_are_extended_is_back_at_once(channel):
    story = publish(channel)
    Story.objects.update(rights_until=timezone.now() - LONG_AGO)
    run()
    assert listed() == set()
    story = Story.objects.get()
    story.rights_until = None
    publishing.update(story, by_name="The suite")
    assert listed() == {story.pk}


def test_a_run_leaves_off_after_so_many_and_the_next_goes_on(channel, monkeypatch):
    monkeypatch.setattr(ending, "AT_ONCE", 1)
    monkeypatch.setattr(ending, "MOST", 2)
    for _ in range(3):
        publish(channel)
    Story.objects.update(rights_until=timezone.now() - LONG_AGO)
    assert (run(), len(listed())) == (2, 1)
    assert (run(), len(listed())) == (1, 0)
