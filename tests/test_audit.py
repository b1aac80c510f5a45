"""The audit finds what is wrong: its own rules, given wrong things. The tools have tests of their own."""

import json

import pytest
from lxml import etree

from audit import __main__ as audit
from audit import lighthouse
from audit.feeds import wrong_in_json, wrong_in_xml
from audit.findings import Report, ToolMissing, node_module, program
from audit.pages import Page
from audit.portal import Answer, Portal
from audit.sitemaps import wrong_in, wrong_in_index
from audit.structured import without_input
from audit.structured import wrong_in as wrong_in_graph

ITEM = {
    "id": "1",
    "url": "https://a.example/1",
    "content_text": "Fog.",
    "date_published": "2026-03-03T08:00:00Z",
}
FEED = {"version": "https://jsonfeed.org/version/1.1", "title": "Main", "items": [ITEM]}


def json_feed(**wrong) -> bytes:
    return json.dumps(FEED | wrong).encode()


def test_a_right_json_feed_is_found_right():
    assert list(wrong_in_json(json_feed(_own={"any": "thing"}))) == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"version": "https://jsonfeed.org/version/1"}, "is of version https://jsonfeed.org/version/1"),
        ({"title": ""}, "has no title"),
        ({"autor": "Ada"}, "the feed has autor, which JSON Feed does not know"),
        ({"items": [ITEM | {"id": 1}]}, "item 1: id is not a str"),
        ({"items": [ITEM, ITEM]}, "has two items of one id"),
        ({"items": [{"id": "1"}]}, "item 1 has neither content_html nor content_text"),
        (
            {"items": [ITEM | {"date_modified": "2026-03-03 08:00"}]},
            "item 1: date_modified is no RFC 3339 time",
        ),
        ({"items": [ITEM | {"url": "/1"}]}, "item 1: url is no whole address: /1"),
        ({"items": [ITEM | {"authors": [{}]}]}, "item 1 has an author without name, url and avatar"),
    ],
)
def test_what_is_wrong_in_a_json_feed_is_told(wrong, told):
    [found] = wrong_in_json(json_feed(**wrong))
    assert found.startswith(told)


def test_an_atom_feed_without_what_readers_need_is_told():
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><title>Main</title><link href="/"/>{}</feed>'
    entry = '<entry><id>1</id><link href="/1"/><updated>2026-03-03T08:00:00Z</updated></entry>'
    answer = Answer(200, {"Content-Type": "application/atom+xml"}, atom.format(entry * 2).encode())
    assert list(wrong_in_xml(answer)) == [
        "has no updated",
        "entry 1 has no title",
        "entry 2 has no title",
        "has two entries of one id",
    ]


def test_a_sitemap_index_names_whole_addresses_and_nothing_else():
    index = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</sitemapindex>'
    right, bare = (
        "<sitemap><loc>https://a.example/1.xml</loc></sitemap>",
        "<sitemap><loc>/1.xml</loc></sitemap>",
    )
    assert list(wrong_in_index(etree.fromstring(index.format(right)))) == []
    assert list(wrong_in_index(etree.fromstring(index.format(bare)))) == ["line 1: not a whole address"]
    assert list(wrong_in_index(etree.fromstring(index.format("")))) == ["names 0 sitemaps"]


def test_a_news_entry_of_last_year_and_a_picture_without_address_are_told():
    sitemap = etree.fromstring(
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
        ' xmlns:i="http://www.google.com/schemas/sitemap-image/1.1"><url><loc>https://a.example/</loc>'
        "<n:news><n:publication><n:name>Main</n:name><n:language>en</n:language></n:publication>"
        "<n:publication_date>2020-03-03T08:00:00+00:00</n:publication_date></n:news>"
        "<i:image><i:loc>a.jpg</i:loc></i:image></url></urlset>"
    )
    told = list(wrong_in(sitemap, 500, etree.XMLSchema(etree.XML(ANYTHING))))
    assert told == [
        "line 1: a news entry without title",
        "line 1: a news entry of 2020-03-03T08:00:00+00:00",
        "line 1: a picture without a whole address",
    ]


ANYTHING = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"
 targetNamespace="http://www.sitemaps.org/schemas/sitemap/0.9"><xs:element name="urlset"/></xs:schema>"""


def test_a_graph_without_what_search_engines_ask_for_is_told_however_deep():
    graph = [
        {"@type": "NewsArticle", "headline": "Fog", "datePublished": "2026-03-03",
         "dateModified": "2026-03-03",
         "publisher": {"@id": "#1"}, "mainEntityOfPage": "/1", "author": [{"@type": "Person"}]},
        {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "position": 1}]},
        {"name": "Main"},
    ]  # fmt: skip
    assert list(wrong_in_graph(graph)) == [
        "Person has no name",
        "a ListItem has no url",
        "a node has no @type: name",
    ]


def test_how_an_action_is_filled_in_is_kept_from_the_vocabulary():
    action = {"@type": "SearchAction", "target": "/search/?q={q}", "query-input": "required name=q"}
    graph = [{"@type": "WebSite", "potentialAction": action}]
    [site] = without_input(graph)
    assert site["potentialAction"] == {"@type": "SearchAction", "target": "/search/?q={q}"}


def test_findings_are_told_with_their_page(capsys):
    report = Report("2 pages")
    report.add("home", "line 3: Stray end tag")
    audit.tell("HTML", report, 1.2)
    told = capsys.readouterr().out
    assert "1 findings" in told
    assert "  home: line 3: Stray end tag" in told


def test_what_is_not_installed_is_told_with_how_to_get_it(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolMissing, match=r"java is not installed \(Debian: apt install default-jre"):
        program("java", debian="default-jre-headless")
    with pytest.raises(ToolMissing, match=r"nothing-such is not installed \(npm install\)"):
        node_module("nothing-such/index.js")


def result(performance: float) -> dict:
    audits = {
        "largest-contentful-paint": {"id": "largest-contentful-paint", "score": 0.8, "displayValue": "3 s"}
    }
    refs = [{"id": name, "weight": 25} for name in audits]
    speed = {"performance": {"score": performance, "auditRefs": refs}}
    return {"categories": {name: {"score": 1} for name in lighthouse.LEAST} | speed, "audits": audits}


@pytest.mark.parametrize(
    ("speeds", "told", "remark"),
    [
        ([1], [], "home 100"),
        ([0.9, 0.98, 0.99], [], "home 99"),
        ([0.9, 0.95, 0.98, 0.8, 0.9], ["performance 98: largest-contentful-paint 3 s"], "home 98"),
    ],
)
def test_a_slow_page_is_measured_again_and_judged_by_its_best(monkeypatch, speeds, told, remark):
    left = list(speeds)
    monkeypatch.setattr(lighthouse, "program", lambda *names, debian: names[0])
    monkeypatch.setattr(lighthouse, "node_module", lambda path: path)
    monkeypatch.setattr(lighthouse, "_run", lambda *command: lighthouse._Run(result(left.pop(0))))
    report = lighthouse.check(Portal(8000), [Page("home", "/"), Page("archive", "/archive/")])
    assert [finding.what for finding in report.findings] == told
    assert remark in report.remark
    assert left == []
