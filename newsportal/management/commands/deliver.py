import time

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from newsportal.delivery import deliver
from newsportal.purging import recipients

POLL = 0.2  # seconds


class Command(BaseCommand):
    help = "Tells caches in front of changes, at once: the worker does so too, but between its other jobs."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="tell what there is to tell, and end")

    def handle(self, *, verbosity: int, once: bool, **options):  # noqa: FBT001
        told = recipients()
        if not told:
            self.stdout.write("Nobody is to be told: PURGE_VARNISH and PURGE_URL are empty.")
            return
        while True:
            close_old_connections()
            changes = sum(map(deliver, told))
            if once:
                break
            time.sleep(POLL)
        if verbosity:
            self.stdout.write(f"{changes} changes told.")
