"""Responses in memory: found by what was asked for, dropped by what they show. Thread-safe; knows no HTTP.

What a page is made from may change while it is made. So who makes one notes the store's `moment` before,
and a page that something has changed since is not taken.
"""

from __future__ import annotations

import logging
import threading
import time
from bisect import bisect_right, insort
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from newsportal.outbox import News

logger = logging.getLogger(__name__)

USED_AGAIN = 1.0  # seconds; asked for within them, a page need not wait for the lock to be the last used
REMEMBERED = 10_000  # changes; a page that takes longer to make than as many take is not stored


@dataclass(slots=True)
class Page:
    status: str
    headers: list[tuple[str, str]]
    bodies: dict[str, bytes]  # by encoding; what is missing is made when it is first asked for
    etag: str  # without quotes
    is_compressible: bool
    is_labelled: bool  # says what it shows, to caches in front
    keys: frozenset[str]
    made: float  # by time.time(), as are the others
    modified: float
    until: float  # from which on it is over
    is_dropped: bool = False  # something that it shows has changed
    stale_until: float = 0.0  # by time.monotonic(); till then a dropped one is not too old for a reader
    size: int = 0
    used: float = 0.0  # by time.monotonic(), to a second
    answers: dict = field(default_factory=dict)  # ready ones, by encoding


class PageStore:
    def __init__(self, most_bytes: int) -> None:
        self.most_bytes, self.bytes = most_bytes, 0
        self.counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._pages: OrderedDict[Hashable, Page] = OrderedDict()
        self._by_key: defaultdict[str, set[Hashable]] = defaultdict(set)
        self._changes: deque[frozenset[str] | None] = deque(maxlen=REMEMBERED)  # None: everything
        self._changed = 0  # how many there were
        self._moments: defaultdict[str, list[float]] = defaultdict(list)
        self._known_until = 0.0  # up to when moments to come are known

    def __len__(self) -> int:
        return len(self._pages)

    @property
    def moment(self) -> int:
        return self._changed

    def get(self, place: Hashable) -> Page | None:
        """Also one that was dropped or is over: the caller decides whether it may still be shown."""
        page = self._pages.get(place)
        if page is not None and (now := time.monotonic()) - page.used > USED_AGAIN:
            with self._lock:
                page.used = now
                if place in self._pages:
                    self._pages.move_to_end(place)
        return page

    def put(self, place: Hashable, page: Page, since: int) -> bool:
        """Whether it is stored: not if something that it shows has changed since."""
        with self._lock:
            page.until = min(page.until, self._next_moment(page.keys, page.made))
            if page.until <= time.time() or self._has_changed(page.keys, since):
                self.counts["outdated"] += 1
                return False
            self._remove(place)
            page.size = sum(map(len, page.bodies.values())) + 2_000  # headers, keys, and their places
            if page.size > self.most_bytes // 4:
                return False
            self._pages[place] = page
            self.bytes += page.size
            for key in page.keys:
                self._by_key[key].add(place)
            self._make_room()
            return True

    def grow(self, place: Hashable, page: Page, encoding: str, body: bytes) -> None:
        """Keeps one more encoding of a page."""
        with self._lock:
            page.bodies[encoding] = body
            if self._pages.get(place) is page:
                page.size += len(body)
                self.bytes += len(body)
                self._make_room()

    def change(self, news: Iterable[News], stale_until: float) -> None:
        """Drops the pages that show what has changed; they stay as stale ones until they are made anew.

        They may be shown till `stale_until`: what has changed did so a second before then at the most.
        """
        with self._lock:
            for new in news:
                self._changed += 1
                self._changes.append(new.keys)
                for page in self._showing(new.keys):
                    if not page.is_dropped:
                        page.is_dropped, page.stale_until = True, stale_until
                        self.counts["dropped"] += 1
                for moment in new.moments:
                    self._note(moment, new.keys)

    def come(self, moments: Iterable[tuple[float, Iterable[str]]], until: float) -> None:
        """Takes what will change by the clock, which is all there is to know up to `until`."""
        found = list(moments)
        now = time.time()
        logger.info("%d pages in %d bytes. So far: %s", len(self), self.bytes, dict(self.counts))
        with self._lock:
            for key in list(self._moments):
                self._moments[key] = [moment for moment in self._moments[key] if moment > now - 60]
                if not self._moments[key]:
                    del self._moments[key]
            for moment, keys in found:
                self._note(moment, keys)
            self._known_until = until

    def forget(self) -> None:
        """Everything, and what is being made now."""
        with self._lock:
            self._pages.clear()
            self._by_key.clear()
            self._changed += 1
            self._changes.append(None)
            self.bytes = 0
            self.counts["emptied"] += 1

    def is_over(self, page: Page, now: float) -> bool:
        return page.until <= now or self._known_until <= now

    def next_change(self, page: Page) -> float:
        """When the page changes by the clock, as far as is known."""
        return min(page.until, self._known_until)

    # -- Under the lock ------------------------------------------------------------------

    def _showing(self, keys: Iterable[str]) -> list[Page]:
        places = set().union(*(self._by_key.get(key, ()) for key in keys))
        return [self._pages[place] for place in places]

    def _note(self, moment: float, keys: Iterable[str]) -> None:
        for key in keys:
            times = self._moments[key]
            if moment not in times:
                insort(times, moment)
        for page in self._showing(keys):
            # One that has passed while it was read of: the page may be of before or of after.
            if page.made < moment < page.until:
                page.until = moment

    def _next_moment(self, keys: Iterable[str], after: float) -> float:
        found = [float("inf")]
        for key in keys:
            times = self._moments.get(key, ())
            if (index := bisect_right(times, after)) < len(times):
                found.append(times[index])
        return min(found)

    def _has_changed(self, keys: frozenset[str], since: int) -> bool:
        number = self._changed - since
        if number > len(self._changes):
            return True  # more than is remembered
        newest = (self._changes[-index] for index in range(1, number + 1))
        return any(changed is None or not changed.isdisjoint(keys) for changed in newest)

    def _make_room(self) -> None:
        while self.bytes > self.most_bytes and self._pages:
            self._remove(next(iter(self._pages)))
            self.counts["evicted"] += 1

    def _remove(self, place: Hashable) -> None:
        page = self._pages.pop(place, None)
        if page is None:
            return
        self.bytes -= page.size
        for key in page.keys:
            self._by_key[key].discard(place)
            if not self._by_key[key]:
                del self._by_key[key]
