"""Pictures in a real browser: their focal point set by mouse and by keys, and pages that do not jump."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from articles.models import Picture
from articles.renditions import region
from tests.browser import PASSWORD, sign_in_on
from tests.factories import make_channel, make_site, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(chromium, live_server, picture):
    User.objects.create_superuser("root", password=PASSWORD)
    with chromium.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 1200}) as context:
        page = sign_in_on(context.new_page(), "root", f"/admin/articles/picture/{picture.pk}/change/")
        yield page
        assert page.complaints == []


def save(page) -> Picture:
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    return Picture.objects.get()


def left_of_square(page) -> float:
    """When the script has laid the crop out, which it does once the picture is there."""
    square = page.locator("[data-crop=square] img")
    expect(square).to_have_attribute("style", re.compile("left:"))
    return square.evaluate("image => parseFloat(image.style.left)")


def test_a_click_and_the_arrow_keys_set_the_focal_point_and_the_crops_follow_at_once(desk):
    before = left_of_square(desk)
    image = desk.get_by_role("img", name="Cranes at the quay")
    box = image.bounding_box()
    image.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.6})
    assert float(desk.get_by_label("Focal point: from the left").input_value()) == pytest.approx(25, abs=0.5)
    assert left_of_square(desk) > before
    x, y = map(float, save(desk).focus.split("x"))
    assert (x, y) == (pytest.approx(0.25, abs=0.005), pytest.approx(0.6, abs=0.005))
    # The arrow keys move it in small and large steps.
    desk.get_by_label("Focal point: from the left").fill("50")
    desk.get_by_label("Focal point: from above").fill("50")
    desk.get_by_role("button", name="Focal point").focus()
    for key in ("ArrowLeft", "ArrowLeft", "Shift+ArrowLeft", "ArrowDown"):
        desk.keyboard.press(key)
    assert save(desk).focus == "0.380x0.510"


def test_the_live_crop_is_the_one_that_is_stored(desk):
    """What the script shows beforehand and what is made of it then are one part of the picture."""
    desk.get_by_label("Focal point: from the left").fill("22")
    desk.get_by_label("4:3: left edge").fill("10")
    desk.get_by_label("4:3: upper edge").fill("5")
    desk.get_by_label("4:3: width").fill("60")
    placed = {
        name: desk.locator(f"[data-crop={name}] img").evaluate(
            "image => ['left', 'top', 'width'].map(edge => parseFloat(image.style[edge]))"
        )
        for name in ("wide", "card", "square")
    }
    picture = save(desk)
    for name, (left, top, width) in placed.items():
        part = region(picture, name)
        assert width == pytest.approx(100 * picture.width / part.width, rel=0.01)
        assert left == pytest.approx(-100 * part.left / part.width, abs=0.5)
        assert top == pytest.approx(-100 * part.top / part.height, abs=0.5)


def test_without_a_script_the_numbers_do_the_same(chromium, live_server, picture):
    User.objects.create_superuser("root", password=PASSWORD)
    with chromium.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        page = sign_in_on(context.new_page(), "root", f"/admin/articles/picture/{picture.pk}/change/")
        expect(page.get_by_role("button", name="Focal point")).to_have_count(0)
        expect(page.get_by_role("img", name="1:1")).to_be_visible()
        page.get_by_label("Focal point: from the left").fill("10")
        assert save(page).focus == "0.100x0.500"


@pytest.mark.parametrize("width", [390, 1440])
def test_pages_do_not_move_while_their_pictures_load_and_take_small_files(
    chromium, live_server, picture, width
):
    channel = make_channel(make_site("localhost", name="Main", is_default=True))
    for _ in range(6):
        publish(channel, picture=picture, teaser="In short.")
    with chromium.new_context(viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        page.add_init_script(
            "new PerformanceObserver(list => { for (const shift of list.getEntries())"
            " window.moved = (window.moved || 0) + shift.value; })"
            ".observe({type: 'layout-shift', buffered: true})"
        )
        page.goto(live_server.url + "/channel/russian-news/")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.moved || 0") < 0.01
        widths = page.eval_on_selector_all(
            ".card-river img", "images => images.map(image => [image.currentSrc, image.clientWidth])"
        )
        loaded = [url for url, _ in widths if url]
        assert loaded
        for url in loaded:
            assert url.endswith(".webp")
            found = context.request.get(url)
            assert len(found.body()) < 20_000
