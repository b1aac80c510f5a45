"""The worker runs the periodic jobs, survives their failures, and stops when it is told to."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from articles.models import Story
from newsportal.jobs import JOBS
from tests.wires.test_polling import story
from wires import jobs
from wires.jobs import Job, Worker
from wires.models import Dispatch, Feed

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clock(monkeypatch):
    """Stands still until the test moves it by `clock.now`."""

    class Clock:
        now = 0.0

    monkeypatch.setattr(jobs, "monotonic", lambda: Clock.now)
    return Clock


def counting(counts: dict, name: str):
    def run():
        counts[name] = counts.get(name, 0) + 1
        yield

    return run


def test_each_job_runs_on_its_own_interval(clock):
    counts = {}
    worker = Worker(
        {
            "often": Job(timedelta(seconds=10), counting(counts, "often")),
            "daily": Job(timedelta(days=1), counting(counts, "daily")),
        }
    )
    for second in range(0, 31, 5):
        clock.now = second
        worker.run_due()
    assert counts == {"often": 4, "daily": 1}
    assert (worker.runs, worker.failures) == (5, 0)


def test_a_job_that_fails_is_logged_and_the_others_go_on(clock, caplog):
    def failing():
        yield
        raise ValueError("The tide table is empty.")

    counts = {}
    worker = Worker(
        {
            "failing": Job(timedelta(seconds=10), failing),
            "well": Job(timedelta(seconds=10), counting(counts, "well")),
        }
    )
    worker.run_due()
    clock.now = 10
    worker.run_due()
    assert counts == {"well": 2}
    assert (worker.runs, worker.failures) == (4, 2)
    assert "The job “failing” failed." in caplog.text
    assert "The tide table is empty." in caplog.text


def test_a_worker_that_is_to_stop_ends_after_the_piece_of_work_at_hand(clock):
    done = []

    def pieces():
        for number in range(3):
            done.append(number)
            worker.is_stopping = number == 1
            yield

    counts = {}
    worker = Worker(
        {"pieces": Job(timedelta(0), pieces), "next": Job(timedelta(0), counting(counts, "next"))}
    )
    worker.run()
    assert done == [0, 1]
    assert counts == {}


def test_a_connection_that_the_database_closed_is_replaced_before_the_next_job(clock):
    used = []

    def using():
        used.append(Feed.objects.count())
        connection.connection.close()
        yield

    worker = Worker({"using": Job(timedelta(seconds=10), using)})
    worker.run_due()
    clock.now = 10
    worker.run_due()
    assert (used, worker.failures) == ([0, 0], 0)


def test_a_dispatch_left_behind_is_taken_after_a_while():
    lost = Dispatch.objects.create(name="lost.json", sha256="1" * 64, data=story(1))
    Dispatch.objects.create(name="at_work.json", sha256="2" * 64, data=story(2))
    Dispatch.objects.filter(pk=lost.pk).update(received=timezone.now() - jobs.LEFT_BEHIND)
    list(jobs.take_left_behind())
    assert [story.headline for story in Story.objects.all()] == ["Lock 1 opens to barges again"]
    lost.refresh_from_db()
    assert lost.outcome == Dispatch.Outcome.TAKEN


def test_the_worker_logs_why_a_feed_failed(tmp_path, caplog):
    Feed.objects.create(name="knw", kind="folder", location=str(tmp_path / "absent"))
    list(jobs.poll_due_feeds())
    assert "knw: The folder cannot be read" in caplog.text


@pytest.fixture
def handlers():
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_worker_once_runs_each_job_once(tmp_path, capsys, handlers):
    Feed.objects.create(name="knw", kind="folder", location=str(tmp_path))
    call_command("worker", "--once")
    assert capsys.readouterr().out == f"{len(JOBS)} jobs run, 0 failed.\n"
    assert Feed.objects.get().last_success is not None


def test_worker_once_fails_if_a_job_failed(monkeypatch, capsys, handlers):
    def failing():
        raise ValueError("The tide table is empty.")

    monkeypatch.setitem(JOBS, "poll", Job(timedelta(0), failing))
    with pytest.raises(CommandError, match="Not all jobs succeeded"):
        call_command("worker", "--once")
    assert capsys.readouterr().out == f"{len(JOBS)} jobs run, 1 failed.\n"


# -- As a process --------------------------------------------------------------------


class SlowServer(ThreadingHTTPServer):
    """Says when it is asked, and answers when it may."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), SlowHandler)
        self.is_asked, self.may_answer = threading.Event(), threading.Event()


class SlowHandler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.is_asked.set()
        assert self.server.may_answer.wait(60)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(story())

    def log_message(self, *args):
        pass


@pytest.fixture
def slow_server(transactional_db):
    """Has a feed that leads to it."""
    with SlowServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        Feed.objects.create(name="knw", kind="http", location=f"http://127.0.0.1:{server.server_port}/")
        yield server
        server.may_answer.set()
        server.shutdown()
        thread.join()


def database_url() -> str:
    """Of the suite's own database, for a process of its own."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{quote(name)}").geturl()


@pytest.fixture
def worker_process(slow_server):
    environment = {
        "DATABASE_URL": database_url(),
        "ENV_FILE": os.devnull,
        "FEED_PRIVATE_NETWORKS": "127.0.0.0/8",
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "only-for-the-suite-" * 3,
        "VAR_DIR": os.environ["VAR_DIR"],
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_look_at_hand_be_finished(slow_server, worker_process, number):
    assert slow_server.is_asked.wait(60)
    worker_process.send_signal(number)
    with pytest.raises(subprocess.TimeoutExpired):
        worker_process.wait(0.5)
    slow_server.may_answer.set()
    out, err = worker_process.communicate(timeout=60)
    assert (worker_process.returncode, err) == (0, "")
    assert out.startswith("Working: poll")
    assert out.endswith("1 jobs run, 0 failed.\n")
    assert Story.objects.get().headline == "Lock 1 opens to barges again"
    assert Feed.objects.get().claimed_until is None


def test_a_second_signal_ends_the_worker_at_once(slow_server, worker_process):
    assert slow_server.is_asked.wait(60)
    worker_process.terminate()
    with pytest.raises(subprocess.TimeoutExpired):
        worker_process.wait(0.5)
    worker_process.terminate()
    assert worker_process.wait(60) == -signal.SIGTERM
    assert Feed.objects.get().claimed_until is not None
