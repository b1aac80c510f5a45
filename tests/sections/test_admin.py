"""File from copy, channels, blocks and the network, in the admin."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.flatpages.models import FlatPage
from django.utils import timezone

from articles.models import Picture, Story
from sections import curation
from sections.curation import StaleBlock
from sections.models import Block, Channel, Listing, Site, Slot
from tests.articles.test_admin import ADD, Form, change_url, content, desk, read_form
from tests.factories import make_block, make_channel, make_site, make_source, make_story, publish

pytestmark = pytest.mark.django_db

COPY_URL = "/admin/articles/story/file-copy/"
COPY = """Longshore Council Votes To Rebuild The Old Pier
By Ada Quill
Longshore (MWS) Mar 3, 2025

The council of Longshore voted on Monday to rebuild the pier that a storm took last winter.

Work is to begin in May, the mayor said.

Related Links
Longshore Council https://council.example/
"""


# -- File from copy ----------------------------------------------------------------


def test_a_reporter_files_copy_as_a_draft_with_all_its_parts(channel):
    response = desk("Reporter").post(COPY_URL, {"channel": channel.pk, "copy": COPY}, follow=True)
    assert "Filed as a draft: “Longshore Council Votes To Rebuild The Old Pier”" in response.content.decode()
    story = Story.objects.get()
    assert story.state == "draft"
    assert (story.byline, story.dateline, story.source.code) == (
        "Ada Quill",
        "Longshore (MWS) Mar 3, 2025",
        "MWS",
    )
    assert story.body.count("<p>") == 2
    assert [link.url for link in story.links.all()] == ["https://council.example/"]
    assert story.listings.get(primary=True).channel == channel


def test_the_year_that_a_dateline_leaves_out_is_that_of_today(channel):
    desk("Reporter").post(COPY_URL, {"channel": channel.pk, "copy": COPY.replace("Mar 3, 2025", "Mar 3")})
    assert timezone.localdate() - Story.objects.get().dateline_date < timedelta(days=366)


NO_HEADLINE = "by Ada Quill\n\n" + "The council voted on Monday to rebuild the pier, it said at length. " * 9


@pytest.mark.parametrize(
    ("copy", "error"),
    [
        ("", "This field is required"),
        ("   \n ", "There is no copy"),
        ("Longshore Council Votes To Rebuild The Old Pier", "paste the story below it"),
        (NO_HEADLINE, "no headline"),
        ("\x01\x02\x03\x04\x05", "full of control characters"),
    ],
    ids=["empty", "blank", "no text", "no headline", "no words"],
)
def test_copy_that_is_no_story_is_kept_in_the_form_and_nothing_is_stored(copy, error, channel):
    response = desk("Reporter").post(COPY_URL, {"channel": channel.pk, "copy": copy})
    html = response.content.decode()
    assert error in html
    assert Form(html).data["copy"].split() == copy.split()
    assert Form(html).data["channel"] == [str(channel.pk)]
    assert not Story.objects.exists()


@pytest.mark.parametrize("channel", ["", "x", "9" * 30, "4711"])
def test_copy_goes_into_a_channel_that_there_is(channel):
    html = desk("Reporter").post(COPY_URL, {"channel": channel, "copy": COPY}).content.decode()
    assert "The council of Longshore voted" in html
    assert not Story.objects.exists()


ODD = {
    "other line ends": COPY.replace("\n", "\r\n"),
    "a long address alone": COPY.replace("Longshore Council https://council", "https://" + "a" * 300),
    "a long address": COPY.replace("council.example/", "council.example/" + "a" * 900),
    "a long title": COPY.replace("Longshore Council https", "L" * 149 + " https"),
    "a long credit": COPY.replace("(MWS)", f"({'M' * 38})"),
    "a long slug": "slug: " + "pier-" * 38 + "\n" + COPY,
    "a long byline": COPY.replace("Ada Quill", "Ada Quill and " * 8 + "Bo Ink"),
    "a long subject": "Subject: " + "pier " * 90 + "\n\n" + COPY.partition("\n")[2],
    "a null": COPY.replace("council", "co\x00uncil"),
}


@pytest.mark.parametrize("copy", ODD.values(), ids=ODD)
def test_odd_copy_is_filed_or_refused_but_no_crash(copy, channel):
    assert desk("Reporter").post(COPY_URL, {"channel": channel.pk, "copy": copy}).status_code in (200, 302)


def test_copy_of_an_agency_known_under_another_code_is_kept_in_the_form_or_filed(channel):
    make_source("MERIDIAN", name="MWS")
    response = desk("Reporter").post(COPY_URL, {"channel": channel.pk, "copy": COPY})
    assert "Nothing was filed" in response.content.decode() or Story.objects.get().source.code == "MERIDIAN"


def test_who_may_not_add_stories_files_no_copy(channel):
    client = desk("Reporter")
    Group.objects.get(name="Reporter").permissions.remove(Permission.objects.get(codename="add_story"))
    assert client.get(COPY_URL).status_code == 403
    assert client.post(COPY_URL, {"channel": channel.pk, "copy": COPY}).status_code == 403


# -- The channels of a story -------------------------------------------------------


def listed(story: Story) -> dict:
    return dict(story.listings.values_list("channel__title", "primary"))


@pytest.mark.parametrize("state", ["draft", "published"])
def test_the_primary_channel_moves_in_one_save(state, site, channel):
    story = publish(channel) if state == "published" else make_story(channel)
    ice = make_channel(site, "Ice")
    client = desk("Editor")
    data = read_form(client, change_url(story)) | {
        "listings-1-channel": ice.pk,
        "listings-1-primary": "on",
        "_continue": "",
    }
    del data["listings-0-primary"]
    assert client.post(change_url(story), data).status_code == 302
    assert listed(story) == {"Russian News": False, "Ice": True}
    # And back, now that both are there.
    data = read_form(client, change_url(story)) | {"listings-1-primary": "on", "_continue": ""}
    del data["listings-0-primary"]
    response = client.post(change_url(story), data, follow=True)
    assert listed(story) == {"Russian News": True, "Ice": False}
    assert "Channels saved" in response.content.decode() or state == "draft"


def test_the_channels_of_a_public_story_are_saved_by_themselves(channel, site):
    story = publish(channel)
    before = content(story)
    client = desk("Editor")
    data = read_form(client, change_url(story)) | {
        "listings-1-channel": make_channel(site, "Ice").pk,
        "_continue": "",
    }
    html = client.post(change_url(story), data, follow=True).content.decode()
    assert f"Channels saved. “{story}” is now: Published." in html
    assert listed(story) == {"Russian News": True, "Ice": False}
    assert {**content(story), "listings": ""} == {**before, "listings": ""}
    assert story.versions.count() == 1


@pytest.mark.parametrize("button", ["_continue", "_update"])
def test_a_public_story_keeps_a_primary_channel_on_a_site_that_may_carry_it(button, channel, moon):
    source = make_source(all_sites=False)
    source.sites.add(channel.site.site_ptr)
    story = publish(channel, source=source)
    before = content(story)
    client = desk("Editor")
    data = read_form(client, change_url(story)) | {button: ""}
    html = client.post(change_url(story), data | {"listings-0-DELETE": "on"}).content.decode()
    assert "List the story in a channel" in html
    html = client.post(change_url(story), data | {"listings-0-channel": moon.pk}).content.decode()
    assert "does not let Sister carry it" in html
    assert content(story) == before


def test_a_channel_named_twice_or_two_primaries_are_errors(channel, site):
    story = make_story(channel)
    client = desk("Editor")
    data = read_form(client, change_url(story)) | {"_continue": ""}
    html = client.post(change_url(story), data | {"listings-1-channel": channel.pk}).content.decode()
    assert "Please correct the duplicate data" in html
    two = {"listings-1-channel": make_channel(site, "Ice").pk, "listings-1-primary": "on"}
    assert "Mark one channel as primary" in client.post(change_url(story), data | two).content.decode()
    assert listed(story) == {"Russian News": True}


@pytest.mark.parametrize("group", ["Reporter", "Editor", "Chief editor"])
def test_the_list_of_listings_is_to_look_at(group, channel):
    story = publish(channel)
    listing = story.listings.get()
    client = desk(group)
    url = f"/admin/sections/listing/{listing.pk}"
    data = {"story": story.pk, "channel": channel.pk, "starts_at_0": "2001-01-01", "starts_at_1": "00:00"}
    assert client.get("/admin/sections/listing/").status_code == 200
    assert client.post(f"{url}/change/", data).status_code == 403
    assert client.post(f"{url}/delete/", {"post": "yes"}).status_code == 403
    assert client.post("/admin/sections/listing/add/", data).status_code == 403
    delete = {"action": "delete_selected", "_selected_action": [listing.pk], "post": "yes"}
    client.post("/admin/sections/listing/", delete)
    assert listed(story) == {"Russian News": True}


def test_a_story_opens_on_its_site_only_while_it_is_there(channel):
    client = desk("Editor")
    story = publish(channel, headline="Bridge opens")
    assert (
        f"http://main.test/story/{story.pk}/bridge-opens/" in client.get(change_url(story)).content.decode()
    )
    for hidden in (make_story(channel), publish(channel, publish_at=timezone.now() + timedelta(days=1))):
        assert "main.test/story/" not in client.get(change_url(hidden)).content.decode()


# -- Lists -------------------------------------------------------------------------


def fill(number: int, site: Site) -> None:
    for _ in range(number):
        count = Channel.objects.count()
        channel = make_channel(make_site(f"s{count}.test"), f"Channel {count}")
        block = make_block(channel, f"Block {count}", from_channel=channel)
        story = publish(channel)
        Slot.objects.create(block=block, story=story)
        flatpage = FlatPage.objects.create(url=f"/about-{count}/", title="About")
        flatpage.sites.add(channel.site.site_ptr)


@pytest.mark.parametrize("model", ["site", "channel", "listing", "block", "slot"])
def test_a_list_of_thirty_rows_takes_no_more_queries_than_a_list_of_one(
    model, site, django_assert_num_queries, django_assert_max_num_queries
):
    client = desk()
    url = f"/admin/sections/{model}/"
    client.get(url)
    fill(1, site)
    with django_assert_max_num_queries(8) as one:
        assert client.get(url).status_code == 200
    fill(29, site)
    with django_assert_num_queries(len(one)):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize(
    ("model", "field"), [("block", "channel"), ("slot", "block"), ("slot", "story"), ("block", "home_of")]
)
def test_suggestions_take_a_fixed_number_of_queries(model, field, site, django_assert_max_num_queries):
    client = desk()
    fill(15, site)
    query = f"?app_label=sections&model_name={model}&field_name={field}&term="
    with django_assert_max_num_queries(4):
        assert len(client.get(f"/admin/autocomplete/{query}").json()["results"]) >= 15


# -- Blocks ------------------------------------------------------------------------


@pytest.fixture
def block(channel):
    block = make_block(channel, "Nearby", from_channel=channel)
    Slot.objects.create(block=block, position=1, story=publish(channel, headline="One"))
    Slot.objects.create(block=block, position=2, story=publish(channel, headline="Two"))
    return block


def block_url(block: Block) -> str:
    return f"/admin/sections/block/{block.pk}/change/"


def picks(block: Block) -> list[str]:
    return [str(slot) for slot in block.slots.order_by("position")]


def slot_url(block: Block, position: int) -> str:
    return f"/admin/sections/slot/{block.slots.get(position=position).pk}/change/"


def test_a_pick_that_would_take_anothers_position_is_an_error_in_its_form(block):
    client, url = desk("Editor"), slot_url(block, 2)
    data = read_form(client, url) | {"position": "1"}
    assert "“One” has position 1 in this block" in client.post(url, data).content.decode()
    Slot.objects.filter(position=1).update(ends_at=timezone.now() + timedelta(hours=1))
    data |= {"starts_at_0": "2100-01-01", "starts_at_1": "12:00"}
    response = client.post(url, data)
    assert response.url == f"/admin/sections/block/front/channel/{block.channel_id}/"
    assert Slot.objects.get(headline="", story__headline="Two").position == 1


def test_a_stale_form_of_a_pick_keeps_what_was_typed_and_says_who_was_first(block):
    ada, bea = desk("Editor", "ada"), desk("Editor", "bea")
    url = slot_url(block, 2)
    typed = read_form(bea, url) | {"headline": "As Bea has it"}
    ada.post(url, read_form(ada, url) | {"teaser": "As Ada has it"})
    html = bea.post(url, typed).content.decode()
    assert "ada changed “Nearby” in the meantime" in html
    assert 'value="As Bea has it"' in html
    again = Form(html).data | {"teaser": "As Ada has it"}
    assert bea.post(url, again).status_code == 302
    slot = block.slots.get(position=2)
    assert (slot.headline, slot.teaser) == ("As Bea has it", "As Ada has it")


def test_who_comes_in_between_the_check_and_the_act_is_told_of_in_the_form(block, monkeypatch):
    client, url = desk("Editor"), slot_url(block, 2)
    data = read_form(client, url) | {"headline": "Mine"}

    def come_second(slot, **who):
        raise StaleBlock(slot.block)

    monkeypatch.setattr(curation, "change", come_second)
    html = client.post(url, data).content.decode()
    assert "was changed or removed by somebody else" in html
    assert 'value="Mine"' in html
    assert picks(block) == ["One", "Two"]


def test_a_pick_that_is_deleted_ends_and_stays_on_record(block):
    client = desk("Editor")
    delete = {"action": "delete_selected", "_selected_action": [slot.pk for slot in block.slots.all()]}
    client.post("/admin/sections/slot/", delete | {"post": "yes"})
    assert block.slots.count() == 2
    assert not block.slots.live(timezone.now()).exists()


def test_a_block_that_is_set_up_meanwhile_forgets_no_act_on_its_picks(block, monkeypatch):
    client = desk("Editor")
    data = read_form(client, block_url(block)) | {"label": "New"}
    curation.move(block.slots.get(position=1), 2)
    assert client.post(block_url(block), data).status_code == 302
    block.refresh_from_db()
    assert (block.label, block.version) == ("New", 2)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"size": "0"}, "greater than or equal to 1"),
        ({"size": "9" * 30}, "less than or equal to"),
        ({"max_age": "9" * 18}, "less than or equal to"),
        ({"channel": "9" * 30}, "Select a valid choice"),
        ({"channel": "x"}, "Select a valid choice"),
        ({"from_channel": ""}, "Say which channel, tag or site"),
        ({"default_hours": "0"}, "greater than or equal to 1"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_a_bad_value_in_a_block_is_an_error_in_its_form(change, error, block):
    client = desk("Editor")
    response = client.post(block_url(block), read_form(client, block_url(block)) | change)
    assert response.status_code == 200
    assert error in response.content.decode()
    assert picks(block) == ["One", "Two"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"story": "x"}, "Select a valid choice"),
        ({"story": ""}, "A slot holds a story, or a link with a headline"),
        ({"url": "javascript:x()"}, "Enter a valid URL"),
        ({"starts_at_0": "9999-12-31"}, "No year after 2199"),
        ({"starts_at_0": ""}, "This field is required"),
        ({"ends_at_0": "2001-01-01", "ends_at_1": "00:00"}, "This ends before it begins"),
        ({"position": "0"}, "greater than or equal to 1"),
        ({"position": "9" * 9}, "less than or equal to 999"),
        ({"seen_version": ""}, "was changed or removed by somebody else"),
        ({"seen_version": "x"}, "was changed or removed by somebody else"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_a_bad_value_in_a_pick_is_an_error_in_its_form(change, error, block):
    client, url = desk("Editor"), slot_url(block, 1)
    response = client.post(url, read_form(client, url) | change)
    assert response.status_code == 200
    assert error in response.content.decode()
    assert picks(block) == ["One", "Two"]


def test_a_slot_by_itself_minds_the_others(block):
    data = {"block": block.pk, "position": "1", "url": "https://x.example/", "headline": "Third"}
    time = {"starts_at_0": "2020-01-01", "starts_at_1": "12:00"}
    client = desk("Editor")
    assert (
        "has position 1 in this block"
        in client.post("/admin/sections/slot/add/", data | time).content.decode()
    )
    for bad in ({"block": "x"}, {"block": "9" * 30}, {"position": ""}, {"starts_at_0": ""}, {"story": "x"}):
        assert client.post("/admin/sections/slot/add/", data | time | bad).status_code == 200
    assert client.post("/admin/sections/slot/add/", data | time | {"position": "3"}).status_code == 302


def test_a_reporter_curates_nothing(block, channel, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = desk("Reporter")
    data = read_form(desk("Editor"), block_url(block))
    assert client.post(block_url(block), data).status_code == 403
    for model in ("block", "slot", "channel", "site"):
        assert client.post(f"/admin/sections/{model}/add/", {}).status_code == 403
    Picture.objects.bulk_create([Picture(alt_text="A pier", file="")])
    picture = Picture.objects.get()
    block.slots.update(picture=picture)
    assert (
        client.post(f"/admin/articles/picture/{picture.pk}/change/", {"alt_text": "Mine"}).status_code == 403
    )


# -- The network -------------------------------------------------------------------


def test_a_chief_editor_makes_a_site_a_channel_and_a_page_of_words(site):
    client = desk("Chief editor")
    site_data = {
        "domain": "new.test",
        "name": "New",
        "language": "en",
        "accent": "#123456",
        "paper": "#ffffff",
        "plate": "band",
        "headlines": "sans",
        "position": "1",
    }
    assert client.post("/admin/sections/site/add/", site_data).status_code == 302
    new = Site.objects.get(domain="new.test")
    channel = read_form(client, "/admin/sections/channel/add/") | {
        "site": new.pk,
        "title": "Deep Sea",
        "kicker": "ABYSS",
        "links-TOTAL_FORMS": "1",
        "links-0-position": "0",
        "links-0-title": "Charts",
        "links-0-url": "charts.example",
    }
    assert client.post("/admin/sections/channel/add/", channel).status_code == 302
    made = Channel.objects.get(slug="deep-sea")
    assert made.links.get().url == "https://charts.example"
    # The same once more, its slug left to be made.
    assert "already exists" in client.post("/admin/sections/channel/add/", channel).content.decode()
    words = read_form(client, "/admin/flatpages/flatpage/add/")
    assert "new.test" in client.get("/admin/flatpages/flatpage/add/").content.decode()
    words |= {"url": "/about/", "title": "About", "content": "<p>We.</p>", "sites": [new.pk]}
    assert client.post("/admin/flatpages/flatpage/add/", words).status_code == 302
    assert "<p>We.</p>" in client.get("/about/", headers={"host": "new.test"}).content.decode()


def test_there_is_one_default_site(site):
    data = {
        "domain": "b.test",
        "name": "B",
        "language": "en",
        "accent": "#123456",
        "paper": "#ffffff",
        "position": "1",
    }
    html = desk().post("/admin/sections/site/add/", data | {"is_default": "on"}).content.decode()
    assert "Another site is the default already" in html


@pytest.mark.parametrize("colour", ["red", "#12345", "url(x)", "#123456; }", ""])
def test_a_colour_is_a_colour(colour, site):
    client = desk()
    url = f"/admin/sections/site/{site.pk}/change/"
    assert client.post(url, read_form(client, url) | {"accent": colour}).status_code == 200


@pytest.mark.parametrize("group", ["Reporter", "Editor", "Chief editor"])
def test_every_page_of_the_desk_opens_for_who_may_see_it(group, block):
    client = desk(group)
    assert client.get("/admin/").status_code == 200
    models = [model for app in client.get("/admin/").context["app_list"] for model in app["models"]]
    assert len(models) > 10
    for model in models:
        assert client.get(model["admin_url"]).status_code == 200
        if model["add_url"]:
            assert client.get(model["add_url"]).status_code == 200
    for page in (ADD, COPY_URL):
        assert client.get(page).status_code == 200


def test_channels_added_twice_with_one_form_are_added_once(channel, site):
    story = publish(channel)
    client = desk("Editor")
    data = read_form(client, change_url(story)) | {
        "listings-1-channel": make_channel(site, "Ice").pk,
        "_continue": "",
    }
    assert client.post(change_url(story), data).status_code == 302
    assert "was changed by somebody else" in client.post(change_url(story), data).content.decode()
    assert Listing.objects.filter(story=story).count() == 2


def test_who_moves_a_channel_is_told_that_searches_of_a_site_do_not_know_yet(channel):
    client, elsewhere = desk("Chief editor"), make_site("other.test")
    address = f"/admin/sections/channel/{channel.pk}/change/"
    page = client.post(address, read_form(client, address) | {"site": elsewhere.pk}, follow=True)
    assert "manage.py reindex_search" in page.content.decode()
    page = client.post(address, read_form(client, address) | {"title": "New"}, follow=True)
    assert "manage.py reindex_search" not in page.content.decode()
