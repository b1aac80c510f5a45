from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from wires.intake import Report
from wires.models import Feed
from wires.polling import poll, poll_due


class Command(BaseCommand):
    help = "Looks at each feed that is due, once; or at the named ones, whether they are due or not."

    def add_arguments(self, parser):
        parser.add_argument("names", metavar="NAME", nargs="*", help="a feed; manage.py feeds lists them")

    def handle(self, *, names: list[str], verbosity: int, **options):
        feeds = Feed.objects.filter(name__in=names)
        if unknown := sorted(set(names) - {feed.name for feed in feeds}):
            raise CommandError(f"No feed “{unknown[0]}”. manage.py feeds lists those that there are.")
        total, looks = Report(), 0
        for report in (poll(feed, timezone.now()) for feed in feeds) if names else poll_due():
            looks += 1
            total += report
        if verbosity > 1:
            self.stdout.writelines(f"{line}\n" for line in total.lines)
        if verbosity:
            for failure in total.failures:
                self.stderr.write(self.style.ERROR(failure))
            counts = [f"{number} {outcome}" for outcome, number in sorted(total.counts.items())]
            self.stdout.write(f"{looks} feeds looked at: {', '.join(counts) or 'nothing new'}.")
        if total.failures:
            raise CommandError(f"{len(total.failures)} failed.")
