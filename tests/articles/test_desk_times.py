"""Times in an editor's own zone, on ordinary days and on those when clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles.clock import clock
from articles.desk_times import moment_of
from articles.models import Editor, Story
from articles.publishing import Verb
from articles.story_state import form_buttons, state_sentence
from tests.articles.test_admin import change_url, desk, read_form
from tests.factories import make_channel, make_site, make_story, publish

SETTINGS = "/admin/my-settings/"


@pytest.mark.parametrize(
    ("zone", "wall", "utc"),
    [
        ("Australia/Sydney", "2026-03-03 14:00", "2026-03-03 03:00"),
        ("Australia/Sydney", "2026-04-05 02:30", "2026-04-04 15:30"),  # twice: the first, in summer time
        ("Australia/Sydney", "2026-04-05 03:00", "2026-04-04 17:00"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30"),  # twice
        ("America/New_York", "2026-11-01 02:00", "2026-11-01 07:00"),
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),  # twice, half an hour apart
        ("Australia/Lord_Howe", "2026-04-05 02:00", "2026-04-04 15:30"),
        ("UTC", "2026-03-29 01:30", "2026-03-29 01:30"),
    ],
)
def test_a_time_typed_is_one_moment_also_where_clocks_show_it_twice(zone, wall, utc):
    moment = moment_of(datetime.fromisoformat(wall), ZoneInfo(zone))
    assert moment.astimezone(UTC) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "wall", "instead"),
    [
        ("Australia/Sydney", "2026-10-04 02:30", "Write 03:30"),
        ("America/New_York", "2026-03-08 02:00", "Write 03:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "Write 02:45"),
    ],
)
def test_a_time_that_clocks_skip_is_refused_with_the_one_to_write(zone, wall, instead):
    with timezone.override(zone), pytest.raises(ValidationError) as refused:
        moment_of(datetime.fromisoformat(wall), ZoneInfo(zone))
    said = refused.value.messages[0]
    assert "does not exist in" in said
    assert instead in said


@pytest.mark.parametrize("wall", ["0001-01-01 00:00", "9999-12-31 23:59"])
def test_a_year_beyond_the_calendar_is_refused(wall):
    zone = ZoneInfo("Australia/Sydney" if wall < "1" else "America/New_York")
    with pytest.raises(ValidationError):
        moment_of(datetime.fromisoformat(wall), zone)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Australia/Sydney", "Tue 3 Mar 2026 14:00 Sydney = 03:00 UTC"),
        ("America/New_York", "Mon 2 Mar 2026 22:00 New York = Tue 3 Mar 03:00 UTC"),
        ("UTC", "Tue 3 Mar 2026 03:00 UTC"),
        ("Europe/London", "Tue 3 Mar 2026 03:00 UTC"),
    ],
)
def test_a_moment_is_said_in_the_zone_and_in_utc(zone, said, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 6, 1, tzinfo=UTC))
    with timezone.override(zone):
        assert clock(datetime(2026, 3, 3, 3, tzinfo=UTC)) == said


def story_at(state: str = "draft", **times) -> Story:
    return Story(headline="Ferry", state=state, **times)


NOW = datetime(2026, 3, 2, 20, tzinfo=UTC)
LIVE = datetime(2026, 3, 3, 3, tzinfo=UTC)


@pytest.fixture
def in_sydney(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    with timezone.override("Australia/Sydney"):
        yield


@pytest.mark.parametrize(
    ("story", "said"),
    [
        (story_at(), "Draft"),
        (
            story_at("published", publish_at=LIVE, embargo_until=LIVE - timedelta(hours=1)),
            "Goes live Tue 3 Mar 14:00 Sydney = 03:00 UTC, embargo until 13:00",
        ),
        (
            story_at("published", publish_at=NOW, embargo_until=LIVE),
            "Goes live Tue 3 Mar 14:00 Sydney = 03:00 UTC, when its embargo ends",
        ),
        (
            story_at("ready", publish_at=LIVE),
            "Ready; once published it goes live Tue 3 Mar 14:00 Sydney = 03:00 UTC",
        ),
        (story_at("published", publish_at=NOW), "Published"),
        (
            story_at("published", publish_at=NOW, rights_until=LIVE),
            "Published, until Tue 3 Mar 14:00 Sydney = 03:00 UTC",
        ),
        (
            story_at("published", publish_at=NOW, contract_until=NOW),
            "Rights ended Tue 3 Mar 07:00 Sydney = Mon 2 Mar 20:00 UTC: no longer shown",
        ),
    ],
)
def test_one_sentence_says_where_the_story_stands(story, said, in_sydney):
    assert state_sentence(story) == said


@pytest.mark.parametrize(
    ("times", "label"),
    [
        ({}, "Publish now"),
        ({"publish_at": NOW - timedelta(days=1)}, "Publish now"),
        ({"publish_at": LIVE}, "Schedule for Tue 3 Mar 14:00"),
        ({"publish_at": LIVE, "embargo_until": LIVE + timedelta(days=1)}, "Schedule for Wed 4 Mar 14:00"),
    ],
)
def test_the_button_says_what_it_will_do(times, label, in_sydney):
    [(verb, says, _now, _later)] = form_buttons(story_at(**times), [Verb.PUBLISH])
    assert (verb, says) == (Verb.PUBLISH, label)


# -- At the desk -----------------------------------------------------------------


@pytest.fixture
def channel(db):
    return make_channel(make_site(is_default=True))


def work_in(client, zone: str):
    response = client.post(SETTINGS, {"time_zone": zone}, follow=True)
    assert "Your settings are saved." in response.content.decode()


def test_an_editor_types_times_in_their_own_zone_and_sees_both(channel):
    client = desk("Editor")
    work_in(client, "Australia/Sydney")
    draft = make_story(channel)
    typed = {"publish_at_0": "2026-12-24", "publish_at_1": "14:00", "_continue": ""}
    html = client.post(change_url(draft), read_form(client, change_url(draft)) | typed, follow=True)
    draft.refresh_from_db()
    assert draft.publish_at == datetime(2026, 12, 24, 3, tzinfo=UTC)
    page = html.content.decode()
    assert "= Thu 24 Dec 03:00 UTC" in page
    assert 'value="14:00:00"' in page
    assert "All times are Australia/Sydney" in page


def test_each_editor_has_a_zone_of_their_own(channel):
    story = publish(channel, publish_at=datetime(2099, 3, 3, 3, tzinfo=UTC))
    sydney, elsewhere = desk("Editor"), desk("Chief editor")
    work_in(sydney, "Australia/Sydney")
    assert "14:00 Sydney = 03:00 UTC" in sydney.get(change_url(story)).content.decode()
    page = elsewhere.get(change_url(story)).content.decode()
    assert "03:00 UTC" in page
    assert "Sydney" not in page


def test_a_time_that_clocks_skip_is_an_error_in_the_form_and_stays_typed(channel):
    client = desk("Editor")
    work_in(client, "Australia/Sydney")
    draft = make_story(channel)
    typed = {"publish_at_0": "2027-10-03", "publish_at_1": "02:30", "_continue": ""}
    page = client.post(change_url(draft), read_form(client, change_url(draft)) | typed).content.decode()
    assert "Sun 3 Oct 02:30 does not exist in Sydney: clocks are put forward then. Write 03:30." in page
    assert 'value="02:30"' in page


def test_the_second_of_two_equal_times_survives_a_save_that_does_not_touch_it(channel):
    second = datetime(2027, 4, 3, 16, 30, tzinfo=UTC)  # 02:30 in Sydney, for the second time
    draft = make_story(channel, publish_at=second)
    client = desk("Editor")
    work_in(client, "Australia/Sydney")
    client.post(change_url(draft), read_form(client, change_url(draft)) | {"teaser": "New", "_continue": ""})
    draft.refresh_from_db()
    assert (draft.teaser, draft.publish_at) == ("New", second)


def test_a_zone_that_does_not_exist_is_refused(db):
    client = desk("Editor")
    assert "not one of the available choices" in client.post(SETTINGS, {"time_zone": "Mars"}).content.decode()
    assert not Editor.objects.exists()


def test_readers_and_who_is_not_signed_in_have_the_portals_zone(channel, client):
    Editor.objects.create(user=User.objects.create(username="x"), time_zone="Australia/Sydney")
    assert client.get("/admin/login/").status_code == 200
    assert client.get(SETTINGS).status_code == 302


def test_the_desk_leads_to_my_settings(db):
    assert f'href="{SETTINGS}"' in desk("Reporter").get("/admin/").content.decode()


def test_an_editors_zone_costs_no_query(channel, django_assert_num_queries):
    client = desk("Editor")
    work_in(client, "Australia/Sydney")
    # Session, user with what they set, rights.
    with django_assert_num_queries(3):
        client.get(SETTINGS)
