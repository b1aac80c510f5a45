"""How long a response may be kept, as named policies, and what it says of itself to those who keep it.

What a reader sees can change at any moment, by an act or by the clock, so browsers ask again each time and
get a 304 where a page is still the same. How long caches in front of the portal may keep one, the page
cache says (newsportal.pagecache), which knows the moments to come.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

from newsportal.keys import NETWORK

SHOWN = "newsportal.shown"  # where a request's environ says what its response shows
# Bytes of keys in a header: Varnish answers a response with one of more than 8 KB with a 503.
MOST_LABELLED = 8_000
KEPT = (200, 301, 302, 410)  # the statuses of responses that may be kept


@dataclass(frozen=True, slots=True)
class Shown:
    """The keys of all that a response shows (newsportal.keys), and when it is over at the latest."""

    keys: Set[str]
    until: datetime | None = None


def shows(
    request: HttpRequest, response: HttpResponse, keys: Iterable[str], until: datetime | None = None
) -> HttpResponse:
    """Lets the response be kept until one of the keys changes, or what all pages rest on.

    A response that was not given here is kept nowhere.
    """
    request.META[SHOWN] = Shown(frozenset(keys) | {NETWORK}, until)
    return response


def label(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The keys in the forms that Fastly, Varnish's xkey and Cloudflare read; must be asked for again.

    A page with too many of them gets none, and no cache in front may keep what it cannot be told of.
    """
    shown = request.META.get(SHOWN)
    if shown and response.status_code in KEPT:
        words = " ".join(sorted(shown.keys))
        if len(words) <= MOST_LABELLED:
            response.headers["Surrogate-Key"] = response.headers["xkey"] = words
            response.headers["Cache-Tag"] = words.replace(" ", ",")
    patch_cache_control(response, public=True, no_cache=True)
    return response
