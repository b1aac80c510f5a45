import sys
from argparse import ArgumentTypeError

from django.core.management.base import BaseCommand
from tqdm import tqdm

from articles.search.indexing import forget_stale, reindex, tidy, to_index


def _key(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ArgumentTypeError(f"“{text}” is no key of a story.")
    return int(text)


class Command(BaseCommand):
    help = (
        "Writes the published stories into the search index anew, or those only that are not in it. The site "
        "stays up meanwhile; ended at any moment, it goes on with --after and the last key that it named."
    )

    def add_arguments(self, parser):
        parser.add_argument("--missing", action="store_true", help="only stories that are not in the index")
        parser.add_argument(
            "--after", type=_key, default=0, metavar="KEY", help="only stories with a higher key"
        )

    def handle(self, *, missing: bool, after: int, verbosity: int, **options):
        quiet = verbosity == 0 or not sys.stderr.isatty()
        done, last = 0, after
        with tqdm(total=to_index(after).count(), unit=" stories", disable=quiet) as bar:
            try:
                for last, number, indexed in reindex(after, missing=missing):
                    done += indexed
                    bar.set_postfix_str(f"--after {last}", refresh=False)
                    bar.update(number)
            except KeyboardInterrupt:
                bar.close()
                again = f"reindex_search{' --missing' * missing} --after {last}"
                self.stderr.write(f"Ended; what was indexed stays. Go on with: {again}")
                sys.exit(130)
        gone = forget_stale()
        with tqdm(desc="merging", unit=" pages", disable=quiet) as bar:
            try:
                for pages in tidy():
                    bar.update(pages)
            except KeyboardInterrupt:
                bar.close()
                self.stderr.write("Ended; all is indexed. For quicker searches: reindex_search --missing")
                sys.exit(130)
        if verbosity:
            self.stdout.write(f"Indexed {done:,} stories; forgot {gone:,} that are published no more.")
