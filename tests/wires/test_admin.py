"""The wire desk: what waits for an editor, feeds and their rules, what was received, likenesses."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import publishing
from articles.models import Source, Story
from articles.models.stories import StaleVersion
from articles.publishing import ForbiddenAct
from tests.articles.test_admin import Form, desk, read_form
from tests.factories import make_channel, make_site, make_source, make_story
from tests.wires.test_intake import message
from wires import waiting
from wires.intake import receive
from wires.models import Dispatch, Feed, Likeness, Rule, WireCopy, WireStory

pytestmark = pytest.mark.django_db

COPIES = "/admin/wires/wirecopy/"
FEEDS = "/admin/wires/feed/"
DISPATCHES = "/admin/wires/dispatch/"
LIKENESSES = "/admin/wires/likeness/"


@pytest.fixture
def channel():
    return make_channel(make_site("main.test", is_default=True))


@pytest.fixture
def feed(channel):
    """Publishes at once."""
    return Feed.objects.create(name="knw", channel=channel, publish=True)


@pytest.fixture
def send(feed):
    return lambda *arguments, **changes: receive(message(*arguments, **changes), "ferry.json", feed)


@pytest.fixture
def edited(send) -> Story:
    """A public story of the wire whose headline and urgency an editor has changed."""
    send(1)
    story = the_story()
    story.headline, story.urgency = "Ferry back at last", 2
    publishing.update(story, by_name="An editor")
    return story


def the_story() -> Story:
    return Story.objects.get(guid="urn:knw:ferry")


def the_waiting() -> WireCopy:
    return WireCopy.objects.get(standing="waiting")


def names_of(copy: WireCopy) -> set[str]:
    return {difference.name for difference in waiting.differences(copy)}


def page_of(copy: WireCopy) -> str:
    return f"{COPIES}{copy.pk}/change/"


def wire_desk(group: str, *rights: str) -> Client:
    """Somebody of a group who may do that with the models of the wire."""
    client = desk(group)
    codenames = [*rights, "view_wirecopy", "view_dispatch", "view_feed", "view_likeness"]
    Group.objects.get(name=group).permissions.add(*Permission.objects.filter(codename__in=codenames))
    return client


def said(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


class Anybody:
    """Whoever has just these rights."""

    pk, is_active = None, True

    def __init__(self, *rights: str) -> None:
        self.rights = rights

    def has_perms(self, rights, row=None) -> bool:
        return set(rights) <= set(self.rights)


@pytest.fixture
def editor(django_user_model):
    return django_user_model.objects.create(username="ed", is_superuser=True)


# -- What a waiting version would change -------------------------------------------------


def test_the_fields_that_differ_are_listed_and_no_others(edited, send):
    send(2)
    found = {difference.name: difference.pieces for difference in waiting.differences(the_waiting())}
    assert list(found) == ["headline", "body", "urgency", "wire_version"]
    assert found["urgency"] == [("gone", "2"), ("new", "4")]
    assert "<p>" not in "".join(text for _change, text in found["body"])


def test_where_only_the_markup_of_the_body_differs_it_is_shown(edited, send):
    body = "<p>The ferry sailed at noon.</p><p>It was <b>take 1</b> of the story.</p>"
    send(2, body_text="", body_html=body)
    found = {difference.name: difference.pieces for difference in waiting.differences(the_waiting())}
    assert "<b>take" in "".join(text for change, text in found["body"] if change != "gone")


def test_to_look_makes_no_source(edited, send):
    send(2, source="Merganser Press")
    before = Source.objects.count()
    assert "source" in [difference.name for difference in waiting.differences(the_waiting())]
    assert Source.objects.count() == before


# -- Taking and refusing -------------------------------------------------------------------


def test_all_fields_taken_the_story_is_the_wires_again(edited, send, editor):
    send(2)
    waiting.take(the_waiting(), ["headline", "body", "urgency", "wire_version"], editor)
    story = the_story()
    assert (story.headline, story.urgency, story.wire_version) == ("Ferry resumes, take 2", 4, "2")
    assert story.versions.get(number=3).by == editor
    assert dict(send(3).counts) == {"updated": 1}


def test_some_fields_taken_the_others_stay_and_the_next_version_waits_too(edited, send, editor):
    send(2)
    waiting.take(the_waiting(), ["body", "wire_version"], editor)
    story = the_story()
    assert (story.headline, story.urgency) == ("Ferry back at last", 2)
    assert "take 2" in story.body
    assert WireCopy.objects.get(version="2").standing == "applied"
    assert dict(send(3).counts) == {"waiting": 1}
    assert the_story().headline == "Ferry back at last"
    waiting.take(the_waiting(), names_of(the_waiting()), editor)
    assert dict(send(4).counts) == {"updated": 1}


@pytest.mark.parametrize(
    ("left", "given"),
    [
        ("embargo_until", {"embargoed": "2099-01-01T12:00:00Z"}),
        ("editors_note", {"ednote": "Map to come"}),
        ("subjects", {"subject": [{"code": "20000601", "scheme": "medtop"}]}),
    ],
)
def test_a_field_left_that_is_in_no_digest_keeps_the_next_version_waiting(left, given, edited, send, editor):
    send(2, **given)
    assert left in names_of(the_waiting())
    waiting.take(the_waiting(), names_of(the_waiting()) - {left}, editor)
    assert dict(send(3).counts) == {"waiting": 1}


def test_a_correction_carries_its_note_to_readers(edited, send, editor):
    send(2)
    copy = the_waiting()
    copy.item |= {"signal": "correction", "correction_note": "The ferry sailed at one."}
    copy.save()
    waiting.take(copy, ["body"], editor)
    assert the_story().corrections.get().note == "The ferry sailed at one."


def test_a_refused_version_never_waits_again_and_the_story_stays(edited, send, feed, editor):
    send(2)
    before = the_story().snapshot()
    waiting.refuse(the_waiting(), editor)
    assert WireCopy.objects.get(version="2").standing == "refused"
    send(2)
    receive(message(2) + b"\n", "again.json", feed)
    assert not WireCopy.objects.filter(standing="waiting").exists()
    assert the_story().snapshot() == before
    assert dict(send(3).counts) == {"waiting": 1}


@pytest.mark.parametrize("decide", [lambda copy, by: waiting.take(copy, ["body"], by), waiting.refuse])
def test_what_waits_no_more_is_refused_with_the_reason(decide, edited, send, editor):
    send(2)
    copy = the_waiting()
    decide(copy, editor)
    version = the_story().version
    for again in (lambda: waiting.take(copy, ["headline"], editor), lambda: waiting.refuse(copy, editor)):
        with pytest.raises(ForbiddenAct, match="waits no more"):
            again()
    assert the_story().version == version


def test_of_a_story_that_changed_since_it_was_compared_nothing_is_overwritten(edited, send, editor):
    send(2)
    with pytest.raises(StaleVersion):
        waiting.take(the_waiting(), ["headline"], editor, seen=the_story().version - 1)
    assert the_story().headline == "Ferry back at last"
    assert the_waiting().version == "2"


def test_to_take_nothing_is_no_decision(edited, send, editor):
    send(2)
    with pytest.raises(ForbiddenAct, match="Tick"):
        waiting.take(the_waiting(), ["teaser", "state"], editor)
    assert the_waiting()


@pytest.mark.parametrize(
    ("state", "rights"),
    [
        ("published", ["articles.publish_story"]),
        ("withdrawn", ["articles.restore_story", "articles.publish_story"]),
        ("draft", ["articles.change_story"]),
    ],
)
def test_who_lacks_a_right_decides_nothing(state, rights, edited, send):
    send(2)
    if state == "withdrawn":
        publishing.unpublish(the_story(), reason="Dull", by_name="An editor")
    elif state == "draft":
        Story.objects.filter(pk=edited.pk).update(state="draft")
    assert waiting.rights(the_waiting()) == rights
    for missing in rights:
        others = Anybody(*[right for right in rights if right != missing], "wires.view_wirecopy")
        with pytest.raises(PermissionDenied):
            waiting.take(the_waiting(), ["headline"], others)
        with pytest.raises(PermissionDenied):
            waiting.refuse(the_waiting(), others)


def test_a_draft_takes_fields_and_stays_a_draft(editor):
    receive(message(1), "1.json")
    story = the_story()
    story.headline = "Mine"
    story.save()
    receive(message(2), "2.json")
    waiting.take(the_waiting(), ["body"], editor)
    assert (the_story().state, the_story().headline) == ("draft", "Mine")
    assert "take 2" in the_story().body


def test_a_story_that_editors_withdrew_comes_back_by_what_is_taken(send, editor):
    send(1)
    publishing.unpublish(the_story(), reason="Dull", by_name="An editor")
    send(2)
    waiting.take(the_waiting(), ["headline", "body", "wire_version"], editor)
    assert (the_story().state, the_story().headline) == ("published", "Ferry resumes, take 2")


def test_a_version_that_came_after_a_kill_brings_the_story_back(send, editor):
    send(1)
    send(2, "canceled")
    send(3)
    waiting.take(the_waiting(), ["headline", "body", "wire_version"], editor)
    assert (the_story().state, the_story().headline) == ("published", "Ferry resumes, take 3")
    assert dict(send(4).counts) == {"updated": 1}


def test_a_kill_that_was_overruled_stays_so_until_the_next_one(send, editor):
    send(1)
    send(2, "canceled")
    send(3)
    waiting.take(the_waiting(), ["headline", "body", "wire_version"], editor)
    send(4)
    assert dict(send(5).counts) == {"updated": 1}
    send(6, "canceled")
    assert the_story().state == "withdrawn"


def test_a_version_killed_before_it_came_is_filed_as_a_draft(send, editor):
    send(2, "canceled")
    send(3)
    story = waiting.take(the_waiting(), [], editor)
    assert (story.state, story.headline) == ("draft", "Ferry resumes, take 3")
    assert WireStory.objects.get().story == story
    assert dict(send(4).counts) == {"updated": 1}
    assert the_story().state == "draft"


# -- Its page --------------------------------------------------------------------------------


def test_the_page_shows_each_difference_ticked_and_escaped(edited, send):
    send(2)
    copy = the_waiting()
    copy.item |= {"headline": "<script>x()</script> ferry"}
    copy.save()
    html = wire_desk("Editor").get(page_of(the_waiting())).content.decode()
    assert "<script>x()" not in html
    assert "<del>Ferry back at last</del>" in html
    assert "<ins>&lt;script&gt;x()&lt;/script&gt; ferry</ins>" in html
    form = Form(html)
    assert html.count(" checked>") == 4
    assert {"_take", "_refuse"} <= set(form.buttons)
    assert 'for="take-headline"' in html


def test_an_editor_takes_the_ticked_fields(edited, send):
    send(2)
    data = {"fields": ["body"], "seen_version": the_story().version, "_take": ""}
    response = wire_desk("Editor").post(page_of(the_waiting()), data, follow=True)
    assert "Taken." in said(response)
    assert "is now: Published" in said(response)
    assert the_story().headline == "Ferry back at last"
    assert "take 2" in the_story().body


def test_an_editor_leaves_the_story_as_it_is(edited, send):
    send(2)
    response = wire_desk("Editor").post(page_of(the_waiting()), {"_refuse": ""}, follow=True)
    assert "stays as it is" in said(response)
    assert not WireCopy.objects.filter(standing="waiting").exists()


def test_the_second_of_two_editors_is_told_that_it_is_decided(edited, send):
    send(2)
    client, page = wire_desk("Editor"), page_of(the_waiting())
    client.post(page, {"_refuse": ""})
    response = client.post(page, {"fields": ["body"], "_take": ""}, follow=True)
    assert response.status_code == 200
    assert "waits no more" in said(response)


def test_a_story_changed_meanwhile_is_shown_again_with_the_ticks_as_they_were(edited, send):
    send(2)
    client, seen = wire_desk("Editor"), the_story().version
    story = the_story()
    story.byline = "Ada Quill"
    publishing.update(story, by_name="Another editor")
    data = {"fields": ["body"], "seen_version": seen, "_take": ""}
    response = client.post(page_of(the_waiting()), data)
    assert "was changed by somebody else" in said(response)
    html = response.content.decode()
    assert html.count(" checked>") == 1
    assert 'id="take-byline"' in html


def test_what_cannot_be_published_is_a_message(edited, send):
    send(2)
    story = the_story()
    Story.objects.filter(pk=story.pk).update(rights_until=timezone.now() - timedelta(days=1))
    data = {"fields": ["body"], "seen_version": story.version, "_take": ""}
    response = wire_desk("Editor").post(page_of(the_waiting()), data)
    assert "It cannot be published." in said(response)
    assert "take 1" in the_story().body


@pytest.mark.parametrize("seen", ["", "x", "9" * 40, "²"])
def test_an_odd_version_in_the_form_is_no_crash(seen, edited, send):
    send(2)
    data = {"fields": ["body", "x" * 500], "seen_version": seen, "_take": ""}
    assert wire_desk("Editor").post(page_of(the_waiting()), data).status_code == 302


def test_a_reporter_sees_it_without_buttons_and_a_post_is_a_message(edited, send):
    send(2)
    client = wire_desk("Reporter")
    html = client.get(page_of(the_waiting())).content.decode()
    assert "Take the ticked fields" not in html
    assert "somebody with the right to change this story decides" in html
    response = client.post(page_of(the_waiting()), {"_refuse": ""})
    assert "may not decide" in said(response)
    assert the_waiting()


def test_who_may_not_see_wire_copies_sees_none(edited, send):
    send(2)
    client = desk("Editor")
    Group.objects.get(name="Editor").permissions.remove(Permission.objects.get(codename="view_wirecopy"))
    assert client.get(COPIES).status_code == 403
    assert client.post(page_of(the_waiting()), {"_refuse": ""}).status_code == 403


def test_only_the_chief_brings_a_withdrawn_story_back(send):
    send(1)
    send(2, "canceled")
    send(3)
    assert "Take the ticked" not in wire_desk("Editor").get(page_of(the_waiting())).content.decode()
    html = wire_desk("Chief editor").get(page_of(the_waiting())).content.decode()
    assert "restores and publishes" in html
    assert "Take the ticked" in html


def test_a_version_without_a_story_has_a_page_too(send):
    send(2, "canceled")
    send(3)
    client = desk()
    html = client.get(page_of(the_waiting())).content.decode()
    assert "There is no story yet" in html
    assert "File as draft" in html
    assert "Taken." in said(client.post(page_of(the_waiting()), {"_take": ""}, follow=True))
    assert the_story().state == "draft"


def test_a_version_that_does_not_wait_is_shown_and_cannot_be_changed(send):
    send(1)
    client = desk()
    response = client.get(page_of(WireCopy.objects.get()))
    assert response.status_code == 200
    assert "_save" not in Form(response.content.decode()).buttons
    assert client.get(f"{COPIES}{'9' * 30}/change/").status_code == 302
    assert client.get(f"/admin/wires/wirestory/{WireStory.objects.get().pk}/change/").status_code == 200


# -- Lists -----------------------------------------------------------------------------------


def test_the_list_starts_with_what_waits_the_newest_first_and_says_why(send):
    for guid in ("urn:knw:edited", "urn:knw:killed", "urn:knw:withdrawn"):
        send(1, guid=guid)
    story = Story.objects.get(guid="urn:knw:edited")
    story.headline = "Mine"
    publishing.update(story, by_name="An editor")
    publishing.unpublish(Story.objects.get(guid="urn:knw:withdrawn"), reason="Dull", by_name="An editor")
    send(2, "canceled", guid="urn:knw:killed")
    for guid in ("urn:knw:edited", "urn:knw:killed", "urn:knw:withdrawn"):
        send(3, guid=guid, urgency=1)
    response = desk().get(COPIES)
    rows, html = list(response.context["cl"].result_list), response.content.decode()
    reasons = ["Waits: withdrawn by editors", "Waits: killed, then sent again", "Waits: edited"]
    assert [row.wire_story.guid for row in rows] == ["urn:knw:withdrawn", "urn:knw:killed", "urn:knw:edited"]
    assert sorted(reasons, key=html.index) == reasons
    assert [str(row.urgency) for row in rows] == ["1", "1", "1"]
    assert "Kestrel Newswire" in html


def test_the_list_shows_other_standings_when_asked(send):
    send(1)
    client = desk()
    assert not client.get(COPIES).context["cl"].result_list
    assert len(client.get(f"{COPIES}?standing=applied").context["cl"].result_list) == 1
    assert len(client.get(f"{COPIES}?standing=all").context["cl"].result_list) == 1
    assert not client.get(f"{COPIES}?standing=nonsense").context["cl"].result_list


def fill(feed: Feed, number: int) -> None:
    """That many rows of each list."""
    for index in range(number):
        guid = f"urn:knw:{number}-{index}"
        receive(message(1, guid=guid), f"{guid}.json", feed)
        story = Story.objects.get(guid=guid)
        story.headline = "Mine"
        publishing.update(story, by_name="An editor")
        receive(message(2, guid=guid), f"{guid}.json", feed)
        Likeness.objects.create(story=story, other=make_story(source=story.source), percent=80)
        source = make_source(f"S{number}-{index}")
        Feed.objects.create(name=f"f-{number}-{index}", source=source, channel=feed.channel)


@pytest.mark.parametrize(
    ("url", "most"),
    # The session, the user, how many there are, the rows; of dispatches also the feeds to filter by.
    [(COPIES, 4), ("/admin/wires/wirestory/", 4), (LIKENESSES, 4), (DISPATCHES, 5), (FEEDS, 5)],
)
def test_a_list_takes_the_same_queries_for_any_number_of_rows(url, most, feed, django_assert_num_queries):
    fill(feed, 1)
    client = desk()
    client.get(url)
    with django_assert_num_queries(most):
        assert client.get(url).status_code == 200
    fill(feed, 12)
    with django_assert_num_queries(most) as queries:
        assert len(client.get(url).context["cl"].result_list) > 12
    asked = " ".join(query["sql"] for query in queries)
    assert '"articles_story"."body"' not in asked
    assert '"wires_dispatch"."data"' not in asked


def queries_of(act) -> int:
    act()  # what Django looks up once in a process is not counted
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


def test_the_page_of_a_waiting_version_takes_the_same_queries_for_any_number(edited, send):
    client, counts = desk(), []
    for number in (2, 3, 9):
        send(number)
        page = page_of(the_waiting())
        counts.append(queries_of(lambda page=page: client.get(page)))
    # The session, the user, the version, its wire story, its story, the source that the wire names, the
    # savepoint (three) in which a new one would be made and is not, the story's source for the head.
    assert counts == [10] * 3


# -- Feeds -------------------------------------------------------------------------------------


def feed_url(feed: Feed, page: str = "change") -> str:
    return f"{FEEDS}{feed.pk}/{page}/"


def test_a_feed_is_made_with_its_rules(channel):
    client = desk()
    data = read_form(client, f"{FEEDS}add/") | {
        "name": "afp-world",
        "channel": channel.pk,
        "rules-TOTAL_FORMS": "1",
        "rules-0-position": "1",
        "rules-0-field": "keyword",
        "rules-0-value": "Ferries",
        "rules-0-channel": channel.pk,
    }
    assert client.post(f"{FEEDS}add/", data).status_code == 302
    assert Feed.objects.get().rules.get().channel == channel


def test_rules_are_tried_as_typed_and_nothing_is_stored(feed, send, channel):
    sea, ice = make_channel(channel.site, "Sea", "SEA"), make_channel(channel.site, "Ice", "ICE")
    Rule.objects.create(feed=feed, field="keyword", value="ferries", channel=sea)
    send(1, keywords=["ferries"])
    send(1, guid="urn:knw:fog", headline="Fog & the sound", urgency=1)
    client = desk()
    data = read_form(client, feed_url(feed)) | {
        "publish": "on",
        "rules-TOTAL_FORMS": "2",
        "rules-0-channel": ice.pk,
        "rules-0-tags": "Boats, Ports",
        "rules-1-position": "5",
        "rules-1-field": "urgency",
        "rules-1-value": "2",
        "rules-1-to_desk": "on",
    }
    response = client.post(feed_url(feed, "try"), data)
    html = response.content.decode()
    tried = {row["item"].guid: row["goal"] for row in response.context["tried"]}
    assert tried["urn:knw:ferry"].channels == [ice]
    assert tried["urn:knw:ferry"].tags == ["Boats", "Ports"]
    assert tried["urn:knw:ferry"].publish
    assert tried["urn:knw:fog"].channels == [channel]
    assert not tried["urn:knw:fog"].publish
    assert "Main: Ice" in html
    assert "Boats, Ports" in html
    assert "Waits at the desk" in html
    assert "Fog &amp; the sound" in html
    assert [(rule.channel, rule.tags) for rule in Rule.objects.all()] == [(sea, "")]


def test_a_rule_ticked_for_deletion_plays_no_part_in_the_try(feed, send, channel):
    sea = make_channel(channel.site, "Sea", "SEA")
    Rule.objects.create(feed=feed, field="slugline", value="", channel=sea)
    Rule.objects.create(feed=feed, field="keyword", value="x", channel=channel)
    send(1)
    client = desk()
    data = read_form(client, feed_url(feed)) | {"rules-0-DELETE": "on", "rules-0-value": "x"}
    tried = client.post(feed_url(feed, "try"), data).context["tried"]
    assert [row["goal"].channels for row in tried] == [[channel]]
    assert Rule.objects.count() == 2


def test_rules_with_errors_are_tried_no_further(feed, send):
    send(1)
    client = desk()
    row = {"rules-TOTAL_FORMS": "1", "rules-0-field": "urgency", "rules-0-value": "soon"}
    html = client.post(feed_url(feed, "try"), read_form(client, feed_url(feed)) | row).content.decode()
    assert "An urgency is a digit from 1 to 9." in html
    for odd in ({"rules-0-channel": "9" * 30}, {"zone": "x"}, {"rules-TOTAL_FORMS": "x"}, {"name": ""}):
        data = read_form(client, feed_url(feed)) | row | odd
        assert client.post(feed_url(feed, "try"), data).status_code == 200
    assert client.post(feed_url(feed, "try"), {}).status_code == 200


def test_a_try_takes_the_same_queries_for_any_number_of_stories(feed):
    fill(feed, 2)
    client, counts = desk(), []
    data = read_form(client, feed_url(feed))
    for more in (0, 12):
        fill(feed, more)
        counts.append(queries_of(lambda: client.post(feed_url(feed, "try"), data)))
    assert counts[0] == counts[1]


def test_who_may_not_change_feeds_tries_none(feed):
    client = wire_desk("Reporter")
    assert client.post(feed_url(feed, "try"), {}).status_code == 403
    assert client.get(f"{FEEDS}{'9' * 17}/try/").status_code == 404
    assert desk().get(feed_url(feed, "try")).status_code == 302


def test_the_form_reads_the_channels_once_for_all_rules(feed, channel):
    client, counts = desk(), []
    for more in (1, 10):
        for index in range(more):
            Rule.objects.create(feed=feed, field="keyword", value=f"k{more}{index}", channel=channel)
        counts.append(queries_of(lambda: client.get(feed_url(feed))))
    assert counts[0] == counts[1]


def test_a_feed_that_received_anything_is_not_deleted(feed, send):
    client = desk()
    assert client.get(feed_url(feed, "delete")).status_code == 200
    send(1)
    assert client.get(feed_url(feed, "delete")).status_code == 403


# -- Dispatches -----------------------------------------------------------------------------------


def dispatch_url(dispatch: Dispatch, page: str = "change") -> str:
    return f"{DISPATCHES}{dispatch.pk}/{page}/"


@pytest.fixture
def broken(feed) -> Dispatch:
    receive(b"\x01\x02 <b>no story</b> \x03" + b"x" * 30_000, "broken.bin", feed)
    return Dispatch.objects.get()


def test_the_bytes_are_shown_as_text_and_not_as_markup(broken):
    html = desk().get(dispatch_url(broken)).content.decode()
    assert "␁␂ &lt;b&gt;no story&lt;/b&gt; ␃xxx" in html
    assert "<b>no story" not in html
    assert "x" * 15_000 in html
    assert "x" * 20_001 not in html
    assert "more characters" in html


def test_what_is_in_quarantine_is_taken_again(broken):
    Dispatch.objects.filter(pk=broken.pk).update(data=message(1))
    client = wire_desk("Editor", "change_dispatch")
    assert "Take again" in client.get(dispatch_url(broken)).content.decode()
    response = client.post(dispatch_url(broken, "take"), follow=True)
    assert "Taken again: 1 published." in said(response)
    assert the_story().state == "published"
    assert "Take again" not in client.get(dispatch_url(broken)).content.decode()
    assert "in quarantine no more" in said(client.post(dispatch_url(broken, "take"), follow=True))


def test_what_still_cannot_be_read_says_why(broken):
    response = desk().post(dispatch_url(broken, "take"), follow=True)
    assert "broken.bin: " in said(response)
    assert Dispatch.objects.get().outcome == "quarantined"


def test_a_story_in_an_editors_hands_is_a_message(broken, monkeypatch):
    def stale(dispatch):
        raise StaleVersion(Story(headline="Ferry"))

    monkeypatch.setattr("wires.intake.take", stale)
    assert "was changed by somebody else" in said(desk().post(dispatch_url(broken, "take"), follow=True))


def test_who_may_not_change_dispatches_takes_none_again(broken):
    client = wire_desk("Reporter")
    assert "Take again" not in client.get(dispatch_url(broken)).content.decode()
    assert client.post(dispatch_url(broken, "take")).status_code == 403
    assert desk().get(dispatch_url(broken, "take")).status_code == 405
    assert desk(name="other").post(f"{DISPATCHES}{'9' * 17}/take/").status_code == 404


def test_dispatches_are_found_by_outcome_and_feed(broken, feed):
    receive(message(1), "by-hand.json")
    client = desk()

    def names(query: str) -> list[str]:
        return [row.name for row in client.get(f"{DISPATCHES}{query}").context["cl"].result_list]

    assert names("") == ["by-hand.json", "broken.bin"]
    assert names("?outcome__exact=quarantined") == ["broken.bin"]
    assert names(f"?feed={feed.pk}") == ["broken.bin"]
    assert names("?feed=x") == ["by-hand.json", "broken.bin"]


# -- Likenesses -------------------------------------------------------------------------------------


@pytest.fixture
def likeness() -> Likeness:
    return Likeness.objects.create(story=make_story(), other=make_story(headline="The <other>"), percent=88)


def test_likenesses_lead_to_both_stories_and_are_dismissed(likeness):
    client = wire_desk("Editor", "change_likeness")
    html = client.get(LIKENESSES).content.decode()
    assert f"/admin/articles/story/{likeness.story_id}/change/" in html
    assert f"/admin/articles/story/{likeness.other_id}/change/" in html
    assert "The &lt;other&gt;" in html
    data = {"action": "dismiss", "_selected_action": [likeness.pk]}
    assert "1 marked as not the same" in said(client.post(LIKENESSES, data, follow=True))
    assert not client.get(LIKENESSES).context["cl"].result_list
    assert len(client.get(f"{LIKENESSES}?dismissed=True").context["cl"].result_list) == 1


def test_who_may_not_change_likenesses_dismisses_none(likeness):
    client = wire_desk("Reporter")
    assert "Not the same</option>" not in client.get(LIKENESSES).content.decode()
    client.post(LIKENESSES, {"action": "dismiss", "_selected_action": [likeness.pk]})
    assert not Likeness.objects.get().dismissed


def test_no_wire_page_offers_to_add_or_delete_what_was_received(send):
    send(1)
    client = desk()
    for model in ("wirecopy", "wirestory", "dispatch", "likeness"):
        assert client.get(f"/admin/wires/{model}/add/").status_code == 403
    for row in (WireCopy.objects.get(), WireStory.objects.get(), Dispatch.objects.get()):
        assert client.get(f"/admin/wires/{row._meta.model_name}/{row.pk}/delete/").status_code == 403
