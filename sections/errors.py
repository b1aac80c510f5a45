"""What readers see where there is no page."""

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views import defaults

from sections.network import NoSite, load_network


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """In the language of the site; one query, unless for_readers knew the network already."""
    try:
        network = getattr(request, "network", None) or load_network(request.get_host())
    except NoSite:
        return defaults.page_not_found(request, exception)
    with translation.override(network.site.language):
        return defaults.page_not_found(request, exception)
