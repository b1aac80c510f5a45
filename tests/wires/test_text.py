"""Bytes to text, times, languages, subject codes: what all formats share."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wires.parse.item import Status
from wires.parse.language import read_language
from wires.parse.status import read_status
from wires.parse.subjects import map_subject, subject_code, with_topics
from wires.parse.text import decode, read_number, shorten, tidy, unique
from wires.parse.times import Clock, read_time

HELSINKI = ZoneInfo("Europe/Helsinki")


# Decoding


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_wins_over_the_declaration(charset):
    assert decode("Zoë łódź".encode(charset), "iso-8859-1") == "Zoë łódź"


def test_valid_utf_8_wins_over_a_latin_1_declaration():
    assert decode("Zürich".encode(), "iso-8859-1") == "Zürich"


def test_the_declaration_is_believed_where_the_bytes_are_not_utf_8():
    assert decode("Москва".encode("koi8-r"), "KOI8-R") == "Москва"
    assert decode("東京".encode("shift_jis"), "Shift_JIS") == "東京"
    assert decode("東京".encode("iso2022_jp"), "ISO-2022-JP") == "東京"


def test_a_latin_1_declaration_with_windows_quotes_is_windows_1252():
    assert decode("“Café” – 5 €".encode("cp1252"), "ISO-8859-1") == "“Café” – 5 €"


def test_a_lone_euro_of_latin_9_is_a_euro():
    assert decode("5 € für Käse".encode("iso8859-15")) == "5 € für Käse"


def test_utf_16_without_a_mark_is_told_by_its_zeros():
    assert decode("<a>é</a>".encode("utf-16-le")) == "<a>é</a>"
    assert decode("<a>é</a>".encode("utf-16-be")) == "<a>é</a>"


def test_one_damaged_byte_does_not_turn_an_arabic_file_to_gibberish():
    data = "المنارة القديمة".encode() + b"\xff"
    assert decode(data, "utf-8").startswith("المنارة القديمة")


@pytest.mark.parametrize("codec", ["unicode_escape", "idna", "undefined", "hex", "no such", "\0", "rot13"])
def test_a_file_cannot_choose_a_codec_that_is_no_charset(codec):
    assert decode(b"caf\xe9 \\x41", codec) == "café \\x41"


def test_text_is_composed_and_has_no_control_characters():
    assert decode("Cafe\u0301\x01\x1f\n\tok\x7f".encode()) == "Café\n\tok"


def test_the_control_characters_that_give_a_format_its_structure_can_be_kept():
    assert decode(b"\x01eca062\x02", keep_controls=True) == "\x01eca062\x02"


@given(st.binary(max_size=200), st.sampled_from(["", "utf-8", "latin-1", "utf-16", "koi8-r", "gb18030"]))
def test_decoding_never_fails(data, declared):
    assert isinstance(decode(data, declared), str)


# Cleaning


def test_a_tidy_line_has_single_blanks_and_keeps_the_joiners_of_persian():
    assert tidy("  a\n\tb\u00a0 c\x00 می\u200cخواهم ") == "a b c می\u200cخواهم"
    assert tidy(None) == ""
    assert tidy("\ud800x") == "x"


def test_unique_drops_the_empty_and_the_repeated_in_order():
    assert unique(["b", " a ", "", "b", "a"]) == ("b", "a")


def test_a_long_line_is_shortened_between_words():
    text = "word " * 40
    assert len(shorten(text)) <= 121
    assert shorten(text).endswith("word…")
    assert shorten("short, whole") == "short, whole"
    assert len(shorten("x" * 500)) <= 121


def test_a_number_out_of_bounds_is_none():
    assert read_number(" 4 ", range(1, 10)) == 4
    assert [read_number(raw, range(1, 10)) for raw in ("0", "10", "", None, "4.5", "x", "٤")] == [None] * 7


# Times


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        ("2031-01-31T03:47:29.000Z", datetime(2031, 1, 31, 3, 47, 29, tzinfo=UTC)),
        ("20140829T134951+0000", datetime(2014, 8, 29, 13, 49, 51, tzinfo=UTC)),
        ("20160909T000100+0100", datetime(2016, 9, 8, 23, 1, tzinfo=UTC)),
        ("20151210T191044Z", datetime(2015, 12, 10, 19, 10, 44, tzinfo=UTC)),
        ("20020225T143000-0500", datetime(2002, 2, 25, 19, 30, tzinfo=UTC)),
        (" 2018-03-01T18:34:39,924z\n", datetime(2018, 3, 1, 18, 34, 39, 924000, tzinfo=UTC)),
        ("2014-07-16 15:53:10 GMT+00:00", datetime(2014, 7, 16, 15, 53, 10, tzinfo=UTC)),
        ("2031-05-05T12:30+02", datetime(2031, 5, 5, 10, 30, tzinfo=UTC)),
        ("2031-12-31T24:00:00Z", datetime(2032, 1, 1, tzinfo=UTC)),
        ("20131020192751+1100", datetime(2013, 10, 20, 8, 27, 51, tzinfo=UTC)),
    ],
)
def test_iso_times_are_read_in_both_forms(raw, at):
    moment = read_time(raw)
    assert (moment.at, moment.is_naive, moment.warning) == (at, False, "")


def test_a_time_without_a_zone_takes_that_of_the_feed_and_says_so():
    moment = read_time("2031-07-01T12:00:00", HELSINKI)
    assert moment.at == datetime(2031, 7, 1, 9, tzinfo=UTC)
    assert moment.is_naive


def test_a_day_alone_starts_at_midnight_of_the_feed():
    assert read_time("20310101", HELSINKI).at == datetime(2030, 12, 31, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        "YYYYMMDD000000-HHMM",
        "0001-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2031-02-30T00:00:00Z",
        "2031-01-01T00:00:00+9900",
        "00000000T000000Z",
        "131137 GMT Nov 13",
        "soon",
    ],
)
def test_a_placeholder_is_no_time_and_is_warned_of(raw):
    moment = read_time(raw)
    assert moment.at is None
    assert raw in moment.warning


def test_no_time_at_all_is_no_reason_to_warn():
    assert read_time("  ").warning == ""
    assert read_time(None).at is None


def test_an_embargo_that_cannot_be_read_holds():
    clock = Clock()
    assert clock.embargo("tomorrow, noon") is None
    assert "tomorrow, noon" in clock.holds[0]
    assert Clock().embargo("") is None


@given(st.text(max_size=40))
def test_reading_a_time_never_fails(text):
    assert read_time(text, HELSINKI).at is None or read_time(text, HELSINKI).at.tzinfo is UTC


# Languages, states, subjects


@pytest.mark.parametrize(
    ("raw", "tag"),
    [("IT-it", "it-IT"), ("en_US", "en-US"), ("nl-nl", "nl-NL"), ("zh-hans-cn", "zh-Hans-CN"), ("DE", "de"),
     ("eng", "en"), ("English", "en"), ("es-419", "es-419"), ("", ""), ("und", ""), ("?? ", "")],
)  # fmt: skip
def test_a_language_is_written_as_bcp_47_wants_it(raw, tag):
    assert read_language(raw) == tag


@pytest.mark.parametrize(
    ("word", "status"),
    [("stat:canceled", Status.CANCELED), ("Cancelled", Status.CANCELED), ("USABLE", Status.USABLE),
     ("http://cv.iptc.org/newscodes/pubstatusg2/withheld", Status.WITHHELD), ("", Status.USABLE),
     (None, Status.USABLE)],
)  # fmt: skip
def test_a_status_is_read_in_any_spelling(word, status):
    assert read_status(word).status is status


def test_an_embargoed_status_is_usable_later_and_an_unknown_one_holds():
    assert read_status("Embargoed").is_embargoed
    assert read_status("stat:maybe").hold


def test_a_subject_code_is_kept_and_its_topic_added():
    assert map_subject("subj:17000000") == "medtop:17000000"
    assert with_topics(["subj:01001000", "N2:US", "subj:01001000"]) == (
        "subj:01001000", "N2:US", "medtop:20000744",
    )  # fmt: skip


def test_eight_digits_of_a_provider_are_no_iptc_code():
    assert map_subject("apcat:01001000") == ""
    assert map_subject("subj:99999999") == ""


@pytest.mark.parametrize(
    ("code", "scheme", "wanted"),
    [
        ("11001000", "", "subj:11001000"),
        ("20000601", "", "medtop:20000601"),
        ("http://cv.iptc.org/newscodes/mediatopic/20000601", "", "medtop:20000601"),
        ("http://cv.iptc.org/newscodes/subjectcode/11001000", "", "subj:11001000"),
        ("20000601", "http://cv.iptc.org/newscodes/mediatopic/", "medtop:20000601"),
        ("11001000", "iptc_subject_code", "subj:11001000"),
        ("11001000", "apcat", "apcat:11001000"),
        ("ECO", "", "local:ECO"),
        ("N2:US", "", "N2:US"),
        ("", "", ""),
    ],
)
def test_a_code_is_written_with_its_scheme(code, scheme, wanted):
    assert subject_code(code, scheme) == wanted
