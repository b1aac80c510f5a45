"""What is in a picture's file: what is refused, and what of the rest comes to readers."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from articles import picture_files
from articles.picture_files import Unusable, written_anew
from tests.factories import photo


@pytest.mark.parametrize(
    ("data", "kind", "mode"),
    [
        (photo("JPEG"), "JPEG", "RGB"),
        (photo("JPEG", mode="CMYK"), "JPEG", "RGB"),
        (photo("JPEG", mode="L"), "JPEG", "L"),
        (photo("PNG", mode="RGBA"), "PNG", "RGBA"),
        (photo("PNG", mode="P"), "PNG", "P"),
        (photo("WEBP"), "WEBP", "RGB"),
        (photo("GIF", mode="P"), "PNG", "RGB"),
    ],
)
def test_each_format_is_written_anew_as_one_that_browsers_show(data, kind, mode):
    clean, found = written_anew(data)
    with Image.open(BytesIO(clean)) as image:
        assert (found, image.format, image.mode, image.size) == (kind, kind, mode, (64, 48))


def test_what_a_picture_tells_of_its_place_and_camera_is_not_published():
    exif = Image.Exif()
    exif[0x010F] = "Camera of Ida Holm"
    exif.get_ifd(0x8825)[1] = "N"
    data = photo(exif=exif, comment=b"Ida Holm", xmp=b"<x>Ida Holm</x>")
    assert data.count(b"Ida Holm") == 3
    clean, _ = written_anew(data)
    assert b"Ida Holm" not in clean
    with Image.open(BytesIO(clean)) as image:
        assert not image.getexif()


def test_a_picture_taken_upright_stays_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    clean, _ = written_anew(photo(exif=exif))
    with Image.open(BytesIO(clean)) as image:
        assert image.size == (48, 64)


def test_a_colour_profile_is_kept():
    clean, _ = written_anew(photo(icc_profile=b"a profile"))
    with Image.open(BytesIO(clean)) as image:
        assert image.info["icc_profile"] == b"a profile"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no picture"),
        (b"<html>Please log in</html>", "no picture"),
        (b"<svg onload='x()'/>", "SVG drawing, which can carry scripts"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- \xe2 -->\n<svg xmlns='http://www.w3.org/2000/svg'>", "SVG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC: save it as JPEG"),
        (photo("AVIF"), "AVIF"),
        (photo("BMP"), "BMP"),
        (photo("TIFF"), "TIFF"),
        (b"%PDF-1.7", "PDF"),
        (photo()[:300], "to its end"),
        (photo("PNG")[:60], "to its end"),
    ],
    ids=["empty", "page", "svg", "svg-bom", "heic", "avif", "bmp", "tiff", "pdf", "cut-jpeg", "cut-png"],
)
def test_what_is_no_whole_picture_of_a_known_format_is_refused_with_what_to_do(data, words):
    with pytest.raises(Unusable, match=words):
        written_anew(data)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_a_picture_that_moves_is_refused(kind):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("navy", "white")]
    buffer = BytesIO()
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:])
    with pytest.raises(Unusable, match="It moves"):
        written_anew(buffer.getvalue())


def test_what_hangs_on_a_picture_does_not_come_along():
    """A file that is a picture to one program and a page or an archive to another."""
    script = b"<script>alert(document.domain)</script>"
    for data in (
        photo(comment=script) + script + b"PK\x03\x04",
        photo("GIF", mode="P", comment=script) + script,
        photo("PNG") + script,
    ):
        clean, _ = written_anew(data)
        assert script in data
        assert b"script" not in clean
        assert not clean.endswith(b"PK\x03\x04")


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(side: int) -> bytes:
    """A black PNG that says little and unpacks to side x side bytes."""
    squeeze = zlib.compressobj(9)
    row = b"\0" * (side + 1)
    packed = b"".join(squeeze.compress(row) for _ in range(side)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def test_a_real_bomb_is_refused(monkeypatch):
    data = bomb(10_000)
    assert len(data) < 120_000
    monkeypatch.setattr(Image.Image, "load", pytest.fail)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda image: pytest.fail("It was unpacked."))
    with pytest.raises(Unusable, match="more than 60,000,000 pixels"):
        written_anew(data)


def test_a_file_that_is_too_heavy_is_refused_unread(monkeypatch):
    monkeypatch.setattr(picture_files, "MOST_BYTES", 100)
    with pytest.raises(Unusable, match="bytes; 100 are the most"):
        written_anew(photo())


def test_a_real_colour_profile_is_kept_and_no_place():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("JPEG", "PNG", "WEBP"):
        exif = Image.Exif()
        exif[0x010F] = "Camera"
        exif.get_ifd(0x8825).update({1: "N", 2: (59.0, 55.0, 12.0), 3: "E", 4: (10.0, 45.0, 7.0)})
        data = photo(kind, exif=exif, icc_profile=profile)
        with Image.open(BytesIO(data)) as sent:
            sent.load()
            assert sent.getexif()
        clean, _ = written_anew(data)
        with Image.open(BytesIO(clean)) as image:
            assert image.info["icc_profile"] == profile
            assert not image.getexif()


@pytest.mark.parametrize("most", [64 * 48 - 1, 10_000])
def test_a_bomb_is_refused_before_it_is_unpacked(most, monkeypatch):
    monkeypatch.setattr(picture_files, "MOST_PIXELS", most)
    if most > 64 * 48:
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(Unusable, match="pixels"):
        written_anew(photo("PNG"))


@given(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]), st.data())
def test_a_damaged_picture_is_refused_or_read_and_nothing_else(kind, data):
    whole = bytearray(photo(kind, mode="P" if kind == "GIF" else "RGB"))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        _, found = written_anew(bytes(whole))
    except Unusable:
        return
    assert found in ("JPEG", "PNG", "WEBP")
