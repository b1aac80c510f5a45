"""Real agency files, each against what its entry in the samples' manifest says a right parse of it gives.

The files are agency copy and no part of the project: without them these tests are skipped.
"""

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from articles.markup import plain_text
from wires.parse import FORMATS, Parsed, Unreadable, parse
from wires.parse.item import Kind, Signal, Status, WireItem

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "wire"
READERS = {
    "newsml-g2": "newsml_g2",
    "newsml-1": "newsml_1",
    "nitf": "nitf",
    "ninjs": "ninjs",
    "ap-media-json": "ap_media",
    "iptc7901": "iptc7901",
    "anpa1312": "anpa1312",
    "feeds": "feeds",
    "email": "mail",
}
# Formats that have a test of their own for the manifest's facts about them.
ELSEWHERE = ("feeds", "email", "malformed")


def _entries() -> list[dict]:
    manifest = SAMPLES / "manifest.json"
    files = json.loads(manifest.read_text("utf-8"))["files"] if manifest.exists() else []
    return [entry for entry in files if READERS.get(entry["format"]) in FORMATS]


@cache
def _parsed(file: str) -> Parsed:
    path = SAMPLES / file
    if not path.exists():
        pytest.skip(f"the shared samples are not here: {file}")
    return parse(path.read_bytes())


def _cases() -> list:
    return [
        pytest.param(entry, n, id=f"{entry['file']}[{n}]")
        for entry in _entries()
        if entry["format"] not in ELSEWHERE
        for n in range(len(entry["expected"].get("items", [])))
    ]


pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="the shared samples are not here")
every_item = pytest.mark.parametrize(("entry", "n"), _cases())
every_file = pytest.mark.parametrize("entry", [pytest.param(e, id=e["file"]) for e in _entries()])


def _item(entry: dict, n: int) -> tuple[dict, WireItem]:
    return entry["expected"]["items"][n], _parsed(entry["file"]).items[n]


def _squash(text: str) -> str:
    return "".join(text.split())


def _same(text: str, wanted: str | None) -> bool:
    return _squash(text).casefold() == _squash(wanted or "").casefold()


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _local(qcode: str | None) -> str:
    return re.split("[:/]", qcode or "")[-1]


def _who(byline: str) -> str:
    return re.sub(r"^(?:By|Von|Par)\s+", "", byline)


@every_file
def test_a_file_is_known_by_its_bytes(entry):
    assert _parsed(entry["file"]).format == READERS[entry["format"]]


@every_file
def test_a_file_gives_the_stories_it_holds_and_no_others(entry):
    expected = entry["expected"]
    if expected["outcome"] == "reject":
        with pytest.raises(Unreadable):
            _parsed(entry["file"])
        return
    items = _parsed(entry["file"]).items
    stories = [item for item in items if item.kind is Kind.STORY and item.status is Status.USABLE]
    assert len(stories) == expected["article_count"]
    assert _outcome(items, expected["outcome"])


def _outcome(items: tuple[WireItem, ...], outcome: str) -> bool:
    if outcome.startswith("article-held"):
        return all(item.embargo_until or item.hold for item in items)
    checks = {
        "articles": lambda item: item.status is Status.USABLE,
        "kill": lambda item: item.status is Status.CANCELED,
        "withheld": lambda item: item.status is Status.WITHHELD,
        "picture-only": lambda item: item.kind is Kind.PICTURE,
        "package": lambda item: item.kind is Kind.PACKAGE,
        "no-article": lambda item: item.kind is Kind.OTHER,
        "article-needs-second-file": lambda item: bool(item.hold),
        "article-without-body": lambda item: bool(item.hold),
    }
    return bool(items) and all(checks[outcome](item) for item in items)


@every_file
def test_no_item_of_a_message_is_lost(entry):
    parsed = _parsed(entry["file"])
    assert parsed.failures == ()
    assert len(parsed.items) == entry["expected"].get("item_count", len(parsed.items))


@every_item
def test_it_has_the_identity_and_version_the_agency_gave(entry, n):
    expected, item = _item(entry, n)
    guid = expected.get("guid_unversioned") or expected.get("guid")
    if not guid:
        assert item.guid.startswith("made:")
    elif "?" in guid:  # the session of whoever fetched it, behind an address that may change too
        assert guid.partition("?")[0].endswith(item.guid)
    else:
        assert item.guid == guid
    if "version" in expected:
        assert item.version == str(expected["version"] or "")


@every_item
def test_its_times_are_those_of_the_file_in_utc(entry, n):
    expected, item = _item(entry, n)
    times = {"versioncreated": item.version_created, "firstcreated": item.first_created}
    times |= {"issued": item.version_created, "expire": item.expires}
    for name, got in times.items():
        wanted = expected.get(name)
        if isinstance(wanted, str) and "naive" not in wanted:
            assert got == _time(wanted), name


@every_item
def test_its_status_and_embargo_are_those_of_the_file(entry, n):
    expected, item = _item(entry, n)
    wanted = {"canceled": Status.CANCELED, "withheld": Status.WITHHELD}.get(
        expected.get("pubstatus"), Status.USABLE
    )
    assert item.status is (Status.CANCELED if expected.get("is_kill") else wanted)
    if expected.get("is_embargoed"):
        assert item.embargo_until == _time(expected["publish_not_before"])
    if "publishable_when_received" in expected and expected.get("type", "text") == "text":
        is_free = item.status is Status.USABLE and not item.embargo_until and not item.hold
        assert is_free is expected["publishable_when_received"]
    if "kills_guid" in expected:
        assert item.cancels == (expected["kills_guid"],)


@every_item
def test_it_says_whether_it_is_an_update(entry, n):
    expected, item = _item(entry, n)
    if expected.get("is_correction"):
        assert item.signal is Signal.CORRECTION
    elif "is_update" in expected:
        assert (item.signal is not Signal.NEW) is expected["is_update"]


@every_item
def test_its_headline_is_the_main_one_or_made_of_the_first_words(entry, n):
    expected, item = _item(entry, n)
    wanted = expected.get("headline") or expected.get("derived_headline")
    assert _same(item.headline, wanted)
    assert item.headline_is_derived is bool(expected.get("derived_headline"))


@every_item
def test_its_byline_is_found_in_the_head_or_in_the_text(entry, n):
    expected, item = _item(entry, n)
    if "byline" in expected or "byline_in_body" in expected:
        wanted = expected.get("byline") or expected.get("byline_in_body") or ""
        title = expected.get("byttl")
        assert _same(item.byline, _who(wanted) + (f", {title}" if title else ""))
    if expected.get("slugline") or ("slugline" in expected and entry["format"] != "nitf"):
        assert _same(item.slugline, expected["slugline"])


@every_item
def test_its_dateline_is_the_place_of_the_story_and_not_of_the_desk(entry, n):
    expected, item = _item(entry, n)
    if "dateline_city" in expected:
        place = item.dateline_place.partition(",")[0]
        assert _same(place, expected["dateline_city"])
    text = expected.get("dateline_text")
    if text and re.search(r"\d\d:\d\d:\d\d", text):
        assert text not in item.dateline_text
    elif text:
        assert _squash(text) in _squash(item.dateline_text)
    if "located" in expected:
        assert _same(item.located, expected["located"])


@every_item
def test_its_credit_and_its_source_are_told_apart(entry, n):
    expected, item = _item(entry, n)
    if wanted := expected.get("creditline") or expected.get("credit"):
        assert item.credit == wanted
    if wanted := expected.get("provider"):
        assert wanted in (item.provider, item.source)
    for source in expected.get("infosources", []):
        assert "://" in source or source == item.source
    if wanted := expected.get("distributor"):
        assert item.source == wanted


@every_item
def test_its_language_and_urgency_are_those_of_the_file(entry, n):
    expected, item = _item(entry, n)
    if "language" in expected:
        assert _same(item.language, expected["language"])
    if "urgency" in expected:
        assert item.urgency == (int(expected["urgency"]) if expected["urgency"] else None)


@every_item
def test_its_subjects_are_all_kept_as_sent(entry, n):
    expected, item = _item(entry, n)
    subjects = expected.get("subjects")
    if not subjects:
        return
    sent = {*subjects["medtop"], *(f"subj:{code}" for code in subjects["subj8"])}
    assert sent <= set(item.subjects)
    assert set(subjects.get("via_broader_sameAs", [])) <= set(item.subjects)
    others = [code for code in item.subjects if not code.startswith(("medtop:", "subj:"))]
    assert len(others) == subjects["other_count"]


@every_item
def test_its_keywords_and_genre_are_those_of_the_file(entry, n):
    expected, item = _item(entry, n)
    keywords = [word for several in expected.get("keywords", []) for word in several.split(";")]
    assert list(item.keywords) == list(dict.fromkeys(keywords)) or "keywords" not in expected
    if "genre" in expected and entry["format"] in ("newsml-g2", "newsml-1"):
        assert item.genre == ", ".join(dict.fromkeys(expected["genre"]))


@every_item
def test_its_rights_are_those_of_the_file(entry, n):
    expected, item = _item(entry, n)
    if wanted := expected.get("copyright_holder"):
        assert item.copyright_holder == wanted
    if wanted := expected.get("copyright_notice"):
        assert item.copyright_notice.startswith(wanted.strip())
    if wanted := expected.get("usage_terms"):
        assert item.usage_terms.startswith(wanted)  # the manifest quotes a hundred characters


@every_item
def test_its_notes_to_editors_are_kept_and_are_not_in_the_text(entry, n):
    expected, item = _item(entry, n)
    text = _squash(plain_text(item.body_html))
    notes = [*expected.get("ednotes", []), *expected.get("notes", [])]
    for note in notes:
        start = _squash(note if isinstance(note, str) else note["starts"])[:60]
        assert any(_squash(kept).startswith(start) for kept in item.editors_notes), note
        assert start not in text or len(start) < 30  # a name alone may well be in the story too


@every_item
def test_its_links_and_the_members_of_a_package_are_kept(entry, n):
    expected, item = _item(entry, n)
    links = {(link.rel, link.guid or link.url) for link in item.links}
    for link in expected.get("links", []):
        assert isinstance(link, str) or (_local(link["rel"]), link["target"]) in links
    for target in expected.get("associated_with", []):
        assert ("related", target) in links
    members = [ref["residref"] for ref in expected.get("group_refs", [])]
    assert [link.guid for link in item.links if link.rel == "member"] == members


@every_item
def test_its_pictures_are_there_with_all_their_renditions(entry, n):
    expected, item = _item(entry, n)
    got = {rendition.href: rendition for picture in item.pictures for rendition in picture.renditions}
    for picture in expected.get("pictures") or []:
        if not picture.get("contenttype", "image/").startswith("image/"):
            continue
        rendition = got[picture["href"]]
        for name, value in (("width", rendition.width), ("height", rendition.height)):
            assert name not in picture or picture[name] is None or value == int(picture[name])
        assert rendition.content_type == picture.get("contenttype", rendition.content_type)
    caption = expected.get("caption_starts") or expected.get("picture", {}).get("caption_starts")
    if caption:
        assert item.pictures[0].caption.startswith(caption)
    if producer := expected.get("picture", {}).get("producer"):
        assert item.pictures[0].credit == producer


@every_item
def test_its_text_starts_with_the_first_words_of_the_story(entry, n):
    expected, item = _item(entry, n)
    first = _squash((expected.get("body") or {}).get("first60") or "")
    if not first:
        return
    for taken in (*item.editors_notes, f"By{item.byline}", item.dateline_text):
        # What was taken off may be longer than the words that the manifest quotes.
        first = "" if _squash(taken).startswith(first) else first.removeprefix(_squash(taken))
    assert _squash(plain_text(item.body_html)).startswith(first)


@every_item
def test_its_text_has_all_its_paragraphs_but_for_what_has_a_field_of_its_own(entry, n):
    expected, item = _item(entry, n)
    body = expected.get("body") or {}
    html = re.sub("(?s)<blockquote>.*?</blockquote>", "", item.body_html)
    paragraphs, rules = len(re.findall("<p[ >]", html)), html.count("<hr>")
    paragraphs -= b"<tagline" in (SAMPLES / entry["file"]).read_bytes()  # added from below the body
    if body.get("paragraphs") == 1:  # one that holds several, or several lines
        assert paragraphs >= 1
    elif "paragraphs" in body:
        named = len(expected.get("ednotes", [])) + len(expected.get("notes", []))
        # Notes over the text, the sign-off below it and the byline may have been taken off.
        taken = len(item.editors_notes) - named + bool(item.byline) + rules
        assert body["paragraphs"] - taken <= paragraphs <= body["paragraphs"]


@every_item
def test_its_text_keeps_its_links_headings_and_lists_and_loses_its_sign_off(entry, n):
    expected, item = _item(entry, n)
    body = expected.get("body") or {}
    for name, tag in (("links", "<a "), ("subheads", "<h2"), ("lists", "<ul")):
        repeats = name == "subheads" and body.get("markup") == "html"  # a heading that is the headline
        assert item.body_html.count(tag) == body.get(name, item.body_html.count(tag)) - repeats * body.get(
            name, 0
        )
    if sign_off := expected.get("signoff_last_paragraph"):
        assert sign_off not in plain_text(item.body_html)
