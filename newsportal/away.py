"""What readers and editors get when something failed: that the database is away is no fault of the portal."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from newsportal.page_http import NOTHING_TO_SAY
from sections import errors


def server_error(request: HttpRequest) -> HttpResponse:
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return errors.server_error(request)
    headers = {"Retry-After": "2", "Cache-Control": "no-store"}
    return HttpResponse(NOTHING_TO_SAY, "text/plain; charset=utf-8", 503, headers=headers)
