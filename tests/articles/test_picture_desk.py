"""Pictures on the desk: adding one, cropping it, seeing where it is used, deleting it."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from articles.models import Picture, Story
from articles.picture_storing import store
from articles.renditions import SET, named
from sections.models import Slot
from tests.articles.test_admin import desk, read_form
from tests.factories import make_block, make_channel, make_site, make_story, photo, publish

pytestmark = pytest.mark.django_db

ADD = "/admin/articles/picture/add/"
WORDS = {"alt_text": "A ferry at the quay", "caption": "", "credit": "Ida Holm/KNW"}


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def channel():
    return make_channel(make_site("main.test", is_default=True))


@pytest.fixture
def picture() -> Picture:
    picture = Picture(alt_text="A ferry", credit="Own")
    store(picture, photo(size=(1600, 800)))
    picture.save()
    return picture


def url(picture: Picture, page: str = "change") -> str:
    return f"/admin/articles/picture/{picture.pk}/{page}/"


def upload(data: bytes, name: str = "ferry.jpg", **changes):
    return desk("Reporter").post(ADD, WORDS | {"file": SimpleUploadedFile(name, data)} | changes)


def errors(response) -> dict:
    return response.context["adminform"].form.errors


def change(client, picture: Picture, **changes):
    return client.post(url(picture), read_form(client, url(picture)) | changes)


# -- Adding --------------------------------------------------------------------------


def test_an_upload_is_stored_clean_with_its_renditions_and_leads_to_its_crops(media):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera of Ida Holm"
    response = upload(photo(size=(800, 400), exif=exif), name="At Ida Holm's house.JPG")
    picture = Picture.objects.get()
    assert response["Location"] == url(picture)
    assert (picture.width, picture.height, picture.renditions) == (400, 800, SET)
    assert all(picture.file.storage.exists(name) for name in named(picture))
    stored = [path for path in media.rglob("*") if path.is_file()]
    assert len(stored) == 1 + len(named(picture))
    for path in stored:
        assert b"Ida Holm" not in path.read_bytes()
        assert "Ida" not in path.name
        with Image.open(path) as image:
            assert not image.getexif()


def test_a_name_says_nothing_of_what_a_file_is():
    upload(photo("PNG") + b"<script>alert(1)</script>", name="page.html")
    picture = Picture.objects.get()
    assert picture.file.name.endswith(".png")
    assert b"script" not in picture.file.read()
    picture.file.close()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "can carry scripts"),
        (photo(size=(400, 300))[:400], "to its end"),
        (b"GIF89a<script>alert(1)</script>", "to its end|no picture"),
    ],
)
def test_what_is_refused_is_told_in_the_form_and_leaves_no_file(media, data, words):
    response = upload(data)
    assert response.status_code == 200
    [error] = errors(response)["file"]
    assert any(word in error for word in words.split("|"))
    assert not Picture.objects.exists()
    assert not list(media.rglob("*.*"))


def test_a_file_over_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr("articles.picture_form.MOST_BYTES", 100)
    assert "are the most" in errors(upload(photo()))["file"][0]


@pytest.mark.parametrize("name", ["alt_text", "credit"])
def test_a_picture_needs_an_alternative_text_and_a_credit(name):
    assert errors(upload(photo(), **{name: " "})) == {name: ["This field is required."]}


# -- Cropping --------------------------------------------------------------------------


def test_a_new_focal_point_by_its_numbers_makes_new_crops(picture, media, django_capture_on_commit_callbacks):
    before = set(named(picture))
    with django_capture_on_commit_callbacks(execute=True):
        response = change(desk("Reporter"), picture, focus_x="12.5", focus_y="50")
    assert response.status_code == 302
    picture.refresh_from_db()
    assert picture.focus == "0.125x0.500"
    after = set(named(picture))
    assert after != before
    stored = {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}
    assert stored == after | {picture.file.name}


def test_saving_its_words_alone_touches_no_file(picture, monkeypatch):
    monkeypatch.setattr("articles.picture_desk.save_cropped_anew", pytest.fail)
    assert change(desk("Reporter"), picture, alt_text="The old ferry").status_code == 302
    assert Picture.objects.get().alt_text == "The old ferry"


def test_a_crop_of_its_own_is_kept_shown_again_and_taken_back(picture):
    client = desk("Reporter")
    box = {"card_left": "50", "card_top": "10", "card_width": "25.5"}
    assert change(client, picture, **box).status_code == 302
    assert Picture.objects.get().crop_card == "0.500x0.100x0.255"
    assert float(read_form(client, url(picture))["card_width"]) == 25.5
    assert change(client, picture, **dict.fromkeys(box, "")).status_code == 302
    assert Picture.objects.get().crop_card == ""


@pytest.mark.parametrize(
    ("box", "words"),
    [
        (("50", "0", "51"), "room for 50.0 %"),
        (("0", "50", "80"), "room for 33.3 %"),
        (("100", "0", "5"), "room for 0.0 %"),
        (("10", "", "20"), "needs a left edge"),
        (("10", "10", "0"), "needs a left edge"),
    ],
)
def test_a_crop_that_reaches_beyond_the_picture_is_refused(picture, box, words):
    data = dict(zip(["card_left", "card_top", "card_width"], box, strict=True))
    assert words in errors(change(desk("Reporter"), picture, **data))["card_width"][0]


@pytest.mark.parametrize("value", ["-1", "101", "nan", "inf", "left", "1e400"])
def test_a_focal_point_outside_the_picture_is_refused(picture, value):
    assert "focus_x" in errors(change(desk("Reporter"), picture, focus_x=value))
    assert Picture.objects.get().focus == picture.focus


def test_each_crop_is_shown_as_readers_get_it(picture):
    html = desk("Reporter").get(url(picture)).content.decode()
    shown = [name for name in named(picture) if f"/media/{name}" in html]
    assert len(shown) == 4
    assert "16:9, for leads" in html


def test_who_may_only_look_sees_the_crops_and_no_numbers(picture, channel):
    publish(channel, picture=picture)
    response = desk("Reporter").get(url(picture))
    assert response.status_code == 200
    assert b"crop-list" in response.content
    assert b"focus_x" not in response.content


# -- Where it is used ----------------------------------------------------------------------


def test_its_page_lists_the_stories_and_slots_that_show_it(picture, channel):
    story = make_story(channel, picture=picture, headline="Ferry returns")
    slot = Slot.objects.create(
        block=make_block(channel, "Harbour"), story=publish(channel), headline="Look", picture=picture
    )
    html = desk().get(url(picture)).content.decode()
    assert f'<a href="/admin/articles/story/{story.pk}/change/">Ferry returns</a>, Draft' in html
    assert f'<a href="/admin/sections/slot/{slot.pk}/change/">Look</a>, in the block Harbour' in html


@pytest.mark.parametrize("page", ["change", "delete"])
def test_a_thousand_uses_take_no_more_queries_than_one_and_are_not_all_shown(
    page, picture, channel, django_assert_num_queries, django_assert_max_num_queries
):
    client = desk()
    publish(channel, picture=picture)
    client.get(url(picture, page))
    with django_assert_max_num_queries(15) as one:
        client.get(url(picture, page))
    rows = [Story(headline=f"Ferry {number}", picture=picture) for number in range(60)]
    Story.objects.bulk_create(rows)
    with django_assert_num_queries(len(one)):
        html = client.get(url(picture, page)).content.decode()
    assert html.count("Ferry ") == 50
    assert "these are the first 50" in html


def test_a_picture_that_a_story_shows_is_not_deleted(picture, channel):
    story = publish(channel, picture=picture, headline="Ferry returns")
    client = desk()
    assert "Ferry returns" in client.get(url(picture, "delete")).content.decode()
    for target, data in (
        (url(picture, "delete"), {}),
        ("/admin/articles/picture/", {"action": "delete_selected", "_selected_action": picture.pk}),
    ):
        client.post(target, data | {"post": "yes"})
        assert Story.objects.get(pk=story.pk).picture == picture


def test_a_delete_says_which_slots_lose_it_and_takes_the_files_along(
    picture, channel, media, django_capture_on_commit_callbacks
):
    slot = Slot.objects.create(
        block=make_block(channel, "Harbour"), story=publish(channel), headline="Look", picture=picture
    )
    client = desk()
    html = client.get(url(picture, "delete")).content.decode()
    assert "Shown without it from then on: Slots" in html
    assert "Look" in html
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(url(picture, "delete"), {"post": "yes"}).status_code == 302
    slot.refresh_from_db()
    assert slot.picture is None
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_the_list_shows_each_picture_small_without_a_query_for_it(
    picture, django_assert_num_queries, django_assert_max_num_queries
):
    client = desk()
    client.get("/admin/articles/picture/")
    with django_assert_max_num_queries(8) as one:
        client.get("/admin/articles/picture/")
    columns = {"width": 1600, "height": 800, "renditions": SET}
    Picture.objects.bulk_create(
        [Picture(alt_text=f"{number}", file=f"{number}.jpg", **columns) for number in range(20)]
    )
    with django_assert_num_queries(len(one)):
        html = client.get("/admin/articles/picture/").content.decode()
    assert html.count("picture-thumbnail") == 21
