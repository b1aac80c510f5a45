"""What is looked up once for many items."""

from collections.abc import Callable, Hashable
from time import monotonic
from typing import TypeVar

T = TypeVar("T")
SECONDS = 60


class Known:
    """Rows that the items of an intake name: sources, places, authors, tags, rules.

    They are read again every minute, so that what editors change counts, and when an item did not fit:
    rows that it made are undone with it, and one that an editor has removed is no longer there.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._found: dict[Hashable, object] = {}
        self._since = monotonic()

    def once(self, key: Hashable, look_up: Callable[[], T]) -> T:
        if monotonic() - self._since > SECONDS:
            self.forget()
        if key not in self._found:
            self._found[key] = look_up()
        return self._found[key]
