"""Differences by words and by fields."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.wording import field_changes, word_changes

PARTS = ["ferry", "pilot", " ", "  ", "\n", ".", ",", "北", "京", "เรือ", "العبّارةُ", "don't", "3.5"]
WORDS = st.lists(st.sampled_from(PARTS) | st.characters(codec="utf-8"), max_size=60).map("".join)


@given(WORDS, WORDS)
def test_nothing_of_either_text_is_lost_or_made_up(old, new):
    pieces = word_changes(old, new)
    assert "".join(text for change, text in pieces if change != "new") == old
    assert "".join(text for change, text in pieces if change != "gone") == new
    assert all(text for _, text in pieces)


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("", "", []),
        ("Fog lifts", "Fog lifts", [("same", "Fog lifts")]),
        ("", "Fog", [("new", "Fog")]),
        (
            "The ferry sails at noon.",
            "The ferry sails at one.",
            [("same", "The ferry sails at "), ("gone", "noon"), ("new", "one"), ("same", ".")],
        ),
        # An apostrophe, a decimal point, a hundreds' comma part no word.
        (
            "They don't pay 3,500.5 now",
            "They can't pay 3,500.7 now",
            [
                ("same", "They "), ("gone", "don't"), ("new", "can't"), ("same", " pay "),
                ("gone", "3,500.5"), ("new", "3,500.7"), ("same", " now"),
            ],
        ),
        # Words changed in a row are one change, not one to each space.
        (
            "Two ferries sailed late on Tuesday",
            "Two boats left late on Tuesday",
            [("same", "Two "), ("gone", "ferries sailed"), ("new", "boats left"),
             ("same", " late on Tuesday")],
        ),
        ("船今天开了", "船昨天开了", [("same", "船"), ("gone", "今"), ("new", "昨"), ("same", "天开了")]),
        # Thai by character, its vowel signs never torn off.
        ("เรือแล่นแล้ว", "เรือแล่นช้า", [("same", "เรือแล่น"), ("gone", "แล้ว"), ("new", "ช้า")]),
        (
            "عَادَتِ العبّارةُ إلى الميناء",
            "عَادَتِ السفينةُ إلى الميناء",
            [("same", "عَادَتِ "), ("gone", "العبّارةُ"), ("new", "السفينةُ"), ("same", " إلى الميناء")],
        ),
        # Another text is shown whole, not in shreds about a common "the".
        (
            "Fog closed the harbour on Monday evening",
            "Voters chose the youngest mayor of all",
            [
                ("gone", "Fog closed the harbour on Monday evening"),
                ("new", "Voters chose the youngest mayor of all"),
            ],
        ),
    ],
)  # fmt: skip
def test_words_that_changed_are_told_from_those_that_stayed(old, new, pieces):
    assert word_changes(old, new) == pieces


def long_texts():
    rng = random.Random(1)  # noqa: S311
    vocabulary = [f"word{number}" for number in range(4000)]
    weights = [1 / (number + 1) for number in range(4000)]
    text = rng.choices(vocabulary, weights, k=10_000)
    edited = [f"edit{n}" if rng.random() < 0.03 else word for n, word in enumerate(text)]
    even = [f"w{number}" for number in range(101)] * 297
    return {
        "edited": (text, edited),
        "another": (text, rng.choices(vocabulary, weights, k=10_000)),
        "periodic": (["a", "b"] * 5000, ["b", "a", "a"] * 3333),
        "thirty thousand words, each as frequent": (rng.sample(even, len(even)), rng.sample(even, len(even))),
        "each word twice": (rng.sample(vocabulary * 2, 8000), rng.sample(vocabulary * 2, 8000)),
    }


@pytest.mark.parametrize("kind", long_texts())
def test_of_long_texts_no_word_is_lost(kind):
    old, new = (" ".join(words) for words in long_texts()[kind])
    pieces = word_changes(old, new)
    assert "".join(text for change, text in pieces if change != "new") == old
    assert "".join(text for change, text in pieces if change != "gone") == new
    if kind == "edited":
        assert sum(change == "new" for change, _ in pieces) > 200


# -- Fields ----------------------------------------------------------------------


def only(changes):
    assert len(changes) == 1
    return changes[0]


def test_fields_that_are_the_same_are_left_out():
    assert field_changes({"headline": "Fog", "tags": ["a"]}, {"headline": "Fog", "tags": ["a"]}) == []


def test_fields_come_in_the_order_of_the_page():
    before = {"editors_note": "", "body": "<p>a</p>", "headline": "Fog"}
    after = {"editors_note": "Call", "body": "<p>b</p>", "headline": "Sun"}
    assert [change.name for change in field_changes(before, after)] == ["headline", "body", "editors_note"]


def test_a_body_is_compared_by_blocks_without_its_markup():
    old = "<p>First <em>day</em>.</p><p>Pilots &amp; crews wait at the quay.</p><p>x</p><p>y</p><p>z</p>"
    new = "<p>First <em>day</em>.</p><p>Pilots &amp; crews left the quay.</p><p>x</p><p>y</p><p>z</p>"
    change = only(field_changes({"body": old}, {"body": new}))
    assert [line.pieces for line in change.lines] == [
        [("same", "First day.")],
        [("same", "Pilots & crews "), ("gone", "wait at "), ("new", "left "), ("same", "the quay.")],
        [("same", "x")],
    ]
    assert change.skipped_after == 2
    assert not any("<" in text for line in change.lines for _, text in line.pieces)


def test_unchanged_blocks_far_from_a_change_are_counted_not_shown():
    blocks = [f"<p>Block {number}</p>" for number in range(9)]
    change = only(field_changes({"body": "".join(blocks)}, {"body": "".join([*blocks[:8], "<p>Other</p>"])}))
    assert [(line.skipped, line.is_same) for line in change.lines] == [(7, True), (0, False)]


def test_a_paragraph_parted_in_two_keeps_its_words():
    change = only(
        field_changes(
            {"body": "<p>Pilots sail at noon. Crews wait.</p>"},
            {"body": "<p>Pilots sail at noon.</p><p>Crews wait.</p>"},
        )
    )
    pieces = change.lines[0].pieces
    assert pieces == [("same", "Pilots sail at noon."), ("gone", " "), ("new", "\n"), ("same", "Crews wait.")]


def test_a_link_that_leads_elsewhere_is_told_by_its_address():
    old = '<p>See <a href="https://one.example/?a=1&amp;b=2">here</a>.</p>'
    change = only(field_changes({"body": old}, {"body": old.replace("one", "two")}))
    assert [line.pieces for line in change.lines if not line.is_same] == [
        [("gone", "https://one.example/?a=1&b=2")],
        [("new", "https://two.example/?a=1&b=2")],
    ]


def test_marks_alone_are_told_in_words():
    change = only(field_changes({"body": "<p>Fog</p>"}, {"body": "<p><strong>Fog</strong></p>"}))
    assert (change.lines, change.note) == ([], "The words are the same; their marks changed.")


@pytest.mark.parametrize(
    ("name", "old", "new", "lines"),
    [
        ("tags", ["Fog", "Ports"], ["Ports", "Ferries"], [[("gone", "Fog")], [("new", "Ferries")]]),
        (
            "links",
            [{"title": "Tides", "url": ""}],
            [{"title": "Tides", "url": "https://t.example/"}],
            [[("gone", "Tides")], [("new", "Tides https://t.example/")]],
        ),
        # Where only the order changed, both orders.
        (
            "subjects", ["a", "b"], ["b", "a"],
            [[("gone", "a")], [("gone", "b")], [("new", "b")], [("new", "a")]],
        ),
        ("embargo_until", None, "2026-03-03T13:00:00+01:00", [[("new", "2026-03-03 12:00 UTC")]]),
        ("urgency", 5, 1, [[("gone", "5"), ("new", "1")]]),
        ("byline", "Ada Quist", "", [[("gone", "Ada Quist")]]),
        ("of_later", "", "x", [[("new", "x")]]),
    ],
)  # fmt: skip
def test_other_fields_say_what_they_were_and_are(name, old, new, lines):
    assert [line.pieces for line in only(field_changes({name: old}, {name: new})).lines] == lines
