import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from tqdm import tqdm

from wires.intake import Report, receive_all, take
from wires.models import Dispatch, Feed
from wires.parse.limits import MAX_BYTES
from wires.pictures import fetch_pictures
from wires.polling import poll


class Command(BaseCommand):
    help = "Takes agencies' files into the portal; the same file again changes nothing."

    def add_arguments(self, parser):
        parser.usage = "%(prog)s [PATH ... | --feed NAME] [--replay DISPATCH|SINCE] [--dry-run]"
        parser.add_argument(
            "paths", metavar="PATH", nargs="*", help="files, or folders with all that is in them"
        )
        parser.add_argument(
            "--feed", metavar="NAME", help="read them as this feed's; without PATH, look at the feed at once"
        )
        parser.add_argument("--dry-run", action="store_true", help="do it all, show it, and undo it")
        parser.add_argument(
            "--replay",
            metavar="DISPATCH|SINCE",
            help="take kept dispatches again: a number, or all since a day",
        )

    def handle(self, *args, **options):
        paths, replay = options["paths"], options["replay"]
        if bool(replay) == bool(paths or options["feed"]):
            raise CommandError(
                "Name files or folders, or --feed alone, or --replay with a dispatch's number or a day."
            )
        feed, dry_run, verbosity = self._feed(options["feed"]), options["dry_run"], options["verbosity"]
        counts: Counter[str] = Counter()
        failed = 0
        with transaction.atomic() if dry_run else nullcontext():
            if replay:
                work = self._replays(replay)
            else:
                work = self._files(paths, feed) if paths else iter([poll(feed, timezone.now())])
            for done in tqdm(work, unit=" files", disable=verbosity == 0 or not sys.stderr.isatty()):
                # Told and forgotten at once: a report of all would grow with the number of files.
                self._tell(done, lines=verbosity > 1 or (dry_run and verbosity > 0), failures=verbosity > 0)
                counts += done.counts
                failed += len(done.failures)
            if dry_run:
                transaction.set_rollback(True)
        if not dry_run:
            counts += fetch_pictures(timezone.now(), limit=500)
        if verbosity > 0:
            done = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
            undone = " Dry run: nothing was stored." if dry_run else ""
            self.stdout.write(f"{done or 'nothing'}, {failed} failed.{undone}")
        if failed:
            where = "" if dry_run else "; what could not be read is in quarantine"
            raise CommandError(f"{failed} failed{where}.")

    def _feed(self, name: str | None) -> Feed | None:
        if name is None:
            return None
        feed = Feed.objects.filter(name=name).first()
        if feed is None:
            known = (
                ", ".join(Feed.objects.values_list("name", flat=True)) or "none yet; make one in the admin"
            )
            raise CommandError(f"No feed “{name}”. There is: {known}.")
        return feed

    def _files(self, paths: list[str], feed: Feed | None) -> Iterator[Report]:
        for path in map(Path, paths):
            if not path.exists():
                raise CommandError(f"{path}: no such file or folder.")
        unread = Report()
        for report in receive_all(_contents(paths, unread), feed):
            yield report
            if unread.failures:
                yield unread
                unread.failures.clear()
        yield unread

    def _replays(self, which: str) -> Iterator[Report]:
        dispatches = Dispatch.objects.order_by("pk")
        if which.isdecimal():
            dispatches = dispatches.filter(pk=which)
        else:
            since = _moment(which)
            if since is None:
                raise CommandError(
                    f"--replay {which}: neither a dispatch's number nor a day like 2026-03-03."
                )
            dispatches = dispatches.filter(received__gte=since)
        if not dispatches.exists():
            raise CommandError(f"--replay {which}: there is no such dispatch.")
        for pk in dispatches.values_list("pk", flat=True).iterator():
            yield take(Dispatch.objects.select_related("feed").get(pk=pk))

    def _tell(self, report: Report, *, lines: bool, failures: bool) -> None:
        for line in report.lines if lines else ():
            self.stdout.write(line)
        for failure in report.failures if failures else ():
            self.stderr.write(self.style.ERROR(failure))


def _contents(paths: list[str], unread: Report) -> Iterator[tuple[str, bytes]]:
    """The files by their names; why one cannot be read goes to `unread`."""
    for path in map(Path, paths):
        for file in _below(path) if path.is_dir() else [path]:
            try:
                size = file.stat().st_size
                if size > MAX_BYTES:
                    unread.failures.append(f"{file}: {size:,} bytes; {MAX_BYTES:,} are the most.")
                else:
                    yield str(file), file.read_bytes()
            except OSError as error:
                unread.failures.append(f"{file}: {error.strerror}")


def _below(folder: Path) -> Iterator[Path]:
    """The files in a folder and in those below, in an order that is always the same."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            yield Path(root, name)


def _moment(text: str):
    try:
        moment = parse_datetime(text)
        if moment is None and (day := parse_date(text)):
            moment = parse_datetime(f"{day}T00:00")
    except ValueError:
        return None
    return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment
