import contextlib
import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.datelines import Dateline, check_pattern, read_dateline, render_dateline, split_dateline

TODAY = datetime.date(2025, 8, 1)


def parts(dateline: Dateline | None) -> tuple[str, str, str] | None:
    return dateline and (dateline.place, dateline.credit, str(dateline.date or ""))


@pytest.mark.parametrize(
    ("line", "place", "credit", "day"),
    [
        ("Moscow (AFP) Feb 28, 2025", "Moscow", "AFP", "2025-02-28"),
        ("STOCKHOLM, Aug 29, 2014 (AFP) -", "STOCKHOLM", "AFP", "2014-08-29"),
        ("Strasbourg, 10 juil 2024 (AFP)", "Strasbourg", "AFP", "2024-07-10"),
        ("Washington DC (SPX) Mar 01, 2025", "Washington DC", "SPX", "2025-03-01"),
        ("Paris, France (ESA) 3 March 2025", "Paris, France", "ESA", "2025-03-03"),
        ("Los Angeles CA (SPX) Feb 28, 2025", "Los Angeles CA", "SPX", "2025-02-28"),
        ("KYIV, Ukraine (AP) —", "KYIV, Ukraine", "AP", ""),
        ("FORT WASHINGTON, Pa. (AP) _", "FORT WASHINGTON, Pa.", "AP", ""),
        ("Berlin (dpa) - ", "Berlin", "dpa", ""),
        ("Oslo (NTB):", "Oslo", "NTB", ""),
        ("DHAKA, March 3, 2026 (BSS) :", "DHAKA", "BSS", "2026-03-03"),
        ("اسلام آباد (اے پی پی):", "اسلام آباد", "اے پی پی", ""),
        ("Halle (Saale) (dpa/sa) -", "Halle (Saale)", "dpa/sa", ""),
        ("The Hague (AFP) Jan 2, 2025", "The Hague", "AFP", "2025-01-02"),
        ("Mar del Plata (AFP) Jan 2, 2025", "Mar del Plata", "AFP", "2025-01-02"),
        ("Port-au-Prince, 2025-01-02 (AFP) -", "Port-au-Prince", "AFP", "2025-01-02"),
        ("(ANSA) - ROMA, 01 LUG 2025 -", "ROMA", "ANSA", "2025-07-01"),
        ("Jan 30, 2025 (Reuters) -", "", "Reuters", "2025-01-30"),
        ("BOSTON, Mass.--(BUSINESS WIRE)--", "BOSTON, Mass.", "BUSINESS WIRE", ""),
        ("باريس (أ ف ب) –", "باريس", "أ ف ب", ""),
        ("МОСКВА (ТАСС) —", "МОСКВА", "ТАСС", ""),
        ("Le\u00a0Havre (AFP)\u00a0Feb\u00a028, 2025", "Le Havre", "AFP", "2025-02-28"),
    ],
)
def test_a_dateline_is_read_into_its_parts_and_shown_as_it_was_filed(line, place, credit, day):
    dateline = read_dateline(line)
    assert parts(dateline) == (place, credit, day)
    assert dateline.raw == line.strip()
    assert render_dateline(dateline) == line.rstrip(" -–—_:")


@pytest.mark.parametrize(
    ("words", "month"),
    [
        ("3 Sept. 2024", 9),
        ("SEPTEMBER 3, 2024", 9),
        ("3 févr. 2024", 2),
        ("3 août 2024", 8),
        ("3. März 2024", 3),
        ("3. Dezember 2024", 12),
        ("3 de enero de 2024", 1),
        ("3 dic 2024", 12),
        ("3 giugno 2024", 6),
        ("3 mag 2024", 5),
        ("3 de março de 2024", 3),
        ("3 out 2024", 10),
        ("3. marts 2024", 3),
        ("3 mei 2024", 5),
        ("3. desember 2024", 12),
        ("03.07.2024", 7),
    ],
)
def test_months_are_known_in_the_languages_of_the_agencies(words, month):
    assert read_dateline(f"Geneva, {words} (AFP) -").date == datetime.date(2024, month, 3)


@pytest.mark.parametrize("line", ["BEIJING, July 23", "SYDNEY, July 23 AAP -", "DELHI, July 23 (IANS)"])
def test_a_day_without_a_year_is_the_latest_one_up_to_today(line):
    assert read_dateline(line).date is None
    assert read_dateline(line, today=TODAY).date == datetime.date(2025, 7, 23)
    assert read_dateline(line, today=datetime.date(2025, 1, 4)).date == datetime.date(2024, 7, 23)


def test_copy_filed_beyond_the_date_line_may_be_a_day_ahead():
    new_years_eve = datetime.date(2024, 12, 31)
    assert read_dateline("AUCKLAND, Jan 1 (AFP)", today=new_years_eve).date == datetime.date(2025, 1, 1)


def test_a_leap_day_without_a_year_finds_the_last_leap_year():
    assert read_dateline("ROME, Feb 29 (AFP)", today=TODAY).date == datetime.date(2024, 2, 29)


@pytest.mark.parametrize("today", [datetime.date.min, datetime.date.max])
def test_the_ends_of_the_calendar_are_no_trouble(today):
    assert read_dateline("ROME, Feb 29 (AFP)", today=today).place == "ROME"


def test_a_dateline_read_with_today_is_still_shown_without_a_year():
    assert render_dateline(read_dateline("BEIJING, July 23", today=TODAY)) == "BEIJING, July 23"


@pytest.mark.parametrize("words", ["Feb 31, 2025", "31 avril 2025", "2025-13-01"])
def test_an_impossible_day_leaves_the_dateline_without_a_date(words):
    assert parts(read_dateline(f"Rome, {words} (AFP)")) == ("Rome", "AFP", "")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "NEW YORK",
        "2014-07-16 13:00:03 GMT+00:00",
        "Monday, July 14, 2025",
        "Updated, Feb 28, 2025",
        "The mayor of Riga opened the bridge on Feb 28, 2025",
        "Why the council (of Riga) said no",
        "In Riga (AFP)",
        "Riga (the capital)",
        "Riga ()",
        f"{'Riga ' * 40}(AFP)",
        f"{'A, ' * 66}(",
    ],
)
def test_other_lines_are_no_datelines(line):
    assert read_dateline(line) is None


@pytest.mark.parametrize(
    ("paragraph", "raw", "rest"),
    [
        ("RIGA, Feb 28, 2025 (AFP) - The bridge", "RIGA, Feb 28, 2025 (AFP) -", "The bridge"),
        ("RIGA (Reuters) - The bridge", "RIGA (Reuters) -", "The bridge"),
        ("Riga (dpa) - The bridge", "Riga (dpa) -", "The bridge"),
        ("  Riga (dpa) –  The bridge", "Riga (dpa) –", "The bridge"),
        ("FORT WASHINGTON, Pa. (AP) _ The bridge", "FORT WASHINGTON, Pa. (AP) _", "The bridge"),
        ("RIGA, Latvia (AP) — “We” opened", "RIGA, Latvia (AP) —", "“We” opened"),
        ("RIGA, Feb. 28 (Xinhua) -- 12 bridges", "RIGA, Feb. 28 (Xinhua) --", "12 bridges"),
        ("RIGA, July 30 AAP - The bridge", "RIGA, July 30 AAP -", "The bridge"),
        ("RIGA, July 30 - The bridge", "RIGA, July 30 -", "The bridge"),
        ("NEW DELHI, Feb 28 (IANS) The bridge", "NEW DELHI, Feb 28 (IANS)", "The bridge"),
        ("(ANSA) - Rome, October 11 - The bridge", "(ANSA) - Rome, October 11 -", "The bridge"),
        ("Jan 30 (Reuters) - Gold rose", "Jan 30 (Reuters) -", "Gold rose"),
        ("RIGA/OSLO, Jan 30 (Reuters) - eBay said", "RIGA/OSLO, Jan 30 (Reuters) -", "eBay said"),
        ("BOSTON--(BUSINESS WIRE)--Acme said", "BOSTON--(BUSINESS WIRE)--", "Acme said"),
        ("Madrid, 3 mar (EFE).- El puente", "Madrid, 3 mar (EFE).-", "El puente"),
        ("RIGA (Reuters) -", "RIGA (Reuters) -", ""),
        ("Riga (LETA): The bridge", "Riga (LETA):", "The bridge"),
        ("RIGA (BN): The bridge", "RIGA (BN):", "The bridge"),
        ("RIGA, July 30 (LETA) : The bridge", "RIGA, July 30 (LETA) :", "The bridge"),
    ],
)
def test_a_dateline_run_into_the_text_is_split_off(paragraph, raw, rest):
    dateline, text = split_dateline(paragraph)
    assert (dateline.raw, text) == (raw, rest)


@pytest.mark.parametrize(
    "paragraph",
    [
        "The council (NATO) - which met on Monday - said no.",
        "The Council (NATO) - which met on Monday - said no.",
        "NATO (OTAN) - which met on Monday - said no.",
        "In Paris - where it rained - nobody came.",
        "In Paris (AFP) - Nobody came.",
        "Riga (again) - Nobody came.",
        "du (AFP) - Nobody came.",
        "Paris, July 14 (Bastille) The day of the fall",
        "وقال المجلس في بيان جديد (ناتو) - لا",
        "Riga (dpa)-based journalists came.",
        "Mr Smith (Labour) - The man came.",
        "Ida Brandt (Ap): Nobody came.",
        "Ida Brandt (H): Nobody came.",
        "Riga (LETA):Nobody came.",
        "On Monday, July 14 - The day of the fall - nobody came.",
        "RIGA, July 23-25 - The festival",
        "Paris, July 14 was a holiday.",
        "Nobody came.",
        "",
    ],
)
def test_an_ordinary_sentence_stays_whole(paragraph):
    assert split_dateline(paragraph) == (None, paragraph)


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("{place} ({credit}) {date}", "Riga (AFP) Feb 8, 2025"),
        ("{place}, {date} ({credit}) -", "Riga, Feb 8, 2025 (AFP) -"),
        ("{place} ({credit}, {date})", "Riga (AFP, Feb 8, 2025)"),
        ("{place}", "Riga"),
    ],
)
def test_a_house_pattern_rebuilds_the_dateline_from_its_parts(pattern, shown):
    assert render_dateline(read_dateline("Riga, 8 févr. 2025 (AFP) -"), pattern) == shown


@pytest.mark.parametrize(
    ("pattern", "without_place", "without_credit", "without_date"),
    [
        ("", "(AFP) Feb 8, 2025", "Riga Feb 8, 2025", "Riga (AFP)"),
        ("{place}, {date} ({credit}) -", "Feb 8, 2025 (AFP) -", "Riga, Feb 8, 2025 -", "Riga (AFP) -"),
        ("({credit}) {place}, {date}", "(AFP) Feb 8, 2025", "Riga, Feb 8, 2025", "(AFP) Riga"),
        ("{place} ({credit}, {date})", "(AFP, Feb 8, 2025)", "Riga (Feb 8, 2025)", "Riga (AFP)"),
        ("{place} – {date}", "Feb 8, 2025", "Riga – Feb 8, 2025", "Riga"),
    ],
)
def test_an_absent_part_leaves_no_trace(pattern, without_place, without_credit, without_date):
    day = datetime.date(2025, 2, 8)
    assert render_dateline(Dateline("", "AFP", day), pattern) == without_place
    assert render_dateline(Dateline("Riga", "", day), pattern) == without_credit
    assert render_dateline(Dateline("Riga", "AFP"), pattern) == without_date
    assert render_dateline(Dateline(), pattern) == ""


def test_an_edited_part_is_shown_in_place_of_the_filed_text():
    raw = "RIGA, Feb 8, 2025 (AFP) -"
    edited = Dateline("Tallinn", "AFP", datetime.date(2025, 2, 8), raw)
    assert render_dateline(edited) == "Tallinn (AFP) Feb 8, 2025"


def test_a_filed_text_that_is_no_dateline_gives_way_to_the_parts():
    assert render_dateline(Dateline("NEW YORK", raw="NEW YORK")) == "NEW YORK"
    assert render_dateline(Dateline(raw="by our own correspondent")) == ""


def test_a_place_that_looks_like_a_pattern_is_shown_as_it_is():
    assert render_dateline(Dateline("{date}", "AFP"), "{place} ({credit})") == "{date} (AFP)"


def test_a_field_no_pattern_may_name_is_never_shown():
    assert render_dateline(Dateline("Riga"), "{place} {place.__class__} {city}") == "Riga"


@pytest.mark.parametrize(
    "pattern", ["", "{place}", "{place} ({credit}) {date}", "{place}, {date} ({credit}) -"]
)
def test_a_sound_pattern_passes_the_check(pattern):
    assert check_pattern(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("{city} ({credit})", r"unknown field \{city\}\. Allowed are \{place\}, \{credit\}, \{date\}"),
        ("{place.__class__}", r"unknown field \{place\.__class__\}"),
        ("{date:%d}", r"unknown field \{date:%d\}"),
        ("{}", r"unknown field \{\}"),
        ("{place} (credit}", "brace without its partner"),
        ("place (credit)", "shows no part"),
    ],
)
def test_a_pattern_that_cannot_be_shown_is_refused_in_words(pattern, message):
    with pytest.raises(ValueError, match=message):
        check_pattern(pattern)


places = st.sampled_from(
    ["Moscow", "STOCKHOLM", "Rio de Janeiro", "Washington DC", "KYIV, Ukraine", "L'Aquila", "Xi'an", "دمشق"]
    + ["St. Petersburg", "Frankfurt am Main", "NEW YORK/LONDON", "Ciudad Juárez", "The Hague", "Київ"]
)
credits = st.sampled_from(["AFP", "dpa", "SPX", "Reuters", "AFP/Reuters", "BUSINESS WIRE", "أ ف ب"])
days = st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 1, 1))
english = st.sampled_from(
    [("Jan", 1), ("Feb", 2), ("March", 3), ("APRIL", 4), ("may", 5), ("Sept.", 9), ("Oct", 10), ("Dec", 12)]
)
french = st.sampled_from([("janv.", 1), ("févr", 2), ("mars", 3), ("juil", 7), ("août", 8), ("décembre", 12)])


@given(
    places, credits, st.integers(1, 28), english, st.integers(1990, 2100), st.sampled_from(["", " -", " —"])
)
def test_what_is_read_from_an_english_dateline_is_shown_again(place, credit, day, month, year, dash):
    name, number = month
    for line in (
        f"{place} ({credit}) {name} {day:02}, {year}",
        f"{place}, {name} {day}, {year} ({credit}){dash}",
    ):
        dateline = read_dateline(line)
        assert parts(dateline) == (place, credit, str(datetime.date(year, number, day)))
        assert render_dateline(dateline) == line.removesuffix(dash)


@given(places, credits, st.integers(1, 28), french, st.integers(1990, 2100))
def test_what_is_read_from_a_french_dateline_is_shown_again(place, credit, day, month, year):
    name, number = month
    line = f"{place}, {day} {name} {year} ({credit})"
    assert parts(read_dateline(line)) == (place, credit, str(datetime.date(year, number, day)))
    assert render_dateline(read_dateline(line)) == line


@given(places, credits, days)
def test_a_rebuilt_dateline_is_read_back_into_the_same_parts(place, credit, day):
    dateline = Dateline(place, credit, day)
    assert parts(read_dateline(render_dateline(dateline))) == parts(dateline)


def letters(text: str) -> str:
    return "".join(text.split())


fragments = st.sampled_from(
    [
        "MOSCOW",
        "Riga",
        "The",
        "(AFP)",
        "(",
        ")",
        " - ",
        "--",
        "—",
        "_",
        ",",
        " ",
        "\n",
        "\u00a0",
        "Feb 28",
        "2025",
    ]
    + ["3 mars", "AAP", "\u200f", "İ", "ı", "janvıer 3", "text", "99", "."]
)
noise = st.one_of(st.text(max_size=300), st.lists(fragments, max_size=40).map("".join))


@given(noise)
def test_splitting_keeps_every_letter(text):
    dateline, rest = split_dateline(text, today=TODAY)
    assert letters((dateline.raw if dateline else "") + rest) == letters(text)


@given(noise)
def test_whatever_is_taken_for_a_dateline_can_be_shown_as_filed(text):
    dateline = read_dateline(text, today=TODAY)
    assert dateline is None or render_dateline(dateline) == text.strip()


@given(noise, noise, noise)
def test_no_text_breaks_the_rendering_or_the_check_of_a_pattern(place, credit, pattern):
    assert isinstance(render_dateline(Dateline(place, credit, raw=place), pattern), str)
    with contextlib.suppress(ValueError):
        assert check_pattern(pattern) is None
