"""Files parsed in another process, which some of them may bring down, and stored in batches."""

from datetime import UTC

import pytest
from django.db import connection

from tests.wires.fragile import fragile
from tests.wires.test_intake import message
from wires import intake
from wires.models import Dispatch, WireCopy
from wires.parse import Unreadable
from wires.reading import Reader, Task, _Helper, read


def tasks(*files: bytes) -> list[Task]:
    return [Task(data, UTC) for data in files]


def test_another_process_reads_the_same_as_this_one():
    given = tasks(message(1), message(2), b"no copy at all")
    with Reader() as reader:
        reader.start(given, aside=True)
        aside = reader.finish()
    assert aside[:2] == [read(task) for task in given[:2]]
    assert isinstance(aside[2], Unreadable)
    assert str(aside[2]) == str(read(given[2]))


def test_a_file_that_brings_the_process_down_costs_no_other():
    with Reader(fragile) as reader:
        for given in (tasks(message(1), message(1, guid="urn:knw:fatal"), message(2)), tasks(message(3))):
            reader.start(given, aside=True)
            found = reader.finish()
            assert [isinstance(one, Unreadable) for one in found] == [b"fatal" in task.data for task in given]


def test_the_process_ends_with_the_one_that_started_it():
    helper = _Helper(read)
    helper.send(tasks(message()))
    helper.receive()
    helper._connection.close()  # as the system does when that one is killed
    helper._process.join(10)
    assert helper._process.exitcode == 0


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(intake, "FULL", 3)


def files(number: int):
    return [(f"{n}.json", message(1, guid=f"urn:knw:{n}")) for n in range(number)]


@pytest.mark.django_db
def test_batches_are_taken_file_by_file_in_their_order(small_batches):
    given = [*files(7), ("broken.json", b"{"), files(7)[2]]
    reports = list(intake.receive_all(given))
    assert [list(report.counts) for report in reports] == [["filed"]] * 7 + [[], ["repeated"]]
    assert reports[7].failures[0].startswith("broken.json: ")
    assert [dispatch.name for dispatch in Dispatch.objects.filter(outcome="taken").order_by("copies")] == [
        name for name, _ in given[:7]
    ]
    assert Dispatch.objects.get(outcome="quarantined").reason


@pytest.mark.django_db
def test_the_same_bytes_twice_in_a_batch_are_taken_once(small_batches):
    reports = list(intake.receive_all(files(1) * 2))
    assert [dict(report.counts) for report in reports] == [{"filed": 1}, {"repeated": 1}]


@pytest.mark.django_db
def test_every_file_is_kept_before_it_is_read(small_batches, monkeypatch):
    def kept(tasks_, **_):
        digests = Dispatch.objects.values_list("sha256", flat=True)
        assert len(digests) >= len(tasks_)
        seen.append(len(tasks_))
        return start(tasks_, aside=False)

    seen = []
    for reader in [Reader()]:
        start = reader.start
        monkeypatch.setattr(reader, "start", kept)
        monkeypatch.setattr(intake, "Reader", lambda reader=reader: reader)
    list(intake.receive_all(files(4)))
    assert seen == [3, 1]


@pytest.mark.django_db
def test_a_file_that_brings_the_process_down_is_kept_in_quarantine(small_batches, monkeypatch):
    monkeypatch.setattr(intake, "Reader", lambda: Reader(fragile))
    given = [*files(2), ("fatal.json", message(1, guid="urn:knw:fatal")), ("last.json", message(9))]
    counts = [dict(report.counts) for report in intake.receive_all(given)]
    assert counts == [{"filed": 1}, {"filed": 1}, {}, {"filed": 1}]
    assert Dispatch.objects.get(outcome="quarantined").name == "fatal.json"


@pytest.mark.django_db
def test_what_a_batch_looks_up_does_not_outlive_an_item_that_failed(small_batches, monkeypatch):
    """A source that was made for an item which was undone is made again for the next."""
    from wires import settling

    order = settling.order_picture

    def fails(story, *args):
        if story.guid == "urn:knw:0":
            story.listings.create(channel_id=987_654)
            connection.check_constraints()
        order(story, *args)

    monkeypatch.setattr(settling, "order_picture", fails)
    reports = list(intake.receive_all(files(2)))
    assert [dict(report.counts) for report in reports] == [{}, {"filed": 1}]
    assert WireCopy.objects.get().wire_story.story.source.name == "Kestrel Newswire"
