"""Pages from memory, ahead of Django: a WSGI application around another.

What anonymous readers ask for is answered from newsportal.page_store, which newsportal.freshness keeps true.
A page is found by host, path and those parameters that its view reads; all others are taken away. One
thread at a time makes a page that is missing. While the database is away, pages that nothing is known to
have changed go on being served, and all else gets a 503.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Protocol

from django.conf import settings

from newsportal import away, page_http
from newsportal.caching import KEPT
from newsportal.freshness import SETTLED, Freshness
from newsportal.outbox import News
from newsportal.page_http import Headers, Response, StartResponse
from newsportal.page_store import Page, PageStore

WAIT = 10.0  # seconds for a page that another thread makes
STALE_IF_ERROR = 3600  # seconds for which others may show a page while we cannot answer
# A page's own, made anew from what is kept.
NOT_KEPT = {"content-length", "etag", "cache-control", "content-encoding", "vary", "last-modified"}
LABELS = {"surrogate-key", "xkey", "cache-tag"}

Place = tuple[str, str, str]


class KeptCopy(Protocol):
    """What a process keeps of the database beside pages, good while the cache hears of what changes it."""

    key: str

    def vouch(self, until: float) -> None: ...

    def forget(self) -> None: ...


class PageCache:
    def __init__(
        self,
        application: Callable,
        *,
        megabytes: int,
        moments_between: Callable,
        copies: Sequence[KeptCopy] = (),
    ) -> None:
        self._application = application
        self.store = PageStore(megabytes * 1024 * 1024)
        self.freshness = Freshness(
            on_news=self._hear,
            on_moments=self.store.come,
            forget=self._forget,
            moments_between=moments_between,
            on_sure=self._vouch,
        )
        self._copies = copies
        is_told = settings.PURGE_VARNISH or settings.PURGE_URL
        # nginx's own cache in between would give an old page to those who were just told that it is old.
        self.past_nginx: Headers = [("X-Accel-Expires", "0")] if is_told else []
        # Where no cache is told of changes none needs keys: they would only make each response longer.
        self._not_kept = NOT_KEPT if is_told else NOT_KEPT | LABELS
        self._https, self._scheme_header = settings.HTTPS, settings.SECURE_PROXY_SSL_HEADER
        self._flights: dict[Place, _Flight] = {}
        self._lock = threading.Lock()

    def _hear(self, news: list[News], stale_until: float) -> None:
        """Copies first: a page that is begun after its pages were dropped may not be made of an old one."""
        for copy in self._copies:
            if any(copy.key in new.keys for new in news):
                copy.forget()
        self.store.change(news, stale_until)

    def _forget(self) -> None:
        for copy in self._copies:
            copy.forget()
        self.store.forget()

    def _vouch(self, until: float) -> None:
        for copy in self._copies:
            copy.vouch(until)

    def __call__(self, environ: dict, start_response: StartResponse) -> Iterable[bytes]:
        place = self._place(environ)
        if place is None:
            return self._pass(environ, start_response)
        answer = _Answering(self, place, environ, start_response)
        page = self.store.get(place)
        if page and self._is_fresh(page):
            return answer.give(page, "hit")
        self.freshness.start()
        if self.freshness.is_away:
            return self._without_database(answer)
        return self._fill(answer)

    def _place(self, environ: dict) -> Place | None:
        """Where the page is kept; None for what is not to be answered from memory."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in environ:
            return None
        cookies = environ.get("HTTP_COOKIE")
        if cookies and f"{settings.SESSION_COOKIE_NAME}=" in cookies:
            return None
        path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
        known = page_http.parameters_of(path)
        if known is None or self._is_secure(environ) != self._https:
            return None
        return environ.get("HTTP_HOST", ""), path, page_http.asked(query, known) if query else ""

    def _is_secure(self, environ: dict) -> bool:
        """As HttpRequest.is_secure() has it."""
        if self._scheme_header:
            name, secure = self._scheme_header
            if name in environ:
                return environ[name].split(",")[0].strip() == secure
        return environ["wsgi.url_scheme"] == "https"

    def _is_fresh(self, page: Page) -> bool:
        now = time.time()
        return (
            not page.is_dropped
            and time.monotonic() < self.freshness.sure_until
            and not self.store.is_over(page, now)
        )

    def _pass(self, environ: dict, start_response: StartResponse) -> Iterable[bytes]:
        self.freshness.start()
        self.store.counts["pass"] += 1
        if self.freshness.is_away and not environ.get("PATH_INFO", "").startswith(_files()):
            return away.answer(environ, start_response)

        def say_pass(status: str, headers: Headers, *exc_info: object) -> object:
            return start_response(status, [*headers, ("X-Cache", "pass")], *exc_info)

        return self._application(environ, say_pass)

    # -- A page that is missing ------------------------------------------------------------

    def _fill(self, answer: _Answering) -> Iterable[bytes]:
        for _ in range(3):
            flight, is_ours = self._join(answer.place)
            if is_ours:
                try:
                    return self._make(answer, flight)
                finally:
                    self._land(answer.place, flight)
            page = self.store.get(answer.place)
            if page and self._does_for_others(page):
                return answer.give(page, "stale")
            flight.landed.wait(WAIT)
            page = self.store.get(answer.place)
            if page and self._is_fresh(page):
                return answer.give(page, "hit")
            if not flight.is_kept:
                break  # nothing to wait for: it is no page that is kept
        return self._make(answer, _Flight())

    def _join(self, place: Place) -> tuple[_Flight, bool]:
        with self._lock:
            if flight := self._flights.get(place):
                return flight, False
            flight = self._flights[place] = _Flight()
            return flight, True

    def _land(self, place: Place, flight: _Flight) -> None:
        with self._lock:
            del self._flights[place]
        flight.landed.set()

    def _does_for_others(self, page: Page) -> bool:
        """While one thread makes it anew: a page that was true less than a second ago."""
        is_recent = page.is_dropped and time.monotonic() < page.stale_until
        return is_recent and not self.store.is_over(page, time.time())

    def _make(self, answer: _Answering, flight: _Flight) -> Iterable[bytes]:
        since, made, began = self.store.moment, time.time(), time.perf_counter()
        is_sure = time.monotonic() < self.freshness.sure_until
        asked = page_http.as_asked_first(answer.environ, answer.place[2])
        response = page_http.ask(self._application, asked)
        timing = f"app;dur={(time.perf_counter() - began) * 1000:.1f}"
        if response.status.startswith("503"):
            return self._without_database(answer, response)
        if not _may_be_kept(response):
            self.store.counts["not kept"] += 1
            return answer.give_as_it_is(response, timing)
        page = _page_of(response, made, self.store.get(answer.place), self._not_kept)
        flight.is_kept = is_sure and self.store.put(answer.place, page, since)
        return answer.give(page, "miss", timing, is_kept=flight.is_kept)

    def _without_database(self, answer: _Answering, response: Response | None = None) -> Iterable[bytes]:
        """The page as it was when the database was last heard of, unless the clock has changed it since."""
        page = self.store.get(answer.place)
        if page and not page.is_dropped and not self.store.is_over(page, time.time()):
            return answer.give(page, "stale")
        self.store.counts["unavailable"] += 1
        if response:
            return answer.give_as_it_is(response, "")
        return away.answer(answer.environ, answer.start_response)

    def cache_control(self, page: Page, *, is_settled: bool) -> str:
        """Browsers ask each time. Others may keep the page only where they are told of changes, if it is one
        that nothing can have changed unseen, and never beyond the next change by the clock."""
        left = max(int(self.store.next_change(page) - time.time()) - 1, 0)
        shared = min(settings.SHARED_CACHE_SECONDS, left) if is_settled and page.is_labelled else 0
        again = min(shared // 2, 30)
        return (
            f"public, max-age=0, s-maxage={shared - again}, stale-while-revalidate={again}, "
            f"stale-if-error={min(STALE_IF_ERROR, left)}"
        )


class _Flight:
    """A page on its way: who else asks for it waits until it has landed."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.is_kept = False


@dataclass(slots=True)
class _Encoded:
    """A page in one encoding. What a hit says beside is made once for all of the next moment."""

    headers: Headers
    etag: str
    body: bytes
    of_hit: Headers = field(default_factory=list)
    of_hit_until: float = 0.0  # by time.monotonic()


class _Answering:
    """One request, and the ways to answer it."""

    def __init__(self, cache: PageCache, place: Place, environ: dict, start_response: StartResponse) -> None:
        self._cache, self.place = cache, place
        self.environ, self.start_response = environ, start_response

    def give(self, page: Page, how: str, timing: str = "", *, is_kept: bool = False) -> Iterable[bytes]:
        self._cache.store.counts[how] += 1
        accepted = self.environ.get("HTTP_ACCEPT_ENCODING", "")
        encoding = page_http.encoding_for(accepted) if page.is_compressible else ""
        encoded = page.answers.get(encoding) or self._encoded(page, encoding)
        if how == "hit":
            headers = self._of_hit(page, encoded)
        else:
            is_settled = is_kept and time.monotonic() < self._cache.freshness.settled_until
            headers = self._headers(page, encoded, how, timing, is_settled=is_settled)
        asked = self.environ.get("HTTP_IF_NONE_MATCH")
        if asked and page.status.startswith("200") and page_http.matches(asked, encoded.etag):
            self._cache.store.counts["not modified"] += 1
            headers = [pair for pair in headers if pair[0] not in page_http.OF_BODIES]
            self.start_response("304 Not Modified", headers)
            return []
        self.start_response(page.status, headers)
        return [] if self.environ["REQUEST_METHOD"] == "HEAD" else [encoded.body]

    def _of_hit(self, page: Page, encoded: _Encoded) -> Headers:
        now = time.monotonic()
        if now >= encoded.of_hit_until:
            settled_until = self._cache.freshness.settled_until
            is_settled = now < settled_until
            encoded.of_hit = self._headers(page, encoded, "hit", is_settled=is_settled)
            encoded.of_hit_until = settled_until if is_settled else now + SETTLED
        return encoded.of_hit.copy()  # a server may change what it is given

    def _headers(
        self, page: Page, encoded: _Encoded, how: str, timing: str = "", *, is_settled: bool
    ) -> Headers:
        return [
            *encoded.headers,
            ("Cache-Control", self._cache.cache_control(page, is_settled=is_settled)),
            *self._cache.past_nginx,
            ("X-Cache", how),
            ("Server-Timing", timing or f"cache;desc={how}"),
        ]

    def give_as_it_is(self, response: Response, timing: str) -> Iterable[bytes]:
        told = [("X-Cache", "pass"), *([("Server-Timing", timing)] if timing else [])]
        self.start_response(response.status, [*response.headers, *told])
        return [] if self.environ["REQUEST_METHOD"] == "HEAD" else [response.body]

    def _encoded(self, page: Page, encoding: str) -> _Encoded:
        """Made once; two threads that make it at once make the same."""
        body = page.bodies.get(encoding)
        if body is None:
            body = page_http.ENCODERS[encoding](page.bodies[""])
            self._cache.store.grow(self.place, page, encoding, body)
        etag = f'"{page.etag}-{encoding}"' if encoding else f'"{page.etag}"'
        headers = [*page.headers, ("ETag", etag), ("Content-Length", str(len(body)))]
        if encoding:
            headers.append(("Content-Encoding", encoding))
        page.answers[encoding] = encoded = _Encoded(headers, etag, body)
        return encoded


def _files() -> tuple[str, ...]:
    """Where files are served from, for which no database is asked."""
    return settings.STATIC_URL, settings.MEDIA_URL


def _may_be_kept(response: Response) -> bool:
    varies = {name.strip().lower() for name in response.header("vary").split(",")} - {"", "accept-encoding"}
    return (
        response.shown is not None
        and int(response.status[:3]) in KEPT
        and not varies
        and not response.header("set-cookie")
    )


def _page_of(response: Response, made: float, last: Page | None, not_kept: Set[str]) -> Page:
    headers = [pair for pair in response.headers if pair[0].lower() not in not_kept]
    is_compressible = page_http.is_compressible(response.header("content-type"), response.body)
    if is_compressible:
        headers.append(("Vary", "Accept-Encoding"))
    etag = hashlib.blake2b(response.body, digest_size=12).hexdigest()
    # Made anew and still the same, it was last modified when it was.
    modified = last.modified if last and last.etag == etag else made
    headers.append(("Last-Modified", formatdate(modified, usegmt=True)))
    until = response.shown.until
    return Page(
        status=response.status,
        headers=headers,
        bodies={"": response.body},
        etag=etag,
        is_compressible=is_compressible,
        is_labelled=bool(response.header("surrogate-key")),
        keys=response.shown.keys,
        made=made,
        modified=modified,
        until=until.timestamp() if until else float("inf"),
    )
