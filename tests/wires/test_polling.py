"""Feeds are looked at when they are due, by one poller at a time; nothing that came is lost or done twice."""

import json
import mailbox
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from articles.models import Story
from wires import polling
from wires.fetch import FetchError
from wires.fetch.mailbox import Uid
from wires.models import Dispatch, Feed
from wires.polling import BUSY, due, poll

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
TICK = 0.02  # seconds; a file system's clock is a coarse one


def story(number: int = 1) -> bytes:
    item = {
        "uri": f"urn:knw:lock-{number}",
        "version": "1",
        "versioncreated": NOON.isoformat(),
        "type": "text",
        "headline": f"Lock {number} opens to barges again",
        "body_text": f"Barges passed lock {number} at noon.\n\nThe gates had been shut since Monday.",
    }
    return json.dumps(item).encode()


def mail(sender: str, number: int = 1) -> bytes:
    return (
        f"From: Lock Desk <{sender}>\r\nDate: Tue, 03 Mar 2026 12:00:00 +0000\r\n"
        f"Message-ID: <lock-{number}@knw.test>\r\nSubject: Lock {number} opens again\r\n\r\n"
        "Barges passed the lock at noon.\r\n\r\nThe gates had been shut since Monday.\r\n"
    ).encode()


def make_feed(kind: str, location, name: str = "knw", **columns) -> Feed:
    return Feed.objects.create(name=name, kind=kind, location=str(location), interval=20, **columns)


def look(feed: Feed, now: datetime = NOON):
    """A look by somebody who has just read the feed's row; leaves `feed` as it is afterwards."""
    feed.refresh_from_db()
    report = poll(feed, now)
    feed.refresh_from_db()
    return report


@pytest.fixture
def drop(tmp_path):
    """Puts a file into the folder, as old as one that has settled."""

    def drop(name: str, data: bytes, age: float = 60):
        path = tmp_path / name
        path.write_bytes(data)
        moment = path.stat().st_mtime - age
        os.utime(path, (moment, moment))
        time.sleep(TICK)
        return path

    return drop


class Server(ThreadingHTTPServer):
    """Answers what the test sets, and keeps what it was asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: tuple[int, dict, bytes] = (200, {}, b"")
        self.asked: list[dict] = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/wire?key=secret"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(dict(self.headers))
        status, headers, body = self.server.answer
        if headers.get("ETag", "-") == self.headers.get("If-None-Match"):
            status, body = 304, b""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(settings):
    settings.FEED_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


# -- What comes in -------------------------------------------------------------------


def test_a_folder_is_read_and_left_as_it_is(tmp_path, drop):
    feed = make_feed("folder", tmp_path)
    drop("one.json", story(1))
    drop("two.json", story(2))
    assert look(feed).counts == {"filed": 2}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.json", "two.json"]
    assert set(Dispatch.objects.values_list("feed__name", "name")) == {
        ("knw", "one.json"),
        ("knw", "two.json"),
    }
    assert (feed.looked, feed.last_success, feed.last_item) == (NOON, NOON, NOON)
    assert (feed.next_look, feed.claimed_until) == (NOON + timedelta(minutes=20), None)


def test_looking_again_changes_nothing(tmp_path, drop):
    feed = make_feed("folder", tmp_path)
    drop("one.json", story(1))
    look(feed)
    assert look(feed, NOON + timedelta(hours=1)).counts == {"repeated": 1}
    assert (Story.objects.count(), feed.last_item) == (1, NOON)
    assert feed.last_success == NOON + timedelta(hours=1)


def test_files_of_earlier_looks_are_not_read_again_but_old_ones_that_come_late_are(
    tmp_path, drop, monkeypatch
):
    monkeypatch.setattr(polling._Changes, "OVERLAP", 0)
    feed = make_feed("folder", tmp_path)
    drop("one.json", story(1))
    drop("two.json", story(2))
    look(feed)
    drop("late.json", story(3), age=400 * 24 * 3600)
    assert look(feed).counts["filed"] == 1
    drop("later.json", story(4))
    assert look(feed).counts == {"filed": 1, "repeated": 1}  # the last one of the look before


def test_a_feed_that_is_pointed_elsewhere_is_read_from_its_beginning(tmp_path, drop, monkeypatch):
    monkeypatch.setattr(polling._Changes, "OVERLAP", 0)
    (tmp_path / "other").mkdir()
    drop("other/old.json", story(1))
    feed = make_feed("folder", tmp_path)
    drop("new.json", story(2))
    look(feed)
    Feed.objects.update(location=str(tmp_path / "other"))
    assert look(feed).counts == {"filed": 1}


def test_one_bad_file_is_a_failure_of_the_look_and_not_of_the_feed(tmp_path, drop):
    feed = make_feed("folder", tmp_path)
    drop("bad.json", b"no wire copy")
    drop("good.json", story())
    report = look(feed)
    assert (report.counts, len(report.failures)) == ({"filed": 1}, 1)
    assert report.failures[0].startswith("knw: bad.json: ")
    assert (feed.failures, feed.last_success) == (0, NOON)


def test_a_bad_file_that_stays_in_the_folder_is_told_of_once(tmp_path, drop):
    feed = make_feed("folder", tmp_path)
    drop("bad.json", b"no wire copy")
    assert look(feed).failures
    assert feed.failures == 1
    assert look(feed).failures == []
    assert (feed.failures, feed.last_error) == (0, "")


def test_pictures_beside_the_copy_are_no_sign_of_life(tmp_path, drop):
    feed = make_feed("folder", tmp_path)
    drop("lock.jpg", b"\xff\xd8\xff\xe0 and so on")
    assert look(feed).failures == []
    assert (feed.last_success, feed.last_item) == (NOON, None)


def test_the_web_is_asked_for_what_is_new_only(server):
    feed = make_feed("http", server.url)
    server.answer = (200, {"ETag": '"v1"', "Last-Modified": "Tue, 03 Mar 2026 12:00:00 GMT"}, story())
    assert look(feed).counts == {"filed": 1}
    assert (feed.etag, feed.last_modified) == ('"v1"', "Tue, 03 Mar 2026 12:00:00 GMT")
    assert look(feed, NOON + timedelta(hours=1)).counts == {}
    assert server.asked[1]["If-None-Match"] == '"v1"'
    assert server.asked[1]["If-Modified-Since"] == "Tue, 03 Mar 2026 12:00:00 GMT"
    assert (feed.last_success, feed.last_item) == (NOON + timedelta(hours=1), NOON)


def test_a_key_in_an_address_is_stored_with_no_dispatch_and_no_error(server):
    feed = make_feed("http", server.url)
    server.answer = (200, {}, b"<html>Sorry</html>")
    look(feed)
    assert Dispatch.objects.get().name == server.url.partition("?")[0]
    server.answer = (500, {}, b"")
    look(feed)
    assert feed.last_error
    assert "secret" not in feed.last_error


def test_validators_that_do_not_fit_are_not_cut_but_left_out(server):
    feed = make_feed("http", server.url)
    server.answer = (200, {"ETag": f'"{"v" * 400}"'}, story())
    assert look(feed).counts == {"filed": 1}
    assert feed.etag == ""


def test_an_unreadable_answer_counts_as_a_failure_and_its_validators_are_not_kept(server):
    feed = make_feed("http", server.url)
    server.answer = (200, {"ETag": '"junk"'}, b"<html>Back soon</html>")
    assert look(feed).failures
    assert (feed.failures, feed.etag, feed.last_success) == (1, "", None)
    assert look(feed).failures


def test_private_addresses_are_asked_only_where_settings_allow_it(server, settings):
    settings.FEED_PRIVATE_NETWORKS = []
    feed = make_feed("http", server.url)
    assert "not an address of the public network" in look(feed).failures[0]
    assert server.asked == []


def test_mail_is_taken_from_the_feeds_senders_and_nobody_else(tmp_path):
    box = mailbox.Maildir(tmp_path / "box")
    for number, sender in enumerate(["desk@knw.test", "DESK@KNW.test", "desk@knw.test.example"]):
        box.add(mail(sender, number))
    feed = make_feed("maildir", tmp_path / "box", senders="photos@knw.test\n desk@knw.test \n")
    assert look(feed).counts == {"filed": 2, "refused": 1}
    assert Dispatch.objects.count() == 2
    assert len(box) == 3


def test_without_senders_no_mail_is_taken(tmp_path):
    mailbox.Maildir(tmp_path / "box").add(mail("desk@knw.test"))
    feed = make_feed("maildir", tmp_path / "box")
    assert look(feed).counts == {"refused": 1}
    assert (feed.last_item, feed.last_success) == (None, NOON)


def test_mail_that_was_read_is_not_read_again_unless_the_senders_change(tmp_path, monkeypatch):
    monkeypatch.setattr(polling._Changes, "OVERLAP", 0)
    box = mailbox.Maildir(tmp_path / "box")
    for number, sender in enumerate(["desk@knw.test", "photos@knw.test"]):
        box.add(mail(sender, number))
        time.sleep(TICK)
    feed = make_feed("maildir", tmp_path / "box", senders="desk@knw.test")
    assert look(feed).counts == {"filed": 1, "refused": 1}
    assert look(feed).counts == {"refused": 1}  # only the newest
    Feed.objects.update(senders="desk@knw.test\nphotos@knw.test")
    assert look(feed).counts == {"filed": 1, "repeated": 1}


def test_a_mailbox_is_read_on_from_where_the_connection_broke(monkeypatch, settings):
    settings.FEED_PASSWORDS = {"FEED_PASSWORD_KNW_MAIL": "open sesame"}
    feed = make_feed("imap", "imaps://desk%40us.test@mx.test/In%20box", "knw-mail", senders="desk@knw.test")
    asked = []

    def breaks_after_the_first(*arguments):
        asked.append(arguments)
        yield Uid(7, len(asked)), mail("desk@knw.test", len(asked))
        raise FetchError("The mailbox at mx.test failed: EOF")

    monkeypatch.setattr(polling.mailbox, "imap_entries", breaks_after_the_first)
    for _ in range(2):
        report = look(feed)
        assert (report.counts, len(report.failures)) == ({"filed": 1}, 1)
    assert asked[0] == ("mx.test", 993, "desk@us.test", "open sesame", "In box", Uid(0, 0))
    assert asked[1][-1] == Uid(7, 1)
    assert (feed.failures, feed.last_item) == (2, NOON)


@pytest.mark.parametrize(
    "location", ["imap://u@mx.test", "imaps://mx.test", "imaps://u@mx.test:port/", "box"]
)
def test_a_mailbox_without_a_proper_address_is_said_so(location, settings):
    settings.FEED_PASSWORDS = {"FEED_PASSWORD_KNW": "open sesame"}
    assert "imaps://user@host/folder" in look(make_feed("imap", location)).failures[0]


def test_a_mailbox_without_a_password_names_the_variable():
    report = look(make_feed("imap", "imaps://desk@mx.test/", "knw-mail"))
    assert report.failures == ["knw-mail: The environment has no FEED_PASSWORD_KNW_MAIL."]


# -- Failures ------------------------------------------------------------------------


def test_a_feed_that_fails_is_looked_at_less_and_less_often_until_it_works(server):
    feed = make_feed("http", server.url, etag='"v0"')
    server.answer = (503, {}, b"")
    waits = []
    for _ in range(3):
        look(feed)
        waits.append(feed.next_look - NOON)
    assert waits == [timedelta(minutes=40), timedelta(minutes=80), timedelta(minutes=160)]
    assert (feed.failures, feed.last_success) == (3, None)
    assert "503" in feed.last_error
    server.answer = (200, {}, story())
    look(feed)
    assert (feed.failures, feed.last_error, feed.next_look) == (0, "", NOON + timedelta(minutes=20))


def test_a_server_that_asks_for_patience_gets_it(server):
    feed = make_feed("http", server.url)
    server.answer = (429, {"Retry-After": "7200"}, b"")
    look(feed)
    assert feed.next_look == NOON + timedelta(hours=2)


def test_a_failure_keeps_what_was_learned_before_it(server):
    feed = make_feed("http", server.url)
    server.answer = (200, {"ETag": '"v1"'}, story())
    look(feed)
    server.answer = (500, {}, b"")
    look(feed)
    assert feed.etag == '"v1"'


def test_an_unforeseen_error_is_a_failure_of_its_feed(tmp_path, monkeypatch, caplog):
    monkeypatch.setitem(polling.FETCHERS, "folder", lambda *_: 1 / 0)
    feed = make_feed("folder", tmp_path)
    assert look(feed).failures == ["knw: ZeroDivisionError('division by zero')"]
    assert (feed.failures, feed.claimed_until) == (1, None)
    assert "Traceback" in caplog.text


def test_nothing_is_remembered_of_what_was_not_kept(tmp_path, drop, monkeypatch):
    feed = make_feed("folder", tmp_path)
    drop("one.json", story())
    monkeypatch.setattr(polling, "receive", lambda *_: 1 / 0)
    look(feed)
    assert feed.failures == 1
    assert feed.seen.partition(" ")[2] == ""
    monkeypatch.undo()
    assert look(feed).counts == {"filed": 1}


def test_what_is_kept_but_cannot_be_taken_does_not_hold_up_the_rest(tmp_path, drop, monkeypatch, caplog):
    drop("one.json", story(1), age=90)
    drop("two.json", story(2))
    receive = polling.receive

    def stumbling(data, name, feed):
        report = receive(data, name, feed)
        return report if name != "one.json" else 1 / 0

    monkeypatch.setattr(polling, "receive", stumbling)
    feed = make_feed("folder", tmp_path)
    report = look(feed)
    assert (report.counts, len(report.failures)) == ({"filed": 1}, 1)
    assert "ZeroDivisionError" in caplog.text


# -- Taking turns --------------------------------------------------------------------


def test_a_feed_is_due_when_its_time_has_come_and_nobody_is_at_it(tmp_path):
    make_feed("folder", tmp_path, "later", next_look=NOON + timedelta(seconds=1))
    make_feed("folder", tmp_path, "claimed", claimed_until=NOON + timedelta(seconds=1))
    make_feed("folder", tmp_path, "off", is_active=False)
    make_feed("by_hand", "", "by-hand")
    make_feed("folder", tmp_path, "late", next_look=NOON - timedelta(hours=1))
    make_feed("folder", tmp_path, "abandoned", next_look=NOON, claimed_until=NOON)
    make_feed("folder", tmp_path, "new")
    assert [feed.name for feed in due(NOON)] == ["new", "late", "abandoned"]


def test_a_claimed_feed_is_left_to_who_has_it_until_the_claim_ends(tmp_path, drop):
    feed = make_feed("folder", tmp_path, claimed_until=NOON + timedelta(minutes=1))
    drop("one.json", story())
    assert look(feed).counts == {BUSY: 1}
    assert look(feed, NOON + timedelta(minutes=2)).counts == {"filed": 1}


def test_a_feed_that_was_looked_at_since_it_was_read_is_not_looked_at_again(tmp_path):
    stale = make_feed("folder", tmp_path)
    look(Feed.objects.get())
    assert poll(stale, NOON).counts == {BUSY: 1}


def test_a_poller_that_dies_leaves_a_claim_that_ends(tmp_path, drop, monkeypatch):
    def away(*_):
        raise OperationalError("the server closed the connection")

    feed = make_feed("folder", tmp_path)
    drop("one.json", story())
    monkeypatch.setattr(polling, "receive", away)
    with pytest.raises(OperationalError):
        look(feed)
    monkeypatch.undo()
    assert list(due(NOON)) == []
    assert list(due(NOON + polling.CLAIM)) == [feed]
    assert look(feed, NOON + polling.CLAIM).counts == {"filed": 1}


def test_a_long_look_renews_its_claim_and_ends_when_it_has_lost_it(tmp_path, drop, monkeypatch):
    feed = make_feed("folder", tmp_path)
    clock = iter(range(0, 100_000, 300))
    monkeypatch.setattr(polling, "monotonic", lambda: next(clock))
    claims = []

    def meanwhile(data, name, _):
        claims.append(Feed.objects.get().claimed_until)
        if name == "three.json":
            Feed.objects.update(claimed_until=NOON + timedelta(days=1))
        return polling.Report()

    monkeypatch.setattr(polling, "receive", meanwhile)
    for age, name in enumerate(["four.json", "three.json", "two.json", "one.json"], start=60):
        drop(name, name.encode(), age)
    report = look(feed)
    assert claims == [NOON + timedelta(minutes=minutes) for minutes in (10, 15, 20)]
    assert report.failures == ["knw: Another process has taken over."]
    assert (feed.looked, feed.claimed_until) == (None, NOON + timedelta(days=1))


@pytest.mark.django_db(transaction=True)
def test_of_two_pollers_at_once_one_looks(server):
    make_feed("http", server.url)
    server.answer = (200, {}, story())
    feeds = [Feed.objects.get(), Feed.objects.get()]
    barrier = threading.Barrier(2, timeout=30)

    def run(feed):
        barrier.wait()
        try:
            return poll(feed, NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(run, feeds))
    assert sorted(outcome for report in reports for outcome in report.counts) == ["filed", BUSY]
    assert len(server.asked) == 1


# -- manage.py poll_feeds, manage.py ingest --feed ------------------------------------


def run_command(*arguments, **options) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def test_poll_feeds_looks_at_all_that_are_due_once(tmp_path, drop):
    make_feed("folder", tmp_path)
    make_feed("folder", tmp_path, "off", is_active=False)
    drop("one.json", story())
    assert run_command("poll_feeds") == "1 feeds looked at: 1 filed.\n"
    assert run_command("poll_feeds") == "0 feeds looked at: nothing new.\n"


def test_poll_feeds_looks_at_named_feeds_at_once(tmp_path, drop):
    make_feed("folder", tmp_path)
    run_command("poll_feeds")
    drop("one.json", story())
    assert run_command("poll_feeds", "knw") == "1 feeds looked at: 1 filed.\n"


def test_poll_feeds_fails_after_all_were_looked_at_if_one_failed(tmp_path, drop):
    make_feed("folder", tmp_path / "absent", "first")
    make_feed("folder", tmp_path, "second")
    drop("one.json", story())
    with pytest.raises(CommandError, match="1 failed"):
        run_command("poll_feeds")
    assert Story.objects.count() == 1


def test_poll_feeds_is_silent_when_told_so(tmp_path, capfd):
    make_feed("folder", tmp_path)
    call_command("poll_feeds", verbosity=0)
    assert capfd.readouterr() == ("", "")


def test_poll_feeds_names_an_unknown_feed_and_one_that_is_fed_by_hand(capsys):
    with pytest.raises(CommandError, match="No feed “nobody”"):
        run_command("poll_feeds", "nobody")
    make_feed("by_hand", "")
    with pytest.raises(CommandError):
        call_command("poll_feeds", "knw")
    assert "fed by hand: manage.py ingest --feed knw PATH" in capsys.readouterr().err


def test_ingest_with_a_feed_alone_looks_at_it_at_once(tmp_path, drop):
    feed = make_feed("folder", tmp_path, next_look=datetime(2100, 1, 1, tzinfo=UTC))
    drop("one.json", story())
    assert run_command("ingest", feed="knw", dry_run=True).endswith("Dry run: nothing was stored.\n")
    assert Story.objects.count() == 0
    assert run_command("ingest", feed="knw") == "1 filed, 0 failed.\n"
    feed.refresh_from_db()
    assert feed.last_success is not None


def test_ingest_with_a_feed_and_a_path_reads_the_path_as_the_feeds(tmp_path, drop):
    feed = make_feed("folder", tmp_path / "absent")
    path = drop("one.json", story())
    assert run_command("ingest", str(path), feed="knw") == "1 filed, 0 failed.\n"
    assert Dispatch.objects.get().feed == feed


def test_ingest_with_nothing_to_do_says_what_it_can_do():
    with pytest.raises(CommandError, match="or --feed alone"):
        run_command("ingest")
