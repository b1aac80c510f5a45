"""Who else has a story open: seen for as long as their form says so."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from articles.models import Presence
from articles.presence import LEASE, forget_old
from tests.articles.test_admin import change_url, desk
from tests.factories import make_channel, make_site, make_story

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    return make_story(make_channel(make_site(is_default=True)))


def url(story) -> str:
    return f"/admin/articles/story/{story.pk}/presence/"


def lines(client, story, **data) -> list[str]:
    return client.post(url(story), {"seen_version": story.version} | data).json()["lines"]


def fall_silent() -> None:
    Presence.objects.update(seen=timezone.now() - LEASE)


def test_who_opens_a_story_sees_who_else_has_it_open(story):
    desk("Editor", "ana").get(change_url(story))
    html = desk("Editor", "bo").get(change_url(story)).content.decode()
    since = f"{timezone.localtime(Presence.objects.get(user__username='ana').since):%H:%M}"
    assert f"ana has this open too (since {since})." in html
    assert "bo has this open" not in html


def test_an_open_form_keeps_its_place_and_hears_of_others(story):
    ana, bo = desk("Editor", "ana"), desk("Editor", "bo")
    ana.get(change_url(story))
    Presence.objects.update(since=timezone.now() - timedelta(hours=1))
    since = Presence.objects.get().since
    assert lines(ana, story) == []
    bo.get(change_url(story))
    assert [line.split(" (")[0] for line in lines(ana, story)] == ["bo has this open too"]
    assert Presence.objects.get(user__username="ana").since == since
    assert Presence.objects.count() == 2


def test_who_falls_silent_or_leaves_is_seen_no_more(story):
    ana, bo, cy = (desk("Editor", name) for name in ("ana", "bo", "cy"))
    ana.get(change_url(story))
    fall_silent()
    assert lines(bo, story) == []
    assert len(lines(cy, story)) == 1
    assert bo.post(url(story), {"left": "1"}).status_code == 204
    assert lines(cy, story) == []


def test_who_comes_back_has_it_open_since_then(story):
    ana = desk("Editor", "ana")
    ana.get(change_url(story))
    Presence.objects.update(since=timezone.now() - timedelta(hours=1))
    fall_silent()
    ana.get(change_url(story))
    assert timezone.now() - Presence.objects.get().since < timedelta(minutes=1)


def test_an_open_form_hears_that_the_story_was_saved(story):
    ana = desk("Editor", "ana")
    seen = story.version
    story.save()
    assert "saved by somebody else" in lines(ana, story, seen_version=seen)[0]


def test_it_is_for_who_may_see_the_story_and_by_post(story):
    client = desk("Editor")
    assert client.get(url(story)).status_code == 404
    assert client.post(url(story).replace(str(story.pk), "4711")).status_code == 404
    assert Client().post(url(story)).status_code == 302
    stranger = desk("Editor", "stranger")
    stranger.get(change_url(story))
    Presence.objects.all().delete()
    User.objects.get(username="stranger").groups.clear()
    assert stranger.post(url(story)).status_code == 403
    assert not Presence.objects.exists()


def test_any_number_of_others_takes_the_same_queries(story, django_assert_num_queries):
    ana = desk("Editor", "ana")
    lines(ana, story)
    for number in range(2):
        # Session, user, rights, the version, who is there, that I am.
        with django_assert_num_queries(6):
            assert len(lines(ana, story)) == number * 9
        for n in range(9):
            lines(desk("Editor", f"editor {number} {n}"), story)


def test_old_presences_are_forgotten(story):
    desk("Editor", "ana").get(change_url(story))
    forget_old()
    assert Presence.objects.exists()
    fall_silent()
    forget_old()
    assert not Presence.objects.exists()
