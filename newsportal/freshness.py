"""Keeps the page cache of a process true: reads the outbox, and knows what the clock will change.

A thread reads what was committed every POLL seconds, and at once where PostgreSQL notifies it. What it has
read holds for SURE seconds from the moment before it asked; unless it has asked again by then, nobody may
rely on the cache. So a connection that hangs, or a thread that gets no time, costs speed and never truth.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import psycopg
from django.db import DatabaseError, connection
from django.db.backends.sqlite3.base import SQLiteCursorWrapper

from newsportal import outbox
from newsportal.outbox import News, PositionLost

logger = logging.getLogger(__name__)

POLL = 0.25  # seconds between two looks at the outbox
SURE = 0.8  # seconds for which a look holds: less than a reader may be behind a commit
# Who is in front of us may keep what was looked at within this time: changes are told there only later than
# that after they are seen (newsportal.purging), so that no old page is fetched from us behind its purge.
SETTLED = 0.4
SLEPT = timedelta(minutes=10).total_seconds()  # longer than that, and nothing is known; rows are kept a day
AHEAD = timedelta(hours=2)  # how far moments to come are known
LOOK_AHEAD = timedelta(minutes=30).total_seconds()  # between two looks at those

Moments = Iterable[tuple[float, Iterable[str]]]
DATABASE_ERRORS = (DatabaseError, psycopg.Error, sqlite3.Error, OSError)


class Freshness:
    """Tells `on_news` of changes, `on_moments` of moments to come with their keys, and to `forget` all.

    After each look it tells `on_sure` until when all is known.
    """

    def __init__(
        self,
        *,
        on_news: Callable[[list[News], float], None],
        on_moments: Callable[[Moments, float], None],
        forget: Callable[[], None],
        moments_between: Callable[[datetime, datetime], Moments],
        on_sure: Callable[[float], None] = lambda until: None,
    ) -> None:
        self._on_news, self._on_moments, self._forget = on_news, on_moments, forget
        self._moments_between, self._on_sure = moments_between, on_sure
        self._position: outbox.Position | None = None
        self._read_at = self._looked_ahead = float("-inf")
        self._pid = 0
        self._starting = threading.Lock()
        self._is_stopped = threading.Event()
        self.sure_until = float("-inf")  # by time.monotonic()
        self.is_away = False  # the database does not answer

    def start(self) -> None:
        """Once a process, after it was forked: threads do not come along."""
        if self._pid == os.getpid():
            return
        with self._starting:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._position, self.sure_until = None, float("-inf")
                threading.Thread(target=self._run, name="freshness", daemon=True).start()

    @property
    def settled_until(self) -> float:
        """Till when, by time.monotonic(), what is in front of us may take what we give as settled."""
        return self.sure_until - SURE + SETTLED

    def stop(self) -> None:
        self._is_stopped.set()

    def _run(self) -> None:
        while not self._is_stopped.is_set():
            try:
                if database := self._open():
                    with closing(database):
                        self._follow(database)
            except DATABASE_ERRORS as error:
                logger.warning("The connection that tells of changes broke: %s", error)
            except Exception:
                # Whatever it is, pages are not trusted until it is over.
                logger.exception("Following changes failed.")
            self.sure_until = float("-inf")
            time.sleep(POLL)

    def _open(self) -> _Database | None:
        kind = _DATABASES[connection.vendor]
        try:
            return kind()
        except DATABASE_ERRORS as error:
            if not self.is_away:
                logger.warning("The database is away, pages are served as they are: %s", error)
                self.is_away = True
                kind.empty_pool()
            return None

    def _follow(self, database: _Database) -> None:
        while not self._is_stopped.is_set():
            began = time.monotonic()
            self._read(database, began)
            self._look_ahead(began)
            if self.is_away:
                logger.warning("The database is back.")
                database.empty_pool()
            self.is_away = False
            self.sure_until = began + SURE
            self._on_sure(self.sure_until)
            database.wait(POLL)

    def _read(self, database: _Database, began: float) -> None:
        if self._position is None or began - self._read_at > SLEPT:
            self._begin_anew(database)
        while True:
            try:
                news, self._position = database.read(self._position)
            except PositionLost as error:
                logger.warning("The database is another one, pages are made anew: %s", error)
                self._begin_anew(database)
                continue
            if news:
                # They were committed since the look before: what that one saw holds till then.
                self._on_news(news, self.sure_until)
            if len(news) < outbox.MOST:
                break
        self._read_at = began

    def _begin_anew(self, database: _Database) -> None:
        self._position = database.here()
        self._forget()
        self._looked_ahead = float("-inf")

    def _look_ahead(self, began: float) -> None:
        """What is known reaches over AHEAD, and is known anew long before it ends."""
        if began - self._looked_ahead < LOOK_AHEAD:
            return
        now = datetime.now(UTC)
        try:
            self._on_moments(self._moments_between(now, now + AHEAD), (now + AHEAD).timestamp())
        finally:
            connection.close()  # which belongs to this thread alone; the pool has it back
        self._looked_ahead = began


# -- Both databases --------------------------------------------------------------------


class _Database:
    """A connection of its own: it must not wait for one of the pool, nor take one away from readers."""

    vendor: str
    cursor: sqlite3.Cursor | psycopg.Cursor

    def here(self) -> outbox.Position:
        return outbox.here(self.cursor, self.vendor)

    def read(self, position: outbox.Position) -> tuple[list[News], outbox.Position]:
        return outbox.read(self.cursor, self.vendor, position)

    @staticmethod
    def empty_pool() -> None:
        """As the database goes away, and as it comes back."""

    def wait(self, seconds: float) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


class _Postgresql(_Database):
    vendor = "postgresql"

    def __init__(self) -> None:
        # A server that has vanished without a word is noticed; one that is slow to accept is not waited for.
        told = {"connect_timeout": 2, "tcp_user_timeout": 2000, "autocommit": True}
        self._connection = psycopg.connect(**{**connection.get_connection_params(), **told})
        self.cursor = self._connection.cursor()
        self.cursor.execute(f"LISTEN {outbox.CHANNEL}")

    @staticmethod
    def empty_pool() -> None:
        """Who waits for a connection is told at once. The pool itself would wait longer and longer between
        its tries; the next one that asks for a connection begins a new one."""
        connection.close_pool()

    def wait(self, seconds: float) -> None:
        """Until somebody notifies, too. A pooler in between may swallow that; the time is then the limit."""
        for _ in self._connection.notifies(timeout=seconds, stop_after=1):
            pass

    def close(self) -> None:
        with suppress(psycopg.Error):
            self._connection.close()


class _Sqlite(_Database):
    vendor = "sqlite"

    def __init__(self) -> None:
        # A file that is not there is an error here, and not to be made.
        where = f"file:{quote(str(connection.settings_dict['NAME']))}?mode=rw"
        self._connection = sqlite3.connect(where, uri=True, isolation_level=None, timeout=1)
        self.cursor = self._connection.cursor(SQLiteCursorWrapper)

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def close(self) -> None:
        self._connection.close()


_DATABASES = {"postgresql": _Postgresql, "sqlite": _Sqlite}
