from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError
from django.utils import timezone

from articles.models import Story
from sections.sample.load import SampleError, load


class Command(BaseCommand):
    help = "Loads the sample network: three sites and their stories. What is there already is left alone."

    def add_arguments(self, parser):
        parser.add_argument(
            "--if-empty", action="store_true", help="Do nothing if the database has any story."
        )

    def handle(self, *, if_empty: bool, verbosity: int, **options):
        if if_empty and Story.objects.exists():
            self._say("There are stories already; nothing loaded.", verbosity)
            return
        try:
            counts = load(timezone.now())
        except SampleError as error:
            raise CommandError(str(error)) from error
        except IntegrityError as error:
            raise CommandError(
                f"Somebody else made the same at the same time ({error}). Nothing was loaded; run it again."
            ) from error
        self._say(str(counts), verbosity)

    def _say(self, words: str, verbosity: int) -> None:
        if verbosity:
            self.stdout.write(words)
