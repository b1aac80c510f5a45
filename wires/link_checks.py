"""Looks at links to other sites that editors saved: safely, one after the other, and never twice at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from articles.models import LinkCheck
from wires.fetch import FetchError, NoSuchHost, http

Finding = LinkCheck.Finding

FINDINGS = {404: Finding.MISSING, 410: Finding.GONE}
LIMITS = http.Limits(seconds=10)
# Whoever is killed in between leaves the link to the next that comes after it.
CLAIM = timedelta(minutes=5)
AT_ONCE = 50


def check_links() -> Iterator[LinkCheck]:
    """Looks at those that are due, and yields each."""
    if not settings.CHECK_LINKS:
        return
    due = LinkCheck.objects.filter(due__lte=timezone.now()).order_by("due", "pk")
    for link in due[:AT_ONCE]:
        if _claim(link):
            LinkCheck.objects.filter(pk=link.pk).update(
                finding=finding_of(link.address), checked=timezone.now(), due=None
            )
            yield link


def _claim(link: LinkCheck) -> bool:
    unclaimed = LinkCheck.objects.filter(pk=link.pk, due=link.due)
    return unclaimed.update(due=timezone.now() + CLAIM) == 1


def finding_of(address: str) -> Finding:
    """What is certain of it. A server that is down, slow, or wary of programs says nothing of the page."""
    try:
        return FINDINGS.get(http.status(address, user_agent="newsportal", limits=LIMITS), Finding.WELL)
    except NoSuchHost:
        return Finding.NO_HOST
    except FetchError:
        return Finding.WELL
