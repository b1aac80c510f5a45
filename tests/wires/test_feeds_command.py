"""manage.py feeds tells an operator, and a monitor by its status, how the feeds are doing."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.wires.test_polling import story
from wires.health import state
from wires.intake import receive
from wires.models import Dispatch, Feed

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def feed(**columns) -> Feed:
    """One that does well at noon; not stored."""
    well = {
        "name": "knw",
        "kind": "folder",
        "quiet_after": 20,
        "looked": NOON,
        "next_look": NOON + timedelta(minutes=5),
        "last_success": NOON,
        "last_item": NOON,
    }
    return Feed(**well | columns)


@pytest.mark.parametrize(
    ("columns", "words", "is_well"),
    [
        ({}, "ok", True),
        ({"last_item": NOON - timedelta(minutes=20)}, "ok", True),
        ({"last_item": NOON - timedelta(hours=3)}, "quiet for 3 h, normal is 20 min", False),
        (
            {"last_item": NOON - timedelta(days=9), "quiet_after": 4320},
            "quiet for 9 d, normal is 3 d",
            False,
        ),
        ({"last_item": None}, "ok, nothing came yet", True),
        ({"failures": 5, "last_error": "mx failed"}, "down: 5 failures, last: mx failed", False),
        ({"failures": 1, "last_error": "mx failed"}, "trying again: 1 failure, last: mx failed", True),
        ({"failures": 3, "last_error": "a\x1b[31m\nb"}, "down: 3 failures, last: a [31m b", False),
        ({"failures": 3, "last_error": "no " * 99}, f"down: 3 failures, last: {'no ' * 40}…", False),
        (
            {"looked": NOON - timedelta(hours=5), "next_look": NOON - timedelta(hours=4)},
            "not looked at for 5 h; is manage.py worker running?",
            False,
        ),
        ({"looked": None, "next_look": None, "last_item": None}, "not looked at yet", True),
        ({"is_active": False, "failures": 9}, "off", True),
        ({"kind": "by_hand", "last_item": NOON - timedelta(days=9)}, "by hand", True),
    ],
)
def test_a_feeds_state_in_words(columns, words, is_well):
    assert state(feed(**columns), NOON) == (words, is_well)


def shown(**options) -> str:
    out = StringIO()
    call_command("feeds", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def well(db) -> Feed:
    now = timezone.now()
    moment = datetime(2026, 3, 3, 9, 5, tzinfo=UTC)
    return Feed.objects.create(
        name="knw-world", kind="folder", looked=now, next_look=now, last_item=now, last_success=moment
    )


def test_feeds_are_shown_in_aligned_columns(well):
    for number in (1, 2, 3):
        receive(story(number), f"{number}.json", well)
    Dispatch.objects.filter(name="3.json").update(received=timezone.now() - timedelta(hours=25))
    Feed.objects.create(name="a", kind="by_hand")
    assert shown() == (
        "NAME       KIND     LAST SUCCESS      ITEMS IN 24 H  FAILURES  STATE\n"
        "a          by_hand  never             0              0         by hand\n"
        "knw-world  folder   2026-03-03 09:05  2              0         ok\n"
    )


def test_the_status_names_the_feeds_that_are_not_well(well):
    Feed.objects.create(name="broken", kind="folder", failures=5, last_error="The folder cannot be read.")
    Feed.objects.create(
        name="silent", kind="folder", looked=well.looked, last_item=timezone.now() - timedelta(days=2)
    )
    with pytest.raises(CommandError, match=r"^Not well: broken, silent\.$"):
        shown()
    Feed.objects.exclude(pk=well.pk).update(is_active=False)
    assert "ok" in shown()


@pytest.mark.django_db
def test_without_feeds_it_says_so():
    assert shown() == "There are no feeds yet; make one in the admin.\n"


@pytest.mark.django_db
def test_it_is_silent_when_told_so(well):
    assert shown(verbosity=0) == ""


def test_the_number_of_queries_does_not_grow_with_the_feeds(well, django_assert_num_queries):
    for number in range(5):
        Feed.objects.create(name=f"feed-{number}", kind="by_hand")
    with django_assert_num_queries(2):  # the feeds, their items
        shown()
