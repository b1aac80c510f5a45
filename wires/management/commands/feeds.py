from datetime import datetime, timedelta

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils import timezone

from wires.health import state
from wires.models import Feed, WireCopy

HEADINGS = ("NAME", "KIND", "LAST SUCCESS", "ITEMS IN 24 H", "FAILURES", "STATE")


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
