"""The rule of blocks, without a database."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sections.compose import BlockPlan, Card, Pick, fill, needed


def card(number: int, slugline: str = "") -> Card:
    return Card(url=f"/story/{number}/", headline=f"Story {number}", story_id=number, slugline=slugline)


def plan(label="Block", size=3, picks=(), candidates=(), **kwargs) -> BlockPlan:
    picked = [
        pick if isinstance(pick, Pick) else Pick(card(pick), place) for place, pick in enumerate(picks, 1)
    ]
    return BlockPlan(label, size, picks=picked, candidates=[card(n) for n in candidates], **kwargs)


def shown(blocks) -> list[list[int]]:
    return [[choice.story_id for choice in block.cards] for block in blocks]


def test_backfill_stands_behind_the_picks_up_to_the_size():
    assert shown(fill([plan(size=4, picks=[9], candidates=[1, 2, 3, 4])])) == [[9, 1, 2, 3]]


def test_a_pick_keeps_its_position_among_the_backfill():
    assert shown(fill([plan(size=4, picks=[Pick(card(9), 3)], candidates=[1, 2, 3])])) == [[1, 2, 9, 3]]


def test_a_pick_moves_up_where_backfill_runs_out():
    assert shown(fill([plan(size=4, picks=[Pick(card(9), 3)], candidates=[1])])) == [[1, 9]]


def test_picks_are_never_removed_not_for_size_nor_for_standing_above():
    blocks = fill([plan(size=1, picks=[7, 8, 9]), plan(picks=[7])], above=[card(8)], reading=card(9))
    assert shown(blocks) == [[7, 8, 9], [7]]


def test_backfill_never_repeats_what_stands_above():
    blocks = fill([plan(candidates=[1, 2, 3]), plan(candidates=[1, 2, 3, 4, 5, 6])], above=[card(2)])
    assert shown(blocks) == [[1, 3], [4, 5, 6]]


def test_a_block_that_may_repeat_does():
    blocks = fill([plan(candidates=[1, 2, 3]), plan(candidates=[1, 2, 3], may_repeat=True)])
    assert shown(blocks) == [[1, 2, 3], [1, 2, 3]]


def test_backfill_repeats_neither_the_story_read_nor_its_running_story():
    candidates = [card(1), card(2, "Strike"), card(3, "Ferry"), card(4)]
    block = BlockPlan("Nearby", 3, candidates=candidates)
    assert shown(fill([block], reading=card(1, "Strike"))) == [[3, 4]]


def test_stories_without_a_slugline_are_no_running_story():
    assert shown(fill([plan(candidates=[1, 2])], reading=card(3))) == [[1, 2]]


def test_an_empty_block_vanishes_with_its_label():
    blocks = fill(
        [plan("Above", candidates=[1]), plan("Empty", candidates=[1]), plan("Below", candidates=[2])]
    )
    assert [block.label for block in blocks] == ["Above", "Below"]


def test_links_to_other_sites_never_count_as_the_same_story():
    link = Card(url="https://example.org/", headline="Elsewhere")
    blocks = fill([BlockPlan("One", 3, picks=[Pick(link)]), BlockPlan("Two", 3, picks=[Pick(link)])])
    assert [len(block.cards) for block in blocks] == [1, 1]


def test_each_choice_says_why_it_is_there():
    pick = Pick(card(9), 1, picked_by="Ada", ends_at=datetime(2026, 3, 3, 18, tzinfo=UTC))
    (block,) = fill([plan(picks=[pick], candidates=[1], filled_from="the newest in Moon")])
    assert [(choice.pick, choice.filled_from) for choice in block.choices] == [
        (pick, ""),
        (None, "the newest in Moon"),
    ]


numbers = st.lists(st.integers(1, 12), unique=True, max_size=12)
plans = st.lists(
    st.builds(
        plan,
        size=st.integers(1, 6),
        picks=st.lists(st.integers(1, 12), unique=True, max_size=3),
        candidates=numbers,
        may_repeat=st.booleans(),
    ),
    max_size=5,
)


@given(plans, numbers)
def test_the_rule_holds_on_every_page(blocks, above):
    labelled = [
        BlockPlan(str(index), b.size, b.picks, b.candidates, may_repeat=b.may_repeat)
        for index, b in enumerate(blocks)
    ]
    filled = {block.label: block for block in fill(labelled, above=[card(n) for n in above])}
    seen = set(above)
    for block in labelled:
        cards = [c.story_id for c in filled[block.label].cards] if block.label in filled else []
        picks = [pick.card.story_id for pick in block.picks]
        backfill = [n for n in cards if n not in picks]
        assert [n for n in cards if n in picks] == picks
        assert len(cards) == len(set(cards)) <= max(block.size, len(picks))
        if not block.may_repeat:
            assert not seen & set(backfill)
        seen |= set(cards)


@given(plans, numbers)
def test_each_block_is_full_when_it_was_given_as_many_candidates_as_it_needs(blocks, above):
    counts = needed(blocks, [len(b.picks) for b in blocks], len(above))
    endless = [
        BlockPlan(
            str(index), b.size, b.picks, [card(n) for n in range(1, count + 1)], may_repeat=b.may_repeat
        )
        for index, (b, count) in enumerate(zip(blocks, counts, strict=True))
    ]
    for block, filled in zip(endless, fill(endless, above=[card(n) for n in above]), strict=True):
        assert len(filled.cards) >= block.size
