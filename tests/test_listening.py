"""How a process learns of changes: connections that break, databases that go and come back."""

import contextlib
import os
import socket
import sqlite3
import threading
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection, transaction

from newsportal import freshness, outbox
from newsportal.freshness import Freshness
from tests.factories import make_channel, make_site, publish
from tests.portal_server import get, portal, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


class Listening:
    """A process that listens, with what it was told."""

    def __init__(self, monkeypatch) -> None:
        self.keys: list[frozenset[str]] = []
        self.moments: list[float] = []
        self.forgotten = 0
        self.opened: list = []
        self.is_down = False
        self.real = freshness._DATABASES[connection.vendor]
        monkeypatch.setitem(freshness._DATABASES, connection.vendor, self.open)
        self.freshness = Freshness(
            on_news=lambda news, stale_until: self.keys.extend(new.keys for new in news),
            on_moments=lambda moments, until: self.moments.append(until),
            forget=self.forget,
            moments_between=lambda begin, end: [],
        )
        self.freshness.start()

    def open(self):
        if self.is_down:
            raise OSError("It does not answer.")
        self.opened.append(self.real())
        return self.opened[-1]

    def break_connection(self) -> None:
        database = self.opened[-1]
        if database.vendor == "postgresql":
            database.close()
        else:  # which no other thread may close

            def fail(position):
                raise sqlite3.OperationalError("disk I/O error")

            database.read = fail

    def forget(self) -> None:
        self.forgotten += 1

    @property
    def is_sure(self) -> bool:
        return time.monotonic() < self.freshness.sure_until


@pytest.fixture
def listening(monkeypatch):
    made = Listening(monkeypatch)
    wait_until(lambda: made.is_sure, 10)
    yield made
    made.freshness.stop()


def change(*keys: str) -> None:
    with transaction.atomic():
        outbox.record(*keys)


def test_a_change_is_known_within_a_second(listening):
    change("story:1")
    wait_until(lambda: listening.keys == [{"story:1"}], 1)


def test_it_learns_what_is_to_come_before_anybody_may_rely_on_it(listening):
    [until] = listening.moments
    assert until > (datetime.now(UTC) + timedelta(hours=1)).timestamp()


def test_a_connection_that_breaks_is_made_anew_and_nothing_is_missed(listening):
    listening.is_down = True
    listening.break_connection()
    wait_until(lambda: listening.freshness.is_away, 5)
    assert not listening.is_sure
    change("story:1")
    change("story:2")
    time.sleep(0.5)
    assert (listening.keys, listening.is_sure) == ([], False)
    listening.is_down = False
    wait_until(lambda: listening.is_sure, 5)
    assert listening.keys == [{"story:1"}, {"story:2"}]
    assert not listening.freshness.is_away
    assert listening.forgotten == 1  # when it began


def test_who_has_slept_too_long_forgets_everything(listening, monkeypatch):
    monkeypatch.setattr(freshness, "SLEPT", 0.0)
    wait_until(lambda: listening.forgotten > 1, 5)


def test_who_finds_another_database_forgets_everything(listening):
    listening.freshness._position = outbox.Position(2**40)
    wait_until(lambda: listening.forgotten > 1, 5)
    change("story:1")
    wait_until(lambda: {"story:1"} in listening.keys, 5)


# -- The database of a running portal ----------------------------------------------------


class Gate:
    """What the portal takes for its database: passes everything on while it is open."""

    def __init__(self, info: psycopg.ConnectionInfo) -> None:
        self._info = info
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.is_open = True
        self._start(self._accept)

    def _start(self, target, *args) -> None:
        self._threads.append(threading.Thread(target=target, args=args, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _ = self._server.accept()
                if not self.is_open:
                    here.close()
                    continue
                there = self._database()
                self._sockets += [here, there]
                for one, other in ((here, there), (there, here)):
                    self._start(self._pass_on, one, other)

    def _database(self) -> socket.socket:
        info = self._info
        if info.host.startswith("/"):
            there = socket.socket(socket.AF_UNIX)
            there.connect(f"{info.host}/.s.PGSQL.{info.port}")
            return there
        return socket.create_connection((info.host, info.port))

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65_536):
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.is_open = False
        for end in self._sockets:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def open(self) -> None:
        self.is_open = True

    def end(self) -> None:
        self.close()
        self._server.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for end in (self._server, *self._sockets):
            end.close()


if os.environ.get("DATABASE_URL"):  # SQLite's does not go away

    def test_a_portal_without_its_database_shows_what_it_has_and_recovers():
        make_site(is_default=True)
        publish(make_channel(make_site("other.test")))
        connection.ensure_connection()
        info = connection.connection.info
        gate = Gate(info)
        url = f"postgresql://{info.user}:{info.password or 'x'}@127.0.0.1:{gate.port}/{info.dbname}"
        with contextlib.closing(contextlib.ExitStack()) as stack, portal(1, DATABASE_URL=url) as port:
            stack.callback(gate.end)
            wait_until(lambda: get(port, "/", "main.test")[1]["x-cache"] == "hit")
            # The fastest of some times: what else the machine does in a second is not what is asked.
            assert any(seconds_to_recover(gate, port) < 1 for _ in range(5))
            gate.close()
            began = time.monotonic()
            wait_until(lambda: get(port, "/latest/", "main.test")[0] == 503, 5)
            assert time.monotonic() - began < 5  # and does not wait for a connection that nobody will give
            for _ in range(5):
                status, headers, _body = get(port, "/", "main.test")
                assert (status, headers["x-cache"]) == (200, "stale")
            began = time.monotonic()
            for path in ("/corrections/", "/admin/login/"):
                status, headers, body = get(port, path, "main.test")
                assert (status, headers["retry-after"]) == (503, "2")
                assert b"We will be back in a moment" in body
            assert time.monotonic() - began < 2
            gate.open()
            opened = time.monotonic()
            wait_until(lambda: get(port, "/corrections/", "main.test")[0] == 200, 10)
            assert time.monotonic() - opened < 5
            wait_until(lambda: get(port, "/", "main.test")[1]["x-cache"] == "hit", 10)


def seconds_to_recover(gate: Gate, port: int) -> float:
    """From the return of the database until pages are made anew, and those in memory are relied on."""
    gate.close()
    wait_until(lambda: get(port, "/admin/login/", "main.test")[0] == 503, 5)
    gate.open()
    opened = time.monotonic()
    wait_until(lambda: get(port, "/admin/login/", "main.test")[0] == 200, 10)
    wait_until(lambda: get(port, "/", "main.test")[1]["x-cache"] == "hit", 10)
    return time.monotonic() - opened
