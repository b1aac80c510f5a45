"""Pages as a reader's browser shows them: a real Chromium, three widths, light and dark, without script."""

from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from playwright.sync_api import expect

from articles import publishing
from articles.models import Picture, RelatedLink
from sections.sample.read import FOLDER
from tests.factories import make_block, make_channel, make_site, make_source, make_story, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = [320, 390, 768, 1440]
BODY = (
    "<p>" + "The pilots went back to the harbour before dawn on Tuesday. " * 20 + "</p><h2>Tides</h2>"
    "<table><thead><tr>" + "<th>Hour of the day</th>" * 12 + "</tr></thead>"
    "<tbody><tr>" + "<td>3.25 metres</td>" * 12 + "</tr></tbody></table>"
    "<blockquote><p>Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft</p></blockquote>"
)


@pytest.fixture
def paths(settings, tmp_path):
    """A small network with one of everything; the paths of its pages."""
    settings.MEDIA_ROOT = tmp_path
    site = make_site("main.test", is_default=True, tagline="News of the harbour")
    channel, arabic = make_channel(site), make_channel(make_site("sister.test"), "Moon", "REGOLITH")
    quay = ContentFile((FOLDER / "pictures/port-cranes.jpg").read_bytes(), name="quay.jpg")
    picture = Picture.objects.create(
        file=quay, alt_text="Cranes at the quay", caption="At dawn", credit="The suite"
    )
    source = make_source(dateline_pattern="{place} ({credit}) {date}")
    story = make_story(
        channel, headline="Harbour pilots return to work after a week of fog", body=BODY, picture=picture,
        source=source, dateline_place="Skarvik", dateline_credit="MWS", dateline_date="2026-03-03",
        teaser="The first ship is expected at noon.", byline="Ada Quist",
    )  # fmt: skip
    story.tags.add("Harbours")
    RelatedLink.objects.create(story=story, title="Timetable", url="https://example.org/")
    publishing.publish(story, by_name="The suite")
    publishing.correct(story, note="The first ship is expected at one.", by_name="The suite")
    for _ in range(8):
        publish(channel, picture=picture, teaser="In short.")
        publish(arabic, headline="العبارة تعود إلى الميناء", language="ar", body="<p>عادت العبارة.</p>")
    make_block(channel, "Around the harbour", from_channel=channel)
    make_block(channel, "On the Moon", from_channel=arabic)
    killed = publish(channel)
    publishing.kill(killed, reason="Wrong", by_name="The suite")
    return {
        "home": "/",
        "channel": "/channel/russian-news/",
        "story": f"/story/{story.pk}/{story.slug}/",
        "tag": "/tag/harbours/",
        "corrections": "/corrections/",
        "archive": "/archive/",
        "month": f"/archive/{timezone.now():%Y/%m}/",
        "edition": f"/channel/russian-news/{timezone.now():%Y/%m/%d}/",
        "network": "/network/",
        "history": f"/story/{story.pk}/{story.slug}/history/",
        "gone": f"/story/{killed.pk}/",
        "search": "/search/?q=harbour+OR+elsewhere&order=best&site=main.test&from=2020-01-01",
        "search that finds nothing": "/search/?q=pilotz",
        "missing": "/none/",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_stands_at_every_width_without_script_or_strangers(chromium, live_server, paths, scheme):
    with chromium.new_context(color_scheme=scheme, java_script_enabled=False) as context:
        page = context.new_page()
        requests, troubles = [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: troubles.append(message.text))
        for name, path in paths.items():
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(live_server.url + path)
                wide = page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth")
                assert wide <= 0, f"{name} is {wide} pixels too wide at {width}"
                assert page.locator("h1").count() == 1, name
        assert {urlsplit(url).netloc for url in requests} == {urlsplit(live_server.url).netloc}
        assert [text for text in troubles if "404" not in text and "410" not in text] == []
        assert context.cookies() == []


def test_a_reader_goes_from_the_front_to_a_story_and_on_by_keyboard_and_link(chromium, live_server, paths):
    with chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(live_server.url + "/")
        page.keyboard.press("Tab")
        assert page.locator(":focus").get_attribute("href") == "#main"
        page.get_by_role("link", name="Russian News").first.click()
        expect(page.locator("h1")).to_have_text("Russian News")
        page.get_by_role("link", name="Harbour pilots return to work after a week of fog").first.click()
        expect(page.locator("h1")).to_have_text("Harbour pilots return to work after a week of fog")
        for shown in ["Skarvik (MWS) Mar 3, 2026", "The first ship is expected at one.", "On the Moon"]:
            assert page.get_by_text(shown).first.is_visible(), shown
        page.get_by_role("link", name="Harbours").first.click()
        expect(page.locator("h1")).to_have_text("Harbours")


def test_pictures_keep_their_place_while_they_load(chromium, live_server, paths):
    with chromium.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.add_init_script(
            "new PerformanceObserver(list => { for (const shift of list.getEntries())"
            " window.moved = (window.moved || 0) + shift.value; })"
            ".observe({type: 'layout-shift', buffered: true})"
        )
        page.goto(live_server.url + paths["story"])
        page.wait_for_load_state("networkidle")
        assert page.get_by_alt_text("Cranes at the quay").first.is_visible()
        assert page.evaluate("window.moved || 0") == 0


def test_a_story_is_printed_without_the_furniture(chromium, live_server, paths):
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(live_server.url + paths["story"])
        page.emulate_media(media="print")
        assert page.locator("h1").is_visible()
        assert not page.get_by_text("On the Moon").first.is_visible()
