"""Parsing in a process of its own, which reads what comes next while this one writes what came before.

No Django in here: the other process knows neither settings nor database. It dies with this one. Should a
file bring it down, that file alone is unreadable.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import tzinfo
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import NamedTuple

from wires.parse import Parsed, Unreadable, parse


class Task(NamedTuple):
    data: bytes
    zone: tzinfo
    format: str = ""


Outcome = Parsed | Unreadable


def read(task: Task) -> Outcome:
    try:
        return parse(task.data, zone=task.zone, format=task.format)
    except Unreadable as error:
        return error


class Reader:
    """Reads lists of tasks, one list at a time: `start` it, do something else, `finish` it."""

    def __init__(self, read: Callable[[Task], Outcome] = read) -> None:
        self._read = read
        self._tasks: list[Task] = []
        self._helper: _Helper | None = None
        self._is_aside = False

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        if self._helper:
            self._helper.stop()

    def start(self, tasks: list[Task], *, aside: bool) -> None:
        """`aside`: in the other process. Starting that one takes as long as reading some hundred files."""
        self._tasks, self._is_aside = tasks, aside
        if aside:
            self._helper = self._helper or _Helper(self._read)
            self._helper.send(tasks)

    def finish(self) -> list[Outcome]:
        if not self._is_aside:
            return [self._read(task) for task in self._tasks]
        try:
            return self._helper.receive()
        except EOFError:
            self._helper.stop()
            outcomes = [self._alone(task) for task in self._tasks]
            self._helper = None
            return outcomes

    def _alone(self, task: Task) -> Outcome:
        helper = _Helper(self._read)
        try:
            helper.send([task])
            return helper.receive()[0]
        except EOFError:
            return Unreadable("Reading it brought the process down that reads files.")
        finally:
            helper.stop()


class _Helper:
    """The other process. What it cannot do any more is an EOFError."""

    def __init__(self, read: Callable[[Task], Outcome]) -> None:
        # Not forked: a copy of this process would share its database connections.
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, read), daemon=True)
        self._process.start()
        theirs.close()

    def send(self, tasks: list[Task]) -> None:
        with suppress(OSError):  # it is down already, as receiving will show
            self._connection.send(tasks)

    def receive(self) -> list[Outcome]:
        try:
            return self._connection.recv()
        except (EOFError, OSError) as error:
            self._process.join()
            if self._process.exitcode > 0:  # by no signal: it is not the fault of a file
                raise RuntimeError("The process that reads files ended; why stands above.") from error
            raise EOFError from error

    def stop(self) -> None:
        self._connection.close()
        self._process.terminate()
        self._process.join()


def _serve(connection: Connection, read: Callable[[Task], Outcome]) -> None:
    # Ctrl-C is meant for the process that writes, and the end of that one ends this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        while True:
            connection.send([read(task) for task in connection.recv()])
