"""The clean-up of a story's text: what is taken off its ends, what is laid out, and that no word is lost."""

import datetime
import re
from collections import Counter
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.markup import plain_text
from wires.parse.body import holds_html, read_body
from wires.parse.ends import is_sign_off, read_byline
from wires.parse.layout import html_of_paragraphs, html_of_text
from wires.parse.xml import read_xml

TODAY = datetime.date(2031, 3, 4)


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


# The ends


def test_a_byline_over_the_text_is_taken_off():
    body = read_body(paragraphs("By Ann Lee", "The mill opened.", "It closed."))
    assert body.byline == "Ann Lee"
    assert body.html == "<p>The mill opened.</p>\n<p>It closed.</p>"


def test_the_writers_desk_on_the_next_line_belongs_to_the_byline():
    assert (
        read_body(paragraphs("By ANN LEE", "Example Press", "The mill.")).byline == "ANN LEE, Example Press"
    )


@pytest.mark.parametrize(
    "line",
    ["By Ann Lee and Max van der Moss", "By PAUL BYRNE=", "Von Christian Made-Up, dpa", "By Reuters Staff",
     "Par Jeanne Plume", "by Ann Lee, Science Editor"],
)  # fmt: skip
def test_a_byline_names_people(line):
    assert read_byline(line)


@pytest.mark.parametrize(
    "line",
    ["By Monday the mill had opened.", "By Monday", "By all accounts it was late", "By 2031", "By the River",
     "Byron Lee", "Von Berlin", "The mill", "By Ann Lee.", "By "],
)  # fmt: skip
def test_a_sentence_that_starts_with_by_is_no_byline(line):
    assert read_byline(line) == ""


def test_the_dateline_is_split_off_the_first_paragraph():
    body = read_body(paragraphs("MOSCOW, Feb 28, 2031 (AFP) - The mill <b>opened</b>.", "It closed."))
    assert body.dateline.place == "MOSCOW"
    assert body.dateline.credit == "AFP"
    assert body.dateline.date == datetime.date(2031, 2, 28)
    assert body.html.startswith("<p>The mill <b>opened</b>.</p>")


def test_a_dateline_in_marks_of_its_own_is_taken_off_with_them():
    body = read_body(paragraphs("<b>MOSCOW <i>(AFP)</i> - </b>The mill opened.", "It closed."))
    assert body.html.startswith("<p>The mill opened.</p>")


def test_a_dateline_behind_teaser_and_byline_is_found():
    body = read_body(paragraphs("A mill has news.", "By Ann Lee", "ROME (AFP) - The mill opened.", "Yes."))
    assert body.dateline.place == "ROME"
    assert body.byline == "Ann Lee"
    assert body.html.splitlines()[0] == "<p>A mill has news.</p>"


def test_a_dateline_far_down_opens_another_part_and_stays():
    texts = ["One.", "Two.", "Three.", "ROME (AFP) - The mill opened."]
    assert "ROME (AFP) - The mill" in read_body(paragraphs(*texts)).html


def test_a_dateline_without_a_year_takes_that_of_the_day_it_was_sent():
    body = read_body(paragraphs("March 3 (Reuters) - Prices rose.", "Then fell."), today=TODAY)
    assert body.dateline.date == datetime.date(2031, 3, 3)
    assert body.dateline.place == ""


def test_notes_to_editors_over_the_text_never_reach_readers():
    texts = ["Eds: Updates throughout.", "(Adds quotes, background)", "The mill opened.", "Yes."]
    body = read_body(paragraphs(*texts))
    assert body.notes == ("Eds: Updates throughout.", "(Adds quotes, background)")
    assert "Eds" not in body.html
    assert "Adds" not in body.html


def test_a_note_to_editors_in_the_middle_of_the_text_never_reaches_readers():
    body = read_body(paragraphs("RIGA (AFP) - The mill opened.", "Eds: Updates with owner.", "It closed."))
    assert body.notes == ("Eds: Updates with owner.",)
    assert body.html == "<p>The mill opened.</p>\n<p>It closed.</p>"


def test_a_desks_addresses_in_two_brackets_never_reach_readers():
    desk = "((ann.lee@example.test; +1 555 0100))"
    assert read_body(paragraphs("The mill opened.", "It closed.", desk)).notes == (desk,)


def test_somebody_named_ed_may_speak_in_the_text():
    texts = ["RIGA (AFP) - The mill opened.", "Ed: And does it turn?", "It does."]
    assert "And does it turn?" in read_body(paragraphs(*texts)).html


def test_what_editors_note_to_readers_stays():
    texts = ["EDITOR'S NOTE _ Names were changed.", "The mill opened.", "(With reporting by Max)"]
    assert read_body(paragraphs(*texts)).html.count("<p>") == 3


@pytest.mark.parametrize(
    "line",
    ["hh/ph/ts/hd", "==Kyodo", "(SDA/sj)", "ends", "AAP RTV ar", "dpa sza yybb n1 gth", "ففف/ح س/كام",
     "-30-", "EFE", "AP-WF-11-13-31 1509GMT<"],
)  # fmt: skip
def test_a_sign_off_at_the_end_is_taken_off(line):
    body = read_body(paragraphs("The mill opened.", line, "", "&nbsp;"))
    assert body.html == "<p>The mill opened.</p>"
    assert body.sign_off == line


@pytest.mark.parametrize(
    "line",
    ["He said no.", "PA is on it", "www.example.org/mill", "It was 24/7", "1/2", "See example.org", "Yes",
     "AP and AFP contributed"],
)  # fmt: skip
def test_a_sentence_at_the_end_is_no_sign_off(line):
    if line != "It was 24/7":
        assert not is_sign_off(line)
    assert is_sign_off("It was 24/7.") is False or line


def test_the_only_paragraph_is_never_taken_for_an_end():
    assert read_body("<p>ab/cd</p>").html == "<p>ab/cd</p>"
    assert read_body("<p>By Ann Lee</p>").html == "<p>By Ann Lee</p>"
    assert read_body("<p>MOSCOW (AFP)</p>").html == "<p>MOSCOW (AFP)</p>"


def test_a_row_of_dashes_is_a_rule_between_paragraphs_and_nothing_at_the_end():
    assert read_body(paragraphs("One.", "_____", "Two.", "___")).html == "<p>One.</p>\n<hr>\n<p>Two.</p>"


# The layout


def test_one_big_paragraph_is_split_where_lines_are_indented():
    body = read_body("<p>The first\nparagraph.\n    The second\none.\n\n (End notes)</p>")
    assert body.html == "<p>The first paragraph.</p>\n<p>The second one.</p>\n<p>(End notes)</p>"


def test_the_indents_of_the_file_split_no_paragraph():
    assert read_body("<p>One sentence\n      over three\n      lines.</p>").html.count("<p>") == 1
    assert read_body(paragraphs("One\n  two\nthree", "Four")).html.count("<p>") == 2


def test_two_breaks_end_a_paragraph_and_one_does_not():
    assert read_body("One<br>still one<br/><br/>Two <b>bold<br><br>three</b>").html == (
        "<p>One<br>still one</p>\n<p>Two <b>bold</b></p>\n<p><b>three</b></p>"
    )


def test_breaks_at_the_margin_of_a_teleprinter_become_blanks():
    lines = "<br />".join(["a line of the old width that goes on over its end because"] * 3 + ["it must."])
    assert "<br>" not in read_body(paragraphs(lines, "Two.")).html


def test_the_lines_of_an_address_stay_lines():
    assert read_body(paragraphs("Mill Ltd<br>1 River Road<br>Norhaven", "Two.")).html.count("<br>") == 2


def test_aligned_columns_become_preformatted_text():
    text = "Results:\n\nTeam       P    W\nAlpha      1    2\n\nBeta       3    4\n\nThat was\nall.\n"
    assert html_of_text(text) == (
        "<p>Results:</p><pre>Team       P    W\nAlpha      1    2\n\nBeta       3    4</pre>"
        "<p>That was all.</p>"
    )


def test_two_blanks_behind_a_full_stop_are_no_columns():
    assert "<pre>" not in html_of_text("It rose.  It fell.  It rose.\nThen.  Again.  Down.\n")


def test_plain_paragraphs_are_told_by_empty_and_by_unbroken_lines():
    assert html_of_text("One\nstill.\n\nTwo <3.") == "<p>One still.</p><p>Two &lt;3.</p>"
    long = "word " * 40
    assert html_of_text(f"{long}\n{long}\n{long}").count("<p>") == 3
    assert html_of_paragraphs(["a & b", " "]) == "<p>a &amp; b</p>"


def test_tables_lists_quotes_and_headings_stay():
    markup = (
        "<h1>Head</h1><ul><li>a<li><p>b</p></ul><blockquote><p>q</p></blockquote>"
        "<table border=1><tr><th>x<td colspan=2>y</table><pre>  a\n b</pre>"
    )
    html = read_body(markup).html
    for part in ("<h2>Head</h2>", "<ul><li>a</li><li>b</li></ul>", "<blockquote><p>q</p></blockquote>",
                 '<th>x</th><td colspan="2">y</td>', "<pre>  a\n b</pre>"):  # fmt: skip
        assert part in html


# What goes, and what must not


def test_scripts_styles_forms_and_handlers_go():
    markup = (
        "<style>p{}</style><p onclick='x()' style='color:red'>Text</p><script>bad()</script><input value=x>"
    )
    assert read_body(markup).html == "<p>Text</p>"


def test_only_links_to_the_web_and_to_mail_stay_links():
    markup = (
        '<p><a href="https://a.example/?b=1&amp;c=2">one</a> <a href="javascript:x()">two</a> '
        '<a href="/local">three</a> <a href="mailto:a@b.example">four</a> <a>five</a></p>'
    )
    html = read_body(markup).html
    assert re.findall('href="([^"]*)"', html) == ["https://a.example/?b=1&amp;c=2", "mailto:a@b.example"]
    assert plain_text(html) == "one two three four five"


def test_pictures_come_out_of_the_text_with_their_captions_and_counters_are_no_pictures():
    markup = (
        '<p>Text <img src="https://count.example/1.gif" width="1" height="1"></p>'
        '<figure><img src="https://p.example/a.jpg" width="640" alt="A mill">'
        '<figcaption>The mill <span class="credit">Ann/EX</span></figcaption></figure>'
    )
    body = read_body(markup)
    assert body.html == "<p>Text</p>"
    (picture,) = body.pictures
    assert (picture.caption, picture.credit, picture.alt_text) == ("The mill", "Ann/EX", "A mill")
    assert picture.renditions[0].width == 640


def test_blocks_that_readers_do_not_get_as_such_do_not_run_together():
    assert plain_text(read_body("<div>one<div>two</div>three</div><section>four</section>").html) == (
        "one\ntwo\nthree\nfour"
    )


def test_marks_around_blocks_lose_the_marks_and_not_the_words():
    assert plain_text(read_body("<b>a<p>b</p>c</b>").html).split() == ["a", "b", "c"]


def test_text_astray_in_a_table_is_kept():
    html = read_body("<table><tr><td>a</td></tr>astray<tr><td>b</td></tr></table>").html
    assert plain_text(html).split() == ["a", "astray", "b"]


def test_the_direction_and_language_of_a_paragraph_stay():
    assert read_body('<p dir="rtl" lang="ar">نص</p>').html == '<p lang="ar" dir="rtl">نص</p>'


def test_a_body_nested_too_deep_comes_as_its_words_and_at_once():
    for nest in ("<div>" * 50_000, "<div></x>" * 50_000, "<div><b></div>" * 2_000, "<b><i>" * 900):
        body = read_body(f"{nest}words")
        assert body.html == "<p>words</p>"
        assert body.warnings


def test_an_element_is_read_like_text_and_left_as_it_was():
    element = read_xml(b"<body><p>By Ann Lee</p><p>The <org>Mill</org> opened.</p></body>")
    assert read_body(element).html == "<p>The Mill opened.</p>"
    assert len(element) == 2


def test_html_is_told_from_text_whatever_it_is_declared_to_be():
    assert holds_html("<P>One</P>")
    assert holds_html("a<br/>b")
    assert not holds_html("1 < 2 and <mail@example.org>")


def test_no_text_gives_no_body():
    assert read_body("").html == ""
    assert read_body("<p> </p><p>&nbsp;</p>").html == ""


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Co", "Cn"]), max_size=30)
tags = st.sampled_from(
    ["<p>", "</p>", "<br>", "<b>", "</b>", "<div>", "</div>", "<ul>", "<li>", "</ul>", "<table>", "<tr>",
     "<td>", "</table>", "<a href='https://a.example'>", "</a>", "<h2>", "</h2>", "<blockquote>",
     "</blockquote>", "\n  "]
)  # fmt: skip


@given(st.lists(st.one_of(words, tags), max_size=25))
def test_no_word_is_ever_lost(pieces):
    markup = "".join(p if p.startswith("<") else re.sub("[<&_*=–—-]", "", p) for p in pieces)
    body = read_body(markup)
    dateline = body.dateline.raw if body.dateline else ""
    kept = "".join([plain_text(body.html), body.byline, body.sign_off, dateline, *body.notes])
    lost = Counter(normalize("NFC", plain_text(markup))) - Counter(normalize("NFC", kept))
    assert not "".join(lost).strip() or (body.byline and set(lost) <= set("ByVonPari: "))
