from collections import defaultdict
from dataclasses import replace
from itertools import permutations, product
from string import printable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.search.documents import GAP, Key, document, position, words_of
from articles.search.highlights import Marker
from articles.search.queries import MOST, Term, parse
from articles.search.words import _STEMMED, fold, pieces, stem
from tests.articles.search.stories import a_story


@pytest.mark.parametrize(
    ("word", "folded"),
    [("Éléphant", "elephant"), ("STRASSE", "strasse"), ("Straße", "strasse"), ("Łódź", "lodz"),
     ("İstanbul", "istanbul"), ("العَرَبِيَّة", "العربية"), ("Ångström", "angstrom"), ("ｗｉｄｅ", "wide")],
)  # fmt: skip
def test_words_are_folded(word, folded):
    assert fold(word) == folded


def test_texts_are_parted_into_words_in_any_script():
    text = "L'été à São Tomé: covid-19, हिन्दी समाचार, 北京大学abc."
    assert [word for word, _is_run in pieces(text)] == [
        "L", "été", "à", "São", "Tomé", "covid", "19", "हिन्दी", "समाचार", "北京大学", "abc",
    ]  # fmt: skip


def test_text_without_spaces_is_found_by_pairs_of_letters():
    assert [word for word, _original in words_of("北京大学")] == ["北京", "京大", "大学", "学"]


def test_inflections_are_those_of_the_language():
    assert stem("storms", "en") == "storm"
    assert stem("élections", "fr") == "elect"
    assert stem("storms", "xx") == "storms"


def test_a_document_has_words_in_order_and_marks_where_they_stand():
    found = document(
        a_story(headline="Storms ahead", teaser="A port", body="<p>The quay <b>floods</b></p>"),
        ["Weather"],
        [Key.TAG.of(7)],
    )
    assert (
        " ".join(word for word in found.words if word != GAP) == "storms ahead a port weather the quay floods"
    )
    assert {"¹storms", "¹en·storm", "²weather", "²port", "§t7", "§len", "en·flood"} <= found.marks
    assert not {"¹port", "²quay", "en·port", "¹b", "b"} & found.marks


def test_positions_are_in_the_order_of_publication():
    early, late = a_story(minute=1), a_story(minute=2)
    assert position(early.first_published, 9) < position(late.first_published, 3)
    assert position(early.first_published, 3) < position(early.first_published, 9)


def words(clause) -> set[str]:
    return {" ".join(term.words) for term in clause}


def test_words_phrases_alternatives_and_what_is_left_out():
    query = parse('Storms "High  Tide" -rain gale OR wind', "en")
    assert [words(clause) for clause in query.clauses] == [
        {"storms", "storm", "en·storm"},
        {"high tide"},
        {"gale", "en·gale", "wind", "en·wind"},
    ]
    assert words(query.without) == {"rain", "en·rain"}


def test_what_our_index_parts_is_a_phrase():
    assert [words(clause) for clause in parse("covid-19", "en").clauses] == [{"covid 19"}]
    assert [words(clause) for clause in parse("北京大学", "en").clauses] == [{"北京 京大 大学"}]


def test_a_star_asks_for_what_begins_so():
    assert parse("Harb*", "en").clauses == ((Term(("harb",), begins=True),),)
    assert parse("the*", "en") == replace(parse("the", "en"), typed=("the*",))


def test_a_kicker_is_found_by_the_channels_that_have_it():
    [clause] = parse("regolith", "en", {"regolith": [5]}).clauses
    assert "§h5" in words(clause)


@pytest.mark.parametrize(
    "typed", ["", "   ", "OR", "-", '"', '""', "OR OR", "- -", "*", "'", "\0", "!&|()<->:"]
)
def test_what_means_nothing_asks_for_nothing(typed):
    assert not parse(typed, "en")


def test_no_more_words_are_looked_for_than_a_few():
    assert len(parse(" ".join(f"w{number}" for number in range(50)), "en").clauses) == MOST


@given(st.text(), st.sampled_from(["en", "ar", "zh-Hant", "", "x-y", "'\"\\"]))
def test_every_input_is_a_query(typed, language):
    query = parse(typed, language)
    for term in (*(term for clause in query.clauses for term in clause), *query.without):
        assert all(word and not set(word) & set("'\\\"\0 ") for word in term.words)


@given(st.text(alphabet=st.characters() | st.sampled_from(printable + "é北京")), st.text(max_size=20))
def test_marking_changes_no_letter(text, typed):
    marked = Marker(parse(typed, "en")).marked(text, "en")
    assert "".join(piece for piece, _is_found in marked) == text


def test_what_was_found_is_marked_as_it_stands():
    marker = Marker(parse("storm éléphants 北京 gall*", "en"))
    text = "Storms and Elephants in 大北京市, gallant"
    assert [piece for piece, is_found in marker.marked(text, "en") if is_found] == [
        "Storms", "Elephants", "北京", "gallant",
    ]  # fmt: skip


# What stems of some languages take off or change at a word's begin and end.
_PARTS = ("ge", "me", "di", "ber", "mb", "bhf", "un", "b", "st", "lo", "ri", "ing", "s", "um", "a", "p")
_WORDS = ["".join(parts) for length in (1, 2, 3) for parts in product(_PARTS, repeat=length)]


@pytest.mark.parametrize("language", sorted(_STEMMED))
def test_words_of_each_language_are_marked_that_have_the_stem_looked_for(language):
    of_stem = defaultdict(list)
    for word in _WORDS:
        of_stem[stem(word, language)].append(word)
    for words in of_stem.values():
        # One of each letter that they begin with, as only those are looked at that begin as the query does.
        alike = {word[0]: word for word in words}.values()
        for typed, text in permutations(alike, 2):
            assert Marker(parse(typed, language)).marked(text, language) == [(text, True)]
        text = " ".join(words[:3])
        marked = Marker(parse(words[0], language)).marked(text, language)
        assert [word for word, is_found in marked if is_found] == words[:3]


def test_a_passage_is_found_as_well_in_many_lines_as_in_one():
    text = "\n".join(["Nothing here at all.", *["Nor is any there, as it were."] * 200, "The storm came."])
    marker = Marker(parse("storm", "en"))
    for stands in (text, text.replace("\n", " ")):
        said = "".join(piece for piece, _is_found in marker.passage(stands, "en"))
        assert said.endswith("Nor is any there, as it were. The storm came.")


def test_a_passage_holds_what_was_found():
    text = "Nothing here. " * 40 + "The storm came. " + "Nothing there. " * 40
    passage = Marker(parse("storm", "en")).passage(text, "en")
    said = "".join(piece for piece, _is_found in passage)
    assert ("storm", True) in passage
    assert said.startswith("… ")
    assert said.endswith(" …")
    assert len(said) < 240
