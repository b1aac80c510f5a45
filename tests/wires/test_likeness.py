"""How alike two stories read, by their headlines or by their openings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wires.writing import ALIKE, likeness

FERRY = ("Ferry resumes after a week of fog", "The ferry sailed at noon on Tuesday.")


@pytest.mark.parametrize(
    "other",
    [
        ("Ferry resumes after week of fog", "Another text."),
        ("Ferries resume after a week of fog", ""),
        ("FERRY RESUMES AFTER A WEEK OF FOG", ""),
        ("Quite another headline", "The ferry sailed at noon on Tuesday."),
    ],
)
def test_the_same_story_in_nearly_the_same_words_is_alike(other):
    assert likeness(FERRY, other) >= ALIKE


@pytest.mark.parametrize(
    "other",
    [
        ("Ferry sinks off Skarvik", "Forty people were taken ashore."),
        ("Fog closes the airport for a week", "No aircraft left on Monday."),
        ("", ""),
    ],
)
def test_another_story_of_the_same_day_is_not(other):
    assert likeness(FERRY, other) < ALIKE


def test_scripts_that_part_no_words_are_compared_too():
    assert likeness(("渡轮在大雾一周后恢复航行", ""), ("渡轮在大雾一周后恢复运行", "")) >= ALIKE
    assert likeness(("渡轮在大雾一周后恢复航行", ""), ("机场因大雾关闭", "")) < ALIKE


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_likeness_is_a_share_and_the_same_from_both_sides(one, other):
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1
