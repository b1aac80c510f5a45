"""The acts that change a story's state; the only code that does.

Each checks the right of who acts to this very story (the authentication backend knows where rights end),
writes the story, its version or withdrawal, a line of its log and word of it for the pages that show it in
one transaction, and can be repeated safely. `by` is the user who acts; None is the portal itself (the wire,
an operator's command), which has every right and must give `by_name`. `at` is the moment of the act, for
archives brought in; default: now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Case, F, Q, When
from django.utils import timezone

from articles import showing
from articles.models import Act, Correction, Parts, Source, Story, StoryVersion, Withdrawal, WorkingCopy
from articles.prepared import Blanks, prepared
from articles.search import indexing
from articles.statements import insert
from articles.stored_parts import stored_parts
from newsportal import keys, outbox

State = Story.State


class Verb(models.TextChoices):
    SUBMIT = "submit", "Hand in"
    REOPEN = "reopen", "Back to draft"
    SPIKE = "spike", "Spike"
    MARK_ADVISORY = "mark_advisory", "File as advisory"
    PUBLISH = "publish", "Publish"
    UPDATE = "update", "Publish update"
    CORRECT = "correct", "Publish correction"
    UNPUBLISH = "unpublish", "Unpublish"
    TAKE_DOWN = "take_down", "Take down"
    KILL = "kill", "Kill"
    RESTORE = "restore", "Restore to the desk"


# verb -> {state it is allowed in: state it leads to}. A pair that is not here is refused.
TRANSITIONS: dict[Verb, dict[State, State]] = {
    Verb.SUBMIT: {State.DRAFT: State.READY},
    Verb.REOPEN: {State.READY: State.DRAFT, State.SPIKED: State.DRAFT, State.ADVISORY: State.DRAFT},
    Verb.SPIKE: {State.DRAFT: State.SPIKED, State.READY: State.SPIKED, State.ADVISORY: State.SPIKED},
    Verb.MARK_ADVISORY: {State.DRAFT: State.ADVISORY, State.READY: State.ADVISORY},
    Verb.PUBLISH: {State.DRAFT: State.PUBLISHED, State.READY: State.PUBLISHED},
    Verb.UPDATE: {State.PUBLISHED: State.PUBLISHED},
    Verb.CORRECT: {State.PUBLISHED: State.PUBLISHED},
    Verb.UNPUBLISH: {State.PUBLISHED: State.WITHDRAWN, State.WITHDRAWN: State.WITHDRAWN},
    Verb.TAKE_DOWN: {State.PUBLISHED: State.WITHDRAWN, State.WITHDRAWN: State.WITHDRAWN},
    # A kill is mandatory: it reaches a story wherever it stands, also one that nobody has published yet.
    Verb.KILL: dict.fromkeys(State, State.WITHDRAWN),
    Verb.RESTORE: {State.WITHDRAWN: State.READY},
}

RIGHTS = {
    Verb.SUBMIT: "articles.change_story",
    Verb.REOPEN: "articles.change_story",
    Verb.SPIKE: "articles.change_story",
    Verb.MARK_ADVISORY: "articles.change_story",
    Verb.PUBLISH: "articles.publish_story",
    Verb.UPDATE: "articles.publish_story",
    Verb.CORRECT: "articles.correct_story",
    Verb.UNPUBLISH: "articles.withdraw_story",
    Verb.TAKE_DOWN: "articles.withdraw_story",
    Verb.KILL: "articles.withdraw_story",
    Verb.RESTORE: "articles.restore_story",
}


SET_ASIDE = "{} has saved changes to it that readers do not see yet: publish or discard them first."


class ForbiddenAct(Exception):
    """The story's state or content does not allow the act; the message says why, for the editor."""


def verbs_for(story: Story, user) -> list[Verb]:
    """What `user` may do with the story as it stands, in the order of Verb."""
    return [
        verb
        for verb in Verb
        if story.state in TRANSITIONS[verb] and (user is None or user.has_perm(RIGHTS[verb], story))
    ]


def obstacles(story: Story, at: datetime | None = None) -> list[str]:
    """Why the story's content may not be published, in words for the editor; empty if it may."""
    at = at or timezone.now()
    reasons = []
    if not story.headline.strip():
        reasons.append("It has no headline.")
    if not story.has_text():
        reasons.append("It has no body.")
    if story.rights_until and story.rights_until <= at:
        reasons.append("The right to show it has run out (“rights until” is in the past).")
    if story.source and not story.source.all_sites and not story.source.sites.all():
        reasons.append(f"The contract with {story.source} lets no site carry it.")
    contract_until = _contract_until(story, _goes_live(story, at))
    if contract_until and contract_until <= at:
        reasons.append(f"{story.source}'s text may stay up {story.source.text_days} days, which are over.")
    return reasons


# -- On the desk ---------------------------------------------------------------


def submit(story: Story, *, by=None, by_name: str = "", reason: str = "", at: datetime | None = None) -> None:
    """A reporter hands the draft to the editors."""
    _move(story, Deed(Verb.SUBMIT, by, by_name, reason, at))


def reopen(story: Story, *, by=None, by_name: str = "", reason: str = "", at: datetime | None = None) -> None:
    _move(story, Deed(Verb.REOPEN, by, by_name, reason, at))


def spike(story: Story, *, by=None, by_name: str = "", reason: str = "", at: datetime | None = None) -> None:
    """Not to be used; kept, and can be reopened."""
    _move(story, Deed(Verb.SPIKE, by, by_name, reason, at))


def mark_advisory(
    story: Story, *, by=None, by_name: str = "", reason: str = "", at: datetime | None = None
) -> None:
    """A note on the wire to editors, not a story."""
    _move(story, Deed(Verb.MARK_ADVISORY, by, by_name, reason, at))


# -- To readers ----------------------------------------------------------------


@transaction.atomic
def publish(
    story: Story,
    *,
    by=None,
    by_name: str = "",
    reason: str = "",
    at: datetime | None = None,
) -> StoryVersion:
    """Readers see the story from its publish time on, not before its embargo. Saves its content."""
    return _put_before_readers(story, Deed(Verb.PUBLISH, by, by_name, reason, at))


def publish_new(
    story: Story, parts: Parts, *, by_name: str, reason: str = "", at: datetime | None = None
) -> StoryVersion:
    """The portal itself stores a story published, with the `parts` that it comes with.

    A refusal comes before anything is written: the caller's transaction can go on.
    """
    deed = Deed(Verb.PUBLISH, None, by_name, reason, at)
    _refuse_unfit(story, deed)
    with transaction.atomic(savepoint=False):
        return _write_version(story, deed, State.DRAFT, StoryVersion.Kind.ORIGINAL, parts=parts)


@transaction.atomic
def update(
    story: Story, *, by=None, by_name: str = "", reason: str = "", at: datetime | None = None
) -> StoryVersion:
    """New facts under the same address: the content of `story` becomes its next version."""
    return _put_before_readers(story, Deed(Verb.UPDATE, by, by_name, reason, at), StoryVersion.Kind.UPDATE)


@transaction.atomic
def correct(
    story: Story,
    *,
    note: str,
    kind: str = Correction.Kind.CORRECTION,
    supersedes: Correction | None = None,
    by=None,
    by_name: str = "",
    reason: str = "",
    at: datetime | None = None,
) -> Correction:
    """An error mended: the content of `story` becomes its next version, and readers are told by `note`."""
    if not note.strip():
        raise ForbiddenAct("A correction needs a note that tells readers what was wrong and what is right.")
    deed = Deed(Verb.CORRECT, by, by_name, reason, at)
    version = _put_before_readers(story, deed, StoryVersion.Kind.CORRECTION)
    return Correction.objects.create(
        story=story, version=version, kind=kind, note=note.strip(), supersedes=supersedes, **deed.record
    )


# -- Away from readers ---------------------------------------------------------


def unpublish(
    story: Story,
    *,
    reason: str,
    notice: str = "",
    headline: str = "",
    by=None,
    by_name: str = "",
    at: datetime | None = None,
) -> None:
    """An editorial withdrawal. `notice` and `headline` are what readers are told in the story's place."""
    _withdraw(story, Deed(Verb.UNPUBLISH, by, by_name, reason, at), notice, headline)


def take_down(
    story: Story,
    *,
    reason: str,
    notice: str = "",
    headline: str = "",
    by=None,
    by_name: str = "",
    at: datetime | None = None,
) -> None:
    """A withdrawal that somebody asked for; `reason` says who."""
    _withdraw(story, Deed(Verb.TAKE_DOWN, by, by_name, reason, at), notice, headline)


def kill(
    story: Story,
    *,
    reason: str,
    notice: str = "",
    headline: str = "",
    by=None,
    by_name: str = "",
    at: datetime | None = None,
) -> None:
    """Mandatory and at once, from every state; needs no fresh copy of the story. Twice is as once."""
    _withdraw(story, Deed(Verb.KILL, by, by_name, reason, at), notice, headline)


def restore(story: Story, *, reason: str, by=None, by_name: str = "", at: datetime | None = None) -> None:
    """Back to the desk, where it can be published again; readers see nothing of it until then."""
    _move(story, Deed(Verb.RESTORE, by, by_name, reason, at))


@transaction.atomic
def apply_contract(source: Source) -> int:
    """Brings the published stories of a source in line with its contract's days; says how many there are.

    To be called whenever the days changed. One UPDATE whatever their number.
    """
    outbox.record(keys.NETWORK)
    days, until, ended = source.text_days, None, None
    if days:
        until = F("first_published") + timedelta(days=days)
        long_ago = Q(first_published__lte=timezone.now() - timedelta(days=days))
        ended = Case(When(long_ago, then=F("ended_at")))  # the others are listed again, one by one
    stories = Story.objects.filter(source=source, state=State.PUBLISHED)
    return stories.update(contract_until=until, ended_at=ended)


# -- What the acts are made of -------------------------------------------------


@dataclass(slots=True)
class Deed:
    """Which act, by whom, why and when. Raises TypeError for one that nobody did."""

    verb: Verb
    by: AbstractBaseUser | None
    by_name: str
    reason: str
    at: datetime | None

    def __post_init__(self) -> None:
        self.at = self.at or timezone.now()
        self.reason = self.reason.strip()
        if self.by is not None and not self.by_name:
            self.by_name = self.by.get_full_name() or self.by.get_username()
        if not self.by_name:
            raise TypeError("An act without a user must say in by_name who acts.")

    @property
    def record(self) -> dict:
        """What every append-only record of it says."""
        return {"at": self.at, "by": self.by, "by_name": self.by_name}


def _begin(story: Story, deed: Deed) -> State:
    """Locks the row and returns its state, if who acts may and the state allows it."""
    verb, by = deed.verb, deed.by
    # A row of its own: what `story` remembers of its channels may be older than the lock.
    locked = next(iter(_locked(pk=story.pk)), None)
    if locked is None:
        raise Story.DoesNotExist("A story is stored before anything is done with it.")
    if by is not None and not by.has_perm(RIGHTS[verb], locked):
        raise PermissionDenied(
            f"{verb.label}: {by} may not do this to “{locked}”. It takes the right {RIGHTS[verb]} where the "
            "story stands."
        )
    state = State(locked.state)
    if state not in TRANSITIONS[verb]:
        raise ForbiddenAct(f"“{verb.label}” is not possible: the story is {state.label.lower()}.")
    return state


@prepared
def _locked(blank: Blanks) -> models.QuerySet:
    return Story.objects.filter(pk=blank.key("pk")).select_for_update().only("headline", "state").order_by()


def _log(story: Story, deed: Deed, from_state: State) -> None:
    to_state = TRANSITIONS[deed.verb][from_state]
    act = Act(
        story=story,
        verb=deed.verb,
        from_state=from_state,
        to_state=to_state,
        reason=deed.reason,
        **deed.record,
    )
    insert([act])


@transaction.atomic
def _move(story: Story, deed: Deed) -> None:
    """Changes the state and nothing else: what the editor typed is saved before, by save()."""
    from_state = _begin(story, deed)
    _write_state(story, TRANSITIONS[deed.verb][from_state])
    _log(story, deed, from_state)
    if from_state == State.WITHDRAWN:  # what said so is gone; all else that moves is the desk's alone
        showing.record(story)


def _write_state(story: Story, to_state: State, **changes) -> None:
    """Moves a locked row without its content; an editor who has it open will meet a newer version."""
    Story.objects.filter(pk=story.pk).update(state=to_state, version=F("version") + 1, **changes)
    story.refresh_from_db(fields=["state", "version", *changes])


def _put_before_readers(story: Story, deed: Deed, kind: str = "") -> StoryVersion:
    """Saves the content as the story's next version.

    Without a kind it is the original, or restored if there are versions.
    """
    from_state = _begin(story, deed)
    _refuse_unfit(story, deed)
    # Asked once the row is locked: before that another act may be under way.
    [before] = _before(pk=story.pk)
    if before["versions_"] and before["working_copy__by_name"]:
        raise ForbiddenAct(SET_ASIDE.format(before["working_copy__by_name"]))
    kind = kind or (StoryVersion.Kind.RESTORED if before["versions_"] else StoryVersion.Kind.ORIGINAL)
    return _write_version(story, deed, from_state, kind, before["versions_"] + 1)


@prepared
def _before(blank: Blanks) -> models.QuerySet:
    """What was published of a story, and who has set changes to it aside."""
    stories = Story.objects.filter(pk=blank.key("pk")).order_by().annotate(versions_=models.Count("versions"))
    return stories.values("versions_", "working_copy__by_name")


def _refuse_unfit(story: Story, deed: Deed) -> None:
    if reasons := [*obstacles(story, deed.at), *_barred(story)]:
        raise ForbiddenAct("It cannot be published. " + " ".join(reasons))


def _write_version(
    story: Story, deed: Deed, from_state: State, kind: str, number: int = 1, parts: Parts | None = None
) -> StoryVersion:
    """The content, with the times that follow from the moment, its version and its line of the log.

    `parts` are those of a story that is new, to be stored with it.
    """
    story.publish_at = story.publish_at or deed.at
    seen = story.was_public(deed.at)
    live = story.first_published if seen else _goes_live(story, deed.at)
    changes = {"first_published": live, "contract_until": _contract_until(story, live)}
    if deed.verb != Verb.PUBLISH:
        changes["last_updated"] = deed.at if seen else None
    Story.objects.write(story, states=[from_state], state=State.PUBLISHED, **changes)
    if parts:
        parts.store(story)
    held = parts or stored_parts(story)
    indexing.index_story(story, held)
    _log(story, deed, from_state)
    showing.record(story, held)
    version = StoryVersion(
        story=story,
        number=number,
        kind=kind,
        reason=deed.reason,
        wire_version=story.wire_version,
        content=story.snapshot(held),
        **deed.record,
    )
    insert([version])
    return version


def _barred(story: Story) -> list[str]:
    """Asked as it is published, not by `obstacles`: a form's channels are saved by then."""
    if story.source is None or story.source.all_sites or story._state.adding:
        return []
    listed = dict(story.listings.values_list("channel__site", "channel__site__name"))
    if not listed or story.source.sites.filter(pk__in=listed).exists():
        return []
    names = ", ".join(sorted(listed.values()))
    return [f"The contract with {story.source} does not let {names} carry it, where it is listed."]


_KINDS = {
    Verb.UNPUBLISH: Withdrawal.Kind.UNPUBLISH,
    Verb.TAKE_DOWN: Withdrawal.Kind.TAKE_DOWN,
    Verb.KILL: Withdrawal.Kind.KILL,
}
_SEVERITY = list(_KINDS.values())


@transaction.atomic
def _withdraw(story: Story, deed: Deed, notice: str, headline: str) -> None:
    if not deed.reason:
        raise ForbiddenAct(f"“{deed.verb.label}” needs a reason, for the log.")
    kind = _KINDS[deed.verb]
    from_state = _begin(story, deed)
    done = story.withdrawals.first() if from_state == State.WITHDRAWN else None
    if done and _SEVERITY.index(done.kind) >= _SEVERITY.index(kind):
        story.refresh_from_db(fields=["state", "version"])
        return
    known = Story.objects.get(pk=story.pk)
    # What nobody could read yet is not told to readers as gone, and starts anew if it is restored.
    seen = known.first_published if known.was_public(deed.at) else None
    _write_state(story, State.WITHDRAWN, first_published=seen)
    if from_state == State.PUBLISHED:
        indexing.forget(story)
    Withdrawal.objects.create(
        story=story,
        kind=kind,
        headline=headline.strip() or known.headline,
        notice=notice.strip(),
        reason=deed.reason,
        **deed.record,
    )
    _log(story, deed, from_state)
    showing.record(known)


def refuse_over_working_copy(story: Story) -> None:
    """Who publishes it takes its changes with working_copy.take_over; others must not hide them."""
    if saved := WorkingCopy.objects.filter(story=story.pk).first():
        raise ForbiddenAct(SET_ASIDE.format(saved.by_name))


def _goes_live(story: Story, at: datetime) -> datetime:
    """When readers first see a story that is published, or changed, at the moment `at`."""
    return max(filter(None, [at, story.publish_at, story.embargo_until]))


def _contract_until(story: Story, live: datetime) -> datetime | None:
    days = story.source.text_days if story.source else None
    return live + timedelta(days=days) if days else None
