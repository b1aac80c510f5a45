"""What was public when, the time line, two versions compared, an old text restored."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from articles import publishing
from articles.history import Span, public_spans, read_history
from articles.models import Author, Picture, Place, RelatedLink, Story, WorkingCopy
from articles.publishing import ForbiddenAct
from articles.working_copy import restore_text
from tests.articles.test_admin import desk
from tests.factories import make_channel, make_site, make_source, make_story, publish

pytestmark = pytest.mark.django_db

BY = {"by_name": "The suite"}
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)


def hours(number: float) -> datetime:
    return NOON + timedelta(hours=number)


def spans(story: Story) -> list[tuple]:
    """(version, begin, end) in hours after noon."""
    story.refresh_from_db()
    return [
        (
            span.version,
            *(moment and (moment - NOON) / timedelta(hours=1) for moment in (span.begin, span.end)),
        )
        for span in public_spans(story)
    ]


# -- What was public when ----------------------------------------------------------


def test_a_draft_was_never_public():
    assert spans(make_story()) == []


def test_each_version_is_public_until_the_next():
    story = publish(at=NOON)
    publishing.update(story, at=hours(1), **BY)
    publishing.correct(story, note="Two, not three.", at=hours(3), **BY)
    assert spans(story) == [(1, 0, 1), (2, 1, 3), (3, 3, None)]


def test_an_embargo_and_a_schedule_put_the_beginning_off():
    assert spans(publish(at=NOON, embargo_until=hours(2), publish_at=hours(1))) == [(1, 2, None)]
    assert spans(publish(at=NOON, embargo_until=hours(1), publish_at=hours(4))) == [(1, 4, None)]


def test_a_version_replaced_under_embargo_was_never_public():
    story = publish(at=NOON, embargo_until=hours(5))
    publishing.update(story, at=hours(1), **BY)
    assert spans(story) == [(2, 5, None)]


def test_an_update_under_embargo_leaves_a_gap():
    story = publish(at=NOON)
    story.embargo_until = hours(3)
    publishing.update(story, at=hours(1), **BY)
    assert spans(story) == [(1, 0, 1), (2, 3, None)]


def test_a_kill_ends_it_and_a_restored_story_begins_again_when_published():
    story = publish(at=NOON)
    publishing.kill(story, reason="Wrong", at=hours(2), **BY)
    publishing.restore(story, reason="Right after all", at=hours(3), **BY)
    story.refresh_from_db()
    publishing.publish(story, at=hours(5), **BY)
    assert spans(story) == [(1, 0, 2), (2, 5, None)]


def test_a_graver_withdrawal_of_what_is_withdrawn_changes_no_end():
    story = publish(at=NOON)
    publishing.unpublish(story, reason="In doubt", at=hours(1), **BY)
    publishing.kill(story, reason="Wrong", at=hours(4), **BY)
    assert spans(story) == [(1, 0, 1)]


def test_rights_and_contract_end_it():
    assert spans(publish(at=NOON, rights_until=hours(6))) == [(1, 0, 6)]
    assert spans(publish(at=NOON, source=make_source(text_days=1))) == [(1, 0, 24)]


class TestSpansAndTheRowAgree(TestCase):
    """At each moment between two acts the row then in force says the same as the spans told afterwards."""

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["publish", "update", "correct", "unpublish", "kill", "restore"]),
                st.none() | st.integers(0, 12),
                st.none() | st.integers(1, 14),
            ),
            max_size=7,
        )
    )
    def test_whatever_happens(self, acts):
        site, story, observed = make_site(f"s{Story.objects.count()}.test"), make_story(), []
        for number, (verb, embargo, rights) in enumerate(acts):
            words = {"note": "Mended."} if verb == "correct" else {}
            story.embargo_until = None if embargo is None else hours(embargo)
            story.rights_until = None if rights is None else hours(rights)
            with suppress(ForbiddenAct):
                getattr(publishing, verb)(story, reason="So", at=hours(number), **words, **BY)
            story.refresh_from_db()
            last = number == len(acts) - 1
            moments = [hours(number + 0.5 + step) for step in range(15 if last else 1)]
            observed += [(moment, story.is_public(moment, site)) for moment in moments]
        told = public_spans(story)
        for moment, public in observed:
            held = [span for span in told if span.begin <= moment and (span.end is None or moment < span.end)]
            assert len(held) == public, (moment, told)


# -- The time line -----------------------------------------------------------------


def test_the_time_line_has_every_act_with_what_it_made():
    story = make_story(wire_version="3")
    publishing.submit(story, at=hours(-1), **BY)
    publishing.publish(story, at=NOON, **BY)
    publishing.correct(story, note="Two, not three.", reason="A reader wrote", at=hours(1), **BY)
    publishing.kill(story, reason="Wrong", notice="Killed by the agency.", at=hours(2), **BY)
    history = read_history(story)
    assert [entry.verb for entry in history.entries] == ["kill", "correct", "publish", "submit"]
    kill, correct, first, handed_in = history.entries
    assert kill.withdrawal.notice == "Killed by the agency."
    assert (correct.version.number, correct.correction.note) == (2, "Two, not three.")
    assert (first.version.wire_version, first.correction) == ("3", None)
    assert (handed_in.version, handed_in.span) == (None, None)
    assert history.spans == [Span(1, NOON, hours(1)), Span(2, hours(1), hours(2))]


def url(story, tail="") -> str:
    return f"/admin/articles/story/{story.pk}/history/{tail}"


def test_the_page_says_who_did_what_when_why_and_what_readers_saw():
    editor = desk("Editor")
    story = make_story(wire_version="7")
    publishing.publish(story, at=NOON, **BY)
    publishing.correct(story, note="Two, not <three>.", reason="A reader wrote", at=hours(1), **BY)
    html = editor.get(url(story)).content.decode()
    for shown in [
        "Publish correction: version 2",
        "The suite",
        "A reader wrote",
        "Two, not &lt;three&gt;.",
        "from wire version 7",
        "Readers saw it from Mon 3 Mar 2025 12:00 UTC to Mon 3 Mar 2025 13:00 UTC",
        "Readers see it since Mon 3 Mar 2025 13:00 UTC",
    ]:
        assert shown in html, shown


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_has_a_fixed_number_of_queries(count, django_assert_num_queries):
    story = publish(make_channel(make_site(is_default=True)), source=make_source())
    for number in range(count):
        story.headline = f"Harbour, {number}"
        publishing.correct(story, note="Mended.", **BY)
    root = desk()
    # 8: session; user; story with its working copy; acts; versions; corrections; withdrawals; saves
    with django_assert_num_queries(8):
        assert root.get(url(story)).status_code == 200
    # 10: and the two contents; their source's name
    with django_assert_num_queries(10):
        assert "What differs" in root.get(url(story, "?old=1&new=2")).content.decode()


def test_no_text_is_read_for_the_time_line():
    assert "content" in read_history(publish()).versions[0].get_deferred_fields()


def test_a_long_history_is_paged():
    story = publish()
    for _ in range(60):
        publishing.update(story, **BY)
    root = desk()
    first, second = (root.get(url(story, f"?p={page}")).content.decode() for page in (1, 2))
    assert first.count("<h3>Publish") == 50
    assert second.count("<h3>Publish") == 11
    assert "Page 2 of 2" in second


def test_versions_are_compared_by_words_and_no_markup_is_let_through():
    story = publish(headline="Ferry sails at noon", body="<p>Ann &lt;b&gt; waits.</p>")
    story.headline = "Ferry sails at one"
    story.body = "<p>Ann &lt;script&gt; waits.</p>"
    publishing.update(story, **BY)
    html = desk("Reporter").get(url(story, "?old=1&new=2")).content.decode()
    assert "noon<span" in html.split("<del>", 2)[2]
    assert "&lt;script&gt;" not in html.split("<del>")[0]
    assert "Ann &lt;" in html
    assert "<script>" not in html


def test_a_version_is_compared_with_the_text_as_it_is_now():
    story = publish(headline="Ferry sails at noon")
    publishing.unpublish(story, reason="In doubt", **BY)
    publishing.restore(story, reason="Clear", **BY)
    story.refresh_from_db()
    story.headline = "Ferry sails at midnight"
    story.save()
    html = desk("Editor").get(url(story, "?old=1&new=now")).content.decode()
    assert "midnight" in html.split('id="differences"')[1]


@pytest.mark.parametrize(
    "query", ["?old=9&new=1", "?old=x&new=", "?old=1", "?p=x", "?p=99", "?old=%00&new=1"]
)
def test_a_version_that_is_not_is_named_and_no_failure(query):
    response = desk().get(url(publish(), query))
    assert response.status_code == 200
    if "old=9" in query:
        assert "The story has no version “9”." in response.content.decode()


def test_who_may_not_see_stories_sees_no_history(client):
    story = publish()
    assert client.get(url(story)).status_code == 302
    stranger = desk("Reporter")
    Group.objects.get(name="Reporter").permissions.clear()
    assert stranger.get(url(story)).status_code == 403
    assert stranger.get(url(story, "1/restore/")).status_code == 403


# -- An old text restored ------------------------------------------------------------


@pytest.fixture
def back_on_the_desk():
    """Published with all its parts, withdrawn, back as a draft and rewritten."""
    source, place = make_source(), Place.objects.create(name="Skarvik", country="Norway")
    story = make_story(
        headline="Ferry sails at noon", source=source, byline="Ada Quist", dateline_date=NOON.date(),
        picture=Picture.objects.create(file="quay.jpg", width=8, height=6, alt_text="A quay"),
    )  # fmt: skip
    story.tags.add("Ferries")
    story.places.add(place)
    story.authors.add(Author.objects.create(name="Ada Quist"))
    RelatedLink.objects.create(story=story, title="Tides", url="https://tides.example/")
    publishing.publish(story, at=NOON, **BY)
    publishing.unpublish(story, reason="In doubt", at=hours(1), **BY)
    publishing.restore(story, reason="Clear", at=hours(2), **BY)
    story = Story.objects.get(pk=story.pk)
    story.headline, story.body, story.source, story.picture = "Another", "<p>Another.</p>", None, None
    story.byline, story.dateline_date, story.embargo_until = "", None, timezone.now() + timedelta(days=1)
    story.save()
    for parts in (story.tags, story.places, story.authors):
        parts.clear()
    story.links.all().delete()
    return story


def test_an_old_text_comes_back_with_its_parts_but_not_its_times(back_on_the_desk):
    story, version = back_on_the_desk, back_on_the_desk.versions.get(number=1)
    embargo = story.embargo_until
    restore_text(story, version, by=None)
    story = Story.objects.get(pk=story.pk)
    times = {"embargo_until": embargo.isoformat()}
    assert story.snapshot() == version.content | times
    assert story.state == Story.State.READY


def test_restoring_over_a_newer_save_is_refused_and_changes_nothing(back_on_the_desk):
    mine, theirs = back_on_the_desk, Story.objects.get(pk=back_on_the_desk.pk)
    root = desk()
    data = {"seen_version": mine.version, "reason": "The old one was right"}
    theirs.headline = "Theirs"
    theirs.save()
    response = root.post(url(mine, "1/restore/"), data)
    assert "was changed by somebody else" in response.content.decode()
    assert Story.objects.get(pk=mine.pk).headline == "Theirs"
    assert not mine.tags.exists()


def test_the_desk_restores_a_text_with_a_reason_for_the_log(back_on_the_desk):
    story, editor = back_on_the_desk, desk("Editor")
    page = editor.get(url(story, "1/restore/")).content.decode()
    assert "Ferry sails at noon" in page
    assert "Embargo until" not in page
    data = {"seen_version": story.version, "reason": ""}
    assert "required" in editor.post(url(story, "1/restore/"), data).content.decode()
    response = editor.post(url(story, "1/restore/"), data | {"reason": "The old one was right"})
    assert response["Location"] == f"/admin/articles/story/{story.pk}/change/"
    assert Story.objects.get(pk=story.pk).headline == "Ferry sails at noon"
    html = editor.get(url(story)).content.decode()
    assert "Restored the text of version 1: The old one was right" in html
    assert html.index("The old one was right") < html.index("<h3>Restore to the desk")


def test_an_old_text_of_a_public_story_is_kept_aside_until_it_is_published():
    story = publish(make_channel(make_site(is_default=True)), headline="As it was")
    story.headline = "As it is"
    publishing.update(story, **BY)
    data = {"seen_version": story.version, "reason": "The old one was right"}
    desk("Editor").post(url(story, "1/restore/"), data)
    assert Story.objects.get(pk=story.pk).headline == "As it is"
    assert WorkingCopy.objects.get(story=story).content["headline"] == "As it was"


def test_the_text_of_a_withdrawn_story_is_not_restored_before_the_story():
    story = publish()
    root = desk()
    assert "Restore this text" in root.get(url(story)).content.decode()
    publishing.kill(story, reason="Wrong", **BY)
    assert "Restore this text" not in root.get(url(story)).content.decode()


@pytest.mark.parametrize("number", [2, 99999999999999999999])
def test_there_is_no_page_to_restore_a_version_that_is_not(back_on_the_desk, number):
    assert desk().get(url(back_on_the_desk, f"{number}/restore/")).status_code == 404
