"""For another process to import, which knows no Django."""

import os
import signal

from wires.reading import Outcome, Task, read


def fragile(task: Task) -> Outcome:
    """Reads as ever, but one file brings the process down."""
    if b"urn:knw:fatal" in task.data:
        os.kill(os.getpid(), signal.SIGKILL)
    return read(task)
