"""What became of a story, for its readers: each version they could see, and what changed in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from articles.history import Entry, read_history, with_names
from articles.models import Story, StoryVersion
from articles.wording import FieldChange, field_changes
from sections.cards import BadKey, card_from, read_row_key
from sections.compose import Card
from sections.network import ChannelView, Network
from sections.pages import Elsewhere, GonePage, find_story

PAGE_SIZE = 10

# What of a version stands on its page; all else is the desk's.
SHOWN = (
    "headline", "teaser", "picture", "byline", "body", "dateline_place", "dateline_credit", "dateline_date",
    "source", "genre", "links", "tags", "places",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Revision:
    """A version as readers saw it, beside the one before it."""

    number: int  # as readers count: those they never saw have none
    kind: str
    at: datetime
    correction: str
    note: str
    changes: list[FieldChange]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    network: Network
    channel: ChannelView
    card: Card
    revisions: list[Revision]  # newest first
    older: str  # page key, or empty
    is_whole: bool  # readers may see all that they ever saw
    until: datetime | None  # when the right to show one of its texts ends

    @property
    def path(self) -> str:
        return f"{self.card.url}history/"

    @property
    def notices(self) -> list[str]:
        return [self.card.notice] if self.card.notice else []


def history_page(
    network: Network, pk: int, slug: str, at: datetime, before: str
) -> HistoryPage | Elsewhere | GonePage | None:
    """Where the story has a page, else what stands in that page's place. Raises BadKey.

    Nine queries, however long the story's life, and the texts of one screen.
    """
    row = find_story(network, pk, slug, at)
    if isinstance(row, Elsewhere):
        return Elsewhere(pk, f"{row.url}history/")
    if not isinstance(row, dict):
        return row
    entries, is_whole = _seen(Story.objects.get(pk=pk), at)
    end = read_row_key(before) if before else len(entries) + 1
    if not 0 < end <= len(entries) + 1:
        raise BadKey(before)
    begin = max(end - PAGE_SIZE, 1)
    return HistoryPage(
        network,
        network.channels[row["home__channel_id"]],
        card_from(row, network, at),
        _revisions(entries, range(begin, end))[::-1],
        str(begin) if begin > 1 else "",
        is_whole,
        min(filter(None, (_rights_until(entry.version) for entry in entries)), default=None),
    )


def _seen(story: Story, at: datetime) -> tuple[list[Entry], bool]:
    """The acts whose versions readers saw and may see again, oldest first; whether those are all they saw.

    What was withdrawn stays so when the story comes back: its history begins anew. Nor is a text shown
    whose own rights have ended, or that another source supplied, whose contract is not the story's.
    """
    seen: list[Entry] = []
    is_whole = True
    for entry in reversed(read_history(story).entries):
        if entry.act.to_state == Story.State.WITHDRAWN and seen:
            seen, is_whole = [], False
        elif entry.span and entry.span.begin <= at:
            seen.append(entry)
    shown = [
        entry
        for entry in seen
        if entry.version.said_source == story.source_id and not _rights_ended(entry.version, at)
    ]
    return shown, is_whole and len(shown) == len(seen)


def _rights_until(version: StoryVersion) -> datetime | None:
    said = version.said_rights_until
    return datetime.fromisoformat(said) if said else None


def _rights_ended(version: StoryVersion, at: datetime) -> bool:
    until = _rights_until(version)
    return until is not None and until <= at


def _revisions(entries: list[Entry], numbers: range) -> list[Revision]:
    """Those of the given numbers, counted from 1; each is compared with the one before it."""
    texts = _texts([entry.version for entry in entries[max(numbers.start - 2, 0) : numbers.stop - 1]])
    superseded = {entry.correction.supersedes_id for entry in entries if entry.correction}
    revisions = []
    for number in numbers:
        entry, before = entries[number - 1], entries[number - 2] if number > 1 else None
        text = texts[entry.version.pk]
        given = entry.correction if entry.correction and entry.correction.pk not in superseded else None
        revisions.append(
            Revision(
                number,
                _kind(entry.version, before),
                entry.span.begin,
                given.get_kind_display() if given else "",
                given.note if given else "",
                field_changes(texts[before.version.pk], text) if before else [],
            )
        )
    return revisions


def _texts(versions: list[StoryVersion]) -> dict[int, dict]:
    """What stood on the page, by the version's key."""
    rows = StoryVersion.objects.filter(pk__in=[version.pk for version in versions])
    stored = dict(rows.values_list("pk", "content"))
    shown = [{name: content.get(name) for name in SHOWN} for content in stored.values()]
    return dict(zip(stored, with_names(shown), strict=True))


def _kind(version: StoryVersion, before: Entry | None) -> str:
    if version.kind == StoryVersion.Kind.RESTORED:
        return _("Published again")
    if before is None:
        return _("First published")
    return _("Corrected") if version.kind == StoryVersion.Kind.CORRECTION else _("Updated")
