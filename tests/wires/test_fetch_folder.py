"""Files that agencies put into a folder."""

import os
import socket
import time
import tracemalloc

import pytest

from wires.fetch import FetchError
from wires.fetch.folder import entries

HOUR_AGO = time.time() - 3600


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "incoming"
    path.mkdir()
    return path


def put(folder, name, data=b"copy", *, at=HOUR_AGO):
    file = folder / name
    file.write_bytes(data)
    os.utime(file, (at, at))
    return file


def names(folder, **named):
    return [name for name, _ in entries(folder, **named)]


def only_failure(folder, **named):
    [(name, error)] = entries(folder, **named)
    assert isinstance(error, FetchError)
    return name, str(error)


def test_files_come_in_the_order_of_their_time_and_then_of_their_name(folder):
    put(folder, "c.xml", b"first", at=HOUR_AGO - 60)
    put(folder, "b.xml", b"third")
    put(folder, "a.xml", b"second")
    assert list(entries(folder)) == [("c.xml", b"first"), ("a.xml", b"second"), ("b.xml", b"third")]


def test_hidden_files_and_uploads_under_way_are_passed_over(folder):
    for name in (".copy.xml.Xy12", "copy.tmp", "copy.xml.part", "copy.xml.FilePart"):
        put(folder, name)
    assert names(folder) == []
    assert names(folder, partial=(".part",)) == ["copy.tmp", "copy.xml.FilePart"]


def test_a_file_changed_a_moment_ago_waits_for_the_next_time(folder):
    put(folder, "growing.xml", at=time.time() - 2)
    assert names(folder) == []
    assert names(folder, settle_seconds=1) == ["growing.xml"]


def test_a_time_of_tomorrow_by_the_clock_of_another_machine_does_not_hold_a_file_up(folder):
    put(folder, "copy.xml", at=time.time() + 86_400)
    assert names(folder) == ["copy.xml"]


def test_a_file_that_grows_while_it_is_read_waits_for_the_next_time(folder):
    file = put(folder, "growing.xml")

    def grow(name, found):
        with file.open("ab") as more:
            more.write(b" and more")
        return True

    assert names(folder, wanted=grow) == []


def test_nothing_is_deleted_moved_or_changed(folder):
    file = put(folder, "copy.xml")
    before = file.stat()
    assert list(entries(folder)) == list(entries(folder)) == [("copy.xml", b"copy")]
    assert (file.stat().st_mtime_ns, file.stat().st_mode) == (before.st_mtime_ns, before.st_mode)


def test_only_regular_files_directly_in_the_folder_are_taken(folder):
    (folder / "archive").mkdir()
    put(folder / "archive", "old.xml")
    os.mkfifo(folder / "pipe.xml")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket.xml"))
        put(folder, "copy.xml")
        assert names(folder) == ["copy.xml"]


def test_a_link_out_of_the_folder_is_refused_and_the_others_are_read(folder, tmp_path):
    secret = put(tmp_path, "secret.txt", b"password")
    (folder / "a.xml").symlink_to(secret)
    (folder / "b.xml").symlink_to("../secret.txt")
    put(folder, "c.xml")
    found = dict(entries(folder))
    assert found.pop("c.xml") == b"copy"
    assert [str(error) for error in found.values()] == ["It is a link that leads out of the folder."] * 2


def test_a_link_to_a_folder_of_nearly_the_same_name_leads_out(folder, tmp_path):
    sibling = tmp_path / "incoming-of-others"
    sibling.mkdir()
    (folder / "copy.xml").symlink_to(put(sibling, "copy.xml"))
    assert only_failure(folder) == ("copy.xml", "It is a link that leads out of the folder.")


def test_a_link_within_the_folder_is_followed(folder):
    (folder / "archive").mkdir()
    (folder / "latest.xml").symlink_to(put(folder / "archive", "copy.xml"))
    assert list(entries(folder)) == [("latest.xml", b"copy")]


def test_a_folder_that_is_itself_a_link_is_read(folder, tmp_path):
    put(folder, "copy.xml")
    (tmp_path / "link").symlink_to(folder)
    assert names(tmp_path / "link") == ["copy.xml"]


def test_a_link_put_where_a_file_was_listed_is_not_followed(folder, tmp_path):
    secret = put(tmp_path, "secret.txt", b"password")
    put(folder, "a.xml")
    file = put(folder, "b.xml")
    found = entries(folder)
    assert next(found) == ("a.xml", b"copy")
    file.unlink()
    file.symlink_to(secret)
    [(name, error)] = found
    assert (name, str(error)) == ("b.xml", "It is a link that leads out of the folder.")


def test_not_even_one_put_there_at_the_last_moment(folder, tmp_path, monkeypatch):
    secret = put(tmp_path, "secret.txt", b"password")
    file = put(folder, "copy.xml")
    really_open = os.open

    def swapping(path, *args, **named):
        if str(path) == str(file):
            file.unlink()
            file.symlink_to(secret)
        return really_open(path, *args, **named)

    monkeypatch.setattr(os, "open", swapping)
    assert only_failure(folder)[0] == "copy.xml"


def test_a_link_to_nothing_is_passed_over_and_one_to_itself_told(folder):
    (folder / "nothing.xml").symlink_to(folder / "gone.xml")
    (folder / "round.xml").symlink_to(folder / "round.xml")
    assert only_failure(folder)[0] == "round.xml"


def test_a_file_that_cannot_be_read_does_not_keep_the_others(folder, monkeypatch):
    put(folder, "a.xml")
    put(folder, "b.xml")
    really_open = os.open

    def refusing(path, *args, **named):
        if str(path).endswith("a.xml"):
            raise PermissionError(13, "Permission denied")
        return really_open(path, *args, **named)

    monkeypatch.setattr(os, "open", refusing)
    (_, error), second = entries(folder)
    assert str(error) == "The file cannot be read: Permission denied."
    assert second == ("b.xml", b"copy")


def test_a_file_taken_away_meanwhile_is_none(folder):
    put(folder, "a.xml")
    file = put(folder, "b.xml")
    found = entries(folder)
    next(found)
    file.unlink()
    assert list(found) == []


def test_a_file_over_the_limit_is_not_read(folder):
    put(folder, "big.xml", b"x" * 1_001)
    assert only_failure(folder, max_bytes=1_000)[1] == "The file has 1,001 bytes; 1,000 are the most."
    put(folder, "big.xml", b"x" * 1_000)
    assert names(folder, max_bytes=1_000) == ["big.xml"]


def test_who_remembers_what_was_taken_need_not_read_it_again(folder):
    put(folder, "old.xml")
    put(folder, "new.xml", b"copy of today")
    assert names(folder, wanted=lambda name, found: found.st_size > 4) == ["new.xml"]


def test_a_name_that_is_no_utf_8_can_still_be_stored(folder):
    put(folder, os.fsdecode(b"K\xf6ln.xml"))
    assert names(folder) == [r"K\xf6ln.xml"]


@pytest.mark.parametrize("name", ["missing", "copy.xml"])
def test_what_is_no_folder_is_a_failure(folder, name):
    put(folder, "copy.xml")
    with pytest.raises(FetchError, match="The folder cannot be read"):
        names(folder / name)


def test_memory_holds_one_file_at_a_time(folder):
    for number in range(8):
        put(folder, f"{number}.xml", b"x" * 1_000_000)
    tracemalloc.start()
    sizes = [len(data) for _, data in entries(folder)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sizes == [1_000_000] * 8
    assert peak < 3_500_000
