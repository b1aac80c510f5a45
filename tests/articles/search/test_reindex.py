"""manage.py reindex_search: what it mends, what it says, and that it can be ended at any moment."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import statements
from articles.management.commands import reindex_search
from articles.models import SearchEntry, Story
from articles.search import indexing
from articles.search.finding import find
from articles.search.queries import parse
from tests.factories import publish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def batches_of_two(monkeypatch):
    monkeypatch.setattr(indexing, "A_BATCH", 2)
    monkeypatch.setattr(statements, "PAUSE", 0)


def found(typed: str) -> set[int]:
    return {hit.story for hit in find(parse(typed, "en"), limit=50)}


def keys(*stories: Story) -> set[int]:
    return {story.pk for story in stories}


def test_it_mends_whatever_is_wrong(capsys):
    changed, dropped, right = (publish(headline=f"Ferry {number}") for number in range(3))
    spiked = publish(headline="Ferry gone")
    Story.objects.filter(pk=spiked.pk).update(state=Story.State.SPIKED)
    Story.objects.filter(pk=changed.pk).update(headline="Tram")
    indexing.forget(dropped)
    call_command("reindex_search")
    assert capsys.readouterr().out == "Indexed 3 stories; forgot 1 that are published no more.\n"
    assert (found("ferry"), found("tram")) == (keys(dropped, right), keys(changed))


def test_with_missing_it_writes_those_only_that_have_no_entry(capsys):
    first, *others = (publish(headline=f"Ferry {number}") for number in range(5))
    Story.objects.update(headline="Tram")
    indexing.forget(others[1])
    call_command("reindex_search", missing=True)
    assert capsys.readouterr().out.startswith("Indexed 1 stories; forgot 0 ")
    assert (len(found("ferry")), found("tram")) == (4, keys(others[1]))


if connection.vendor == "sqlite":  # GIN is one index from the start

    def parts() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(DISTINCT segid) FROM articles_searchwords_idx")
            return cursor.fetchone()[0]

    def command(name: str, value: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO articles_searchwords (articles_searchwords, rank) VALUES (%s, %s)", [name, value]
            )

    @pytest.fixture
    def unmerged():
        """FTS5 merges nothing of itself: when it would, depends on all that was ever written before."""
        command("automerge", 0)
        command("crisismerge", 1000)
        yield
        command("automerge", 4)
        command("crisismerge", 16)

    @pytest.mark.django_db(transaction=True)
    def test_a_batch_is_one_part_of_the_index(unmerged):
        now = timezone.now()
        stories = [
            publish(headline=f"Ferry {number}", at=now - timedelta(days=number)) for number in (3, 1, 4, 2)
        ]
        SearchEntry.objects.all().delete()
        before = parts()
        with transaction.atomic():
            indexing.index([story.pk for story in stories])
        assert parts() == before + 1

    def test_at_its_end_a_search_reads_one_part_of_the_index(unmerged, monkeypatch):
        monkeypatch.setattr("articles.search.sqlite.MERGED_AT_ONCE", 1)
        stories = [publish(headline=f"Ferry {number}") for number in range(7)]
        assert parts() >= 7
        call_command("reindex_search", missing=True, verbosity=0)
        assert parts() == 1
        assert found("ferry") == keys(*stories)


def test_it_begins_after_the_key_that_it_is_given():
    stories = [publish(headline=f"Ferry {number}") for number in range(3)]
    Story.objects.update(headline="Tram")
    call_command("reindex_search", after=stories[0].pk, verbosity=0)
    assert found("tram") == keys(*stories[1:])


def test_ended_by_the_keyboard_it_says_how_to_go_on(monkeypatch, capsys):
    stories = [publish(headline=f"Ferry {number}") for number in range(5)]
    SearchEntry.objects.all().delete()
    whole = indexing.reindex

    def ended(*args, **kwargs):
        yield next(whole(*args, **kwargs))
        raise KeyboardInterrupt

    monkeypatch.setattr(reindex_search, "reindex", ended)
    with pytest.raises(SystemExit) as end:
        call_command("reindex_search", missing=True)
    assert end.value.code == 130
    assert f"Go on with: reindex_search --missing --after {stories[1].pk}\n" in capsys.readouterr().err
    assert found("ferry") == keys(*stories[:2])
    monkeypatch.undo()
    call_command("reindex_search", missing=True, after=stories[1].pk, verbosity=0)
    assert found("ferry") == keys(*stories)


def test_ended_while_it_merges_it_says_what_is_done(monkeypatch, capsys):
    story = publish(headline="Ferry")

    def ended():
        raise KeyboardInterrupt

    monkeypatch.setattr(reindex_search, "tidy", ended)
    with pytest.raises(SystemExit) as end:
        call_command("reindex_search")
    assert end.value.code == 130
    assert "Ended; all is indexed." in capsys.readouterr().err
    assert found("ferry") == keys(story)


def test_killed_in_the_midst_of_a_batch_it_leaves_whole_batches_and_goes_on(monkeypatch):
    stories = [publish(headline=f"Ferry {number}") for number in range(5)]
    SearchEntry.objects.all().delete()
    batches, whole = [], indexing.index

    def killed(batch):
        whole(batch)
        batches.append(batch)
        if len(batches) == 2:
            raise SystemError("killed")

    monkeypatch.setattr(indexing, "index", killed)
    with pytest.raises(SystemError):
        call_command("reindex_search", verbosity=0)
    assert found("ferry") == keys(*stories[:2])
    monkeypatch.setattr(indexing, "index", whole)
    call_command("reindex_search", missing=True, verbosity=0)
    assert found("ferry") == keys(*stories)
    assert SearchEntry.objects.count() == 5


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "", "9" * 30, "١"])
def test_what_is_no_key_is_refused(after):
    with pytest.raises(CommandError, match="is no key of a story"):
        call_command("reindex_search", f"--after={after}")


def test_a_batch_reads_its_stories_after_it_has_locked_them():
    """What is written is what the last one published, however many publish meanwhile.

    On SQLite nobody writes beside a transaction; there it is the transaction that comes first.
    """
    publish(headline="Ferry")
    lock = "FOR UPDATE" if connection.features.has_select_for_update else "SAVEPOINT"
    with CaptureQueriesContext(connection) as asked:
        list(indexing.reindex())
    statements = [query["sql"] for query in asked.captured_queries]
    locking = next(number for number, sql in enumerate(statements) if lock in sql)
    reading = next(number for number, sql in enumerate(statements) if "headline" in sql)
    assert locking < reading
