"""A story's address and what its page shows."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from articles import publishing
from articles.models import Author, Picture, RelatedLink
from sections.models import ChannelLink, Slot
from tests.factories import make_block, make_source, make_story, publish

BY = {"by_name": "The suite"}


def path(story) -> str:
    return f"/story/{story.pk}/{story.slug}/"


def test_the_page_shows_the_story_with_all_its_parts(read, channel):
    source = make_source(copyright_notice="Copyright Meridian.", dateline_pattern="{place} ({credit}) {date}")
    story = make_story(
        channel,
        headline="Ferry resumes",
        teaser="After a week of fog.",
        body="<p>The ferry sailed at noon.</p>",
        byline="Ada Quist, MWS Staff Writer",
        dateline_place="Moscow",
        dateline_credit="MWS",
        dateline_date="2025-02-28",
        source=source,
        editors_note="Call the desk before noon",
    )
    story.authors.add(Author.objects.create(name="Ada Quist"))
    story.tags.add("Ferries")
    RelatedLink.objects.create(story=story, title="Timetable", url="https://example.org/ferries")
    RelatedLink.objects.create(story=story, title="A book nobody has put online")
    ChannelLink.objects.create(channel=channel, title="All harbours", url="https://example.org/harbours")
    publishing.publish(story, **BY)
    html = read(path(story)).content.decode()
    for shown in [
        "MILPLEX",
        "After a week of fog.",
        "The ferry sailed at noon.",
        'href="/author/ada-quist/"',
        "MWS Staff Writer",
        "Moscow (MWS) Feb 28, 2025",
        'href="/tag/ferries/"',
        'href="https://example.org/ferries"',
        "A book nobody has put online",
        'href="https://example.org/harbours"',
        "Copyright Meridian.",
        'href="/source/MWS/"',
        "mailto:?",
        "/about/",
    ]:
        assert shown in html, shown
    assert "Call the desk" not in html
    assert (
        html.count("<script") - html.count("<script src=")
        == html.count('<script type="application/ld+json">')
        == 1
    )
    assert html.count("<h1") == 1
    assert html.split("<body", 1)[1].split("RELATED", 1)[0].count(">Ferry resumes<") <= 2


def test_the_headline_stands_once_in_the_story(read, channel):
    story = publish(channel, headline="Ferry resumes at noon")
    main = read(path(story)).content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    assert main.count("Ferry resumes at noon") - main.count("Ferry resumes at noon</span>") <= 2
    assert main.count("<h1") == 1


def test_a_correction_is_told_on_the_page(read, channel):
    story = publish(channel)
    publishing.correct(story, note="The bridge is 90 metres long.", **BY)
    assert "The bridge is 90 metres long." in read(path(story)).content.decode()


def test_a_superseded_correction_is_not(read, channel):
    story = publish(channel)
    first = publishing.correct(story, note="The bridge is 90 metres long.", **BY)
    publishing.correct(story, note="The bridge is 95 metres long.", supersedes=first, **BY)
    html = read(path(story)).content.decode()
    assert "95 metres" in html
    assert "90 metres" not in html


@pytest.mark.parametrize("given", ["/story/{pk}/", "/story/{pk}/old-words/", "/story/{pk}/FERRY/"])
def test_any_other_slug_leads_to_the_address_of_today_in_one_hop(read, channel, given):
    story = publish(channel, headline="Ferry resumes")
    response = read(given.format(pk=story.pk))
    assert (response.status_code, response["Location"]) == (301, path(story))


def test_a_new_headline_takes_the_old_address_along(read, channel):
    story = publish(channel, headline="Ferry resumes")
    old = path(story)
    story.headline = "Ferry resumes, two days late"
    publishing.update(story, **BY)
    assert read(old)["Location"] == path(story)


def test_non_latin_headlines_have_readable_addresses(read, channel):
    story = publish(channel, headline="Паром снова ходит", language="ru")
    assert path(story).endswith("/паром-снова-ходит/")
    assert read(path(story)).status_code == 200


def test_a_right_to_left_story_says_so_on_a_left_to_right_site(read, channel):
    story = publish(channel, headline="العبارة تعود", language="ar")
    html = read(path(story)).content.decode()
    assert 'lang="ar" dir="rtl"' in html
    assert '<html lang="en" dir="ltr"' in html


@pytest.mark.parametrize(
    ("site_speaks", "side", "story_speaks", "other"), [("en", "ltr", "ar", "rtl"), ("ar", "rtl", "en", "ltr")]
)
def test_a_story_stands_on_its_own_side_and_the_words_about_it_on_the_sites(
    read, channel, site_speaks, side, story_speaks, other
):
    channel.site.language = site_speaks
    channel.site.save()
    html = read(path(publish(channel, headline="Ferry", language=story_speaks))).content.decode()
    assert re.search(rf'<article class="story [^>]*dir="{other}"', html)
    for part in ("breadcrumb", "story-meta", "story-words", "story-side"):
        assert re.search(rf'class="{part}"[^>]* dir="{side}"', html), part
    assert f'<div class="body" lang="{story_speaks}" dir="{other}">' in html


def test_a_story_of_a_sister_site_leads_there(read, site, moon):
    story = publish(moon)
    response = read(f"/story/{story.pk}/wrong/")
    assert (response.status_code, response["Location"]) == (301, "http://sister.test" + path(story))
    assert read(path(story), host="sister.test").status_code == 200


def test_a_story_listed_on_two_sites_lives_on_that_of_its_primary_channel(read, channel, moon):
    story = publish(moon, also=(channel,))
    assert read(path(story)).status_code == 301
    assert "http://sister.test" + path(story) in read("/latest/").content.decode()


@pytest.mark.parametrize("state", ["draft", "scheduled", "embargoed", "lapsed", "in no channel"])
def test_what_readers_may_not_see_is_not_found_and_not_redirected(read, channel, state):
    soon = timezone.now() + timedelta(minutes=5)
    story = {
        "draft": lambda: make_story(channel),
        "scheduled": lambda: publish(channel, publish_at=soon),
        "embargoed": lambda: publish(channel, embargo_until=soon),
        "lapsed": lambda: publish(
            channel, at=timezone.now() - timedelta(days=2), rights_until=timezone.now() - timedelta(days=1)
        ),
        "in no channel": lambda: publish(),
    }[state]()
    assert read(path(story)).status_code == 404
    assert read(f"/story/{story.pk}/x/", host="sister.test").status_code == 404


# -- Withdrawn --------------------------------------------------------------------


def test_a_killed_story_is_gone_and_its_page_says_so_honestly(read, channel):
    story = publish(channel, headline="Ferry sinks", body="<p>Forty people drowned.</p>")
    publishing.kill(story, reason="Invented by the source", notice="No ferry sank.", **BY)
    response = read(path(story))
    html = response.content.decode()
    assert response.status_code == 410
    assert "Ferry sinks" in html
    assert "No ferry sank." in html
    assert f"{story.withdrawals.get().at:%Y}" in html
    assert "Forty people" not in html
    assert "Invented by the source" not in html
    assert 'content="noindex' in html


def test_a_headline_that_may_not_be_repeated_is_not(read, channel):
    story = publish(channel, headline="Mayor Quist is a thief")
    publishing.kill(story, reason="Libel", headline="A story about a mayor", **BY)
    html = read(f"/story/{story.pk}/mayor/").content.decode()
    assert "A story about a mayor" in html
    assert "thief" not in html


@pytest.mark.parametrize("times", ["publish_at", "embargo_until"])
def test_readers_are_not_told_of_a_story_killed_before_they_could_see_it(read, channel, times):
    story = publish(channel, **{times: timezone.now() + timedelta(hours=1)})
    publishing.kill(story, reason="Wrong", **BY)
    assert read(path(story)).status_code == 404


def test_a_restored_story_is_not_found_until_it_is_published_again(read, channel):
    story = publish(channel)
    publishing.unpublish(story, reason="To be checked", **BY)
    publishing.restore(story, reason="Checked", **BY)
    assert read(path(story)).status_code == 404
    publishing.publish(story, **BY)
    assert read(path(story)).status_code == 200


# -- Related content ----------------------------------------------------------------


def test_each_block_has_its_own_label_a_lead_with_its_teaser_and_headlines(read, channel, moon):
    story = publish(channel)
    for number in range(3):
        publish(channel, headline=f"Nearby {number}", teaser=f"Teaser nearby {number}")
        publish(moon, headline=f"Lunar {number}", teaser=f"Teaser lunar {number}")
    make_block(channel, "Around the harbour", from_channel=channel)
    make_block(channel, "On the Moon", from_channel=moon)
    make_block(channel, "Nothing yet")
    html = read(path(story)).content.decode()
    for shown in [
        "Around the harbour",
        "On the Moon",
        "Teaser nearby 2",
        "Teaser lunar 2",
        "Nearby 0",
        "Lunar 0",
    ]:
        assert shown in html, shown
    assert "Nothing yet" not in html
    assert "Sister" in html.split("On the Moon", 1)[1]


def test_an_editors_words_for_a_slot_replace_the_storys_own(read, channel):
    story, picked = publish(channel), publish(channel, headline="As filed")
    block = make_block(channel)
    Slot.objects.create(block=block, story=picked, headline="As the editor has it", teaser="In short")
    related = read(path(story)).content.decode().split("Nearby", 1)[1]
    assert "As the editor has it" in related
    assert "In short" in related


def test_a_slot_outside_its_time_or_with_a_story_not_public_is_empty(read, channel):
    story, over, draft = (
        publish(channel),
        publish(channel, headline="Over"),
        make_story(channel, headline="Not yet"),
    )
    block = make_block(channel)
    now = timezone.now()
    Slot.objects.create(
        block=block, story=over, starts_at=now - timedelta(hours=2), ends_at=now - timedelta(hours=1)
    )
    Slot.objects.create(block=block, story=draft)
    assert "Nearby" not in read(path(story)).content.decode()


def test_only_the_sources_on_the_page_are_credited(read, channel):
    ours, theirs, absent = make_source("MWS"), make_source("KNW"), make_source("PPA")
    story = publish(channel, source=ours)
    publish(channel, source=theirs)
    publish(source=absent)
    make_block(channel, from_channel=channel)
    html = read(path(story)).content.decode()
    assert ours.copyright_notice in html
    assert theirs.copyright_notice in html
    assert absent.copyright_notice not in html


def test_a_picture_is_shown_until_its_rights_end(read, channel):
    picture = Picture.objects.create(
        file="pictures/ferry.jpg", width=1600, height=900, alt_text="A ferry at the quay"
    )
    story = publish(channel, picture=picture)
    assert 'alt="A ferry at the quay"' in read(path(story)).content.decode()
    Picture.objects.update(rights_until=timezone.now())
    assert "A ferry at the quay" not in read(path(story)).content.decode()


# -- Around the text -----------------------------------------------------------------


def test_an_error_stands_above_the_text_and_a_clarification_under_it(read, channel):
    story = publish(channel, body="<p>The ferry sailed at noon.</p>")
    publishing.correct(story, note="It was not eleven.", **BY)
    publishing.correct(story, note="Noon was local time.", kind="clarification", **BY)
    html = read(path(story)).content.decode()
    order = ["It was not eleven.", "The ferry sailed at noon.</p>", "Noon was local time."]
    places = [html.index(words, html.index("<main")) for words in order]
    assert places == sorted(places)


def test_the_stories_before_and_after_it_in_its_channel_are_linked(read, channel, moon):
    now = timezone.now()
    older, story, newer = (
        publish(channel, headline=words, at=now - timedelta(hours=hours))
        for words, hours in [("Before it", 3), ("Itself", 2), ("After it", 1)]
    )
    publish(moon, headline="Elsewhere", at=now - timedelta(hours=2))
    make_story(channel, headline="Not yet")
    html = read(path(story)).content.decode()
    assert f'<a rel="prev" href="{path(newer)}" lang="en" dir="ltr">After it</a>' in html
    assert f'<a rel="next" href="{path(older)}" lang="en" dir="ltr">Before it</a>' in html
    assert 'rel="prev"' not in read(path(newer)).content.decode()
    assert 'rel="next"' not in read(path(older)).content.decode()


def test_a_neighbour_that_lives_on_a_sister_site_is_linked_there(read, channel, moon):
    older = publish(moon, also=(channel,), at=timezone.now() - timedelta(hours=1))
    story = publish(channel)
    assert f'rel="next" href="http://sister.test{path(older)}"' in read(path(story)).content.decode()


def test_readers_are_told_who_chose_the_story_and_whose_it_is(read, channel):
    story = publish(channel, source=make_source("MWS", name="Meridian Wire"))
    html = read(path(story)).content.decode()
    assert "Chosen and placed by the editors of Main; reported by Meridian Wire." in html
