import codecs
import datetime
import json
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.markup import plain_text
from wires.parse import Unreadable, detect, parse
from wires.parse.item import Kind, Signal, Status, WireItem, WireLink

ONE = {
    "uri": "http://news.example/items/20250301-lamp",
    "type": "text",
    "version": "3",
    "versioncreated": "2025-03-01T10:00:00+01:00",
    "pubstatus": "usable",
    "language": "en",
    "byline": "By Ann Lee",
    "located": "Aldport, Norland",
    "headline": "Keeper lights the old lamp again",
    "headline_sub": "After forty years",
    "body_text": "ALDPORT, Norland (XNA) -- The lamp was lit at dusk. Boats answered.",
    "body_xhtml": "<p>ALDPORT, Norland (XNA) -- The lamp was lit at dusk.</p><p>Boats answered.</p>",
    "subject": [{"code": "06011000", "name": "weather"}, {"code": "x1", "scheme": "desk"}],
    "place": [{"name": "Aldport"}, {"code": "NO"}],
    "genre": [{"code": "Feature", "name": "Feature (news)"}],
    "copyrightholder": "XNA",
    "copyrightnotice": "Copyright 2025 XNA",
    "usageterms": "No archive",
    "ednote": "Call the desk at once.",
    "urgency": 4,
}
TWO = {
    "uri": "urn:newsml:xna.example:20250301:lamp-7",
    "version": "2",
    "versioncreated": "2025-03-01T09:00:00Z",
    "language": "de",
    "by": "Von Anna Klee, xna",
    "headlines": [
        {"role": "sub", "value": "Nach vierzig Jahren"},
        {"role": "main", "value": "Alte Lampe brennt"},
    ],
    "bodies": [
        {"role": "text", "contenttype": "text/plain", "value": "Ohne Absätze."},
        {"role": "html", "contenttype": "text/html", "value": '<section class="main"><p>Eins.</p></section>'},
    ],
    "subjects": [{"literal": "16000000", "uri": "http://xna.example/subref/16000000"}],
    "places": [{"name": "Altdorf"}],
    "infosources": [{"name": "Hafenblatt"}],
}
THREE = {
    "uri": "http://tn.example/media/text/250301-lampa",
    "standard": {"name": "ninjs", "version": "3.0"},
    "type": "text",
    "versionCreated": "2025-03-01T10:00:00+01:00",
    "firstCreated": "2025-03-01T08:00:00+01:00",
    "pubStatus": "usable",
    "embargoedUntil": "2025-03-02T06:00:00+01:00",
    "expires": "2027-03-01T00:00:00+01:00",
    "language": "sv",
    "copyrightHolder": "TN",
    "copyrightNotice": "TN 2025",
    "usageTerms": "Endast i Sverige",
    "edNote": "Ring redaktionen.",
    "headlines": [{"role": "main", "value": "Lampan tänds"}],
    "bodies": [
        {"role": "text", "contentType": "text/plain", "value": "Lampan tänds\nHamn TN\nFörsta."},
        {
            "role": "html5",
            "contentType": "text/html",
            "value": "<html><head><title>Lampan tänds</title></head><body><article> <section>"
            "<h1>Lampan tänds</h1>"
            '<div class="dat"><span class="vignette">Hamn</span><span class="source">TN</span></div>'
            '<div class="bodytext"> <p>Första.</p><blockquote>Jag är glad, säger Bo.</blockquote></div>'
            ' <figure><img src="https://tn.example/a1_small.jpg"/><div class="byline">Bo Ek/TN</div>'
            "<figcaption>En lampa.</figcaption></figure></section></article></body></html>",
        },
        {"role": "tnnitf", "contentType": "application/xml", "value": "<TNNITF><P>Första.</P></TNNITF>"},
    ],
    "subjects": [{"uri": "http://cv.iptc.org/newscodes/mediatopic/20000601", "name": "vapen"}],
    "associations": [
        {
            "name": "a1",
            "type": "picture",
            "uri": "http://tn.example/media/image/a1",
            "by": "Bo Ek/TN",
            "descriptions": [{"value": "En lampa."}],
            "renditions": [
                {
                    "name": "r1",
                    "contentType": "image/jpeg",
                    "href": "https://tn.example/a1.jpg",
                    "width": 900,
                },
                {"name": "r2", "contentType": "image/jpeg", "href": "https://tn.example/a1_small.jpg"},
            ],
        },
        {"name": "more", "type": "text", "uri": "http://tn.example/media/text/9", "headline": "Mer"},
    ],
}
SUPERDESK = {
    "guid": "urn:newsml:desk.example:2025-03-01:c044",
    "type": "text",
    "version": "11",
    "versioncreated": "2025-03-01T09:00:00+0000",
    "pubstatus": "usable",
    "headline": "Old lamp &amp; new oil",
    "body_html": "<p>One.</p>\n<p>Two &nbsp;words.</p>",
    "located": "Ann Lee, Norland",
    "byline": "Ann Lee, Harbour College",
    "source": "Desk One",
    "priority": 6,
    "service": [{"code": "a", "name": "Domestic"}],
    "subject": [{"code": "20000601", "name": "arms", "scheme": "mediatopics"}],
    "authors": [{"name": "Ed Itor", "role": "editor"}, {"name": "Ann Lee", "role": "writer"}],
    "associations": {
        "featuremedia": {
            "guid": "pic-1",
            "type": "picture",
            "headline": "Lamp",
            "byline": "Bo Ek",
            "ednote": "NORLAND OUT",
            "description_text": "The lamp.",
            "body_text": "A brass lamp",
            "renditions": {
                "original": {"href": "https://desk.example/1.jpg", "mimetype": "image/jpeg", "width": 1920},
                "script": {"href": "https://desk.example/1.xml", "mimetype": "text/xml"},
            },
        },
        "related--1": None,
    },
}


def read(*objects: object) -> tuple[WireItem, ...]:
    return parse(json.dumps(objects[0] if len(objects) == 1 else objects).encode(), format="ninjs").items


def item(base: dict, **changes: object) -> WireItem:
    return read(base | changes)[0]


@pytest.mark.parametrize("story", [ONE, TWO, THREE, SUPERDESK, {"uri": "x:1", "pubstatus": "withheld"}])
def test_every_spelling_is_known_by_its_names(story):
    data = json.dumps(story, indent=1).encode()
    assert detect(data) == detect(codecs.BOM_UTF8 + b"\r\n" + data) == "ninjs"


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[1, 2]", b'{"uri": "x", "guid": "y"}', b'"uri": "x", "headline": "y"', b"<html/>"]
)
def test_other_json_is_not(data):
    assert detect(data) != "ninjs"


def test_the_first_spelling_is_read_whole():
    story = item(ONE)
    assert (story.kind, story.guid, story.version) == (Kind.STORY, ONE["uri"], "3")
    assert story.version_created == datetime.datetime(2025, 3, 1, 9, tzinfo=UTC)
    assert (story.headline, story.byline) == ("Keeper lights the old lamp again", "Ann Lee")
    assert story.body_html == "<p>The lamp was lit at dusk.</p>\n<p>Boats answered.</p>"
    assert (story.dateline_place, story.dateline_credit) == ("ALDPORT, Norland", "XNA")
    assert story.subjects == ("subj:06011000", "desk:x1", "medtop:20000419")
    assert (story.places, story.genre, story.urgency) == (("Aldport", "NO"), "Feature (news)", 4)
    assert (story.copyright_holder, story.copyright_notice) == ("XNA", "Copyright 2025 XNA")
    assert (story.usage_terms, story.editors_notes) == ("No archive", ("Call the desk at once.",))
    assert (story.status, story.hold, story.embargo_until) == (Status.USABLE, "", None)


def test_the_second_has_its_texts_in_lists_and_the_roles_say_which_is_which():
    story = item(TWO)
    assert (story.headline, story.byline) == ("Alte Lampe brennt", "Anna Klee, xna")
    assert story.body_html == "<p>Eins.</p>"
    assert (story.provider, story.source, story.credit) == ("xna.example", "Hafenblatt", "Hafenblatt")
    assert story.subjects[0] == "subj:16000000"
    assert story.places == ("Altdorf",)


def test_the_third_writes_its_names_in_camel_case():
    story = item(THREE)
    assert story.first_created == datetime.datetime(2025, 3, 1, 7, tzinfo=UTC)
    assert story.embargo_until == datetime.datetime(2025, 3, 2, 5, tzinfo=UTC)
    assert story.expires.year == 2027
    assert (story.copyright_holder, story.copyright_notice, story.usage_terms, story.editors_notes) == (
        "TN", "TN 2025", "Endast i Sverige", ("Ring redaktionen.",)
    )  # fmt: skip
    assert story.subjects == ("medtop:20000601",)


def test_a_whole_page_is_cut_to_the_story_without_headline_kicker_and_picture():
    story = item(THREE)
    assert plain_text(story.body_html) == "Första.\nJag är glad, säger Bo."
    assert "<blockquote>" in story.body_html


def test_a_picture_that_comes_in_the_text_and_on_its_own_is_one():
    (picture,) = item(THREE).pictures
    assert (picture.guid, picture.caption, picture.credit) == (
        "http://tn.example/media/image/a1", "En lampa.", "Bo Ek/TN"
    )  # fmt: skip
    assert [rendition.width for rendition in picture.renditions] == [900, None]


def test_what_is_associated_and_no_picture_is_linked():
    assert item(THREE).links == (WireLink("Mer", guid="http://tn.example/media/text/9", rel="related"),)


def test_superdesks_dialect_is_read_whole():
    story = item(SUPERDESK)
    assert (story.guid, story.provider, story.version) == (SUPERDESK["guid"], "desk.example", "11")
    assert (story.headline, story.source, story.credit) == ("Old lamp & new oil", "Desk One", "Desk One")
    assert story.body_html.startswith("<p>One.</p>\n<p>Two")
    assert story.subjects == ("medtop:20000601",)
    assert story.urgency is None  # the priority is one of transmission
    (picture,) = story.pictures
    assert (picture.caption, picture.alt_text, picture.credit) == ("The lamp.", "A brass lamp", "Bo Ek")
    assert [rendition.name for rendition in picture.renditions] == ["original"]
    assert story.editors_notes == ("NORLAND OUT",)


def test_a_place_that_is_the_writers_name_is_none():
    assert item(SUPERDESK).dateline_place == ""
    assert item(SUPERDESK, located="Aldport").dateline_place == "Aldport"


def test_authors_stand_in_for_a_byline_but_editors_do_not():
    assert item(SUPERDESK, byline="").byline == "Ann Lee"


def test_a_continued_story_is_linked_to_what_it_continues():
    story = item(SUPERDESK, evolvedfrom="urn:old")
    assert story.replaces == ("urn:old",)
    assert WireLink("", guid="urn:old", rel="evolvedFrom") in story.links


def test_a_story_that_is_signalled_as_a_correction_is_one():
    assert item(SUPERDESK, signal=[{"code": "correction"}]).signal is Signal.CORRECTION


@pytest.mark.parametrize(
    ("word", "status"),
    [("withheld", Status.WITHHELD), ("canceled", Status.CANCELED), ("Cancelled", Status.CANCELED)],
)
def test_a_kill_may_be_no_more_than_an_identifier_and_a_status(word, status):
    for kill in ({"uri": ONE["uri"], "pubstatus": word}, {"uri": ONE["uri"], "pubStatus": word}):
        (story,) = read(kill)
        assert (story.guid, story.kind, story.status, story.hold) == (ONE["uri"], Kind.STORY, status, "")
        assert story.provider == item(ONE).provider
        assert bool(story.warnings) is (word == "Cancelled")


def test_an_unknown_status_holds_and_a_missing_one_is_usable():
    assert item(ONE, pubstatus="replaced").hold == "Its status is unknown: replaced."
    assert item(ONE, pubstatus=["canceled"]).hold
    assert item(ONE, pubstatus=None).status is Status.USABLE


@pytest.mark.parametrize("value", ["soon", True, 1740800000, {"until": "noon"}])
def test_an_embargo_that_cannot_be_read_holds(value):
    story = item(ONE, embargoed=value)
    assert story.embargo_until is None
    assert story.hold


@pytest.mark.parametrize("value", ["", None, False])
def test_an_empty_embargo_is_none(value):
    assert item(ONE, embargoed=value).hold == ""


def test_a_story_waits_for_the_embargo_of_its_picture_and_does_without_a_killed_one():
    media = SUPERDESK["associations"]["featuremedia"]
    later = item(SUPERDESK, associations={"a": media | {"embargoed": "2025-04-01T00:00:00Z"}})
    assert later.embargo_until == datetime.datetime(2025, 4, 1, tzinfo=UTC)
    assert item(SUPERDESK, associations={"a": media | {"pubstatus": "canceled"}}).pictures == ()


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"type": "event"}, Kind.OTHER),
        ({"type": "video", "body_text": "x"}, Kind.OTHER),
        ({"type": "picture"}, Kind.PICTURE),
        ({"type": "composite"}, Kind.PACKAGE),
        ({"type": "composite", "body_text": "x"}, Kind.STORY),
        ({"type": "composite", "pubstatus": "canceled"}, Kind.STORY),
        ({"type": "advisory"}, Kind.STORY),
        ({"eventDetails": {}}, Kind.OTHER),
        ({}, Kind.STORY),
    ],
)
def test_only_texts_are_stories(changes, kind):
    assert item({"uri": "x:1", "headline": "A name"}, **changes).kind is kind


def test_the_members_of_a_package_are_kept():
    members = {"main": {"guid": "x:2", "type": "text"}, "side": {"guid": "x:3", "type": "picture"}}
    package = item({"guid": "x:1", "type": "composite", "associations": members})
    assert [(link.guid, link.rel) for link in package.links] == [("x:2", "member"), ("x:3", "member")]


def test_a_picture_has_its_caption_and_credit_and_no_captions_among_its_renditions():
    uri = "http://api.ap.org/media/v/content/0123456789abcdef0123456789abcdef"
    picture = {
        "type": "picture",
        "by": "Bo Ek",
        "descriptions": [
            {"role": "creditline", "value": "XNA"},
            {"role": "caption", "value": "<p>Lamp.</p><p>At dusk.</p>"},
        ],
        "renditions": [
            {"name": "main", "href": "http://x/1", "contenttype": "image/jpeg"},
            {"name": "caption_nitf", "href": "http://x/2", "contenttype": "text/xml"},
        ],
    }
    first, again = (item(picture, uri=f"{uri}?qt={session}") for session in "ab")
    assert (first.pictures[0].caption, first.pictures[0].credit) == ("Lamp. At dusk.", "Bo Ek/XNA")
    assert [rendition.name for rendition in first.pictures[0].renditions] == ["main"]
    assert first.guid == again.guid == "0123456789abcdef0123456789abcdef"  # a session is no identity
    assert first.provider == "AP"


def test_a_query_that_is_not_a_session_stays_in_the_identity():
    assert item(ONE, uri="http://news.example/?id=1").guid == "http://news.example/?id=1"


def test_a_body_in_nitf_is_read_as_nitf():
    nitf = (
        '<?xml version="1.0" encoding="iso-8859-1"?><nitf><body><body.head><byline>By Bo Ek</byline>'
        '<note type="npa"><body.content><p>Call us.</p></body.content></note></body.head>'
        "<body.content><p>Første.</p></body.content></body></nitf>"
    )
    bodies = [
        {"role": "text", "contentType": "text/plain", "value": "Kort."},
        {"role": "nitf", "contentType": "text/vnd.IPTC.NITF", "value": nitf},
    ]
    story = item({"uri": "x:1", "headline": "Name", "bodies": bodies})
    assert (story.body_html, story.byline, story.editors_notes) == ("<p>Første.</p>", "Bo Ek", ("Call us.",))
    bodies[1]["value"] = "<nitf><body>"
    assert item({"uri": "x:1", "headline": "Name", "bodies": bodies}).body_html == "<p>Kort.</p>"


def test_plain_text_is_laid_out_and_marked_up_text_is_not_escaped():
    assert item({"uri": "x:1", "body_text": "One & two.\n\nThree."}).body_html == (
        "<p>One &amp; two.</p>\n<p>Three.</p>"
    )
    assert item({"uri": "x:1", "body_text": "<p>One.</p>"}).body_html == "<p>One.</p>"
    assert item({"uri": "x:1", "body_html": "CO<sub>2</sub>"}).body_html == "<p>CO<sub>2</sub></p>"


def test_a_story_without_text_is_held_and_one_without_headline_gets_one():
    assert item({"uri": "x:1", "headline": "Name"}).hold == "It has no text."
    story = item({"uri": "x:1", "body_text": "First words."})
    assert (story.headline, story.headline_is_derived) == ("First words.", True)


def test_what_is_for_information_only_is_held():
    assert item(ONE, profile="INFO").hold == "It is for information only, not for publication."


def test_of_a_name_given_twice_the_first_value_counts():
    data = b'{"uri": "x:1", "pubstatus": "canceled", "pubStatus": "usable"}'
    assert parse(data).items[0].status is Status.CANCELED


@pytest.mark.parametrize("wrap", [list, lambda s: {"item": s}, lambda s: {"total": 2, "_items": s}])
def test_one_bad_item_does_not_cost_the_others(wrap):
    parsed = parse(json.dumps(wrap([ONE, {"headline": "Nobody's"}, 7, TWO])).encode(), format="ninjs")
    assert [story.guid for story in parsed.items] == [ONE["uri"], TWO["uri"]]
    assert parsed.failures == ("Item 2: The item has no uri.", "Item 3: The item has no uri.")


def test_control_characters_and_lone_surrogates_are_gone():
    data = b'{"uri": "x:1", "headline": "A\\u0007 lamp\\ud800", "body_text": "Cafe\\u0301\n\x02 lit\\u0000."}'
    story = parse(data).items[0]
    assert (story.headline, story.body_html) == ("A lamp", "<p>Café lit.</p>")


@pytest.mark.parametrize("data", [b"{", b"[]", b"[" * 100_000, b'{"version": ' + b"9" * 5000 + b"}"])
def test_what_is_no_message_is_unreadable(data):
    with pytest.raises(Unreadable):
        parse(data, format="ninjs")


def test_huge_and_hostile_texts_take_no_time():
    for piece in ('<div class="dat">', "<head", "<body ", "<h2>", "<", "&a", "<nitf"):
        item({"uri": "x:1", "headline": piece * 3000, "body_html": piece * 30_000})


NAMES = st.sampled_from(sorted(ONE | TWO | THREE | SUPERDESK))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=10,
)
KILL = {"uri": "x:1", "guid": "x:1", "pubstatus": "canceled", "pubStatus": "canceled", "type": "text"}


@given(st.sampled_from([ONE, TWO, THREE, SUPERDESK]), st.dictionaries(NAMES, VALUES, max_size=8))
def test_no_value_of_any_other_name_can_break_a_kill(base, changes):
    story = item(base | changes, **KILL)
    assert (story.guid, story.status) == ("x:1", Status.CANCELED)


@given(st.binary(max_size=200), st.integers(0, 2000), st.sampled_from([ONE, THREE, SUPERDESK]))
def test_damaged_bytes_give_items_or_unreadable(junk, at, base):
    data = json.dumps(base).encode()
    for damaged in (junk, data[:at] + junk + data[at + len(junk) :], data[:at]):
        try:
            parsed = parse(damaged, format="ninjs")
        except Unreadable:
            continue
        assert all(isinstance(found, WireItem) for found in parsed.items)
