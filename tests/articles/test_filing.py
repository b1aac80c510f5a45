import contextlib
import datetime
import textwrap
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.datelines import Dateline
from articles.filing import Copy, CopyLink, UnfilableCopy, body_html, read_copy
from articles.pasting import LONGEST

SEED = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "seed" / "story-page.txt"

FERRY = (
    "The harbour town of Odrava will run its night ferry again from Monday, the mayor announced "
    "on Friday after two winters without a boat."
)
PIERS = (
    "Engineers had closed the landing stage when divers found cracks in three of its eight stone "
    "piers, and the well-known café on it as well."
)
QUOTE = '"We counted on six weeks -- it took sixty," said Ilse Brandt, who runs the boats. «C\'est fini.»'
STORY = (FERRY, PIERS, QUOTE)
DATELINE = Dateline("Odrava", "AFP", datetime.date(2025, 2, 28), "Odrava (AFP) Feb 28, 2025")

PAGE = f"""Harbour News
FERRIES
Odrava's night ferry sails again: mayor
Odrava's night ferry sails again: mayor
by AFP Staff Writers
Odrava (AFP) Feb 28, 2025

{FERRY}

{PIERS}

{QUOTE}

Related Links
The Shipping Pages at BoatWorld.com
Learn about the Ferries of the North at BoatWorld.com

Subscribe Free To Our Daily Newsletters
Tweet

RELATED CONTENT
The following news reports may link to other websites.
FERRIES
Three sailors found on raft
Sund (AFP) Feb 27, 2025
Three sailors were found on Thursday on a raft of barrels, the coast guard said ... read more

Subscribe Free To Our Daily Newsletters

The content herein, unless otherwise known to be public domain, are Copyright 1995-2024 - Boat Media.
"""


def lines(*parts: str) -> str:
    return "\n".join(parts)


def wrapped(width: int = 70, between: str = "\n\n", **indents: str) -> str:
    """The story as a mail program or a wire terminal lays it out."""
    return between.join(textwrap.fill(paragraph, width, **indents) for paragraph in STORY)


def test_a_story_page_is_read_into_its_parts():
    assert read_copy(PAGE) == Copy(
        headline="Odrava's night ferry sails again: mayor",
        paragraphs=STORY,
        channel_title="Harbour News",
        kicker="FERRIES",
        byline="AFP Staff Writers",
        dateline=DATELINE,
        links=(
            CopyLink("The Shipping Pages at BoatWorld.com", "https://boatworld.com/"),
            CopyLink("Learn about the Ferries of the North at BoatWorld.com", "https://boatworld.com/"),
        ),
    )


def test_the_model_page_is_read_into_its_parts():
    if not SEED.exists():
        pytest.skip(f"the shared samples are not here: {SEED} is not there: nothing to compare with")
    text = SEED.read_text(encoding="utf-8")
    copy = read_copy(text)
    assert (copy.channel_title, copy.kicker) == ("Russian News", "MILPLEX")
    assert copy.headline == text.splitlines()[2] == text.splitlines()[3]
    assert copy.headline not in copy.paragraphs
    assert copy.byline == "AFP Staff Writers"
    assert (copy.dateline.place, copy.dateline.credit) == ("Moscow", "AFP")
    assert copy.dateline.date == datetime.date(2025, 2, 28)
    assert len(copy.paragraphs) == 9
    assert all(paragraph in text for paragraph in copy.paragraphs)
    assert copy.paragraphs[-1].endswith("this week.")
    assert [link.url for link in copy.links] == ["https://spacewar.com/"] * 2


def test_a_bare_headline_over_paragraphs_is_enough():
    copy = read_copy(f"Night ferry sails again\n\n{FERRY}\n\n{PIERS}")
    assert copy == Copy("Night ferry sails again", (FERRY, PIERS))


def test_one_line_to_a_paragraph_needs_no_empty_lines():
    assert read_copy(lines("Night ferry sails again", *STORY)).paragraphs == STORY
    short = ("The boat is back.", "It sails at ten.", '"At last," said the mayor.')
    assert read_copy(lines("Night ferry sails again", *short)).paragraphs == short


@pytest.mark.parametrize("width", [60, 65, 72, 80])
@pytest.mark.parametrize("head", ["Night ferry sails again\n\n", "Night ferry sails again\nby Jane Doe\n"])
def test_wrapped_lines_are_joined_into_paragraphs(head, width):
    assert read_copy(head + wrapped(width)).paragraphs == STORY


@pytest.mark.parametrize("width", [70, 125])
def test_wrapped_paragraphs_may_be_told_apart_by_indentation_alone(width):
    text = "Night ferry sails again\n" + wrapped(width, between="\n", initial_indent="   ")
    assert read_copy(text).paragraphs == STORY
    assert read_copy(text.replace("   ", "\t")).paragraphs == STORY


@pytest.mark.parametrize("width", [62, 66, 80])
def test_wrapped_paragraphs_may_be_told_apart_by_their_short_last_lines_alone(width):
    text = wrapped(width, between="\n")
    assert read_copy(f"Night ferry sails again\n\n{text}").paragraphs == STORY


def test_a_list_in_wrapped_text_keeps_its_lines():
    text = f"Night ferry sails again\n\n{wrapped()}\n\nThe new times:\n- Monday 10 pm\n- Tuesday 11 pm\n"
    assert read_copy(text).paragraphs[3:] == ("The new times:", "- Monday 10 pm", "- Tuesday 11 pm")


def test_a_single_space_before_a_line_is_no_indentation():
    text = wrapped().split("\n")
    slipped = [f" {line}" if line and n % 2 else line for n, line in enumerate(text)]
    assert read_copy(lines("Night ferry sails again", "", *slipped)).paragraphs == STORY


def test_a_table_of_short_lines_is_not_joined():
    table = ("Results of the race", "Brandt 12:01", "Doe 12:03", "Roe 12:09")
    assert read_copy(lines("Night ferry sails again\n", *table)).paragraphs == table


def test_a_dash_at_the_start_of_a_wrapped_line_is_no_list():
    text = "The boat that the town had waited for through two long winters\n- it came at ten - was full."
    assert read_copy(f"Ferry\n\n{text}\n").paragraphs == (text.replace("\n", " "),)


def test_a_word_wrapped_at_its_hyphen_is_one_word_again():
    text = lines(
        "The harbour master of the town is a man who is well-",
        "known to all who sail by day, and the short-",
        "and long-haul crews greet him on every one of their journeys.",
    )
    joined = text.replace("well-\nknown", "well-known").replace("\n", " ")
    assert read_copy(f"Ferry\n\n{text}\n").paragraphs == (joined,)


def test_a_wrapped_headline_is_joined():
    head = "Night ferry of Odrava sails again after two winters on Monday, the\nmayor of the town announces"
    for over in (f"{head}\n\nby Jane Doe", f"FERRIES\n{head}\n{head}\nby Jane Doe"):
        copy = read_copy(f"{over}\n{wrapped()}")
        assert copy.headline == head.replace("\n", " ")
        assert copy.paragraphs == STORY


@pytest.mark.parametrize(
    ("line", "byline"),
    [
        ("By Jane Doe", "Jane Doe"),
        ("BY JANE DOE", "JANE DOE"),
        ("by Jane Doe and John Roe", "Jane Doe and John Roe"),
        ("by Jane Doe, staff writer", "Jane Doe, staff writer"),
        ("By: Jane van der Doe", "Jane van der Doe"),
        ("By dpa correspondents =", "dpa correspondents"),
        ("^By APRIL JONES=", "APRIL JONES"),
        ("By Jane Doe\nExample Press Agency", "Jane Doe, Example Press Agency"),
    ],
)
def test_a_byline_is_kept_as_written_without_its_by(line, byline):
    copy = read_copy(f"Night ferry sails again\n{line}\n\n{FERRY}\n\n{PIERS}")
    assert copy.byline == byline
    assert copy.paragraphs == (FERRY, PIERS)


@pytest.mark.parametrize(
    "line",
    [
        "By Monday the boat was full",
        "By May 5 all was done",
        "By the river",
        "By 2030",
        "By noon it rained.",
        "By Jane Doe it was said that the boat would sail.",
    ],
)
def test_a_sentence_that_starts_with_by_is_text(line):
    copy = read_copy(f"Night ferry sails again\n\n{line}\n\n{FERRY}")
    assert copy.byline == ""
    assert copy.paragraphs == (line, FERRY)


def test_a_dateline_run_into_the_text_is_split_off():
    copy = read_copy(f"Night ferry sails again\n\nODRAVA, Feb 28, 2025 (AFP) - {FERRY}\n\n{PIERS}")
    assert copy.dateline == Dateline(
        "ODRAVA", "AFP", datetime.date(2025, 2, 28), "ODRAVA, Feb 28, 2025 (AFP) -"
    )
    assert copy.paragraphs == (FERRY, PIERS)


def test_a_dateline_behind_a_standfirst_is_found():
    copy = read_copy(f"Night ferry sails again\nThe mayor is glad\nBy Jane Doe\n\nOdrava (dpa) - {FERRY}")
    assert copy.headline == "Night ferry sails again"
    assert copy.dateline.place == "Odrava"
    assert copy.paragraphs == ("The mayor is glad", FERRY)


def test_today_gives_a_dateline_its_year():
    text = f"Night ferry sails again\nODRAVA, February 28\n\n{FERRY}"
    assert read_copy(text).dateline == Dateline("ODRAVA", raw="ODRAVA, February 28")
    assert read_copy(text, today=datetime.date(2025, 3, 1)).dateline.date == datetime.date(2025, 2, 28)


@pytest.mark.parametrize("head", ["NIGHT FERRY SAILS", "NIGHT FERRY SAILS\nBy Jane Doe"])
def test_a_headline_in_capitals_over_the_text_is_a_headline(head):
    for text in (f"{FERRY}\n\n{PIERS}", wrapped(), "The boat is back.\n\nIt sails at ten."):
        copy = read_copy(f"{head}\n\n{text}")
        assert (copy.headline, copy.kicker) == ("NIGHT FERRY SAILS", "")


@pytest.mark.parametrize(
    "text",
    [
        "NIGHT FERRY SAILS ON\nThe mayor is glad\nBy Jane Doe\n\nIt sails at ten.",
        "NIGHT FERRY\n\nThe ferry of the harbour town will sail again from Monday, said\nMayor Brandt.",
    ],
)
def test_what_stands_below_a_headline_in_capitals_is_text(text):
    copy = read_copy(text)
    assert (copy.headline, copy.kicker) == (text.splitlines()[0], "")


def test_a_headline_may_look_like_a_dateline():
    copy = read_copy(f"Floods (Update)\nOdrava (AFP) Feb 28, 2025\n\n{FERRY}")
    assert (copy.headline, copy.dateline) == ("Floods (Update)", DATELINE)


def test_a_byline_below_the_first_paragraphs_is_text():
    copy = read_copy(f"Night ferry sails again\n\n{FERRY}\n\n{PIERS}\n\nBy Jane Doe")
    assert (copy.byline, copy.paragraphs) == ("", (FERRY, PIERS, "By Jane Doe"))


def test_a_kicker_may_stand_over_a_headline_in_capitals():
    copy = read_copy(f"FERRIES\nNIGHT FERRY SAILS AGAIN\n\n{FERRY}")
    assert (copy.channel_title, copy.kicker, copy.headline) == ("", "FERRIES", "NIGHT FERRY SAILS AGAIN")


def test_a_repeated_headline_is_told_from_the_channel_over_it():
    copy = read_copy(f"Harbour News\nNight ferry sails again\nNight ferry sails again\n\n{FERRY}")
    assert (copy.channel_title, copy.headline, copy.paragraphs) == (
        "Harbour News",
        "Night ferry sails again",
        (FERRY,),
    )


def test_a_line_between_headline_and_byline_is_kept_as_text():
    copy = read_copy(f"Night ferry sails again\nThe mayor is glad.\nBy Jane Doe\n\n{FERRY}")
    assert copy.paragraphs == ("The mayor is glad.", FERRY)


MAIL = "From: Desk <desk@example.com>\nTo: news@example.com\nDate: Fri, 28 Feb 2025 10:00:00 +0100\n"


def test_the_subject_of_a_mail_is_the_headline_if_the_text_has_none():
    for text in (wrapped(), f"{FERRY}\n\n{PIERS}\n\n{QUOTE}", f"Dear all,\n\n{wrapped()}"):
        copy = read_copy(f"{MAIL}Subject: Fwd: Night ferry\n  sails again\n\n{text}\n\n-- \nJane Doe, desk\n")
        assert (copy.headline, copy.paragraphs) == ("Night ferry sails again", STORY)


def test_a_headline_in_the_text_of_a_mail_outranks_the_subject():
    for head in ("Night ferry sails again\n\n", "Hi,\n\nNight ferry sails again\nBy Jane Doe\n\n"):
        copy = read_copy(f"{MAIL}Subject: for tomorrow\n\n{head}{wrapped()}")
        assert (copy.headline, copy.paragraphs) == ("Night ferry sails again", STORY)


def test_a_forwarded_mail_is_read_as_the_mail_inside():
    outer = f"{MAIL}Subject: Fwd: look\n\n---------- Forwarded message ---------\n"
    copy = read_copy(f"{outer}{MAIL}Subject: Night ferry sails again\n\n{wrapped()}")
    assert (copy.headline, copy.paragraphs) == ("Night ferry sails again", STORY)


def test_quote_marks_are_taken_off_if_every_line_has_them():
    text = f"Night ferry sails again\n\n{wrapped()}"
    quoted = "".join(f"> {line}\n" for line in text.split("\n"))
    assert read_copy(quoted) == read_copy(text)
    assert read_copy("".join(f">>> {line}\n" for line in quoted.split("\n"))) == read_copy(text)
    assert read_copy(f"Ferry\n\n> {FERRY}\n\n{PIERS}").paragraphs == (f"> {FERRY}", PIERS)


def test_what_a_clipboard_adds_is_taken_off():
    dirty = "\ufeff" + PAGE.replace("\n", "\r\n").replace(" ferry", "\u200b ferry").replace(
        "by AFP", "by\u00a0AFP"
    )
    dirty = dirty.replace("Engineers", "\x02Engineers\x1b").replace("on Friday", "on\tFriday")
    assert read_copy(dirty) == read_copy(PAGE)


@pytest.mark.parametrize("end", ["\r", "\r\n", "\u2028", "\x0c", "\x0b"])
def test_every_kind_of_line_end_ends_a_line(end):
    assert read_copy(PAGE.replace("\n", end)) == read_copy(PAGE)


def test_the_text_itself_is_not_altered():
    marks = "“Naïve”  'quotes' -- dashes – and — spelling: colour & <b>…"
    letters = "ﬁne, e\u0301, بیت\u200cها, «\u00a0oui\u00a0», 10\u00a0000"
    assert read_copy(f"Night ferry sails again\n\n{marks}\n\n{letters}").paragraphs == (marks, letters)


def test_a_note_to_editors_never_reaches_the_text():
    copy = read_copy(
        "Slug: Odrava-ferry\n"
        "Eds: Adds the mayor and the divers in the third paragraph, and\n"
        "moves photos.\n"
        "Night ferry sails again\n"
        "By Jane Doe\n\n"
        f"{wrapped()}\n"
        "Eds: With a picture.\n"
        "Updates follow by noon.\n\n"
        f"{FERRY}\n\n"
        "Editor's note: call the desk.\n"
    )
    assert copy.slugline == "Odrava-ferry"
    assert copy.headline == "Night ferry sails again"
    assert copy.paragraphs == (*STORY, FERRY)
    assert copy.editors_note.split("\n") == [
        "Adds the mayor and the divers in the third paragraph, and moves photos.",
        "With a picture. Updates follow by noon.",
        "call the desk.",
    ]


def test_a_note_between_headline_and_text_is_a_note():
    copy = read_copy(f"Night ferry sails again\n\nEDITORS: hold the picture.\nIt is not cleared.\n\n{FERRY}")
    assert (copy.paragraphs, copy.editors_note) == ((FERRY,), "hold the picture. It is not cleared.")


def test_a_note_right_below_a_full_line_is_a_note():
    full = textwrap.fill(FERRY, 72)
    assert len(full.splitlines()[-1]) > 60
    copy = read_copy(f"Night ferry sails again\n\n{full}\nEds: With a picture.\n\n{full}\nhh/ph/ts")
    assert (copy.paragraphs, copy.editors_note) == ((FERRY, FERRY), "With a picture.")


def test_the_signs_of_a_wire_are_no_part_of_its_lines():
    copy = read_copy(f"^Eds: With a picture.<\n^Night ferry sails again<\n^By JANE DOE=\n\n{FERRY}")
    assert (copy.headline, copy.byline) == ("Night ferry sails again", "JANE DOE")
    assert copy.editors_note == "With a picture."


def test_a_note_to_readers_stays_in_the_text():
    note = "EDITOR'S NOTE _ This is the first of three stories about ferries."
    assert read_copy(f"Night ferry sails again\n\n{note}\n\n{FERRY}").paragraphs == (note, FERRY)


def test_an_agencys_notebook_goes_to_the_editors_alone():
    copy = read_copy(f"Night ferry sails again =\n\n{FERRY}\n\n# dpa NOTEBOOK\n\n* * * *\nTel: 123\n")
    assert (copy.headline, copy.paragraphs) == ("Night ferry sails again", (FERRY,))
    assert copy.editors_note.endswith("Tel: 123")


@pytest.mark.parametrize("line", ["SLUGLINE: Odrava-ferry/", "slug = Odrava-ferry/"])
def test_a_slugline_is_read(line):
    assert read_copy(f"{line}\nNight ferry sails again\n\n{FERRY}").slugline == "Odrava-ferry/"


@pytest.mark.parametrize(
    "sign_off", ["bur/ab/cd", "hh/ph/ts", "(XYZ/sj)", "bur-ab/cd", "==Agency", "dpa ab cd ef"]
)
def test_a_sign_off_at_the_end_is_dropped(sign_off):
    assert read_copy(f"Night ferry sails again\n\n{wrapped()}\n\n{sign_off}\n").paragraphs == STORY
    assert read_copy(f"Night ferry sails again\n\n{wrapped()}\n{sign_off}").paragraphs == STORY


@pytest.mark.parametrize("end", ["-- 30 --", "-30-", "###", "# # #", "ENDS", "(ENDS)", "-ends-", "END"])
def test_nothing_behind_the_end_of_the_copy_is_read(end):
    copy = read_copy(f"{end}\nNight ferry sails again\n\n{FERRY}\n\n{end}\n\nContact: Jane Doe, 555 0100\n")
    assert copy.paragraphs == (FERRY,)


@pytest.mark.parametrize(
    "furniture",
    [
        "Tweet",
        "Share",
        "Print",
        "Email",
        "Share this article",
        "Share on Facebook",
        "Read more",
        "READ MORE »",
    ]
    + ["Read more: Three sailors found on raft", "Three sailors were found on a raft ... read more"]
    + ["Subscribe Free To Our Daily Newsletters", "Sign up for our newsletter!", "Advertisement"]
    + ["© 2025 Agence Exemple", "Copyright 2025 Example. All rights reserved.", "(c) 2025 Example"]
    + ["1ST LEAD", "REFILE", "All texts are Copyright 1995-2024 - Boat Media."],
)
def test_the_furniture_of_a_page_is_left_out(furniture):
    text = f"{furniture}\nNight ferry sails again\n\n{FERRY}\n\n{furniture}\n\n{PIERS}\n\n{furniture}"
    assert read_copy(text) == Copy("Night ferry sails again", (FERRY, PIERS))


@pytest.mark.parametrize(
    "sentence",
    [
        "Share prices fell on Friday.",
        "Copyright law was changed in 2019, the court said.",
        "Read more books, the mayor said.",
        "Subscribe to newsletters or not, the mayor said.",
        "Ends do not justify means.",
        "He said he would print and share it.",
        "30",
    ],
)
def test_a_sentence_that_only_looks_like_furniture_stays(sentence):
    copy = read_copy(f"Night ferry sails again\n\n{FERRY}\n\n{sentence}\n\n{PIERS}")
    assert copy.paragraphs == (FERRY, sentence, PIERS)


@pytest.mark.parametrize(
    ("line", "link"),
    [
        ("Ferry times <https://example.com/times>", CopyLink("Ferry times", "https://example.com/times")),
        (
            "Ferry times https://example.com/times?a=1",
            CopyLink("Ferry times", "https://example.com/times?a=1"),
        ),
        ("- Ferry times: http://example.com/", CopyLink("Ferry times", "http://example.com/")),
        ("[Ferry (new)](https://example.com/a_(b))", CopyLink("Ferry (new)", "https://example.com/a_(b)")),
        ("Ferry times\nhttps://example.com/times", CopyLink("Ferry times", "https://example.com/times")),
        ("https://example.com/", CopyLink("https://example.com/", "https://example.com/")),
        (
            "All about boats at Boats.Example.COM",
            CopyLink("All about boats at Boats.Example.COM", "https://boats.example.com/"),
        ),
        (
            "More at www.example.com/boats",
            CopyLink("More at www.example.com/boats", "https://www.example.com/boats"),
        ),
        ("The ferries of the U.S.", CopyLink("The ferries of the U.S.")),
        ("Ferry times", CopyLink("Ferry times")),
        ("[Ferry times](javascript:alert(1))", CopyLink("Ferry times")),
        ("Ferry times <javascript:alert(1)>", CopyLink("Ferry times")),
        ("Ferry times ftp://example.com/", CopyLink("Ferry times")),
        ("Ferry times https://[broken", CopyLink("Ferry times")),
        ("Ferry times https://", CopyLink("Ferry times https://")),
    ],
)
def test_a_related_link_gets_a_web_address_or_none(line, link):
    copy = read_copy(f"Night ferry sails again\n\n{FERRY}\n\nRelated Links\n{line}\n\nTweet\n")
    assert copy.links == (link,)
    assert copy.paragraphs == (FERRY,)


def test_text_behind_the_related_links_is_text():
    copy = read_copy(f"Night ferry sails again\n\n{FERRY}\n\nRelated links:\n\nFerry times\n\n{PIERS}\n")
    assert (copy.links, copy.paragraphs) == ((CopyLink("Ferry times"),), (FERRY, PIERS))


@pytest.mark.parametrize("text", ["", " \n\t\u00a0\r\n", "\ufeff\u200b", "\x00"])
def test_nothing_is_no_copy(text):
    with pytest.raises(UnfilableCopy, match="There is no copy: paste a story"):
        read_copy(text)


@pytest.mark.parametrize("text", ["\x89PNG\x00\x00\x00\x01\x02" * 20, "\ufffd\ufffd\ufffd\ufffdJFIF text"])
def test_a_file_is_no_text(text):
    with pytest.raises(UnfilableCopy, match="no text, it is full of control characters"):
        read_copy(text)


@pytest.mark.parametrize(
    "text", ["Night ferry sails again", "FERRIES\nNight ferry sails again\nBy Jane Doe\n\nTweet"]
)
def test_a_headline_without_text_is_no_story(text):
    with pytest.raises(UnfilableCopy, match="has a headline but no text: paste the story below it"):
        read_copy(text)


@pytest.mark.parametrize(
    "text",
    [
        FERRY,
        FERRY * 3,
        f"{FERRY}\n\n{PIERS}",
        wrapped(),
        "The ferry of the harbour town will sail again from Monday, said\nMayor Brandt.\n\nIt is full.",
        f"by Jane Doe\n{DATELINE.raw}\n\n{FERRY}",
        f"{DATELINE.raw}\n\n{FERRY}",
        "RIGA (AFP) - The boat sails at ten\n\nIt is full.",
    ],
)
def test_text_without_a_headline_is_no_story(text):
    with pytest.raises(UnfilableCopy, match="has no headline: put it on a line of its own above the byline"):
        read_copy(text)


def test_copy_of_more_than_a_million_characters_is_refused():
    with pytest.raises(UnfilableCopy, match="1,000,001 characters"):
        read_copy("a" * (LONGEST + 1))


def test_the_body_is_escaped_html_one_paragraph_a_line():
    copy = Copy("Ferry", ('"A <b> & c"', "Second"))
    assert body_html(copy) == '<p>"A &lt;b&gt; &amp; c"</p>\n<p>Second</p>'


@pytest.mark.parametrize(
    "piece",
    ["a", " ", "\t", "a\n", "> ", "By A B\n", "Eds: a\n", "word ", "- \n", "(", "a-\nb ", "Tweet\n", "a/b\n"]
    + ["[a](", "|ab://", "t at a.b\n", "." * 990 + "\n", "a, May 1 ", "\u00a0", "From: a\n a\n"],
)
def test_the_longest_copy_of_any_kind_is_read_in_moments(piece):
    for head in ("", "Ferry\n\nThe boat is back.\n\nRelated Links\n", "Subject: Ferry\nFrom: a\n "):
        text = head + piece * (200_000 // len(piece))
        start = time.perf_counter()
        with contextlib.suppress(UnfilableCopy):
            read_copy(text)
        assert time.perf_counter() - start < 5


pieces = st.sampled_from(
    [
        *PAGE.split("\n"),
        *STORY,
        "ODRAVA (AFP) - The boat",
        "By Jane Doe, of the desk",
        "FERRIES",
        "Eds: a note",
        "###",
    ]
    + [
        "",
        "\n",
        "> ",
        "Slug: a",
        "Subject: Ferry",
        "From: a@example.com",
        " go on",
        "\tindented",
        "a/b",
        "-- 30 --",
    ]
    + [
        "Related Links",
        "[a](https://[)",
        "a <http://>",
        "at example.com",
        "\x0c",
        "\ufffd",
        "--",
        "by",
        "By ,",
        "=",
        "^",
    ]
)
pasted = st.one_of(
    st.text(), st.lists(pieces, max_size=30).map("\n".join), st.lists(pieces, max_size=30).map("".join)
)


@given(pasted, st.none() | st.dates())
def test_any_text_is_either_filed_or_refused(text, today):
    with contextlib.suppress(UnfilableCopy):
        copy = read_copy(text, today=today)
        assert copy.headline.strip()
        assert copy.paragraphs
        assert all(paragraph.strip() and "\n" not in paragraph for paragraph in copy.paragraphs)
        assert all(link.title and (not link.url or urlsplit(link.url).hostname) for link in copy.links)


sentences = st.text("abcdefghij ", min_size=100, max_size=300).map(lambda text: f"A{text.strip():a<100} end.")


@given(st.lists(sentences, min_size=1, max_size=8), st.sampled_from(["\n", "\n\n"]))
def test_no_word_of_the_text_is_lost_or_moved(paragraphs, between):
    copy = read_copy("Night ferry sails again\n\n" + between.join(paragraphs))
    assert copy.paragraphs == tuple(paragraphs)
