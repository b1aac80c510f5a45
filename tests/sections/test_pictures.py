"""Pictures on readers' pages: small crops in lists, the whole one on the story, a JPEG for link previews."""

import re
from html.parser import HTMLParser

import pytest

from articles.models import Picture
from articles.picture_storing import store
from articles.renditions import named, renditions
from sections.models import Slot
from tests.factories import make_block, photo, publish


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def picture(db) -> Picture:
    picture = Picture(alt_text="A ferry at the quay", credit="Ida Holm")
    store(picture, photo(size=(1600, 1200)))
    picture.save()
    return picture


class Pictures(HTMLParser):
    """The <picture> elements of a page, each as its sources and its image; and the page's meta elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[list[dict]] = []
        self.meta: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "picture":
            self.found.append([])
        elif tag in ("source", "img"):
            self.found[-1].append(attrs)
        elif tag == "meta" and "property" in attrs:
            self.meta[attrs["property"]] = attrs["content"]


def shown(response) -> list[list[dict]]:
    return Pictures(response.content.decode()).found


def urls(picture: Picture, name: str, kind: str = "WEBP") -> list[str]:
    files = [file for file in renditions(picture, name) if file.format == kind]
    return [f"/media/{picture.file.name_of(file)} {file.width}w" for file in files]


def path(story) -> str:
    return f"/story/{story.pk}/{story.slug}/"


def test_the_story_page_shows_it_as_it_was_taken(read, channel, picture):
    [[source, image]] = shown(read(path(publish(channel, picture=picture))))
    assert source["type"] == "image/webp"
    assert source["srcset"].split(", ") == urls(picture, "full")
    assert "39rem" in source["sizes"]
    assert f"{image['src']} 1280w" in urls(picture, "full", "JPEG")
    assert (image["width"], image["height"]) == ("1280", "960")
    assert image["alt"] == "A ferry at the quay"
    assert image["fetchpriority"] == "high"


def test_a_channel_shows_a_wide_lead_and_small_crops_below_it(read, channel, picture):
    for _ in range(2):
        publish(channel, picture=picture)
    [lead, image], [phones, others, small] = shown(read("/channel/russian-news/"))
    assert lead["srcset"].split(", ") == urls(picture, "wide")
    assert (image["width"], image["height"]) == ("1200", "675")
    assert phones["media"] == "(max-width: 39.99rem)"
    assert phones["srcset"].split(", ") == urls(picture, "square")
    assert phones["width"] == phones["height"]
    assert others["srcset"].split(", ") == urls(picture, "card")
    assert (small["width"], small["height"], small["loading"]) == ("640", "480", "lazy")


@pytest.mark.parametrize("page", ["/", "/channel/russian-news/", "/latest/"])
def test_every_picture_of_a_page_has_its_measures_sizes_and_files(read, channel, picture, page):
    for _ in range(5):
        publish(channel, picture=picture)
    found = shown(read(page))
    assert found
    for *sources, image in found:
        assert int(image["width"]) > int(image["height"]) > 0
        named_files = [image["src"]]
        for source in sources:
            assert source["sizes"]
            named_files += [part.split()[0] for part in source["srcset"].split(", ")]
        assert {name.removeprefix("/media/") for name in named_files} <= set(named(picture))


def test_a_link_preview_gets_a_jpeg_1200_wide(read, channel, picture):
    for page in (path(publish(channel, picture=picture)), "/channel/russian-news/"):
        meta = Pictures(read(page).content.decode()).meta
        assert re.fullmatch(r"http://main\.test/media/__processed__/\S+\.jpg", meta["og:image"])
        assert (meta["og:image:width"], meta["og:image:height"]) == ("1200", "675")


def test_a_picture_without_renditions_is_shown_by_its_file(read, channel):
    old = Picture.objects.create(file="pictures/old.jpg", width=900, height=600, alt_text="Of old")
    for _ in range(2):
        publish(channel, picture=old)
    for page in shown(read("/channel/russian-news/")):
        [image] = page
        assert (image["src"], image["width"], image["height"]) == ("/media/pictures/old.jpg", "900", "600")


def test_a_slots_own_picture_is_shown_in_its_own_crop(read, channel, picture):
    Picture.objects.update(crop_wide="0.100x0.200x0.500")
    picture.refresh_from_db()
    block = make_block(channel, "Harbour")
    Slot.objects.create(block=block, story=publish(channel, headline="Ferry"), picture=picture)
    [[source, _image]] = shown(read("/channel/russian-news/"))
    assert source["srcset"].split(", ") == urls(picture, "wide")


def test_pictures_cost_no_query(
    read, channel, picture, django_assert_num_queries, django_assert_max_num_queries
):
    story = publish(channel)
    for page in (path(story), "/channel/russian-news/", "/"):
        Picture.objects.get().stories.update(picture=None)
        with django_assert_max_num_queries(4) as without:
            read(page)
        for _ in range(3):
            publish(channel, picture=picture)
        with django_assert_num_queries(len(without)):
            read(page)
