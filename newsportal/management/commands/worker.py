from django.core.management.base import BaseCommand, CommandError

from newsportal.jobs import JOBS
from wires.jobs import Worker


class Command(BaseCommand):
    help = "Runs the portal's periodic jobs until it is stopped; several workers may run side by side."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="run each job once, and end")

    def handle(self, *, verbosity: int, once: bool, **options):  # noqa: FBT001
        worker = Worker(JOBS)
        worker.stop_on_signals()
        if verbosity and not once:
            self.stdout.write(f"Working: {', '.join(JOBS)}. Stop with Ctrl-C or SIGTERM.")
            self.stdout.flush()
        if once:
            worker.run_due()
        else:
            worker.run()
        if verbosity:
            self.stdout.write(f"{worker.runs} jobs run, {worker.failures} failed.")
        if once and worker.failures:
            raise CommandError("Not all jobs succeeded; the log says why.")
