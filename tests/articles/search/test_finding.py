"""What the engine of the database finds, in which order; and that the index follows each act."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import chain, permutations
from math import lcm

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles import publishing
from articles.merge_names import merge
from articles.models import Place, SearchEntry, Story, Tag
from articles.search import sqlite
from articles.search.documents import SECOND, Key, position_at
from articles.search.finding import BEST, find
from articles.search.queries import Query, Term, parse
from articles.search.streams import TooSlow
from tests.factories import make_channel, make_site, make_source, publish

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
BY = {"by_name": "The suite"}


def ago(**kwargs) -> datetime:
    return NOW - timedelta(**kwargs)


def told(headline: str, body: str = "Nothing else.", **kwargs) -> Story:
    return publish(headline=headline, body=f"<p>{body}</p>", **kwargs)


def found(typed: str | Query, language: str = "en", limit: int = 20, **kwargs) -> list[str]:
    query = typed if isinstance(typed, Query) else parse(typed, language)
    keys = [hit.story for hit in find(query, limit=limit, **kwargs)]
    headlines = Story.objects.in_bulk(keys)
    return [headlines[key].headline for key in keys]


def test_the_newest_is_first_however_old_it_is():
    for days in (3000, 400, 200, 30, 1, 0):
        told(f"{days} days", "The ferry sails", at=ago(days=days))
    assert found("ferry") == ["0 days", "1 days", "30 days", "200 days", "400 days", "3000 days"]
    assert found("ferry", limit=2) == ["0 days", "1 days"]


@pytest.mark.parametrize("order", ["newest", "best"])
def test_each_screen_goes_on_where_the_last_one_ended(order):
    for number in range(30):
        told(f"{number:02}" + " ferry" * (number % 3 == 0), "The ferry sails", at=ago(days=number * 40))
    whole, below, query = found("ferry", limit=50, order=order), None, parse("ferry", "en")
    assert len(set(whole)) == 30
    seen = []
    while hits := find(query, limit=7, order=order, **({"below": below} if below else {})):
        seen += [hit.story for hit in hits]
        below = hits[-1].score
    assert [Story.objects.get(pk=key).headline for key in seen] == whole


@pytest.mark.parametrize("order", ["newest", "best"])
@pytest.mark.parametrize("days", [3, 40])
def test_the_first_few_are_the_first_of_all(order, days):
    """A search looks no further than for those that can be among them."""
    for number in range(24):
        headline = f"{number:02}" + " ferry" * (number % 4 == 0)
        around = {"teaser": "The ferry"} if number % 3 == 0 else {}
        told(headline, "The ferry sails", at=ago(days=number * days), **around)
    since = position_at(ago(days=20 * days))
    before = position_at(ago(days=5 * days))
    for between, number in (({}, 24), ({"since": since}, 21), ({"since": since, "before": before}, 15)):
        whole = found("ferry", limit=50, order=order, **between)
        assert len(whole) == number
        assert [found("ferry", limit=few, order=order, **between) for few in range(1, len(whole))] == [
            whole[:few] for few in range(1, len(whole))
        ]


def test_words_together_phrases_alternatives_and_without():
    told("A", "The red ferry left the port", at=ago(days=1))
    told("B", "The ferry was red", at=ago(days=2))
    told("C", "The port was empty", at=ago(days=3))
    assert found("red ferry") == ["A", "B"]
    assert found('"red ferry"') == ["A"]
    assert found("ferry -port") == ["B"]
    assert found("red OR empty the") == ["A", "B", "C"]
    assert found('port -"red ferry"') == ["C"]
    assert found('"ferry red" OR "red ferry" OR "was empty"', order=BEST) == ["A", "C"]
    assert found("empt*") == ["C"]
    assert found("emp*") == []
    assert found("-port") == []


@pytest.mark.parametrize("order", ["newest", "best"])
def test_words_of_any_rarity_are_found_together_whatever_their_number(order):
    """Each word stands in every second, third, fourth ... story."""
    words = dict(zip(["ferry", "quay", "crane", "pilot", "harbour"], (1, 2, 3, 4, 45), strict=True))
    for number in range(1, 61):
        said = " ".join(word for word, every in words.items() if number % every == 0)
        told(f"Story {number:02}", f"{said} and more", at=ago(days=number))
    for asked in chain.from_iterable(permutations(words, number) for number in (3, 4, 5)):
        every = lcm(*(words[word] for word in asked))
        wanted = [f"Story {number:02}" for number in range(every, 61, every)]
        assert found(" ".join(asked), limit=60, order=order) == wanted
    assert found("ferry quay crane -pilot", limit=60) == [
        f"Story {number:02}" for number in (6, 18, 30, 42, 54)
    ]
    assert found('pilo* "ferry quay" crane and', limit=60) == [
        f"Story {number:02}" for number in range(12, 61, 12)
    ]


def test_a_phrase_does_not_go_from_one_text_into_the_next():
    told("Ferry", "Sails on")
    assert found('"ferry sails"') == []


def test_accents_case_and_inflections_are_alike():
    told("Été à Genève", "Les élections", language="fr")
    told("Storms", "They sail", language="en")
    assert found("ete") == found("GENEVE") == found("été") == ["Été à Genève"]
    assert found("élection", "fr") == ["Été à Genève"]
    assert found("élections", "en") == ["Été à Genève"]
    assert found("storm") == found("sailing") == ["Storms"]


def test_scripts_without_spaces_are_found():
    told("北京大学的新闻", language="zh")
    assert found("北京") == found("大学") == found("闻") == ["北京大学的新闻"]
    assert found("京北") == []


def test_a_story_is_found_by_all_that_it_shows():
    story = told("Head", "Body words", teaser="Teaser words", slugline="ports-strike", byline="Ada Quist")
    story.tags.add("High Tide")
    publishing.update(story, **BY)
    for typed in ("head", "body", "teaser", "strike", "quist", '"high tide"'):
        assert found(typed) == ["Head"], typed


def test_marks_of_a_body_are_no_words():
    told("A", 'A <strong>bold</strong> <a href="https://example.org/quux">link</a>')
    assert found("strong") == found("quux") == found("href") == []
    assert found("bold") == ["A"]


def test_a_headline_counts_most_and_age_against_it():
    told("Ferry on time", at=ago(days=300))
    told("Ferry stopped", at=ago(days=500))
    told("Port", "The ferry", teaser="A ferry", at=ago(days=60))
    told("Quay", "The ferry", at=ago(days=1))
    assert found("ferry", order=BEST) == ["Ferry on time", "Port", "Quay", "Ferry stopped"]


def test_a_phrase_in_the_headline_counts_most_too():
    told("Red ferry", at=ago(days=300))
    told("Ferry red", "The red ferry", at=ago(days=2))
    told("Port", "The red ferry", at=ago(days=1))
    assert found('"red ferry"', order=BEST) == ["Ferry red", "Red ferry", "Port"]
    assert found("begin*", order=BEST) == []


def test_only_what_was_published_between_two_moments():
    for days in (1, 2, 3):
        told(f"{days}", "The ferry", at=ago(days=days))
    bounds = {"since": position_at(ago(days=2)), "before": position_at(ago(days=1))}
    assert found("ferry", **bounds) == found("ferry", order=BEST, **bounds) == ["2"]


def test_a_very_long_story_is_indexed_as_far_as_it_can_be():
    told("Ferry", " ".join(f"word{number}" for number in range(200_000)))
    assert found("ferry word9") == ["Ferry"]
    assert found("word199999") == []


# -- The index follows each act ------------------------------------------------------


def test_an_update_a_correction_and_a_withdrawal_change_what_is_found():
    story = told("Ferry")
    story.headline = "Tram"
    publishing.update(story, **BY)
    assert (found("ferry"), found("tram")) == ([], ["Tram"])
    story.headline = "Train"
    publishing.correct(story, note="It was a train.", **BY)
    assert (found("tram"), found("train")) == ([], ["Train"])
    publishing.unpublish(story, reason="A test", **BY)
    assert found("train") == []
    assert not SearchEntry.objects.exists()
    publishing.restore(story, reason="A test", **BY)
    assert found("train") == []
    publishing.publish(story, **BY)
    assert found("train") == ["Train"]


def test_a_story_that_goes_live_at_another_time_stands_there_and_once():
    story = told("Ferry", publish_at=NOW + timedelta(days=2000))
    story.publish_at = NOW + timedelta(days=1000)
    publishing.update(story, **BY)
    assert found("ferry") == ["Ferry"]
    assert SearchEntry.objects.get().position // SECOND == story.publish_at.timestamp()


def test_what_is_undone_is_undone_in_the_index():
    story = told("Ferry")
    with suppress(LookupError), transaction.atomic():
        story.headline = "Tram"
        publishing.update(story, **BY)
        raise LookupError
    assert (found("ferry"), found("tram")) == (["Ferry"], [])


def narrowed(*keys: str) -> Query:
    return Query(tuple((Term((key,)),) for key in keys))


def test_what_a_story_belongs_to_narrows_a_search_down():
    channel, source = make_channel(make_site()), make_source()
    story = publish(channel, headline="A", source=source, language="pt-BR")
    publish(channel, headline="B")
    story.tags.add("Ferries")
    story.places.add(Place.objects.create(name="Oslo"))
    publishing.update(story, **BY)
    keys = [
        Key.CHANNEL.of(channel.pk), Key.HOME.of(channel.pk), Key.SITE.of(channel.site_id),
        Key.SOURCE.of(source.pk), Key.LANGUAGE.of("pt"),
        Key.TAG.of(story.tags.get().pk), Key.PLACE.of(story.places.get().pk),
    ]  # fmt: skip
    assert found(narrowed(*keys)) == ["A"]
    assert set(found(narrowed(keys[0]))) == set(found(narrowed(keys[2]))) == {"A", "B"}


def test_a_merge_of_tags_moves_the_stories_of_the_other():
    story = told("A")
    story.tags.add("Boats")
    publishing.update(story, **BY)
    ships, boats = Tag.objects.create(name="Ships"), Tag.objects.get(name="Boats")
    merge(ships, [boats])
    assert found("boats") == []
    assert found("ships") == found(narrowed(Key.TAG.of(ships.pk))) == ["A"]


# -- No search hurts others ----------------------------------------------------------


@given(
    st.text(max_size=60) | st.text(alphabet="ab \"-*OR'\\():&|!<>§¹·^~", max_size=30),
    st.sampled_from(["newest", "best"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_input_is_an_error(typed, order):
    find(parse(typed, "en"), order=order, limit=5)


@pytest.mark.django_db(transaction=True)
def test_a_search_that_takes_too_long_is_ended_and_the_next_is_not(monkeypatch):
    monkeypatch.setattr(sqlite, "_STEPS", 1)
    words = [f"{letter}{number}" for letter in "abcdefgh" for number in range(1000)]
    told("Ferry", " ".join(words))
    slow = Query(tuple((Term((letter,), begins=True),) for letter in "abcdefgh"))
    with pytest.raises(TooSlow):
        find(slow, order=BEST, limit=5, most_ms=1)
    assert found("ferry") == ["Ferry"]


def test_an_entry_that_is_deleted_takes_its_words_along():
    story = told("Ferry")
    SearchEntry.objects.filter(story=story).delete()
    with connection.cursor() as cursor:
        table = "articles_searchwords" if connection.vendor == "sqlite" else "articles_searchentry"
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone() == (0,)


def test_the_same_search_again_and_again_is_one_statement_each(django_assert_num_queries):
    told("Ferry")
    with django_assert_num_queries(12):
        for _ in range(12):
            assert found_keys("ferry")


def found_keys(typed: str) -> list[int]:
    return [hit.story for hit in find(parse(typed, "en"), limit=5, order=BEST)]
