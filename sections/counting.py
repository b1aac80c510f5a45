"""Where a story's page tells that it is being read. It says which story, and nothing of the reader.

Reads are counted in the memory of the process and written now and then, so that no page waits for it; those
of half a minute are lost with a process that is killed.
"""

from __future__ import annotations

import atexit
import logging
import re
import threading
from collections import Counter
from time import monotonic
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from sections.reads import write_counts

logger = logging.getLogger(__name__)

WRITE_EVERY = 30  # seconds
MOST_STORIES = 20_000  # between two writes; more come from a program
MOST_A_MINUTE = 120  # of one story in one process; what is read more often stands on top anyway

# Programs that say that they are: crawlers, monitors, what makes previews of links, and tools.
_PROGRAM = re.compile(
    r"bot\b|bots\b|crawl|spider|slurp|headless|lighthouse|monitor|preview|scan|fetch|curl|wget|python|java/|go-http|^$",
    re.IGNORECASE,
)


class Reads:
    """The reads that this process has been told of and not written yet."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._of_minute: Counter[int] = Counter()
        self._minute = 0
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None
        self._ended = threading.Event()

    def add(self, story: int) -> None:
        """Never waits for the database: a thread of this process writes."""
        with self._lock:
            minute = int(monotonic() // 60)
            if minute != self._minute:
                self._minute = minute
                self._of_minute.clear()
            is_known = story in self._counts
            if self._of_minute[story] >= MOST_A_MINUTE or not is_known and len(self._counts) >= MOST_STORIES:
                return
            self._of_minute[story] += 1
            self._counts[story] += 1
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_on, name="reads", daemon=True)
                self._writer.start()
                atexit.register(self.end)

    def write(self) -> None:
        """Writes what there is. What cannot be written now is kept for the next time."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            write_counts(counts, timezone.now())
        except DatabaseError as error:
            logger.warning("Reads of %s stories could not be written yet: %s", len(counts), error)
            with self._lock:
                self._counts.update(counts)

    def end(self) -> None:
        """Writes what is left; nothing is written by itself from then on."""
        self._ended.set()
        self._writer.join(WRITE_EVERY)
        self.write()

    def _write_on(self) -> None:
        while not self._ended.wait(WRITE_EVERY):
            self.write()
            connection.close()


reads = Reads()


@csrf_exempt  # there is no session that could be misused, and a page that caches keep can hold no token
@require_POST
@never_cache
def count_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Counted from our own pages only, by browsers only. No query."""
    if not settings.COUNT_READS:
        raise Http404("Reads are not counted.")
    if _from_our_page(request) and not _PROGRAM.search(request.headers.get("User-Agent", "")):
        reads.add(pk)
    return HttpResponse(status=204)


def _from_our_page(request: HttpRequest) -> bool:
    """Browsers write these headers themselves; no script of another site can."""
    origin = urlsplit(request.headers.get("Origin", ""))
    return origin.netloc == request.get_host() and request.headers.get("Sec-Fetch-Site") in (
        None,
        "same-origin",
    )
