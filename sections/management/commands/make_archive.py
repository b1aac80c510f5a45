import sys
from argparse import ArgumentTypeError

from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone
from tqdm import tqdm

from sections.archive.make import make_archive


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 50_000_000):
        raise ArgumentTypeError(f"“{text}” is no number of stories from 1 to 50000000.")
    return int(text)


class Command(BaseCommand):
    help = "Adds a made-up archive, for measuring: 200 channels on four sites of its own, and their stories."

    def add_arguments(self, parser):
        parser.add_argument("--stories", type=_number, required=True, metavar="N")
        parser.add_argument("--seed", type=int, default=1, help="another seed, other stories (default: 1)")

    def handle(self, *, stories: int, seed: int, verbosity: int, **options):
        made, quiet = 0, verbosity == 0 or not sys.stderr.isatty()
        with tqdm(total=stories, unit=" stories", disable=quiet) as bar:
            for number in make_archive(stories, seed, timezone.now()):
                made += number
                bar.update(number)
        if connection.vendor == "postgresql":
            # As it does by itself a while later: till then pages would be planned for empty tables.
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        if verbosity:
            self.stdout.write(f"Made {made:,} stories on archive-1.localhost to archive-4.localhost.")
            self.stdout.write("The search does not know them yet: run reindex_search --missing.")
