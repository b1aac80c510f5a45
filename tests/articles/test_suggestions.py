"""Which tags and places a story is offered, and why."""

import pytest
from django.contrib.auth.models import Group, Permission

from articles.models import Place, Tag
from articles.suggestions import MOST, phrases, suggestions
from tests.articles.test_admin import ADD, change_url, desk, read_form
from tests.factories import make_story

pytestmark = pytest.mark.django_db

TEXT = {
    "headline": "Ferry to Bodø runs again",
    "teaser": "Ice had closed the Vestfjord",
    "body": "<p>The U.S. <b>ferry</b> operators told us that sea ice was thin.</p>",
}


def used(*names: str, **values) -> list[Tag]:
    tags = [Tag.objects.create(name=name, **values) for name in names]
    make_story().tags.add(*tags)
    return tags


def told(story, has=()) -> list[tuple[str, str]]:
    return [(tag.name, tag.why) for tag in suggestions(story, has).tags]


def test_tags_that_stand_in_the_text_are_offered_with_where_the_headlines_first():
    used("ferry", "Ice", "Sea ice", "Vestfjord", "Sea", "Rail")
    assert told(make_story(**TEXT)) == [
        ("ferry", "in the headline"),
        ("Ice", "in the teaser"),
        ("Vestfjord", "in the teaser"),
        ("Sea ice", "in the text"),
        ("Sea", "in the text"),
    ]


def test_names_are_whole_words_whatever_their_case_and_accents():
    used("BODO", "Run", "Férry", "Ferry to Bodø")
    assert [name for name, _why in told(make_story(**TEXT))] == ["Ferry to Bodø", "Férry"]


def test_initials_are_not_the_word_that_is_written_alike():
    used("US", "NATO")
    assert told(make_story(**TEXT)) == []
    assert told(make_story(headline="The US and Nato")) == [("US", "in the headline")]


def test_another_name_of_a_tag_offers_the_tag_once():
    tag = used("Car ferries")[0]
    tag.other_names.create(name="Ferry")
    tag.other_names.create(name="Ferry operators")
    assert told(make_story(**TEXT)) == [("Car ferries", "in the headline")]


def test_subjects_offer_the_tags_of_their_topic_first_and_of_those_above_last():
    used("Guns", topic="medtop:20000601")
    used("Defence", topic="medtop:20000598")
    used("Rail", topic="medtop:20000003")
    used("Ferry")
    story = make_story(**TEXT, subjects=["medtop:20000601", "afp:WAR", 7])
    assert told(story) == [
        ("Guns", "subject medtop:20000601 military equipment"),
        ("Ferry", "in the headline"),
        ("Defence", "above its subject military equipment"),
    ]


def test_a_tag_that_no_story_has_or_this_one_has_is_not_offered():
    Tag.objects.create(name="Ice")
    ferry = used("Ferry")[0]
    assert told(make_story(**TEXT), has=[ferry]) == []


def test_places_of_the_dateline_and_the_text_are_offered():
    Place.objects.create(name="Bodø", country="Norway")
    Place.objects.create(name="Oslo").other_names.create(name="Christiania")
    Place.objects.create(name="Tromsø")
    story = make_story(headline="Old Christiania", body="<p>In Bodø.</p>", dateline_place="Tromsø")
    assert [(place.name, place.why) for place in suggestions(story).places] == [
        ("Tromsø", "in the dateline"),
        ("Oslo", "in the headline"),
        ("Bodø, Norway", "in the text"),
    ]


def test_it_is_one_query_and_a_dozen_at_most_for_any_number_of_tags(django_assert_num_queries):
    used(*(f"word{n}" for n in range(40)))
    story = make_story(body=f"<p>{' '.join(f'word{n}' for n in range(40))}</p>")
    with django_assert_num_queries(1):
        assert len(suggestions(story).tags) == MOST


@pytest.mark.parametrize("text", ["", "🚀", "a", "— …", "\u0301", "\x00 x"])
def test_text_without_words_offers_nothing(text):
    assert phrases(text) == set()
    story = make_story(headline=text.replace("\x00", ""), body="")
    assert suggestions(story).tags == []


@pytest.mark.parametrize("text", ["Москва", "القاهرة", "Αθήνα", "İstanbul", "ﬁnance"])
def test_names_of_any_script_are_found_as_they_are_written(text):
    used(text)
    assert [name for name, _why in told(make_story(headline=f"… {text}!"))] == [text]


# -- On the story form -------------------------------------------------------------


def test_the_form_lists_them_with_why_and_without_what_the_story_has():
    used("Ice", "Sea ice", "Ferry")
    story = make_story(**TEXT)
    story.tags.add("Ferry")
    html = desk("Reporter").get(change_url(story)).content.decode()
    assert '<span data-name="Ice">Ice</span> <small>in the teaser</small>' in html
    assert 'data-name="Ferry"' not in html
    assert 'data-name="Sea ice"' not in desk("Reporter", "other").get(ADD).content.decode()


def without_new_tags():
    client = desk("Reporter")
    may = Permission.objects.get(content_type__app_label="articles", codename="add_tag")
    Group.objects.get(name="Reporter").permissions.remove(may)
    return client


def test_who_may_not_make_tags_uses_those_there_are_by_any_of_their_names():
    used("Ferries")[0].other_names.create(name="Car ferries")
    story, client = make_story(), without_new_tags()
    assert client.post(change_url(story), read_form(client, change_url(story)) | {"tags": "CAR FERRIES"})
    assert list(story.tags.names()) == ["Ferries"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Ferrys, Ice", "There is no tag “Ferrys”, and you may not make one. Did you mean “Ferries”?"),
        ("Zeppelins", "There is no tag “Zeppelins”, and you may not make one. Ask an editor for it"),
    ],
)
def test_who_may_not_make_tags_is_told_which_there_are(typed, said):
    used("Ferries", "Ice")
    story, client = make_story(), without_new_tags()
    data = read_form(client, change_url(story)) | {"tags": typed}
    page = client.post(change_url(story), data)
    assert page.status_code == 200
    assert said in page.content.decode()
    assert client.post(ADD, read_form(client, ADD) | {"headline": "New", "tags": typed}).status_code == 200
    assert client.post("/admin/articles/tag/add/", {"name": "Zeppelins"}).status_code == 403
    assert not Tag.objects.exclude(name__in=["Ferries", "Ice"]).exists()


def test_who_may_make_tags_makes_them_as_they_file():
    story, client = make_story(), desk("Editor")
    client.post(change_url(story), read_form(client, change_url(story)) | {"tags": "Zeppelins"})
    assert list(story.tags.names()) == ["Zeppelins"]
