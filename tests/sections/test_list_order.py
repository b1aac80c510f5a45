"""Beside each row that puts a story on a list stands when the story was first published, whatever is done,
and nothing if the right to show it has ended."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction
from django.db.models import Case, F, When
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from articles import publishing
from articles.ending import KEPT, take_off_lists
from articles.list_order import Copy, fill, follow, unfollow
from articles.merge_names import merge
from articles.models import Author, AuthorEntry, Place, PlaceEntry, Source, Story, Tag, TaggedStory
from sections.models import Channel, Listing, Site
from tests.factories import make_channel, make_site, make_source, make_story, publish

BY = {"by_name": "The suite"}
ENTRIES = [(TaggedStory, "content_object"), (PlaceEntry, "story"), (AuthorEntry, "story"), (Listing, "story")]


def differing() -> list:
    """Rows whose copy is not what it is a copy of."""
    rows = [
        row
        for model, story in ENTRIES
        for row in model.objects.annotate(
            theirs=Case(When(**{f"{story}__ended_at": None}, then=F(f"{story}__first_published")))
        )
        if row.first_published != row.theirs
    ]
    return [*rows, *Listing.objects.exclude(site=F("channel__site"))]


def missing() -> list[Story]:
    """Stories that readers may see, and that have left the lists."""
    now = timezone.now()
    readable = [story for site in Site.objects.all() for story in Story.objects.public(now, site)]
    return [story for story in readable if story.ended_at]


# -- What can be done to a story, its parts, its channels -----------------------------------


def to_publish(story, n):
    publishing.publish(story, **BY, at=timezone.now() - timedelta(days=n))


def to_embargo(story, n):
    story.embargo_until = timezone.now() + timedelta(days=1 + n)
    story.publish_at = None
    publishing.publish(story, **BY)


def to_update(story, n):
    publishing.update(story, **BY)


def to_withdraw(story, n):
    publishing.kill(story, reason="Libel", **BY)


def to_restore(story, n):
    publishing.restore(story, reason="No libel", **BY)


def to_tag(story, n):
    story.tags.set([f"Tag {n}", "Moon"])


def to_untag(story, n):
    story.tags.remove(f"Tag {n}")


def to_place(story, n):
    story.places.set(Place.objects.order_by("pk")[n % 3 :])


def to_author(story, n):
    story.authors.add(*Author.objects.order_by("pk")[: n % 3])


def to_list(story, n):
    channel = Channel.objects.order_by("pk")[n % 3]
    Listing.objects.update_or_create(story=story, channel=channel)


def to_list_elsewhere(story, n):
    """As the desk's form moves a row to another channel, or another story."""
    if row := Listing.objects.filter(story=story).first():
        taken = Listing.objects.filter(story=story).values("channel")
        row.channel = Channel.objects.exclude(pk__in=taken).order_by("pk").first() or row.channel
        row.save()


def to_move_channel(story, n):
    Channel.objects.filter(pk=Channel.objects.order_by("pk")[n % 3].pk).update(
        site=Site.objects.order_by("pk")[n % 2]
    )


def to_end(story, n):
    """As if that had been long ago."""
    column = ("rights_until", "contract_until")[n % 2]
    Story.objects.filter(pk=story.pk).update(**{column: timezone.now() - 2 * KEPT})
    assert all(step is None for step in take_off_lists())


def to_mend_the_rights(story, n):
    story.rights_until = None
    to_update(story, n)


def to_change_the_contract(story, n):
    source = Source.objects.get()
    source.text_days = (None, 3)[n % 2]
    source.save()
    publishing.apply_contract(source)


def to_merge(story, n):
    model = (Tag, Place, Author)[n % 3]
    if rows := list(model.objects.order_by("pk")[:2]):
        merge(rows[0], rows[1:])


ACTS = [
    to_publish, to_embargo, to_update, to_withdraw, to_restore, to_tag, to_untag, to_place, to_author,
    to_list, to_list_elsewhere, to_move_channel, to_merge, to_end, to_mend_the_rights, to_change_the_contract,
]  # fmt: skip
ANY_ACT = st.tuples(st.sampled_from(ACTS), st.integers(0, 1), st.integers(0, 5))


class AnyActs(TestCase):
    def setUp(self):
        site = make_site()
        make_site("other.test")
        for number in range(3):
            make_channel(site, f"Channel {number}")
            Place.objects.create(name=f"Place {number}")
            Author.objects.create(name=f"Author {number}")
        source = make_source()
        self.stories = [make_story(Channel.objects.first(), source=source).pk for _ in range(2)]

    # Fewer than usual: each is many acts.
    @hypothesis_settings(max_examples=12)
    @given(st.lists(ANY_ACT, min_size=8, max_size=20))
    def test_after_any_acts_every_copy_is_right(self, acts):
        for act, which, n in acts:
            try:
                with transaction.atomic():
                    act(Story.objects.get(pk=self.stories[which]), n)
            except publishing.ForbiddenAct:
                continue  # from the state that it is in
            assert differing() == []
            assert missing() == []


@pytest.mark.django_db
def test_a_published_story_has_its_time_beside_all_its_rows(channel):
    story = make_story(channel)
    story.tags.add("Moon")
    story.places.add(Place.objects.create(name="Oslo"))
    story.authors.add(Author.objects.create(name="Ada Quist"))
    publishing.publish(story, **BY)
    for model, key in ENTRIES:
        assert [row.first_published for row in model.objects.filter(**{key: story})] == [
            story.first_published
        ]
    assert Listing.objects.get().site == channel.site


@pytest.mark.django_db(transaction=True)
def test_a_tag_given_at_the_moment_of_publication_has_the_time(channel):
    story = make_story(channel)
    tagged, ends = Event(), Event()

    def give_tag():
        try:
            with transaction.atomic():
                story.tags.add("Moon")
                tagged.set()
                ends.wait(0.5)  # the publication begins meanwhile
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        giving = pool.submit(give_tag)
        assert tagged.wait(30)
        publishing.publish(Story.objects.get(pk=story.pk), **BY)
        giving.result(30)
    assert differing() == []
    assert TaggedStory.objects.get().first_published is not None


@pytest.mark.django_db(transaction=True)
def test_rows_from_before_are_filled_in_twice_as_once(channel):
    story = publish(channel)
    copy = Copy("sections_listing", "story_id", unless="ended_at")
    for _ in range(2):
        with connection.schema_editor(atomic=True) as editor:
            unfollow(editor, copy)
        Listing.objects.update(first_published=None)
        with connection.schema_editor(atomic=True) as editor:
            follow(editor, copy)
        with connection.schema_editor(atomic=False) as editor:
            fill(editor, copy)
            fill(editor, copy)
        assert Listing.objects.get().first_published == story.first_published
