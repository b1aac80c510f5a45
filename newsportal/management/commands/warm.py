from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from newsportal.warming import pages_to_warm, warm


class Command(BaseCommand):
    help = "Has a running portal make its fronts and newest stories, before readers ask for them."

    def add_arguments(self, parser):
        parser.add_argument(
            "--address", default="http://127.0.0.1:8000", help="where it answers, without what is in front"
        )
        parser.add_argument("--stories", type=int, default=50, help="the newest of each site (50)")
        parser.add_argument("--rounds", type=int, default=10, help="at most, until nothing is missing (10)")

    def handle(self, *, address: str, stories: int, rounds: int, verbosity: int, **options):
        if not address.startswith(("http://", "https://")) or stories < 0 or rounds < 1:
            raise CommandError("Give --address like http://127.0.0.1:8000, and numbers of one or more.")
        pages = list(pages_to_warm(timezone.now(), stories))
        # As the proxy says it, or each page would be an answer that leads to the other scheme.
        headers = {"X-Forwarded-Proto": "https"} if settings.HTTPS and settings.BEHIND_PROXY else {}
        done = warm(address, pages, headers=headers, most_rounds=rounds)
        if verbosity:
            self.stdout.write(f"{done.pages} pages, {done.made} made, in {done.rounds} rounds.")
        if done.failures:
            raise CommandError("\n".join(["Some were not to be had:", *done.failures[:20]]))
