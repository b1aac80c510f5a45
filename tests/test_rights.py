"""Each of the desk tries everything, here and in a channel that is not theirs, by the pages and past them."""

from io import BytesIO
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.contrib.flatpages.models import FlatPage
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from articles import publishing
from articles.models import Picture, Presence, Source, Story, Tag
from newsportal.editors import EditorBackend
from sections import curation
from sections.desk_story import ListedStoryAdmin
from sections.models import Block, Channel, Listing, Remit, Slot
from sections.rights import remit_of
from tests.articles.test_admin import ADD, Form, act_url, change_url, desk, make_groups, read_form
from tests.factories import make_block, make_channel, make_site, make_source, make_story, publish
from tests.sections.test_admin import COPY, COPY_URL
from tests.wires.test_intake import message
from wires.intake import receive
from wires.models import Dispatch, Feed, Likeness, WireCopy

pytestmark = pytest.mark.django_db

# Who: their group, and the part of the network that is theirs.
CAST = {
    "a reporter": ("Reporter", "channel"),
    "an editor": ("Editor", "channel"),
    "a site's chief": ("Chief editor", "site"),
    "the chief editor": ("Chief editor", None),
}


@pytest.fixture
def scene(settings, tmp_path):
    """Two sites: "own" is where those with a remit may act, "other" is not theirs."""
    settings.MEDIA_ROOT = tmp_path
    site, sister = make_site(is_default=True), make_site("sister.test")
    own, other = make_channel(site), make_channel(sister, "Moon", "ORBIT")
    return SimpleNamespace(site=site, sister=sister, own=own, other=other, root=desk())


def person(who: str, scene) -> Client:
    group, place = CAST[who]
    if not Group.objects.exists():
        make_groups()
    user = User.objects.create(username=who, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    if place:
        remit = Remit.objects.create(user=user)
        remit.channels.set([scene.own] if place == "channel" else [])
        remit.sites.set([scene.site] if place == "site" else [])
    client = Client()
    client.force_login(user)
    return client


def database() -> dict:
    """All rows of the portal: what a refused attempt leaves as it was."""
    models = [*(apps.get_app_config(app).get_models() for app in ("articles", "sections", "wires"))]
    rows = {model: list(model.objects.order_by("pk").values()) for part in models for model in part}
    del rows[Presence]  # of who only looks at a form, too
    for model, name in ((FlatPage, "sites"), (Source, "sites"), (Remit, "channels"), (Remit, "sites")):
        rows[model, name] = sorted(getattr(model, name).through.objects.values_list())
    return rows | {FlatPage: list(FlatPage.objects.values())}


# -- Acts -------------------------------------------------------------------------------

DESK_WORK = {"submit", "reopen", "spike", "mark_advisory"}
TO_READERS = {"publish", "update", "correct"}
FROM_READERS = {"unpublish", "take_down", "kill", "restore"}

MAY = {
    ("a reporter", "own"): DESK_WORK,
    ("a reporter", "other"): set(),
    ("an editor", "own"): DESK_WORK | TO_READERS,
    ("an editor", "other"): set(),
    ("a site's chief", "own"): DESK_WORK | TO_READERS | FROM_READERS,
    ("a site's chief", "other"): set(),
    ("the chief editor", "own"): DESK_WORK | TO_READERS | FROM_READERS,
    ("the chief editor", "other"): DESK_WORK | TO_READERS | FROM_READERS,
}

# The states in which an act changes something.
POSSIBLE = {
    "submit": {"draft"},
    "reopen": {"ready", "spiked", "advisory"},
    "spike": {"draft", "ready", "advisory"},
    "mark_advisory": {"draft", "ready"},
    "publish": {"draft", "ready"},
    "update": {"published"},
    "correct": {"published"},
    "unpublish": {"published"},
    "take_down": {"published", "withdrawn"},  # the graver of two withdrawals
    "kill": {"draft", "ready", "published", "withdrawn", "spiked", "advisory"},
    "restore": {"withdrawn"},
}
STATES = sorted(POSSIBLE["kill"])
LEADS_TO = {"ready": "submit", "spiked": "spike", "advisory": "mark_advisory", "published": "publish"}


def story_in(state: str, channel: Channel) -> Story:
    story = make_story(channel)
    if state == "withdrawn":
        publishing.publish(story, by_name="The suite")
        publishing.unpublish(story, reason="Dull", by_name="The suite")
    elif state != "draft":
        getattr(publishing, LEADS_TO[state])(story, by_name="The suite")
    return Story.objects.get(pk=story.pk)


def attempt(client: Client, root: Client, story: Story, verb: str):
    """By direct POST, with what a form of somebody with every right would send."""
    if verb not in TO_READERS:
        return client.post(act_url(story, verb), {"reason": "So it is"})
    data = read_form(root, change_url(story)) | {"correction_note": "A note", f"_{verb}": ""}
    return client.post(change_url(story), data)


def test_the_table_of_acts_is_whole():
    assert set(POSSIBLE) == set(publishing.Verb.values)
    assert set(STATES) == set(Story.State.values)


@pytest.mark.parametrize("verb", POSSIBLE)
@pytest.mark.parametrize(("who", "where"), MAY)
def test_an_act_is_done_by_whoever_has_the_right_where_the_story_stands(who, where, verb, scene):
    client, has_right = person(who, scene), verb in MAY[who, where]
    for state in STATES:
        story = story_in(state, getattr(scene, where))
        before = database()
        response = attempt(client, scene.root, story, verb)
        done = story.acts.filter(verb=verb, by__username=who).count()
        assert done == (has_right and state in POSSIBLE[verb]), state
        assert (response.status_code == 403) == (not has_right) or state not in POSSIBLE[verb], state
        if not done and not (has_right and verb in TO_READERS):
            assert database() == before, state


@pytest.mark.parametrize(("who", "where"), MAY)
def test_the_page_of_a_story_offers_what_would_be_done(who, where, scene):
    client = person(who, scene)
    for state in STATES:
        story = story_in(state, getattr(scene, where))
        html = client.get(change_url(story)).content.decode()
        offered = {verb for verb in POSSIBLE if act_url(story, verb) in html}
        offered |= {name.removeprefix("_") for name in Form(html).buttons} - {"continue"}
        expected = {verb for verb in MAY[who, where] if state in POSSIBLE[verb]}
        if state == "withdrawn":
            expected -= {"take_down"}
        if "update" in expected:
            expected.add("aside")
        assert offered == expected, state


@pytest.mark.parametrize("verb", POSSIBLE)
def test_the_acts_themselves_refuse_whatever_calls_them(verb, scene):
    person("a site's chief", scene)
    chief = User.objects.get(username="a site's chief")
    story = story_in(sorted(POSSIBLE[verb])[0], scene.other)
    before = database()
    with pytest.raises(PermissionDenied, match="where the story stands"):
        getattr(publishing, verb)(
            story, by=chief, reason="Mine", **({"note": "A note"} if verb == "correct" else {})
        )
    assert database() == before


def test_an_act_goes_by_the_channel_that_the_story_has_when_it_is_done(scene):
    """Not by the one that it had when its page was read."""
    person("an editor", scene)
    story = Story.objects.prefetch_related("listings").get(pk=make_story(scene.own).pk)
    Listing.objects.filter(story=story).update(channel=scene.other)
    with pytest.raises(PermissionDenied):
        publishing.publish(story, by=User.objects.get(username="an editor"))


# -- Everything else --------------------------------------------------------------------


def png() -> SimpleUploadedFile:
    file = BytesIO()
    Image.new("RGB", (4, 3), "navy").save(file, "PNG")
    return SimpleUploadedFile("ferry.png", file.getvalue())


def page(model: str, row=None, act: str = "change") -> str:
    app = "articles" if model in ("tag", "source", "picture", "author", "place") else "sections"
    app = {"feed": "wires", "wirecopy": "wires", "flatpage": "flatpages"}.get(model, app)
    return f"/admin/{app}/{model}/" + ("add/" if row is None else f"{row.pk}/{act}/")


def save(client, scene, address: str, **changes):
    return client.post(address, read_form(scene.root, address) | {"_continue": ""} | changes)


def edit(where):
    return lambda client, scene: save(
        client, scene, change_url(make_story(getattr(scene, where, None))), headline="Mine"
    )


def add_story(where):
    return lambda client, scene: save(
        client, scene, ADD, headline="Mine", body="<p>Mine.</p>",
        **{"listings-0-channel": getattr(scene, where).pk, "listings-0-primary": "on"},
    )  # fmt: skip


def relist(state, start, goal):
    """Moves the primary listing of a story from a channel to another."""
    return lambda client, scene: save(
        client, scene, change_url(story_in(state, getattr(scene, start))),
        **{"listings-0-channel": getattr(scene, goal).pk},
    )  # fmt: skip


def list_also(state, where, also):
    return lambda client, scene: save(
        client, scene, change_url(story_in(state, getattr(scene, where))),
        **{"listings-1-channel": getattr(scene, also).pk},
    )  # fmt: skip


def file_copy(where):
    return lambda client, scene: client.post(COPY_URL, {"channel": getattr(scene, where).pk, "copy": COPY})


def change_block(where):
    return lambda client, scene: save(
        client, scene, page("block", make_block(getattr(scene, where))), label="Mine"
    )


def move_block(start, field, goal):
    return lambda client, scene: save(
        client, scene, page("block", make_block(getattr(scene, start))),
        **{"channel": "", field: getattr(scene, goal).pk},
    )  # fmt: skip


def add_block(where):
    return lambda client, scene: save(
        client, scene, page("block"), label="Mine", backfill="none", channel=getattr(scene, where).pk
    )


def front(scene, where: str) -> str:
    kind = "home" if where in ("site", "sister") else "channel"
    return reverse("admin:sections_front", args=[kind, getattr(scene, where).pk])


def pick_in(where):
    def act(client, scene):
        block = make_block(getattr(scene, where))
        link = {"link-block": block.pk, "link-url": "https://x.example/", "link-headline": "Mine"}
        return client.post(front(scene, where), {"link": "", **link})

    return act


def pin_in(where):
    def act(client, scene):
        channel = getattr(scene, where)
        story = {"block": make_block(channel).pk, "story": publish(channel).pk, "position": 1, "to": 1}
        return client.post(front(scene, where), {**story, "seen": Block.objects.get().version})

    return act


def act_on_pick(where, **given):
    def act(client, scene):
        slot = make_slot(where)(scene)
        seen = {"block": slot.block.pk, "slot": slot.pk, "seen": slot.block.version}
        return client.post(front(scene, where), seen | given)

    return act


def delete(model, make):
    return lambda client, scene: client.post(page(model, make(scene), "delete"), {"post": "yes"})


def make_slot(where):
    return lambda scene: Slot.objects.create(
        block=make_block(getattr(scene, where)), position=1, url="https://x.example/", headline="One"
    )


def delete_in_bulk(where):
    def act(client, scene):
        slot = make_slot(where)(scene)
        data = {"action": "delete_selected", "_selected_action": [slot.pk], "post": "yes"}
        return client.post("/admin/sections/slot/", data)

    return act


def change_slot(where):
    return lambda client, scene: save(client, scene, page("slot", make_slot(where)(scene)), headline="Mine")


def add_slot(where):
    return lambda client, scene: save(
        client, scene, page("slot"), block=make_block(getattr(scene, where)).pk, position=1,
        url="https://x.example/", headline="Mine",
    )  # fmt: skip


def change_channel(where):
    return lambda client, scene: save(client, scene, page("channel", getattr(scene, where)), title="Mine")


def move_channel(start, goal):
    return lambda client, scene: save(
        client, scene, page("channel", getattr(scene, start)), site=getattr(scene, goal).pk
    )


def add_channel(where):
    return lambda client, scene: save(
        client, scene, page("channel"), site=getattr(scene, where).pk, title="Mine", kicker="MINE"
    )


def change_site(where):
    return lambda client, scene: save(client, scene, page("site", getattr(scene, where)), name="Mine")


def add_site(client, scene):
    return save(client, scene, page("site"), domain="mine.test", name="Mine")


def words_of(*where):
    def act(client, scene):
        words = FlatPage.objects.create(url="/about/", title="About")
        words.sites.set([getattr(scene, site).site_ptr for site in where])
        return save(client, scene, page("flatpage", words), title="Mine")

    return act


def give_words(client, scene):
    words = FlatPage.objects.create(url="/about/", title="About")
    words.sites.set([scene.site.site_ptr])
    return save(client, scene, page("flatpage", words), sites=[scene.sister.pk])


def change_picture(where):
    def act(client, scene):
        picture = Picture.objects.create(file=png(), alt_text="A ferry")
        if where:
            publish(getattr(scene, where), picture=picture)
        return save(client, scene, page("picture", picture), alt_text="Mine", credit="Ada")

    return act


def add_picture(client, scene):
    return save(client, scene, page("picture"), alt_text="Mine", credit="Ada", file=png())


def change_picked_picture(client, scene):
    picture = Picture.objects.create(file=png(), alt_text="A ferry")
    Slot.objects.filter(pk=make_slot("other")(scene).pk).update(picture=picture)
    return save(client, scene, page("picture", picture), alt_text="Mine", credit="Ada")


def delete_picture_of_a_pick(client, scene):
    picture = Picture.objects.create(file=png(), alt_text="A ferry")
    Slot.objects.filter(pk=make_slot("other")(scene).pk).update(picture=picture)
    return client.post(page("picture", picture, "delete"), {"post": "yes"})


def decide(where, button, state="published"):
    def act(client, scene):
        feed = Feed.objects.create(name="knw", channel=getattr(scene, where), publish=state == "published")
        receive(message(1), "1.json", feed)
        story = Story.objects.get(guid="urn:knw:ferry")
        story.headline = "Ferry back at last"
        publishing.update(story, by_name="The suite") if state == "published" else story.save()
        receive(message(2), "2.json", feed)
        url = page("wirecopy", WireCopy.objects.get(standing="waiting"))
        client.before = database()
        return client.post(url, {button: "", "fields": ["headline", "body"]}, follow=True)

    return act


def file_what_was_killed(where):
    def act(client, scene):
        feed = Feed.objects.create(name="knw", channel=getattr(scene, where))
        receive(message(2, "canceled"), "2.json", feed)
        receive(message(3), "3.json", feed)
        url = page("wirecopy", WireCopy.objects.get(standing="waiting"))
        client.before = database()
        return client.post(url, {"_take": ""}, follow=True)

    return act


def take_again(where):
    def act(client, scene):
        feed = Feed.objects.create(name="knw", channel=getattr(scene, where))
        receive(b"no story", "broken.bin", feed)
        Dispatch.objects.update(data=message(1))
        client.before = database()
        return client.post(f"/admin/wires/dispatch/{Dispatch.objects.get().pk}/take/")

    return act


def change_feed(client, scene):
    return save(client, scene, page("feed", Feed.objects.create(name="knw", channel=scene.own)), interval="9")


def tell_apart(where):
    """Says that two stories that look alike are not the same."""

    def act(client, scene):
        one, two = make_story(getattr(scene, where)), make_story(getattr(scene, where))
        likeness = Likeness.objects.create(story=one, other=two, percent=90)
        return client.post("/admin/wires/likeness/", {"action": "dismiss", "_selected_action": [likeness.pk]})

    return act


def restore_text(where):
    def act(client, scene):
        story = story_in("withdrawn", getattr(scene, where))
        publishing.restore(story, reason="It is right", by_name="The suite")
        story.headline = "A newer text"
        story.save()
        url = f"/admin/articles/story/{story.pk}/history/1/restore/"
        return client.post(url, {"seen_version": story.version, "reason": "Better"})

    return act


def share(where):
    def act(client, scene):
        url = f"/admin/articles/story/{make_story(getattr(scene, where)).pk}/share/"
        return client.post(url, {"for_whom": "A lawyer", "days": 3})

    return act


def standing_link(where):
    link = {"links-TOTAL_FORMS": "1", "links-0-position": "0"}
    link |= {"links-0-title": "Mine", "links-0-url": "https://mine.example/"}
    return lambda client, scene: save(client, scene, page("channel", getattr(scene, where)), **link)


REPORTER, EDITOR, SITE_CHIEF, CHIEF = CAST
ALL = set(CAST)
EDITORS = {EDITOR, SITE_CHIEF, CHIEF}
CHIEFS = {SITE_CHIEF, CHIEF}
THE_CHIEF = {CHIEF}
NOBODY = set()

WHO_DOES = {
    # Stories, and where they are listed
    "edits a draft": (edit("own"), ALL),
    "edits a draft elsewhere": (edit("other"), THE_CHIEF),
    "edits a draft in no channel": (edit("none"), ALL),
    "adds a story": (add_story("own"), ALL),
    "adds a story elsewhere": (add_story("other"), THE_CHIEF),
    "files copy": (file_copy("own"), ALL),
    "files copy elsewhere": (file_copy("other"), THE_CHIEF),
    "moves a draft away": (relist("draft", "own", "other"), THE_CHIEF),
    "moves a draft here": (relist("draft", "other", "own"), THE_CHIEF),
    "moves a public story away": (relist("published", "own", "other"), THE_CHIEF),
    "moves a public story here": (relist("published", "other", "own"), THE_CHIEF),
    "lists a draft elsewhere too": (list_also("draft", "own", "other"), THE_CHIEF),
    "lists a public story elsewhere too": (list_also("published", "own", "other"), THE_CHIEF),
    "moves a withdrawn story": (relist("withdrawn", "own", "other"), NOBODY),
    "restores an old text": (restore_text("own"), ALL),
    "restores an old text elsewhere": (restore_text("other"), THE_CHIEF),
    "shares a draft": (share("own"), ALL),
    "shares a draft elsewhere": (share("other"), THE_CHIEF),
    # Blocks and slots
    "changes a block": (change_block("own"), EDITORS),
    "changes a block elsewhere": (change_block("other"), THE_CHIEF),
    "changes a home page": (change_block("site"), CHIEFS),
    "changes a home page elsewhere": (change_block("sister"), THE_CHIEF),
    "adds a block": (add_block("own"), EDITORS),
    "adds a block elsewhere": (add_block("other"), THE_CHIEF),
    "moves a block away": (move_block("own", "channel", "other"), THE_CHIEF),
    "moves a block to the home page": (move_block("own", "home_of", "site"), CHIEFS),
    "moves a block to a home page elsewhere": (move_block("own", "home_of", "sister"), THE_CHIEF),
    "deletes a block": (delete("block", lambda scene: make_block(scene.own)), EDITORS),
    "deletes a block elsewhere": (delete("block", lambda scene: make_block(scene.other)), THE_CHIEF),
    "picks": (pick_in("own"), EDITORS),
    "picks elsewhere": (pick_in("other"), THE_CHIEF),
    "picks for a home page": (pick_in("site"), CHIEFS),
    "picks for a home page elsewhere": (pick_in("sister"), THE_CHIEF),
    "pins a story": (pin_in("own"), EDITORS),
    "pins a story elsewhere": (pin_in("other"), THE_CHIEF),
    "moves a pick": (act_on_pick("own", to=3), EDITORS),
    "moves a pick elsewhere": (act_on_pick("other", to=3), THE_CHIEF),
    "removes a pick": (act_on_pick("own", remove="on"), EDITORS),
    "removes a pick elsewhere": (act_on_pick("other", remove="on"), THE_CHIEF),
    "changes a slot": (change_slot("own"), EDITORS),
    "changes a slot elsewhere": (change_slot("other"), THE_CHIEF),
    "adds a slot": (add_slot("own"), EDITORS),
    "adds a slot elsewhere": (add_slot("other"), THE_CHIEF),
    "deletes a slot": (delete("slot", make_slot("own")), EDITORS),
    "deletes a slot elsewhere": (delete("slot", make_slot("other")), THE_CHIEF),
    "deletes slots": (delete_in_bulk("own"), EDITORS),
    "deletes slots elsewhere": (delete_in_bulk("other"), THE_CHIEF),
    # The network
    "changes a channel": (change_channel("own"), CHIEFS),
    "changes a channel elsewhere": (change_channel("other"), THE_CHIEF),
    "adds a standing link": (standing_link("own"), CHIEFS),
    "adds a standing link elsewhere": (standing_link("other"), THE_CHIEF),
    "moves a channel away": (move_channel("own", "sister"), THE_CHIEF),
    "moves a channel here": (move_channel("other", "site"), THE_CHIEF),
    "adds a channel": (add_channel("site"), CHIEFS),
    "adds a channel elsewhere": (add_channel("sister"), THE_CHIEF),
    "deletes a channel elsewhere": (delete("channel", lambda scene: scene.other), THE_CHIEF),
    "changes a site": (change_site("site"), CHIEFS),
    "changes a site elsewhere": (change_site("sister"), THE_CHIEF),
    "adds a site": (add_site, THE_CHIEF),
    "changes a page of words": (words_of("site"), CHIEFS),
    "changes a page of words elsewhere": (words_of("sister"), THE_CHIEF),
    "changes a page of words of both sites": (words_of("site", "sister"), THE_CHIEF),
    "gives a page of words away": (give_words, THE_CHIEF),
    # What belongs to all
    "makes a tag": (lambda client, scene: save(client, scene, page("tag"), name="Mine"), ALL),
    "changes a tag": (
        lambda client, scene: save(client, scene, page("tag", Tag.objects.create(name="A")), name="Mine"),
        EDITORS,
    ),
    "changes a contract": (
        lambda client, scene: save(client, scene, page("source", make_source()), text_days="30"), CHIEFS
    ),
    "adds an author": (
        lambda client, scene: save(client, scene, page("author"), name="Ada", slug="ada"), EDITORS
    ),
    # Pictures
    "adds a picture": (add_picture, ALL),
    "changes a picture that nobody sees": (change_picture(""), ALL),
    "changes a picture that readers see": (change_picture("own"), EDITORS),
    "changes a picture that readers see elsewhere": (change_picture("other"), THE_CHIEF),
    "changes a picture of a pick elsewhere": (change_picked_picture, THE_CHIEF),
    "deletes a picture of a pick elsewhere": (delete_picture_of_a_pick, THE_CHIEF),
    # The wire
    "changes a feed": (change_feed, NOBODY),
    "takes a wire version": (decide("own", "_take"), EDITORS),
    "takes a wire version elsewhere": (decide("other", "_take"), THE_CHIEF),
    "takes a wire version of a draft": (decide("own", "_take", "draft"), ALL),
    "takes a wire version of a draft elsewhere": (decide("other", "_take", "draft"), THE_CHIEF),
    "leaves a wire version": (decide("own", "_refuse"), EDITORS),
    "leaves a wire version elsewhere": (decide("other", "_refuse"), THE_CHIEF),
    "files a version that came after its kill": (file_what_was_killed("own"), ALL),
    "files a version that came after its kill elsewhere": (file_what_was_killed("other"), THE_CHIEF),
    "tells two stories apart": (tell_apart("own"), EDITORS),
    "tells two stories apart elsewhere": (tell_apart("other"), THE_CHIEF),
    "takes a dispatch again": (take_again("own"), CHIEFS),
    "takes a dispatch again elsewhere": (take_again("other"), THE_CHIEF),
}  # fmt: skip


class Watched(Client):
    """Remembers all rows as they were just before its last POST."""

    def post(self, *args, **kwargs):
        self.before = database()
        return super().post(*args, **kwargs)


@pytest.mark.parametrize("what", WHO_DOES)
@pytest.mark.parametrize("who", CAST)
def test_only_what_the_rights_say_happens(who, what, scene):
    act, allowed = WHO_DOES[what]
    client = Watched()
    client.cookies = person(who, scene).cookies
    response = act(client, scene)
    assert (database() != client.before) == (who in allowed), response.content.decode()
    # Otherwise said on the page itself, or the action is not among the list's.
    if not any(words in what for words in ("wire version", "its kill", "deletes slots", "tells two")):
        assert response.status_code in ((200, 302) if who in allowed else (403,))


def test_a_listing_of_another_channel_is_shown_and_stays_whatever_is_posted(scene):
    ice = make_channel(scene.site, "Ice")
    story = make_story(scene.own, also=(scene.other,))
    client = person("an editor", scene)
    html = client.get(change_url(story)).content.decode()
    assert "Sister: Moon" in html
    assert str(ice) not in html  # not offered
    before = list(story.listings.values())
    for change in (
        {"listings-1-DELETE": "on"},
        {"listings-1-channel": scene.own.pk},
        {"listings-1-ends_at_0": "2100-01-01", "listings-1-ends_at_1": "12:00"},
    ):
        assert save(client, scene, change_url(story), **change).status_code == 302
        assert list(story.listings.values()) == before


def test_a_new_story_from_one_elsewhere_is_listed_in_their_own_channels_alone(scene):
    client = person("an editor", scene)
    story = make_story(scene.other, also=(scene.own,))
    client.post(f"/admin/articles/story/{story.pk}/new-from/")
    draft = Story.objects.exclude(pk=story.pk).get()
    assert [*draft.listings.values_list("channel", "primary")] == [(scene.own.pk, True)]
    client.post(f"/admin/articles/story/{make_story(scene.other).pk}/new-from/")
    assert not Story.objects.first().listings.exists()


def test_who_is_refused_reads_why_and_keeps_what_was_typed(scene):
    client, story = person("an editor", scene), make_story(scene.own)
    change = {"headline": "An hour's work", "listings-1-channel": scene.other.pk}
    html = save(client, scene, change_url(story), **change).content.decode()
    assert "“Sister: Moon” is outside your remit" in html
    assert "An hour&#x27;s work" in html
    assert "outside your remit" in save(client, scene, page("block"), label="Mine", backfill="none",
                                        channel=scene.other.pk).content.decode()  # fmt: skip


def test_a_story_elsewhere_is_to_look_at_and_says_why(scene):
    client = person("an editor", scene)
    html = client.get(change_url(make_story(scene.other))).content.decode()
    assert "its primary channel is outside your remit" in html
    assert Form(html).buttons == []
    assert "outside your remit" not in client.get(change_url(make_story(scene.own))).content.decode()


def test_a_feed_is_set_up_by_who_may_act_in_all_its_channels(scene):
    client = person("a site's chief", scene)
    rights = Permission.objects.filter(codename__in=["view_feed", "change_feed", "add_rule", "change_rule"])
    User.objects.get(username="a site's chief").user_permissions.add(*rights)
    feed = Feed.objects.create(name="knw", channel=scene.own)
    rule = {"rules-TOTAL_FORMS": "1", "rules-0-position": "1"}
    rule |= {"rules-0-field": "keyword", "rules-0-value": "x"}
    before = database()
    for change in ({"channel": scene.other.pk}, rule | {"rules-0-channel": scene.other.pk}):
        assert save(client, scene, page("feed", feed), **change).status_code == 403
        assert database() == before
    rule |= {"rules-0-channel": scene.own.pk}
    assert save(client, scene, page("feed", feed), **rule).status_code == 302
    feed.rules.update(channel=scene.other)
    assert save(client, scene, page("feed", feed), interval="9").status_code == 403


@pytest.mark.parametrize(("start", "goal"), [("own", "other"), ("other", "own")])
def test_a_pick_is_carried_into_a_block_by_who_may_curate_both(start, goal, scene):
    client = person("an editor", scene)
    slot, into = make_slot(start)(scene), make_block(getattr(scene, goal), "There")
    before = database()
    with pytest.raises(PermissionDenied):
        curation.transfer(slot, into, 1, by=User.objects.get(username="an editor"))
    given = {"block": slot.block_id, "slot": slot.pk, "seen": 1, "to": 1, "into": into.pk, "into_seen": 1}
    client.post(front(scene, start), given)
    assert database() == before


def test_what_would_be_placed_elsewhere_is_offered_no_place_there(scene):
    for page in (scene.own, scene.other, scene.site, scene.sister):
        make_block(page, f"Block of {page}")

    def offered(who: str, app: str, model: str, field: str) -> set[str]:
        asked = {"app_label": app, "model_name": model, "field_name": field}
        answer = clients[who].get("/admin/autocomplete/", asked)
        return {row["text"] for row in answer.json()["results"]}

    clients = {who: person(who, scene) for who in ("an editor", "a site's chief", "the chief editor")}
    assert offered("an editor", "sections", "block", "channel") == {"Main: Russian News"}
    assert offered("an editor", "sections", "block", "home_of") == set()
    assert offered("an editor", "sections", "slot", "block") == {"Block of Main: Russian News"}
    assert offered("a site's chief", "sections", "block", "home_of") == {"Main"}
    assert offered("a site's chief", "sections", "slot", "block") == {
        "Block of Main",
        "Block of Main: Russian News",
    }
    # What fills it up may come from anywhere.
    everywhere = {"Main: Russian News", "Sister: Moon"}
    assert offered("an editor", "sections", "block", "from_channel") == everywhere
    assert offered("the chief editor", "sections", "block", "channel") == everywhere


# -- Many at once -----------------------------------------------------------------------

BULK_MAY = {
    **{verb: {key for key, verbs in MAY.items() if verb in verbs} for verb in POSSIBLE},
    "add_tags": {key for key, verbs in MAY.items() if "update" in verbs},  # to a public story
    "remove_tags": {key for key, verbs in MAY.items() if "submit" in verbs},  # from a draft
    # A story from anywhere, in a channel that is theirs.
    "list_in_channel": set(MAY),
}
STARTS = {"add_tags": "published", "remove_tags": "draft", "list_in_channel": "draft"}


@pytest.mark.parametrize("act", [act.name for act in ListedStoryAdmin.bulk_acts])
@pytest.mark.parametrize("who", CAST)
def test_of_many_stories_each_is_done_by_whoever_has_the_right_where_it_stands(who, act, scene):
    client = person(who, scene)
    ice = make_channel(scene.site, "Ice")
    if CAST[who][1] == "channel":
        Remit.objects.get().channels.add(ice)
    state = STARTS.get(act) or sorted(POSSIBLE[act])[0]
    stories = {where: story_in(state, getattr(scene, where)) for where in ("own", "other")}
    for story in stories.values():
        story.tags.add("old")
    Tag.objects.create(name="new")
    chosen = {"story": [f"{story.pk}:{story.version}" for story in stories.values()], "reason": "So it is"}
    chosen |= {"tags": "old" if act == "remove_tags" else "new", "channel": ice.pk}
    client.post(f"/admin/articles/story/bulk/{act}/", chosen)
    for where, story in stories.items():
        changed = Story.objects.get(pk=story.pk).version != story.version
        assert changed == ((who, where) in BULK_MAY[act]), where


@pytest.mark.parametrize("who", [who for who in CAST if CAST[who][1]])
def test_many_stories_are_listed_in_no_channel_that_is_not_theirs(who, scene):
    client, story = person(who, scene), make_story(scene.own)
    before = database()
    chosen = {"story": [f"{story.pk}:{story.version}"], "channel": scene.other.pk}
    response = client.post("/admin/articles/story/bulk/list_in_channel/", chosen)
    assert "“Sister: Moon” is outside your remit" in response.content.decode()
    assert database() == before


# -- Remits -----------------------------------------------------------------------------


def test_without_a_row_the_backend_answers_as_djangos_own(scene):
    person("an editor", scene)
    editor = User.objects.get(username="an editor")
    assert editor.has_perm("articles.publish_story")
    assert not editor.has_perm("articles.withdraw_story")
    editor.is_active = False
    assert not editor.has_perm("articles.publish_story", scene.own)
    assert EditorBackend().get_user(10_000) is None


def test_a_channel_that_is_deleted_leaves_its_editor_with_nothing_and_not_with_everything(scene):
    person("an editor", scene)
    scene.own.delete()
    editor = User.objects.get(username="an editor")
    assert str(editor.remit) == "nothing yet"
    assert not editor.has_perm("articles.publish_story", scene.other)


def test_a_channel_made_later_belongs_to_the_remit_of_its_site(scene):
    person("a site's chief", scene)
    new = make_channel(scene.site, "Ice")
    assert User.objects.get(username="a site's chief").has_perm("articles.publish_story", new)


def test_a_remit_is_given_in_the_page_of_the_user_by_who_may_change_users(scene):
    person("an editor", scene)
    user = User.objects.get(username="an editor")
    url = f"/admin/auth/user/{user.pk}/change/"
    assert scene.root.get("/admin/auth/user/add/").status_code == 200
    data = read_form(scene.root, url) | {"username": "ed", "remit-0-channels": [scene.other.pk]}
    chief = person("the chief editor", scene)
    assert chief.post(url, data).status_code == 403
    assert str(Remit.objects.get(user=user)) == "Main: Russian News"
    User.objects.get(username="the chief editor").user_permissions.add(
        *Permission.objects.filter(codename__in=["view_user"])
    )
    assert chief.post(url, data).status_code == 403
    assert scene.root.post(url, data).status_code == 302
    assert str(Remit.objects.get(user=user)) == "Sister: Moon"
    assert scene.root.post(url, data | {"remit-0-DELETE": "on"}).status_code == 302
    assert remit_of(User.objects.get(pk=user.pk)) is None


def test_everybody_sees_their_own_remit_on_the_desk(scene):
    assert "Your remit: Main: Russian News" in person("an editor", scene).get("/admin/").content.decode()
    assert "Your remit: Main." in person("a site's chief", scene).get("/admin/").content.decode()
    assert "Your remit" not in person("the chief editor", scene).get("/admin/").content.decode()


def test_the_list_of_stories_is_narrowed_to_ones_own_channels(scene):
    mine, also = make_story(scene.own), make_story(scene.other, also=(scene.own,))
    other = make_story(scene.other)
    client = person("an editor", scene)
    url = "/admin/articles/story/"
    assert {*client.get(url).context["cl"].result_list} == {mine, also, other}
    assert {*client.get(f"{url}?mine=1").context["cl"].result_list} == {mine, also}
    assert "my channels" in client.get(url).content.decode()
    chief = person("the chief editor", scene)
    assert "my channels" not in chief.get(url).content.decode()
    assert {*chief.get(f"{url}?mine=1").context["cl"].result_list} == {mine, also, other}


def test_a_remit_costs_a_page_the_same_few_queries_however_much_it_names(scene):
    client, chief = person("an editor", scene), person("the chief editor", scene)
    story = make_story(scene.own)

    def queries(browser: Client, url: str) -> int:
        browser.get(url)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert browser.get(url).status_code == 200
        return len(asked)

    few = {url: queries(client, url) for url in (change_url(story), "/admin/articles/story/")}
    for url, number in few.items():
        # A remit's channels are in the form the choice of channels that everybody is offered, and not
        # asked for at all in the list.
        assert number == queries(chief, url)
    remit = Remit.objects.get()
    remit.sites.add(scene.sister)
    for number in range(20):
        remit.channels.add(make_channel(scene.site, f"Channel {number}"))
    for url, number in few.items():
        assert queries(client, url) == number
