"""NewsML 1.x, in the dialects of several agencies, with invented stories."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from wires.parse import parse
from wires.parse.item import Kind, Signal, Status, WireItem

SAMPLES = Path(__file__).parent / "samples" / "newsml_1"


def read(name: str, **keywords) -> WireItem:
    (item,) = parse((SAMPLES / name).read_bytes(), **keywords).items
    return item


def read_story(
    management: str = "", component: str = "", *, revision: str = "<RevisionId>1</RevisionId>"
) -> WireItem:
    """The smallest item, with what a test is about."""
    component = component or (
        "<NewsLines><HeadLine>Mill opens</HeadLine></NewsLines>"
        "<ContentItem><DataContent><p>It did.</p></DataContent></ContentItem>"
    )
    text = f"""<NewsML><NewsItem><Identification><NewsIdentifier>
        <ProviderId>ex</ProviderId><DateId>20310102</DateId><NewsItemId>a-v2</NewsItemId>{revision}</NewsIdentifier></Identification>
        <NewsManagement><ThisRevisionCreated>20310102T120000Z</ThisRevisionCreated>{management}</NewsManagement>
        <NewsComponent>{component}</NewsComponent></NewsItem></NewsML>"""
    return parse(text.encode()).items[0]


# Whole files


def test_the_identity_is_the_public_identifier_without_its_revision():
    item = read("story_with_sign_off.xml")
    assert item.guid == "urn:newsml:example.com:20310829T135002Z:TX-PAR-AAA11"
    assert (item.version, item.signal, item.provider) == ("2", Signal.UPDATE, "example.com")


def test_basic_iso_times_are_read():
    item = read("story_with_sign_off.xml")
    assert item.first_created == datetime(2031, 8, 29, 13, 49, 51, tzinfo=UTC)
    assert item.version_created == datetime(2031, 8, 29, 14, 15, tzinfo=UTC)


def test_the_desks_sign_off_is_not_in_the_text():
    item = read("story_with_sign_off.xml")
    assert item.body_html.count("<p>") == 2
    assert item.editors_notes == ("hh/ph/ts",)


def test_the_dateline_is_a_line_of_its_own():
    item = read("story_with_sign_off.xml")
    assert (item.dateline_place, item.dateline_credit) == ("STOCKHOLM", "AFP")
    assert item.dateline_text == "STOCKHOLM, Aug 29, 2031 (AFP) -"
    assert (item.located, item.source, item.credit) == ("Stockholm", "AFP", "AFP")


def test_codes_and_keywords_are_kept_once_each():
    item = read("story_with_sign_off.xml")
    assert item.subjects[:3] == ("subj:04011002", "subj:04000000", "local:ECO")
    assert item.keywords == ("Sweden", "clocks")
    assert item.usage_terms == "NO ARCHIVAL USE"
    assert [(link.rel, link.guid) for link in item.links] == [
        ("related", "urn:newsml:example.com:20310829:0000-aaaa")
    ]


def test_an_alert_without_a_headline_is_headed_by_its_text():
    item = read("alert_without_headline.xml")
    assert item.headline == "المنارة القديمة تضيء من جديد بعد عام من الظلام"
    assert item.headline_is_derived
    assert item.body_html.count("<p>") == 1  # the sign-off is gone, in Arabic too
    assert (item.language, item.dateline_place, item.hold) == ("ar", "باريس", "")


def test_a_dateline_outranks_the_place_of_the_metadata():
    item = read("doctype_with_entity.xml")
    assert item.dateline_place == "BEIJING"
    assert item.dateline_date.isoformat() == "2031-07-23"
    assert item.located == "Paris"


def test_the_priority_of_the_envelope_is_no_urgency():
    assert read("doctype_with_entity.xml").urgency is None


def test_only_the_lines_of_the_main_component_are_the_storys():
    item = read("photos_in_components.xml")
    assert (item.headline, item.byline, item.kind) == ("Le phare se rallume", "Jean Plume", Kind.STORY)
    assert item.credit == "EX"
    assert item.body_html.count("<p>") == 2
    assert "hier soir" not in item.body_html


def test_the_components_of_photos_are_pictures():
    first, second = read("photos_in_components.xml").pictures
    assert (first.caption, first.credit) == ("Le phare, hier soir.", "EX/Jeanne Image")
    assert [(r.name, r.href) for r in first.renditions] == [
        ("HighDef", "phare-high.jpg"),
        ("Thumbnail", "phare-thumb.jpg"),
    ]
    assert (first.renditions[0].width, first.renditions[0].height) == (1024, 683)
    assert (second.headline, second.credit) == ("Le gardien, photo", "")


def test_an_item_without_a_public_identifier_is_known_by_its_parts():
    assert read("photos_in_components.xml").guid == "urn:newsml:example.com:20310601:mmd1"


def test_html_in_capitals_in_a_string_is_html():
    item = read("html_in_cdata.xml", zone=ZoneInfo("Europe/Zurich"))
    assert item.body_html.count("<p>") == 3
    assert item.dateline_place == "Zürich"
    assert item.editors_notes == ("(SDA/sj)",)
    assert (item.language, item.naive_times) == ("de-CH", True)
    assert item.version_created == datetime(2031, 3, 2, 10, 30, tzinfo=UTC)


# State


@pytest.mark.parametrize("name", ["Canceled", "canceled", "CANCELLED"])
def test_a_canceled_item_is_canceled_in_any_spelling(name):
    assert read_story(f'<Status FormalName="{name}"/>').status is Status.CANCELED


def test_a_kill_without_any_content_is_the_kill_of_a_story():
    item = read_story('<Status FormalName="Canceled"/>', "<NewsLines/>")
    assert (item.kind, item.status, item.hold) == (Kind.STORY, Status.CANCELED, "")


def test_an_embargo_ends_when_the_status_changes():
    item = read_story(
        '<Status FormalName="Embargoed"/><StatusWillChange><FutureStatus FormalName="Usable"/>'
        "<DateAndTime>20310103T060000+0100</DateAndTime></StatusWillChange>"
    )
    assert (item.status, item.embargo_until) == (Status.USABLE, datetime(2031, 1, 3, 5, tzinfo=UTC))
    assert item.hold == ""


def test_an_embargo_without_an_end_holds():
    assert read_story('<Status FormalName="Embargoed"/>').hold == "It is under an embargo without an end."


def test_a_status_that_will_be_withdrawn_expires():
    item = read_story(
        '<Status FormalName="Usable"/><StatusWillChange><FutureStatus FormalName="Canceled"/>'
        "<DateAndTime>20310103T060000Z</DateAndTime></StatusWillChange>"
    )
    assert (item.embargo_until, item.expires) == (None, datetime(2031, 1, 3, 6, tzinfo=UTC))


@pytest.mark.parametrize("update", ["U", "A"])
def test_a_part_of_a_revision_waits_for_an_editor(update):
    assert read_story(revision=f'<RevisionId Update="{update}">3</RevisionId>').hold


def test_an_instruction_to_delete_waits_for_an_editor_and_one_to_rectify_corrects():
    assert "delete" in read_story('<Instruction FormalName="Delete"/>').hold
    assert read_story('<Instruction FormalName="Rectify"/>').signal is Signal.CORRECTION


def test_an_advisory_is_no_story_for_readers():
    assert read_story('<NewsItemType FormalName="Advisory"/>').is_advisory


# Kinds


def test_a_photo_alone_is_a_picture_with_its_caption():
    item = read_story(
        component="<NewsLines><HeadLine>The mill</HeadLine><CreditLine>EX/Ann</CreditLine></NewsLines>"
        '<NewsComponent><Role FormalName="Caption"/><ContentItem><DataContent>The mill at dawn.</DataContent>'
        '</ContentItem></NewsComponent><NewsComponent><Role FormalName="Quicklook"/>'
        '<ContentItem Href="mill.jpg"><MediaType FormalName="Photo"/></ContentItem></NewsComponent>'
    )
    assert item.kind is Kind.PICTURE
    (picture,) = item.pictures
    assert (picture.headline, picture.caption, picture.credit) == ("The mill", "The mill at dawn.", "EX/Ann")


def test_references_without_a_text_are_a_package():
    item = read_story(component='<NewsItemRef NewsItem="urn:newsml:ex:20310102:b:4"/>')
    assert item.kind is Kind.PACKAGE
    assert [(link.rel, link.guid) for link in item.links] == [("member", "urn:newsml:ex:20310102:b")]


def test_a_film_is_other():
    item = read_story(component='<ContentItem Href="mill.mp4"><MediaType FormalName="Video"/></ContentItem>')
    assert item.kind is Kind.OTHER


def test_codes_may_stand_in_a_topic_set():
    component = (
        "<TopicSet><Topic><FormalName>04000000</FormalName></Topic><Topic><FormalName>Mill</FormalName></Topic></TopicSet>"
        "<ContentItem><DataContent><p>It did.</p></DataContent></ContentItem>"
    )
    assert "subj:04000000" in read_story(component=component).subjects


def test_an_item_without_an_identifier_does_not_cost_its_neighbour():
    text = (
        "<NewsML><NewsItem/><NewsItem><Identification><NewsIdentifier><NewsItemId>b</NewsItemId></NewsIdentifier>"
        "</Identification></NewsItem></NewsML>"
    )
    parsed = parse(text.encode())
    assert len(parsed.items) == 1
    assert parsed.failures == ("Item 1: The item has no identifier.",)
