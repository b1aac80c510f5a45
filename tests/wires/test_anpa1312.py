import datetime
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.markup import plain_text
from wires.parse import Unreadable, WireItem, anpa1312
from wires.parse.item import Signal, Status

SAMPLES = Path(__file__).parent / "samples" / "anpa1312"
UTC = datetime.UTC
STORY = "\t   MARLOW, Ala. (AP) _ The stand at Marlow has fired, and the town was awake.\n"


def read(data: bytes) -> list[WireItem | Unreadable]:
    return list(anpa1312.read(data, UTC))


def sample(name: str) -> WireItem:
    (item,) = read((SAMPLES / name).read_bytes())
    return item


def message(
    suffix: str = "", lines: str = "^Stand fires<\n", *, slug: str = "BC-US--Test Stand", day: int = 14
) -> WireItem:
    raw = (
        f"\x16\x16\x01V44{day}\x1fasian\nu n\x13\x11 BC-US--TestStand     05-{day} 0100\n"
        f"\x02^{slug}{suffix},90<\n{lines}{STORY}\n\t   \x03AP-WF-05-{day}-25 1509GMT<\n\n\x0c\n\x04"
    )
    (item,) = read(raw.encode())
    return item


def test_a_message_is_known_by_its_header():
    assert anpa1312.looks_like((SAMPLES / "writethru.tst").read_bytes())
    assert anpa1312.looks_like((SAMPLES / "table.tst").read_bytes())
    assert not anpa1312.looks_like(b"\x01eca0417 3 i 142  dpa 0931\r\n\nSpace/moon/\r\n\x02")


def test_the_lines_over_the_story_have_fields_of_their_own():
    item = sample("writethru.tst")
    assert item.slugline == "BC-US--Rocket-Test Stand, 1st Ld-Writethru"
    assert item.headline == 'Engineers rebuild test stand, "bolt by bolt"'
    assert item.byline == "DORA QUILL, AP Science Writer"
    assert (item.provider, item.credit, item.urgency, item.subjects) == ("AP", "AP", 4, ("anpa:a",))
    assert item.language == "en"
    assert not item.hold


def test_notes_to_editors_are_kept_from_readers_over_the_story_and_in_it():
    item = sample("writethru.tst")
    assert item.editors_notes == (
        "AP Photo QQX101, QQX102",
        "Updates. With AP Photos.",
        "A stand that tested engines in the 1960s is to roar again, and its neighbors are divided.",
        "The reporter can be reached at the Marlow desk.",
    )
    for note in item.editors_notes:
        assert note not in plain_text(item.body_html)


def test_an_editors_note_to_readers_stays_in_the_story():
    assert "EDITOR'S NOTE — Dora Quill has covered rockets" in sample("writethru.tst").body_html


def test_typewriter_quotes_dashes_and_rules_are_set_as_such():
    body = sample("writethru.tst").body_html
    assert (
        'and the town is of two minds — some say three.</p>\n<p>"It shook the plates," said Ed Voss.' in body
    )
    assert "\"He told me, 'Duck.'\"" in body
    assert "<hr>" in body
    assert "_" not in body


def test_the_dateline_is_kept_as_filed():
    item = sample("writethru.tst")
    assert item.dateline_text == "MARLOW, Ala. (AP) _"
    assert (item.dateline_place, item.dateline_credit) == ("MARLOW, Ala.", "AP")


def test_the_trailer_gives_the_year_and_the_header_the_day_of_the_desk():
    item = sample("writethru.tst")
    assert item.version_created == datetime.datetime(2025, 1, 1, 1, 30, tzinfo=UTC)
    earlier = (SAMPLES / "writethru.tst").read_bytes().replace(b", 1st Ld-Writethru,212", b",180")
    (first,) = read(earlier.replace(b"01-01-25 0130GMT", b"12-31-24 1509GMT").replace(b"V4410", b"V4391"))
    assert first.guid == item.guid
    assert first.version_created < item.version_created


def test_a_table_keeps_its_columns():
    body = sample("table.tst").body_html
    assert "Kestrels     12   4  .750\nMarlow A&amp;B    9   7  .562   3½</pre>" in body
    assert "Terns;10;6;.625" in body
    assert "<h2>NORTHERN CLASS</h2>" in body
    assert "<hr>" in body


def test_a_table_has_its_title_for_a_headline():
    item = sample("table.tst")
    assert (item.slugline, item.headline) == ("BC-SOA--Glider Glance", "Glider Standings")
    assert item.byline == "The Associated Press"


def test_a_writethru_is_a_new_version_of_the_story_with_its_slug():
    first, second = message(), message(", 2nd Ld-Writethru")
    assert second.guid == first.guid
    assert (second.signal, second.version) == (Signal.UPDATE, "2")


def test_a_writethru_of_the_next_day_is_linked_to_the_story():
    assert message(day=14).guid in message(", 1st Ld-Writethru", day=15).replaces


@pytest.mark.parametrize("suffix", [", 1st Ld", ", 1st Add", ", Insert", ", Correction", ", Advisory"])
def test_a_part_of_a_story_does_not_replace_the_whole(suffix):
    part = message(suffix)
    assert part.guid != message().guid
    assert message().guid in part.replaces
    assert part.hold


@pytest.mark.parametrize(
    ("suffix", "status"),
    [(", Kill", Status.CANCELED), (", BULLETIN KILL", Status.CANCELED), (", Withhold", Status.WITHHELD)],
)
def test_a_kill_is_one_of_the_story_with_its_slug(suffix, status):
    kill = message(suffix)
    assert (kill.guid, kill.status) == (message().guid, status)


def test_a_kill_reaches_the_story_of_the_day_before():
    assert message(", Kill", day=15).cancels == (message(day=14).guid,)


def test_alerts_share_a_slug_and_are_not_one_story():
    alerts = [message(slug="BC-US--APNewsAlert", day=14), message(slug="BC-US--APNewsAlert", day=15)]
    assert alerts[0].guid != alerts[1].guid
    assert "withdraws" in message(", Kill", slug="BC-US--APNewsAlert").hold


def test_a_kill_in_the_title_of_a_story_is_none():
    assert message(slug="BC-US--Police Kill Bear").status is Status.USABLE


@pytest.mark.parametrize(
    ("suffix", "line"),
    [(",Adv20", ""), ("", "^For release Sunday, May 20, and thereafter<\n"), ("", "^$adv20<\n")],
)
def test_an_advance_is_held(suffix, line):
    item = message(suffix, f"{line}^Stand fires<\n")
    assert item.hold
    assert item.headline == "Stand fires"


def test_without_a_headline_the_first_words_are_taken():
    item = message(lines="")
    assert item.headline_is_derived
    assert item.headline == "The stand at Marlow has fired, and the town was awake."


def test_without_a_trailer_it_has_no_time_and_an_identity_by_its_number():
    data = (SAMPLES / "writethru.tst").read_bytes().partition(b"\x03")[0]
    (item,) = read(data)
    assert item.version_created is None
    assert item.guid.startswith("made:")
    assert "cut off" in item.hold


def test_a_header_that_is_none_is_a_reason_and_the_next_message_is_read():
    broken, item = read(b"\x01??\x02text\x03\x04" + (SAMPLES / "writethru.tst").read_bytes())
    assert isinstance(broken, Unreadable)
    assert item.headline.startswith("Engineers")


FILLINGS = [
    b"\r",
    b"\n",
    b" ",
    b"^",
    b"^a< ",
    b"a\n",
    b"a",
    b";\n",
    b"a  b\n",
    b"`",
    b", add",
    b"\t",
    b"^By A=\n",
]


@pytest.mark.parametrize("filling", FILLINGS)
def test_a_hostile_file_is_read_in_no_time(filling):
    data = b"\x01V4410\x1fasian\nr a\x13\x11 BC-X     12-31 0415\n\x02^" + filling * 30_000
    started = time.process_time()
    read(data + b"\x03AP-WF-01-01-25 0130GMT<\x04")
    assert time.process_time() - started < 5


GOOD = (SAMPLES / "writethru.tst").read_bytes()


@settings(max_examples=150, deadline=2000)
@given(st.integers(0, len(GOOD)), st.integers(0, 40), st.binary(max_size=40))
def test_damaged_bytes_give_items_or_reasons_and_nothing_else(at, length, noise):
    try:
        outcomes = read(GOOD[:at] + noise + GOOD[at + length :])
    except Unreadable:
        return
    assert all(isinstance(outcome, (WireItem, Unreadable)) for outcome in outcomes)
