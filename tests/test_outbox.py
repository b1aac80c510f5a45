import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from articles import publishing, showing
from newsportal import delivery, outbox
from newsportal.delivery import DeliveryError, Recipient, deliver, forget_old
from newsportal.models import Change, Delivery
from newsportal.outbox import Position, PositionLost
from tests.factories import make_block, make_channel, make_site, make_source, make_story, publish


def here() -> Position:
    with connection.cursor() as cursor:
        return outbox.here(cursor, connection.vendor)


def read(position: Position):
    with connection.cursor() as cursor:
        return outbox.read(cursor, connection.vendor, position)


def keys_since(position: Position) -> set[str]:
    return set().union(*(new.keys for new in read(position)[0]))


def change(*keys: str) -> None:
    with transaction.atomic():
        outbox.record(*keys)


# -- Writing and reading ---------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_word_of_a_change_needs_the_transaction_of_the_change():
    with pytest.raises(TransactionManagementError):
        outbox.record("story:1")
    with transaction.atomic():
        outbox.record("story:1")
        transaction.set_rollback(True)
    assert not Change.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_reader_gets_each_change_once_and_in_order():
    change("story:1")
    position = here()
    change("story:2", "tag:5")
    change("story:3")
    news, position = read(position)
    assert [new.keys for new in news] == [{"story:2", "tag:5"}, {"story:3"}]
    assert read(position)[0] == []
    change("story:4")
    assert [new.keys for new in read(position)[0]] == [{"story:4"}]


@pytest.mark.django_db(transaction=True)
def test_only_moments_to_come_are_told():
    position, now = here(), timezone.now()
    with transaction.atomic():
        outbox.record("story:1", moments=[now - timedelta(hours=1), now + timedelta(hours=1), None])
    [new] = read(position)[0]
    assert new.moments == ((now + timedelta(hours=1)).timestamp(),)


@pytest.mark.django_db(transaction=True)
def test_a_backlog_is_read_in_portions_and_whole(monkeypatch):
    monkeypatch.setattr(outbox, "MOST", 3)
    position, found = here(), []
    for number in range(10):
        change(f"story:{number}")
    while news := read(position)[0]:
        assert len(news) <= 3
        found += [key for new in news for key in new.keys]
        position = read(position)[1]
    assert found == [f"story:{number}" for number in range(10)]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_behind_a_position_is_not_the_same_one():
    change("story:1")
    with pytest.raises(PositionLost):
        read(Position(here().mark + 1_000_000))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("most", [2, 5_000])
def test_a_change_that_commits_late_is_read_late_and_never_missed(monkeypatch, most):
    monkeypatch.setattr(outbox, "MOST", most)
    position, found = here(), []
    written, may_commit = threading.Event(), threading.Event()

    def late():
        with transaction.atomic():
            outbox.record("story:1")
            written.set()
            assert may_commit.wait(10)
        connection.close()

    def read_on():
        nonlocal position
        while news := read(position)[0]:
            position = read(position)[1]
            found.extend(key for new in news for key in new.keys)

    thread = threading.Thread(target=late)
    thread.start()
    assert written.wait(10)
    if connection.vendor == "sqlite":  # where nobody can commit meanwhile
        may_commit.set()
    for number in range(2, 8):
        change(f"story:{number}")
        read_on()
    if connection.vendor == "postgresql":
        assert sorted(found) == [f"story:{number}" for number in range(2, 8)]
    may_commit.set()
    thread.join()
    read_on()
    assert sorted(found) == [f"story:{number}" for number in range(1, 8)]


# -- What acts write -------------------------------------------------------------------


@pytest.mark.django_db
def test_an_act_names_all_lists_that_a_story_stands_in():
    site, source = make_site(), make_source()
    main, second = make_channel(site), make_channel(site, "Defence")
    sister = make_channel(make_site("sister.test"), "Elsewhere")
    story = make_story(main, also=(second, sister), source=source)
    story.tags.add("Harbours")
    tag = story.tags.get()
    make_block(site).slots.create(story=story)
    make_block(sister, on_front=False).slots.create(story=story)
    position = here()
    publishing.publish(story, by_name="The suite")
    month = f"{story.first_published.year}-{story.first_published.month}"
    assert keys_since(position) >= {
        f"story:{story.pk}", f"channel:{main.pk}", f"channel:{second.pk}", f"channel:{sister.pk}",
        f"site:{site.pk}", f"site:{sister.site_id}", f"tag:{tag.pk}", f"source:{source.pk}",
        f"home-blocks:{site.pk}", f"story-blocks:{sister.pk}", f"month:{site.pk}:{month}",
    }  # fmt: skip
    assert f"front-blocks:{sister.pk}" not in keys_since(position)


@pytest.mark.django_db
def test_an_act_names_the_moments_at_which_a_story_changes_by_the_clock():
    hours = [timezone.now() + timedelta(hours=number) for number in range(1, 5)]
    story = make_story(make_channel(make_site()), embargo_until=hours[0], relevant_until=hours[1])
    story.rights_until = hours[2]
    story.listings.update(ends_at=hours[3])
    position = here()
    publishing.publish(story, by_name="The suite")
    [new] = read(position)[0]
    assert set(new.moments) == {hour.timestamp() for hour in hours}


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["unpublish", "take_down", "kill"])
def test_withdrawals_and_what_brings_a_story_back_are_told(verb):
    story = publish(make_channel(make_site()))
    position = here()
    getattr(publishing, verb)(story, reason="Asked for", by_name="The suite")
    assert f"story:{story.pk}" in keys_since(position)
    position = here()
    publishing.restore(story, reason="A mistake", by_name="The suite")
    assert f"story:{story.pk}" in keys_since(position)


@pytest.mark.django_db
def test_what_the_desk_does_to_drafts_is_told_to_nobody():
    position = here()
    story = make_story(make_channel(make_site()))
    publishing.submit(story, by_name="The suite")
    publishing.reopen(story, by_name="The suite")
    story.teaser = "Anew"
    story.save()
    assert keys_since(position) == set()


@pytest.mark.django_db
def test_a_published_story_costs_two_statements_of_telling(django_assert_num_queries):
    story = publish(make_channel(make_site()))
    with django_assert_num_queries(2):  # where it is shown, with the moments; the row
        showing.record(story)


# -- Delivering ------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_recipient_is_told_from_when_it_is_known_until_it_has_taken_all():
    told = []
    recipient = Recipient("somebody", lambda news: told.extend(new.keys for new in news))
    change("story:1")
    assert deliver(recipient) == 0
    change("story:2")
    change("story:3")
    assert deliver(recipient) == 2
    assert deliver(recipient) == 0
    assert told == [{"story:2"}, {"story:3"}]


@pytest.mark.django_db(transaction=True)
def test_what_was_not_taken_is_told_again_after_a_while(monkeypatch):
    told, is_down = [], [True]

    def tell(news):
        if is_down:
            raise DeliveryError("It does not answer.")
        told.extend(new.keys for new in news)

    recipient = Recipient("somebody", tell)
    deliver(recipient)
    change("story:1")
    assert deliver(recipient) == 0
    row = Delivery.objects.get()
    assert (row.failures, row.last_error) == (1, "It does not answer.")
    is_down.clear()
    assert deliver(recipient) == 0  # it is to wait
    Delivery.objects.update(next_try=timezone.now() - timedelta(seconds=1))
    assert deliver(recipient) == 1
    assert told == [{"story:1"}]
    assert Delivery.objects.get().failures == 0


@pytest.mark.django_db(transaction=True)
def test_who_is_killed_while_telling_leaves_it_to_the_next():
    def killed(news):
        raise SystemExit

    told = []
    deliver(Recipient("somebody", killed))
    change("story:1")
    with pytest.raises(SystemExit):
        deliver(Recipient("somebody", killed))
    recipient = Recipient("somebody", lambda news: told.extend(new.keys for new in news))
    assert deliver(recipient) == 0  # claimed still
    Delivery.objects.update(next_try=timezone.now() - timedelta(seconds=1))
    assert deliver(recipient) == 1
    assert told == [{"story:1"}]


def has_read_on(name: str) -> None:
    """As once all other transactions of the server have ended, also those of other databases."""
    last = Change.objects.latest("pk")
    mark = last.xid if connection.vendor == "postgresql" else last.pk
    Delivery.objects.filter(to=name).update(mark=mark + 1, seen="")


@pytest.mark.django_db(transaction=True)
def test_changes_are_kept_for_a_day_and_until_everybody_was_told():
    slow, quick = Recipient("slow", lambda news: None), Recipient("quick", lambda news: None)
    for recipient in (slow, quick):
        deliver(recipient)
    change("story:1")
    deliver(quick)
    Change.objects.update(at=timezone.now() - delivery.KEEP - timedelta(minutes=1))
    has_read_on("quick")
    list(forget_old([slow, quick]))
    assert Change.objects.count() == 1
    deliver(slow)
    has_read_on("slow")
    change("story:2")
    list(forget_old([slow, quick]))
    assert [change.keys for change in Change.objects.all()] == ["story:2"]
    list(forget_old([quick]))
    assert [delivery.to for delivery in Delivery.objects.all()] == ["quick"]
