"""What became of a story: its acts in one time line, and what readers could see when.

Read from the append-only records. The desk's page and the readers' are made of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest

from django.db.models import F

from articles.models import Act, Correction, Picture, Place, Source, Story, StoryVersion, Withdrawal
from articles.publishing import Verb

# Each of these acts makes one version.
PUBLISHING = (Verb.PUBLISH, Verb.UPDATE, Verb.CORRECT)


@dataclass(frozen=True, slots=True)
class Span:
    """From `begin` to before `end` readers could see the version; an open end: still."""

    version: int
    begin: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One act with what it made."""

    act: Act
    version: StoryVersion | None = None  # without its content
    span: Span | None = None
    correction: Correction | None = None
    withdrawal: Withdrawal | None = None

    @property
    def verb(self) -> Verb:
        return Verb(self.act.verb)


@dataclass(frozen=True, slots=True)
class History:
    entries: list[Entry] = field(default_factory=list)  # newest first

    @property
    def spans(self) -> list[Span]:
        """Oldest first."""
        return [entry.span for entry in reversed(self.entries) if entry.span]

    @property
    def versions(self) -> list[StoryVersion]:
        """Newest first."""
        return [entry.version for entry in self.entries if entry.version]


def read_history(story: Story) -> History:
    """Four queries, and no text, however long the story's life."""
    acts = list(story.acts.order_by("pk"))
    versions = list(_versions(story))
    corrections = {correction.version_id: correction for correction in story.corrections.all()}
    withdrawals = {(each.kind, each.at): each for each in story.withdrawals.all()}
    spans = {span.version: span for span in spans_of(acts, versions, story.contract_until)}
    remaining, entries = iter(versions), []
    for act in acts:
        version = next(remaining, None) if act.verb in PUBLISHING else None
        entries.append(
            Entry(
                act,
                version,
                version and spans.get(version.number),
                version and corrections.get(version.pk),
                withdrawals.get((act.verb, act.at)),
            )
        )
    return History(entries[::-1])


def public_spans(story: Story) -> list[Span]:
    """What was public when, as far as the acts tell, oldest first. Two queries."""
    return spans_of(list(story.acts.order_by("pk")), list(_versions(story)), story.contract_until)


def _versions(story: Story):
    """Oldest first, with some of their content: the times as text, the source's key."""
    names = ("publish_at", "embargo_until", "rights_until", "source")
    said = {f"said_{name}": F(f"content__{name}") for name in names}
    return story.versions.order_by("number").defer("content").annotate(**said)


def spans_of(acts: list[Act], versions: list, contract_until: datetime | None = None) -> list[Span]:
    """Acts and versions in their order. The contract's end is known of the last version only.

    A version that was replaced or withdrawn before its time had come has no span.
    """
    changes = [act for act in acts if act.verb in PUBLISHING or act.to_state == Story.State.WITHDRAWN]
    ends = [act.at for act in changes[1:]]
    remaining, spans = iter(versions), []
    for act, replaced in zip_longest(changes, ends):
        version = next(remaining, None) if act.verb in PUBLISHING else None
        if version is None:
            continue
        begin = max(_times(act.at, version.said_publish_at, version.said_embargo_until))
        contract = contract_until if replaced is None else None
        end = min(_times(replaced, version.said_rights_until, contract), default=None)
        if end is None or begin < end:
            spans.append(Span(version.number, begin, end))
    return spans


def _times(*said: datetime | str | None) -> list[datetime]:
    return [datetime.fromisoformat(time) if isinstance(time, str) else time for time in said if time]


def with_names(contents: Iterable[dict]) -> list[dict]:
    """Versions' contents with names in place of keys. At most three queries."""
    contents = list(contents)
    replaced = {}
    for name, model in (("source", Source), ("located", Place), ("picture", Picture)):
        rows = model.objects.filter(pk__in={content[name] for content in contents if content.get(name)})
        replaced[name] = {row.pk: str(row) for row in rows}
    return [
        content
        | {
            name: names.get(content[name], f"#{content[name]}")
            for name, names in replaced.items()
            if content.get(name)
        }
        for content in contents
    ]
