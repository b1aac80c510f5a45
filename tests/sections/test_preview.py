"""A story's page before readers see it."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.html import escape

from articles import publishing
from articles.models import Author, RelatedLink, Story
from sections.models import Channel
from tests.articles.test_admin import desk
from tests.factories import make_block, make_source, make_story, publish
from tests.sections.test_story_page import path

pytestmark = pytest.mark.django_db

BY = {"by_name": "The suite"}


def page(story, query="") -> str:
    return f"/admin/articles/story/{story.pk}/preview/page/{query}"


@pytest.fixture
def draft(moon):
    """With all parts, on a site that is not the one the desk is opened on."""
    source = make_source(dateline_pattern="{place} ({credit}) {date}")
    story = make_story(
        moon, headline="Ferry resumes", teaser="After fog.", body="<p>It <em>sailed</em>.</p>", source=source,
        byline="Ada Quist", dateline_place="Skarvik", dateline_credit="MWS", dateline_date="2025-02-28",
        editors_note="Call the desk first",
    )  # fmt: skip
    story.tags.add("Ferries")
    story.authors.add(Author.objects.create(name="Ada Quist"))
    RelatedLink.objects.create(story=story, title="Tides", url="https://tides.example/")
    return Story.objects.get(pk=story.pk)


def main(html: str) -> str:
    return html.split("<main", 1)[1].split("</main>", 1)[0]


def test_the_preview_is_the_page_that_readers_get_once_it_is_published(read, site, draft, moon):
    make_block(moon, "Around the moon", from_channel=moon)
    publish(moon, headline="Rover turns back")
    preview = desk().get(page(draft), headers={"host": "main.test"}).content.decode()
    now = timezone.now()
    publishing.publish(draft, at=now.replace(second=0, microsecond=0), **BY)
    public = read(path(draft), host="sister.test").content.decode()
    shown = main(preview).replace(' target="_blank"', "").replace('href="http://sister.test/', 'href="/')
    assert _without_times(shown) == _without_times(_without_neighbours(main(public)))
    assert "Rover turns back" in shown
    assert "Skarvik (MWS) Feb 28, 2025" in shown
    assert "Call the desk first" not in preview


def _without_neighbours(html: str) -> str:
    """Which stories stand beside it depends on the moment at which it is published."""
    return re.sub(r'<nav class="neighbours".*?</nav>', "", html, flags=re.DOTALL)


def _without_times(html: str) -> str:
    words = "".join(part.split("</time>")[-1] for part in html.split("<time"))
    return " ".join(words.split())


def test_it_stands_on_its_storys_own_site_with_that_sites_look_and_links(site, draft, moon):
    html = desk().get(page(draft), headers={"host": "main.test"}).content.decode()
    assert f'href="/look-{moon.site_id}.css"' in html
    assert 'href="http://sister.test/channel/moon/"' in html
    assert 'href="http://sister.test/tag/ferries/"' in html
    assert 'href="#main"' in html
    assert '<a target="_blank" href="https://tides.example/"' in html
    assert '<a href="/' not in html
    assert f"Preview: {draft.headline} | Sister" in html


def test_a_sites_look_is_had_by_its_number_on_any_host(read, site, sister):
    sister.accent = "#123456"
    sister.save()
    assert "--site-accent: #123456" in read(f"/look-{sister.pk}.css").content.decode()
    assert read("/look-999.css").status_code == 404


def test_nobody_keeps_or_finds_it_and_only_our_own_desk_frames_it(draft):
    response = desk().get(page(draft))
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert response["X-Robots-Tag"].startswith("noindex")
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
    assert '<meta name="robots" content="noindex, nofollow">' in response.content.decode()
    assert "ETag" not in response


def test_readers_pages_and_the_rest_of_the_desk_are_framed_by_nobody(read, channel):
    story = publish(channel)
    for response in (read(path(story)), desk().get(f"/admin/articles/story/{story.pk}/preview/")):
        assert response["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("state", ["draft", "ready", "scheduled", "embargoed", "published", "killed"])
def test_every_state_has_a_preview_that_says_it_is_one(channel, state):
    soon = timezone.now() + timedelta(days=1)
    story = {
        "scheduled": lambda: publish(channel, publish_at=soon),
        "embargoed": lambda: publish(channel, embargo_until=soon),
        "published": lambda: publish(channel),
    }.get(state, lambda: make_story(channel))()
    if state in ("ready", "killed"):
        publishing.submit(story, **BY)
    if state == "killed":
        publishing.kill(story, reason="Wrong", **BY)
    html = desk().get(page(story)).content.decode()
    assert story.body in html
    assert 'class="preview-bar"' in html
    if state in ("scheduled", "embargoed"):
        assert f"{soon:%-d %B %Y, %H:%M} UTC" in html


def test_other_stories_on_it_are_public_ones_only(channel, draft):
    make_block(channel, from_channel=channel)
    publish(channel, headline="Open to all")
    publish(channel, headline="Secret", embargo_until=timezone.now() + timedelta(days=1))
    story = make_story(channel)
    html = desk().get(page(story)).content.decode()
    assert "Open to all" in html
    assert "Secret" not in html


def test_a_public_version_has_its_page_too(channel):
    story = publish(channel, headline="Ferry sails at noon")
    story.headline = "Ferry sails at one"
    publishing.update(story, **BY)
    root = desk()
    assert "Ferry sails at noon" in root.get(page(story, "?version=1")).content.decode()
    assert "Ferry sails at one" in root.get(page(story, "?version=2")).content.decode()
    for wrong in ["3", "x", "9" * 30, "٣"]:
        assert root.get(page(story, f"?version={wrong}")).status_code == 404


def test_a_story_in_no_channel_has_no_page_and_the_desk_says_why():
    story = make_story()
    root = desk()
    assert root.get(page(story)).status_code == 404
    assert "in no channel yet" in root.get(page(story)).content.decode()
    assert "in no channel yet" in root.get(f"/admin/articles/story/{story.pk}/preview/").content.decode()


def test_what_is_not_clean_is_cleaned_once_more(channel):
    story = make_story(channel)
    Story.objects.filter(pk=story.pk).update(body="<p>Fog<script>alert(1)</script></p>")
    html = desk().get(page(story)).content.decode()
    assert "<p>Fog</p>" in html


def test_who_may_not_see_stories_sees_no_preview(client, channel):
    story = make_story(channel)
    assert client.get(page(story)).status_code == 302
    reporter = desk("Reporter")
    assert reporter.get(page(story)).status_code == 200
    Group.objects.get(name="Reporter").permissions.clear()
    assert reporter.get(page(story)).status_code == 403
    assert reporter.get(f"/admin/articles/story/{story.pk}/preview/").status_code == 403


@pytest.mark.parametrize("count", [1, 60])
def test_the_preview_has_a_fixed_number_of_queries(draft, moon, count, django_assert_num_queries):
    for number in range(count):
        publish(moon)
        draft.tags.add(f"Tag {number}")
        make_block(moon, f"Block {number}", from_channel=moon)
    root = desk()
    # 14: session; user; story; its working copy; four for its text; where it lives, with its parts;
    # the network; source; picture; blocks; their stories
    with django_assert_num_queries(14):
        assert root.get(page(draft)).status_code == 200


def test_the_headline_in_the_frame_page_is_escaped(channel):
    story = make_story(channel, headline="Fog <b>lifts</b>")
    html = desk().get(f"/admin/articles/story/{story.pk}/preview/").content.decode()
    assert escape(story.headline) in html
    assert Channel.objects.exists()
