"""One act on many stories, from the list of stories."""

from datetime import timedelta

import pytest
from django.utils import timezone

from articles import bulk_acts, publishing
from articles.models import Act, Story, Tag
from tests.articles.test_admin import LIST, Form, desk
from tests.factories import make_channel, make_site, make_source, make_story, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel():
    return make_channel(make_site(is_default=True))


def choose(client, act: str, stories, **more):
    data = {"action": act, "_selected_action": [story.pk for story in stories], **more}
    return client.post(LIST, data)


def url(act: str) -> str:
    return f"/admin/articles/story/bulk/{act}/"


def confirm(client, act: str, stories, **said):
    """Sends the page that lists what will happen, as a browser would."""
    page = Page(choose(client, act, stories).content.decode())
    return client.post(url(act), page.data | {"story": page.stories} | said)


class Page(Form):
    def __init__(self, html: str) -> None:
        self.stories = []
        super().__init__(html)

    def _input(self, name, attrs):
        if name == "story":
            self.stories.append(attrs["value"])
        super()._input(name, attrs)


def states(*stories) -> list[str]:
    return [Story.objects.get(pk=story.pk).state for story in stories]


def test_what_will_happen_to_each_is_listed_first_and_nothing_happens_yet(channel):
    tomorrow = timezone.now() + timedelta(days=1)
    sound = make_story(channel, headline="Sound")
    later = make_story(channel, headline="Later", publish_at=tomorrow)
    empty = make_story(channel, headline="Empty", body="")
    unlisted, public = make_story(headline="Unlisted"), publish(channel, headline="Public")
    abroad = make_story(channel, headline="Abroad", source=make_source(all_sites=False))
    abroad.source.sites.add(make_site("sister.test").site_ptr)
    response = choose(desk("Editor"), "publish", [sound, later, empty, unlisted, public, abroad])
    found = {line.story.headline: line.refusal or line.outcome for line, _ in response.context["rows"]}
    assert found["Sound"] == "Published"
    assert found["Later"].startswith("Goes live")
    assert found["Empty"] == "It has no body."
    assert found["Unlisted"].startswith("List the story in a channel")
    assert found["Public"] == "It is published."
    assert "does not let Main carry it" in found["Abroad"]
    page = Page(response.content.decode())
    assert page.stories == [f"{story.pk}:1" for story in (later, sound)]
    assert "Publish: 2 stories" in response.content.decode()
    assert states(sound, later) == ["draft", "draft"]


def test_each_is_done_by_itself_and_reported_and_the_refused_do_not_stop_the_others(channel):
    client = desk("Editor")
    stories = [make_story(channel, headline=f"Story {number}") for number in range(3)]
    page = Page(choose(client, "publish", stories).content.decode())
    stories[1].teaser = "By somebody else"
    stories[1].save()
    response = client.post(url("publish"), {"story": page.stories, "reason": "All checked"})
    html = response.content.decode()
    assert "Publish: 2 done, 1 refused" in html
    assert "“Story 1” was changed by somebody else" in html
    assert states(*stories) == ["published", "draft", "published"]
    assert {*Act.objects.values_list("reason", "by_name")} == {("All checked", "Editor")}


def test_one_that_fails_undoes_nothing_of_the_others(channel, monkeypatch):
    client = desk("Editor")
    stories = [make_story(channel) for _ in range(3)]
    write = publishing._write_version

    def fails_once(story, *args, **kwargs):
        written = write(story, *args, **kwargs)
        if story == stories[1]:
            raise publishing.ForbiddenAct("Not this one.")
        return written

    monkeypatch.setattr(publishing, "_write_version", fails_once)
    assert "Not this one." in confirm(client, "publish", stories).content.decode()
    assert states(*stories) == ["published", "draft", "published"]
    assert Act.objects.count() == 2


@pytest.mark.parametrize("verb", ["unpublish", "take_down", "kill"])
def test_stories_are_withdrawn_with_one_reason_and_notice(verb, channel):
    client = desk("Chief editor")
    stories = [publish(channel) for _ in range(2)]
    html = confirm(client, verb, stories, reason=" ").content.decode()
    assert "This field is required" in html
    assert states(*stories) == ["published", "published"]
    again = Page(html)
    said = {"reason": "A court says so", "notice": "Withdrawn by order of a court."}
    client.post(url(verb), {"story": again.stories, **said})
    assert states(*stories) == ["withdrawn", "withdrawn"]
    for story in stories:
        withdrawal = story.withdrawals.get()
        assert (withdrawal.kind, withdrawal.notice, withdrawal.headline) == (
            verb,
            said["notice"],
            story.headline,
        )


def test_a_kill_reaches_a_story_that_was_changed_meanwhile_and_twice_is_as_once(channel):
    client, story = desk("Chief editor"), publish(channel)
    page = Page(choose(client, "kill", [story]).content.decode())
    publishing.update(Story.objects.get(pk=story.pk), by_name="The wire")
    for _ in range(2):
        html = client.post(url("kill"), {"story": page.stories, "reason": "Libel"}).content.decode()
        assert "Kill: 1 done, 0 refused" in html
    assert story.withdrawals.count() == 1


@pytest.mark.parametrize(
    ("verb", "start", "goal"),
    [("submit", [], "ready"), ("spike", [], "spiked"), ("reopen", ["spike"], "draft"),
     ("restore", ["publish", "kill"], "ready")],
)  # fmt: skip
def test_stories_move_on_the_desk_together(verb, start, goal, channel):
    stories = [make_story(channel) for _ in range(2)]
    for story in stories:
        for act in start:
            getattr(publishing, act)(story, by_name="The suite", reason="So it is")
    confirm(desk("Chief editor"), verb, stories, reason="All of them")
    assert states(*stories) == [goal, goal]


def test_where_the_page_is_sent_again_stale_the_story_is_listed_as_refused(channel):
    client, story = desk("Chief editor"), publish(channel)
    publishing.update(Story.objects.get(pk=story.pk), by_name="The wire")
    html = client.post(url("unpublish"), {"story": [f"{story.pk}:2"], "reason": ""}).content.decode()
    assert "choose it again" in html
    assert Page(html).stories == []


# -- Tags and channels --------------------------------------------------------------


def test_tags_of_a_public_story_are_its_next_version_with_a_reason(channel):
    client = desk("Editor")
    tag = Tag.objects.create(name="Oslo, Norway")
    draft, public = make_story(channel), publish(channel)
    tagged = make_story(channel)
    tagged.tags.add(tag)
    said = {"tags": '"oslo, NORWAY"', "reason": ""}
    assert "This field is required" in confirm(client, "add_tags", [draft, public], **said).content.decode()
    html = confirm(
        client, "add_tags", [draft, public, tagged], **said | {"reason": "A series"}
    ).content.decode()
    assert "2 done, 1 refused" in html
    assert "It has them already." in html
    assert list(draft.tags.all()) == list(public.tags.all()) == [tag]
    version = public.versions.get(number=2)
    assert (version.reason, version.content["tags"]) == ("A series", ["Oslo, Norway"])
    assert Story.objects.get(pk=draft.pk).version == 2
    confirm(client, "remove_tags", [draft, public], **said | {"reason": "No series"})
    assert list(public.versions.get(number=3).content["tags"]) == []
    assert not draft.tags.exists()


def test_a_misspelt_tag_is_not_made_and_given_to_many(channel):
    story = make_story(channel)
    html = confirm(desk("Editor"), "add_tags", [story], tags="Olso", reason="").content.decode()
    assert "There is no tag “Olso”: make it first." in html
    assert not Tag.objects.exists()


def test_what_may_not_be_published_takes_no_tags(channel):
    story = publish(channel)
    Tag.objects.create(name="pier")
    Story.objects.filter(pk=story.pk).update(rights_until=timezone.now() - timedelta(days=1))
    html = confirm(desk("Editor"), "add_tags", [story], tags="pier", reason="A series").content.decode()
    assert "The right to show it has run out" in html
    assert not story.tags.exists()


def test_stories_are_listed_in_a_channel_the_unlisted_as_their_primary(channel):
    ice = make_channel(channel.site, "Ice")
    public, unlisted, there = publish(channel), make_story(), make_story(ice)
    html = confirm(
        desk("Editor"), "list_in_channel", [public, unlisted, there], channel=ice.pk
    ).content.decode()
    assert "2 done, 1 refused" in html
    assert "It is listed there already." in html
    assert [*public.listings.values_list("channel__title", "primary").order_by("pk")] == [
        ("Russian News", True), ("Ice", False),
    ]  # fmt: skip
    assert unlisted.listings.get().primary
    assert Story.objects.get(pk=public.pk).version == public.version + 1


# -- Limits -------------------------------------------------------------------------


def test_more_than_two_hundred_at_once_are_refused_with_the_number(channel):
    Story.objects.bulk_create(Story(headline=f"Story {n}", opening="") for n in range(bulk_acts.MOST + 1))
    client, stories = desk("Chief editor"), [Story.objects.first()]
    response = client.post(
        LIST, {"action": "spike", "_selected_action": [stories[0].pk], "select_across": "1"}, follow=True
    )
    assert "200 stories are the most at once: choose fewer." in response.content.decode()
    many = [f"{story.pk}:1" for story in Story.objects.all()]
    assert client.post(url("spike"), {"story": many}).status_code == 400
    assert not Act.objects.exists()
    html = client.post(url("spike"), {"story": many[1:]}).content.decode()
    assert "Spike: 200 done, 0 refused" in html


@pytest.mark.parametrize("story", ["x", "1", "1:x", "²:1", f"{'9' * 40}:1", "1:1:1", ""])
def test_a_key_that_no_story_can_have_is_a_bad_request(story):
    assert desk("Editor").post(url("spike"), {"story": [story]}).status_code == 400


def test_there_is_no_page_for_other_acts_nor_for_who_lacks_the_right(channel):
    client, story = desk("Reporter"), make_story(channel)
    chosen = {"story": [f"{story.pk}:1"], "reason": "Mine"}
    assert client.post(url("delete"), chosen).status_code == 404
    assert client.post(url("update"), chosen).status_code == 404
    assert client.post(url("kill"), chosen).status_code == 403
    assert client.get(url("spike")).status_code == 302
    assert 'value="kill"' not in client.get(LIST).content.decode()
    assert 'value="spike"' in client.get(LIST).content.decode()
    choose(client, "kill", [story])
    assert states(story) == ["draft"]


@pytest.mark.parametrize("act", ["publish", "kill", "add_tags", "list_in_channel"])
def test_the_page_takes_the_same_queries_for_any_number_of_stories(
    act, channel, django_assert_num_queries, django_assert_max_num_queries
):
    client = desk("Chief editor")
    restricted = make_source(all_sites=False)
    restricted.sites.add(channel.site.site_ptr)
    stories = [make_story(channel, source=restricted)]
    choose(client, act, stories)
    # Session, user, rights of the user and of the groups; the list's filters, counts and rows; the keys, the
    # stories, their sources' sites and their listings.
    with django_assert_max_num_queries(14) as one:
        assert choose(client, act, stories).status_code == 200
    stories += [make_story(channel, source=restricted) for _ in range(20)]
    with django_assert_num_queries(len(one)):
        assert choose(client, act, stories).status_code == 200
