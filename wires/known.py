"""What is looked up once for many items."""

from collections.abc import Callable, Hashable
from typing import TypeVar

T = TypeVar("T")


class Known:
    """Rows that the items of a batch name: sources, places, authors, tags, rules.

    It lives for one batch, so that what editors change is seen by the next, and forgets everything when
    an item fails, for the rows that the item made are undone with it.
    """

    def __init__(self) -> None:
        self._found: dict[Hashable, object] = {}

    def once(self, key: Hashable, look_up: Callable[[], T]) -> T:
        if key not in self._found:
            self._found[key] = look_up()
        return self._found[key]

    def forget(self) -> None:
        self._found.clear()
