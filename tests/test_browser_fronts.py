"""Curating a front in a real browser: by keyboard, by dragging, without scripts, and two editors at once."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from sections import curation
from sections.models import Slot
from tests.factories import make_block, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def block(channel):
    for number in (4, 3):
        publish(channel, headline=f"Newest {number}")
    block = make_block(channel, "Nearby", from_channel=channel, size=4, on_front=False)
    for position, headline in enumerate(["One", "Two"], 1):
        slot = Slot(block=block, url="https://x.example/", headline=headline, position=position)
        curation.place(slot, by_name="The suite")
    return block


@pytest.fixture
def front(block) -> str:
    return f"/admin/sections/block/front/stories/{block.channel_id}/"


def headlines(page):
    return page.locator(".front-block >> nth=0").locator(".front-headline")


def order(page) -> list[str]:
    return headlines(page).all_inner_texts()


def drag(page, headline: str, onto: str, lower: int) -> None:
    """By its grip, to so many pixels below the upper edge of another one's; "" is an empty block."""
    grip = page.get_by_role("button", name=f"Move “{headline}”", exact=True).bounding_box()
    empty = page.locator(".front-empty")
    goal = page.get_by_role("button", name=f"Move “{onto}”", exact=True) if onto else empty
    box = goal.bounding_box()
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(grip["x"] + 5, box["y"] + lower + 40, steps=4)
    page.mouse.move(grip["x"] + 5, box["y"] + lower, steps=4)
    page.mouse.up()


def picks(block) -> list[str]:
    return [str(slot) for slot in block.slots.live(timezone.now()).order_by("position")]


def test_a_pick_is_moved_with_the_keyboard_alone(sign_in, front, block):
    desk = sign_in("Editor")
    desk.goto(front)
    grip, said = desk.get_by_role("button", name="Move “One”", exact=True), desk.locator("#front-said")
    grip.focus()
    desk.keyboard.press("Space")
    expect(said).to_contain_text("place 1 of 4")
    desk.keyboard.press("ArrowDown")
    expect(said).to_contain_text("Place 2 of 4")
    assert order(desk)[:2] == ["Two", "One"]
    desk.keyboard.press("Space")
    expect(said).to_contain_text("“One” is at position 2 now")
    expect(grip).to_be_focused()
    assert picks(block) == order(desk)[:2] == ["Two", "One"]

    before = order(desk)
    for key in ("Space", "ArrowDown", "ArrowDown", "Escape"):
        desk.keyboard.press(key)
    expect(said).to_contain_text("Put back")
    assert order(desk) == before
    assert picks(block) == ["Two", "One"]
    assert desk.complaints == []


def test_a_pick_is_carried_into_another_block_by_keyboard_and_dragged_back(sign_in, front, block):
    below = make_block(block.channel, "Below", on_front=False)
    desk = sign_in("Editor")
    desk.goto(front)
    grip, said = desk.get_by_role("button", name="Move “Two”", exact=True), desk.locator("#front-said")
    grip.focus()
    for key in ("Space", "ArrowDown", "ArrowDown", "ArrowDown"):
        desk.keyboard.press(key)
    expect(said).to_contain_text("“Below”: place 1 of 1")
    desk.keyboard.press("Space")
    expect(said).to_contain_text("“Two” is in “Below” at position 1 now")
    expect(grip).to_be_focused()
    assert (picks(block), picks(below)) == (["One"], ["Two"])

    drag(desk, "Two", "One", 5)
    expect(desk.locator("#front-messages")).to_contain_text("“Two” is in “Nearby” at position 1 now")
    assert (picks(block), picks(below)) == (["Two", "One"], [])
    drag(desk, "Newest 3", "", 0)
    expect(desk.locator("#front-messages")).to_contain_text("“Newest 3” is pinned in “Below” at position 1")
    assert (picks(block), picks(below)) == (["Two", "One"], ["Newest 3"])
    assert desk.complaints == []


def test_a_story_that_fills_up_is_dragged_to_the_top_and_so_pinned(sign_in, front, block):
    desk = sign_in("Editor")
    desk.goto(front)
    assert order(desk) == ["One", "Two", "Newest 3", "Newest 4"]
    drag(desk, "Newest 4", "One", 5)
    expect(desk.locator("#front-messages")).to_contain_text("“Newest 4” is pinned at position 1")
    assert order(desk) == ["Newest 4", "One", "Two", "Newest 3"]
    assert picks(block) == ["Newest 4", "One", "Two"]
    assert desk.complaints == []


def test_everything_works_without_scripts(sign_in, chromium, live_server, front, block):
    cookies = sign_in("Editor").context.cookies()
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(front)
    assert not page.locator(".front-grip:visible").count()
    page.get_by_role("button", name="Move “One” down").click()
    # Each act brings a page anew: what it shows is waited for.
    expect(headlines(page).nth(0)).to_have_text("Two")
    expect(headlines(page).nth(1)).to_have_text("One")
    page.get_by_role("button", name="Remove “Two”").click()
    expect(page.locator("#front-messages")).to_contain_text("is removed from")
    page.get_by_role("button", name="Pin “Newest 4”").click()
    expect(page.locator("#front-messages")).to_contain_text("is pinned at position")
    page.get_by_label("Words of headline").fill("newest 3")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("radio", name="Newest 3").check()
    page.get_by_label("Position").first.fill("1")
    page.get_by_role("button", name="Place", exact=True).click()
    expect(headlines(page)).to_have_text(["Newest 3", "One", "Newest 4"])
    page.get_by_role("link", name="Edit “One”").click()
    page.get_by_label("Headline").fill("One, with words of its own")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(f"{live_server.url}{front}")
    expect(headlines(page).nth(1)).to_have_text("One, with words of its own")
    context.close()


def test_of_two_editors_the_second_sees_the_block_as_it_is_and_who_changed_it(sign_in, front, block):
    ada, bea = sign_in("Editor"), sign_in("Chief editor")
    ada.goto(front)
    bea.goto(front)
    ada.get_by_role("button", name="Move “Two” up").click()
    expect(ada.locator("#front-said")).to_contain_text("“Two” is at position 1 now")
    bea.get_by_role("button", name="Remove “Two”").click()
    expect(bea.locator("#front-messages")).to_contain_text("Editor changed “Nearby” in the meantime")
    assert order(bea)[:2] == ["Two", "One"]
    # Now she has seen it.
    bea.get_by_role("button", name="Remove “Two”").click()
    expect(bea.locator("#front-messages")).to_contain_text("is removed from “Nearby”")
    assert picks(block) == ["One"]


def test_an_act_that_the_portal_does_not_answer_is_said_to_have_failed(sign_in, front, block):
    desk = sign_in("Editor")
    desk.goto(front)
    desk.context.clear_cookies()
    desk.get_by_role("button", name="Move “Two” up").click()
    expect(desk.locator("#front-messages")).to_contain_text("Nothing was saved")
    assert order(desk)[:2] == ["One", "Two"]


def test_every_control_of_the_page_has_a_name_of_its_own(sign_in, front, block):
    desk = sign_in("Editor")
    desk.goto(f"{front}?q=newest")
    controls = desk.locator("#front, .front-aside").locator("button, a, input:not([type=hidden]), select")
    names = [
        control.evaluate(
            "one => (one.ariaLabel || one.labels?.[0]?.innerText || one.textContent || one.value).trim()"
        )
        for control in controls.all()
        if control.is_visible()
    ]
    assert all(names)
    buttons = desk.locator("#front button").all()
    spoken = [button.get_attribute("aria-label") or button.text_content() for button in buttons]
    assert len(spoken) == len(set(spoken))
