"""Says to load balancers and caches in front that this process answers: by any host name, over any scheme.

It says nothing of the database: while that is away, pages from memory are still served.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

PATH = "/-/health"
BODY = b"up\n"
HEADERS = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Length", str(len(BODY))),
    ("Cache-Control", "no-store"),
]


def with_health(application: Callable) -> Callable:
    """The WSGI application, and at PATH the answer."""

    def answering(environ: dict, start_response: Callable) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH:
            return application(environ, start_response)
        start_response("200 OK", HEADERS)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [BODY]

    return answering
