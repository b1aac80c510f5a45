"""A story for machines: ninjs and JSON-LD at addresses of their own."""

import json
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from articles import publishing
from articles.models import Author, Picture, Place
from tests.factories import make_source, publish
from wires.parse.ninjs import looks_like, read

BY = {"by_name": "The desk"}
AT = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)

# Of the ninjs 3.2 schema, what a text and its picture may use, and of which type it is.
ROLE_AND_VALUE = {"role": str, "value": str}
CONCEPT = {"name": str, "rel": str, "uri": str}
RENDITION = {"name": str, "href": str, "contentType": str, "width": int, "height": int}
ITEM = {
    "standard": {"name": str, "version": str, "schema": str},
    "uri": str, "type": str, "representationType": str, "pubStatus": str, "firstCreated": str,
    "versionCreated": str, "language": str, "by": str, "copyrightNotice": str,
    "headlines": [ROLE_AND_VALUE], "descriptions": [ROLE_AND_VALUE], "altIds": [ROLE_AND_VALUE],
    "bodies": [ROLE_AND_VALUE | {"contentType": str}], "genres": [{"name": str}],
    "subjects": [CONCEPT], "places": [CONCEPT], "infoSources": [{"name": str, "role": str}],
    "renditions": [RENDITION],
}  # fmt: skip
ITEM["associations"] = [ITEM | {"name": str}]


def breaks(value, rule, where="item"):
    """Where a value is not as a rule has it: a type, a list of one rule, an object of allowed names."""
    if isinstance(rule, list):
        return [found for part in value for found in breaks(part, rule[0], where)]
    if isinstance(rule, type):
        return [] if isinstance(value, rule) and value != "" else [f"{where}: {value!r}"]
    return [
        found
        for name, part in value.items()
        for found in (breaks(part, rule[name], f"{where}.{name}") if name in rule else [f"{where}.{name}"])
    ]


@pytest.fixture
def story(channel):
    source = make_source("MWS", feeds_full_text=True)
    story = publish(
        channel, headline="Ferry runs again", teaser="After nine days.", at=AT, source=source,
        body="<p>The ferry <b>runs</b>.</p><p>Nobody was hurt.</p>", byline="Ada Quist", genre="Analysis",
        dateline_place="Oslo", dateline_credit="MWS", language="en",
    )  # fmt: skip
    story.tags.add("Ferries")
    story.authors.add(Author.objects.create(name="Ada Quist"))
    story.places.add(Place.objects.create(name="Oslo"))
    return story


@pytest.fixture
def path(story):
    return f"/story/{story.pk}/ferry-runs-again"


def test_a_story_is_ninjs_at_its_own_address(read, path):
    response = read(f"{path}.json")
    item = json.loads(response.content)
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert breaks(item, ITEM) == []
    assert {"uri", "type", "versionCreated", "headlines", "bodies"} <= set(item)
    assert urlsplit(item["uri"]).scheme == "tag"
    assert item["versionCreated"] == item["firstCreated"] == "2026-03-02T14:05:00+00:00"
    assert item["bodies"][1]["value"] == "The ferry runs.\nNobody was hurt."
    assert item["subjects"] == [{"name": "Ferries", "rel": "about", "uri": "http://main.test/tag/ferries/"}]


def test_the_portals_own_reader_of_ninjs_reads_it_back(client, path):
    content = client.get(f"{path}.json", headers={"host": "main.test"}).content
    assert looks_like(content)
    [item] = read(content, UTC)
    assert (item.headline, item.byline, item.language) == ("Ferry runs again", "Ada Quist", "en")
    assert "Nobody was hurt." in item.body_html
    assert item.version_created == AT


def test_data_files_are_kept_until_their_story_changes(read, story, path):
    for ending in (".json", ".jsonld"):
        assert f"story:{story.pk}" in read(path + ending)["Surrogate-Key"].split()


def test_a_picture_is_an_association(read, story, path):
    picture = Picture(alt_text="A ferry", credit="A. Quist", width=640, height=480)
    picture.file.name = "ferry.jpg"
    picture.save()
    type(story).objects.filter(pk=story.pk).update(picture=picture)
    item = read(f"{path}.json").json()
    assert breaks(item, ITEM) == []
    [association] = item["associations"]
    assert association["renditions"][0]["href"] == association["uri"] == "http://main.test/media/ferry.jpg"
    assert association["descriptions"] == [{"role": "alternative", "value": "A ferry"}]


def test_a_correction_is_told_and_moves_the_version_on(read, story, path):
    publishing.correct(story, note="It was nine days, not eight.", **BY)
    item = read(f"{path}.json").json()
    assert {"role": "correction", "value": "It was nine days, not eight."} in item["descriptions"]
    assert item["versionCreated"] > item["firstCreated"]


def test_a_story_is_json_ld_at_its_own_address_with_its_text(read, path):
    response = read(f"{path}.jsonld")
    assert response["Content-Type"] == "application/ld+json; charset=utf-8"
    article = json.loads(response.content)["@graph"][0]
    assert article["@type"] == "NewsArticle"
    assert article["articleBody"] == "The ferry runs.\nNobody was hurt."


@pytest.mark.parametrize("ending", [".json", ".jsonld"])
@pytest.mark.parametrize(
    ("terms", "status"),
    [({}, 404), ({"feeds_full_text": True}, 200), ({"is_public_domain": True}, 200), (None, 200)],
    ids=["teasers only", "whole text", "public domain", "our own"],
)
def test_the_sources_contract_decides_whether_there_are_data_files(read, channel, terms, status, ending):
    source = make_source("PPA", **terms) if terms is not None else None
    story = publish(channel, headline="Tide", source=source)
    assert read(f"/story/{story.pk}/tide/").status_code == 200
    assert read(f"/story/{story.pk}/tide{ending}").status_code == status
    named = f'href="/story/{story.pk}/tide{ending}"' in read(f"/story/{story.pk}/tide/").content.decode()
    assert named is (status == 200)


@pytest.mark.parametrize("ending", [".json", ".jsonld"])
def test_data_files_of_another_slug_or_site_lead_to_the_right_one(read, story, path, sister, ending):
    for asked, host in [(f"/story/{story.pk}/x{ending}", "main.test"), (path + ending, "sister.test")]:
        response = read(asked, host)
        assert response.status_code == 301
        assert response["Location"].removeprefix("http://main.test") == path + ending


@pytest.mark.parametrize("ending", [".json", ".jsonld"])
def test_the_data_files_of_a_withdrawn_story_are_gone(read, story, path, ending):
    publishing.kill(story, reason="Wrong port", **BY)
    response = read(path + ending)
    assert response.status_code == 410
    assert "Nobody was hurt" not in response.content.decode()
