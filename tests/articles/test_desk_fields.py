"""Fields of the desk's forms."""

import pytest
from django import forms
from django.test.html import parse_html

from articles.desk_fields import LongSelect


@pytest.mark.parametrize("value", [None, "", 2, "2", 9])
def test_a_long_select_says_what_djangos_own_does(value):
    choices = [("", "---------"), (1, "Oceans <& ice>"), (2, "Moon")]
    attrs = {"id": "id_channel", "required": True, "disabled": False}
    own, django = (
        widget({"aria-label": "Channel"}, choices).render("channel", value, attrs)
        for widget in (LongSelect, forms.Select)
    )
    assert parse_html(own) == parse_html(django)
