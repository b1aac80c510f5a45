"""The made-up archive is a whole one: its rows are such as the portal itself would have written."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from articles.markup import clean_html, opening, plain_text
from articles.models import Act, Story, StoryVersion
from sections.archive import make, tables
from sections.archive.words import Prose
from sections.models import Listing, Site

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small(monkeypatch):
    for name, number in {"CHANNELS_A_SITE": 3, "AUTHORS": 5, "PLACES": 5, "TAGS": 20, "BATCH": 40}.items():
        monkeypatch.setattr(make, name, number)
    monkeypatch.setattr(Prose.__init__, "__kwdefaults__", {"words": 3_000, "stock": 200})


def archive(stories: int) -> str:
    output = io.StringIO()
    call_command("make_archive", stories=stories, stdout=output)
    return output.getvalue()


def test_stories_are_as_the_portal_would_have_saved_them():
    assert archive(100) == (
        "Made 100 stories on archive-1.localhost to archive-4.localhost.\n"
        "The search does not know them yet: run reindex_search --missing.\n"
    )
    stories = list(Story.objects.order_by("pk"))
    assert len(stories) == 100
    for story in stories:
        assert clean_html(story.body) == story.body
        assert opening(story.body) == story.opening
        assert 300 <= len(plain_text(story.body).split()) <= 700
        story.full_clean()
    moments = [story.created for story in stories]
    assert moments == sorted(moments)
    assert moments[-1] < timezone.now()


def test_a_published_story_has_its_versions_the_last_of_them_as_it_stands():
    archive(60)
    for story in Story.objects.filter(state="published"):
        last = story.versions.first()
        assert last.content == story.snapshot()
        assert last.number == story.versions.count() == story.acts.count()
        assert story.listings.filter(primary=True).count() == 1
        assert (story.last_updated is None) == (last.number == 1)
    assert not StoryVersion.objects.filter(story__state="draft").exists()


if connection.vendor == "postgresql":  # SQLite plans by its rules

    def test_its_pages_are_planned_for_the_rows_that_it_has():
        archive(60)
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [Story._meta.db_table])
            assert cursor.fetchone() == (60,)


def test_its_pages_are_read_like_any_other(client):
    archive(60)
    site = Site.objects.get(domain="archive-1.localhost")
    listing = Listing.objects.filter(channel__site=site, primary=True, story__state="published").first()
    page = client.get(f"/story/{listing.story_id}/x/", headers={"host": site.domain}, follow=True)
    assert page.status_code == 200
    assert listing.story.headline in page.content.decode()


def test_another_archive_goes_on_where_the_first_ended():
    archive(50)
    sites, last = Site.objects.count(), Story.objects.latest("pk").pk
    archive(50)
    assert (Site.objects.count(), Story.objects.count()) == (sites, 100)
    assert Story.objects.earliest("created").pk <= last
    assert (
        Story.objects.create(headline="By hand").pk > Story.objects.filter(guid__isnull=False).latest("pk").pk
    )


def test_a_batch_is_whole_or_not_there(monkeypatch):
    written = []

    def breaks(table):
        written.append(table.model)
        if table.model is Act and written.count(Act) == 2:
            raise KeyboardInterrupt
        write(table)

    write = tables.Table.write
    monkeypatch.setattr(tables.Table, "write", breaks)
    with pytest.raises(KeyboardInterrupt):
        archive(80)
    assert Story.objects.count() == Listing.objects.filter(primary=True).count() == 40


@pytest.mark.parametrize("number", ["0", "-3", "many", "99999999999"])
def test_a_number_that_is_none_is_refused(number):
    with pytest.raises(CommandError, match="is no number of stories from 1 to 50000000"):
        call_command("make_archive", f"--stories={number}")
