"""Caches in front of the portal, told which keys have changed; they know which of their pages have those.

Varnish's pages are not removed but marked as old (xkey's soft purge): deploy/varnish.vcl shows one of them
only while the portal does not answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import count, takewhile

import urllib3
from django.conf import settings

from newsportal.delivery import DeliveryError, Recipient
from newsportal.freshness import SETTLED
from newsportal.keys import NETWORK
from newsportal.outbox import News

AT_ONCE = 30  # keys a request: the fewest that a service takes
WAIT = SETTLED + 0.1  # and on the way
TIMEOUT = urllib3.Timeout(connect=2, read=5)


def recipients() -> list[Recipient]:
    told = {address: partial(purge_varnish, address) for address in settings.PURGE_VARNISH}
    if settings.PURGE_URL:
        told[settings.PURGE_URL] = partial(purge_service, settings.PURGE_URL)
    return [Recipient(name[:100], tell, WAIT) for name, tell in told.items()]


def purge_varnish(address: str, news: list[News]) -> None:
    for portion in _portions(news):
        _send("PURGE", address, {"xkey-softpurge": " ".join(portion)})


def purge_service(url: str, news: list[News]) -> None:
    """As Fastly wants it in a header, as Cloudflare in the body."""
    given = dict(line.split(":", 1) for line in settings.PURGE_HEADERS)
    headers = {name.strip(): value.strip() for name, value in given.items()}
    for portion in _portions(news):
        _send("POST", url, {**headers, "Surrogate-Key": " ".join(portion)}, json={"tags": portion})


def _portions(news: list[News]) -> Iterable[list[str]]:
    changed = set().union(*(new.keys for new in news))
    found = [NETWORK] if NETWORK in changed else sorted(changed)  # which all pages have
    return takewhile(bool, (found[start : start + AT_ONCE] for start in count(0, AT_ONCE)))


def _send(method: str, url: str, headers: dict[str, str], **body: object) -> None:
    try:
        answer = urllib3.request(
            method, url, headers=headers, timeout=TIMEOUT, retries=False, redirect=False, **body
        )
    except urllib3.exceptions.HTTPError as error:
        raise DeliveryError(f"{url}: {error}") from error
    if not 200 <= answer.status < 300:
        raise DeliveryError(f"{url} answered {answer.status}.")
