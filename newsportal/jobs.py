"""The jobs of apps that `wires`, whose worker runs them, may not import."""

from datetime import timedelta

from sections.ranking import forget_old_reads, rank_again
from wires.jobs import JOBS, Job

JOBS |= {
    "ranking": Job(timedelta(minutes=5), rank_again),
    "reads": Job(timedelta(hours=6), forget_old_reads),
}
