"""The words of all formats for what may be done with an item."""

import re
from typing import NamedTuple

from wires.parse.item import Status
from wires.parse.text import tidy

_WORDS = {
    Status.USABLE: "usable use embargoed holdforrelease",
    Status.WITHHELD: "withheld withhold",
    Status.CANCELED: "canceled cancelled cancel kill killed deleted eliminated elimination",
}
_STATUSES = {word: status for status, words in _WORDS.items() for word in words.split()}
_EMBARGOED = frozenset({"embargoed", "holdforrelease"})


class State(NamedTuple):
    status: Status = Status.USABLE
    is_embargoed: bool = False  # the release is to come, whether or not a time is given for it
    hold: str = ""


def read_status(word: str | None) -> State:
    """A status in any spelling: "stat:canceled", "Cancelled", ".../pubstatusg2/usable". Absent is usable.

    An unknown one is not trusted: the item is held for an editor.
    """
    name = re.split("[:/]", tidy(word).rstrip("/"))[-1].lower().replace("-", "").replace(" ", "")
    if not name:
        return State()
    if name not in _STATUSES:
        return State(hold=f"Its status is unknown: {tidy(word)[:60]}.")
    return State(_STATUSES[name], is_embargoed=name in _EMBARGOED)
