"""How long a response may be kept, as named policies.

What a reader sees can change at any moment, by an act or by the clock, so a page may be stored but is
asked for again every time; ConditionalGetMiddleware answers 304 where it is still the same.
"""

from django.http import HttpResponse
from django.utils.cache import patch_cache_control


def revalidate(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, public=True, no_cache=True)
    return response
