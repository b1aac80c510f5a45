"""RSS, RDF, Atom and JSON Feed. All stories are invented."""

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.markup import plain_text
from wires.parse import Unreadable, detect, parse
from wires.parse.worded_times import to_iso

SAMPLE = (Path(__file__).parent / "samples" / "feeds" / "pictures.rss").read_bytes()


def rss(*items, channel="<title>Orbit Wire</title>", declared="utf-8"):
    listed = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0" encoding="{declared}"?>'
        f'<rss version="2.0"><channel>{channel}{listed}</channel></rss>'
    )


def only(data, **settings):
    [item] = parse(data if isinstance(data, bytes) else data.encode(), **settings).items
    return item


# RSS 2.0


def test_an_item_of_rss_has_its_own_and_the_channels_facts():
    item = parse(SAMPLE).items[0]

    assert (item.provider, item.guid) == ("Orbit Wire", "orbit-1")
    assert item.headline == "Probe & lander part ways over Ceres"
    assert item.byline == "Ann Lee, Max Orr"
    assert item.version_created == datetime(2025, 3, 4, 22, 13, tzinfo=UTC)
    assert (item.language, item.source) == ("it-IT", "Orbit Wire")
    assert item.copyright_notice == "Copyright Orbit Wire. Link and teaser only."
    assert (item.subjects, item.keywords) == (("medtop:20000739",), ("Space",))
    assert [link.url for link in item.links] == [
        "https://wire.example/ceres",
        "https://wire.example/talk.mp3",
    ]


def test_the_whole_text_is_taken_before_the_teaser():
    item = parse(SAMPLE).items[0]

    assert item.body_html == (
        "<p>The lander left its probe on Tuesday.</p>\n<p>It will touch down in May.</p>"
    )
    assert (item.dateline_place, item.dateline_credit) == ("GENEVA", "OWP")


def test_a_group_is_one_picture_and_its_enclosure_none_more():
    grouped, in_text = parse(SAMPLE).items[0].pictures

    assert [(r.href, r.name, r.width) for r in grouped.renditions] == [
        ("https://wire.example/ceres.jpg?w=800", "", 800),
        ("https://wire.example/ceres-small.jpg", "", 140),
        ("https://wire.example/thumb.jpg", "thumbnail", 75),
    ]
    assert (grouped.caption, grouped.credit) == ("Ceres as the probe sees it.", "Ida Wolf")
    assert (in_text.renditions[0].href, in_text.alt_text) == ("https://wire.example/alone.jpg", "Ice")


def test_a_pictures_caption_is_never_taken_for_the_story():
    item = parse(SAMPLE).items[1]

    assert item.body_html == "<p>The story itself.</p>"
    [picture] = item.pictures
    assert picture.caption == "Not the story."
    assert [rendition.width for rendition in picture.renditions] == [140, 460]


def test_an_item_without_a_guid_is_known_by_its_link_and_an_address_is_no_byline():
    item = parse(SAMPLE, zone=ZoneInfo("Europe/Rome")).items[1]

    assert item.guid == "https://wire.example/second"
    assert item.byline == ""
    assert (item.version_created, item.naive_times) == (datetime(2025, 3, 4, 9, tzinfo=UTC), True)


def test_a_partner_text_is_taken_where_the_description_is_a_teaser():
    text = "<yandex:full-text>Teaser&lt;p&gt;Text&lt;/p&gt;</yandex:full-text>"
    data = rss(f"<guid>1</guid><description>Teaser</description>{text}")
    data = data.replace("<rss", '<rss xmlns:yandex="http://news.yandex.ru"')

    assert only(data).body_html == "<p>Teaser</p>\n<p>Text</p>"


def test_utf_8_wins_over_a_wrong_declaration():
    assert only(rss("<title>Žižkov žije</title>", declared="iso-8859-1")).headline == "Žižkov žije"


def test_a_declared_charset_is_read():
    data = rss("<title>Москва</title>", declared="koi8-r").encode("koi8-r")

    assert only(data).headline == "Москва"


def test_what_is_no_xml_is_still_read_with_a_warning():
    item = only(rss("<guid>1</guid><title>Fish & chips</title><description>Dear.</description>"))

    assert item.headline == "Fish & chips"
    assert "broken" in item.warnings[0]
    assert not item.hold


def test_a_caption_is_no_story_in_broken_xml_either():
    item = only(
        rss(
            "<media:description>Caption</media:description><title>A & B</title>"
            "<description>Text</description>"
        )
    )

    assert item.body_html == "<p>Text</p>"


def test_the_last_item_of_a_feed_that_breaks_off_is_held():
    whole = rss(
        "<guid>1</guid><description>Whole.</description>", "<guid>2</guid><description>Cut in the mid"
    )
    first, last = parse(whole.partition("</item></channel>")[0].encode()).items

    assert not first.hold
    assert "breaks off" in last.hold


def test_the_bytes_are_never_taken_for_the_name_of_a_file():
    with pytest.raises(Unreadable, match="It is no feed"):
        parse(__file__.encode(), format="feeds")


def test_an_item_that_says_nothing_is_refused_and_the_others_are_read():
    dated = "<pubDate>Mon, 04 May 2026 10:00:00 GMT</pubDate>"
    parsed = parse(rss("", "<title>Ferry sails</title>", dated).encode())
    assert [item.headline for item in parsed.items] == ["Ferry sails"]
    why = "It is empty: without identifier, headline, text and picture."
    assert parsed.failures == (f"Item 1: {why}", f"Item 3: {why}")


def test_an_empty_feed_is_a_feed():
    assert parse(rss().encode()).items == ()


@pytest.mark.parametrize(
    ("author", "byline"),
    [
        ("desk@wire.example", ""),
        ("desk@wire.example (Ann Lee)", "Ann Lee"),
        ("Ann Lee &lt;ann@wire.agency&gt;", "Ann Lee"),
        ("By Ann Lee", "Ann Lee"),
    ],
)
def test_a_byline_is_a_name_without_an_address(author, byline):
    assert only(rss(f"<guid>1</guid><author>{author}</author>")).byline == byline


# RSS 1.0 and Atom


def test_rdf_is_read():
    item = only(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns="http://purl.org/rss/1.0/"><channel rdf:about="https://a.example/"><title>A</title>'
        "<dc:language>de</dc:language><dc:rights>(c) A</dc:rights></channel>"
        '<item rdf:about="https://a.example/1"><title>Föhn</title><link>https://a.example/1</link>'
        "<dc:subject>Wetter</dc:subject><dc:date>2025-03-04T10:00:00+01:00</dc:date>"
        "<description>Warmer Wind.</description></item></rdf:RDF>"
    )

    assert (item.guid, item.headline, item.language) == ("https://a.example/1", "Föhn", "de")
    assert item.version_created == datetime(2025, 3, 4, 9, tzinfo=UTC)
    assert (item.keywords, item.copyright_notice) == (("Wetter",), "(c) A")


def atom(entry):
    namespace = "http://www.w3.org/2005/Atom"
    return f'<feed xmlns="{namespace}" xml:lang="en-GB"><title>A</title><entry>{entry}</entry></feed>'


def test_atom_is_read():
    item = only(
        atom(
            '<id>urn:a:1</id><title type="html">Rock &amp;amp; roll</title>'
            "<published>2025-03-04T08:00:00Z</published>"
            "<updated>2025-03-04T09:00:00Z</updated><author><name>Ann Lee</name></author>"
            "<rights>(c) Ann</rights>"
            '<link rel="related" href="https://a.example/more" title="More"/>'
            '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One.</p><p>Two.</p></div></content>'
        )
    )

    assert (item.guid, item.headline, item.byline) == ("urn:a:1", "Rock & roll", "Ann Lee")
    assert (item.version_created.hour, item.first_created.hour) == (9, 8)
    assert (item.language, item.copyright_notice) == ("en-GB", "(c) Ann")
    assert item.body_html == "<p>One.</p>\n<p>Two.</p>"
    assert [(link.title, link.rel) for link in item.links] == [("More", "related")]


def test_text_content_is_shown_as_it_is_written():
    assert (
        only(atom("<content>if a &lt; b, c &amp;amp; d</content>")).body_html
        == "<p>if a &lt; b, c &amp;amp; d</p>"
    )


def test_a_script_in_the_content_is_gone_with_its_words():
    item = only(atom('<content type="html">safe&lt;script>alert("no")&lt;/script> words</content>'))

    assert item.body_html == "<p>safe words</p>"
    assert (item.headline, item.headline_is_derived) == ("safe words", True)


# JSON Feed


def json_feed(*items, **feed):
    about = {"version": "https://jsonfeed.org/version/1.1", "title": "Orbit Wire", "language": "en_US"}
    return json.dumps(about | feed | {"items": items}).encode()


def test_json_feed_is_read():
    item = only(
        json_feed(
            {
                "id": 7,
                "url": "https://a.example/7",
                "title": "Lander down",
                "content_html": "<p>It is <em>down</em>.</p><script>no()</script>",
                "image": "https://a.example/7.jpg",
                "date_published": "2025-03-04T08:00:00-05:00",
                "date_modified": "2025-03-04T09:00:00-05:00",
                "authors": [{"name": "Ann Lee"}, {"name": "Max Orr"}],
                "tags": ["Space"],
                "attachments": [
                    {"url": "https://a.example/7.jpg", "mime_type": "image/jpeg"},
                    {"url": "https://a.example/8.png", "mime_type": "image/png", "title": "Eight"},
                ],
            }
        )
    )

    assert (item.format, item.guid, item.headline) == ("json_feed", "7", "Lander down")
    assert item.body_html == "<p>It is <em>down</em>.</p>"
    assert item.byline == "Ann Lee, Max Orr"
    assert (item.version_created.hour, item.first_created.hour, item.language) == (14, 13, "en-US")
    assert [p.renditions[0].href for p in item.pictures] == [
        "https://a.example/7.jpg",
        "https://a.example/8.png",
    ]
    assert item.keywords == ("Space",)


def test_text_of_json_feed_is_no_markup_and_1_0_has_one_author():
    item = only(json_feed({"id": "1", "content_text": "1 < 2\n\nTrue.", "author": {"name": "Ann Lee"}}))

    assert item.body_html == "<p>1 &lt; 2</p>\n<p>True.</p>"
    assert item.byline == "Ann Lee"


def test_one_bad_item_does_not_cost_the_others():
    parsed = parse(json_feed("no object", {"id": "1", "content_text": "Text."}))

    assert [item.guid for item in parsed.items] == ["1"]
    assert len(parsed.failures) == 1


@pytest.mark.parametrize("data", [b'{"items": [', b"[" * 100_000, b'{"items": 1}', b"[]"])
def test_broken_json_is_unreadable(data):
    with pytest.raises(Unreadable):
        parse(data, format="json_feed")


def test_a_story_that_speaks_of_json_feed_is_none():
    assert detect(b'{"body_text": "see jsonfeed.org/version/1.1", "version": "1"}') == ""


# Times


@pytest.mark.parametrize(
    ("raw", "iso"),
    [
        ("Tue, 24 Jul 2018 17:13 EDT", "2018-07-24T17:13:00-0400"),
        ("Sat, 18 May 2019 10:52:50 +0300", "2019-05-18T10:52:50+0300"),
        ("Wed, 05 Mar 25 08:00:00 GMT", "2025-03-05T08:00:00Z"),
        ("Wed,5 Mar 2025 08:00:00 CET (Paris)", "2025-03-05T08:00:00+0100"),
        ("5 Mar 2025 08:00:00 IST", "2025-03-05T08:00:00"),
        ("March 5, 2025 12:05 am", "2025-03-05T00:05:00"),
        ("Wednesday, March 5, 2025 at 1:05 p.m. EST", "2025-03-05T13:05:00-0500"),
        ("mer, 05 mars 2025 08:00:00 +0100", "2025-03-05T08:00:00+0100"),
        ("Mi., 5. März 2025 08:00", "2025-03-05T08:00:00"),
        ("gio, 23 gen 2025 10:00:00 +0100", "2025-01-23T10:00:00+0100"),
        ("quarta-feira, 5 de março de 2025", "2025-03-05"),
        ("Ср, 5 марта 2025 08:00:00 +0300", "2025-03-05T08:00:00+0300"),
        ("ons, 05 maj 2025 08:00:00 +0200", "2025-05-05T08:00:00+0200"),
        ("2025-03-05T08:00:00Z", "2025-03-05T08:00:00Z"),
        ("03/05/2025 08:00", "03/05/2025 08:00"),
        ("yesterday", "yesterday"),
        (None, ""),
    ],
)
def test_times_in_words_are_read_or_left_alone(raw, iso):
    assert to_iso(raw) == iso


def test_a_time_that_cannot_be_read_is_a_warning_and_none():
    item = only(rss("<guid>1</guid><description>Text.</description><pubDate>03/05/2025</pubDate>"))

    assert item.version_created is None
    assert item.warnings == ("'03/05/2025' is no time.",)


# Real feeds, which are no part of the project


REAL = Path(__file__).parents[3] / "shared" / "samples" / "wire"


@pytest.mark.skipif(not REAL.exists(), reason="the shared samples are not here")
def test_real_feeds_give_the_facts_of_the_manifest():
    entries = json.loads((REAL / "manifest.json").read_text("utf-8"))["files"]
    for entry in [entry for entry in entries if entry["format"] in ("feeds", "malformed")]:
        expected = entry["expected"]
        items = parse((REAL / entry["file"]).read_bytes()).items
        assert len(items) == expected["article_count"]
        for item, facts in zip(items, expected["items"], strict=False):
            assert facts.get("guid") in (item.guid, None)
            assert facts["headline"] == (None if item.headline_is_derived else item.headline)
            assert item.byline == facts.get("byline", "")
            assert item.keywords == tuple(facts.get("keywords", ()))
            assert [p.renditions[0].href for p in item.pictures] == facts.get("enclosures", [])
            assert plain_text(item.body_html).startswith(
                facts["body"].get("first60") or facts["body"]["text"]
            )
            assert not any(word in item.body_html for word in facts["body"].get("must_not_contain", ()))
        if "feed" in entry:
            first = entry["feed"]["first_published"] or entry["feed"]["first_updated"]
            assert items[0].version_created == datetime.fromisoformat(first)
            assert items[0].language.lower() == entry["feed"]["feed_language"].lower()


# Anything


@given(data=st.data())
def test_mutated_feeds_give_items_or_are_unreadable(data):
    start = data.draw(st.integers(0, len(SAMPLE)))
    end = data.draw(st.integers(start, min(len(SAMPLE), start + 200)))
    mutated = SAMPLE[:start] + data.draw(st.binary(max_size=20)) + SAMPLE[end:]
    try:
        parsed = parse(mutated, format="feeds")
    except Unreadable:
        return
    assert all("<script" not in item.body_html for item in parsed.items)


@given(st.binary(max_size=300), st.sampled_from(["feeds", "json_feed"]))
def test_arbitrary_bytes_give_items_or_are_unreadable(data, format):
    with contextlib.suppress(Unreadable):
        assert parse(data, format=format).format == format
