"""The sample network: loaded once for this module, into a transaction that is rolled back behind it."""

import io
import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from articles.models import Act, Author, Source, Story, StoryVersion
from sections import lists, pages
from sections.list_stories import on_site
from sections.lists import Where
from sections.models import Block, Channel, ChannelLink, Site
from sections.network import load_network
from sections.pages import Elsewhere, GonePage, StoryPage
from sections.sample import load as sample
from sections.sample import read
from sections.sample.load import as_first_filed, load
from sections.sample.read import Entry, SampleError, entries, text_html

NOW = timezone.now()
HOSTS = ["127.0.0.1", "apogee.localhost", "tideline.localhost"]
HELD_BACK = {
    f"special-{name}"
    for name in ("draft", "ready", "advisory", "embargoed", "scheduled", "killed", "unpublished")
}

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def counts(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield load(NOW)
        transaction.set_rollback(True)


def rows() -> dict:
    """The whole database, table by table."""
    models = apps.get_models(include_auto_created=True)
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in models}


def story(name: str) -> Story:
    return Story.objects.get(provider="sample", guid=name)


def page_of(name: str, at=NOW):
    """The story's page on the site that it lives on."""
    found = story(name)
    network = load_network(found.listings.get(primary=True).channel.site.domain)
    return pages.story_page(network, found.pk, found.slug, at)


def latest_ids(host: str, at=NOW) -> set[int]:
    """All that the site's list of its newest stories shows, screen by screen."""
    network, before, found = load_network(host), "", set()
    while True:
        page = lists.latest_page(network, at, Where(before=before))
        found |= {card.story_id for card in page.cards}
        if not (before := page.older):
            return found


def test_it_makes_the_network_that_was_promised():
    ages = [NOW - story.first_published for story in Story.objects.filter(state="published")]
    assert Site.objects.count() == 3
    assert Channel.objects.count() == 15
    assert Source.objects.count() >= 5
    assert Story.objects.count() >= 240
    assert max(ages) >= timedelta(days=50)
    assert Author.objects.filter(stories=None).count() == 0


def test_it_counts_what_it_made(counts):
    assert counts.created["stories"] == Story.objects.count()
    assert counts.unchanged.total() == 0


def test_a_second_run_changes_nothing(counts):
    before = rows()
    again = load(NOW + timedelta(hours=5))
    assert rows() == before
    assert again.created.total() == 0
    assert again.unchanged["stories"] == counts.created["stories"]


@pytest.mark.parametrize("host", HOSTS)
def test_fronts_show_what_was_read_most_of_the_day_and_of_the_week(host):
    network = load_network(host)
    fronts = [pages.home_page(network, NOW)]
    fronts += [lists.channel_page(network, channel, NOW, Where()) for channel in network.site.channels]
    for front in fronts:
        day, week = ([card.story_id for card in ranking.cards] for ranking in front.most_read)
        assert len(day) == len(week) == 5
        assert day != week


def test_a_second_run_keeps_what_editors_changed():
    Channel.objects.filter(slug="moon").update(title="The Moon", kicker="LUNA")
    ChannelLink.objects.filter(channel__slug="moon").delete()
    Site.objects.filter(domain="127.0.0.1").update(name="The Longitude")
    Story.objects.filter(guid="moon-001").update(headline="An editor's headline")
    Block.objects.filter(label="Top stories").update(size=2)
    before = rows()
    load(NOW)
    assert rows() == before


def test_a_load_that_fails_leaves_nothing_behind(monkeypatch):
    Story.objects.filter(guid="moon-001").update(guid="moved")

    def fail(*args):
        raise SampleError("broken")

    monkeypatch.setattr(sample._Loader, "_blocks", fail)
    with pytest.raises(SampleError):
        load(NOW)
    assert not Story.objects.filter(guid="moon-001").exists()


def test_every_public_story_has_a_page_on_its_site(monkeypatch):
    # Without the blocks, which cost ten times the rest of a page; those of each channel are tested below.
    monkeypatch.setattr(pages, "plans_of", lambda *args: [])
    found = 0
    for site in Site.objects.all():
        network = load_network(site.domain)
        public = Story.objects.public(NOW, site).filter(listings__primary=True, listings__channel__site=site)
        for each in public:
            assert isinstance(pages.story_page(network, each.pk, each.slug, NOW), StoryPage), each.guid
            found += 1
    assert found >= 240


@pytest.mark.parametrize("name", ["special-killed", "special-unpublished"])
def test_a_withdrawn_story_has_a_notice_in_its_place(name):
    page = page_of(name)
    assert isinstance(page, GonePage)
    assert page.notice
    assert page.headline != story(name).headline


@pytest.mark.parametrize("host", HOSTS)
def test_what_is_held_back_is_in_no_list(host):
    hidden = set(Story.objects.filter(guid__in=HELD_BACK).values_list("pk", flat=True))
    assert len(hidden) == len(HELD_BACK)
    assert not latest_ids(host) & hidden


@pytest.mark.parametrize("name", sorted(HELD_BACK - {"special-killed", "special-unpublished"}))
def test_what_is_held_back_has_no_page(name):
    assert page_of(name) is None


@pytest.mark.parametrize(("name", "hours"), [("special-embargoed", 48), ("special-scheduled", 20)])
def test_a_story_to_come_appears_by_itself(name, hours):
    due = NOW + timedelta(hours=hours)
    assert page_of(name, due - timedelta(seconds=1)) is None
    assert isinstance(page_of(name, due), StoryPage)


def test_a_story_stays_off_the_site_that_its_contract_excludes():
    ours = story("special-otl-002")
    assert ours.listings.filter(channel__site__domain="tideline.localhost").exists()
    assert ours.pk in latest_ids("apogee.localhost")
    assert ours.pk not in latest_ids("tideline.localhost")


def test_text_comes_down_when_its_contract_says_so():
    lapsed = Story.objects.filter(source__code="ALI", contract_until__lte=NOW)
    assert lapsed.exists()
    assert page_of(lapsed[0].guid) is None


def test_copy_that_may_not_be_archived_is_not_in_the_archive():
    network = load_network("127.0.0.1")
    archived = lists.archived(on_site(NOW, network.site))
    assert archived.filter(source__code="MWS").exists()
    assert not archived.filter(source__code="PPA").exists()


def test_a_story_past_its_relevance_is_read_but_not_put_forward():
    page = page_of("special-relevance")
    assert isinstance(page, StoryPage)
    shown = {card.story_id for block in pages.home_page(page.network, NOW).blocks for card in block.cards}
    assert page.card.story_id not in shown


def test_a_picture_is_not_shown_once_its_rights_have_ended():
    assert story("stations-011").picture is not None
    assert page_of("stations-011").card.picture is None
    assert page_of("stations-017").card.picture.alt_text


def test_every_channel_has_pictures_of_two_scenes():
    for channel in Channel.objects.all():
        stories = Story.objects.filter(listings__channel=channel, listings__primary=True)
        assert stories.exclude(picture=None).values("picture").distinct().count() >= 2, channel


def test_datelines_stand_as_their_source_would_have_them():
    patterns = {"KNW": r".+, \w{3} \d+, \d{4} \(KNW\)"}
    for each in Story.objects.select_related("source"):
        pattern = patterns.get(each.source.code, r".+ \(\w{3}\) \w{3} \d+, \d{4}")
        assert re.fullmatch(pattern, each.dateline), each.guid
    assert story("cyber-017").dateline.startswith("FORT HALDANE, ")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("cyber-016", "correction"), ("satellites-017", "clarification"), ("energy-004", "note")],
)
def test_corrected_stories_say_so(name, kind):
    corrected = story(name)
    assert [note.kind for note in corrected.corrections.all()] == [kind]
    assert page_of(name).corrections
    assert corrected.versions.count() == 2


def test_a_correction_changed_the_words():
    newest, first = story("cyber-016").versions.all()
    assert "nine hours old" in first.content["body"]
    assert "nineteen hours old" in newest.content["body"]


def test_an_update_added_a_paragraph():
    newest, first = story("weather-017").versions.all()
    assert newest.content["body"].startswith(first.content["body"])
    assert page_of("weather-017").card.updated == newest.at


def test_what_was_done_was_done_in_the_past_and_in_order():
    assert not StoryVersion.objects.filter(at__gt=NOW).exists()
    assert not Act.objects.exclude(by_name="Sample network").exists()
    ids = Story.objects.filter(state="published", first_published__lte=NOW).newest_first()
    in_order = list(ids.exclude(guid__startswith="special").values_list("pk", flat=True))
    assert in_order == sorted(in_order, reverse=True)


def test_every_kind_of_block_is_used():
    assert set(Block.objects.values_list("backfill", flat=True)) == set(Block.Backfill.values)
    assert Block.objects.filter(max_age__isnull=False).exists()
    assert Block.objects.filter(may_repeat=True).exists()


def test_every_channel_has_its_related_content():
    for channel in Channel.objects.select_related("site"):
        network = load_network(channel.site.domain)
        page = lists.channel_page(network, network.channels[channel.pk], NOW, Where())
        labels = [block.label for block in page.blocks]
        assert labels == list(channel.blocks.filter(on_front=True).values_list("label", flat=True))
        assert 3 <= channel.blocks.count() <= 5
        assert channel.links.count() in (1, 2)


@pytest.mark.parametrize("host", HOSTS)
def test_every_home_page_starts_with_top_stories(host):
    page = pages.home_page(load_network(host), NOW)
    assert page.blocks[0].label == "Top stories"
    assert len(page.blocks[0].choices) == 7
    assert page.blocks[0].choices[0].pick


@pytest.mark.parametrize("host", HOSTS)
def test_every_site_says_who_it_is(host):
    network = load_network(host)
    assert '<h2 id="newsletter">' in pages.words_page(network, "/about/").content
    assert "no cookies" in pages.words_page(network, "/privacy/").content.lower()
    assert network.site.legal_text


@pytest.mark.parametrize("host", HOSTS)
def test_links_can_be_read_on_the_sites_paper(host):
    site = load_network(host).site
    assert contrast(site.accent, site.paper) >= 4.5


def contrast(one: str, other: str) -> float:
    """As WCAG counts it."""
    dark, light = sorted(luminance(colour) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_story_of_a_sister_site_is_sent_to_its_own():
    moon = story("moon-017")
    assert isinstance(pages.story_page(load_network("127.0.0.1"), moon.pk, moon.slug, NOW), Elsewhere)


# -- The files -------------------------------------------------------------------


def test_paragraphs_become_html_and_html_stays():
    assert (
        text_html("One & two.\n\n<h2>Three</h2>\n\nFour\n")
        == "<p>One &amp; two.</p>\n<h2>Three</h2>\n<p>Four</p>"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"headline": None}, "no 'headline'"),
        ({"urgency": "high"}, "'urgency' may not be 'high'"),
        ({"teasre": "A slip"}, "'teasre' is not a field"),
    ],
)
def test_a_malformed_story_is_named_with_its_file(change, words):
    good = read.read_sample().stories[0].values
    values = {name: value for name, value in (good | change).items() if value is not None}
    with pytest.raises(SampleError, match=rf"apogee/moon.toml, story {values['id']}: .*{words}"):
        list(entries("story", {"story": [values]}, "apogee/moon.toml"))


def test_a_file_that_is_no_toml_is_named(tmp_path, monkeypatch):
    (tmp_path / "network.toml").write_text("name = \n")
    monkeypatch.setattr(read, "FOLDER", tmp_path)
    with pytest.raises(SampleError, match=r"^network.toml: Invalid value"):
        read.read_sample()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"genre": "Poem"}, "genre: "),
        ({"source": "XYZ"}, "'XYZ' is not known"),
        ({"also": ["stars"]}, "'stars' is not known"),
        ({"state": "spiked"}, "filed as 'spiked'"),
        ({"body": "<p></p>"}, "no body"),
        ({"source": "OTL", "channel": "oceans"}, "does not let Tideline carry it"),
    ],
)
def test_a_story_that_cannot_be_filed_is_named_with_its_file(monkeypatch, change, words):
    values = read.read_sample().stories[0].values | {"id": "new-001"} | change
    faulty = read.Sample({}, {}, {}, {}, [], [])
    loader = sample._Loader(faulty, NOW)
    loader.channels = {channel.slug: channel for channel in Channel.objects.select_related("site")}
    loader.sources = {source.code: source for source in Source.objects.all()}
    with pytest.raises(SampleError, match=rf"x/y.toml, story new-001: .*{words}"):
        loader._story(Entry("x/y.toml, story new-001", values))


def test_a_correction_of_words_that_are_not_there_is_refused():
    act = Entry("specials.toml, act 1", {"story": "moon-001", "is": "ten", "was": "nine"})
    assert as_first_filed("It took ten days.", [act]) == "It took nine days."
    with pytest.raises(SampleError, match="moon-001 does not say 'ten' once"):
        as_first_filed("Ten, ten or ten.", [act])


# -- The command -----------------------------------------------------------------


def run(*args, **kwargs) -> str:
    out = io.StringIO()
    call_command("load_sample", *args, stdout=out, **kwargs)
    return out.getvalue()


def test_the_command_says_what_it_did():
    assert re.match(r"Created: nothing\. There already: 3 sites, .*\d{3} stories", run())


def test_the_command_is_silent_on_demand():
    assert run(verbosity=0) == ""
    assert run("--if-empty", verbosity=0) == ""


def test_if_empty_does_nothing_where_there_is_a_story(monkeypatch):
    monkeypatch.setattr("sections.management.commands.load_sample.load", pytest.fail)
    assert run("--if-empty") == "There are stories already; nothing loaded.\n"


def test_if_empty_loads_where_there_is_none(monkeypatch):
    monkeypatch.setattr("articles.models.Story.objects.exists", lambda: False)
    assert run("--if-empty").startswith("Created: ")


def test_a_faulty_file_is_a_command_error(monkeypatch):
    def fail(now):
        raise SampleError("moon.toml: no")

    monkeypatch.setattr("sections.management.commands.load_sample.load", fail)
    with pytest.raises(CommandError, match="moon.toml: no"):
        run()
