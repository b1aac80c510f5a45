"""The picture that goes with a link to a story that has none of its own."""

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.utils import timezone
from PIL import Image

from articles import publishing
from sections import share_drawing
from sections.models import Site
from sections.network import load_network
from sections.share_drawing import HEIGHT, WIDTH, drawn, mark_of, share_path
from tests.factories import publish

PAPER = (253, 252, 249)


@pytest.fixture
def path_of(site):
    """Of the picture of a story as it is now."""

    def path(story) -> str:
        return share_path(load_network("main.test").site, story.pk, story.headline)

    return path


def a_site(name="Longitude", language="en", host="main.test"):
    return SimpleNamespace(name=name, host=host, language=language, accent="#8a1c2c", paper="#fdfcf9")


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content)).convert("RGB")


def ink(content: bytes, box) -> int:
    """How many points in a box are not paper."""
    part = opened(content).crop(box)
    return sum(count for count, colour in part.getcolors(WIDTH * HEIGHT) if colour != PAPER)


HEADLINE_BOX = (0, 200, WIDTH, HEIGHT)


def test_a_story_without_a_picture_has_one_to_share(read, channel, path_of):
    story = publish(channel, headline="Ferry runs again")
    response = read(path_of(story))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert opened(response.content).size == (1200, 630)
    assert len(response.content) < 60_000
    assert f"story:{story.pk}" in response["Surrogate-Key"].split()


def test_its_page_names_it_with_size_and_words(read, channel, path_of):
    story = publish(channel, headline="Ferry “runs”")
    html = read(f"/story/{story.pk}/ferry-runs/").content.decode()
    told = dict(re.findall(r'<meta property="(og:image[^"]*)" content="([^"]*)">', html))
    assert told == {
        "og:image": f"http://main.test{path_of(story)}",
        "og:image:width": str(WIDTH),
        "og:image:height": str(HEIGHT),
        "og:image:alt": "Main: Ferry “runs”",
    }


def test_a_new_headline_or_look_gives_it_a_new_address_and_the_old_one_leads_there(read, channel, path_of):
    story = publish(channel, headline="Ferry runs again")
    first = path_of(story)
    Site.objects.update(accent="#123456")
    second = path_of(story)
    story.headline = "Ferry stops again"
    publishing.update(story, by_name="The desk")
    third = path_of(story)
    assert len({first, second, third}) == 3
    for old in (first, second):
        response = read(old)
        assert (response.status_code, response["Location"]) == (302, third)


@pytest.mark.parametrize("hidden", ["killed", "embargoed", "of a sister"])
def test_there_is_none_of_a_story_that_readers_of_the_site_may_not_see(read, channel, moon, path_of, hidden):
    until = timezone.now() + timedelta(hours=1) if hidden == "embargoed" else None
    story = publish(moon if hidden == "of a sister" else channel, embargo_until=until)
    if hidden == "killed":
        publishing.kill(story, by_name="The desk", reason="Wrong")
    assert read(path_of(story)).status_code == 404


def test_the_page_asks_for_two_queries(read, channel, path_of, django_assert_num_queries):
    path = path_of(publish(channel))
    # the network; the story
    with django_assert_num_queries(2):
        read(path)


@pytest.mark.parametrize(
    ("headline", "language"),
    [
        ("Ferry runs again", "en"),
        ("Паром снова ходит", "ru"),
        ("Το πλοίο ταξιδεύει", "el"),
        ("Příliš žluťoučký kůň", "cs"),
        ("العبّارة تعود إلى العمل", "ar"),
        ("המעבורת חזרה לפעול", "he"),
    ],
)
def test_the_headline_is_drawn_in_scripts_that_the_font_has(headline, language):
    if language in ("ar", "he") and not share_drawing.can_shape():
        pytest.skip("libfribidi is not installed (Debian: apt install libfribidi0)")
    assert ink(drawn(a_site(), headline, language), HEADLINE_BOX) > 2000
    assert share_drawing._font_for(headline) == str(share_drawing.OWN_FONT)


def test_a_headline_read_from_the_right_stands_on_the_right():
    if not share_drawing.can_shape():
        pytest.skip("libfribidi is not installed (Debian: apt install libfribidi0)")
    right, left = (WIDTH // 2, 200, WIDTH, HEIGHT), (0, 200, WIDTH // 2, HEIGHT)
    for headline, language, side, other in [("خبر", "ar", right, left), ("News", "en", left, right)]:
        content = drawn(a_site(), headline, language)
        assert ink(content, side) > 500
        assert ink(content, other) == 0


def test_letters_that_no_font_has_leave_the_name_plate_alone_and_large():
    content = drawn(a_site(), "港口重开", "zh")
    assert ink(content, HEADLINE_BOX) > 5000
    assert content == drawn(a_site(), "渡轮复航", "zh")


@pytest.mark.parametrize("headline", ["港口重开", "Ferry runs again"])
def test_a_site_whose_name_no_font_has_is_told_by_its_host(headline):
    content = drawn(a_site(name="港口报", language="zh-hans"), headline, "zh-hans")
    assert content == drawn(a_site(name="main.test", language="zh-hans"), headline, "zh-hans")
    assert ink(content, (0, 30, WIDTH, HEIGHT)) > 5000


def test_a_long_word_is_set_smaller_to_stay_inside_the_picture():
    margin = (WIDTH - 70, 30, WIDTH, HEIGHT)
    for name, headline in [
        ("harbours.example.org", "港"),
        ("Longitude", "Donaudampfschifffahrtsgesellschaft"),
    ]:
        assert ink(drawn(a_site(name), headline, "en"), margin) == 0


def test_chinese_and_korean_are_drawn_where_the_system_has_a_font_for_them(settings):
    fonts = sorted(map(str, Path("/usr/share/fonts").rglob("NotoSansCJK-Bold.ttc")))
    if not fonts:
        pytest.skip("Noto Sans CJK is not installed (Debian: apt install fonts-noto-cjk)")
    settings.SHARE_FONTS = fonts
    for headline, language in [("港口重开", "zh-hans"), ("항구가 다시 열린다", "ko"), ("港が再開", "ja")]:
        content = drawn(a_site(), headline, language)
        assert ink(content, HEADLINE_BOX) > 2000
        assert content != drawn(a_site(), f"{headline}{headline[0]}", language)


def test_where_nothing_sets_arabic_its_headline_is_left_out(monkeypatch):
    monkeypatch.setattr(share_drawing, "can_shape", lambda: False)
    assert share_drawing._font_for("خبر") is None
    assert share_drawing._font_for("News") is not None


def test_an_operators_font_is_used_where_ours_has_no_letters(settings, tmp_path, monkeypatch):
    settings.SHARE_FONTS = [str(tmp_path / "theirs.ttf")]
    monkeypatch.setattr(share_drawing, "_has_all", lambda path, text: path.endswith("theirs.ttf"))
    assert share_drawing._font_for("港口重开") == settings.SHARE_FONTS[0]


def test_a_headline_of_any_length_stays_inside_the_picture():
    for headline in ("Tide " * 60, "W" * 300, ""):
        content = drawn(a_site(), headline, "en")
        assert opened(content).size == (WIDTH, HEIGHT)
        assert ink(content, (0, HEIGHT - 50, WIDTH, HEIGHT)) == 0


def test_the_mark_of_a_picture_tells_apart_all_that_it_shows():
    marks = {
        mark_of(a_site(), "One"),
        mark_of(a_site(), "Two"),
        mark_of(a_site(name="Other"), "One"),
        mark_of(a_site(language="ar"), "One"),
        mark_of(a_site(host="other.test"), "One"),
    }
    assert len(marks) == 5
