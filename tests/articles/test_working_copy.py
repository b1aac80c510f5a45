"""Changes to a published story that readers do not see until an editor publishes them."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from articles import publishing
from articles.models import Author, Place, RelatedLink, Story, WorkingCopy
from articles.models.stories import StaleVersion
from articles.publishing import ForbiddenAct
from articles.working_copy import discard, restore_text, save_aside, take_over, with_working_copy
from tests.articles.test_admin import Form, change_url, content, desk, read_form
from tests.factories import make_channel, make_site, make_source, make_story, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel():
    return make_channel(make_site(is_default=True))


@pytest.fixture
def chief():
    return User.objects.create(username="chief", first_name="Ana", last_name="Ruiz", is_superuser=True)


@pytest.fixture
def public(channel):
    story = publish(
        channel, headline="Bridge opens", body="<p>The bridge is open.</p>\n<p>Cars may cross.</p>"
    )
    RelatedLink.objects.create(story=story, title="Harbour office", url="https://harbour.example/")
    return story


def send(client, story, button, **changes):
    data = read_form(client, change_url(story)) | changes | {button: ""}
    return client.post(change_url(story), data, follow=True)


# -- Its content -------------------------------------------------------------------


def test_a_story_with_a_working_copy_says_all_that_was_saved_and_the_story_itself_nothing(public, chief):
    said = {
        **public.snapshot(),
        "headline": "Bridge closes again",
        "source": make_source().pk,
        "publish_at": "2026-03-03T12:00:00.123456+00:00",
        "dateline_date": "2026-03-03",
        "subjects": ["medtop:20000601"],
        "tags": ["Bridges", "Oslo, Norway"],
        "authors": [Author.objects.create(name="Ada Quill").name],
        "places": sorted(
            str(Place.objects.create(name=name, country=country))
            for name, country in (("Oslo", "Norway"), ("Long Bay, West", ""), ("Long Bay", "West, Far"))
        ),
        "links": [{"title": "B", "url": ""}, {"title": "A", "url": "https://a.example/"}],
    }
    for name in said["tags"]:
        make_story().tags.add(name)
    Place.objects.create(name="Oslo")
    before = content(public)
    save_aside(public, said, chief)
    carrier = with_working_copy(Story.objects.get(pk=public.pk))
    # PostgreSQL and SQLite both give times back with the offset of UTC.
    assert carrier.snapshot() == said
    assert (carrier.state, carrier.live.headline) == ("published", "Bridge opens")
    assert content(public) == before


def test_without_a_working_copy_the_story_is_itself(public):
    assert with_working_copy(public) is public
    assert public.live is public


def test_saving_aside_is_refused_once_somebody_else_has_saved(public, chief):
    one, other = (Story.objects.get(pk=public.pk) for _ in range(2))
    save_aside(one, {**one.snapshot(), "headline": "The first"}, chief)
    with pytest.raises(StaleVersion):
        save_aside(other, {**other.snapshot(), "headline": "The second"}, chief)
    with pytest.raises(StaleVersion):
        discard(other, chief)
    assert WorkingCopy.objects.get().content["headline"] == "The first"


def test_a_draft_has_no_working_copy(chief):
    story = make_story()
    with pytest.raises(ForbiddenAct, match="save it as it is"):
        save_aside(story, story.snapshot(), chief)


def test_who_may_not_publish_saves_nothing_aside_and_discards_nothing(public, chief):
    save_aside(public, public.snapshot(), chief)
    reporter = User.objects.create(username="reporter")
    for act in (discard, lambda story, by: save_aside(story, story.snapshot(), by)):
        with pytest.raises(PermissionDenied):
            act(public, reporter)
    assert WorkingCopy.objects.exists()


@pytest.mark.parametrize("act", ["update", "correct"])
def test_nobody_publishes_over_changes_that_were_set_aside(act, public, chief):
    save_aside(public, {**public.snapshot(), "headline": "Half done"}, chief)
    with pytest.raises(ForbiddenAct, match="Ana Ruiz has saved changes"):
        getattr(publishing, act)(
            Story.objects.get(pk=public.pk), by=chief, **({"note": "x"} if act == "correct" else {})
        )
    assert WorkingCopy.objects.exists()
    assert public.versions.count() == 1


def test_what_the_story_takes_over_is_published_whole(public, chief):
    make_story().tags.add("bridges")
    links = [{"title": "New", "url": ""}]
    save_aside(public, {**public.snapshot(), "headline": "New", "tags": ["bridges"], "links": links}, chief)
    story = with_working_copy(Story.objects.get(pk=public.pk))
    take_over(story)
    publishing.update(story, by=chief)
    version = public.versions.first().content
    assert (version["headline"], version["tags"], version["links"]) == ("New", ["bridges"], links)
    assert not WorkingCopy.objects.exists()


def test_a_withdrawal_keeps_the_changes_for_the_day_the_story_comes_back(public, chief):
    save_aside(public, {**public.snapshot(), "headline": "Half done"}, chief)
    publishing.unpublish(public, reason="x", by=chief)
    publishing.restore(public, reason="x", by=chief)
    client = desk()
    form = read_form(client, change_url(public))
    assert form["headline"] == "Half done"
    send(client, public, "_publish")
    public.refresh_from_db()
    assert (public.headline, public.state) == ("Half done", "published")
    assert not WorkingCopy.objects.exists()


# -- An old text again ----------------------------------------------------------------


@pytest.fixture
def version(public):
    """The first, of a story that has been changed in all ways since."""
    first = public.versions.get()
    public.headline, public.wire_version = "Bridge closes", "9"
    public.tags.add("closed")
    public.links.all().delete()
    publishing.update(public, by_name="The suite")
    return first


def test_an_old_text_of_a_published_story_comes_back_beside_it(public, version, chief):
    before = content(public)
    restore_text(public, version, chief)
    carrier = with_working_copy(Story.objects.get(pk=public.pk))
    assert (carrier.headline, carrier.wire_version, list(carrier.tags.all())) == ("Bridge opens", "9", [])
    assert content(public) == before


def test_an_old_text_of_a_draft_comes_back_in_it(public, version, chief):
    publishing.unpublish(public, reason="x", by=chief)
    with pytest.raises(ForbiddenAct, match="restore it to the desk first"):
        restore_text(public, version, chief)
    publishing.restore(public, reason="x", by=chief)
    restore_text(public, version, chief)
    story = Story.objects.get(pk=public.pk)
    assert (story.headline, story.wire_version, list(story.tags.names())) == ("Bridge opens", "9", [])
    assert public.version == story.version
    assert story.snapshot()["links"] == version.content["links"]


# -- In the form ------------------------------------------------------------------------


def test_an_editor_saves_changes_another_goes_on_with_them_and_publishes(public):
    first, second = desk("Editor", "first"), desk("Editor", "second")
    author = Author.objects.create(name="Ada Quill")
    before = content(public)
    changes = {
        "headline": "Bridge closes", "tags": "bridges", "authors": [str(author.pk)],
        "links-0-title": "Port office", "links-TOTAL_FORMS": "2", "links-1-title": "Pier",
        "links-1-position": "1",
    }  # fmt: skip
    html = send(first, public, "_aside", **changes).content.decode()
    assert "Saved; readers see nothing of it yet. “Bridge closes” is now: Published." in html
    assert content(public) == before

    html = second.get(change_url(public)).content.decode()
    assert "These are changes that first saved on" in html
    assert f"http://main.test/story/{public.pk}/bridge-opens/" in html
    form = Form(html).data
    assert {name: form[name] for name in changes if name != "links-TOTAL_FORMS"} == {
        name: changes[name] for name in changes if name != "links-TOTAL_FORMS"
    }
    send(second, public, "_update", **{"teaser": "At last", "links-0-DELETE": "on"})
    now = content(public)
    assert (now["headline"], now["teaser"], now["tags"], now["authors"], now["links"]) == (
        "Bridge closes",
        "At last",
        ["bridges"],
        ["Ada Quill"],
        [{"title": "Pier", "url": ""}],
    )
    assert not WorkingCopy.objects.exists()
    version = public.versions.first()
    assert (version.number, version.content["tags"]) == (2, ["bridges"])


@pytest.mark.parametrize("button", ["_aside", "_update"])
def test_changes_that_were_saved_and_opened_again_come_back_to_the_letter(button, public):
    client = desk("Editor")
    send(client, public, "_aside", headline="Bridge closes", tags='bridges, "Oslo, Norway"')
    before = WorkingCopy.objects.get().content
    send(client, public, button)
    saved = WorkingCopy.objects.first()
    assert (saved.content if saved else Story.objects.get(pk=public.pk).snapshot()) == before


def test_the_channels_alone_are_saved_beside_changes_and_change_nothing_of_them(public, channel):
    client = desk("Editor")
    send(client, public, "_aside", headline="Bridge closes", tags="bridges")
    before, aside = content(public), WorkingCopy.objects.get().content
    ice = make_channel(channel.site, "Ice")
    html = send(client, public, "_continue", **{"listings-1-channel": ice.pk}).content.decode()
    assert "Channels saved." in html
    assert {**content(public), "listings": ""} == {**before, "listings": ""}
    assert public.listings.count() == 2
    assert WorkingCopy.objects.get().content == aside


def test_channels_are_not_saved_aside(public, channel):
    client = desk("Editor")
    ice = make_channel(channel.site, "Ice")
    html = send(client, public, "_aside", headline="New", **{"listings-1-channel": ice.pk}).content.decode()
    assert "Readers see channels at once" in html
    assert Form(html).data["headline"] == "New"
    assert not WorkingCopy.objects.exists()


def test_changes_are_discarded_on_a_page_that_shows_them(public):
    client = desk("Editor")
    url = f"/admin/articles/story/{public.pk}/discard/"
    assert client.get(url).status_code == 404
    public.links.update(position=7)
    send(client, public, "_aside", headline="Bridge closes")
    html = client.get(url).content.decode()
    assert "Related links</h2>" not in html  # their order is what counts, not the numbers
    assert "Bridge <del>opens</del><ins>closes</ins>" in html
    stale = Form(html).data
    send(client, public, "_aside", headline="Bridge shuts")
    html = client.post(url, stale).content.decode()
    assert "was changed by somebody else" in html
    assert client.post(url, Form(html).data).status_code == 302
    assert not WorkingCopy.objects.exists()
    assert read_form(client, change_url(public))["headline"] == "Bridge opens"


def test_a_reporter_discards_nothing(public, chief):
    save_aside(public, public.snapshot(), chief)
    url = f"/admin/articles/story/{public.pk}/discard/"
    assert desk("Reporter").post(url, {"seen_version": public.version + 1}).status_code == 403
    assert WorkingCopy.objects.exists()


def test_a_draft_is_not_saved_aside_by_a_forged_button(channel):
    story = make_story(channel)
    html = send(desk("Editor"), story, "_aside", headline="Mine").content.decode()
    assert "has no changes set aside" in html
    assert content(story)["headline"] == story.headline
