"""What benchmarks.pages measures: the portal's pages, and what else could serve them."""

from __future__ import annotations

import gzip
import json
import time
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from benchmarks.servers import Server, granian, gunicorn, nginx, nginx_in_front, varnish_in_front

if TYPE_CHECKING:
    from benchmarks.pages import Run

BARE = "bytes that are ready, on gunicorn"
NGINX = "nginx, a static file of the same bytes"
PLAIN = "story, a plain Django page"

GZIP = {"Accept-Encoding": "gzip"}
PLAIN_DJANGO = {"DJANGO_SETTINGS_MODULE": "benchmarks.plain.settings"}
# Lets it say for how long a cache in front may keep a page; nothing changes while rows are measured.
BEHIND_VARNISH = {"PURGE_VARNISH": "http://127.0.0.1/"}
BEHIND_NGINX = {"SHARED_CACHE_SECONDS": "1"}


def addresses(host: str) -> dict[str, str]:
    """A page of each type on a site of the archive."""
    from django.urls import reverse

    from sections.cards import story_path
    from sections.models import Listing

    listings = Listing.objects.filter(primary=True, channel__site__domain=host, story__state="published")
    listing = listings.select_related("channel", "story").order_by("-story__first_published")[50]
    story, channel = listing.story, listing.channel
    tag, author, place = story.tags.first(), story.authors.first(), story.places.first()
    day = story.first_published
    search = f"{reverse('sections:search')}?{urlencode({'q': tag.name})}"
    return {
        "story": story_path(story.pk, story.headline),
        "home": "/",
        "channel": reverse("sections:channel", args=[channel.slug]),
        "latest": reverse("sections:latest"),
        "tag": reverse("sections:tag", args=[tag.slug]),
        "place": reverse("sections:place", args=[place.slug]),
        "author": reverse("sections:author", args=[author.slug]),
        "source": reverse("sections:source", args=[story.source.code]),
        "archive of a month": reverse("sections:archive-month", args=[day.year, day.month]),
        "archive of a day": reverse("sections:archive-day", args=[day.year, day.month, day.day]),
        "corrections": reverse("sections:corrections"),
        "search, the newest": f"{search}&order=newest",
        "search, the best": f"{search}&order=best",
        "feed": "/rss.xml",
        "sitemap": reverse("sections:sitemap-third", args=[day.year, day.month, third(day.day), 1]),
    }


def third(day: int) -> int:
    from sections.sitemaps import THIRDS

    return max(first for first in THIRDS if first <= day)


def add_rows(run: Run, host: str) -> None:
    paths, said = addresses(host), {"Host": host, **GZIP}
    story = paths["story"]
    portal = run.start("portal", lambda port: gunicorn("newsportal.wsgi", port))
    headers, body = _ready(portal, story, said)
    (run.folder / "body").write_bytes(body)
    (run.folder / "headers").write_text(json.dumps(list(headers.items())))
    bare = run.start("bare", lambda port: gunicorn("benchmarks.bare", port), BARE_RESPONSE=str(run.folder))
    # Asked for the same, in the same words: a server reads what it is asked before an application does.
    run.add(BARE, bare, story, connections=32, **said)
    run.add("story from memory", portal, story, connections=32, **said)
    run.add("story from memory, 304", portal, story, connections=32, **said, If_None_Match=headers["etag"])
    cached = run.start(
        "cached", lambda port: gunicorn("benchmarks.plain.wsgi", port), **PLAIN_DJANGO, PLAIN_CACHE="1"
    )
    run.add("Django's cache middleware, local memory", cached, story, connections=32, **said)
    _add_nginx(run, body)
    _add_granian(run, story, said)
    _add_in_front(run, story, said)
    plain = run.start("plain", lambda port: gunicorn("benchmarks.plain.wsgi", port), **PLAIN_DJANGO)
    run.add(PLAIN, plain, story, **said)
    # What a session asks for goes past the cache.
    for name, path in paths.items():
        run.add(f"{name}, made anew", portal, path, **said, Cookie="sessionid=benchmark")


def _ready(
    server: Server, path: str, said: dict[str, str], how: str = "x-cache"
) -> tuple[dict[str, str], bytes]:
    """The response as it is kept, when a while has passed: that of a start is no better for it."""
    for _ in range(100):
        _status, headers, body = server.get(path, **said)
        if headers.get(how, "").lower() == "hit":
            return headers, body
        time.sleep(0.1)
    raise SystemExit(f"The cache gives no hit: {headers}")


def _add_nginx(run: Run, body: bytes) -> None:
    (run.folder / "www").mkdir()
    (run.folder / "www/page.html").write_bytes(gzip.decompress(body))
    (run.folder / "www/page.html.gz").write_bytes(body)
    try:
        server = run.start("nginx", lambda port: nginx(run.folder, port))
    except FileNotFoundError:
        run.skipped.append("nginx, a static file: nginx is not installed")
        return
    run.add(NGINX, server, "/page.html", connections=32, **GZIP)


def _add_granian(run: Run, path: str, said: dict[str, str]) -> None:
    try:
        server = run.start("granian", lambda port: granian("newsportal.wsgi:application", port))
    except FileNotFoundError:
        run.skipped.append("story from memory, on granian: it is not installed (pip install '.[granian]')")
        return
    _ready(server, path, said)
    run.add("story from memory, on granian", server, path, connections=32, **said)


def _add_in_front(run: Run, path: str, said: dict[str, str]) -> None:
    """Each before a portal that lets it keep pages."""
    for name, variables, command, how in (
        ("Varnish", BEHIND_VARNISH, varnish_in_front, "x-varnish-cache"),
        ("nginx's cache", BEHIND_NGINX, nginx_in_front, "x-nginx-cache"),
    ):
        behind = run.start(f"{how}-behind", lambda port: gunicorn("newsportal.wsgi", port), **variables)
        _ready(behind, path, said)
        folder = run.folder / how
        folder.mkdir()
        try:
            server = run.start(how, partial(command, folder, behind=behind.port))
        except FileNotFoundError:
            run.skipped.append(f"story, from {name} in front: it is not installed")
            continue
        _ready(server, path, said, how)
        run.add(f"story, from {name} in front", server, path, connections=32, **said)
