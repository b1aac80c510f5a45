"""What readers and editors are told when something failed: that the database is away is no fault of ours.

Nothing here asks the database.
"""

from __future__ import annotations

import sys
from functools import lru_cache

from csp.middleware import CSPMiddleware
from django.core.handlers.wsgi import WSGIRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.template.loader import render_to_string
from django.utils import translation

from newsportal.page_http import StartResponse
from sections import errors


def server_error(request: HttpRequest) -> HttpResponse:
    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    return unavailable(request) if is_away else errors.server_error(request)


@errors.in_readers_language
def unavailable(request: HttpRequest) -> HttpResponse:
    headers = {"Retry-After": "2", "Cache-Control": "no-store"}
    return HttpResponse(_page(translation.get_language()), status=503, headers=headers)


@lru_cache(maxsize=32)
def _page(language: str) -> bytes:
    """In the language that is active; made once, as many ask for it at such a time."""
    return render_to_string("503.html").encode()


_guarded = CSPMiddleware(XFrameOptionsMiddleware(unavailable))


def answer(environ: dict, start_response: StartResponse) -> list[bytes]:
    """The same, ahead of Django."""
    request = WSGIRequest(environ)
    response = _guarded(request)
    headers = [*response.items(), ("Content-Length", str(len(response.content))), ("X-Cache", "away")]
    start_response(f"{response.status_code} {response.reason_phrase}", headers)
    return [] if request.method == "HEAD" else [response.content]
