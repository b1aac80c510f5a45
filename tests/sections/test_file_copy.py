"""Filing pasted copy from the command line, as an operator does."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from articles import publishing
from articles.models import Author, Source, Story
from sections.models import Channel
from tests.factories import make_channel, make_source

COPY = """Harbour News
PORTS
Ferry resumes after a week of fog
Ferry resumes after a week of fog
by KNW Staff Writers
Skarvik (KNW) Mar 3, 2026

The ferry between Skarvik and Amberquay sailed at noon on Tuesday.

Fog had kept it at the quay for a week.

Related Links
All harbours at Example.org

Subscribe Free To Our Daily Newsletters
Tweet

RELATED CONTENT
Something else entirely
"""
SEED = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "seed" / "story-page.txt"


@pytest.fixture
def file_copy(channel, tmp_path, capsys):
    """Runs the command on copy; what it said."""

    def file_copy(text: str = COPY, **options) -> str:
        file = tmp_path / "copy.txt"
        file.write_text(text, encoding="utf-8")
        call_command("file_copy", str(file), **({"channel": "russian-news"} | options))
        return capsys.readouterr().out

    return file_copy


def test_copy_becomes_a_draft_in_its_channel(file_copy, channel):
    Author.objects.create(name="Ada Quist")
    said = file_copy(COPY.replace("KNW Staff Writers", "Ada Quist and Lev Marr"))
    story = Story.objects.get()
    assert (story.state, story.headline) == ("draft", "Ferry resumes after a week of fog")
    assert story.listings.get(primary=True).channel == channel
    assert (story.byline, story.dateline) == ("Ada Quist and Lev Marr", "Skarvik (KNW) Mar 3, 2026")
    assert [author.name for author in story.authors.all()] == ["Ada Quist"]
    assert story.body.count("<p>") == 2
    assert [(link.title, link.url) for link in story.links.all()] == [
        ("All harbours at Example.org", "https://example.org/")
    ]
    assert f"Filed as draft {story.pk}." in said
    assert "own kicker is PORTS" in said


def test_a_known_source_is_used_and_an_unknown_one_is_made(file_copy):
    known = make_source("KNW", name="Kestrel Newswire")
    file_copy()
    file_copy(COPY.replace("(KNW)", "(New Agency)"))
    assert list(Story.objects.order_by("pk").values_list("source__code", flat=True)) == ["KNW", "NEW-AGENCY"]
    assert Source.objects.count() == 2
    assert Story.objects.first().source != known


def test_a_dry_run_reads_and_shows_it_and_stores_nothing(file_copy):
    said = file_copy(dry_run=True)
    assert "Ferry resumes after a week of fog" in said
    assert "nothing was stored" in said
    assert (Story.objects.count(), Source.objects.count()) == (0, 0)


def test_it_says_nothing_when_told_to_be_quiet(file_copy):
    assert file_copy(verbosity=0) == ""
    assert Story.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no copy"),
        ("A headline alone", "no text"),
        ("x" * 400, "no headline"),
        ("\x00\x01\x02\x03" * 50, "no text"),
    ],
)
def test_copy_that_is_no_story_is_refused_with_the_reason(file_copy, text, said):
    with pytest.raises(CommandError, match=said):
        file_copy(text)
    assert not Story.objects.exists()


def test_a_missing_file_and_a_folder_are_errors_of_the_operator(channel, tmp_path):
    for file in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(CommandError, match=file.name):
            call_command("file_copy", str(file), channel="russian-news")


def test_an_unknown_channel_is_named_with_those_that_there_are(file_copy):
    with pytest.raises(CommandError, match="No channel “moon”. There is: russian-news"):
        file_copy(channel="moon")


def test_a_channel_that_two_sites_have_needs_its_host(file_copy, sister):
    other = make_channel(sister)
    with pytest.raises(CommandError, match="main.test/russian-news, sister.test/russian-news"):
        file_copy()
    file_copy(channel="sister.test/russian-news")
    assert Story.objects.get().listings.get().channel == other


@pytest.mark.parametrize(
    "dateline",
    ["Moscow (AFP) Feb 28, 2025", "STOCKHOLM, Aug 29, 2014 (AFP)", "Strasbourg, 10 juil 2024 (AFP)"],
)
def test_datelines_are_shown_to_readers_exactly_as_filed(file_copy, read, dateline):
    file_copy(COPY.replace("Skarvik (KNW) Mar 3, 2026", dateline))
    story = Story.objects.get()
    publishing.publish(story, by_name="The suite")
    assert dateline in read(f"/story/{story.pk}/{story.slug}/").content.decode()


def test_the_model_page_is_filed_and_read(channel, read):
    if not SEED.exists():
        pytest.skip("the shared samples are not here")
    call_command("file_copy", str(SEED), channel="russian-news", verbosity=0)
    story = Story.objects.get()
    assert Channel.objects.get().kicker == "MILPLEX"
    assert (story.byline, story.dateline_place, story.source.code) == ("AFP Staff Writers", "Moscow", "AFP")
    assert (str(story.dateline_date), story.body.count("<p>")) == ("2025-02-28", 9)
    assert story.body.rstrip("</p>\n").endswith("this week.")
    assert story.links.count() == 2
    publishing.publish(story, by_name="The suite")
    html = read(f"/story/{story.pk}/{story.slug}/").content.decode()
    assert "Moscow (AFP) Feb 28, 2025" in html
    assert "Subscribe Free" not in html
