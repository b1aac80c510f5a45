"""The desk in a real browser: a story from copy to its kill, under the pages' strict policy."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from articles.models import Place, Story, Tag
from tests.factories import make_story

COPY = """Tidewater Lock Reopens After Winter Repairs
By Nell Harrow
Tidewater (MWS) Apr 2, 2025

The lock at Tidewater took its first barge on Wednesday after four months of repairs.

Two more barges were waiting below it, the lock keeper said.

Related Links
Tidewater Canal Trust https://canal.example/
"""

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_story_goes_from_copy_to_readers_is_corrected_and_killed(
    sign_in, channel, picture, chromium, live_server
):
    desk = sign_in("Editor")
    desk.get_by_role("link", name="Stories").first.click()
    desk.get_by_role("link", name="File from copy").click()
    desk.get_by_label("Channel").select_option(label="Main: Waterways")
    desk.get_by_label("Copy").fill(COPY)
    desk.get_by_role("button", name="File as draft").click()
    expect(desk.get_by_text("Filed as a draft")).to_be_visible()
    assert desk.get_by_label("Headline").input_value() == "Tidewater Lock Reopens After Winter Repairs"
    desk.get_by_label("Tags").fill("Canals, Locks")
    desk.locator(".field-picture [role=combobox]").click()  # once the script has made it
    desk.get_by_role("searchbox", name="Picture").fill("cranes")
    desk.get_by_role("option", name="Cranes at the quay").click()

    desk.get_by_role("button", name="Publish").click()
    expect(desk.locator(".messagelist")).to_contain_text("is now: Published.")
    story = Story.objects.get()
    address = f"/story/{story.pk}/tidewater-lock-reopens-after-winter-repairs/"
    reader = chromium.new_page(base_url=live_server.url)
    assert reader.goto(address).status == 200
    assert reader.get_by_role("heading", level=1).inner_text() == story.headline
    assert "took its first barge on Wednesday" in reader.inner_text("body")
    shown = reader.get_by_role("img", name="Cranes at the quay").first
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    reader.get_by_role("link", name="Locks").click()
    expect(reader.get_by_role("link", name=story.headline).first).to_be_visible()
    reader.get_by_role("link", name="Waterways").first.click()
    expect(reader.get_by_role("link", name=story.headline).first).to_be_visible()

    # Nothing changed: the page itself sends its text back with other line ends.
    desk.get_by_role("button", name="Save channels only").click()
    expect(desk.locator(".messagelist")).to_contain_text("Channels saved.")

    desk.get_by_role("button", name="Edit as HTML").click()
    body = desk.get_by_role("textbox", name="Body")
    body.fill(body.input_value().replace("Wednesday", "Tuesday"))
    desk.get_by_label("Note to readers").fill("The first barge came on Tuesday, not on Wednesday.")
    desk.get_by_role("button", name="Publish correction").click()
    expect(desk.locator(".messagelist")).to_contain_text("Correction published.")
    assert reader.goto(address).status == 200
    assert "took its first barge on Tuesday" in reader.inner_text("body")
    assert "not on Wednesday" in reader.inner_text("body")

    assert not desk.get_by_role("link", name="Kill").count()
    chief = sign_in("Chief editor")
    chief.goto(reverse("admin:articles_story_change", args=[story.pk]))
    chief.get_by_role("link", name="Kill").click()
    chief.get_by_label("Reason").fill("The agency killed it.")
    chief.get_by_label("Notice to readers").fill("Withdrawn by the agency.")
    chief.get_by_role("button", name="Kill").click()
    expect(chief.locator(".messagelist")).to_contain_text("is now: Withdrawn.")
    assert reader.goto(address).status == 410
    assert "Withdrawn by the agency." in reader.inner_text("body")
    assert "barge" not in reader.inner_text("body")
    reader.close()
    assert desk.complaints == chief.complaints == []


def test_suggested_tags_and_places_are_added_by_the_keyboard(sign_in, channel):
    tags = [Tag.objects.create(name=name) for name in ("Locks", "Barges, old")]
    make_story().tags.add(*tags)
    Place.objects.create(name="Tidewater", country="Aldland")
    story = make_story(channel, headline="Locks at Tidewater hold old barges: Barges, old and new")
    desk = sign_in("Reporter")
    desk.goto(reverse("admin:articles_story_change", args=[story.pk]))
    desk.get_by_role("button", name="+ Barges, old").press("Enter")
    expect(desk.get_by_role("button", name="+ Locks")).to_be_focused()
    desk.keyboard.press("Enter")
    desk.get_by_role("button", name="+ Tidewater, Aldland").press("Enter")
    expect(desk.get_by_label("Tags:")).to_have_value('"Barges, old", Locks')
    desk.get_by_role("button", name="Save").first.click()
    expect(desk.locator(".messagelist .success")).to_be_visible()
    assert sorted(story.tags.names()) == ["Barges, old", "Locks"]
    assert [str(place) for place in story.places.all()] == ["Tidewater, Aldland"]
    assert desk.complaints == []
