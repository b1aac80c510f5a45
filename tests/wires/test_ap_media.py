import datetime
import json
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wires.parse import Unreadable, detect, parse
from wires.parse.item import Kind, Signal, Status, WireItem

ID = "0123456789abcdef0123456789abcdef"
CREDIT = "Bo Ek/XNA"
PICTURE = {
    "uri": "https://api.example/media/v/content/fedcba9876543210fedcba9876543210?qt=a&et=b",
    "altids": {"itemid": "fedcba9876543210fedcba9876543210", "etag": "fedcba_0a"},
    "type": "picture",
    "headline": "Old Lamp",
    "photographer": {"code": "x", "name": "Bo Ek"},
    "description_creditline": CREDIT,
    "description_caption": "FILE - The lamp at Aldport.",
    "ednote": "NORLAND OUT",
    "renditions": {
        "main": {"href": "https://api.example/1", "mimetype": "image/jpeg", "width": 3500, "height": 2592},
        "caption_nitf": {"href": "https://api.example/2", "mimetype": "text/xml"},
    },
}
STORY = {
    "uri": f"https://api.example/media/v/content/{ID}?qt=session&et=0a4aza0c0",
    "altids": {"itemid": ID, "etag": f"{ID}_0a4aza0c0", "transref": "s0005"},
    "version": 0,
    "type": "text",
    "urgency": 4,
    "language": "en",
    "versioncreated": "2025-03-01T09:00:00Z",
    "firstcreated": "2025-03-01T08:00:00Z",
    "pubstatus": "usable",
    "ednote": "Eds: UPDATES with quotes.",
    "title": "NL--Old Lamp",
    "headline": "Keeper lights the old lamp again",
    "headline_extended": "Keeper lights the old lamp again after forty years in the dark",
    "slugline": "NL--Old Lamp",
    "bylines": [{"by": "By ANN LEE", "title": "Associated Press"}],
    "located": "ALDPORT, Norland",
    "datelinelocation": {"city": "Aldport", "countryname": "NORLAND"},
    "copyrightnotice": "Copyright 2025 XNA.",
    "usageterms": ["For editorial use only.", "No archive."],
    "keywords": ["Old Lamp"],
    "provider": "AP",
    "infosource": [{"name": "XNA", "type": "AP"}],
    "subject": [
        {"code": "i", "name": "International", "rels": ["category"]},
        {"code": "94aaa8f8", "name": "Lamps", "scheme": "http://cv.ap.org/id/"},
    ],
    "place": [{"code": "1", "name": "Aldport"}, {"code": "2", "name": "Norland"}],
    "renditions": {
        "nitf": {"mimetype": "text/xml", "words": 206, "href": "https://api.example/nitf?qt=session"},
        "anpa": {"mimetype": "application/octet-stream", "href": "https://api.example/anpa"},
    },
    "associations": {"1": PICTURE},
}
NITF = (
    '<?xml version="1.0" encoding="utf-8"?><nitf><head/><body><body.head><hedline><hl1>Other</hl1></hedline>'
    '<dateline><location>ALDPORT, Norland</location></dateline></body.head><body.content><block id="Main">'
    "<p>ALDPORT, Norland (AP) — The lamp was lit — again.</p><p>Boats answered.</p></block>"
    '<media media-type="Photo"><media-reference source="https://api.example/1"/></media>'
    "</body.content></body></nitf>"
)
TEXT = "<p>The lamp was lit — again.</p>\n<p>Boats answered.</p>"


def message(item: dict, **beside: object) -> bytes:
    answer = {"api_version": "1.1", "method": "/content.GET", "data": {"meta": {}, "item": item}}
    return json.dumps(answer | beside, indent=4).encode()


def read(base: dict = STORY, *, nitf: object = NITF, **changes: object) -> WireItem:
    return parse(message(base | changes, nitf=nitf)).items[0]


def test_it_is_known_by_the_identifiers_of_its_item():
    assert detect(message(STORY)) == "ap_media"
    assert (
        detect(json.dumps({"items": [{"uri": "x:1", "altids": [], "headline": "y"}]}).encode()) != "ap_media"
    )


def test_a_story_without_its_text_is_held_until_the_second_file_is_there():
    story = parse(message(STORY)).items[0]
    assert (story.kind, story.body_html) == (Kind.STORY, "")
    assert story.hold.startswith("Its text is in a second file, the NITF rendition.")


@pytest.mark.parametrize(
    "data",
    [
        message(STORY, nitf=NITF),
        message(STORY, nitf={"body_html": f'<block id="Main">{TEXT}</block>'}),
        message(STORY | {"nitf": NITF}),
        message(STORY | {"renditions": {"nitf": {"href": "https://api.example/nitf", "content": NITF}}}),
        json.dumps({"item": STORY, "nitf": NITF}).encode(),
        json.dumps(STORY | {"nitf": NITF}).encode(),
        json.dumps({"data": {"items": [{"meta": {}, "item": STORY, "nitf": NITF}]}}).encode(),
    ],
)
def test_a_message_that_joins_item_and_text_is_read_whole(data):
    (story,) = parse(data).items
    assert story.body_html == TEXT
    assert (story.guid, story.hold) == (ID, "")


def test_identity_and_metadata_come_from_the_json():
    story = read()
    assert (story.provider, story.guid, story.version) == ("AP", ID, "0")
    assert story.version_created == datetime.datetime(2025, 3, 1, 9, tzinfo=UTC)
    assert (story.headline, story.slugline) == ("Keeper lights the old lamp again", "NL--Old Lamp")
    assert story.byline == "ANN LEE, Associated Press"
    assert (story.source, story.credit) == ("XNA", "AP")
    assert (story.urgency, story.language, story.keywords) == (4, "en", ("Old Lamp",))
    assert story.usage_terms == "For editorial use only. No archive."
    assert story.copyright_notice == "Copyright 2025 XNA."
    assert story.subjects == ("local:i", "http://cv.ap.org/id/94aaa8f8")
    assert story.places == ("Aldport", "Norland")


def test_notes_to_editors_are_private():
    story = read(specialinstructions="Not in print.", outinginstructions=["NORLAND OUT"])
    assert set(story.editors_notes) == {"Eds: UPDATES with quotes.", "Not in print.", "NORLAND OUT"}
    assert "UPDATES" not in story.body_html


def test_the_dateline_is_that_of_the_text_then_of_the_item():
    assert (read().dateline_place, read().dateline_credit) == ("ALDPORT, Norland", "AP")
    assert read(nitf=None).dateline_place == "ALDPORT, Norland"
    assert read(nitf=None, located="").dateline_place == "Aldport"


def test_a_picture_that_goes_with_it_is_kept_once():
    (picture,) = read().pictures
    assert picture.guid == PICTURE["altids"]["itemid"]
    assert (picture.caption, picture.credit) == ("FILE - The lamp at Aldport.", CREDIT)
    assert [(r.name, r.width) for r in picture.renditions] == [("main", 3500)]


def test_a_picture_on_its_own_is_a_picture():
    picture = read(PICTURE, nitf=None)
    assert (picture.kind, picture.hold, picture.editors_notes) == (Kind.PICTURE, "", ("NORLAND OUT",))
    assert picture.pictures[0].credit == CREDIT


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"pubstatus": "canceled"}, Status.CANCELED),
        ({"pubstatus": "withheld"}, Status.WITHHELD),
        ({"editorialtypes": ["Kill"]}, Status.CANCELED),
        ({"editorialtypes": ["Lead", "Withhold"]}, Status.WITHHELD),
        ({"editorialtypes": ["Withhold"], "pubstatus": "canceled"}, Status.CANCELED),
        ({"editorialtypes": "Elimination", "pubstatus": "withheld"}, Status.CANCELED),
        ({"editorialtypes": ["Writethru"]}, Status.USABLE),
    ],
)
def test_the_stricter_of_status_and_editorial_type_counts(changes, status):
    assert read(**changes).status is status
    assert read(nitf="<nitf><broken", **changes).status is status


@pytest.mark.parametrize(
    "changes",
    [
        {"pubstatus": "embargoed"},
        {"editorialtypes": ["HoldForRelease"]},
        {"editorialtypes": ["Disregard"]},
        {"editorialtypes": ["Advisory"]},
        {"editorialtypes": ["Add"]},
        {"ednote": "Embargoed until Sunday noon."},
        {"nitf": "<nitf><broken"},
    ],
)
def test_whatever_asks_for_a_second_look_holds(changes):
    assert read(**changes).hold


def test_an_embargo_with_an_end_needs_no_editor():
    story = read(embargoed="2025-03-02T05:00:00Z", pubstatus="embargoed", editorialtypes=["HoldForRelease"])
    assert (story.embargo_until, story.hold) == (datetime.datetime(2025, 3, 2, 5, tzinfo=UTC), "")


def test_editorial_types_tell_corrections_from_updates():
    assert read(editorialtypes=["Corrective"]).signal is Signal.CORRECTION
    assert read(editorialtypes=["Writethru"]).signal is Signal.UPDATE


def test_one_bad_item_of_a_feed_does_not_cost_the_others():
    items = [{"item": PICTURE}, {"item": {"altids": {}}}, 7, {"item": STORY}]
    parsed = parse(json.dumps({"data": {"items": items}}).encode())
    assert [item.kind for item in parsed.items] == [Kind.PICTURE, Kind.STORY]
    assert parsed.failures == ("Item 2: The item has no itemid.", "Item 3: The item has no itemid.")


@pytest.mark.parametrize("data", [b"", b"[]", b'{"data": ', b'"x"'])
def test_what_is_no_message_is_unreadable(data):
    with pytest.raises(Unreadable):
        parse(data, format="ap_media")


NAMES = st.sampled_from(sorted({*STORY, "nitf", "editorialtypes"}))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=10,
)


@given(st.dictionaries(NAMES, VALUES, max_size=8), VALUES)
def test_no_value_of_any_other_name_can_break_a_kill(changes, nitf):
    kill = {"altids": STORY["altids"], "pubstatus": "canceled", "type": "text"}
    data = json.dumps({"data": {"item": STORY | changes | kill}, "nitf": nitf}).encode()
    (story,) = parse(data, format="ap_media").items
    assert (story.guid, story.status) == (ID, Status.CANCELED)


@given(st.binary(max_size=200), st.integers(0, 2500))
def test_damaged_bytes_give_items_or_unreadable(junk, at):
    data = message(STORY, nitf=NITF)
    for damaged in (junk, data[:at] + junk + data[at + len(junk) :], data[:at]):
        try:
            parsed = parse(damaged, format="ap_media")
        except Unreadable:
            continue
        assert all(isinstance(item, WireItem) for item in parsed.items)
