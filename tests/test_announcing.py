"""WebSub and IndexNow are told of what is new, changed or withdrawn: a real server takes it or does not."""

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from django.db import transaction
from django.utils import timezone

from articles import publishing
from newsportal import announcing
from newsportal.announcing import announce
from newsportal.models import ClockTold, Delivery
from sections.ranking import rank
from sections.reads import write_counts
from tests.factories import make_channel, make_site, make_story, publish

KEY = "0123456789abcdef"
BY = {"by_name": "The desk"}
pytestmark = pytest.mark.django_db(transaction=True)


class Service(ThreadingHTTPServer):
    """Keeps what it was sent, and answers as it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[int] = []
        self.sent: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}/"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def taken(self) -> list[str]:
        taken, self.sent = self.sent, []
        return taken


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status = self.server.answers.pop(0) if self.server.answers else 204
        if status == 204:
            self.server.sent.append(body)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_arguments) -> None:
        pass


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(announcing, "WAIT", 0)


@pytest.fixture
def service():
    service = Service()
    yield service
    service.shutdown()
    service.server_close()


@pytest.fixture
def channel():
    return make_channel(make_site("main.test"), "Ports", "PORTS")


@pytest.fixture
def hub(service, settings, channel):
    settings.WEBSUB_HUB = service.url
    told()
    return service


@pytest.fixture
def indexnow(service, settings, channel):
    settings.INDEXNOW_KEY, settings.INDEXNOW_URL = KEY, service.url
    told()
    return service


def told() -> None:
    """Runs the job; what was put off is tried again at once."""
    Delivery.objects.update(next_try=None)
    list(announce())


def topics(bodies: list[str]) -> list[str]:
    return sorted(parse_qs(body)["hub.topic"][0] for body in bodies)


def pages(bodies: list[str]) -> list[str]:
    return [url for body in bodies for url in json.loads(body)["urlList"]]


FEEDS = sorted(
    f"http://main.test/{path}{file}"
    for path in ("", "channel/ports/")
    for file in ("rss.xml", "atom.xml", "feed.json")
)


def test_nobody_is_told_where_nobody_is_named(service, channel):
    publish(channel)
    told()
    assert service.sent == []
    assert not Delivery.objects.exists()


def test_the_hub_is_told_of_feeds_when_a_story_is_published_updated_and_withdrawn(hub, channel):
    story = publish(channel)
    told()
    bodies = hub.taken()
    assert topics(bodies) == FEEDS
    assert {(*parse_qs(body)["hub.mode"], *parse_qs(body)["hub.url"]) for body in bodies} == {
        ("publish", topic) for topic in FEEDS
    }
    story.headline = "Another"
    publishing.update(story, **BY)
    told()
    assert topics(hub.taken()) == FEEDS
    publishing.kill(story, reason="Wrong", **BY)
    told()
    assert topics(hub.taken()) == FEEDS
    told()
    assert hub.taken() == []


def test_indexnow_is_told_of_pages_when_a_story_is_published_updated_and_withdrawn(indexnow, channel):
    story = publish(channel, headline="Ferry runs")
    told()
    [body] = indexnow.taken()
    assert json.loads(body) == {
        "host": "main.test",
        "key": KEY,
        "keyLocation": "http://main.test/indexnow.txt",
        "urlList": [f"http://main.test/story/{story.pk}/ferry-runs/"],
    }
    story.headline = "Ferry stops"
    publishing.update(story, **BY)
    told()
    page = f"http://main.test/story/{story.pk}/ferry-stops/"
    assert pages(indexnow.taken()) == [page]
    publishing.kill(story, reason="Wrong", **BY)
    told()
    assert pages(indexnow.taken()) == [page]


def test_what_readers_never_could_see_is_not_named(indexnow, channel):
    later = timezone.now() + timedelta(hours=1)
    make_story(channel)
    publish(channel, embargo_until=later)
    publish(channel, publish_at=later)
    publishing.kill(publish(channel, embargo_until=later), reason="Wrong", **BY)
    told()
    assert pages(indexnow.taken()) == []


def test_what_comes_out_by_the_clock_is_told_when_it_has(indexnow, channel, settings):
    settings.WEBSUB_HUB = indexnow.url
    told()
    story = publish(channel, headline="Held", publish_at=timezone.now() + timedelta(seconds=1))
    told()
    indexnow.taken()
    told()
    assert indexnow.taken() == []
    wait = (story.publish_at - timezone.now()).total_seconds() + 0.05
    threading.Event().wait(max(wait, 0))
    told()
    bodies = indexnow.taken()
    assert pages([body for body in bodies if body.startswith("{")]) == [
        f"http://main.test/story/{story.pk}/held/"
    ]
    assert topics([body for body in bodies if not body.startswith("{")]) == FEEDS
    told()
    assert indexnow.taken() == []


@pytest.mark.parametrize("status", [500, 429, 302])
def test_what_was_not_taken_is_told_again(indexnow, channel, status, caplog):
    story = publish(channel, headline="Ferry")
    indexnow.answers = [status]
    list(announce())
    assert indexnow.taken() == []
    assert f"answered {status}" in caplog.text
    told()
    assert pages(indexnow.taken())[0] == f"http://main.test/story/{story.pk}/ferry/"


def test_the_clock_stands_still_while_nobody_takes_what_came_out(indexnow, channel, caplog):
    publish(channel, headline="Held", publish_at=timezone.now() + timedelta(seconds=0.5))
    told()
    before = ClockTold.objects.get().until
    threading.Event().wait(0.6)
    indexnow.answers = [500]
    told()
    assert ClockTold.objects.get().until == before
    assert indexnow.taken() == []
    told()
    assert len(pages(indexnow.taken())) == 1
    assert ClockTold.objects.get().until > before


def test_an_act_that_is_undone_is_told_to_nobody(hub, channel):
    with transaction.atomic():
        publish(channel)
        transaction.set_rollback(True)
    told()
    assert hub.taken() == []


def test_a_ranking_that_changed_is_no_news_to_the_hub(hub, channel):
    story = publish(channel)
    told()
    hub.taken()
    write_counts({story.pk: 5}, timezone.now())
    assert rank(timezone.now())
    told()
    assert hub.taken() == []


CRASH = """
import os, signal
import django
django.setup()
from django.conf import settings
from newsportal import announcing
settings.INDEXNOW_KEY, settings.INDEXNOW_URL = {key!r}, {url!r}
settings.DATABASES["default"]["NAME"] = {name!r}
send = announcing._send
def send_and_die(*arguments):
    {before}
    os.kill(os.getpid(), signal.SIGKILL)
announcing._send = send_and_die
list(announcing.announce())
"""


@pytest.mark.parametrize("before", ["pass", "send(*arguments)"], ids=["before it", "after it"])
def test_a_process_that_is_killed_in_telling_has_it_told_again(indexnow, channel, before):
    from django.db import connection  # noqa: PLC0415 (that of the test)

    story = publish(channel, headline="Ferry")
    code = CRASH.format(key=KEY, url=indexnow.url, name=connection.settings_dict["NAME"], before=before)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=Path(__file__).resolve().parent.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    page = f"http://main.test/story/{story.pk}/ferry/"
    assert pages(indexnow.taken()) == ([page] if before.startswith("send") else [])
    told()
    assert page in pages(indexnow.taken())


def test_the_key_file_proves_who_tells(client, channel, settings):
    assert client.get("/indexnow.txt", headers={"host": "main.test"}).status_code == 404
    settings.INDEXNOW_KEY = KEY
    response = client.get("/indexnow.txt", headers={"host": "main.test"})
    assert (response.content, response["Content-Type"]) == (f"{KEY}\n".encode(), "text/plain; charset=utf-8")


@pytest.mark.parametrize("path", ["/", "/channel/ports/"])
@pytest.mark.parametrize("file", ["rss.xml", "atom.xml", "feed.json"])
def test_feeds_that_the_hub_is_told_of_name_it(client, channel, settings, path, file):
    def get(address: str):
        return client.get(address, headers={"host": "main.test"})

    assert "Link" not in get(path + file)
    settings.WEBSUB_HUB = "https://hub.example/"
    response = get(path + file)
    itself = f"http://main.test{path}{file}"
    assert response["Link"] == f'<https://hub.example/>; rel="hub", <{itself}>; rel="self"'
    assert response.content.decode().count("https://hub.example/") == 1
    publish(channel).tags.add("Ferries")
    assert "Link" not in get(f"/tag/ferries/{file}")
