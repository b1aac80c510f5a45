"""Colours that editors choose are such as readers can read."""

import pytest
from django.core.exceptions import ValidationError

from sections.colours import BLACK, WHITE, contrast, too_like
from tests.factories import make_channel, make_site, publish


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#9b1c1c", "#9b1c1c") == 1


@pytest.mark.parametrize("colour", ["#ffff00", "#00ff00", "#ff8800", "#777777", "#ffffff"])
def test_the_mend_it_offers_is_one(colour):
    assert contrast(too_like(colour, WHITE, towards=BLACK).instead, WHITE) >= 4.5


@pytest.mark.parametrize(
    ("field", "bad", "good"), [("accent", "#ffcc00", "#8a1c2c"), ("paper", "#8a8a8a", "#f6fbfa")]
)
def test_a_sites_look_that_cannot_be_read_is_refused_with_its_ratio_and_a_mend(db, field, bad, good):
    site = make_site()
    setattr(site, field, bad)
    with pytest.raises(
        ValidationError, match=r"have a contrast of \d+\.\d to 1.*4\.5 to 1\. #.* would do"
    ) as error:
        site.full_clean()
    assert list(error.value.message_dict) == [field]
    setattr(site, field, good)
    site.full_clean()


def test_the_mend_is_taken_when_it_is_followed(db):
    site = make_site(accent="#ffcc00")
    with pytest.raises(ValidationError) as error:
        site.full_clean()
    [message] = error.value.message_dict["accent"]
    site.accent = message.split()[-3]
    site.full_clean()


def test_a_channels_colour_is_read_on_the_paper_of_its_site(db):
    channel = make_channel(make_site(), colour="#ffee88")
    with pytest.raises(ValidationError, match="have a contrast of 1"):
        channel.full_clean()
    for colour in ["", "#1d5b79"]:
        channel.colour = colour
        channel.full_clean()


@pytest.mark.parametrize("given", ["red", "#12345", "#1234567", "#12345g", "#123456\n", "#1;}*{"])
def test_what_is_no_colour_is_refused_as_such(db, given):
    site = make_site()
    channel = make_channel(site)
    site.accent = channel.colour = given
    for row, field in [(site, "accent"), (channel, "colour")]:
        with pytest.raises(ValidationError) as error:
            row.full_clean()
        assert field in error.value.message_dict


def test_kickers_have_the_colour_of_their_channel_on_every_site(read, channel, moon):
    moon.colour = "#1d5b79"
    moon.save()
    publish(moon, also=(channel,))
    assert f".tint-{moon.pk} {{\n  --tint: #1d5b79;" in read("/look.css").content.decode()
    assert f'class="kicker tint tint-{moon.pk}"' in read("/latest/").content.decode()
    assert f"tint-{channel.pk}" not in read("/look.css").content.decode()
