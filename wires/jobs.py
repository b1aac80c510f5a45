"""What the portal does by itself, again and again: the jobs, and the process that runs them."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator, Mapping
from datetime import timedelta
from time import monotonic, sleep
from typing import NamedTuple, Protocol

from django.core.management import call_command
from django.db import close_old_connections
from django.utils import timezone

from articles import link_checks, presence
from wires import polling
from wires.intake import take
from wires.link_checks import check_links
from wires.models import Dispatch
from wires.pictures import fetch_pictures

logger = logging.getLogger(__name__)

PAUSE = 0.5  # seconds between two looks at the clock, and the longest an idle worker takes to stop
LEFT_BEHIND = timedelta(minutes=15)  # no batch of an intake takes as long


class Run(Protocol):
    """Does a job in pieces. It yields after each, where a worker that is to stop may leave off."""

    def __call__(self) -> Iterator[None]: ...


class Job(NamedTuple):
    interval: timedelta
    run: Run


def poll_due_feeds() -> Iterator[None]:
    for report in polling.poll_due():
        for failure in report.failures:
            logger.warning("%s", failure)
        yield


def take_left_behind() -> Iterator[None]:
    """Dispatches that were kept and not taken, because their process ended in between."""
    left = Dispatch.objects.filter(
        outcome=Dispatch.Outcome.RECEIVED, received__lt=timezone.now() - LEFT_BEHIND
    )
    for pk in list(left.order_by("pk").values_list("pk", flat=True)):
        take(Dispatch.objects.select_related("feed").get(pk=pk))
        yield


def fetch_due_pictures() -> Iterator[None]:
    while fetch_pictures(timezone.now(), limit=1):
        yield


def forget_old_sessions() -> Iterator[None]:
    call_command("clearsessions")
    yield


def forget_old_presences() -> Iterator[None]:
    presence.forget_old()
    yield


def check_saved_links() -> Iterator[None]:
    for _link in check_links():
        yield


def forget_old_links() -> Iterator[None]:
    link_checks.forget_old()
    yield


# Each may run in several workers at once: a feed is claimed before it is polled, a story is locked before
# it is written. An app that `wires` may not import adds its jobs from newsportal.
JOBS: dict[str, Job] = {
    "poll": Job(timedelta(seconds=15), poll_due_feeds),
    "left-behind": Job(timedelta(minutes=10), take_left_behind),
    "pictures": Job(timedelta(seconds=30), fetch_due_pictures),
    "links": Job(timedelta(seconds=15), check_saved_links),
    "old-links": Job(timedelta(days=1), forget_old_links),
    "sessions": Job(timedelta(days=1), forget_old_sessions),
    "presences": Job(timedelta(hours=1), forget_old_presences),
}


class Worker:
    """Runs each job on its interval, one at a time. One that fails is logged, and runs again in its turn."""

    def __init__(self, jobs: Mapping[str, Job]) -> None:
        self._jobs = jobs
        self._next = dict.fromkeys(jobs, monotonic())
        self.is_stopping = False
        self.runs = 0
        self.failures = 0

    def stop_on_signals(self) -> None:
        """The first SIGTERM or SIGINT lets the piece of work at hand be finished, a second one ends it."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, number: int, frame: object) -> None:
        self.is_stopping = True
        signal.signal(number, signal.SIG_DFL)

    def run(self) -> None:
        while not self.is_stopping:
            self.run_due()
            sleep(0 if self.is_stopping else PAUSE)

    def run_due(self) -> None:
        for name, job in self._jobs.items():
            if not self.is_stopping and monotonic() >= self._next[name]:
                self._run(name, job)
                self._next[name] = monotonic() + job.interval.total_seconds()

    def _run(self, name: str, job: Job) -> None:
        # As Django does around a request: a connection that the server has closed meanwhile is not used.
        close_old_connections()
        self.runs += 1
        try:
            for _ in job.run():
                if self.is_stopping:
                    break
        except Exception:
            self.failures += 1
            logger.exception("The job “%s” failed.", name)
        finally:
            close_old_connections()
