"""Which links to other sites are to be looked at, and what was found. A job of the worker does the looking,
so no save waits for anybody's server.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from articles.models import LinkCheck

FRESH = timedelta(days=1)  # found within it, a finding stands
KEPT = timedelta(days=90)  # after an editor last saved the address
LONGEST = LinkCheck._meta.get_field("address").max_length


def ask_for(addresses: Iterable[str]) -> None:
    """Has the addresses of pages on the web looked at soon; two queries, none if there is nothing to ask."""
    asked = {address for address in addresses if _is_on_the_web(address)}
    if not (settings.CHECK_LINKS and asked):
        return
    now = timezone.now()
    LinkCheck.objects.bulk_create(
        [LinkCheck(address=address, asked=now, due=now) for address in sorted(asked)],
        update_conflicts=True,
        unique_fields=["address"],
        update_fields=["asked"],
    )
    is_old = Q(checked__lt=now - FRESH)
    LinkCheck.objects.filter(is_old, address__in=asked, due=None).update(due=now)


def _is_on_the_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(address) <= LONGEST


def known_dead(addresses: Iterable[str]) -> QuerySet:
    """What was found against any of the addresses."""
    if not settings.CHECK_LINKS:
        return LinkCheck.objects.none()
    return LinkCheck.objects.filter(address__in=list(addresses)).exclude(finding=LinkCheck.Finding.WELL)


def forget_old() -> None:
    LinkCheck.objects.filter(asked__lt=timezone.now() - KEPT).delete()
