"""Tells somebody outside of what has changed: at least once, in order, again until it is taken.

Who is to be told is a recipient: a name, and a function that tells it and raises DeliveryError if that
failed. A new one is told of what changes from then on. Deliveries may be made by several workers: each is
claimed first, and a claim that nobody gives back ends by itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from newsportal import outbox
from newsportal.models import Change, Delivery
from newsportal.outbox import News, Position, PositionLost

logger = logging.getLogger(__name__)

CLAIM = timedelta(minutes=2)  # much longer than telling takes
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=10)
KEEP = timedelta(days=1)  # longer than a process may sleep and still trust what it has read


class DeliveryError(Exception):
    """It was not taken, and will be told again."""


@dataclass(frozen=True, slots=True)
class Recipient:
    name: str
    tell: Callable[[list[News]], None]
    wait: float = 0.0  # seconds, from when a change is seen until it is told


def deliver(recipient: Recipient) -> int:
    """Tells all that it has not been told, unless it is to wait or somebody else is about it; how many."""
    delivery = _claimed(recipient) if _is_behind(recipient) else None
    if delivery is None:
        return 0
    told = 0
    try:
        while news := _tell(recipient, delivery):
            told += news
    except DeliveryError as error:
        _put_off(delivery, str(error))
        logger.warning("%s was not told of changes: %s", recipient.name, error)
    else:
        columns = {"failures": 0, "last_error": "", "last_success": timezone.now(), "next_try": None}
        Delivery.objects.filter(pk=delivery.pk, next_try=delivery.next_try).update(**columns)
    return told


def _is_behind(recipient: Recipient) -> bool:
    """Asked often, and mostly not the case: without a write."""
    delivery = Delivery.objects.filter(to=recipient.name).first()
    if delivery is None:
        return True
    if delivery.next_try and delivery.next_try > timezone.now():
        return False
    with connection.cursor() as cursor:
        try:
            return bool(outbox.read(cursor, connection.vendor, _position(delivery))[0])
        except PositionLost:
            return True


def _columns(position: Position) -> dict:
    return {"mark": position.mark, "seen": " ".join(map(str, sorted(position.seen)))}


def _position(delivery: Delivery) -> Position:
    return Position(delivery.mark, frozenset(map(int, delivery.seen.split())))


def _claimed(recipient: Recipient) -> Delivery | None:
    now = timezone.now()
    with transaction.atomic():
        if not Delivery.objects.filter(to=recipient.name).exists():
            with connection.cursor() as cursor:
                begin = outbox.here(cursor, connection.vendor)
            Delivery.objects.get_or_create(to=recipient.name, defaults=_columns(begin))
        due = Delivery.objects.filter(Q(next_try=None) | Q(next_try__lte=now), to=recipient.name)
        return Delivery.objects.get(to=recipient.name) if due.update(next_try=now + CLAIM) else None


def _tell(recipient: Recipient, delivery: Delivery) -> int:
    position = _position(delivery)
    with connection.cursor() as cursor:
        try:
            news, position = outbox.read(cursor, connection.vendor, position)
        except PositionLost:
            logger.exception("%s is told from now on, and may have missed something.", recipient.name)
            news, position = [], outbox.here(cursor, connection.vendor)
    if news:
        time.sleep(recipient.wait)
        recipient.tell(news)
    columns = _columns(position)
    # Not where another worker has taken over meanwhile: it has read on from the same place.
    if not Delivery.objects.filter(pk=delivery.pk, next_try=delivery.next_try).update(**columns):
        return 0
    delivery.mark, delivery.seen = columns["mark"], columns["seen"]
    return len(news)


def _put_off(delivery: Delivery, reason: str) -> None:
    wait = min(FIRST_WAIT * 2 ** min(delivery.failures, 20), LONGEST_WAIT)
    columns = {"failures": delivery.failures + 1, "last_error": reason, "next_try": timezone.now() + wait}
    Delivery.objects.filter(pk=delivery.pk, next_try=delivery.next_try).update(**columns)


def forget_old(recipients: list[Recipient]) -> Iterator[None]:
    """Removes the changes that everybody has been told of, and who is not told any more."""
    Delivery.objects.exclude(to__in=[recipient.name for recipient in recipients]).delete()
    marks = list(Delivery.objects.values_list("mark", flat=True))
    old = Change.objects.filter(at__lt=timezone.now() - KEEP)
    if marks:
        number = "xid" if connection.vendor == "postgresql" else "pk"
        old = old.filter(**{f"{number}__lt": min(marks)})
    while portion := list(old.order_by("pk").values_list("pk", flat=True)[:5_000]):
        Change.objects.filter(pk__in=portion).delete()
        yield
