"""The small files at fixed addresses that machines ask every site for."""

import io
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from django.utils import timezone
from lxml import etree
from PIL import Image

from tests.factories import make_site

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(db):
    return make_site("main.test", name="Tideline", is_default=True, accent="#0a5c6b", tagline="Oceans")


def lines(response) -> list[str]:
    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    return response.content.decode().splitlines()


def test_robots_are_told_what_to_leave_and_where_the_sitemaps_are(read):
    told = lines(read("/robots.txt"))
    assert told[:2] == ["User-agent: *", "Disallow: /admin/"]
    assert told[-2:] == [
        "Sitemap: http://main.test/sitemap.xml",
        "Sitemap: http://main.test/sitemap-news.xml",
    ]


def test_crawlers_for_language_models_are_shut_out_unless_they_are_allowed(read, settings):
    told = lines(read("/robots.txt"))
    assert told[told.index("User-agent: GPTBot") : told.index("Disallow: /") + 1][-1] == "Disallow: /"
    settings.AI_CRAWLERS_ALLOWED = True
    assert "Disallow: /" not in lines(read("/robots.txt"))


def test_security_txt_names_the_contact_and_ends_within_a_year(read, settings):
    assert read("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "mailto:security@main.test"
    told = dict(line.split(": ", 1) for line in lines(read("/.well-known/security.txt")))
    assert told["Contact"] == "mailto:security@main.test"
    assert told["Canonical"] == "http://main.test/.well-known/security.txt"
    ends = datetime.strptime(told["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=30) < ends - timezone.now() < timedelta(days=365)


def test_ads_txt_says_that_nobody_sells_unless_it_is_set(read, settings):
    assert lines(read("/ads.txt")) == ["placeholder.example.com, placeholder, DIRECT, placeholder"]
    settings.ADS_TXT = ["ads.example, 1, DIRECT", "contact=ads@main.test"]
    assert lines(read("/ads.txt")) == ["ads.example, 1, DIRECT", "contact=ads@main.test"]


def test_the_manifest_has_the_name_and_look_of_the_site(read):
    response = read("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    told = json.loads(response.content)
    assert (told["name"], told["description"], told["theme_color"]) == ("Tideline", "Oceans", "#0a5c6b")
    for named in told["icons"]:
        image = Image.open(io.BytesIO(read(named["src"]).content))
        assert f"{image.width}x{image.height}" == named["sizes"]


@pytest.mark.parametrize("name", ["Tideline", "مد", "1 Day"])
def test_the_icon_has_the_accent_and_something_on_it(read, site, name):
    site.name = name
    site.save()
    image = Image.open(io.BytesIO(read("/apple-touch-icon.png").content)).convert("RGB")
    assert image.size == (180, 180)
    assert image.getpixel((2, 2)) == (0x0A, 0x5C, 0x6B)
    assert (255, 255, 255) in {colour for _, colour in image.getcolors(maxcolors=100_000)}


def test_old_browsers_get_an_icon_of_several_sizes(read):
    image = Image.open(io.BytesIO(read("/favicon.ico").content))
    assert image.info["sizes"] == {(16, 16), (32, 32), (48, 48)}


def test_a_page_draws_its_own_icon_with_the_letter_and_the_accent_of_its_site(read, site):
    site.name = "<أخبار"
    site.save()
    [address] = re.findall('<link rel="icon" href="(data:[^"]+)"', read("/").content.decode())
    drawing = etree.fromstring(unquote(address.removeprefix("data:image/svg+xml,")))
    [square, letter] = drawing
    assert (square.get("fill"), letter.text) == ("#0a5c6b", "<")
