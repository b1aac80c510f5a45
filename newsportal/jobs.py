"""All that the worker does: the apps' own jobs, and telling others of changes."""

from collections.abc import Iterator
from datetime import timedelta

from articles.ending import take_off_lists
from newsportal import announcing, purging
from newsportal.delivery import deliver, forget_old
from sections.ranking import forget_old_reads, rank_again
from wires import jobs
from wires.jobs import Job


def tell_others() -> Iterator[None]:
    for recipient in purging.recipients():
        deliver(recipient)
        yield


def forget_old_changes() -> Iterator[None]:
    yield from forget_old([*purging.recipients(), *announcing.recipients()])


JOBS: dict[str, Job] = jobs.JOBS | {
    "announce": Job(timedelta(seconds=10), announcing.announce),
    "ended": Job(timedelta(minutes=1), take_off_lists),
    "ranking": Job(timedelta(minutes=5), rank_again),
    "reads": Job(timedelta(hours=6), forget_old_reads),
    "tell-others": Job(timedelta(0), tell_others),
    "old-changes": Job(timedelta(hours=1), forget_old_changes),
}
