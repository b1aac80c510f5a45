"""An intake done twice at once, killed at any moment, without database or disk: the result is the same."""

import errno
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from io import BytesIO
from itertools import count
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone
from PIL import Image

from articles import publishing
from articles.models import Author, Story
from articles.models.stories import StaleVersion
from articles.publishing import ForbiddenAct
from tests.factories import make_channel, make_site
from wires import intake
from wires.intake import receive
from wires.known import Known
from wires.models import Dispatch, Feed, PictureOrder, WireCopy, WireStory
from wires.pictures import fetch_pictures

ROOT = Path(__file__).resolve().parents[2]
STORIES = 24


def item(story: int, version: int = 1, status: str = "usable", of: str = "gale", **changes) -> dict:
    said = {
        "uri": f"urn:{of}:{story}",
        "version": str(version),
        "versioncreated": f"2026-03-03T{version:02}:{story:02}:00Z",
        "pubstatus": status,
        "type": "text",
        "source": "Kestrel Newswire",
    }
    if status == "usable":
        said |= {
            "headline": f"Gale warning {story * 7919} for the northern banks, take {version}",
            "body_text": f"Boat {story * 104729} stayed in.\n\nThe wind is take {version} of force {story}.",
            "located": "Skarvik",
        }
    return said | changes


def picture(name: str) -> dict:
    rendition = {"original": {"href": name, "mimetype": "image/jpeg"}}
    return {"main": {"type": "picture", "description_text": "A boat in harbour.", "renditions": rendition}}


def jpeg() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (40, 30)).save(buffer, "JPEG")
    return buffer.getvalue()


def messages(of: str = "gale") -> Iterator[tuple[str, bytes]]:
    """40 files of 24 stories: new, updated, corrected, withheld, killed, in batches, late; one is broken."""
    for n in range(STORIES):
        changes = {"associations": picture("boat.jpg")} if n % 6 == 0 else {}
        yield f"{n:02}.json", json.dumps(item(n, of=of, **changes)).encode()
    for n in range(10):
        changes = {"signals": ["correction"], "headline": f"CORRECTED: gale {n * 7919}"} if n % 3 == 0 else {}
        yield f"3{n}.json", json.dumps(item(n, 3, of=of, **changes)).encode()
    yield "40.json", json.dumps([item(n, 4, "canceled", of=of) for n in (1, 4, 11, 30)]).encode()
    yield "41.json", json.dumps([item(n, 4, "withheld", of=of) for n in (2, 12)]).encode()
    yield "42.json", json.dumps([item(n, 2, of=of) for n in range(6)]).encode()
    yield "43.json", json.dumps([item(n, 5, of=of) for n in (2, 4, 30)]).encode()
    yield "44.json", f'{{"broken": "{of}'.encode()
    yield "45.json", json.dumps([item(n, of=of) for n in range(50, 56)]).encode()


@pytest.fixture
def feed(settings, tmp_path):
    """Publishes at once."""
    settings.MEDIA_ROOT = tmp_path / "media"
    channel = make_channel(make_site("main.test", is_default=True))
    return Feed.objects.create(name="gale", channel=channel, publish=True)


def state_of(of: str) -> list[tuple]:
    """All that the intake of `messages(of)` led to, but for keys and times."""
    found: list[tuple] = []
    for wire_story in WireStory.objects.filter(guid__startswith=f"urn:{of}:").order_by("guid"):
        story = wire_story.story
        copies = wire_story.copies.values_list("version", "status", "standing")
        found.append((wire_story.guid.removeprefix(f"urn:{of}:"), wire_story.withheld, *copies))
        if story:
            versions = story.versions.values_list("number", "kind", "content__headline")
            acts = story.acts.order_by("pk").values_list("verb", "from_state", "to_state")
            found.append((story.headline, story.body, story.state, story.version, *versions, *acts))
            found.append((story.listings.count(), story.withdrawals.count()))
    return found


def at_once(*acts) -> list:
    """What the acts, begun in the same instant, returned, or raised of what an editor is told."""
    barrier = Barrier(len(acts), timeout=30)

    def run(act):
        try:
            barrier.wait()
            return act()
        except (StaleVersion, ForbiddenAct) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


# -- Twice at once -----------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_intakes_of_the_same_files_at_once_have_the_result_of_one(feed):
    def take_all(of: str):
        for name, data in messages(of):
            receive(data, name, feed)

    take_all("once")
    at_once(lambda: take_all("both"), lambda: take_all("both"))
    assert state_of("both") == state_of("once")
    assert Story.objects.filter(guid__startswith="urn:both:").count() == STORIES + 6
    assert Dispatch.objects.count() == 2 * len(list(messages()))
    assert not Dispatch.objects.filter(outcome="received").exists()


# -- Killed at any moment ------------------------------------------------------------


class Portal:
    """A portal of its own, with its database in a file, run by the commands that operators have."""

    SETUP = (
        "from sections.models import Channel, Site; from wires.models import Feed;"
        "site = Site.objects.create(domain='main.test', name='Main', is_default=True);"
        "channel = Channel.objects.create(site=site, title='Sea', kicker='SOUNDINGS');"
        "Feed.objects.create(name='gale', channel=channel, publish=True)"
    )
    REST = (
        "from datetime import timedelta; from django.utils import timezone;"
        "from wires.pictures import fetch_pictures; fetch_pictures(timezone.now() + timedelta(days=2))"
    )
    STATE = {
        "stories": "SELECT guid, headline, body, state, version, picture_id IS NOT NULL FROM articles_story",
        "versions": "SELECT guid, number, kind, reason, headline, body FROM articles_storyversion v"
        " JOIN articles_story s ON s.id = v.story_id",
        "withdrawals": "SELECT guid, kind, reason FROM articles_withdrawal w"
        " JOIN articles_story s ON s.id = w.story_id",
        "acts": "SELECT guid, verb, from_state, to_state FROM articles_act a"
        " JOIN articles_story s ON s.id = a.story_id",
        "copies": "SELECT guid, c.version, status, standing, withheld FROM wires_wirecopy c"
        " JOIN wires_wirestory w ON w.id = c.wire_story_id",
        "dispatches": "SELECT name, outcome, reason FROM wires_dispatch",
        "listings": 'SELECT guid, l."primary" FROM sections_listing l'
        " JOIN articles_story s ON s.id = l.story_id",
        "orders": "SELECT guid, outcome FROM wires_pictureorder o JOIN articles_story s ON s.id = o.story_id",
        "pictures": "SELECT alt_text, width, height FROM articles_picture",
    }

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "portal.sqlite3"

    def start(self, *arguments: object) -> subprocess.Popen:
        environment = {
            "PATH": os.environ["PATH"],
            "ENV_FILE": os.devnull,
            "VAR_DIR": str(self.folder),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "SECRET_KEY": "only-for-the-suite-" * 3,
            "SITE_URL": "http://{host}",
        }
        command = [sys.executable, ROOT / "manage.py", *map(str, arguments)]
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def run(self, *arguments: object, code: int = 0) -> str:
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=120)
        assert process.returncode == code, output.decode()
        return output.decode()

    def value(self, query: str) -> int:
        with closing(sqlite3.connect(self.database, timeout=20)) as database:
            return database.execute(query).fetchone()[0]

    def state(self) -> dict[str, list]:
        with closing(sqlite3.connect(self.database)) as database:
            return {name: sorted(database.execute(query)) for name, query in self.STATE.items()}

    def copy_to(self, folder: Path) -> "Portal":
        shutil.copytree(self.folder, folder)
        return Portal(folder)

    def kill_when(self, query: str, least: int, *arguments: object) -> int:
        """Ends the command by SIGKILL within the instant after that; its exit code."""
        process = self.start(*arguments)
        while process.poll() is None and self.value(query) < least:
            time.sleep(0.001)
        time.sleep(random.uniform(0, 0.02))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        return process.returncode


def test_an_ingest_killed_at_any_moment_and_run_to_its_end_has_the_result_of_one(tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "boat.jpg").write_bytes(jpeg())
    for name, data in messages():
        (inbox / name).write_bytes(data)
    (tmp_path / "one").mkdir()
    one = Portal(tmp_path / "one")
    one.run("migrate", "-v0")
    one.run("shell", "-v0", "-c", Portal.SETUP)
    other = one.copy_to(tmp_path / "other")
    ingest = ("ingest", inbox, "--feed", "gale")

    moments = sorted(random.sample(range(1, 35), 5))
    codes = [other.kill_when("SELECT count(*) FROM wires_dispatch", least, *ingest) for least in moments]
    codes.append(other.kill_when("SELECT count(*) FROM wires_pictureorder WHERE attempts", 1, *ingest))
    assert codes.count(-signal.SIGKILL) >= 5
    for portal in (one, other):
        assert "1 failed" in portal.run(*ingest, code=1)
        portal.run("shell", "-v0", "-c", Portal.REST)

    assert len(one.state()["stories"]) == STORIES + 6
    orders = {0: "done", 12: "dropped", 18: "done", 6: "done"}  # 12 is withheld
    assert one.state()["orders"] == [(f"urn:gale:{n}", outcome) for n, outcome in orders.items()]
    assert other.state() == one.state()


# -- Without its database -----------------------------------------------------------------


class Outage:
    """From its `after`th query on the database is gone."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, execute, *arguments):
        self.left -= 1
        if self.left < 0:
            raise OperationalError("server closed the connection unexpectedly")
        return execute(*arguments)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", ["usable", "withheld", "canceled"])
def test_a_database_gone_at_any_query_leaves_nothing_half_done(feed, status):
    def take(of: str, version: int, status: str = "usable"):
        receive(json.dumps([item(0, version, status, of=of), item(1, version, of=of)]).encode(), "", feed)

    take("whole", 1)
    take("whole", 2, status)
    for after in count():
        of = f"broken-{after}"
        take(of, 1)
        outage, before = Outage(after), state_of(of)
        try:
            with connection.execute_wrapper(outage):
                take(of, 2, status)
        except OperationalError:
            # Of the two items each is in it whole or not at all.
            assert all(line in before or line in state_of("whole") for line in state_of(of))
        take(of, 2, status)
        assert state_of(of) == state_of("whole")
        if outage.left >= 0:
            break
    assert after > 20


@pytest.mark.django_db(transaction=True)
def test_a_row_that_was_known_and_is_gone_meanwhile_is_looked_up_anew(feed, monkeypatch):
    """As when an editor merges two authors while a long intake runs."""
    known = Known()
    monkeypatch.setattr(intake, "Known", lambda: known)
    Author.objects.create(name="Ida Brandt")
    receive(json.dumps(item(0, byline="By Ida Brandt")).encode(), "", feed)
    Author.objects.all().delete()
    report = receive(json.dumps(item(1, byline="By Ida Brandt")).encode(), "", feed)
    assert dict(report.counts) == {"published": 1}
    assert [list(story.authors.all()) for story in Story.objects.all()] == [[], []]


# -- Without room on its disk ---------------------------------------------------------------


@pytest.mark.django_db
def test_a_full_disk_costs_the_picture_a_delay_and_the_story_nothing(feed, tmp_path, monkeypatch, capsys):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "boat.jpg").write_bytes(jpeg())
    (inbox / "story.json").write_bytes(json.dumps(item(0, associations=picture("boat.jpg"))).encode())

    def full(self, name, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    call_command("ingest", inbox, "--feed", "gale")
    assert "1 pictures put off, 1 published" in capsys.readouterr().out
    order = PictureOrder.objects.select_related("story").get()
    assert (order.story.state, order.story.picture, order.outcome) == ("published", None, "wanted")
    assert "No space left on device" in order.reason
    monkeypatch.undo()
    assert fetch_pictures(timezone.now() + timedelta(days=1)) == {"pictures stored": 1}
    order.story.refresh_from_db()
    assert order.story.picture.width == 40


# -- A kill against an editor ------------------------------------------------------------------


@pytest.fixture
def desk_feed(feed):
    feed.publish = False
    feed.save()
    return feed


def nobody_reads_it(feed: Feed) -> bool:
    public = Story.objects.public(timezone.now() + timedelta(seconds=1), feed.channel.site)
    return not public.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [publishing.publish, publishing.update])
def test_a_kill_at_the_instant_at_which_an_editor_publishes_wins(desk_feed, act):
    for n in range(6):
        receive(json.dumps(item(n)).encode(), "new.json", desk_feed)
        if act == publishing.update:
            publishing.publish(Story.objects.get(guid=f"urn:gale:{n}"), by_name="An editor")
        opened = Story.objects.get(guid=f"urn:gale:{n}")
        kill = json.dumps(item(n, 2, "canceled")).encode()
        at_once(
            lambda opened=opened: act(opened, by_name="An editor"),
            lambda kill=kill: receive(kill, "kill.json", desk_feed),
        )
        story = Story.objects.get(pk=opened.pk)
        assert (story.state, story.withdrawals.count()) == ("withdrawn", 1)
    assert nobody_reads_it(desk_feed)
    assert WireCopy.objects.filter(standing="stop").count() == 6


@pytest.mark.django_db(transaction=True)
def test_a_kill_arriving_in_the_middle_of_a_publication_is_done_right_after_it(desk_feed, monkeypatch):
    receive(json.dumps(item(0)).encode(), "new.json", desk_feed)

    def take_kill():
        try:
            receive(json.dumps(item(0, 2, "canceled")).encode(), "kill.json", desk_feed)
        finally:
            connection.close()

    kill, obstacles = Thread(target=take_kill), publishing.obstacles

    def kill_comes_in(story, at=None):
        kill.start()
        kill.join(0.3)
        assert kill.is_alive()
        return obstacles(story, at)

    monkeypatch.setattr(publishing, "obstacles", kill_comes_in)
    publishing.publish(Story.objects.get(), by_name="An editor")
    kill.join(30)
    assert list(Story.objects.get().acts.order_by("pk").values_list("verb", flat=True)) == ["publish", "kill"]
    assert nobody_reads_it(desk_feed)


@pytest.mark.django_db(transaction=True)
def test_an_editor_whose_story_was_killed_meanwhile_cannot_publish_it(desk_feed):
    receive(json.dumps(item(0)).encode(), "new.json", desk_feed)
    opened = Story.objects.get()
    receive(json.dumps(item(0, 2, "canceled")).encode(), "kill.json", desk_feed)
    with pytest.raises(ForbiddenAct):
        publishing.publish(opened, by_name="An editor")
    assert nobody_reads_it(desk_feed)
