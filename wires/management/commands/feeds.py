from datetime import datetime, timedelta

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils import timezone

from wires.models import Feed, WireCopy

HEADINGS = ("NAME", "KIND", "LAST SUCCESS", "ITEMS IN 24 H", "FAILURES", "STATE")
DOWN_AFTER = 3  # failures in a row; one or two are the net's usual hiccups
LATE = timedelta(minutes=15)  # with which a busy worker may come to a feed
LONGEST_ERROR = 120


class Command(BaseCommand):
    help = "Shows how each feed is doing; ends with status 1 if one that is active is down or too quiet."

    def handle(self, *, verbosity: int, **options):
        now = timezone.now()
        feeds = list(Feed.objects.all())
        if not feeds:
            if verbosity:
                self.stdout.write("There are no feeds yet; make one in the admin.")
            return
        items = _items_since(now - timedelta(days=1))
        states = {feed: state(feed, now) for feed in feeds}
        if verbosity:
            rows = [_row(feed, items.get(feed.pk, 0), states[feed][0]) for feed in feeds]
            self.stdout.writelines(f"{line}\n" for line in _table([HEADINGS, *rows]))
        if bad := [feed.name for feed, (_, is_well) in states.items() if not is_well]:
            raise CommandError(f"Not well: {', '.join(bad)}.")


def state(feed: Feed, now: datetime) -> tuple[str, bool]:
    """In words, and whether it is as it should be."""
    if feed.kind == Feed.Kind.BY_HAND:
        return "by hand", True
    if not feed.is_active:
        return "off", True
    failures = (
        f"{feed.failures} failure{'s' if feed.failures > 1 else ''}, last: {_printable(feed.last_error)}"
    )
    if feed.failures >= DOWN_AFTER:
        return f"down: {failures}", False
    if feed.looked is None:
        return "not looked at yet", True
    if feed.next_look and now - feed.next_look > max(LATE, 3 * timedelta(minutes=feed.interval)):
        return f"not looked at for {_words(now - feed.looked)}; is manage.py worker running?", False
    silence = now - feed.last_item if feed.last_item else timedelta(0)
    if silence > (normal := timedelta(minutes=feed.quiet_after)):
        return f"quiet for {_words(silence)}, normal is {_words(normal)}", False
    if feed.failures:
        return f"trying again: {failures}", True
    return ("ok" if feed.last_item else "ok, nothing came yet"), True


def _items_since(moment: datetime) -> dict[int, int]:
    copies = WireCopy.objects.filter(dispatch__received__gte=moment, dispatch__feed__isnull=False)
    counted = copies.order_by().values("dispatch__feed").annotate(number=Count("pk"))
    return dict(counted.values_list("dispatch__feed", "number"))


def _row(feed: Feed, items: int, words: str) -> tuple[str, ...]:
    success = f"{timezone.localtime(feed.last_success):%Y-%m-%d %H:%M}" if feed.last_success else "never"
    return feed.name, feed.kind, success, str(items), str(feed.failures), words


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _words(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"


def _printable(error: str) -> str:
    """What a server says may hold anything, also what a terminal obeys."""
    text = "".join(letter if letter.isprintable() else " " for letter in error)
    return text if len(text) <= LONGEST_ERROR else f"{text[:LONGEST_ERROR]}…"
