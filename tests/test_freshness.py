"""No reader gets a page older than a second after the commit that changed it, nor one that the clock has
ended: several processes, acts and readers at random."""

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from articles import publishing
from articles.models import Story
from tests.factories import make_channel, make_site, publish
from tests.portal_server import get, nginx, portal

BY = {"by_name": "The suite"}
SECOND = 1.0
FOR = 5.0  # seconds of acts
MOST = 15  # stories: as many as a list shows, so that a story that is missing is noticed


class Record:
    """What was true when: of each story the words that its pages have, or None where it has no page."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.act = threading.Lock()  # held until an act that was committed is noted
        self._said: dict[int, list[tuple[float, float, str | None]]] = {}

    def say(self, pk: int, begin: float, words: str | None) -> None:
        """`begin` is before the commit; after it is now."""
        with self._lock:
            self._said.setdefault(pk, []).append((begin, time.time(), words))

    def allowed(self, pk: int, asked: float, answered: float) -> set[str | None]:
        """What a reader may be shown who asked and was answered at those times."""
        with self._lock:
            said = list(self._said[pk])
        found = set()
        for index, (begin, _committed, words) in enumerate(said):
            ended = said[index + 1][1] if index + 1 < len(said) else float("inf")
            if begin <= answered and asked <= ended + SECOND:
                found.add(words)
        return found


class Newsroom:
    """A channel with stories, to which things happen."""

    def __init__(self) -> None:
        self.site = make_site(is_default=True)
        self.channel = make_channel(self.site)
        self.record, self.random = Record(), random.Random(20261123)
        self.stories: list[int] = []
        self._number = 0
        for _ in range(5):
            self.file()

    def words(self) -> str:
        self._number += 1
        return f"word{self._number}"

    def file(self) -> None:
        begin, words = time.time(), self.words()
        story = publish(self.channel, headline=f"Harbour {words}")
        self.record.say(story.pk, 0, None)  # before this there was no page of it
        self.record.say(story.pk, begin, words)
        self.stories.append(story.pk)

    def act(self) -> None:
        with self.record.act:
            self._act()

    def _act(self) -> None:
        story = Story.objects.get(pk=self.random.choice(self.stories))
        begin, choice = time.time(), self.random.random()
        if story.state == Story.State.WITHDRAWN:
            publishing.restore(story, reason="Back", **BY)
            publishing.publish(story, **BY)
            self.record.say(story.pk, begin, story.headline.split()[-1])
        elif choice < 0.6:
            words = self.words()
            story.headline = f"Harbour {words}"
            publishing.update(story, **BY)
            self.record.say(story.pk, begin, words)
        elif choice < 0.8 or len(self.stories) == MOST:
            publishing.unpublish(story, reason="Gone", **BY)
            self.record.say(story.pk, begin, None)
        else:
            self.file()


class Reader(threading.Thread):
    """Reads pages at random and notes what it should not have been shown."""

    def __init__(self, port: int, room: Newsroom, seed: int) -> None:
        super().__init__(daemon=True)
        self.port, self.room, self.random = port, room, random.Random(seed)
        self.wrong: list[str] = []
        self.how: Counter[str] = Counter()
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.is_set():
            try:
                self.read_list(self.random.choice(["/", "/latest/", "/channel/russian-news/", "/rss.xml"]))
                self.read_story(self.random.choice(self.room.stories))
            except Exception as error:  # noqa: BLE001 (whatever it is, the test fails with it)
                self.wrong.append(repr(error))
                return

    def read(self, path: str) -> tuple[int, str, float]:
        asked = time.time()
        status, headers, body = get(self.port, path, "main.test")
        self.how[said_of(headers)] += 1
        return status, headers.get("location", "") or body.decode(), asked

    def read_list(self, path: str) -> None:
        filed = list(self.room.stories)
        status, body, asked = self.read(path)
        shown = dict(re.findall(r"/story/(\d+)/harbour-(word\d+)/", body)) if status == 200 else {}
        for pk in filed:
            self.check(path, pk, shown.get(str(pk)), asked)

    def read_story(self, pk: int) -> None:
        status, where, asked = self.read(f"/story/{pk}/")
        if status == 301:
            status, body, asked = self.read(where)
            if status == 301:  # it was changed between the two
                return
            words = re.search(r"<h1[^>]*>[^<]*?(word\d+)", body)
            self.check(where, pk, words[1] if status == 200 else None, asked)
        else:
            self.check(f"/story/{pk}/", pk, None, asked)

    def check(self, path: str, pk: int, words: str | None, asked: float) -> None:
        answered = time.time()
        if words in self.room.record.allowed(pk, asked, answered):
            return
        with self.room.record.act:  # what was shown may be of an act that was committed just now
            allowed = self.room.record.allowed(pk, asked, answered)
        if words not in allowed:
            self.wrong.append(f"{path} showed {words} of story {pk} and not one of {allowed}")


def said_of(headers: dict[str, str]) -> str:
    """By the cache that is nearest to the reader."""
    return headers.get("x-nginx-cache", headers["x-cache"]).lower()


@pytest.fixture
def room(transactional_db):
    return Newsroom()


@pytest.fixture(params=["gunicorn", "nginx"])
def readers_port(request, tmp_path):
    """Starts the portal with so many workers, and what stands in front of it; gives the port of that."""

    @contextmanager
    def start(workers: int) -> Iterator[int]:
        if request.param == "gunicorn":
            with portal(workers) as port:
                yield port
        else:
            with portal(workers, SHARED_CACHE_SECONDS="1") as behind, nginx(tmp_path, behind) as port:
                yield port

    return start


def test_no_reader_gets_a_page_older_than_a_second(room, readers_port):
    with readers_port(workers=3) as port:
        readers = [Reader(port, room, seed) for seed in range(3)]
        for reader in readers:
            reader.start()
        end = time.monotonic() + FOR
        while time.monotonic() < end:
            room.act()
            time.sleep(room.random.uniform(0, 1.2))
        for reader in readers:
            reader.is_over.set()
            reader.join(30)
    assert [wrong for reader in readers for wrong in reader.wrong] == []
    how = sum((reader.how for reader in readers), Counter())
    assert how["hit"], how


def test_no_reader_gets_a_page_past_its_next_change_by_the_clock(room, readers_port):
    with readers_port(workers=2) as port:
        coming, going = (timezone.now() + timedelta(seconds=seconds) for seconds in (3, 4))
        embargoed = publish(room.channel, headline="Harbour embargoed", embargo_until=coming)
        leaving = publish(room.channel, headline="Harbour leaving", rights_until=going)
        paths, wrong, how = ["/", "/channel/russian-news/", "/rss.xml"], [], Counter()
        while (now := timezone.now()) < going + timedelta(seconds=1):
            path = room.random.choice(paths)
            _status, headers, body = get(port, path, "main.test")
            answered = timezone.now()
            how[said_of(headers)] += 1
            if answered < coming and f"/story/{embargoed.pk}/".encode() in body:
                wrong.append(f"{path} showed it before its embargo ended")
            if now > coming and f"/story/{embargoed.pk}/".encode() not in body:
                wrong.append(f"{path} did not show it after its embargo ended")
            if now > going and f"/story/{leaving.pk}/".encode() in body:
                wrong.append(f"{path} showed it when its rights had ended")
            time.sleep(0.02)
    assert wrong == []
    assert how["hit"], how
