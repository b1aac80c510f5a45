"""Asks a running portal for the pages that most readers ask for, so that they are in memory by then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import urllib3
from django.urls import reverse

from sections.cards import story_path
from sections.list_stories import living_on, newest_first
from sections.models import Site
from sections.network import load_network

TIMEOUT = urllib3.Timeout(connect=5, read=30)


@dataclass
class Warmed:
    pages: int = 0
    made: int = 0
    rounds: int = 0
    failures: list[str] = field(default_factory=list)


def pages_to_warm(at: datetime, stories: int) -> Iterator[tuple[str, str]]:
    """(host, path) of each site's fronts and its newest stories."""
    for domain in Site.objects.order_by("position", "name").values_list("domain", flat=True):
        network = load_network(domain)
        yield domain, reverse("sections:home")
        yield domain, reverse("sections:latest")
        for channel in network.site.channels:
            yield domain, channel.path
        newest = newest_first(living_on(at, network.site, network.site.pk))
        for pk, headline in newest.values_list("pk", "headline")[:stories]:
            yield domain, story_path(pk, headline)


def warm(address: str, pages: list[tuple[str, str]], *, headers: dict[str, str], most_rounds: int) -> Warmed:
    """Round after round, until one meets no page that had to be made: each process has a memory of its own,
    and nobody says which one answers."""
    done = Warmed(pages=len(pages))
    while done.rounds < most_rounds and not done.failures:
        done.rounds += 1
        made = 0
        for host, path in pages:
            how = _ask(address, host, path, headers, done.failures)
            made += how == "miss"
        done.made += made
        if not made:
            break
    return done


def _ask(address: str, host: str, path: str, headers: dict[str, str], failures: list[str]) -> str:
    asked = {**headers, "Host": host, "Accept-Encoding": "br", "Connection": "close"}
    try:
        answer = urllib3.request(
            "GET", address.rstrip("/") + path, headers=asked, timeout=TIMEOUT, retries=False, redirect=False
        )
    except urllib3.exceptions.HTTPError as error:
        failures.append(f"{host}{path}: {error}")
        return ""
    if answer.status != 200:
        failures.append(f"{host}{path}: answered {answer.status}")
    return answer.headers.get("X-Cache", "")
