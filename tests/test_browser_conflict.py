"""Two editors on one story, each in a real browser of their own."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from articles.models import Story, WorkingCopy
from tests.factories import make_story, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_as(sign_in):
    """Opens a story's form as an editor of that name."""

    def open_as(name: str, story: Story, **options):
        path = reverse("admin:articles_story_change", args=[story.pk])
        return sign_in("Editor", name, path, **options)

    return open_as


def headline(page):
    return page.get_by_label("Headline")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_second_sees_what_both_did_and_decides(script, open_as, channel):
    story = make_story(channel, headline="Lock reopens", teaser="After the winter", body="<p>It works.</p>")
    ana = open_as("Ana", story, java_script_enabled=script)
    bo = open_as("Bo", story, java_script_enabled=script)
    expect(bo.locator("#presence")).to_contain_text("Ana has this open too (since ")

    headline(ana).fill("Lock reopens after repairs")
    ana.get_by_label("Teaser").fill("After four months")
    ana.get_by_role("button", name="Save draft").click()
    expect(ana.locator(".messagelist")).to_contain_text("Saved.")

    headline(bo).fill("Old lock reopens")
    bo.get_by_label("Slugline").fill("lock-repairs")
    bo.get_by_role("button", name="Save draft").click()
    expect(bo.locator(".errornote").first).to_be_visible()
    clash = bo.get_by_role("group", name="Headline: both of you changed it")
    expect(clash).to_contain_text("Lock reopens")
    expect(clash.locator("ins").first).to_contain_text("after repairs")
    expect(bo.get_by_role("heading", name="Only they changed this")).to_be_visible()
    assert headline(bo).input_value() == "Old lock reopens"
    assert bo.get_by_label("Slugline").input_value() == "lock-repairs"
    assert bo.get_by_label("Teaser").input_value() == "After four months"

    # With the keyboard alone.
    clash.get_by_label("Keep yours").focus()
    bo.keyboard.press("ArrowDown")
    expect(clash.get_by_label("Take theirs")).to_be_checked()
    bo.get_by_role("button", name="Save draft").click()
    expect(bo.locator(".messagelist")).to_contain_text("Saved.")
    story.refresh_from_db()
    assert (story.headline, story.teaser, story.slugline) == (
        "Lock reopens after repairs",
        "After four months",
        "lock-repairs",
    )
    assert ana.complaints == bo.complaints == []


def test_changes_set_aside_by_one_are_published_by_the_other(open_as, channel, chromium, live_server):
    story = publish(channel, headline="Lock reopens", body="<p>It works.</p>")
    ana = open_as("Ana", story)
    headline(ana).fill("Lock reopens at last")
    ana.get_by_role("button", name="Save, readers see nothing of it yet").click()
    expect(ana.locator(".messagelist")).to_contain_text("readers see nothing of it yet")
    reader = chromium.new_page(base_url=live_server.url)
    reader.goto(f"/story/{story.pk}/lock-reopens/")
    assert reader.get_by_role("heading", level=1).inner_text() == "Lock reopens"

    bo = open_as("Bo", story)
    expect(bo.locator(".saving-note")).to_contain_text("changes that Ana saved on")
    assert headline(bo).input_value() == "Lock reopens at last"
    link = bo.get_by_role("link", name="What readers see").get_attribute("href")
    assert re.search(rf"/story/{story.pk}/lock-reopens/$", link)
    bo.get_by_role("button", name="Publish update").click()
    expect(bo.locator(".messagelist")).to_contain_text("Update published.")
    reader.reload()
    assert reader.get_by_role("heading", level=1).inner_text() == "Lock reopens at last"
    assert not WorkingCopy.objects.exists()
    reader.close()
    assert ana.complaints == bo.complaints == []


def test_who_loads_the_form_again_is_still_there(open_as, channel):
    story = make_story(channel, headline="Lock reopens")
    ana = open_as("Ana", story)
    ana.reload()
    with ana.expect_response("**/presence/"):
        pass
    bo = open_as("Bo", story)
    expect(bo.locator("#presence")).to_contain_text("Ana has this open too")


def test_who_else_is_there_comes_and_goes_while_one_types(open_as, channel, monkeypatch):
    monkeypatch.setattr("articles.presence.SECONDS", 0.3)
    # A call that was under way as the tab closed may come after its farewell.
    monkeypatch.setattr("articles.presence.LEASE", timedelta(seconds=5))
    story = make_story(channel, headline="Lock reopens")
    ana = open_as("Ana", story)
    headline(ana).fill("Half a sentence")
    bo = open_as("Bo", story)
    expect(ana.locator("#presence")).to_contain_text("Bo has this open too")
    headline(bo).fill("Lock reopens after repairs")
    bo.get_by_role("button", name="Save draft").click()
    expect(ana.locator("#presence")).to_contain_text("saved by somebody else since you opened it")
    bo.close(run_before_unload=False)
    bo.context.close()
    expect(ana.locator("#presence")).not_to_contain_text("Bo has this open too", timeout=30_000)
    assert headline(ana).input_value() == "Half a sentence"
    assert ana.complaints == []
