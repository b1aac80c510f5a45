"""How the feeds are doing, in words for operators and the desk."""

from __future__ import annotations

from datetime import datetime, timedelta

from wires.models import Feed

DOWN_AFTER = 3  # failures in a row; one or two are the net's usual hiccups
LATE = timedelta(minutes=15)  # with which a busy worker may come to a feed
LONGEST_ERROR = 120


def state(feed: Feed, now: datetime) -> tuple[str, bool]:
    """In words, and whether it is as it should be."""
    if feed.kind == Feed.Kind.BY_HAND:
        return "by hand", True
    if not feed.is_active:
        return "off", True
    failures = (
        f"{feed.failures} failure{'s' if feed.failures > 1 else ''}, last: {_printable(feed.last_error)}"
    )
    if feed.failures >= DOWN_AFTER:
        return f"down: {failures}", False
    if feed.looked is None:
        return "not looked at yet", True
    if feed.next_look and now - feed.next_look > max(LATE, 3 * timedelta(minutes=feed.interval)):
        return f"not looked at for {_words(now - feed.looked)}; is manage.py worker running?", False
    silence = now - feed.last_item if feed.last_item else timedelta(0)
    if silence > (normal := timedelta(minutes=feed.quiet_after)):
        return f"quiet for {_words(silence)}, normal is {_words(normal)}", False
    if feed.failures:
        return f"trying again: {failures}", True
    return ("ok" if feed.last_item else "ok, nothing came yet"), True


def _words(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"


def _printable(error: str) -> str:
    """What a server says may hold anything, also what a terminal obeys."""
    text = "".join(letter if letter.isprintable() else " " for letter in error)
    return text if len(text) <= LONGEST_ERROR else f"{text[:LONGEST_ERROR]}…"
