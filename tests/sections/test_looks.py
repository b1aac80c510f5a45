"""A site's look: its name plate, its headlines, its channels' colours; the fonts that all sites share."""

import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from tests.factories import make_block, make_channel, publish

pytestmark = pytest.mark.django_db


def test_a_site_has_the_name_plate_and_the_headlines_that_were_chosen_for_it(read, site):
    assert '<body class="plate-centred headlines-serif">' in read("/").content.decode()
    site.plate, site.headlines = site.Plate.BAND, site.Headlines.SANS
    site.save()
    assert '<body class="plate-band headlines-sans">' in read("/").content.decode()


@pytest.mark.parametrize("plate", ["centred", "band", "side"])
def test_every_name_plate_that_can_be_chosen_is_drawn(site, plate):
    """The first is what the style sheet draws where nothing else is said."""
    css = (settings.BASE_DIR / "static/css/portal.css").read_text()
    assert plate in site.Plate
    assert (f".plate-{plate} .plate" in css) == (plate != site.Plate.CENTRED)


def test_a_block_has_the_colour_of_the_channel_that_fills_it_on_the_front_and_beside_stories(read, channel):
    channel.colour = "#3d4f2f"
    channel.save()
    plain = make_channel(channel.site, "Moon", "REGOLITH")
    for _ in range(9):
        publish(channel)
        publish(plain)
    make_block(plain, "Around the harbour", from_channel=channel)
    tinted = f'<section class="block tint tint-{channel.pk}">'
    for address, label in [("/", "Russian News"), ("/channel/moon/", "Around the harbour")]:
        html = read(address).content.decode()
        block = next(part for part in html.split("<section ")[1:] if f">{label}</a></h2>" in part)
        assert f"<section {block}".startswith(tinted), address
    moon = next(
        part for part in read("/").content.decode().split("<section ")[1:] if ">Moon</a></h2>" in part
    )
    assert "tint" not in moon.split(">")[0]


def test_the_fonts_that_a_page_asks_for_at_once_are_those_of_the_style_sheet(read, site):
    asked = re.findall(
        r'<link rel="preload" href="/static/([^"]+)" as="font" type="font/woff2" crossorigin>',
        read("/").content.decode(),
    )
    css = (settings.BASE_DIR / "static/css/portal.css").read_text()
    assert asked == [f"fonts/{name}" for name in re.findall(r'url\("\.\./fonts/([^"]+)"\)', css)]
    assert all(finders.find(name) for name in asked)


def test_where_there_is_no_page_the_site_is_there_all_the_same(client, channel, django_assert_num_queries):
    with django_assert_num_queries(1):  # the network
        response = client.get("/none/at/all/", headers={"host": "main.test"})
    assert response.status_code == 404
    html = response.content.decode()
    for shown in ["There is no such page | Main", '<p class="plate-name"><a href="/">', channel.title]:
        assert shown in html
    assert '<meta name="robots" content="noindex">' in html
    assert 'rel="canonical"' not in html
