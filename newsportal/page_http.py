"""What the page cache must know of HTTP and WSGI: requests read, responses gathered, bodies encoded. Pure."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

import brotli
from django.urls import Resolver404, resolve

from newsportal.caching import SHOWN, Shown

Headers = list[tuple[str, str]]
StartResponse = Callable[..., object]

# The best first. Quality where the next step costs more time than bytes are worth once a page.
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(
        body, 6, mtime=0
    ),  # without the time, so that it is the same everywhere
}
COMPRESSED = ("text/", "application/json", "application/xml", "image/svg+xml")
COMPRESSED_SUFFIXES = ("+json", "+xml", "opml")
COMPRESS_FROM = 200  # bytes
OF_BODIES = ("Content-Type", "Content-Length", "Content-Encoding", "Content-Language")
# Of a request, what one reader asks for and another does not.
THEIRS = {"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_ACCEPT_ENCODING", "HTTP_COOKIE", "HTTP_RANGE"}


class Response(NamedTuple):
    """What an application answered."""

    status: str
    headers: Headers
    body: bytes
    shown: Shown | None

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


def ask(application: Callable, environ: dict) -> Response:
    """Runs the application to its end."""
    given: list[tuple[str, Headers]] = []

    def start_response(status: str, headers: Headers, exc_info: object = None) -> None:
        given.append((status, headers))

    chunks = application(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    status, headers = given[-1]
    return Response(status, headers, body, environ.get(SHOWN))


def as_asked_first(environ: dict, query: str) -> dict:
    """The request without what one reader asks for and another does not."""
    plain = {name: value for name, value in environ.items() if name not in THEIRS}
    return plain | {"REQUEST_METHOD": "GET", "QUERY_STRING": query}


@lru_cache(maxsize=10_000)
def parameters_of(path: str) -> tuple[str, ...] | None:
    """Those that the page at the path reads; None where there is no page for readers. As WSGI gives paths."""
    try:
        view = resolve(path.encode("latin-1").decode("utf-8", "replace")).func
    except Resolver404:
        return None
    return getattr(view, "reads", None)


def asked(query: str, known: tuple[str, ...]) -> str:
    """The query's known parameters in one order, without those that have no value."""
    try:
        given = dict(parse_qsl(query, max_num_fields=100))
    except ValueError:
        return ""
    return urlencode([(name, given[name]) for name in sorted(known) if name in given])


@lru_cache(maxsize=1_000)
def encoding_for(accepted: str) -> str:
    """The best encoding that the header allows; empty for none."""
    qualities: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _, parameter = part.strip().partition(";")
        _q, _, quality = parameter.strip().partition("=")
        try:
            qualities[name.strip()] = float(quality) if quality else 1.0
        except ValueError:
            qualities[name.strip()] = 0.0
    usable = [name for name in ENCODERS if qualities.get(name, qualities.get("*", 0.0)) > 0]
    return max(usable, key=lambda name: qualities.get(name, 0.0), default="")


def is_compressible(content_type: str, body: bytes) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return len(body) >= COMPRESS_FROM and (kind.startswith(COMPRESSED) or kind.endswith(COMPRESSED_SUFFIXES))


def matches(asked_for: str, etag: str) -> bool:
    """Whether the If-None-Match names it. A proxy in between may have made the tag a weak one."""
    tags = [tag.strip() for tag in asked_for.split(",")]
    return "*" in tags or etag in tags or f"W/{etag}" in tags
