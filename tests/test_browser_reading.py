"""How light the pages are and how little they need: weighed, counted, with parts of the web switched off."""

import gzip
import re
from datetime import timedelta
from time import monotonic, sleep
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.utils import timezone

from articles import publishing
from sections import counting
from sections.colours import contrast
from tests.factories import make_block, make_channel, make_site, make_source, publish
from tests.test_browser_pages import paths  # noqa: F401 (a fixture)

# ruff: noqa: F811 (tests take it by its name)

HTML_MOST = CSS_MOST = 12 * 1024
FONTS_MOST = 80 * 1000
SCRIPT_MOST = 2 * 1024
REQUESTS_MOST = 6
WATCH = (
    "window.moved = 0; new PerformanceObserver(list => { for (const shift of list.getEntries())"
    " window.moved += shift.value; }).observe({type: 'layout-shift', buffered: true})"
)
# The colour as it is painted, whatever its notation.
PAINTED = """(element, property) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  canvas.fillStyle = getComputedStyle(element)[property];
  canvas.fillRect(0, 0, 1, 1);
  return "#" + [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)
    .map(part => part.toString(16).padStart(2, "0")).join("");
}"""


@pytest.fixture
def long_story(db):
    """Of 900 words, with all around it that a page can have; without a picture."""
    channel = make_channel(make_site("main.test", is_default=True))
    others = [make_channel(channel.site, title, title.upper()) for title in ("Ships", "Law", "Weather")]
    source = make_source(copyright_notice="Copyright Meridian Wire. All rights reserved.")
    for number in range(30):
        words = f"The harbour master of quay {number} asked for patience while the fog of day {number} lasts"
        publish([channel, *others][number % 4], headline=words[:80], teaser=words * 2, source=source)
    words = [[f"word{(number * 37 + at * 11) % 997}" for at in range(60)] for number in range(15)]
    body = "".join(f"<p>{' '.join(paragraph)}.</p>" for paragraph in words)
    story = publish(channel, body=body, source=source, at=timezone.now() - timedelta(hours=2))
    for number in range(6):
        story.tags.add(f"Subject {number}")
    publishing.correct(story, note="It was nine days and not eight.", by_name="The suite")
    for other in [channel, *others]:
        make_block(channel, f"More of {other.title}", from_channel=other)
    return story


def test_a_story_page_is_light(client, long_story):
    html = client.get(f"/story/{long_story.pk}/{long_story.slug}/", headers={"host": "main.test"}).content
    assert len(re.findall(rb"<article", html)) > 15
    assert len(gzip.compress(html)) <= HTML_MOST


def test_style_sheet_script_and_fonts_are_light():
    static = settings.BASE_DIR / "static"
    assert len(gzip.compress((static / "css/portal.css").read_bytes())) <= CSS_MOST
    assert len(gzip.compress((static / "js/reading.js").read_bytes())) <= SCRIPT_MOST
    assert sum(font.stat().st_size for font in (static / "fonts").glob("*.woff2")) <= FONTS_MOST


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("name", ["story", "home", "channel"])
def test_nothing_moves_while_a_page_loads_and_all_comes_from_its_host(
    chromium,
    live_server,
    paths,
    name,
    width,
):
    with chromium.new_context(viewport={"width": width, "height": 844}) as context:
        page = context.new_page()
        requests = []
        page.on("request", lambda request: requests.append(request))
        page.add_init_script(WATCH)
        page.goto(live_server.url + paths[name])
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.moved") == 0
        assert {urlsplit(each.url).netloc for each in requests} == {urlsplit(live_server.url).netloc}
        needed = [each.url for each in requests if each.resource_type != "image" or "favicon" in each.url]
        assert len(needed) <= REQUESTS_MOST, needed


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("off", ["script", "stylesheet", "image", "font"])
def test_pages_are_read_with_scripts_styles_pictures_or_fonts_off(chromium, live_server, paths, off):
    with chromium.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.route(
            "**/*", lambda route: route.abort() if route.request.resource_type == off else route.continue_()
        )
        page.goto(live_server.url + paths["story"])
        assert page.get_by_role("heading", level=1).is_visible()
        assert page.get_by_text("The pilots went back to the harbour").first.is_visible()
        if off != "script":
            return
        assert " UTC" in page.locator(".times time").first.inner_text()
        assert not page.get_by_role("button", name="Copy link").is_visible()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("font", [True, False], ids=["our font", "the machine's"])
def test_a_line_of_a_story_holds_60_to_75_characters(chromium, live_server, paths, font):
    """Between the first lines' ends of a long paragraph; on phones the window is narrower than that."""
    lines = """() => {
      const text = document.querySelector(".body p").firstChild, range = document.createRange(), lines = {};
      for (let at = 0; at < text.length; at++) {
        range.setStart(text, at); range.setEnd(text, at + 1);
        const top = Math.round(range.getBoundingClientRect().top);
        lines[top] = (lines[top] ?? 0) + 1;
      }
      return Object.values(lines).slice(0, -1);
    }"""
    with chromium.new_context() as context:
        page = context.new_page()
        if not font:
            page.route("**/*.woff2", lambda route: route.abort())
        for width in [768, 1024, 1440]:
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(live_server.url + paths["story"])
            page.evaluate("document.fonts.ready")
            found = page.evaluate(lines)
            assert 60 <= sum(found) / len(found) <= 75, (width, found)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_times_are_told_from_now_and_whole_in_the_title_and_on_paper(chromium, live_server, paths):
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(live_server.url + paths["story"])
        time = page.locator(".times time").first
        assert re.fullmatch(r"this minute|\d+ minutes? ago", time.inner_text())
        assert time.get_attribute("title").endswith(" UTC")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert time.inner_text().endswith(" UTC")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_address_of_a_story_is_copied(chromium, live_server, paths):
    with chromium.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        page.goto(live_server.url + paths["story"])
        page.get_by_role("button", name="Copy link").click()
        page.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()").endswith(paths["story"])


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_story_that_stood_in_view_for_ten_seconds_is_told_of_once(
    chromium, live_server, paths, monkeypatch
):
    told = []
    monkeypatch.setattr(counting.reads, "add", told.append)
    with chromium.new_context(user_agent="Mozilla/5.0 Firefox/140.0") as context:
        page = context.new_page()
        page.clock.install()
        page.goto(live_server.url + paths["story"])
        page.clock.run_for(9_000)
        assert told == []
        page.clock.run_for(1_500)
        wait_for(lambda: told)
        page.clock.run_for(60_000)
        page.goto(live_server.url + "/")
    assert told == [int(paths["story"].split("/")[2])]


def wait_for(happened) -> None:
    deadline = monotonic() + 10
    while not happened() and monotonic() < deadline:
        sleep(0.02)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tint", ["#ffff00", "#000000", "#ffffff", "#0000ff", "#00ff00", "#8a1c2c"])
def test_kickers_are_read_whatever_colour_a_channel_has(chromium, live_server, scheme, tint):
    channel = make_channel(make_site("main.test", is_default=True), colour=tint)
    publish(channel)
    with chromium.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(live_server.url + "/latest/")
        kicker = page.locator(".kicker").first.evaluate(PAINTED, "color")
        paper = page.locator("body").evaluate(PAINTED, "backgroundColor")
        assert contrast(kicker, paper) >= 4.5, (kicker, paper)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_right_to_left_site_and_its_left_to_right_stories_keep_their_sides(chromium, live_server):
    channel = make_channel(
        make_site("main.test", is_default=True, language="ar", name="الميناء"), "السفن", "سفن"
    )
    latin = publish(channel, headline="Pilots return to work", language="en")
    arabic = publish(
        channel, headline="المرشدون يعودون إلى العمل", language="ar", body="<p>عاد المرشدون.</p>"
    )
    with chromium.new_context(viewport={"width": 320, "height": 700}) as context:
        page = context.new_page()
        for story, side in [(latin, "ltr"), (arabic, "rtl")]:
            page.goto(f"{live_server.url}/story/{story.pk}/{story.slug}/")
            assert page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth") <= 0
            assert page.locator("html").get_attribute("dir") == "rtl"
            for part in ["h1", ".body"]:
                assert page.locator(part).evaluate("part => getComputedStyle(part).direction") == side


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_what_is_pressed_is_large_enough(chromium, live_server, paths):
    """WCAG 2.2, 2.5.8: 24 pixels each way, links within a sentence excepted."""
    small = """() => [...document.querySelectorAll("a, button")]
      .filter(each => each.checkVisibility({ visibilityProperty: true }))
      .filter(each => !each.closest(".body p, .colophon p, .foot-legal, .skip, .card, .title-description"))
      .filter(each => { const box = each.getBoundingClientRect(); return box.height < 24 || box.width < 12; })
      .map(each => each.outerHTML)"""
    with chromium.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        for name in ["home", "story", "channel", "archive", "corrections"]:
            page.goto(live_server.url + paths[name])
            assert page.evaluate(small) == [], name
