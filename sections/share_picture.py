"""Where the picture that goes with a link to a story is to be had, if it has none of its own."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from newsportal import keys
from newsportal.caching import shows
from sections.cards import readable
from sections.share_drawing import drawn, mark_of, share_path
from sections.views import for_readers


@for_readers
def share_picture(request, network, pk: int, mark: str):
    """Only of a story that readers of the site may see, and only as it is now; two queries."""
    site = network.site
    stories = readable(timezone.now(), site).filter(pk=pk, home__channel__site=site.pk)
    row = stories.values("headline", "language").first()
    if row is None:
        raise Http404("No such story.")
    if mark == mark_of(site, row["headline"]):
        response = HttpResponse(drawn(site, **row), content_type="image/png")
    else:
        response = HttpResponseRedirect(share_path(site, pk, row["headline"]))
    return shows(request, response, {keys.story(pk)})
