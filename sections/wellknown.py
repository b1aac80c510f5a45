"""The small files at fixed addresses that machines ask every site for."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone

from newsportal.caching import shows
from sections.icons import SIZES, icon
from sections.views import for_readers

# Crawlers that gather texts to train language models, by the names that their keepers publish.
AI_CRAWLERS = (
    "Amazonbot", "anthropic-ai", "Applebot-Extended", "Bytespider", "CCBot", "ClaudeBot", "cohere-ai",
    "Diffbot", "FacebookBot", "Google-Extended", "GPTBot", "ImagesiftBot", "Meta-ExternalAgent", "Omgilibot",
    "PerplexityBot", "Timpibot",
)  # fmt: skip
SECURITY_TXT_HOLDS = timedelta(days=180)  # RFC 9116 wants less than a year


def _plain(request: HttpRequest, lines: list[str], until: datetime | None = None) -> HttpResponse:
    response = HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
    return shows(request, response, keys=[], until=until)


@for_readers
def robots(request, network):
    """RFC 9309. Drafts, the admin and searches are nobody's to index."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in ("/admin/", "/preview/", "/search/?"))]
    if not settings.AI_CRAWLERS_ALLOWED:
        lines += ["", *(f"User-agent: {name}" for name in AI_CRAWLERS), "Disallow: /"]
    sitemaps = [reverse("sections:sitemap"), reverse("sections:sitemap-news")]
    return _plain(request, [*lines, "", *(f"Sitemap: {network.site.url}{path}" for path in sitemaps)])


@for_readers
def security(request, network):
    """RFC 9116; none where no contact is set."""
    if not settings.SECURITY_CONTACT:
        raise Http404("No contact for security is set.")
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return _plain(
        request,
        [
            f"Contact: {settings.SECURITY_CONTACT}",
            f"Expires: {midnight + SECURITY_TXT_HOLDS:%Y-%m-%dT%H:%M:%SZ}",
            f"Preferred-Languages: {network.site.language}, en",
            f"Canonical: {network.site.url}{request.path}",
        ],
        until=midnight + timedelta(days=1),
    )


@for_readers
def indexnow(request, network):
    """By which IndexNow knows that who tells it of our pages may; none where no key is set."""
    if not settings.INDEXNOW_KEY:
        raise Http404("No key for IndexNow is set.")
    return _plain(request, [settings.INDEXNOW_KEY])


@for_readers
def ads(request, network):
    """IAB ads.txt: who may sell the site's advertisements; by default that nobody may."""
    return _plain(request, settings.ADS_TXT or ["placeholder.example.com, placeholder, DIRECT, placeholder"])


@for_readers
def site_icon(request, network, name: str):
    format = "ICO" if name.endswith(".ico") else "PNG"
    content = icon(network.site.name, network.site.accent, SIZES[name], format)
    response = HttpResponse(content, content_type="image/x-icon" if format == "ICO" else "image/png")
    return shows(request, response, keys=[])


@for_readers
def manifest(request, network):
    """W3C Web App Manifest."""
    site = network.site
    response = JsonResponse(
        {
            "name": site.name,
            "short_name": site.name[:12],
            "description": site.tagline,
            "lang": site.language,
            "dir": site.direction,
            "start_url": "/",
            "display": "browser",
            "background_color": site.paper,
            "theme_color": site.accent,
            "icons": [
                {"src": f"/{name}", "sizes": f"{SIZES[name]}x{SIZES[name]}", "type": "image/png"}
                for name in ("icon-192.png", "icon-512.png")
            ],
        },
        content_type="application/manifest+json",
    )
    return shows(request, response, keys=[])
