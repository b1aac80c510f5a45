"""One bad item must not cost the others of its message."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from wires.parse.item import Unreadable, WireItem

T = TypeVar("T")
# What a reader can trip over in a file that nobody has sent before. Named, so that a stop of the
# process or a lack of memory is none of them.
STUMBLES = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)


def read_each(things: Iterable[T], read: Callable[[T], WireItem]) -> Iterator[WireItem | Unreadable]:
    """Every thing read, or the reason why it could not be."""
    for number, thing in enumerate(things, start=1):
        try:
            yield read(thing)
        except Unreadable as error:
            yield Unreadable(f"Item {number}: {error}")
        except STUMBLES as error:
            yield Unreadable(f"Item {number} is not as it should be: {type(error).__name__}: {error}")
