"""The story form and the acts, for reporters, editors and chief editors."""

import importlib
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from articles import publishing
from articles.models import (
    Act,
    Author,
    Correction,
    Picture,
    Place,
    RelatedLink,
    Source,
    Story,
    Tag,
    Withdrawal,
)
from articles.story_form import StoryForm
from tests.factories import make_channel, make_site, make_source, make_story, publish

pytestmark = pytest.mark.django_db

LIST = "/admin/articles/story/"
ADD = "/admin/articles/story/add/"


def make_groups() -> None:
    """What the migrations made; a test with transactions, run before by the same worker, flushes it."""
    editor = SimpleNamespace(connection=connection)
    importlib.import_module("sections.migrations.0002_groups").make_groups(apps, editor)
    importlib.import_module("wires.migrations.0002_groups").grant(apps, editor)


def desk(group: str = "", name: str = "") -> Client:
    """A browser with somebody of a group signed in; of none: the superuser."""
    if not Group.objects.exists():
        make_groups()
    user = User.objects.create(username=name or group or "root", is_staff=True, is_superuser=not group)
    if group:
        user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


class Form(HTMLParser):
    """The fields of the page's main form, as a browser would send them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.data: dict[str, list[str] | str] = {}
        self.buttons: list[str] = []
        self._inside = False
        self._area = self._select = self._first = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        name = attrs.get("name")
        if tag == "form":
            self._inside = attrs.get("id") != "logout-form"
        elif not self._inside:
            return
        elif tag == "input":
            self._input(name, attrs)
        elif tag == "textarea":
            self._area, self.data[name] = name, ""
        elif tag == "select":
            self._select, self._first, self.data[name] = name, "multiple" not in attrs, []
        elif tag == "option" and self._select and ("selected" in attrs or self._first):
            chosen = self.data[self._select]
            if "selected" in attrs and self._first is False:
                chosen.append(attrs["value"])
            else:
                self.data[self._select] = [attrs["value"]]
                self._first = self._first and "selected" not in attrs and None

    def _input(self, name, attrs):
        kind = attrs.get("type")
        if kind == "submit":
            self.buttons.append(attrs.get("name"))
        elif name and kind != "file" and (kind not in ("checkbox", "radio") or "checked" in attrs):
            self.data[name] = attrs.get("value", "on" if kind == "checkbox" else "")

    def handle_data(self, data):
        if self._area:
            self.data[self._area] += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self._area:
            text = self.data[self._area].removeprefix("\r\n").removeprefix("\n")
            self.data[self._area], self._area = text.replace("\r\n", "\n").replace("\n", "\r\n"), None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._inside = False


def read_form(client: Client, url: str) -> dict:
    return Form(client.get(url).content.decode()).data


def change_url(story: Story) -> str:
    return reverse("admin:articles_story_change", args=[story.pk])


def act_url(story: Story, verb: str) -> str:
    return reverse("admin:articles_story_act", args=[story.pk, verb])


def content(story: Story) -> dict:
    """All that readers see of it, and where."""
    story = Story.objects.get(pk=story.pk)
    listed = list(story.listings.order_by("pk").values("channel", "primary", "starts_at", "ends_at"))
    return {**story.snapshot(), "state": story.state, "listings": listed}


@pytest.fixture
def channel():
    return make_channel(make_site(is_default=True))


@pytest.fixture
def draft(channel):
    return make_story(
        channel, headline="Ferry runs again", body="<p>The ferry runs.</p>\n<p>Twice a day.</p>"
    )


@pytest.fixture
def public(channel):
    story = publish(
        channel, headline="Bridge opens", body="<p>The bridge is open.</p>\n<p>Cars may cross.</p>"
    )
    RelatedLink.objects.create(story=story, title="Harbour office", url="https://harbour.example/")
    return story


# -- Registered ------------------------------------------------------------------


def test_every_model_is_in_the_admin_by_itself_or_in_the_form_of_another():
    inlines = {
        inline.model for model_admin in admin.site._registry.values() for inline in model_admin.inlines
    }
    models = {*apps.get_app_config("articles").get_models(), *apps.get_app_config("sections").get_models()}
    missing = {model.__name__ for model in models - inlines - set(admin.site._registry)}
    tags, settings_page = {"TaggedStory"}, {"Editor"}
    share_page = {"ShareLink", "ShareRevocation", "ShareUse"}
    addresses = {"TagSlug", "PlaceSlug", "AuthorSlug"}  # each tag, place and author shows its own
    # What stands in the story's form beside its fields: changes set aside, who has it open, warnings.
    form = {"WorkingCopy", "Presence", "LinkCheck"}
    # By the portal, nobody's to write.
    made = {"ReadCount", "MostRead", "SearchEntry", "AuthorEntry", "PlaceEntry"}
    assert missing == tags | addresses | settings_page | share_page | form | made


def test_groups_that_another_test_flushed_come_back_with_all_their_rights(db):
    Group.objects.all().delete()
    make_groups()
    rights = Group.objects.get(name="Reporter").permissions.values_list("codename", flat=True)
    assert {"add_story", "view_wirecopy"} <= {*rights}


def test_there_is_one_kind_of_tag_in_the_admin():
    assert [model._meta.label for model in admin.site._registry if model.__name__ == "Tag"] == [
        "articles.Tag"
    ]


# -- Lists -----------------------------------------------------------------------


def fill(channel, number):
    for n in range(number):
        source = make_source(f"S{Source.objects.count()}")
        story = publish(channel, source=source)
        publishing.correct(story, note=f"Note {n}", by_name="The suite")
        publishing.kill(story, reason="A mistake", by_name="The suite")
        story.tags.add(f"tag {story.pk}")
        Author.objects.create(name=f"Author {story.pk}")
        Place.objects.create(name=f"Place {story.pk}")
        Picture.objects.bulk_create([Picture(alt_text=f"Bridge {story.pk}", width=1, height=1)])


@pytest.mark.parametrize(
    "model",
    [
        "story",
        "source",
        "author",
        "place",
        "picture",
        "tag",
        "storyversion",
        "correction",
        "withdrawal",
        "act",
    ],
)
def test_a_list_of_thirty_rows_takes_no_more_queries_than_a_list_of_one(
    model, channel, django_assert_num_queries, django_assert_max_num_queries
):
    client = desk()
    url = f"/admin/articles/{model}/"
    client.get(url)
    fill(channel, 1)
    with django_assert_max_num_queries(8) as one:
        assert client.get(url).status_code == 200
    fill(channel, 29)
    with django_assert_num_queries(len(one)):
        assert client.get(url).status_code == 200


def test_a_story_list_has_its_stories_counted_to_a_limit_and_without_their_bodies(
    channel, django_assert_max_num_queries
):
    client = desk()
    publish(channel)
    # Session, user, the filters' sources and sites, the count, the stories.
    with django_assert_max_num_queries(6) as queries:
        client.get(LIST)
    asked = [query["sql"] for query in queries if "articles_story" in query["sql"]]
    assert "LIMIT 10000" in next(sql for sql in asked if "COUNT" in sql)
    assert not any('"body"' in sql for sql in asked)


def test_the_story_list_says_what_a_desk_wants_to_know(channel):
    source = make_source(name="Meridian Wire Service")
    publish(channel, headline="Soon", source=source, urgency=2, publish_at=timezone.now() + timedelta(days=1))
    html = desk("Reporter").get(LIST).content.decode()
    for words in ("Soon", "Goes live", "MILPLEX", "Meridian Wire Service", "All times are UTC"):
        assert words in html
    assert "changes that readers do not see" not in html


def test_the_story_list_marks_stories_with_changes_set_aside(channel):
    publish(channel, headline="As it was")
    changed = publish(channel, headline="To be changed")
    client = desk("Editor")
    data = read_form(client, change_url(changed)) | {"headline": "Changed", "_aside": ""}
    assert client.post(change_url(changed), data).status_code == 302
    html = client.get(LIST).content.decode()
    assert html.count("with changes that readers do not see yet") == 1


@pytest.mark.parametrize(
    "query", ["urgency=3", "urgency=x", "source=x", "home_site=99", "state__exact=draft", "q=fer%22y"]
)
def test_the_story_list_filters(query, draft):
    assert desk().get(f"{LIST}?{query}").status_code == 200


def test_the_newest_story_stands_first(channel):
    stories = [make_story(channel) for _ in range(3)]
    shown = desk().get(LIST).context["cl"].result_list
    assert [story.pk for story in shown] == [story.pk for story in reversed(stories)]


# -- The form --------------------------------------------------------------------


def test_the_form_takes_the_same_queries_for_any_number_of_parts(draft, django_assert_num_queries):
    client = desk("Editor")
    client.get(change_url(draft))
    RelatedLink.objects.create(story=draft, title="One", url="https://canal.example/one")
    draft.tags.add("one")
    draft.authors.add(Author.objects.create(name="Nell Harrow"))
    draft.places.add(Place.objects.create(name="Skarvik"))
    draft.located = Place.objects.create(name="Tidewater")
    draft.source = make_source(all_sites=False)
    draft.picture = Picture.objects.create(file="a.jpg", width=4, height=3, alt_text="A ferry")
    draft.save()
    # Session, user, rights, the story, its channels, authors, places, tags and links, the network's channels
    # for the select, its source's sites, what its links lead to, suggestions, who else is there, that I am.
    with django_assert_num_queries(15):
        client.get(change_url(draft))
    for n in range(30):
        make_channel(draft.listings.get(primary=True).channel.site, f"Channel {n}").listings.create(
            story=draft
        )
        RelatedLink.objects.create(story=draft, title=f"Link {n}")
        draft.tags.add(f"tag {n}")
    with django_assert_num_queries(15):
        client.get(change_url(draft))


def test_every_input_of_the_form_has_a_name_to_be_called_by(draft):
    html = desk("Editor").get(change_url(draft)).content.decode()
    assert 'for="id_seen_version"' not in html
    assert "Seen version" not in html
    for name in (
        "Publish at: date",
        "Publish at: time",
        "Channel",
        "Primary",
        "From: date",
        "Delete this row",
    ):
        assert f'aria-label="{name}"' in html


def test_a_reporter_files_tags_and_lists_a_story(channel):
    client = desk("Reporter")
    data = read_form(client, ADD) | {
        "headline": "Ferry runs again",
        "body": "<p>It runs.</p>",
        "tags": 'Ferries, "Oslo, Norway", FERRIES, 5" pipe',
        "subjects": "medtop:20000601\r\nsubj:11001000\r\nmedtop:20000601",
        "listings-0-channel": channel.pk,
        "listings-0-primary": "on",
        "_continue": "",
    }
    response = client.post(ADD, data, follow=True)
    assert "Saved. “Ferry runs again” is now: Draft." in response.content.decode()
    story = Story.objects.get()
    assert set(story.tags.names()) == {"FERRIES", "Oslo, Norway", '5" pipe'}
    assert story.subjects == ["medtop:20000601", "subj:11001000"]
    assert story.listings.get().channel == channel


def test_what_comes_back_from_the_form_unchanged_is_no_change(public):
    public.tags.add("Oslo, Norway", '5" pipe', "bridges")
    client = desk("Editor")
    before = content(public)
    for button in ("_continue", "_update"):
        data = read_form(client, change_url(public)) | {button: ""}
        assert client.post(change_url(public), data).status_code == 302
        assert content(public) == before


def test_two_words_are_one_tag(draft):
    client = desk("Reporter")
    client.post(
        change_url(draft), read_form(client, change_url(draft)) | {"tags": "Arctic shipping", "_continue": ""}
    )
    assert list(draft.tags.names()) == ["Arctic shipping"]


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("tags", "x" * 500, "is too long for a tag"),
        ("tags", "\ufdfa" * 60, "is too long for a tag"),
        ("tags", ", ".join(map(str, range(200))), "100 are the most"),
        ("subjects", '["medtop:20000601"]', "is no code with its scheme"),
        ("subjects", '{"a": 1}', "is no code with its scheme"),
        ("subjects", "20000601", "is no code with its scheme"),
        ("urgency", "1" + "0" * 40, "Ensure this value is less than or equal to"),
        ("urgency", "soon", "Enter a whole number"),
        ("source", "x", "Select a valid choice"),
        ("source", "9" * 30, "Select a valid choice"),
        ("authors", "x", "is not a valid value"),
        ("places", "9" * 30, "is not a valid value"),
        ("headline", "x" * 301, "at most 300 characters"),
        ("headline", "a\x00b", "Null characters"),
        ("body", "a\x00b", "Null characters"),
        ("subjects", "a:\x00b", "Null characters"),
        ("tags", "a\x00b", "Null characters"),
        ("language", "English, please", "Write it like en"),
        ("seen_version", "", "was changed by somebody else"),
        ("seen_version", "x", "was changed by somebody else"),
        ("seen_version", "9" * 5000, "was changed by somebody else"),
        ("listings-0-channel", "x", "Select a valid choice"),
        ("listings-0-channel", "9" * 30, "Select a valid choice"),
        ("listings-0-id", "9" * 30, "Row 1 was removed by somebody else"),
        ("listings-TOTAL_FORMS", "x", "Enter a whole number"),
        ("listings-INITIAL_FORMS", "5", "Row 2 was removed by somebody else"),
        ("links-TOTAL_FORMS", "100000", "Please submit at most"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_bad_value_is_an_error_in_the_form_and_everything_typed_stays(name, value, error, draft):
    client = desk("Editor")
    before = content(draft)
    data = read_form(client, change_url(draft)) | {"teaser": "Typed in vain?", "_publish": "", name: value}
    response = client.post(change_url(draft), data)
    html = response.content.decode()
    assert response.status_code == 200
    assert error in html
    assert "Typed in vain?" in html
    assert content(draft) == before


@pytest.mark.parametrize(
    ("day", "error"),
    [
        ("9999-12-31", "No year after 2199"),
        ("0001-01-01", "No year before 1900"),
        ("soon", "Enter a valid date"),
    ],
)
def test_a_time_is_one_that_can_be_reckoned_with(day, error, draft):
    client = desk("Editor")
    for name in ("publish_at", "embargo_until", "relevant_until", "rights_until"):
        time = {f"{name}_0": day, f"{name}_1": "12:00", "_publish": ""}
        response = client.post(change_url(draft), read_form(client, change_url(draft)) | time)
        assert error in response.content.decode()


@pytest.mark.parametrize("button", ["_publish", "_update", "_correct", "_continue", "_save", "_kill", "_x"])
def test_an_empty_post_is_no_crash(button, draft, public):
    client = desk()
    for story in (draft, public):
        before = content(story)
        assert client.post(change_url(story), {button: ""}).status_code == 200
        assert content(story) == before
    assert client.post(ADD, {button: ""}).status_code == 200


def test_a_code_that_the_wire_sent_stays_whatever_its_form(draft):
    draft.subjects = ["04000000", "a b"]
    draft.save()
    client = desk("Reporter")
    data = read_form(client, change_url(draft)) | {"teaser": "New", "_continue": ""}
    assert client.post(change_url(draft), data).status_code == 302
    draft.refresh_from_db()
    assert (draft.teaser, draft.subjects) == ("New", ["04000000", "a b"])


def test_the_wire_identity_is_to_look_at(draft):
    assert not {"provider", "guid", "wire_version"} & set(read_form(desk("Chief editor"), change_url(draft)))


# -- Publishing ------------------------------------------------------------------


def test_an_editor_publishes_with_the_button(draft):
    client = desk("Editor")
    data = read_form(client, change_url(draft)) | {"teaser": "At last", "_publish": ""}
    response = client.post(change_url(draft), data, follow=True)
    assert "Published. “Ferry runs again” is now: Published." in response.content.decode()
    draft.refresh_from_db()
    assert (draft.state, draft.teaser) == ("published", "At last")
    assert draft.versions.get().content["teaser"] == "At last"
    assert Act.objects.get().by_name == "Editor"


def test_an_editor_writes_and_publishes_in_one_go(channel):
    client = desk("Editor")
    data = read_form(client, ADD) | {
        "headline": "Ferry runs again",
        "body": "<p>It runs.</p>",
        "tags": "ferries",
        "listings-0-channel": channel.pk,
        "listings-0-primary": "on",
        "_publish": "",
    }
    assert client.post(ADD, data).status_code == 302
    assert Story.objects.get().versions.get().content["tags"] == ["ferries"]


def test_an_update_and_a_correction_are_versions_and_the_correction_has_a_note(public):
    client = desk("Editor")
    data = read_form(client, change_url(public)) | {"body": "<p>Lorries too.</p>", "_update": ""}
    assert client.post(change_url(public), data).status_code == 302
    data = read_form(client, change_url(public)) | {"headline": "Bridge is open", "_correct": ""}
    assert "Tell readers what was wrong" in client.post(change_url(public), data).content.decode()
    data |= {"correction_note": "It opened a day before.", "correction_kind": "clarification"}
    assert client.post(change_url(public), data).status_code == 302
    assert [version.kind for version in public.versions.all()] == ["correction", "update", "original"]
    assert public.corrections.get().kind == "clarification"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"headline": ""}, "This field is required"),
        ({"body": ""}, "It has no body"),
        ({"body": "<script>x()</script>"}, "It has no body"),
        ({"listings-0-DELETE": "on"}, "List the story in a channel before you publish it"),
        ({"listings-0-primary": None}, "Mark one channel as primary"),
        ({"rights_until_0": "2001-01-01", "rights_until_1": "00:00"}, "The right to show it has run out"),
    ],
)
def test_what_cannot_be_published_stays_a_draft_with_the_reason_in_the_form(change, error, draft):
    client = desk("Editor")
    before = content(draft)
    data = read_form(client, change_url(draft)) | {"teaser": "Typed", "_publish": ""} | change
    html = client.post(
        change_url(draft), {key: value for key, value in data.items() if value is not None}
    ).content.decode()
    assert error in html
    assert "Typed" in html
    assert content(draft) == before


def test_a_story_is_not_published_on_a_site_that_the_contract_excludes(draft):
    source = make_source(all_sites=False)
    source.sites.add(make_site("sister.test").site_ptr)
    client = desk("Editor")
    data = read_form(client, change_url(draft)) | {"source": source.pk, "_publish": ""}
    html = client.post(change_url(draft), data).content.decode()
    assert "The contract with MWS Wire does not let Main carry it" in html
    assert content(draft)["state"] == "draft"


@pytest.mark.parametrize("change", [{"headline": "New"}, {"tags": "new"}, {"links-0-title": "New"}])
def test_a_plain_save_does_not_change_what_readers_see(change, public):
    client = desk("Editor")
    before = content(public)
    html = client.post(
        change_url(public), read_form(client, change_url(public)) | change | {"_continue": ""}
    ).content.decode()
    assert "press “Publish update” or “Publish correction”" in html
    assert "New" in html or "new" in html
    assert content(public) == before


@pytest.mark.parametrize("button", ["_update", "_correct"])
def test_a_draft_is_not_updated_nor_corrected(button, draft):
    client = desk("Editor")
    data = read_form(client, change_url(draft)) | {"correction_note": "A note", button: ""}
    assert "is not possible: the story is draft" in client.post(change_url(draft), data).content.decode()
    assert content(draft)["state"] == "draft"


def test_publish_pressed_twice_publishes_once(draft):
    client = desk("Editor")
    data = read_form(client, change_url(draft)) | {"_publish": ""}
    client.post(change_url(draft), data)
    assert client.post(change_url(draft), data).status_code == 200
    assert client.post(change_url(draft), data | {"seen_version": "2"}).status_code == 200
    assert draft.versions.count() == 1


# -- Two at once -----------------------------------------------------------------


def test_the_second_of_two_editors_gets_the_form_back_with_all_that_was_typed(draft):
    first, second = desk("Editor", "first"), desk("Editor", "second")
    data = read_form(second, change_url(draft))
    first.post(
        change_url(draft),
        read_form(first, change_url(draft)) | {"body": "<p>The first.</p>", "_continue": ""},
    )
    typed = data | {
        "body": "<p>The second.</p>",
        "tags": "second",
        "links-TOTAL_FORMS": "1",
        "links-0-title": "Pier",
        "links-0-position": "0",
        "links-0-story": draft.pk,
        "_publish": "",
    }
    response = second.post(change_url(draft), typed)
    html = response.content.decode()
    assert "was changed by somebody else since you opened it" in html
    for words in ("&lt;p&gt;The second.&lt;/p&gt;", 'value="second"', 'value="Pier"'):
        assert words in html
    assert "<ins>first" in html  # and theirs, to compare
    assert content(draft)["body"] == "<p>The first.</p>"
    assert not draft.tags.exists()
    assert not draft.links.exists()
    # Having compared, the second decides.
    assert second.post(change_url(draft), Form(html).data | {"_publish": ""}).status_code == 302
    assert content(draft)["body"] == "<p>The second.</p>"


@pytest.mark.parametrize("button", ["_continue", "_publish", "_update", "_correct"])
def test_a_save_between_the_check_and_the_update_is_not_overwritten(button, draft, public, monkeypatch):
    story = draft if button in ("_continue", "_publish") else public
    client = desk("Editor")
    data = read_form(client, change_url(story)) | {
        "body": "<p>The second.</p>", "tags": "second", "correction_note": "A note", button: "",
    }  # fmt: skip
    check = StoryForm._post_clean

    def overtaken(form):
        check(form)
        Story.objects.filter(pk=story.pk, version=int(data["seen_version"])).update(
            version=9, body="<p>The first.</p>"
        )

    monkeypatch.setattr(StoryForm, "_post_clean", overtaken)
    response = client.post(change_url(story), data)
    html = response.content.decode()
    assert response.status_code == 200
    assert "was changed by somebody else since you opened it" in html
    assert "&lt;p&gt;The second.&lt;/p&gt;" in html
    assert content(story)["body"] == "<p>The first.</p>"
    assert content(story)["tags"] == []
    assert not Correction.objects.exists()


def test_two_who_move_a_public_story_do_not_overwrite_each_other(public, channel):
    first, second = desk("Editor", "first"), desk("Editor", "second")
    data = read_form(second, change_url(public))
    other = make_channel(channel.site, "Ice")
    add = {"listings-1-channel": other.pk, "_continue": ""}
    assert first.post(change_url(public), read_form(first, change_url(public)) | add).status_code == 302
    html = second.post(change_url(public), data | {"listings-0-DELETE": "on", **add}).content.decode()
    assert "was changed by somebody else" in html
    assert public.listings.count() == 2


@pytest.mark.parametrize("act", ["kill", "publish"])
def test_who_may_not_save_any_more_gets_back_what_they_typed(act, draft, public):
    story, group = (public, "Editor") if act == "kill" else (draft, "Reporter")
    client = desk(group)
    typed = read_form(client, change_url(story)) | {"body": "<p>An hour's work.</p>", "_continue": ""}
    getattr(publishing, act)(Story.objects.get(pk=story.pk), by_name="The suite", reason="So it is")
    before = content(story)
    response = client.post(change_url(story), typed)
    assert response.status_code == 403
    assert "&lt;p&gt;An hour&#x27;s work.&lt;/p&gt;" in response.content.decode()
    assert content(story) == before


# -- Who may what ----------------------------------------------------------------


def test_a_reporter_has_no_button_that_publishes_and_its_post_is_refused(draft):
    client = desk("Reporter")
    assert Form(client.get(change_url(draft)).content.decode()).buttons == ["_continue"]
    before = content(draft)
    data = read_form(client, change_url(draft)) | {"headline": "Mine", "_publish": ""}
    assert client.post(change_url(draft), data).status_code == 403
    assert content(draft) == before


def test_a_reporter_does_not_publish_what_is_being_added(channel):
    client = desk("Reporter")
    data = read_form(client, ADD) | {
        "headline": "Mine", "body": "<p>Mine.</p>",
        "listings-0-channel": channel.pk, "listings-0-primary": "on", "_publish": "",
    }  # fmt: skip
    assert client.post(ADD, data).status_code == 403
    assert not Story.objects.exists()


@pytest.mark.parametrize("button", ["_continue", "_save", "_publish", "_update", "_correct"])
def test_a_reporter_changes_nothing_of_a_public_story(button, public, channel):
    data = read_form(desk("Editor"), change_url(public))
    client = desk("Reporter")
    assert Form(client.get(change_url(public)).content.decode()).buttons == []
    before = content(public)
    changes = [
        {"headline": "Mine"},
        {"links-0-title": "Mine"},
        {"links-0-DELETE": "on"},
        {"listings-0-DELETE": "on"},
        {"listings-1-channel": make_channel(channel.site, "Ice").pk},
        {"correction_note": "Mine"},
    ]
    for change in changes:
        assert client.post(change_url(public), data | change | {button: ""}).status_code == 403
    assert content(public) == before


@pytest.mark.parametrize(
    ("group", "refused"),
    [
        ("Reporter", ["unpublish", "take_down", "kill", "restore"]),
        ("Editor", ["unpublish", "take_down", "kill", "restore"]),
        ("Chief editor", []),
    ],
)
def test_the_pages_of_the_acts_are_open_to_who_has_the_right(group, refused, public):
    client = desk(group)
    for verb in ("unpublish", "take_down", "kill", "restore"):
        assert client.get(act_url(public, verb)).status_code == (403 if verb in refused else 200)
        if verb in refused:
            assert client.post(act_url(public, verb), {"reason": "Mine"}).status_code == 403
    assert content(public)["state"] == "published"


@pytest.mark.parametrize("verb", ["publish", "update", "correct", "x", "delete", "__class__"])
def test_there_is_no_page_for_other_words(verb, public):
    assert desk().post(act_url(public, verb), {"reason": "Mine"}).status_code == 404


def test_there_is_no_act_on_a_story_that_is_not_there():
    assert desk().post(f"/admin/articles/story/{'9' * 30}/act/kill/", {"reason": "Mine"}).status_code == 404


def test_nobody_deletes_a_story(draft):
    client = desk()
    assert client.post(f"/admin/articles/story/{draft.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": [draft.pk], "post": "yes"})
    assert Story.objects.count() == 1


@pytest.mark.parametrize("group", ["Reporter", "Editor", "Chief editor"])
def test_only_a_chief_editor_changes_a_contract(group, channel):
    source = make_source()
    publish(channel, source=source)
    client = desk(group)
    url = f"/admin/articles/source/{source.pk}/change/"
    data = read_form(desk(), url) | {"text_days": "30"}
    allowed = group == "Chief editor"
    assert client.post(url, data).status_code == (302 if allowed else 403)
    assert Story.objects.filter(contract_until__isnull=not allowed).count() == 1


@pytest.mark.parametrize("days", ["99999999", "9" * 30, "-1", "0", "x"])
def test_a_contract_has_no_days_that_cannot_be_counted(days):
    source = make_source()
    client = desk("Chief editor")
    url = f"/admin/articles/source/{source.pk}/change/"
    for change in ({"text_days": days}, {"sites": ["9" * 30]}):
        assert client.post(url, read_form(client, url) | change).status_code == 200
    source.refresh_from_db()
    assert source.text_days is None


def test_records_are_to_look_at(public):
    publishing.correct(public, note="A note", by_name="The suite")
    publishing.kill(public, reason="A mistake", by_name="The suite")
    client = desk()
    for record in (
        Act.objects.first(),
        Correction.objects.get(),
        Withdrawal.objects.get(),
        public.versions.first(),
    ):
        url = reverse(f"admin:articles_{record._meta.model_name}_change", args=[record.pk])
        assert client.get(url).status_code == 200
        assert client.post(url, {"by_name": "Me"}).status_code == 403
        assert client.post(url.replace("change", "delete"), {"post": "yes"}).status_code == 403


# -- Acts ------------------------------------------------------------------------


def test_a_reporter_hands_in_and_an_editor_takes_back(draft):
    assert desk("Reporter").post(act_url(draft, "submit"), {"reason": ""}).status_code == 302
    assert content(draft)["state"] == "ready"
    assert desk("Editor").post(act_url(draft, "reopen"), {"reason": "Too long"}).status_code == 302
    assert content(draft)["state"] == "draft"


@pytest.mark.parametrize(
    ("group", "withdrawn", "words"),
    [("Reporter", False, "what is published is changed by who may publish."),
     ("Chief editor", True, "“Restore to the desk” opens it."), ("Editor", False, "")],
)  # fmt: skip
def test_a_form_that_is_shut_says_why(group, withdrawn, words, public):
    if withdrawn:
        publishing.unpublish(public, reason="Dull", by_name="The suite")
    assert desk(group).get(change_url(public)).context["closed"].partition(": ")[2] == words


def test_the_log_says_what_an_editor_changed_and_no_more(draft):
    client = desk("Reporter")
    changed = {"teaser": "The lock is mended.", "tags": "Ferries", "_continue": ""}
    client.post(change_url(draft), read_form(client, change_url(draft)) | changed)
    entry = LogEntry.objects.get()
    assert entry.get_change_message() == "Changed Teaser and Tags."


def test_a_page_of_an_act_says_what_it_will_do(draft, public):
    client = desk("Chief editor")
    for story, verb, words in (
        (draft, "spike", "“Back to draft” brings it back"),
        (draft, "kill", "Readers have never seen it"),
        (public, "unpublish", "At once readers find a notice at its address"),
        (public, "kill", "a withdrawal that is mandatory"),
    ):
        assert words in client.get(act_url(story, verb)).content.decode()


@pytest.mark.parametrize(
    ("verb", "words"), [("submit", "Handed in. “"), ("spike", "Spiked. “"), ("kill", "Killed. “")]
)
def test_it_is_said_what_was_done(verb, words, draft):
    typed = {"reason": "The court says so"}
    assert words in desk().post(act_url(draft, verb), typed, follow=True).content.decode()


def test_a_publication_for_later_is_said_to_be_scheduled(draft):
    client = desk("Editor")
    later = {"publish_at_0": "2100-01-09", "publish_at_1": "14:00", "_publish": ""}
    html = client.post(change_url(draft), read_form(client, change_url(draft)) | later, follow=True)
    assert "Scheduled. “" in html.content.decode()


def test_a_kill_has_a_reason_and_a_notice_and_twice_is_as_once(public):
    client = desk("Chief editor")
    assert "This field is required" in client.post(act_url(public, "kill"), {"reason": " "}).content.decode()
    typed = {"reason": "The court says so", "notice": "Withdrawn by order of a court.", "headline": "A story"}
    for _ in range(2):
        html = client.post(act_url(public, "kill"), typed, follow=True).content.decode()
        assert "is now: Withdrawn" in html
    withdrawal = Withdrawal.objects.get()
    assert (withdrawal.kind, withdrawal.notice, withdrawal.headline) == ("kill", typed["notice"], "A story")
    assert withdrawal.by_name == "Chief editor"


def test_a_chief_editor_restores_and_an_editor_publishes_again(public):
    chief, editor = desk("Chief editor"), desk("Editor")
    chief.post(act_url(public, "take_down"), {"reason": "Asked for"})
    assert Form(editor.get(change_url(public)).content.decode()).buttons == []
    assert chief.post(act_url(public, "restore"), {"reason": "A mistake"}).status_code == 302
    assert content(public)["state"] == "ready"
    data = read_form(editor, change_url(public)) | {"_publish": ""}
    assert editor.post(change_url(public), data).status_code == 302
    assert content(public)["state"] == "published"


def test_an_act_that_the_state_forbids_is_an_error_on_its_page(draft):
    html = desk("Chief editor").post(act_url(draft, "restore"), {"reason": "Why not"}).content.decode()
    assert "is not possible: the story is draft" in html
    assert "Why not" in html


# -- Pictures and tags -------------------------------------------------------------


def png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (4, 3), "navy").save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def picture(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return Picture.objects.create(file=SimpleUploadedFile("ferry.png", png()), alt_text="A ferry")


@pytest.mark.parametrize(
    ("name", "bytes_"),
    [
        ("a.png", b"no image"),
        ("a.png", b""),
        ("a.svg", b"<svg onload='x()'/>"),
        ("a.html", b"<p>"),
    ],
)
def test_a_picture_that_is_no_image_is_an_error_in_the_form(name, bytes_):
    data = {"alt_text": "A ferry", "credit": "Own", "file": SimpleUploadedFile(name, bytes_)}
    response = desk("Reporter").post("/admin/articles/picture/add/", data)
    assert response.status_code == 200
    assert response.context["adminform"].form.errors["file"]
    assert not Picture.objects.exists()


def test_a_reporter_adds_a_picture_and_changes_it_until_readers_see_it(picture, channel):
    client = desk("Reporter")
    url = f"/admin/articles/picture/{picture.pk}/change/"
    story = make_story(channel, picture=picture)
    assert client.post(url, {"alt_text": "The ferry", "credit": "Own"}).status_code == 302
    publishing.publish(story, by_name="The suite")
    assert client.post(url, {"alt_text": "Mine"}).status_code == 403
    assert desk("Editor").post(url, {"alt_text": "The old ferry", "credit": "Own"}).status_code == 302
    picture.refresh_from_db()
    assert (picture.alt_text, picture.width) == ("The old ferry", 4)


def test_a_tag_is_made_with_a_name_alone_and_once():
    client = desk("Reporter")
    url = "/admin/articles/tag/add/"
    assert client.post(url, {"name": "Straße"}).status_code == 302
    assert "There is the tag “Straße” already" in client.post(url, {"name": "STRASSE"}).content.decode()
    assert "is too long for a tag" in client.post(url, {"name": "\ufdfa" * 60}).content.decode()
    assert Tag.objects.get().slug == "straße"


def test_a_row_that_no_table_can_have_is_a_bad_request():
    for model in ("tag", "source"):
        data = {"action": "delete_selected", "_selected_action": ["x"], "post": "yes"}
        assert desk("", model).post(f"/admin/articles/{model}/", data).status_code == 400
