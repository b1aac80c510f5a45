"""NITF, in the dialects of several agencies, with invented stories."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from wires.parse import parse
from wires.parse.item import Kind, Signal, Status, Unreadable, WireItem
from wires.parse.nitf import read_nitf_body

SAMPLES = Path(__file__).parent / "samples" / "nitf"


def read(name: str) -> WireItem:
    (item,) = parse((SAMPLES / name).read_bytes()).items
    return item


def read_story(
    docdata: str = "", head: str = "", *, attributes: str = "", body: str = "<p>It did.</p>"
) -> WireItem:
    """The smallest document, with what a test is about."""
    text = f"""<nitf><head><title>Title</title><docdata {attributes}><doc-id id-string="ex.1" regsrc="EX"/>
        <date.issue norm="20310102T120000Z"/>{docdata}</docdata></head>
        <body><body.head>{head}</body.head><body.content>{body}</body.content></body></nitf>"""
    return parse(text.encode()).items[0]


# Whole files


def test_a_document_without_an_id_gets_one_that_stays_the_same():
    first, again = read("story_without_id.xml"), read("story_without_id.xml")
    assert first.guid.startswith("made:ap:")
    assert first.guid == again.guid
    assert first.warnings


def test_a_writers_title_is_not_run_into_the_name():
    assert read("story_without_id.xml").byline == "ADA HOLM, Example Science Writer"


def test_dateline_credit_and_source_are_told_apart():
    item = read("story_without_id.xml")
    assert (item.dateline_place, item.dateline_credit) == ("NEW YORK", "AP")
    assert (item.provider, item.source, item.credit) == ("AP", "The Example Press", "AP")
    assert item.version_created == datetime(2031, 12, 10, 19, 10, 44, tzinfo=UTC)
    assert item.editors_notes == ("For global distribution",)
    assert "<em>will</em>" in item.body_html


def test_a_canceled_document_cancels_the_one_it_names_as_well():
    item = read("canceled_with_reference.xml")
    assert (item.status, item.guid, item.cancels) == (Status.CANCELED, "example.321.b", ("example.321.a",))
    assert item.kind is Kind.STORY
    assert item.expires == datetime(2042, 2, 26, 14, 30, tzinfo=UTC)


def test_a_note_that_is_not_for_publication_is_not_in_the_text_wherever_it_stands():
    item = read("canceled_with_reference.xml")
    assert "telephone" not in item.body_html
    assert "Not for print" not in item.body_html
    assert item.editors_notes == (
        "The column is longer from today.", "The author's telephone is in the desk drawer.", "Not for print.",
    )  # fmt: skip


def test_the_marks_of_nitf_become_those_of_the_portal():
    html = read("canceled_with_reference.xml").body_html
    assert html.startswith("<p>Cafés along the quay opened at low water, and the Example Boat Company sold")
    for part in (
        "<h2>The table</h2>",
        "<td>04:10</td>",
        "<pre>  Day      High     Low\n",
        "<li><em>Deer Creek:</em>",
    ):
        assert part in html
    assert html.endswith("<p>Stewart Made-Up contributed to this article.</p>")


def test_a_picture_comes_out_of_the_text_with_caption_and_producer():
    item = read("canceled_with_reference.xml")
    (picture,) = item.pictures
    assert (picture.caption, picture.credit, picture.alt_text) == (
        "The tide, late yesterday.", "Karben-Made-Up", "High water.",
    )  # fmt: skip
    assert (picture.renditions[0].href, picture.renditions[0].width) == ("high-tide.jpg", 278)
    assert "late yesterday" not in item.body_html


def test_where_it_happened_is_not_where_it_was_filed_from():
    item = read("canceled_with_reference.xml")
    assert item.places == ("Norhaven",)
    assert (item.dateline_place, item.dateline_text) == ("Newport Example", "Newport Example, VA")


def test_only_codes_of_the_iptc_are_mapped_to_its_topics():
    item = read("canceled_with_reference.xml")
    assert item.subjects == ("subj:17000000", "EXAMPLE:17004000", "medtop:17000000")
    assert item.keywords == ("tides", "lures")


def test_an_embargoed_document_is_shown_from_its_release_on():
    item = read("embargoed_latin1.xml")
    assert (item.status, item.hold) == (Status.USABLE, "")
    assert item.embargo_until == datetime(2031, 9, 8, 23, 1, tzinfo=UTC)


def test_latin_1_is_read_as_declared_and_a_placeholder_is_no_date():
    item = read("embargoed_latin1.xml")
    assert item.headline == "CHEESE PRICES 'NOT INCONCEIVABLE' SAYS FRANÇOIS CRÈME"
    assert "£5" in item.body_html
    assert item.expires is None
    assert item.warnings == ("'YYYYMMDD000000-HHMM' is no time.",)


def test_initials_are_no_byline_and_a_day_is_no_place():
    item = read("day_only_dateline.xml")
    assert item.byline == ""
    assert (item.dateline_place, item.dateline_credit) == ("Cádiz (España)", "EFE")
    assert (
        item.body_html
        == "<p>El faro volvió a encenderse tras un año a oscuras.</p>\n<p>Lo hizo sin avisar.</p>"
    )
    assert item.editors_notes[0] == "fgh/mn"
    assert item.language == "es-ES"
    assert item.naive_times


# State


def test_an_embargo_without_a_time_holds():
    item = read_story(attributes='management-status="embargoed"')
    assert item.hold == "It is under an embargo without an end."


def test_a_release_still_to_come_holds_back_whatever_the_status_says():
    item = read_story('<date.release norm="20310103T000000Z"/>')
    assert item.embargo_until == datetime(2031, 1, 3, tzinfo=UTC)


def test_a_release_at_the_time_of_issue_is_no_embargo():
    assert read_story('<date.release norm="20310102T120000Z"/>').embargo_until is None


def test_an_embargo_only_in_a_message_to_editors_holds():
    assert read_story('<ed-msg info="EMBARGOED until Friday"/>').hold == "It speaks of an embargo."


def test_a_document_that_updates_another_is_linked_to_it():
    item = read_story(attributes='management-doc-idref="ex.0"')
    assert (item.replaces, item.cancels, item.signal) == (("ex.0",), (), Signal.UPDATE)


def test_a_document_may_cancel_another_and_be_usable_itself():
    attributes = 'management-doc-idref="ex.0" management-idref-status="canceled"'
    item = read_story(attributes=attributes)
    assert (item.status, item.cancels, item.replaces) == (Status.USABLE, ("ex.0",), ())


def test_a_correction_says_so_and_its_note_is_for_editors():
    item = read_story('<correction info="Name in third paragraph" id-string="ex.0"/>')
    assert item.signal is Signal.CORRECTION
    assert item.replaces == ("ex.0",)
    assert "Name in third paragraph" in item.editors_notes
    assert item.correction_note == ""


def test_only_a_publishable_correction_is_for_readers():
    notes = (
        '<note type="pa"><body.content><p>Corrects the name of the mill.</p></body.content></note>'
        '<note type="pa"><body.content><p>Contains loud noises.</p></body.content></note>'
    )
    item = read_story(head=notes)
    assert item.correction_note == "Corrects the name of the mill."
    assert item.editors_notes == ("Contains loud noises.",)


# Fields


def test_the_title_stands_in_for_a_missing_headline():
    assert read_story().headline == "Title"


def test_the_urgency_may_stand_outside_of_the_document_data():
    text = (
        '<nitf><head><urgency ed-urg="2"/></head><body><body.content><p>Yes</p></body.content></body></nitf>'
    )
    assert parse(text.encode()).items[0].urgency == 2


def test_two_bylines_are_both_named():
    item = read_story(head="<byline>By Ann Lee</byline><byline>Max Tun<byttl>Reporter</byttl></byline>")
    assert item.byline == "Ann Lee, Max Tun, Reporter"


def test_a_dateline_in_full_is_taken_apart():
    item = read_story(head="<dateline>STOCKHOLM, Aug 29, 2031 (AFP) -</dateline>")
    assert (item.dateline_place, item.dateline_credit) == ("STOCKHOLM", "AFP")
    assert item.dateline_date.isoformat() == "2031-08-29"


def test_a_body_without_a_content_element_is_read():
    text = "<nitf><head/><body><body.head/><p>It did.</p></body></nitf>"
    assert parse(text.encode()).items[0].body_html == "<p>It did.</p>"


def test_the_body_alone_can_be_read_for_a_story_whose_metadata_come_elsewhere():
    text = "<block><p>ROME (AP) _ It did.</p><p>Yes.</p></block>"
    content = read_nitf_body(f"<nitf><body><body.content>{text}</body.content></body></nitf>".encode())
    assert content.body.html == "<p>It did.</p>\n<p>Yes.</p>"
    assert content.body.dateline.place == "ROME"
    with pytest.raises(Unreadable):
        read_nitf_body(b"{}")
