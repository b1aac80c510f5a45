import gzip
import threading
import time
from datetime import UTC, datetime, timedelta

import brotli
import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from newsportal.caching import SHOWN, Shown, label, shows
from newsportal.freshness import SETTLED, SURE
from newsportal.outbox import News
from newsportal.page_http import asked, encoding_for
from newsportal.pagecache import PageCache

TEXT = b"<p>Pilots went back to the harbour.</p>" * 20


class Django:
    """An application that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[dict] = []
        self.status, self.body, self.headers = "200 OK", TEXT, [("Surrogate-Key", "network story:1")]
        self.shown: Shown | None = Shown(frozenset({"network", "story:1"}))
        self.gate: threading.Event | None = None

    def __call__(self, environ, start_response):
        self.asked.append(environ)
        if self.gate:
            assert self.gate.wait(10)
        if self.shown:
            environ[SHOWN] = self.shown
        start_response(self.status, [("Content-Type", "text/html; charset=utf-8"), *self.headers])
        return [self.body]


@pytest.fixture
def django():
    return Django()


@pytest.fixture
def make_cache(django, monkeypatch):
    """By the settings as they are then."""

    def make_cache() -> PageCache:
        made = PageCache(django, megabytes=1, moments_between=lambda begin, end: [])
        monkeypatch.setattr(made.freshness, "start", lambda: None)
        made.freshness.sure_until = time.monotonic() + 60
        made.store.come([], time.time() + 3600)
        return made

    return make_cache


@pytest.fixture
def cache(make_cache):
    return make_cache()


class Got:
    def __init__(self, cache, path="/latest/", **headers) -> None:
        method = headers.pop("method", "GET")
        environ = RequestFactory(headers=headers).generic(method, path).environ
        self.body = b"".join(cache(environ, self._start))

    def _start(self, status, headers, exc_info=None) -> None:
        self.status, self.headers = status, {name.lower(): value for name, value in headers}

    @property
    def how(self) -> str:
        return self.headers["x-cache"]


def change(cache, *keys) -> None:
    cache.store.change([News(1, frozenset(keys), ())], time.monotonic() + 0.5)


@pytest.mark.parametrize(
    "told", [{"PURGE_URL": "https://cdn.example/"}, {"PURGE_VARNISH": ["http://a/"]}, {}]
)
def test_pages_name_what_they_show_where_a_cache_in_front_is_told_of_changes(make_cache, settings, told):
    for name, value in told.items():
        setattr(settings, name, value)
    cache = make_cache()
    for _how in ("miss", "hit"):
        assert Got(cache).headers.get("surrogate-key") == ("network story:1" if told else None)


@pytest.mark.parametrize(("number", "is_told"), [(3, True), (1_000, False)])
def test_caches_in_front_may_not_keep_what_they_cannot_be_told_of(
    make_cache, django, settings, number, is_told
):
    """Varnish refuses a header of more than 8 KB."""
    settings.SHARED_CACHE_SECONDS, settings.PURGE_URL = 600, "https://cdn.example/"
    cache = make_cache()
    request, response = RequestFactory().get("/"), HttpResponse()
    label(request, shows(request, response, {f"story:{key}" for key in range(1_000_000, 1_000_000 + number)}))
    django.headers = list(response.headers.items())
    headers = Got(cache).headers
    assert all((name in headers) == is_told for name in ("surrogate-key", "xkey", "cache-tag"))
    assert ("s-maxage=570," in Got(cache).headers["cache-control"]) == is_told
    assert max(map(len, headers.values())) < 8_100


def test_a_page_is_made_once(cache, django):
    assert [Got(cache).how for _ in range(3)] == ["miss", "hit", "hit"]
    assert Got(cache).body == TEXT
    assert len(django.asked) == 1


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, br", "br"), ("gzip", "gzip"), ("", None)])
def test_a_page_is_given_in_the_best_encoding_asked_for(cache, django, accepted, encoding):
    for _ in range(2):
        got = Got(cache, accept_encoding=accepted)
        decode = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
        assert decode(got.body) == TEXT
        assert got.headers.get("content-encoding") == encoding
        assert got.headers["content-length"] == str(len(got.body))
        assert got.headers["vary"] == "Accept-Encoding"
    assert len(django.asked) == 1


def test_each_encoding_has_its_own_strong_etag_and_a_304(cache):
    etags = {Got(cache, accept_encoding=encoding).headers["etag"] for encoding in ("br", "gzip", "")}
    assert len(etags) == 3
    for etag in etags:
        assert etag.startswith('"')
    etag = Got(cache, accept_encoding="br").headers["etag"]
    got = Got(cache, accept_encoding="br", if_none_match=f'"other", {etag}')
    assert (got.status, got.body) == ("304 Not Modified", b"")
    assert "content-length" not in got.headers
    assert got.headers["etag"] == etag
    assert Got(cache, accept_encoding="br", if_none_match='"other"').status == "200 OK"


def test_a_head_request_is_answered_with_the_headers_of_the_page(cache, django):
    got = Got(cache, method="HEAD")
    assert (got.body, got.headers["content-length"]) == (b"", str(len(TEXT)))
    assert django.asked[0]["REQUEST_METHOD"] == "GET"
    assert Got(cache).how == "hit"


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "POST"},
        {"cookie": "sessionid=abc"},
        {"cookie": "theme=dark; sessionid=abc"},
        {"authorization": "Basic abc"},
        {"path": "/admin/"},
        {"path": "/preview/abc/"},
        {"path": "/static/css/portal.css"},
        {"path": "/media/pictures/one.jpg"},
    ],
)
def test_what_is_not_for_everybody_goes_past(cache, django, request_):
    assert [Got(cache, **request_).how for _ in range(2)] == ["pass", "pass"]
    assert len(cache.store) == 0


def test_other_cookies_do_not_matter_and_are_not_seen(cache, django):
    assert [Got(cache, cookie=f"theme={number}").how for number in range(2)] == ["miss", "hit"]
    assert "HTTP_COOKIE" not in django.asked[0]


def test_parameters_that_a_page_does_not_read_are_taken_away(cache, django):
    for query in ("", "?utm_source=mail", "?x=1&y=2", "?before="):
        Got(cache, f"/latest/{query}")
    assert [environ["QUERY_STRING"] for environ in django.asked] == [""]
    Got(cache, "/latest/?utm_source=mail&before=20261123000000000000-7")
    Got(cache, "/latest/?before=20261123000000000000-7&fbclid=1")
    assert [environ["QUERY_STRING"] for environ in django.asked[1:]] == ["before=20261123000000000000-7"]
    Got(cache, "/?before=20261123000000000000-7")  # the home page has one screen
    assert django.asked[-1]["QUERY_STRING"] == ""


def test_hosts_have_pages_of_their_own(cache, django):
    assert [Got(cache, host=host).how for host in ("one.test", "other.test", "one.test")] == [
        "miss",
        "miss",
        "hit",
    ]


def test_a_request_by_the_other_scheme_is_left_to_django(make_cache, settings):
    settings.HTTPS, settings.SECURE_PROXY_SSL_HEADER = True, ("HTTP_X_FORWARDED_PROTO", "https")
    cache = make_cache()
    assert Got(cache).how == "pass"
    assert Got(cache, x_forwarded_proto="https").how == "miss"


@pytest.mark.parametrize(
    "odd",
    [
        {"status": "404 Not Found"},
        {"status": "500 Internal Server Error"},
        {"shown": None},
        {"headers": [("Set-Cookie", "a=b")]},
        {"headers": [("Vary", "Accept-Language")]},
    ],
)
def test_what_is_no_page_for_all_is_not_kept(cache, django, odd):
    for name, value in odd.items():
        setattr(django, name, value)
    assert [Got(cache).how for _ in range(2)] == ["pass", "pass"]
    assert len(django.asked) == 2


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "410 Gone"])
def test_where_a_story_has_gone_is_kept_until_it_changes(cache, django, status):
    django.status, django.body, django.headers = status, b"", [("Location", "/story/1/ferry/")]
    assert [Got(cache).how for _ in range(2)] == ["miss", "hit"]
    django.headers = [("Location", "/story/1/ferry-again/")]
    change(cache, "story:1")
    again = Got(cache)
    assert (again.how, again.status, again.headers["location"]) == ("miss", status, "/story/1/ferry-again/")


def test_a_change_makes_the_page_anew_and_others_not(cache, django):
    django.shown = Shown(frozenset({"network", "story:1"}))
    Got(cache, "/latest/")
    django.shown = Shown(frozenset({"network", "story:2"}))
    Got(cache, "/corrections/")
    change(cache, "story:1")
    assert (Got(cache, "/latest/").how, Got(cache, "/corrections/").how) == ("miss", "hit")


def test_a_page_that_is_over_by_the_clock_is_made_anew(cache, django):
    django.shown = Shown(frozenset({"network"}), datetime.now(UTC) + timedelta(seconds=0.2))
    assert [Got(cache).how for _ in range(2)] == ["miss", "hit"]
    time.sleep(0.25)
    assert Got(cache).how == "miss"


def test_who_cannot_be_sure_asks_django(cache, django):
    Got(cache)
    cache.freshness.sure_until = time.monotonic() - 0.01
    assert Got(cache).how == "miss"
    assert len(django.asked) == 2


def test_one_thread_makes_a_page_and_the_others_wait_for_it(cache, django):
    django.gate, found = threading.Event(), []
    threads = [threading.Thread(target=lambda: found.append(Got(cache).how)) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    django.gate.set()
    for thread in threads:
        thread.join(10)
    assert sorted(found) == ["hit"] * 7 + ["miss"]
    assert len(django.asked) == 1


def test_the_others_get_the_page_as_it_was_while_that_is_not_too_old(cache, django):
    Got(cache)
    django.gate, found = threading.Event(), []
    change(cache, "story:1")
    maker = threading.Thread(target=lambda: found.append(Got(cache).how))
    maker.start()
    while len(django.asked) < 2:
        time.sleep(0.01)
    assert Got(cache).how == "stale"
    cache.store.get(("", "/latest/", "")).stale_until = time.monotonic() - 0.01
    waiter = threading.Thread(target=lambda: found.append(Got(cache).how))
    waiter.start()
    time.sleep(0.1)
    assert found == []
    django.gate.set()
    maker.join(10)
    waiter.join(10)
    assert sorted(found) == ["hit", "miss"]


def test_what_changes_while_a_page_is_made_is_on_the_next_one(cache, django):
    django.gate, found = threading.Event(), []
    maker = threading.Thread(target=lambda: found.append(Got(cache).how))
    maker.start()
    while not django.asked:
        time.sleep(0.01)
    change(cache, "story:1")
    django.gate.set()
    maker.join(10)
    assert found == ["miss"]
    assert Got(cache).how == "miss"


def test_without_a_database_known_pages_are_shown_and_all_else_is_a_503(cache, django):
    Got(cache)
    cache.freshness.is_away, cache.freshness.sure_until = True, float("-inf")
    assert Got(cache).how == "stale"
    for path in ("/corrections/", "/admin/"):
        got = Got(cache, path)
        assert got.status == "503 Service Unavailable"
        assert got.headers["retry-after"] == "2"
        assert got.how == "away"
        assert int(got.headers["content-length"]) == len(got.body)
        assert b"We will be back in a moment" in got.body
        assert "default-src 'self'" in got.headers["content-security-policy"]
    assert Got(cache, "/static/css/portal.css").how == "pass"
    cache.store.get(("", "/latest/", "")).until = time.time() - 1  # rights have ended since
    assert Got(cache).status == "503 Service Unavailable"


@pytest.mark.parametrize(
    ("asked", "words"),
    [("fr-CA, fr;q=0.9", "Nous revenons"), ("ar", "سنعود"), ("xx", "We will be back")],
)
def test_that_the_database_is_away_is_told_in_the_browsers_language(cache, asked, words):
    cache.freshness.is_away = True
    got = Got(cache, "/corrections/", accept_language=asked)
    assert words in got.body.decode()
    assert got.headers["vary"] == "Accept-Language"
    assert Got(cache, "/corrections/", accept_language=asked, method="HEAD").body == b""


def test_a_page_known_to_have_changed_is_not_shown_without_a_database(cache):
    Got(cache)
    change(cache, "story:1")
    cache.freshness.is_away = True
    assert Got(cache).status == "503 Service Unavailable"


def test_a_database_that_goes_while_a_page_is_made_leaves_the_page_as_it_was(cache, django):
    Got(cache)
    cache.freshness.sure_until = float("-inf")
    django.status, django.shown = "503 Service Unavailable", None
    assert (Got(cache).how, Got(cache).body) == ("stale", TEXT)


def test_a_failing_database_is_told_as_such(client, monkeypatch):
    def fail(host):
        raise OperationalError("no connection")

    monkeypatch.setattr("sections.views.load_network", fail)
    client.raise_request_exception = False
    got = client.get("/")
    assert (got.status_code, got["Retry-After"]) == (503, "2")
    assert "We will be back in a moment" in got.content.decode()
    assert "fault has been recorded" not in got.content.decode()


def test_nobody_in_front_may_keep_a_page_unless_told_of_changes(cache, django, settings):
    assert "max-age=0, s-maxage=0, stale-while-revalidate=0," in Got(cache).headers["cache-control"]
    settings.SHARED_CACHE_SECONDS = 600
    assert "s-maxage=570, stale-while-revalidate=30," in Got(cache).headers["cache-control"]


def test_nobody_in_front_may_keep_what_a_purge_may_have_been_sent_for(cache, django, settings):
    settings.SHARED_CACHE_SECONDS = 600
    Got(cache)
    cache.freshness.sure_until = time.monotonic() + 0.3  # a look of half a second ago
    got = Got(cache)
    assert (got.how, "s-maxage=0," in got.headers["cache-control"]) == ("hit", True)
    cache.freshness.sure_until = float("-inf")
    got = Got(cache)
    assert (got.how, "s-maxage=0," in got.headers["cache-control"]) == ("miss", True)


def test_what_a_hit_says_to_those_in_front_ends_with_the_look_it_was_said_by(cache, settings, monkeypatch):
    settings.SHARED_CACHE_SECONDS = 600
    now = [time.monotonic()]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def look() -> None:
        cache.freshness.sure_until = now[0] + SURE

    def said() -> tuple[str, str]:
        got = Got(cache)
        return got.how, got.headers["cache-control"].split(", ")[2]

    look()
    Got(cache)
    assert said() == ("hit", "s-maxage=570")
    now[0] += SETTLED - 0.01
    assert said() == ("hit", "s-maxage=570")
    now[0] += 0.02
    assert said() == ("hit", "s-maxage=0")
    now[0] += SETTLED
    look()
    assert said() == ("hit", "s-maxage=570")


def test_nobody_in_front_may_keep_a_page_beyond_its_next_change_by_the_clock(cache, django, settings):
    settings.SHARED_CACHE_SECONDS = 600
    django.shown = Shown(frozenset({"network"}), datetime.now(UTC) + timedelta(seconds=21))
    parts = Got(cache).headers["cache-control"].split(", ")
    seconds = {name: int(value) for name, _, value in (part.partition("=") for part in parts) if value}
    assert 15 <= seconds["s-maxage"] + seconds["stale-while-revalidate"] <= 20
    assert seconds["stale-if-error"] <= 20


def test_a_page_made_anew_and_the_same_was_last_modified_when_it_was(cache, django):
    first = Got(cache).headers["last-modified"]
    time.sleep(1.1)
    change(cache, "story:1")
    assert Got(cache).headers["last-modified"] == first
    django.body += b"!"
    change(cache, "story:1")
    assert Got(cache).headers["last-modified"] != first


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"), ("br;q=0, gzip", "gzip"), ("br;q=0.5, gzip;q=0.9", "gzip"),
        ("*", "br"), ("*;q=0", ""), ("identity", ""), ("", ""), ("br;q=nonsense", ""),
    ],
)  # fmt: skip
def test_encodings_are_chosen_as_the_header_says(accepted, encoding):
    assert encoding_for(accepted) == encoding


@pytest.mark.parametrize("query", ["&".join(f"p{n}=1" for n in range(200)), "%ff=%00", ";;&&==", "before"])
def test_an_odd_query_is_no_query(query):
    assert asked(query, ("before", "after")) == ""


class Copy:
    """Something that the process keeps of the database beside its pages."""

    key = "network"

    def __init__(self) -> None:
        self.is_kept, self.until = True, 0.0

    def vouch(self, until: float) -> None:
        self.until = until

    def forget(self) -> None:
        self.is_kept = False


@pytest.mark.parametrize(("key", "is_kept"), [("network", False), ("story:1", True)])
def test_a_copy_is_forgotten_with_what_changes_it_and_before_the_pages_are(django, monkeypatch, key, is_kept):
    copy = Copy()
    made = PageCache(django, megabytes=1, moments_between=lambda begin, end: [], copies=[copy])
    seen = []
    monkeypatch.setattr(made.store, "change", lambda news, until: seen.append(copy.is_kept))
    made.freshness._on_news([News(1, frozenset({key}), ())], time.monotonic())
    assert (copy.is_kept, seen) == (is_kept, [is_kept])


def test_copies_are_vouched_for_as_long_as_pages_are_and_forgotten_with_all(django):
    copy = Copy()
    made = PageCache(django, megabytes=1, moments_between=lambda begin, end: [], copies=[copy])
    made.freshness._on_sure(12.5)
    assert copy.until == 12.5
    made.freshness._forget()
    assert not copy.is_kept
