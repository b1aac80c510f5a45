"""Preview and share links in a real browser, under the pages' strict policy."""

# ruff: noqa: F811 (fixtures of another module)

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from articles.models import ShareLink, ShareUse
from tests.factories import make_story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft(channel):
    story = make_story(channel, headline="Lock reopens after repairs", body="<p>The first barge came.</p>")
    story.tags.add("Canals")
    return story


def test_the_desk_shows_the_page_in_a_phones_and_a_desktops_width(sign_in, draft):
    desk = sign_in("Reporter")
    desk.goto(reverse("admin:articles_story_change", args=[draft.pk]))
    desk.get_by_role("link", name="Preview").click()
    for name, width in (("Phone", 390), ("Desktop", 1280)):
        frame = desk.frame_locator(f'iframe[title^="{name}"]')
        expect(frame.get_by_role("heading", level=1)).to_have_text(draft.headline)
        expect(frame.get_by_label("Preview")).to_contain_text("Draft")
        box = desk.locator(f'iframe[title^="{name}"]').evaluate("frame => frame.contentWindow.innerWidth")
        assert width - 2 <= box <= width
    # A link leads out of the frame, to a page that nobody may frame.
    with desk.expect_popup() as opened:
        desk.frame_locator("iframe").first.get_by_role("link", name="Canals").click()
    assert re.search(r"//localhost/tag/canals/$|^chrome-error:", opened.value.url)
    assert [said for said in desk.complaints if "ERR_" not in said] == []


def test_a_link_made_at_the_desk_is_read_without_an_account_until_it_is_revoked(
    sign_in,
    draft,
    chromium,
    live_server,
):
    desk = sign_in("Reporter")
    desk.goto(reverse("admin:articles_story_change", args=[draft.pk]))
    desk.get_by_role("link", name="Share").click()
    desk.get_by_label("For whom").fill("the lawyer")
    desk.get_by_label("Ends after").select_option(label="1 day")
    desk.get_by_role("button", name="Make a link").click()
    desk.get_by_role("button", name="Copy").click()
    expect(desk.get_by_role("button", name="Copied")).to_be_visible()
    link = desk.get_by_role("textbox", name="The link").input_value()
    path = link.removeprefix("http://localhost")
    assert path.startswith("/preview/")

    with chromium.new_context(base_url=live_server.url, java_script_enabled=False) as stranger:
        page = stranger.new_page()
        assert page.goto(path).status == 200
        expect(page.get_by_role("heading", level=1)).to_have_text(draft.headline)
        expect(page.get_by_label("Preview")).to_contain_text("for the lawyer")
        assert stranger.cookies() == []
        desk.goto(reverse("admin:articles_story_share", args=[draft.pk]))
        expect(desk.get_by_role("region", name="Links to this story")).to_contain_text("1 time")
        desk.get_by_role("button", name="Revoke the link for the lawyer").click()
        expect(desk.locator(".messagelist")).to_contain_text("shows nothing any more")
        assert page.goto(path).status == 410
        expect(page.get_by_role("heading", level=1)).to_have_text("This link has ended")
    assert (ShareLink.objects.count(), ShareUse.objects.count()) == (1, 1)
    assert desk.complaints == []


def test_a_readers_page_is_not_shown_in_a_frame(sign_in, draft, live_server):
    desk = sign_in("Reporter")
    desk.goto(reverse("admin:articles_story_preview", args=[draft.pk]))
    desk.evaluate("document.querySelector('iframe').src = '/latest/'")
    desk.wait_for_timeout(500)
    assert any("frame-ancestors" in said or "X-Frame-Options" in said for said in desk.complaints)
