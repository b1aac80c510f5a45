"""Two people, or two processes, at the same story at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from articles import publishing
from articles.models import Story, Tag
from articles.models.stories import StaleVersion
from articles.publishing import ForbiddenAct
from tests.factories import make_story, publish

pytestmark = pytest.mark.django_db(transaction=True)
BY = {"by_name": "The suite"}


def both_at_once(act, *arguments):
    """Runs `act` in two threads from the same instant; what each returned or raised."""
    barrier = Barrier(2, timeout=30)

    def run(argument):
        try:
            barrier.wait()
            return act(argument)
        except (StaleVersion, ForbiddenAct) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, arguments))


def test_only_one_of_two_saves_of_the_same_version_succeeds():
    pk = make_story(headline="As filed").pk
    copies = [Story.objects.get(pk=pk), Story.objects.get(pk=pk)]
    for number, story in enumerate(copies):
        story.headline = f"Changed by {number}"
    results = both_at_once(lambda story: story.save(), *copies)
    assert [type(result) for result in results].count(StaleVersion) == 1
    assert Story.objects.get(pk=pk).version == 2


def test_publishing_at_once_publishes_once():
    pk = make_story().pk
    copies = [Story.objects.get(pk=pk), Story.objects.get(pk=pk)]
    results = both_at_once(lambda story: publishing.publish(story, **BY), *copies)
    assert sum(isinstance(result, Exception) for result in results) == 1
    assert Story.objects.get(pk=pk).versions.count() == 1


def test_killing_at_once_kills_once():
    pk = publish().pk
    copies = [Story.objects.get(pk=pk), Story.objects.get(pk=pk)]
    assert both_at_once(lambda story: publishing.kill(story, reason="Libel", **BY), *copies) == [None, None]
    assert Story.objects.get(pk=pk).withdrawals.count() == 1


def test_a_kill_wins_over_an_update_of_the_same_instant():
    pk = publish(headline="As published").pk
    copies = [Story.objects.get(pk=pk), Story.objects.get(pk=pk)]

    def kill_or_update(story):
        if story is copies[0]:
            publishing.kill(story, reason="Libel", **BY)
        else:
            publishing.update(story, **BY)

    both_at_once(kill_or_update, *copies)
    assert Story.objects.get(pk=pk).state == Story.State.WITHDRAWN


def test_the_same_new_tag_at_once_is_one_tag():
    stories = [make_story(), make_story()]
    both_at_once(lambda pair: pair[0].tags.add(pair[1]), (stories[0], "Moon"), (stories[1], "MOON"))
    assert Tag.objects.count() == 1
    assert [story.tags.count() for story in stories] == [1, 1]
