"""NewsML-G2, in the dialects of several agencies, with invented stories."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from wires.parse import parse
from wires.parse.item import Kind, Signal, Status, WireItem

SAMPLES = Path(__file__).parent / "samples" / "newsml_g2"


def read(name: str) -> tuple[WireItem, ...]:
    return parse((SAMPLES / name).read_bytes()).items


def story(
    meta: str = "", content: str = "<headline>Mill opens</headline>", *, body: str = "<p>It did.</p>"
) -> str:
    """The smallest item, with what a test is about."""
    return f"""<newsItem guid="urn:example:1" version="1" xml:lang="en">
        <itemMeta><itemClass qcode="ninat:text"/>
        <versionCreated>2031-01-02T03:04:05Z</versionCreated>{meta}</itemMeta>
        <contentMeta>{content}</contentMeta>
        <contentSet><inlineXML><html><body>{body}</body></html></inlineXML></contentSet></newsItem>"""


def read_story(*parts: str, zone=UTC, **keywords: str) -> WireItem:
    return parse(story(*parts, **keywords).encode(), zone=zone).items[0]


@pytest.mark.parametrize(
    "line",
    ["EMBARGOED TO 0001 MONDAY MARCH 5", "*** STRICTLY EMBARGOED ***", "Embargo: 5. mars kl. 10",
     "Sperrfrist 10.00 Uhr", "NOT FOR PUBLICATION BEFORE 0001 GMT", "Under embargo until noon"],
)  # fmt: skip
def test_an_embargo_over_the_text_holds_the_story(line):
    assert read_story(body=f"<p>{line}</p><p>The mill opens.</p>").hold == "It speaks of an embargo."
    assert read_story(body=f"<p>RIGA (AFP) - The mill opens.</p><p>{line}</p>").hold


@pytest.mark.parametrize(
    "line", ["Embargo to end, say mills.", "Embargoed goods were found.", "Not for the faint."]
)
def test_an_embargo_that_the_text_tells_of_holds_nothing(line):
    assert read_story(body=f"<p>{line}</p><p>The mill opens.</p>").hold == ""


@pytest.mark.parametrize("headline", ["BC-KILL-Mill", "KILL: Mill opens", "MANDATORY KILL Mill"])
def test_a_kill_in_words_alone_holds_the_story(headline):
    assert read_story(content=f"<headline>{headline}</headline>").hold == "It speaks of a kill."


def test_a_bill_that_people_kill_is_a_story():
    assert read_story(content="<headline>Senators kill the mill bill</headline>").hold == ""


def test_an_advisory_by_a_providers_own_genre_waits():
    assert read_story(content='<headline>News digest</headline><genre qcode="apgenre:advisory"/>').is_advisory


def test_of_headlines_in_several_languages_that_of_the_item_is_taken():
    lines = '<headline xml:lang="de">Mühle öffnet</headline><headline xml:lang="en-GB">Mill opens</headline>'
    assert read_story(content=lines).headline == "Mill opens"
    assert read_story(content=f'<language tag="de-AT"/>{lines}').headline == "Mühle öffnet"
    assert read_story(content=f'<language tag="fr"/>{lines}').headline == "Mühle öffnet"


# Whole files


def test_one_paragraph_is_laid_out_as_the_story_it_is():
    (item,) = read("one_paragraph_update.xml")
    assert item.kind is Kind.STORY
    assert item.byline == "Petra Quill"
    assert item.editors_notes == ("Desk: graphic to follow.", "(Adds quotes, closing prices)")
    assert item.body_html.count("<p>") == 7
    assert "Standard brick        4.10     +0.20\nGlazed brick          6.75     -0.05\n" in item.body_html
    assert item.hold == ""


def test_a_time_stamp_is_no_dateline_and_a_desk_is_no_place():
    (item,) = read("one_paragraph_update.xml")
    assert item.dateline_text == "March 3 (Example Wire) -"
    assert item.dateline_place == ""
    assert item.dateline_date.isoformat() == "2031-03-03"
    assert item.located == "Bangalore"


def test_identity_rights_and_topics_are_those_of_the_item():
    (item,) = read("one_paragraph_update.xml")
    assert (item.provider, item.guid) == ("reuters.com", "tag:example.com,0000:newsml_L1N0AA111")
    assert (item.version, item.signal, item.urgency) == ("998877665", Signal.UPDATE, 3)
    assert item.version_created == datetime(2031, 3, 4, 6, 12, 9, tzinfo=UTC)
    assert (item.source, item.credit, item.language) == ("Example Wire", "Example Wire", "en-US")
    assert item.usage_terms == "NO ARCHIVAL USE"
    assert item.subjects[:3] == ("N2:SPACE", "N2:11001000", "subj:11001000")
    assert item.subjects[3].startswith("medtop:")
    assert [(link.rel, link.guid) for link in item.links] == [
        ("derivedFrom", "tag:example.com,0000:newsml_L1N0AA000")
    ]


def test_a_broken_item_does_not_cost_the_others_of_its_message():
    parsed = parse((SAMPLES / "nitf_inside.xml").read_bytes())
    assert [item.guid[-9:] for item in parsed.items] == ["1111-text", "2222-text"]
    assert parsed.failures == ("Item 2: The item has no guid.",)


def test_nitf_inside_gives_the_text_and_its_dateline_outranks_the_place():
    item = read("nitf_inside.xml")[0]
    assert item.dateline_place == "FORT EXAMPLE, Pa."
    assert item.dateline_credit == "AP"
    assert item.located == "Harborview"
    assert item.body_html.startswith("<p>Kite Works Inc. on Monday")
    assert "Harbor Bank's" in item.body_html
    assert item.body_html.count("<hr>") == 1
    assert item.signal is Signal.UPDATE  # "1st Ld-Writethru"
    assert item.credit == "Example Robots"


def test_without_a_dateline_in_the_text_that_of_the_field_counts():
    item = read("nitf_inside.xml")[1]
    assert item.dateline_place == "SPRING MILL, Ind."
    assert item.provider == "example.org"  # only the sender of the message is named


def test_html_in_a_string_is_html_whatever_it_is_declared_as():
    (item,) = read("html_in_inline_data.xml")
    assert item.body_html.count("<p>") == 3
    assert "soup &amp; bread" in item.body_html
    assert (item.dateline_place, item.dateline_credit) == ("Rome", "ANSA")
    assert item.headline == "Ferry returns with all its passengers"
    assert item.byline == ""  # "VRG" is a desk
    assert item.pictures[0].renditions[0].href == "tag:example.it,2029-10-11:0a0c.jpg"


def test_of_a_page_only_the_story_is_read_and_nothing_of_the_notepad_is_public():
    (item,) = read("page_under_embargo.xml")
    assert (
        item.body_html.splitlines()[0]
        == "<p>Ein Haus in Berlin zeigt, was aus einer Schublade zu retten war.</p>"
    )
    assert item.body_html.splitlines()[1].startswith("<p>Tausend Teelöffel hat")
    assert "<h2>Auch Gabeln geplant</h2>" in item.body_html
    for private in ("Sperrfrist", "Kontakte", "Erika", "14:10", "Ausstellungen"):
        assert private not in item.body_html
    assert any("Erika Muster" in note for note in item.editors_notes)
    assert "Notizblock Kontakte Telefon der Redaktion" in item.editors_notes
    assert item.correction_note == ""


def test_an_embargo_counts_although_the_status_is_usable():
    (item,) = read("page_under_embargo.xml")
    assert item.status is Status.USABLE
    assert item.embargo_until == datetime(2031, 1, 1, 18, tzinfo=UTC)
    assert item.hold == ""  # the notes only repeat what the field says


def test_the_first_in_rank_is_the_headline_and_topics_hang_below_a_providers_own():
    (item,) = read("page_under_embargo.xml")
    assert item.headline == "Museum zeigt tausend gerettete Teelöffel"
    assert item.subjects == ("dpacountry:1", "dpasubject:185", "medtop:20000739")
    assert item.places == ("Deutschland",)
    assert item.byline == ""  # the creator is a login


def test_a_package_names_its_members():
    package = read("package_and_picture.xml")[0]
    assert package.kind is Kind.PACKAGE
    assert package.byline == "Mara Win"
    assert package.dateline_place == ""
    assert [(link.rel, link.guid, link.title) for link in package.links] == [
        ("member", "tag:example.com,2031:text", "Bridge opens"),
        ("member", "tag:example.com,2031:photo", "The bridge"),
    ]
    assert package.hold == ""


def test_a_picture_has_its_caption_its_credit_and_a_rendition_for_each_file():
    item = read("package_and_picture.xml")[1]
    assert item.kind is Kind.PICTURE
    (picture,) = item.pictures
    assert picture.caption.startswith("The new bridge")
    assert picture.credit == "MARA WIN/Example Wire"
    assert [(r.name, r.width, r.height) for r in picture.renditions] == [
        ("rend:thumbnail", 150, 113),
        ("rend:baseImage", 800, 602),
    ]


def test_events_and_terms_are_other_and_their_status_kills_nothing():
    others = read("package_and_picture.xml")[2:]
    assert [item.kind for item in others] == [Kind.OTHER, Kind.OTHER]
    assert {item.status for item in others} == {Status.USABLE}


# State


def test_a_kill_needs_no_text_and_is_not_held():
    item = read_story('<pubStatus qcode="stat:canceled"/>', body="")
    assert (item.status, item.hold, item.headline) == (Status.CANCELED, "", "Mill opens")


def test_a_withheld_item_is_withheld():
    assert read_story('<pubStatus qcode="stat:withheld"/>').status is Status.WITHHELD


def test_a_usable_story_without_text_is_held():
    assert read_story(body="").hold == "It has no text."


def test_an_empty_embargo_is_none_and_one_that_cannot_be_read_holds():
    assert read_story("<embargoed/>").hold == ""
    item = read_story("<embargoed>noon</embargoed>")
    assert item.embargo_until is None
    assert "noon" in item.hold


@pytest.mark.parametrize(
    "note",
    ["STRICTLY EMBARGOED. Not for release until noon.", "Sperrfrist: 19.00 Uhr", "HOLD FOR RELEASE at 6 p.m.",
     "NOT FOR PUBLICATION BEFORE 0001 GMT", "Embargoed to 0001 Friday", "Sous embargo jusqu'à midi"],
)  # fmt: skip
def test_an_embargo_only_in_words_holds(note):
    item = read_story(f"<edNote>{note}</edNote>")
    assert item.hold == "It speaks of an embargo."
    assert note in item.editors_notes


def test_an_embargo_as_the_subject_of_a_story_holds_nothing():
    content = "<slugline>CUBA-EMBARGO/</slugline><headline>Oil embargo lifted</headline>"
    assert read_story("<edNote>Adds quotes on the oil embargo to Utopia.</edNote>", content).hold == ""


def test_lead_as_the_subject_of_a_story_is_no_new_lead():
    content = (
        "<slugline>LEAD-POISONING</slugline><headline>Lead prices rise, minister corrects forecast</headline>"
    )
    assert read_story("", content).signal is Signal.NEW


def test_an_advisory_board_sends_no_advisory():
    assert not read_story("", "<headline>Advisory board sees no need to act</headline>").is_advisory


def test_an_advisory_is_no_story_for_readers():
    item = read_story("", "<headline>Media advisory: schedule for Monday</headline>")
    assert item.is_advisory
    assert item.hold == "It is an advisory to editors."


@pytest.mark.parametrize(
    ("signal", "wanted"),
    [("sig:correction", Signal.CORRECTION), ("sig:update", Signal.UPDATE), ("edStat:C", Signal.CORRECTION),
     ("edStat:N", Signal.NEW), ("sig:repeat", Signal.REPEAT), ("x:y", Signal.NEW)],
)  # fmt: skip
def test_a_signal_says_what_a_version_is(signal, wanted):
    assert read_story(f'<signal qcode="{signal}"/>').signal is wanted


def test_a_correction_may_be_announced_in_the_headline_only():
    assert read_story("", "<headline>CORRECTED-Mill opens at ten</headline>").signal is Signal.CORRECTION


def test_a_version_marked_deleted_but_usable_waits_for_an_editor():
    assert "deleted" in read_story('<signal qcode="edStat:D"/>').hold


def test_a_note_is_public_only_if_its_role_says_so():
    notes = (
        '<edNote role="sttnote:public">Korjattu: nimi on Virtanen.</edNote>'
        '<edNote role="sttnote:private">Soita toimitukseen.</edNote>'
    )
    item = read_story(notes)
    assert item.correction_note == "Korjattu: nimi on Virtanen."
    assert item.editors_notes == ("Soita toimitukseen.",)


def test_a_story_that_goes_on_from_another_is_linked_to_it():
    item = read_story('<link rel="irel:evolvedFrom" residref="urn:example:0"/>')
    assert item.replaces == ("urn:example:0",)
    assert item.cancels == ()


# Fields


def test_times_without_a_zone_are_taken_in_that_of_the_feed():
    item = parse(story().replace("03:04:05Z", "03:04:05").encode(), zone=ZoneInfo("Europe/Helsinki")).items[0]
    assert item.version_created == datetime(2031, 1, 2, 1, 4, 5, tzinfo=UTC)
    assert item.naive_times


def test_a_missing_headline_is_made_of_the_first_words():
    words = (
        "The mill that stood idle for a century and a year opened on Monday to a crowd of bakers, children"
    )
    item = read_story("", "<headline/>", body=f"<p>ROME (AFP) - {words} and geese from the whole valley.</p>")
    assert item.headline_is_derived
    assert item.headline == f"{words} and geese from the…"


def test_a_dateline_may_have_its_agency_before_its_place():
    item = read_story("", "<headline>H</headline><dateline>ANSA - ROMA, 01 GEN -</dateline>")
    assert (item.dateline_place, item.dateline_date.isoformat()) == ("ROMA", "2031-01-01")


def test_the_place_of_the_metadata_is_the_last_resort_and_a_country_is_none():
    city = '<headline>H</headline><located type="cptype:city"><name>Kiel</name></located>'
    assert read_story("", city).dateline_place == "Kiel"
    assert read_story("", city.replace("city", "country")).dateline_place == ""


def test_files_without_or_with_an_odd_namespace_are_read():
    text = (
        story()
        .replace("<newsItem", '<n:newsItem xmlns:n="http://odd.example/"')
        .replace("</newsItem", "</n:newsItem")
    )
    assert parse(text.encode()).items[0].guid == "urn:example:1"


def test_usage_terms_come_in_the_language_of_the_story():
    text = story().replace(
        "<itemMeta>",
        '<rightsInfo><usageTerms xml:lang="de">Nur hier</usageTerms>'
        '<usageTerms xml:lang="en-GB">Only here</usageTerms></rightsInfo><itemMeta>',
        1,
    )
    assert parse(text.encode()).items[0].usage_terms == "Only here"


@pytest.mark.parametrize("raw", ["", "0", "12", "high"])
def test_an_urgency_out_of_bounds_is_none(raw):
    assert read_story("", f"<headline>H</headline><urgency>{raw}</urgency>").urgency is None


def test_data_in_base64_is_decoded():
    text = story().replace("inlineXML><html><body><p>It did.</p></body></html></inlineXML", "X")
    text = text.replace(
        "<X>", '<inlineData encoding="base64" contenttype="text/html">PHA+SXQgZGlkLjwvcD4=</inlineData>'
    )
    assert parse(text.encode()).items[0].body_html == "<p>It did.</p>"


def test_video_and_graphics_are_other():
    text = story().replace("ninat:text", "ninat:video")
    assert parse(text.encode()).items[0].kind is Kind.OTHER
