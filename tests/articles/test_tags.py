import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.models import Tag
from articles.models.names import normal_form, shown_form
from tests.factories import make_story

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "other", ["MOON", "moon", " Moon ", "Ｍｏｏｎ"], ids=["capitals", "small", "spaces", "full width"]
)
def test_a_tag_written_otherwise_is_the_same_tag(other):
    story = make_story()
    story.tags.add("Moon")
    story.tags.add(other)
    assert [tag.name for tag in Tag.objects.all()] == ["Moon"]


def test_composed_and_decomposed_accents_make_one_tag():
    story = make_story()
    story.tags.add(unicodedata.normalize("NFD", "Élysée"), "élysée")
    tag = Tag.objects.get()
    assert tag.name == unicodedata.normalize("NFC", "Élysée")


def test_a_tag_with_another_accent_is_another_tag():
    make_story().tags.add("résumé", "resume")
    assert Tag.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Lunar water", "lunar-water"),
        ("Москва", "москва"),
        ("القمر", "القمر"),
        ("北京", "北京"),
        ("C++", "c"),
        ("🚀", "tag"),
    ],
)
def test_slugs_stay_readable_in_their_own_script(name, slug):
    make_story().tags.add(name)
    assert Tag.objects.get().slug == slug


def test_tags_whose_slugs_are_alike_get_different_ones():
    make_story().tags.add("C", "C++", "🚀", "🛰")
    assert sorted(Tag.objects.values_list("slug", flat=True)) == ["c", "c-2", "tag", "tag-2"]


def test_setting_tags_again_in_other_letters_keeps_them():
    story = make_story()
    story.tags.set(["Moon", "Mars"])
    story.tags.set(["moon", "MARS"])
    assert sorted(story.tags.names()) == ["Mars", "Moon"]


@given(st.text(max_size=40))
def test_the_normal_form_is_its_own_normal_form(name):
    assert normal_form(normal_form(name)) == normal_form(name)
    assert normal_form(shown_form(name)) == normal_form(name)
