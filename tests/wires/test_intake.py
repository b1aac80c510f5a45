"""Whatever an agency sends, in whatever order and however often: one story, the right state, nothing lost."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from articles import publishing
from articles.models import Author, Place, Source, Story
from articles.publishing import ForbiddenAct
from articles.working_copy import discard, save_aside
from tests.factories import make_channel, make_site
from wires import waiting
from wires.intake import receive, receive_all, take
from wires.models import Dispatch, Feed, Likeness, Rule, WireCopy, WireStory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def message(number: int = 1, status: str = "usable", guid: str = "urn:knw:ferry", **changes) -> bytes:
    """A ninjs item: version `number`, an hour after the one before."""
    item = {
        "uri": guid,
        "version": str(number),
        "versioncreated": (NOON + timedelta(hours=number)).isoformat(),
        "pubstatus": status,
        "type": "text",
        "language": "en",
        "source": "Kestrel Newswire",
        "headline": f"Ferry resumes, take {number}",
        "body_text": f"The ferry sailed at noon.\n\nIt was take {number} of the story.",
        "urgency": 4,
    }
    if status != "usable":
        item = {
            name: item[name] for name in ("uri", "version", "versioncreated", "pubstatus", "type", "source")
        }
    return json.dumps(item | changes).encode()


@pytest.fixture
def channel(db):
    return make_channel(make_site("main.test", is_default=True))


@pytest.fixture
def feed(channel):
    """Publishes at once."""
    return Feed.objects.create(name="knw", channel=channel, publish=True)


@pytest.fixture
def send(feed):
    def send(*arguments, **changes):
        return receive(message(*arguments, **changes), "ferry.json", feed)

    return send


def the_story() -> Story:
    return Story.objects.get(guid="urn:knw:ferry")


# -- One version -------------------------------------------------------------------


def test_a_usable_story_of_a_trusted_feed_is_published_in_its_channel(send, channel):
    report = send()
    story = the_story()
    assert dict(report.counts) == {"published": 1}
    assert (story.state, story.headline, story.wire_version) == ("published", "Ferry resumes, take 1", "1")
    assert story.listings.get().channel == channel
    assert story.acts.get().by_name.startswith("Wire: ")


def test_without_a_feed_it_waits_at_the_desk():
    assert dict(receive(message(), "ferry.json").counts) == {"filed": 1}
    assert the_story().state == "draft"


def test_the_bytes_are_kept_before_and_after(send):
    send()
    dispatch = Dispatch.objects.get()
    assert bytes(dispatch.data) == message()
    assert (dispatch.outcome, dispatch.format, dispatch.name) == ("taken", "ninjs", "ferry.json")


def test_the_same_bytes_again_change_nothing(send):
    send()
    version = the_story().version
    assert dict(send().counts) == {"repeated": 1}
    assert (the_story().version, Dispatch.objects.count(), WireCopy.objects.count()) == (version, 1, 1)


def test_what_cannot_be_read_is_kept_in_quarantine_with_its_reason(feed):
    report = receive(b'{"no": "story"', "broken.json", feed)
    dispatch = Dispatch.objects.get()
    assert dispatch.outcome == "quarantined"
    assert dispatch.reason
    assert len(report.failures) == 1
    assert bytes(dispatch.data) == b'{"no": "story"'


def test_a_story_held_for_an_editor_is_not_published(send):
    send(ednote="EMBARGOED until the minister has spoken")
    story = the_story()
    assert story.state == "draft"
    assert "EMBARGOED" in story.editors_note


def test_an_embargo_by_field_is_kept_and_enforced(send):
    until = datetime.now(tz=UTC) + timedelta(days=1)
    send(embargoed=until.isoformat())
    story = the_story()
    assert story.embargo_until == until
    assert not Story.objects.public(until - timedelta(seconds=1), story.listings.get().channel.site).exists()


def test_a_headline_without_a_body_waits_for_an_editor(send):
    send(body_text="")
    assert the_story().state == "draft"


def test_an_unknown_source_is_made_and_a_known_one_found(send):
    Source.objects.create(code="KNW", name="Kestrel Newswire")
    send()
    assert the_story().source.code == "KNW"


@pytest.mark.parametrize("name", ["وكالة المنارة", "Вестник Маяка", "Πρακτορείο Φάρος", "燈塔通訊社"])
def test_a_source_with_a_name_in_any_script_is_made_once(name, feed):
    for number in (1, 2):
        content = {"guid": f"urn:{number}", "source": name, "headline": f"Ferry {number}"}
        assert dict(receive(message(**content), "", feed).counts) == {"published": 1}
    source = Source.objects.get()
    assert {story.source for story in Story.objects.all()} == {source}
    assert source.name == name
    source.full_clean()  # its code is one that an editor could have given


# -- Versions ------------------------------------------------------------------------


def test_a_newer_version_updates_the_story_under_the_same_address(send):
    send(1)
    address = the_story().pk
    assert dict(send(2).counts) == {"updated": 1}
    story = the_story()
    assert (story.pk, story.headline, story.versions.count()) == (address, "Ferry resumes, take 2", 2)


def test_an_older_version_is_kept_and_not_shown(send):
    send(2)
    assert dict(send(1).counts) == {"older": 1}
    assert the_story().headline == "Ferry resumes, take 2"
    assert WireCopy.objects.count() == 2


def test_a_kill_takes_the_story_away_and_stays(send):
    send(1)
    send(3, "canceled")
    send(2)
    assert the_story().state == "withdrawn"
    assert the_story().withdrawals.get().kind == "kill"


def test_a_kill_that_comes_first_stops_the_story_when_it_comes(send):
    assert dict(send(2, "canceled").counts) == {"kill kept for its story": 1}
    send(1)
    assert not Story.objects.exists()
    assert WireStory.objects.get().story is None


def test_a_usable_version_after_a_kill_waits_for_an_editor(send):
    send(1)
    send(2, "canceled")
    send(3)
    assert the_story().state == "withdrawn"
    assert WireCopy.objects.get(standing="waiting").version == "3"


def test_a_withheld_story_is_hidden_until_a_newer_usable_version(send):
    send(1)
    send(2, "withheld")
    assert the_story().state == "withdrawn"
    send(3)
    assert (the_story().state, the_story().headline) == ("published", "Ferry resumes, take 3")


def test_a_kill_of_a_picture_kills_no_story(send):
    send(1)
    send(2, "canceled", type="picture")
    assert the_story().state == "published"


# -- Editors -------------------------------------------------------------------------


def test_a_new_version_of_an_edited_story_waits_beside_it(send):
    send(1)
    story = the_story()
    story.headline = "Ferry resumes at last"
    publishing.update(story, by_name="An editor")
    assert dict(send(2).counts) == {"waiting": 1}
    assert the_story().headline == "Ferry resumes at last"
    assert WireCopy.objects.get(standing="waiting").version == "2"


def test_a_new_version_waits_beside_changes_that_readers_do_not_see_yet(send):
    send(1)
    story = the_story()
    editor = User.objects.create(username="ana", is_superuser=True)
    save_aside(story, {**story.snapshot(), "headline": "Ferry back at last"}, editor)
    assert dict(send(2).counts) == {"waiting": 1}
    assert the_story().headline == "Ferry resumes, take 1"
    assert WireCopy.objects.get(standing="waiting").version == "2"
    with pytest.raises(ForbiddenAct, match="ana has saved changes"):
        waiting.take(WireCopy.objects.get(standing="waiting"), ["headline"], editor)
    discard(story, editor)
    waiting.take(WireCopy.objects.get(standing="waiting"), ["headline", "body"], editor)
    assert the_story().headline == "Ferry resumes, take 2"


def test_only_the_newest_of_several_waits(send):
    send(1)
    story = the_story()
    story.headline = "Ferry resumes at last"
    publishing.update(story, by_name="An editor")
    send(2)
    send(3)
    assert [copy.version for copy in WireCopy.objects.filter(standing="waiting")] == ["3"]


def test_publishing_a_draft_unchanged_is_no_edit():
    receive(message(1), "1.json")
    publishing.publish(the_story(), by_name="An editor")
    assert dict(receive(message(2), "2.json").counts) == {"updated": 1}
    assert the_story().headline == "Ferry resumes, take 2"


def test_a_story_that_editors_withdrew_does_not_come_back_by_itself(send):
    send(1)
    publishing.unpublish(the_story(), reason="Dull", by_name="An editor")
    send(2)
    assert the_story().state == "withdrawn"
    assert WireCopy.objects.get(standing="waiting").version == "2"


# -- Rules -----------------------------------------------------------------------------


def test_rules_list_tag_and_hold_stories(send, feed, channel):
    sea = make_channel(channel.site, "Sea", "SOUNDINGS")
    Rule.objects.create(feed=feed, field="keyword", value="Ferries", channel=sea, tags="Ferries, Ports")
    Rule.objects.create(feed=feed, field="urgency", value="2", to_desk=True)
    send(keywords=["ferries"])
    story = the_story()
    assert (story.state, story.listings.get().channel) == ("published", sea)
    assert sorted(story.tags.names()) == ["Ferries", "Ports"]
    send(guid="urn:knw:flash", urgency=1)
    assert Story.objects.get(guid="urn:knw:flash").state == "draft"


def test_a_published_version_holds_what_stands_around_the_story(send, feed, channel):
    Rule.objects.create(feed=feed, field="urgency", value="9", tags="Ports, Ferries, ports")
    Author.objects.create(name="Ida Brandt")
    Place.objects.create(name="Skarvik", country="Norway")
    send(byline="By Ida Brandt and Per Holm", place=[{"name": "Skarvik"}, {"name": "Lundmark"}])
    story = the_story()
    assert story.versions.get().content == story.snapshot()
    assert story.snapshot()["tags"] == ["Ferries", "Ports"]
    assert story.snapshot()["authors"] == ["Ida Brandt"]
    assert story.snapshot()["places"] == ["Lundmark", "Skarvik"]


def test_nearly_the_same_story_under_another_id_is_suggested_not_merged(send):
    text = {"byline": "", "located": "Skarvik"}
    for guid in ("urn:knw:ferry", "urn:knw:ferry-again"):
        body = f"SKARVIK, March 3, 2026 (KNW) - The ferry sailed at noon after a week of fog, id {guid[-5:]}."
        send(guid=guid, body_text=body, headline="Ferry resumes after a week of fog", **text)
    assert Story.objects.count() == 2
    likeness = Likeness.objects.get()
    assert {likeness.story.guid, likeness.other.guid} == {"urn:knw:ferry", "urn:knw:ferry-again"}


def test_likenesses_are_noted_once_also_by_an_intake_that_was_broken_off_before(send, monkeypatch):
    import wires.intake as intake

    def stops(*_):
        raise KeyboardInterrupt

    text = "SKARVIK, March 3, 2026 (KNW) - The ferry sailed at noon after a week of fog on the sound."
    send(body_text=text)
    monkeypatch.setattr(intake, "suggest_likenesses", stops)
    with pytest.raises(KeyboardInterrupt):
        send(guid="urn:knw:again", body_text=text, headline="FERRY RESUMES, take one")
    monkeypatch.undo()
    assert not Likeness.objects.exists()
    for _ in range(2):
        send(guid="urn:knw:again", body_text=text, headline="FERRY RESUMES, take one")
    assert Likeness.objects.get().other.guid == "urn:knw:ferry"


def test_stories_of_another_day_are_not_suggested(send):
    for day in (3, 9):
        body = (
            f"SKARVIK, March {day}, 2026 (KNW) - The ferry sailed at noon after a week of fog on the sound."
        )
        send(guid=f"urn:knw:{day}", body_text=body)
    assert not Likeness.objects.exists()


# -- Any order ---------------------------------------------------------------------------

EVENTS = [(1, "usable"), (2, "usable"), (3, "withheld"), (4, "usable"), (5, "canceled"), (6, "usable")]


class AnyOrder(TestCase):
    @given(st.data(), st.lists(st.sampled_from(EVENTS), unique=True, min_size=1))
    def test_and_repetition_end_in_the_same_public_state(self, data, events):
        channel = make_channel(make_site("main.test"))
        feed = Feed.objects.create(name="knw", channel=channel, publish=True)
        sent = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=4))))
        for number, status in sent:
            receive(message(number, status), f"{number}.json", feed)
        found = [
            (story.headline, story.state)
            for story in Story.objects.public(datetime.now(tz=UTC), channel.site)
        ]
        assert found == expected(events)
        assert WireCopy.objects.count() == len(events)


def expected(events) -> list[tuple[str, str]]:
    """What readers see, by the rules alone."""
    newest = max(events)
    if any(status == "canceled" for _, status in events) or newest[1] == "withheld":
        return []
    return [(f"Ferry resumes, take {newest[0]}", "published")]


def test_an_intake_broken_off_after_any_item_is_finished_by_running_it_again(feed, monkeypatch):
    data = json.dumps([json.loads(message(n, guid=f"urn:knw:{n}")) for n in range(4)]).encode()
    calls = []

    def dies(copy, known):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(copy.wire_item.guid)
        return real(copy, known)

    import wires.intake as intake

    real = intake.take_item
    monkeypatch.setattr(intake, "take_item", dies)
    with pytest.raises(KeyboardInterrupt):
        receive(data, "four.json", feed)
    monkeypatch.undo()
    assert Story.objects.count() == 2
    receive(data, "four.json", feed)
    assert Story.objects.count() == 4
    assert Dispatch.objects.get().outcome == "taken"


def test_a_replay_of_what_was_taken_changes_nothing(send):
    send(1)
    send(2)
    before = (the_story().version, WireCopy.objects.count())
    for dispatch in Dispatch.objects.all():
        take(dispatch)
    assert (the_story().version, WireCopy.objects.count()) == before


def test_one_item_that_does_not_fit_costs_the_others_nothing(feed, monkeypatch):
    import wires.writing as writing

    real = writing.values_of

    def values_of(item, feed=None):
        return real(item, feed) | ({"urgency": 99} if item.guid.endswith("1") else {})

    monkeypatch.setattr(writing, "values_of", values_of)
    data = json.dumps([json.loads(message(1, guid=f"urn:knw:{n}")) for n in range(3)]).encode()
    report = receive(data, "three.json", feed)
    assert report.counts["published"] == 2
    assert len(report.failures) == 1
    assert Dispatch.objects.get().outcome == "partly"


def test_the_cost_of_new_stories_in_a_batch_is_bounded(feed):
    def cost(number: int) -> int:
        calls, counts = [], Counter()
        ids = [f"{number}-{n}" for n in range(number)]
        files = [("", message(guid=f"urn:{id}", headline=f"{id} ferries", body_text=f"{id}.")) for id in ids]
        with connection.execute_wrapper(lambda run, *rest: (calls.append(rest[0]), run(*rest))[1]):
            for report in receive_all(files, feed):
                counts += report.counts
        assert counts == {"published": number}
        return len(calls)

    cost(1)
    # The savepoint of the item (two), the claim; then what is written: the story, its listing, its words
    # (on SQLite three statements), its act, its version, the outbox, the wire story, the copy.
    words = 1 if connection.vendor == "postgresql" else 3
    assert cost(13) - cost(3) == 10 * (10 + words)


def test_what_was_taken_before_costs_no_transaction(feed):
    files = [("a", message(guid="urn:a")), ("b", message(guid="urn:b"))]
    list(receive_all(files, feed))
    Dispatch.objects.update(outcome="received")
    calls = []
    with connection.execute_wrapper(lambda run, *rest: (calls.append(rest[0]), run(*rest))[1]):
        reports = list(receive_all(files, feed))
    assert [dict(report.counts) for report in reports] == [{"repeated": 1}] * 2
    assert not any("SAVEPOINT" in sql or "BEGIN" in sql for sql in calls if "wires_dispatch" not in sql)


def test_the_cost_of_an_update_is_bounded(send):
    send(1)
    with connection.execute_wrapper(lambda run, *rest: (calls.append(rest[0]), run(*rest))[1]):
        calls = []
        send(2)
    assert len(calls) < 40
