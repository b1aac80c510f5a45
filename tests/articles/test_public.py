"""What readers may see: the set, the row, and the moment to the microsecond."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from articles.models import Source, Story
from tests.factories import make_site, make_source, publish

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
# Around the moment that is asked about, and where SQLite's text of a time changes its length.
AROUND = st.sampled_from(
    [
        NOON - timedelta(days=400),
        NOON - timedelta(seconds=1),
        NOON - TICK,
        NOON,
        NOON + TICK,
        NOON + timedelta(days=9),
    ]
)
SOURCES = ["none", "everywhere", "here", "elsewhere", "nowhere"]


class TheSetAndTheRow(TestCase):
    def setUp(self):
        self.here, self.elsewhere = make_site("here.test"), make_site("elsewhere.test")
        self.sources = {
            "none": None,
            "everywhere": make_source("ALL"),
            "here": make_source("HERE", all_sites=False),
            "elsewhere": make_source("ELSE", all_sites=False),
            "nowhere": make_source("NOT", all_sites=False),
        }
        self.sources["here"].sites.add(self.here)
        self.sources["elsewhere"].sites.add(self.elsewhere)

    @given(
        state=st.sampled_from(Story.State),
        publish_at=AROUND,
        embargo_until=st.none() | AROUND,
        rights_until=st.none() | AROUND,
        contract_until=st.none() | AROUND,
        source=st.sampled_from(SOURCES),
        at=st.sampled_from([NOON - TICK, NOON, NOON + TICK]),
    )
    def test_agree_on_every_story_at_every_moment_on_every_site(self, source, at, **columns):
        story = Story(
            headline="Dock gates open",
            source=self.sources[source],
            first_published=columns["publish_at"],
            **columns,
        )
        # Straight into the table: states and times that no act would leave behind are tried too.
        Story.objects.bulk_create([story])
        expected = (
            columns["state"] == "published"
            and columns["publish_at"] <= at
            and (columns["embargo_until"] or at) <= at
            and (columns["rights_until"] or at + TICK) > at
            and (columns["contract_until"] or at + TICK) > at
            and source in ("none", "everywhere", "here")
        )
        row = Story.objects.get(pk=story.pk)
        assert row.is_public(at, self.here) is expected
        assert Story.objects.public(at, self.here).filter(pk=story.pk).exists() is expected
        there = row.is_public(at, self.elsewhere)
        assert Story.objects.public(at, self.elsewhere).filter(pk=story.pk).exists() is there


@pytest.mark.django_db
def test_a_contract_that_is_cut_takes_effect_at_once():
    site = make_site()
    story = publish(source=make_source())
    at = story.first_published
    assert Story.objects.public(at, site).exists()
    Source.objects.update(all_sites=False)
    assert not Story.objects.public(at, site).exists()


@pytest.mark.django_db
def test_a_story_past_its_relevance_is_public_but_not_promoted():
    site = make_site()
    story = publish(at=NOON, relevant_until=NOON + timedelta(hours=1))
    later = NOON + timedelta(hours=1)
    assert Story.objects.public(later, site).get() == story
    assert not Story.objects.public(later, site).promotable(later).exists()
    assert Story.objects.public(NOON, site).promotable(NOON).get() == story
