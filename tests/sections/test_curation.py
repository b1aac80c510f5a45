"""The acts that curate a block: nothing shares a position, nothing is lost, nobody is overwritten."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sections import curation
from sections.curation import StaleBlock, rearranged
from sections.models import Block, Slot
from tests.articles.test_admin import make_groups
from tests.factories import make_block, make_channel, make_site, publish

NOW = timezone.now()
HOUR = timedelta(hours=1)


# -- Positions, without a database -----------------------------------------------


BOOLEANS = st.booleans()


@st.composite
def blocks(draw, timed=True):
    """A block's slots, some of them even where another is already."""
    slots = []
    for number in range(1, draw(st.integers(1, 7)) + 1):
        begin = draw(st.integers(0, 5))
        end = draw(st.none() | st.integers(begin + 1, 7)) if timed and draw(st.booleans()) else None
        slots.append(
            Slot(
                pk=number,
                position=draw(st.integers(0, 8)),
                starts_at=NOW + (begin * HOUR if end else timedelta(0)),
                ends_at=end and NOW + end * HOUR,
            )
        )
    return slots


def collisions(slots: list[Slot]) -> list:
    return [
        (one, other)
        for one in slots
        for other in slots
        if one.pk < other.pk and one.position == other.position and one.meets(other)
    ]


moves = st.lists(st.tuples(st.integers(0, 99), st.integers(1, 9)), min_size=1, max_size=12)


@given(blocks(), moves)
def test_any_sequence_of_moves_keeps_a_valid_order_and_loses_no_pick(slots, moves):
    kept = {slot.pk for slot in slots}
    for index, to in moves:
        moved = slots[index % len(slots)]
        settled = rearranged(slots, moved, to)
        assert {slot.pk for slot in settled} == kept
        for slot, position in settled.items():
            slot.position = position
        assert moved.position == to
        assert all(slot.position >= 1 for slot in slots)
        assert collisions(slots) == []


@given(blocks(timed=False), moves)
def test_a_move_leaves_the_others_in_their_order(slots, moves):
    for place, slot in enumerate(slots, 1):
        slot.position = place
    for index, asked in moves:
        moved, to = slots[index % len(slots)], min(asked, len(slots))
        before = [slot.pk for slot in sorted(slots, key=lambda slot: slot.position) if slot != moved]
        for slot, position in rearranged(slots, moved, to).items():
            slot.position = position
        order = sorted(slots, key=lambda slot: slot.position)
        assert [slot.position for slot in order] == list(range(1, len(slots) + 1))
        assert [slot.pk for slot in order if slot != moved] == before
        assert order[to - 1] == moved


def test_a_pick_of_another_time_makes_room_only_for_whom_it_meets():
    first = Slot(pk=1, position=1, starts_at=NOW, ends_at=NOW + HOUR)
    later = Slot(pk=2, position=1, starts_at=NOW + HOUR)
    second = Slot(pk=3, position=2, starts_at=NOW)
    settled = rearranged([first, later, second], first, 2)
    assert (settled[first], settled[second], settled[later]) == (2, 1, 2)


def test_moving_there_and_back_leaves_a_pick_to_come_where_it_was():
    first = Slot(pk=1, position=1, starts_at=NOW, ends_at=NOW + HOUR)
    endless = Slot(pk=2, position=2, starts_at=NOW)
    to_come = Slot(pk=3, position=1, starts_at=NOW + 2 * HOUR)
    slots = [first, endless, to_come]
    for moved in (endless, first):
        for slot, position in rearranged(slots, moved, 1).items():
            slot.position = position
    assert [slot.position for slot in slots] == [1, 2, 1]


# -- The acts --------------------------------------------------------------------


@pytest.fixture
def block(channel) -> Block:
    return make_block(channel, from_channel=channel)


@pytest.fixture
def ada(db) -> User:
    return make_editor("ada", first_name="Ada", last_name="Quill")


def make_editor(name: str, group: str = "Editor", **kwargs) -> User:
    if not Group.objects.exists():
        make_groups()
    user = User.objects.create(username=name, is_staff=True, **kwargs)
    user.groups.add(Group.objects.get(name=group))
    return user


def placed(block: Block, headline: str, position: int, **kwargs) -> Slot:
    by = {"by": kwargs.pop("by")} if "by" in kwargs else {"by_name": "The suite"}
    slot = Slot(block=block, url="https://x.example/", headline=headline, position=position, **kwargs)
    curation.place(slot, **by)
    return slot


def order(block: Block) -> list[tuple[int, str]]:
    live = block.slots.live(timezone.now()).order_by("position")
    return [(slot.position, str(slot)) for slot in live]


def seen(block: Block) -> int:
    return Block.objects.get(pk=block.pk).version


def test_a_pick_is_placed_with_the_name_of_who_picked_it(block, ada):
    slot = placed(block, "One", 1, by=ada)
    assert slot.picked_by == "Ada Quill"
    entry = LogEntry.objects.get()
    assert (entry.user, entry.change_message) == (ada, "placed “One” at position 1")


def test_two_picks_at_one_position_at_one_time_are_refused_with_the_names(block, ada):
    placed(block, "One", 1, by=ada)
    with pytest.raises(ValidationError, match="“One” has position 1 in this block.*Ada Quill picked it"):
        placed(block, "Two", 1)
    assert order(block) == [(1, "One")]


def test_two_picks_at_one_position_one_after_the_other_are_fine(block):
    placed(block, "One", 1, ends_at=NOW + HOUR)
    placed(block, "Two", 1, starts_at=NOW + HOUR)
    assert block.slots.count() == 2


def test_a_story_is_picked_once_for_a_block_at_one_time(block, channel):
    story = publish(channel)
    curation.place(Slot(block=block, story=story, position=1), by_name="The suite")
    with pytest.raises(ValidationError, match="This block has the story at that time: position 1"):
        curation.place(Slot(block=block, story=story, position=2), by_name="The suite")


def test_a_move_swaps_neighbours_and_says_so_in_the_history(block, ada):
    one = placed(block, "One", 1)
    placed(block, "Two", 2)
    curation.move(one, 2, seen=seen(block), by=ada)
    assert order(block) == [(1, "Two"), (2, "One")]
    assert LogEntry.objects.get().change_message == "moved “One” to position 2; “Two” → 1"


def test_a_story_that_filled_the_block_up_is_pinned_and_others_make_room(block, channel):
    placed(block, "One", 1)
    story = publish(channel, headline="Pier opens")
    curation.pin(Slot(block=block, story=story, position=2), 1, by_name="The suite")
    assert order(block) == [(1, "Pier opens"), (2, "One")]


def test_a_pin_where_it_stands_moves_nobody(block, channel):
    placed(block, "One", 1)
    story = publish(channel, headline="Pier opens")
    curation.pin(Slot(block=block, story=story, position=3), 3, by_name="The suite")
    assert order(block) == [(1, "One"), (3, "Pier opens")]


def test_a_pick_goes_to_another_block_where_others_make_room(block, ada):
    there = make_block(block.channel, "Below")
    until = timezone.now() + HOUR
    one, two = placed(block, "One", 1, ends_at=until), placed(block, "Two", 2)
    placed(there, "Far", 1)
    curation.transfer(one, there, 1, seen=seen(block), seen_there=seen(there), by=ada)
    assert (order(block), order(there)) == ([(2, "Two")], [(1, "One"), (2, "Far")])
    assert Slot.objects.get(pk=one.pk).ends_at == until
    assert {entry.change_message for entry in LogEntry.objects.all()} == {
        "moved “One” to the block “Below”",
        "moved “One” here from “Nearby”, to position 1; “Far” → 2",
    }
    before = list(Slot.objects.order_by("pk").values())
    with pytest.raises(StaleBlock):
        curation.transfer(two, there, 1, seen=seen(block), seen_there=seen(there) - 1, by=ada)
    with pytest.raises(StaleBlock):
        curation.transfer(Slot.objects.get(pk=two.pk), there, 1, seen=0, seen_there=seen(there), by=ada)
    assert list(Slot.objects.order_by("pk").values()) == before


def test_a_story_that_a_block_has_is_not_moved_there_a_second_time(block, channel):
    there, story = make_block(channel, "Below"), publish(channel)
    curation.place(Slot(block=there, story=story, position=1), by_name="The suite")
    slot = Slot(block=block, story=story, position=1)
    curation.place(slot, by_name="The suite")
    with pytest.raises(ValidationError, match="This block has the story at that time"):
        curation.transfer(slot, there, 1)
    assert len(order(block)) == len(order(there)) == 1


def test_a_story_that_filled_another_block_up_is_pinned_at_a_place_of_this_one(block, channel):
    placed(block, "One", 1)
    curation.pin(Slot(block=block, story=publish(channel, headline="Pier opens")), 1, by_name="The suite")
    assert order(block) == [(1, "Pier opens"), (2, "One")]


def test_a_removed_pick_ends_now_and_stays_on_record(block, ada):
    slot = placed(block, "One", 1, starts_at=NOW - HOUR)
    curation.remove(slot, seen=seen(block), by=ada)
    assert order(block) == []
    assert Slot.objects.get().ends_at <= timezone.now()


def test_a_pick_whose_time_has_not_begun_is_removed_altogether(block):
    curation.remove(placed(block, "One", 1, starts_at=timezone.now() + HOUR))
    assert not Slot.objects.exists()


def test_a_change_of_time_that_meets_another_pick_is_refused(block):
    placed(block, "One", 1, ends_at=NOW + HOUR)
    two = placed(block, "Two", 1, starts_at=NOW + HOUR)
    two.starts_at = NOW
    with pytest.raises(ValidationError, match="“One” has position 1"):
        curation.change(two)
    assert Slot.objects.get(pk=two.pk).starts_at == NOW + HOUR


def test_an_act_on_a_block_as_it_no_longer_is_does_nothing_and_says_who_changed_it(block, ada):
    one = placed(block, "One", 1)
    two = placed(block, "Two", 2)
    before = seen(block)
    curation.move(two, 1, seen=before, by=ada)
    bea = make_editor("bea")
    one.refresh_from_db()
    for act in (
        lambda: curation.move(one, 1, seen=before, by=bea),
        lambda: curation.remove(one, seen=before, by=bea),
        lambda: curation.change(one, seen=before, by=bea),
        lambda: curation.place(Slot(block=block, url="https://y.example/", position=9), seen=before, by=bea),
    ):
        with pytest.raises(StaleBlock, match="Ada Quill changed “Nearby”.*moved “Two” to position 1"):
            act()
    assert order(block) == [(1, "Two"), (2, "One")]


def test_who_may_not_curate_changes_nothing(block):
    reporter = make_editor("rob", "Reporter")
    slot = placed(block, "One", 1)
    for act in (
        lambda: placed(block, "Two", 2, by=reporter),
        lambda: curation.pin(Slot(block=block, headline="Two", position=2), 2, by=reporter),
        lambda: curation.move(slot, 2, by=reporter),
        lambda: curation.change(slot, by=reporter),
        lambda: curation.remove(slot, by=reporter),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert order(block) == [(1, "One")]


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_at_once_one_places_and_the_other_is_told(transactional_db):
    block = make_block(make_channel(make_site()))
    make_groups()
    editors = [make_editor("ada"), make_editor("bea")]
    barrier, said = Barrier(2, timeout=20), []

    def place(editor):
        barrier.wait()
        try:
            slot = Slot(block=block, url="https://x.example/", headline=editor.username, position=1)
            curation.place(slot, seen=1, by=editor)
        except StaleBlock as error:
            said.append(str(error))
        finally:
            connection.close()

    threads = [Thread(target=place, args=[editor]) for editor in editors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = Slot.objects.get()
    assert seen(block) == 2
    assert len(said) == 1
    assert f"{winner.headline} changed “Nearby” in the meantime" in said[0]
