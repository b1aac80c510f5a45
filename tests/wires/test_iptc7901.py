import contextlib
import datetime
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.markup import plain_text
from wires.parse import Unreadable, WireItem, iptc7901
from wires.parse.item import Signal

SAMPLES = Path(__file__).parent / "samples" / "iptc7901"
UTC = datetime.UTC
STORY = "Oslo (xyz) - The probe has landed, and the crew of the station cheered.\r\n"


def read(data: bytes, zone: datetime.tzinfo = UTC) -> list[WireItem | Unreadable]:
    return list(iptc7901.read(data, zone))


def sample(name: str) -> list[WireItem | Unreadable]:
    return read((SAMPLES / name).read_bytes())


def message(head: str = "Probe lands =", text: str = STORY, trailer: str = "181204 GMT Feb 25") -> WireItem:
    raw = (
        f"\x01xyz0417 3 i 42  XYZ 7\r\nSpace/probe/\r\n\x02{head}\r\n\r\n{text}\r\n\x03{trailer}\r\n\x7f\x04"
    )
    return read(raw.encode("iso8859-1"))[0]


def test_a_message_is_known_by_its_header_behind_whatever_fills_the_line():
    data = (SAMPLES / "lead_with_notebook.txt").read_bytes()
    assert iptc7901.looks_like(data)
    assert iptc7901.looks_like(b"\0\0\x7f\r\n" + data)
    assert not iptc7901.looks_like(b"\x16\x16\x01W2870\x1fasian\nr a\x13\x11 BC-US--X 11-13 1049\n\x02")
    assert not iptc7901.looks_like(b"eca0417 3 i 142")


def test_the_header_gives_source_urgency_category_and_keywords():
    (item,) = sample("lead_with_notebook.txt")
    assert (item.provider, item.urgency, item.subjects) == ("dpa", 3, ("iptc7901:i",))
    assert item.slugline == "Space/moon/orbiter"
    assert item.keywords == ("Space", "moon", "orbiter")


def test_the_lines_over_the_story_are_takes_headline_and_byline():
    (item,) = sample("lead_with_notebook.txt")
    assert item.headline == "Lunar orbiter Selma sends first map of polar craters"
    assert item.byline == "Ida Brandt, dpa"
    assert item.signal is Signal.UPDATE
    assert "REFILE, 2ND LEAD" in item.editors_notes


def test_the_trailer_is_day_and_time_then_month_and_year():
    (item,) = sample("lead_with_notebook.txt")
    assert item.version_created == datetime.datetime(2025, 2, 18, 12, 4, tzinfo=UTC)
    assert not item.naive_times


def test_lines_are_joined_to_paragraphs_without_the_dateline():
    (item,) = sample("lead_with_notebook.txt")
    assert (item.dateline_place, item.dateline_credit) == ("Bremen", "dpa")
    paragraphs = plain_text(item.body_html).split("\n")
    assert len(paragraphs) == 3
    assert paragraphs[0].startswith("The lunar orbiter Selma has sent its first map of the craters")
    assert paragraphs[2] == "A second pass is planned for March."
    assert not item.hold


def test_nothing_behind_the_notebook_is_for_readers():
    (item,) = sample("lead_with_notebook.txt")
    for private in ("desk@agency.example", "Editing by", "adds quote", "not intended"):
        assert private not in item.body_html
        assert any(private in note for note in item.editors_notes)


def test_stars_alone_start_the_private_part_too():
    item = message(text=f"{STORY}\r\n* * * *\r\nCall Ann on 555-0100\r\n")
    assert "555-0100" not in item.body_html
    assert "555-0100" in "".join(item.editors_notes)


def test_all_messages_of_a_file_are_read_in_their_own_language_and_charset():
    first, second = sample("two_german_messages.txt")
    assert first.headline == "Rakete Möwe startet mit zwei Satelliten von Kiruna aus in die Umlaufbahn"
    assert "40 Mio €" in first.body_html
    assert first.language == "de"
    assert first.version_created == datetime.datetime(2025, 3, 3, 8, 15, tzinfo=UTC)
    assert first.guid != second.guid


def test_a_time_without_a_zone_is_the_feeds():
    berlin = datetime.timezone(datetime.timedelta(hours=1))
    second = read((SAMPLES / "two_german_messages.txt").read_bytes(), berlin)[1]
    assert second.naive_times
    assert second.version_created == datetime.datetime(2025, 3, 3, 9, 20, tzinfo=UTC)


def test_a_note_in_brackets_over_the_headline_says_that_it_is_a_correction():
    second = sample("two_german_messages.txt")[1]
    assert second.signal is Signal.CORRECTION
    assert second.headline == "Zwei Satelliten im All"
    assert "(Korrektur: Zahl im ersten Absatz)" in second.editors_notes


def test_the_same_message_sent_again_has_the_same_identity():
    assert message().guid == message().guid
    assert message().guid != message(trailer="191204 GMT Feb 25").guid


@pytest.mark.parametrize("line", ["(Sperrfrist: 18.00 Uhr)", "Embargoed until Monday", "FOR RELEASE FRIDAY"])
def test_a_release_set_in_words_holds_it_wherever_it_stands(line):
    in_head = message(head=f"{line}\nProbe lands =")
    over_text = message(text=f"{line}\r\n\r\n{STORY}")
    for item in (in_head, over_text):
        assert item.hold
        assert item.headline == "Probe lands"
        assert line not in item.body_html


def test_a_withdrawal_names_no_message_and_so_waits_for_an_editor():
    assert "withdraws" in message(head="KILL\nProbe lands =").hold


def test_a_repetition_says_so():
    assert message(head="REPEAT\nProbe lands =").signal is Signal.REPEAT


def test_without_an_equals_sign_the_head_ends_at_the_blank_line():
    assert message(head="Probe lands").headline == "Probe lands"


def test_a_message_without_a_head_takes_its_first_words():
    item = read(b"\x01xyz0417 3 i 42\r\nA/\r\n\x02\r\n" + STORY.encode() + b"\x03181204 GMT Feb 25\x04")[0]
    assert item.headline_is_derived
    assert item.headline.startswith("The probe has landed")


def test_a_message_that_was_cut_off_is_held():
    data = (SAMPLES / "lead_with_notebook.txt").read_bytes()
    (item,) = read(data.partition(b"\x03")[0])
    assert "cut off" in item.hold


@pytest.mark.parametrize("trailer", ["991299 GMT Feb 25", "310000 GMT Feb 25", "181204 GMT Xyz 25", "soon"])
def test_a_time_that_is_none_is_a_warning(trailer):
    item = message(trailer=trailer)
    assert item.version_created is None
    assert any("is no time" in warning for warning in item.warnings)


def test_a_broken_message_does_not_cost_the_next():
    good = (SAMPLES / "lead_with_notebook.txt").read_bytes()
    broken, item = read(b"\x01xyz no text\x04" + good)
    assert isinstance(broken, Unreadable)
    assert item.headline.startswith("Lunar orbiter")


def test_a_file_without_messages_is_unreadable():
    with pytest.raises(Unreadable):
        read(b"no controls in here")


@pytest.mark.parametrize("filling", [b"\r", b"\n", b" ", b"\x01", b"a\n\n", b"a,", b"# a\n", b"a  b\n", b"("])
def test_a_hostile_file_is_read_in_no_time(filling):
    data = b"\x01xyz0417 3 i 42\r\nA/\r\n\x02" + filling * 30_000
    started = time.process_time()
    with contextlib.suppress(Unreadable):
        read(data)
    assert time.process_time() - started < 5


GOOD = (SAMPLES / "lead_with_notebook.txt").read_bytes()


@settings(max_examples=150, deadline=2000)
@given(st.integers(0, len(GOOD)), st.integers(0, 40), st.binary(max_size=40))
def test_damaged_bytes_give_items_or_reasons_and_nothing_else(at, length, noise):
    try:
        outcomes = read(GOOD[:at] + noise + GOOD[at + length :])
    except Unreadable:
        return
    assert all(isinstance(outcome, (WireItem, Unreadable)) for outcome in outcomes)
