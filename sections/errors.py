"""What readers see where there is no page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views import defaults

from sections.network import NoSite, load_network


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page of the site, in its language; one query, unless for_readers knew the network already."""
    try:
        network = getattr(request, "network", None) or load_network(request.get_host())
    except NoSite:
        return defaults.page_not_found(request, exception)
    context = {"site": network.site, "network": network}
    with translation.override(network.site.language):
        return render(request, "sections/missing.html", context, status=404)
