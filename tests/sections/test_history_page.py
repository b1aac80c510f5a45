"""The history of a story, as its readers may see it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from articles import publishing
from tests.factories import make_source, publish
from tests.sections.test_story_page import path

BY = {"by_name": "Hana Vestergaard"}


@pytest.fixture
def updated(channel):
    """Published two hours ago, given a new headline an hour ago."""
    now = timezone.now()
    story = publish(channel, headline="Three ships wait", body="<p>Fog.</p>", at=now - timedelta(hours=2))
    story.headline = "Four ships wait"
    story.editors_note, story.slugline = "Ask the harbour master", "FOG-HARBOUR"
    publishing.update(story, at=now - timedelta(hours=1), reason="The desk counted again", **BY)
    return story


@pytest.fixture
def history(read):
    def history(story, query: str = "", **kwargs):
        return read(f"{path(story)}history/{query}", **kwargs)

    return history


def words(response) -> str:
    return response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]


def test_each_version_is_shown_with_the_words_that_went_and_came(history, updated):
    page = words(history(updated))
    [gone], [new] = (re.findall(f"<{tag}>.*?</span>(.*?)<span", page) for tag in ("del", "ins"))
    assert (gone, new) == ("Three", "Four")
    assert page.index("Updated") < page.index("First published")


def test_a_correction_stands_with_the_version_it_made_until_it_is_superseded(history, channel):
    story = publish(channel, at=timezone.now() - timedelta(hours=1))
    first = publishing.correct(story, note="It was nine days.", **BY)
    assert "It was nine days." in words(history(story))
    publishing.correct(story, note="It was ten days.", supersedes=first, **BY)
    page = words(history(story))
    assert "It was nine days." not in page
    assert "It was ten days." in page


def test_what_is_the_desks_stays_there(history, updated):
    page = words(history(updated))
    for hidden in ["Ask the harbour master", "FOG-HARBOUR", "The desk counted again", "Hana Vestergaard"]:
        assert hidden not in page, hidden


def test_a_version_that_readers_never_saw_is_not_in_it(history, channel):
    story = publish(channel, headline="Never seen", publish_at=timezone.now() + timedelta(hours=2))
    story.headline, story.publish_at = "Seen", timezone.now() - timedelta(minutes=1)
    publishing.update(story, **BY)
    assert "Never seen" not in words(history(story))


@pytest.mark.parametrize("verb", ["kill", "take_down", "unpublish"])
def test_the_history_of_a_withdrawn_story_is_its_notice(history, updated, verb):
    getattr(publishing, verb)(updated, reason="Wrong", headline="A story about ships", **BY)
    response = history(updated)
    assert response.status_code == 410
    assert "Three" not in response.content.decode()


def test_what_was_withdrawn_is_not_shown_when_the_story_comes_back(history, updated):
    publishing.kill(updated, reason="Libel", headline="A story about ships", **BY)
    publishing.restore(updated, reason="Rewritten", **BY)
    updated.headline = "Ships waited"
    publishing.publish(updated, **BY)
    page = words(history(updated))
    assert "Published again" in page
    assert "no longer shown" in page
    for gone in ["Three", "Four"]:
        assert gone not in page


def test_a_text_that_another_sources_contract_covered_is_not_shown(history, channel):
    story = publish(channel, headline="As the agency had it", source=make_source("PPA"))
    story.headline, story.source = "As we have it", None
    publishing.update(story, **BY)
    page = words(history(story))
    assert "As the agency had it" not in page
    assert "no longer shown" in page


def test_a_text_is_not_shown_once_its_own_rights_have_ended(history, channel):
    now = timezone.now()
    soon = now - timedelta(hours=1)
    story = publish(channel, headline="Licensed words", rights_until=soon, at=now - timedelta(hours=3))
    story.headline, story.rights_until = "Our own words", None
    publishing.update(story, at=now - timedelta(hours=2), **BY)
    assert "Licensed" not in words(history(story))


def test_markup_in_a_text_is_shown_as_words(history, channel):
    story = publish(channel, headline="Ships <b>wait</b>")
    story.headline = "Ships <script>sail</script>"
    publishing.update(story, **BY)
    assert "<script>sail" not in history(story).content.decode()


def test_a_long_history_goes_on_on_further_screens(history, channel):
    story = publish(channel, headline="Take 0", at=timezone.now() - timedelta(days=1))
    for number in range(1, 23):
        story.headline = f"Take {number}"
        publishing.update(story, **BY)
    first, second, third = (history(story, query) for query in ("", "?before=14", "?before=4"))
    assert [words(page).count('class="revision"') for page in (first, second, third)] == [10, 10, 3]
    assert 'href="?before=14"' in words(first)
    assert "First published" not in words(second)
    assert "First published" in words(third)
    assert "Older" not in words(third)


@pytest.mark.parametrize("key", ["0", "99", "-1", "x", "1 or 1=1", "9" * 30])
def test_a_page_key_that_was_never_given_out_is_not_found(history, updated, key):
    assert history(updated, f"?before={key}").status_code == 404


def test_another_slug_and_another_site_lead_to_the_history_of_today(read, history, updated, sister):
    assert read(f"/story/{updated.pk}/old/history/")["Location"] == f"{path(updated)}history/"
    there = history(updated, host="sister.test")
    assert (there.status_code, there["Location"]) == (301, f"http://main.test{path(updated)}history/")


def test_searches_are_not_to_keep_it_and_its_address_is_told(history, updated):
    html = history(updated).content.decode()
    assert '<meta name="robots" content="noindex">' in html
    assert f'<link rel="canonical" href="http://main.test{path(updated)}history/">' in html


def test_the_story_links_to_its_history_where_there_is_one(read, channel, updated):
    assert f'href="{path(updated)}history/"' in read(path(updated)).content.decode()
    alone = publish(channel)
    assert "history/" not in read(path(alone)).content.decode()
