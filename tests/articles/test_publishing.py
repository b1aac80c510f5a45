"""The acts: who may do what from which state, and what is kept of it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from articles import publishing
from articles.append_only import AppendOnlyError
from articles.models import (
    Act,
    Author,
    Correction,
    Parts,
    Place,
    RelatedLink,
    Story,
    StoryVersion,
    Tag,
    Withdrawal,
)
from articles.models.stories import StaleVersion, WrongDoor
from articles.publishing import RIGHTS, TRANSITIONS, ForbiddenAct, Verb
from tests.articles.test_admin import make_groups
from tests.factories import make_site, make_source, make_story, publish

pytestmark = pytest.mark.django_db

State = Story.State
BY = {"by_name": "The suite"}
# The acts that lead from a new draft to each state.
WAYS = {
    State.DRAFT: [],
    State.READY: [Verb.SUBMIT],
    State.PUBLISHED: [Verb.PUBLISH],
    State.WITHDRAWN: [Verb.PUBLISH, Verb.UNPUBLISH],
    State.SPIKED: [Verb.SPIKE],
    State.ADVISORY: [Verb.MARK_ADVISORY],
}


def act(story: Story, verb: Verb, **who) -> None:
    extra = {"note": "The bridge is 90 metres long, not 900."} if verb == Verb.CORRECT else {}
    getattr(publishing, verb.value)(story, reason="Because the test says so", **extra, **(who or BY))


def story_in(state: State) -> Story:
    story = make_story()
    for verb in WAYS[state]:
        act(story, verb)
    return story


def user_with(*rights: str) -> User:
    user = User.objects.create(username=f"user-{User.objects.count()}")
    for right in rights:
        app, codename = right.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


class EveryPairOfStateAndVerb(TestCase):
    @given(st.sampled_from(State), st.lists(st.sampled_from(Verb), min_size=1, max_size=6))
    def test_leads_where_the_table_says_or_changes_nothing(self, state, verbs):
        story = story_in(state)
        for verb in verbs:
            state = self._try(story, state, verb)

    def _try(self, story, state, verb) -> State:
        acts, versions = story.acts.count(), story.versions.count()
        withdrawals = story.withdrawals.count()
        try:
            act(story, verb)
        except ForbiddenAct:
            assert state not in TRANSITIONS[verb]
            expected = state
        else:
            expected = TRANSITIONS[verb][state]
        kept = Story.objects.get(pk=story.pk)
        assert kept.state == expected
        assert (story.state, story.version) == (kept.state, kept.version)
        if state not in TRANSITIONS[verb]:
            counts = (story.acts.count(), story.versions.count(), story.withdrawals.count())
            assert counts == (acts, versions, withdrawals)
        elif expected == State.PUBLISHED:
            assert story.versions.count() == versions + 1
        return expected


@pytest.mark.parametrize("verb", Verb)
def test_each_act_needs_its_own_right(verb):
    story = story_in(next(iter(TRANSITIONS[verb])))
    others = sorted(set(RIGHTS.values()) - {RIGHTS[verb]})
    with pytest.raises(PermissionDenied, match=RIGHTS[verb]):
        act(story, verb, by=user_with(*others))
    act(story, verb, by=user_with(RIGHTS[verb]))
    assert Story.objects.get(pk=story.pk).state == TRANSITIONS[verb][state_before(story)]


def state_before(story: Story) -> State:
    return State(story.acts.first().from_state)


@pytest.mark.parametrize("group", ["Reporter", "Editor"])
def test_only_chief_editors_may_restore_and_withdraw(group):
    make_groups()
    user = User.objects.create(username="someone")
    user.groups.add(Group.objects.get(name=group))
    assert not user.has_perm("articles.withdraw_story")
    assert not user.has_perm("articles.restore_story")
    chief = User.objects.create(username="chief")
    chief.groups.add(Group.objects.get(name="Chief editor"))
    assert chief.has_perm("articles.restore_story")


def test_a_refused_act_leaves_the_story_as_it_was():
    story = make_story(body="")
    with pytest.raises(ForbiddenAct, match="no body"):
        publishing.publish(story, **BY)
    kept = Story.objects.get(pk=story.pk)
    assert (kept.state, kept.version, kept.acts.count()) == (State.DRAFT, 1, 0)


# -- Versions --------------------------------------------------------------------


def test_each_published_state_is_kept_whole():
    story = make_story(headline="Ferry resumes", teaser="After a week.", source=make_source("KNW"))
    story.tags.add("Ferries")
    publishing.publish(story, **BY)
    story.headline = "Ferry resumes, two days late"
    publishing.update(story, **BY)
    first, second = story.versions.order_by("number")
    assert (first.number, first.kind, first.content["headline"]) == (1, "original", "Ferry resumes")
    assert (second.number, second.kind, second.content["headline"]) == (
        2,
        "update",
        "Ferry resumes, two days late",
    )
    assert first.content["tags"] == ["Ferries"]
    assert first.content["source"] == story.source_id


@pytest.mark.parametrize("model", [StoryVersion, Correction, Withdrawal, Act])
def test_what_was_recorded_can_neither_be_changed_nor_deleted(model):
    story = publish()
    publishing.correct(story, note="Two, not three.", **BY)
    publishing.kill(story, reason="Wrong", **BY)
    record = model.objects.first()
    for attempt in (
        record.save,
        record.delete,
        model.objects.all().delete,
        lambda: model.objects.update(by_name="x"),
    ):
        with pytest.raises(AppendOnlyError):
            attempt()


def test_a_story_cannot_be_deleted():
    with pytest.raises(WrongDoor):
        make_story().delete()


def test_a_correction_needs_a_note_for_readers():
    story = publish()
    with pytest.raises(ForbiddenAct, match="note"):
        publishing.correct(story, note="  ", **BY)
    assert story.versions.count() == 1


def test_a_correction_keeps_the_note_beside_the_version_it_made():
    story = publish()
    correction = publishing.correct(story, note="The port has two cranes.", kind="clarification", **BY)
    assert correction.version.number == 2
    assert story.corrections.get().note == "The port has two cranes."


# -- Stale versions --------------------------------------------------------------


def test_saving_a_stale_copy_overwrites_nothing():
    story = make_story(headline="As filed")
    mine, theirs = Story.objects.get(pk=story.pk), Story.objects.get(pk=story.pk)
    theirs.headline = "Theirs"
    theirs.save()
    mine.headline = "Mine"
    with pytest.raises(StaleVersion):
        mine.save()
    assert Story.objects.get(pk=story.pk).headline == "Theirs"


@pytest.mark.parametrize("verb", [Verb.UPDATE, Verb.CORRECT])
def test_an_act_on_a_stale_copy_overwrites_nothing(verb):
    story = publish(headline="As published")
    mine, theirs = Story.objects.get(pk=story.pk), Story.objects.get(pk=story.pk)
    theirs.headline = "Theirs"
    publishing.update(theirs, **BY)
    mine.headline = "Mine"
    with pytest.raises(StaleVersion):
        act(mine, verb)
    kept = Story.objects.get(pk=story.pk)
    assert (kept.headline, kept.versions.count()) == ("Theirs", 2)


def test_a_published_story_cannot_be_changed_by_saving_it():
    story = publish(headline="As published")
    story.headline = "Slipped in"
    with pytest.raises(WrongDoor):
        story.save()
    assert Story.objects.get(pk=story.pk).headline == "As published"


def test_a_save_never_changes_the_state():
    story = make_story()
    story.state = State.PUBLISHED
    story.save()
    assert Story.objects.get(pk=story.pk).state == State.DRAFT
    with pytest.raises(WrongDoor):
        make_story(state=State.PUBLISHED)


# -- Withdrawing -----------------------------------------------------------------


@pytest.mark.parametrize(
    "times",
    [
        {},
        {"publish_at": timedelta(days=2)},
        {"embargo_until": timedelta(days=2)},
        {"rights_until": timedelta(days=2)},
    ],
    ids=["published", "scheduled", "embargoed", "with rights"],
)
def test_a_kill_works_however_a_story_is_public_and_twice(times):
    story = publish(**{name: timezone.now() + delta for name, delta in times.items()})
    publishing.kill(story, reason="Libel", **BY)
    publishing.kill(story, reason="Libel", **BY)
    assert Story.objects.get(pk=story.pk).state == State.WITHDRAWN
    assert story.withdrawals.count() == 1
    assert story.acts.filter(verb=Verb.KILL).count() == 1


def test_a_kill_works_after_the_rights_have_lapsed():
    at = timezone.now() - timedelta(days=9)
    story = publish(at=at, rights_until=at + timedelta(days=1))
    publishing.kill(story, reason="Libel", **BY)
    assert story.state == State.WITHDRAWN


def test_a_kill_does_not_wait_for_a_fresh_copy():
    story = publish()
    stale = Story.objects.get(pk=story.pk)
    publishing.update(story, **BY)
    publishing.kill(stale, reason="Libel", **BY)
    assert Story.objects.get(pk=story.pk).state == State.WITHDRAWN


def test_a_graver_withdrawal_follows_a_milder_one_but_not_the_other_way_round():
    story = publish()
    publishing.unpublish(story, reason="Old", **BY)
    publishing.kill(story, reason="Libel", **BY)
    publishing.take_down(story, reason="Asked for", **BY)
    assert list(story.withdrawals.values_list("kind", flat=True)) == ["kill", "unpublish"]


@pytest.mark.parametrize("verb", [Verb.KILL, Verb.TAKE_DOWN, Verb.UNPUBLISH])
def test_a_withdrawal_needs_a_reason(verb):
    story = publish()
    with pytest.raises(ForbiddenAct, match="reason"):
        getattr(publishing, verb.value)(story, reason=" ", **BY)


def test_an_editor_who_has_a_killed_story_open_cannot_save_it_back():
    story = publish()
    opened = Story.objects.get(pk=story.pk)
    publishing.kill(story, reason="Libel", **BY)
    with pytest.raises(ForbiddenAct):
        publishing.update(opened, **BY)


def test_a_restored_story_waits_at_the_desk_until_it_is_published_again():
    story = publish()
    first = story.first_published
    publishing.kill(story, reason="By mistake", **BY)
    publishing.restore(story, reason="The kill was for another story", **BY)
    assert story.state == State.READY
    version = publishing.publish(story, **BY)
    assert version.kind == StoryVersion.Kind.RESTORED
    assert story.first_published == first


def test_a_story_killed_before_anybody_could_read_it_starts_anew_when_restored():
    story = publish(embargo_until=timezone.now() + timedelta(days=1))
    publishing.kill(story, reason="Wrong story", **BY)
    assert story.first_published is None
    publishing.restore(story, reason="Right story after all", **BY)
    story.embargo_until = None
    at = timezone.now()
    publishing.publish(story, at=at, **BY)
    assert story.first_published == at


# -- Times and contracts ---------------------------------------------------------


def test_first_publication_is_when_readers_can_see_it():
    now = timezone.now()
    soon, later = now + timedelta(hours=1), now + timedelta(hours=2)
    assert publish(at=now).first_published == now
    assert publish(at=now, publish_at=soon).first_published == soon
    assert publish(at=now, publish_at=soon, embargo_until=later).first_published == later


def test_an_update_before_the_story_goes_live_is_no_update_to_readers():
    story = publish(publish_at=timezone.now() + timedelta(hours=1))
    publishing.update(story, **BY)
    assert story.last_updated is None


def test_an_update_keeps_the_first_publication_and_dates_the_change():
    story = publish(at=timezone.now() - timedelta(days=1))
    first = story.first_published
    version = publishing.update(story, **BY)
    assert (story.first_published, story.last_updated) == (first, version.at)


def test_the_contract_ends_the_publication():
    source = make_source(text_days=30)
    story = publish(source=source)
    assert story.contract_until == story.first_published + timedelta(days=30)


def test_changed_days_of_a_contract_reach_what_is_published():
    source = make_source(text_days=30)
    story = publish(source=source)
    source.text_days = 7
    source.save()
    assert publishing.apply_contract(source) == 1
    story.refresh_from_db()
    assert story.contract_until == story.first_published + timedelta(days=7)
    source.text_days = None
    publishing.apply_contract(source)
    story.refresh_from_db()
    assert story.contract_until is None


def test_a_story_that_no_site_may_carry_cannot_be_published():
    source = make_source(all_sites=False)
    with pytest.raises(ForbiddenAct, match="no site"):
        publish(source=source)
    source.sites.add(make_site())
    assert publish(source=source).state == State.PUBLISHED


def test_a_story_whose_rights_have_ended_cannot_be_published():
    with pytest.raises(ForbiddenAct, match="run out"):
        publish(rights_until=timezone.now() - timedelta(seconds=1))


def test_an_act_by_nobody_is_refused():
    with pytest.raises(TypeError, match="by_name"):
        publishing.publish(make_story())


def test_the_log_names_who_acted_and_why_also_when_the_account_has_a_new_name():
    editor = User.objects.create(username="ada", first_name="Ada", last_name="Quist", is_superuser=True)
    story = make_story()
    publishing.publish(story, by=editor, reason="Checked with the harbour master")
    User.objects.update(first_name="Renamed")
    act_ = story.acts.get()
    assert (act_.by, act_.by_name, act_.reason) == (editor, "Ada Quist", "Checked with the harbour master")
    assert (act_.from_state, act_.to_state) == ("draft", "published")


# -- What was never stored ---------------------------------------------------------


def test_a_story_that_is_not_stored_yet_is_stored_published_with_its_parts():
    place, author = Place.objects.create(name="Skarvik"), Author.objects.create(name="Ida Brandt")
    parts = Parts(
        tags=Tag.objects.named_or_new(["Ferries"]),
        authors=[author],
        places=[place],
        links=[RelatedLink(title="Timetable", url="https://ferry.test/")],
    )
    story = Story(headline="  Ferry  resumes ", body="<p>It sailed at noon.</p>")
    version = publishing.publish_new(story, parts, **BY)
    stored = Story.objects.get()
    assert (stored.state, stored.headline, stored.opening) == (
        State.PUBLISHED,
        "Ferry resumes",
        "It sailed at noon.",
    )
    assert (version.number, version.kind) == (1, "original")
    assert version.content == stored.snapshot()
    assert [link["title"] for link in version.content["links"]] == ["Timetable"]
    assert stored.acts.get().from_state == State.DRAFT


def test_a_new_story_with_an_obstacle_is_not_stored_and_the_transaction_goes_on():
    with transaction.atomic():
        with pytest.raises(ForbiddenAct):
            publishing.publish_new(Story(headline="Ferry"), Parts(), **BY)
        assert not Story.objects.exists()


def test_no_other_act_stores_a_story_that_is_not_stored_yet():
    story = Story(headline="Ferry", body="<p>It sailed.</p>", state=State.PUBLISHED)
    for act in (publishing.publish, publishing.update):
        with pytest.raises(Story.DoesNotExist):
            act(story, **BY)
    with pytest.raises(WrongDoor):
        story.save()
    assert not Story.objects.exists()
