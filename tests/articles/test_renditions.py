"""Renditions: which there are, that their names follow from the row, and that files come and go with it."""

from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import transaction
from PIL import Image, ImageCms

from articles.models import Picture
from articles.picture_files import Unusable
from articles.picture_storing import save_cropped_anew, store
from articles.renditions import CROPS, SET, named, region, render, renditions
from tests.factories import photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def files(media: Path) -> set[str]:
    return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}


def halves(left: str = "red", right: str = "blue", size: tuple[int, int] = (1600, 800)) -> bytes:
    """Two colours side by side, to see which part a crop shows."""
    image = Image.new("RGB", size, left)
    image.paste(Image.new("RGB", (size[0] // 2, size[1]), right), (size[0] // 2, 0))
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def stored(data: bytes | None = None, **columns) -> Picture:
    picture = Picture(alt_text="A pier", **columns)
    store(picture, data or halves())
    picture.save()
    return picture


def paths(picture: Picture, name: str, kind: str = "WEBP") -> list[Path]:
    found = [file for file in renditions(picture, name) if file.format == kind]
    return [Path(picture.file.storage.path(picture.file.name_of(file))) for file in found]


def opened(picture: Picture, name: str, kind: str = "WEBP") -> list[Image.Image]:
    return [Image.open(BytesIO(path.read_bytes())) for path in paths(picture, name, kind)]


def colours(image: Image.Image) -> tuple[str, ...]:
    """What a crop shows at its left and at its right edge."""
    pixels = image.convert("RGB")
    edges = [pixels.getpixel((x, image.height // 2)) for x in (3, image.width - 4)]
    return tuple("red" if red > blue else "blue" for red, _, blue in edges)


# -- Which there are -----------------------------------------------------------------


def test_each_shape_comes_in_its_widths_and_ratio():
    picture = stored(photo(size=(2000, 1500)))
    sizes = {name: [image.size for image in opened(picture, name)] for name in ("full", *CROPS)}
    assert sizes == {
        "full": [(800, 600), (1280, 960)],
        "wide": [(800, 450), (1280, 720)],
        "card": [(320, 240), (640, 480)],
        "square": [(160, 160), (320, 320)],
    }
    for name, size in {"full": (1280, 960), "wide": (1200, 675), "card": (640, 480)}.items():
        [fallback] = opened(picture, name, "JPEG")
        assert (fallback.format, fallback.size) == ("JPEG", size)


@pytest.mark.parametrize("size", [(500, 300), (90, 300), (1, 1), (3, 2000), (2000, 3)])
def test_nothing_is_made_larger_than_it_came(size):
    picture = stored(photo(size=size))
    for rendition in named(picture).values():
        assert 1 <= rendition.width <= size[0]
        assert 1 <= rendition.height <= size[1] + 1
    widths = [file.width for file in renditions(picture, "wide") if file.format == "WEBP"]
    assert widths == sorted(set(widths))


def test_what_is_see_through_stays_so_and_is_white_in_jpeg():
    picture = stored(photo("PNG", size=(64, 36), mode="RGBA"))
    [webp], [jpeg] = opened(picture, "wide"), opened(picture, "wide", "JPEG")
    assert webp.convert("RGBA").getpixel((5, 5))[3] == 0
    assert min(jpeg.getpixel((5, 5))) > 250


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "CMYK"])
def test_pictures_in_any_colours_get_renditions(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert opened(stored(photo(kind, mode=mode)), "card")[0].size == (64, 48)


def test_a_rendition_has_the_colour_profile_and_nothing_of_the_place():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (59.0, 55.0, 12.0)})
    exif[0x0112] = 6
    picture = stored(photo(size=(400, 200), exif=exif, icc_profile=profile))
    assert (picture.width, picture.height) == (200, 400)
    for image in (opened(picture, "full")[0], opened(picture, "wide", "JPEG")[0]):
        assert image.info["icc_profile"] == profile
        assert not image.getexif()
    with Image.open(picture.file.path) as original:
        assert not original.getexif()


# -- What they show --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("focus", "shown"),
    [("0.500x0.500", ("red", "blue")), ("0.000x0.500", ("red", "red")), ("1.000x0.500", ("blue", "blue"))],
)
def test_the_focal_point_is_in_each_crop(focus, shown):
    picture = stored(focus=focus)
    assert colours(opened(picture, "square")[-1]) == shown
    assert colours(opened(picture, "full")[-1]) == ("red", "blue")


def test_a_crop_of_its_own_overrules_the_focal_point_for_its_shape_alone():
    picture = stored(focus="0.000x0.500", crop_card="0.600x0.250x0.200")
    assert region(picture, "card") == (960, 200, 320, 240)
    assert [colours(image) for image in opened(picture, "card")] == [("blue", "blue")]
    assert colours(opened(picture, "square")[0]) == ("red", "red")


def test_a_crop_never_reaches_beyond_the_picture():
    picture = Picture(file="a.jpg", width=333, height=777, crop_wide="0.900x0.990x1.000")
    left, top, width, height = region(picture, "wide")
    assert left + width <= 333
    assert top + height <= 777


# -- Names ---------------------------------------------------------------------------------


def test_names_follow_from_the_row_without_a_query_or_a_look_into_the_storage(
    media, django_assert_num_queries
):
    picture = stored()
    row = Picture.objects.values("file", "width", "height", "focus", "crop_wide", "renditions").get()
    with django_assert_num_queries(0):
        names = set(named(Picture(**row)))
    assert names | {picture.file.name} == files(media)


def test_where_a_crop_stays_the_same_so_does_its_name():
    picture = Picture(file="a.jpg", width=1600, height=800)
    before = set(named(picture))
    picture.focus = "0.500x0.900"  # each crop is as high as the picture
    assert set(named(picture)) == before
    picture.crop_wide = "0.000x0.000x0.600"
    assert len(before - set(named(picture))) == len(renditions(picture, "wide"))


# -- They come and go with the row -----------------------------------------------------------


def test_a_new_focal_point_brings_new_files_and_removes_the_old_after_the_commit(
    media, django_capture_on_commit_callbacks
):
    picture = stored()
    before = files(media)
    with django_capture_on_commit_callbacks(execute=True):
        picture.focus = "0.000x0.500"
        save_cropped_anew(picture)
        assert before < files(media)
    picture = Picture.objects.get()
    assert files(media) == {picture.file.name, *named(picture)}
    assert colours(opened(picture, "square")[0]) == ("red", "red")


def test_a_picture_that_cannot_be_stored_leaves_nothing(media, monkeypatch):
    with pytest.raises(Unusable):
        stored(b"<svg/>")
    monkeypatch.setattr("articles.picture_storing.render", lambda picture: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        stored()
    assert files(media) == set()


@pytest.mark.parametrize("delete", [Picture.delete, lambda picture: Picture.objects.all().delete()])
def test_a_deleted_pictures_files_go_after_the_commit(media, delete, django_capture_on_commit_callbacks):
    picture = stored()
    with django_capture_on_commit_callbacks() as callbacks:
        delete(picture)
        assert files(media)
    for callback in callbacks:
        callback()
    assert files(media) == set()


def test_a_delete_that_is_undone_keeps_the_files(media):
    picture = stored()
    before = files(media)
    with transaction.atomic():
        Picture.objects.all().delete()
        transaction.set_rollback(True)
    assert files(media) == before
    assert Picture.objects.get() == picture


def test_a_file_that_two_pictures_share_stays(media, django_capture_on_commit_callbacks):
    one = stored()
    other = Picture.objects.create(file=one.file.name, alt_text="The same", renditions=SET)
    before = files(media)
    with django_capture_on_commit_callbacks(execute=True):
        one.delete()
    assert files(media) == before
    with django_capture_on_commit_callbacks(execute=True):
        other.delete()
    assert files(media) == set()


# -- make_renditions ----------------------------------------------------------------------------


def without_renditions(name: str = "old.jpg", data: bytes | None = None) -> Picture:
    return Picture.objects.create(
        file=ContentFile(data or photo(size=(300, 200)), name=name), alt_text="Of old"
    )


def make_renditions(capsys, *args, **options) -> str:
    call_command("make_renditions", *args, **options)
    return capsys.readouterr().out


def test_the_command_makes_what_is_missing_and_a_second_run_nothing(media, capsys):
    picture = without_renditions()
    assert make_renditions(capsys) == "1 made, 0 failed, 0 had theirs already.\n"
    picture.refresh_from_db()
    assert picture.renditions == SET
    assert files(media) == {picture.file.name, *named(picture)}
    before = {path: path.stat().st_mtime_ns for path in media.rglob("*")}
    assert make_renditions(capsys) == "0 made, 0 failed, 1 had theirs already.\n"
    assert {path: path.stat().st_mtime_ns for path in media.rglob("*")} == before


def test_a_dry_run_makes_nothing(media, capsys):
    without_renditions()
    before = files(media)
    assert "1 to be made" in make_renditions(capsys, "--dry-run")
    assert (files(media), Picture.objects.get().renditions) == (before, 0)


def test_one_that_fails_is_named_does_not_stop_the_others_and_the_command_fails(capsys):
    broken = without_renditions("cut.jpg", photo(size=(300, 200)))
    Path(broken.file.path).write_bytes(photo(size=(300, 200))[:200])
    gone = without_renditions("gone.jpg")
    Path(gone.file.path).unlink()
    whole = without_renditions()
    with pytest.raises(CommandError, match="2 failed"):
        call_command("make_renditions")
    said = capsys.readouterr()
    assert f"Picture {broken.pk}" in said.err
    assert f"Picture {gone.pk}" in said.err
    assert "1 made, 2 failed" in said.out
    assert Picture.objects.filter(renditions=SET).get() == whole


def test_half_a_rendition_of_who_was_killed_is_made_anew(capsys):
    picture = without_renditions()
    render(picture)
    [path] = paths(picture, "card")
    whole = path.read_bytes()
    path.write_bytes(whole[:20])
    make_renditions(capsys)
    assert path.read_bytes() == whole


def test_files_that_the_storage_lost_are_made_again_when_asked_for(capsys):
    picture = stored()
    path = paths(picture, "wide")[0]
    path.unlink()
    assert make_renditions(capsys).startswith("0 made")
    assert make_renditions(capsys, "--look").startswith("1 made")
    assert path.exists()


def test_it_is_silent_when_told_to(capsys):
    without_renditions()
    assert make_renditions(capsys, verbosity=0) == ""
