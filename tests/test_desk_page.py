"""The desk's front page: what needs somebody, each with the list that shows just that."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone
from playwright.sync_api import expect

from articles import publishing
from benchmarks.desk import editor
from newsportal import desk_page as desk
from newsportal.desk_page import desk_page
from sections.models import Slot
from tests.factories import make_block, make_channel, make_site, make_source, make_story, publish
from wires.models import Dispatch, Feed, Likeness, WireCopy, WireStory

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(db):
    return User.objects.create_superuser("chief")


@pytest.fixture
def channel(db):
    return make_channel(make_site("testserver", is_default=True))


def need(user, title: str) -> desk.Need:
    return next(found for found in desk_page(user).needs if found.title == title)


def wire_draft(guid: str, **kwargs):
    return make_story(provider="mws", guid=guid, **kwargs)


def shown_by(client, url: str) -> int:
    """How many rows the list behind a link has."""
    page = client.get(url)
    assert page.status_code == 200
    return page.context["cl"].result_count


def test_incoming_copy_is_counted_by_urgency_and_source_and_each_count_leads_to_its_list(client, chief):
    mws, fws = make_source("MWS"), make_source("FWS")
    wire_draft("1", urgency=1, source=mws)
    wire_draft("2", urgency=4, source=mws)
    wire_draft("3", urgency=4, source=fws)
    wire_draft("4", urgency=5)
    make_story(urgency=1)  # written here
    found = need(chief, "Incoming wire copy")
    assert found.count == 4
    assert [(row.words, row.note) for row in found.rows] == [
        ("Urgency 1", "1"), ("Urgency 4", "2"), ("Urgency 5", "1"),
        ("MWS Wire", "2"), ("FWS Wire", "1"), ("No source", "1"),
    ]  # fmt: skip
    client.force_login(chief)
    assert shown_by(client, found.url) == 4
    assert [shown_by(client, row.url) for row in found.rows] == [1, 2, 1, 2, 1, 1]


def test_a_source_beyond_those_that_the_filter_offers_has_its_list_too(client, chief):
    for number in range(60):
        make_source(f"A{number:02}")
    last = make_source("ZWS")
    wire_draft("1", source=last)
    wire_draft("2")
    client.force_login(chief)
    assert shown_by(client, need(chief, "Incoming wire copy").rows[2].url) == 1


def test_ready_stories_are_shown(client, chief):
    story = make_story()
    publishing.submit(story, by_name="The suite")
    found = need(chief, "Ready for publication")
    assert (found.count, found.rows[0].words) == (1, story.headline)
    client.force_login(chief)
    assert shown_by(client, found.url) == 1


def test_what_goes_live_later_is_shown_with_its_time_the_next_first(client, chief, channel):
    now = timezone.now()
    publish(channel, headline="Out already")
    publish(channel, headline="Scheduled", publish_at=datetime(2099, 3, 3, 14, tzinfo=UTC))
    publish(channel, headline="Embargoed", embargo_until=datetime(2098, 3, 3, 14, tzinfo=UTC))
    assert now < timezone.now()
    found = need(chief, "Embargoed and scheduled")
    assert [(row.words, row.note) for row in found.rows] == [
        ("Embargoed", "embargo until Mon 3 Mar 2098 14:00 UTC"),
        ("Scheduled", "goes live Tue 3 Mar 2099 14:00 UTC"),
    ]
    client.force_login(chief)
    assert shown_by(client, found.url) == 2


def test_rights_that_end_within_two_days_are_shown_whoever_set_the_end(client, chief, channel):
    now = timezone.now()
    publish(channel, headline="By the editor", rights_until=now + timedelta(hours=30))
    publish(channel, headline="Long yet", rights_until=now + timedelta(hours=60))
    short = make_source("MWS", text_days=1)
    publish(channel, headline="By contract", source=short)
    gone = publish(channel, headline="Over", rights_until=now + timedelta(hours=1))
    type(gone).objects.filter(pk=gone.pk).update(rights_until=now - timedelta(hours=1))
    found = need(chief, "Rights about to end")
    assert [row.words for row in found.rows] == ["By contract", "By the editor"]
    client.force_login(chief)
    assert shown_by(client, found.url) == 2


def test_slots_that_end_within_hours_are_shown_with_their_block(chief, channel):
    now = timezone.now()
    block = make_block(channel, "Harbour")
    story = publish(channel, headline="Pilots strike")
    Slot.objects.create(block=block, story=story, position=1, ends_at=now + timedelta(hours=2))
    Slot.objects.create(block=block, position=2, url="https://a.test/", headline="Later",
                        ends_at=now + timedelta(hours=20))  # fmt: skip
    found = need(chief, "Slots about to end")
    assert [row.words for row in found.rows] == ["Pilots strike"]
    assert found.rows[0].note.startswith("Harbour, ends ")


def test_what_the_wire_left_to_decide_is_shown(client, chief):
    one, two = make_story(headline="Ferry late"), make_story(headline="Ferry is late")
    Likeness.objects.create(story=one, other=two, percent=90)
    Likeness.objects.create(story=two, other=one, percent=90, dismissed=True)
    wire_story = WireStory.objects.create(provider="mws", guid="1", story=one)
    dispatch = Dispatch.objects.create(name="a.json", sha256="1", data=b"{}")
    WireCopy.objects.create(
        wire_story=wire_story, dispatch=dispatch, version="2", version_created=timezone.now(),
        status="usable", digest="1", item={}, standing=WireCopy.Standing.WAITING,
    )  # fmt: skip
    updates, likenesses = need(chief, "Wire updates to decide on"), need(chief, "Possible duplicates")
    assert (updates.count, updates.rows[0].words, updates.rows[0].note) == (1, "Ferry late", "version 2")
    assert likenesses.count == 1
    client.force_login(chief)
    assert shown_by(client, likenesses.url) == 1


def test_troubles_of_the_wire_are_shown_and_marked(client, chief):
    Feed.objects.create(name="harbour", kind="http", location="https://a.test/", failures=5, last_error="502")
    Feed.objects.create(name="fine", kind="http", location="https://a.test/")
    Dispatch.objects.create(name="broken.xml", sha256="1", data=b"<", outcome="quarantined")
    feeds, dispatches = (
        need(chief, "Feeds that are down or quiet"),
        need(chief, "Dispatches that could not be read"),
    )
    assert [(row.words, row.note) for row in feeds.rows] == [("harbour", "down: 5 failures, last: 502")]
    assert [row.words for row in dispatches.rows] == ["broken.xml"]
    client.force_login(chief)
    assert shown_by(client, dispatches.url) == 1
    assert client.get("/admin/").content.count(b"is-trouble") == 2


def test_a_count_stops_at_its_most(client, chief, monkeypatch):
    monkeypatch.setattr(desk, "MOST", 7)
    for _ in range(9):
        publishing.submit(make_story(), by_name="The suite")
    found = need(chief, "Ready for publication")
    assert (found.number, len(found.rows)) == ("7+", desk.SHOWN)


def test_everybody_sees_only_what_they_may_view(client, channel):
    reporter = User.objects.create_user("reporter", is_staff=True)
    reporter.user_permissions.add(Permission.objects.get(codename="view_story"))
    nobody = User.objects.create_user("nobody", is_staff=True)
    publish(channel)
    titles = [found.title for found in desk_page(reporter).needs]
    assert "Ready for publication" in titles
    assert "Feeds that are down or quiet" not in titles
    client.force_login(nobody)
    page = client.get("/admin/")
    assert page.status_code == 200
    assert page.context["desk"].needs == []
    assert b"The last 24 hours" not in page.content


def test_the_chart_counts_what_came_and_went_by_hour_of_the_editors_zone(chief, channel):
    story = publish(channel)
    publish(channel)
    make_story()
    with timezone.override("Asia/Kolkata"):
        chart = desk_page(chief, timezone.now() + timedelta(seconds=1)).chart
    assert (chart.came, chart.went) == (3, 2)
    assert len(chart.hours) == 24
    assert chart.hours[-1].at.utcoffset() == timedelta(hours=5.5)
    assert max(hour.came_height for hour in chart.hours) == desk.CHART_HEIGHT
    assert story.created < timezone.now()


def test_the_page_costs_twelve_queries_however_much_waits_and_three_for_rights_and_remit(
    client, chief, channel, django_assert_num_queries
):
    client.force_login(chief)

    for number in range(8):
        publishing.submit(make_story(), by_name="The suite")
        publish(channel, publish_at=timezone.now() + timedelta(days=1))
        Dispatch.objects.create(name="b.xml", sha256=str(number), data=b"<", outcome="quarantined")
    with django_assert_num_queries(12):
        assert client.get("/admin/").status_code == 200
    client.force_login(editor())
    with django_assert_num_queries(15):
        assert "Your remit: Testserver." in client.get("/admin/").content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_refreshes_itself_and_leaves_the_search_box_as_it_is(chromium, live_server, client):
    chief = User.objects.create_superuser("chief")
    client.force_login(chief)
    make_site("localhost", is_default=True)
    context = chromium.new_context(base_url=live_server.url)
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page = context.new_page()
    page.clock.install()
    page.goto("/admin/")
    page.get_by_label("Find a story").fill("half a thou")
    publishing.submit(make_story(headline="Ferry late"), by_name="The suite")
    page.clock.fast_forward(61_000)
    expect(page.get_by_role("link", name=re.compile("1 Ready for publication"))).to_be_visible()
    assert page.get_by_label("Find a story").input_value() == "half a thou"
    assert page.evaluate("document.activeElement.id") == "desk-q"
    context.close()
