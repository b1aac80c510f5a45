"""Tags, places and authors merged and renamed: nothing that named one of them loses it."""

import pytest
from django.contrib.auth.models import User

from articles import merge_names, publishing
from articles.merge_names import Gone, Uses, merge, published_stories, uses_of
from articles.models import Author, Place, Story, Tag, TagName, TagSlug
from articles.models.stories import StaleVersion
from articles.working_copy import restore_text
from tests.factories import make_block, make_channel, make_site, make_story, publish

pytestmark = pytest.mark.django_db


def tags(*names: str) -> list[Tag]:
    return [Tag.objects.get_or_create(name=name)[0] for name in names]


def tagged(*names: str) -> Story:
    story = make_story()
    story.tags.add(*names)
    return story


def test_stories_of_both_have_what_is_kept_once():
    stories = [tagged("Ships"), tagged("Boats"), tagged("Boats", "Vessels"), tagged("Ships", "Boats", "Ice")]
    ships, boats, vessels = tags("Ships", "Boats", "Vessels")
    assert merge(ships, [boats, vessels]) == 3
    assert [sorted(story.tags.names()) for story in stories] == [
        ["Ships"], ["Ships"], ["Ships"], ["Ice", "Ships"],
    ]  # fmt: skip
    assert set(Tag.objects.values_list("name", flat=True)) == {"Ships", "Ice"}


def test_only_stories_that_changed_are_newer_so_that_an_open_form_notices():
    kept, moved = tagged("Ships"), tagged("Boats")
    merge(*_pair("Ships", "Boats"))
    kept.save()
    with pytest.raises(StaleVersion):
        moved.save()


def _pair(kept: str, other: str):
    return tags(kept)[0], tags(other)


def test_what_was_merged_is_found_by_its_names_and_makes_no_new_tag():
    boats = tags("Ships", "Boats")[1]
    boats.other_names.create(name="Skiffs")
    merge(*_pair("Ships", "Boats"))
    story = tagged("BOATS", "skiffs")
    assert list(story.tags.names()) == ["Ships"]
    assert [tag.name for tag in Tag.objects.named_or_new(["Skiffs", "Boats", "ships"])] == ["Ships"]


def test_merging_again_and_in_chains_is_safe():
    ships, boats, vessels = tags("Ships", "Boats", "Vessels")
    merge(boats, [vessels])
    assert merge(ships, [boats, vessels]) == 0
    assert merge(ships, [boats, vessels, ships]) == 0
    assert {slug.slug: slug.of.name for slug in TagSlug.objects.all()} == {
        "boats": "Ships",
        "vessels": "Ships",
    }
    assert sorted(TagName.objects.values_list("name", flat=True)) == ["Boats", "Vessels"]
    with pytest.raises(Gone, match="“Boats” is not there any more"):
        merge(boats, [ships])
    assert Tag.objects.get() == ships


def test_a_failure_half_way_undoes_all(monkeypatch):
    story = tagged("Boats")
    monkeypatch.setattr(merge_names, "keep_old", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        merge(*_pair("Ships", "Boats"))
    assert list(story.tags.names()) == ["Boats"]
    story.save()  # it is no newer


def test_a_block_that_is_filled_from_a_tag_follows_it():
    ships, boats = tags("Ships", "Boats")
    block = make_block(make_channel(make_site()), backfill="tag", from_tag=boats)
    merge(ships, [boats])
    block.refresh_from_db()
    assert block.from_tag == ships


def test_the_media_topic_of_the_other_is_kept_where_there_was_none():
    ships, boats = tags("Ships", "Boats")
    boats.topic = "medtop:20000601"
    boats.save()
    merge(ships, [boats])
    ships.refresh_from_db()
    assert ships.topic == "medtop:20000601"


def test_places_are_merged_where_stories_are_about_them_and_where_they_were_filed():
    kyiv, kiev = Place.objects.create(name="Kyiv", country="Ukraine"), Place.objects.create(name="Kiev")
    about, filed = make_story(), make_story(located=kiev)
    about.places.add(kyiv, kiev)
    assert merge(kyiv, [kiev]) == 2
    filed.refresh_from_db()
    assert (filed.located, filed.version, list(about.places.all())) == (kyiv, 2, [kyiv])
    assert Place.objects.by_name(["KIEV"]) == {"kiev": kyiv}


def test_authors_are_merged():
    ada, quist = Author.objects.create(name="Ada Quist"), Author.objects.create(name="A. Quist")
    story = make_story()
    story.authors.add(quist)
    merge(ada, [quist])
    assert list(story.authors.all()) == [ada]
    assert Author.objects.named(["A. Quist", "Ada Quist"]) == [ada]


def test_an_old_text_restored_after_a_merge_has_what_was_kept():
    editor = User.objects.create(username="editor", is_superuser=True)
    kyiv, ada = Place.objects.create(name="Kyiv"), Author.objects.create(name="Ada Quist")
    story = publish(make_channel(make_site()))
    story.tags.add("Boats")
    story.places.add(kiev := Place.objects.create(name="Kiev"))
    story.authors.add(quist := Author.objects.create(name="A. Quist"))
    publishing.update(story, by=editor)
    merge(*_pair("Ships", "Boats"))
    merge(kyiv, [kiev])
    merge(ada, [quist])
    story.refresh_from_db()
    publishing.unpublish(story, reason="A test", by=editor)
    publishing.restore(story, reason="A test", by=editor)
    restore_text(story, story.versions.get(number=2), editor)
    assert [str(row) for row in (*story.tags.all(), *story.places.all(), *story.authors.all())] == [
        "Ships", "Kyiv", "Ada Quist",
    ]  # fmt: skip


@pytest.mark.parametrize("number", [1, 30])
def test_a_merge_takes_the_same_queries_for_any_number_of_stories(number, django_assert_num_queries):
    for _ in range(number):
        tagged("Boats", "Ice")
    pair = _pair("Ships", "Boats")
    # 29: a savepoint and its end; the tags, locked; what readers see changes; the stories' versions; rows
    # moved, rows doubled; four columns that name a tag; the other one gone, with what could go with it (5);
    # its name and address (10); the keys of its stories, what they are for the index, and that it has none of
    # them, as none is published.
    with django_assert_num_queries(29):
        merge(*pair)


def test_uses_are_counted_in_two_queries(django_assert_num_queries):
    channel = make_channel(make_site())
    draft, public = tagged("Ships", "Ice"), publish(channel)
    public.tags.add("Ships")
    ships, ice, none = tags("Ships", "Ice", "None")
    with django_assert_num_queries(2):
        uses = uses_of(Tag, [ships.pk, ice.pk, none.pk])
    assert uses == {ships.pk: Uses(2, public.created), ice.pk: Uses(1, draft.created)}
    assert [published_stories(one) for one in (ships, ice, none)] == [1, 0, 0]


def test_a_new_tag_does_not_take_an_address_that_leads_elsewhere():
    merge(*_pair("Ships", "C"))
    assert tags("C++")[0].slug == "c-2"


def test_a_tag_renamed_there_and_back_bears_its_names_once():
    ships = tags("Ships")[0]
    for name in ("Vessels", "Ships"):
        was = (ships.name, ships.slug)
        ships.name, ships.slug = name, name.lower()
        ships.save()
        merge_names.keep_old(ships, *was)
    assert [other.name for other in ships.other_names.all()] == ["Vessels"]
    assert [old.slug for old in ships.old_slugs.all()] == ["vessels"]
