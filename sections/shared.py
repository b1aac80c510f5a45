"""What a share link shows, to whoever has it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.models.sharing import ShareLink
from articles.sharing import LinkEnded, NoSuchLink, log_use, open_link
from sections.dates import moment_words
from sections.preview import NoAddress, preview_page, preview_response, seal


@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        link = open_link(token, now)
        page = preview_page(link.story_id, link.content, now)
    except NoSuchLink:
        return _nothing(request, 404, _("Is it whole? A link that was cut in a mail leads nowhere."))
    except LinkEnded as error:
        return _nothing(request, 410, str(error))
    except NoAddress:
        return _nothing(request, 410, _("The story has no page at present."))
    log_use(link, now, _address(request), request.headers.get("User-Agent", ""))
    with translation.override(page.network.site.language):
        return preview_response(request, page, bar=_bar(link))


def _bar(link: ShareLink) -> str:
    """What the newsroom asks of who reads it."""
    asked = _("As it stood on %(at)s UTC, for %(whom)s. It may not be public: please do not pass it on.")
    words = asked % {"at": moment_words(link.at), "whom": link.for_whom}
    return words + " " + _("It has been changed since.") if link.story.version != link.version else words


def _nothing(request: HttpRequest, status: int, why: str) -> HttpResponse:
    response = render(request, "sections/no_preview.html", {"status": status, "why": why}, status=status)
    seal(response)
    return response


def _address(request: HttpRequest) -> str:
    """Of the reader; behind a proxy it is the last one that the proxy wrote down."""
    if settings.BEHIND_PROXY and (chain := request.headers.get("X-Forwarded-For")):
        return chain.rpartition(",")[2].strip()
    return request.META.get("REMOTE_ADDR", "")
