"""What readers see where there is no page, or none could be made.

But for a page that is not there, none of these asks the database: it may be what failed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views import defaults

from sections.network import NoSite, load_network


def in_readers_language(handler: Callable) -> Callable:
    """In the site's language, where for_readers got as far as that, else in one that the browser asks for."""

    @wraps(handler)
    def told(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        network = getattr(request, "network", None)
        language = network.site.language if network else translation.get_language_from_request(request)
        with translation.override(language):
            response = handler(request, *args, **kwargs)
        patch_vary_headers(response, ["Accept-Language"])
        return response

    return told


bad_request = in_readers_language(defaults.bad_request)
permission_denied = in_readers_language(defaults.permission_denied)
server_error = in_readers_language(defaults.server_error)
_no_site = in_readers_language(defaults.page_not_found)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page of the site, in its language; one query, unless for_readers knew the network already."""
    try:
        network = getattr(request, "network", None) or load_network(request.get_host())
    except NoSite:
        return _no_site(request, exception)
    context = {"site": network.site, "network": network}
    with translation.override(network.site.language):
        return render(request, "sections/missing.html", context, status=404)
