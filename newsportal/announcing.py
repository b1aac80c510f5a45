"""Tells services outside what is new, changed or withdrawn: a hub of WebSub, IndexNow. Off by default.

What acts change comes from the outbox; what only comes out by the clock (a schedule, an embargo) is looked
for by the time it came out. Either is told at least once, in order, again until it is taken.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from urllib.parse import urlencode

import urllib3
from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from articles.models import Story, StoryQuerySet
from articles.showing import shown_by
from newsportal.delivery import DeliveryError, Recipient, deliver
from newsportal.models import ClockTold
from newsportal.outbox import News
from sections.cards import story_path, with_home
from sections.feed_formats import FORMATS
from sections.models import Channel, Site, site_url

logger = logging.getLogger(__name__)

KEY_FILE = "indexnow.txt"
WAIT = 2.0  # seconds, until each process and each cache in front shows what is new to who comes at once
_TIMEOUT = urllib3.Timeout(connect=5, read=10)
_MOST = 10_000  # addresses a request, by IndexNow's rules
_TAKEN = range(200, 300)

Tell = Callable[[Iterable[str]], None]  # of what has these keys (newsportal.keys)


def services() -> dict[str, Tell]:
    """Those that the settings name."""
    named = {"websub": (settings.WEBSUB_HUB, ping_hub), "indexnow": (settings.INDEXNOW_KEY, tell_indexnow)}
    return {name: tell for name, (setting, tell) in named.items() if setting}


def recipients() -> list[Recipient]:
    return [Recipient(name, _of_news(tell), WAIT) for name, tell in services().items()]


def _of_news(tell: Tell) -> Callable[[list[News]], None]:
    return lambda news: tell(frozenset().union(*(new.keys for new in news)))


def announce() -> Iterator[None]:
    """A job: everything that nobody has been told of yet."""
    for recipient in recipients():
        deliver(recipient)
        yield
    for name, tell in services().items():
        tell_what_came_out(name, tell, timezone.now())
        yield


def tell_what_came_out(name: str, tell: Tell, now: datetime) -> None:
    """What was published ahead of its time and came out since this was last told; if it fails, next time."""
    told, _is_new = ClockTold.objects.get_or_create(to=name, defaults={"until": now})
    stories = came_out(told.until, now).defer("body", "teaser", "opening", "subjects")
    if found := shown_by(stories):
        try:
            tell(frozenset().union(*(shown.keys for shown in found.values())))
        except DeliveryError as error:
            logger.warning("%s was not told of what came out by the clock: %s", name, error)
            return
    ClockTold.objects.filter(pk=told.pk, until=told.until).update(until=now)


def came_out(after: datetime, until: datetime) -> StoryQuerySet:
    """Without those of which the outbox tells, as an act showed them; in no order."""
    stories = Story.objects.filter(
        state=Story.State.PUBLISHED, first_published__gt=after, first_published__lte=until
    )
    return stories.exclude(acts__at=F("first_published")).order_by()


def _numbers(found: Iterable[str], kind: str) -> list[int]:
    """The rows of a kind that keys name: 7 of "story:7"."""
    parts = (key.split(":") for key in found)
    return sorted(int(part[1]) for part in parts if part[0] == kind and len(part) == 2)


def _send(url: str, body: bytes, content_type: str) -> None:
    headers = {"Content-Type": content_type, "User-Agent": "newsportal"}
    try:
        answer = urllib3.request(
            "POST", url, body=body, headers=headers, timeout=_TIMEOUT, retries=False, redirect=False
        )
    except urllib3.exceptions.HTTPError as error:
        raise DeliveryError(f"{url}: {error}") from error
    if answer.status not in _TAKEN:
        raise DeliveryError(f"{url} answered {answer.status}.")


# -- WebSub (https://www.w3.org/TR/websub/) ------------------------------------------------


def ping_hub(found: Iterable[str]) -> None:
    """Feeds of sites and channels whose stories have changed; those are what names the hub."""
    for topic in _changed_feeds(found):
        # Hubs read the one or the other.
        fields = {"hub.mode": "publish", "hub.topic": topic, "hub.url": topic}
        _send(settings.WEBSUB_HUB, urlencode(fields).encode(), "application/x-www-form-urlencoded")


def _changed_feeds(found: Iterable[str]) -> list[str]:
    """Two queries."""
    lists = [site_url(host) + "/" for host in _hosts(_numbers(found, "site"))]
    channels = Channel.objects.filter(pk__in=_numbers(found, "channel")).order_by("pk")
    for host, slug in channels.values_list("site__domain", "slug"):
        lists.append(site_url(host) + reverse("sections:channel", args=[slug]))
    return [f"{address}{file}" for address in lists for file in FORMATS]


def _hosts(pks: list[int]) -> list[str]:
    return list(Site.objects.filter(pk__in=pks).order_by("pk").values_list("domain", flat=True))


# -- IndexNow (https://www.indexnow.org/documentation) --------------------------------------


def tell_indexnow(found: Iterable[str]) -> None:
    """The pages of stories that readers can see, or could until they were withdrawn."""
    for host, paths in _changed_pages(_numbers(found, "story"), timezone.now()).items():
        base = site_url(host)
        for start in range(0, len(paths), _MOST):
            told = {
                "host": base.partition("://")[2],
                "key": settings.INDEXNOW_KEY,
                "keyLocation": f"{base}/{KEY_FILE}",
                "urlList": [base + path for path in paths[start : start + _MOST]],
            }
            _send(settings.INDEXNOW_URL, json.dumps(told).encode(), "application/json; charset=utf-8")


def _changed_pages(pks: list[int], at: datetime) -> dict[str, list[str]]:
    """By host. One query a site and one for what is withdrawn."""
    pages = defaultdict(list)
    stories = with_home(Story.objects.filter(pk__in=pks))
    columns = ("pk", "headline", "home__channel__site__domain")
    gone = stories.filter(state=Story.State.WITHDRAWN, first_published__lte=at, home__isnull=False)
    rows = list(gone.values_list(*columns))
    for site in Site.objects.order_by("pk"):
        public = with_home(Story.objects.public(at, site).filter(pk__in=pks))
        rows += public.filter(home__channel__site=site.pk).values_list(*columns)
    for pk, headline, host in sorted(rows):
        pages[host].append(story_path(pk, headline))
    return dict(pages)
