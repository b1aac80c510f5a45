"""What is said of a story's state, and what each button of its form will do."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.clock import clock, day_and_time
from articles.models import Story
from articles.publishing import Verb


def state_sentence(story: Story) -> str:
    """Where the story stands, in one sentence for the desk."""
    if story.state == Story.State.PUBLISHED:
        return _published(story)
    if story.state in (Story.State.DRAFT, Story.State.READY) and (live := goes_live(story)):
        times = {"state": story.get_state_display(), "time": clock(live), "embargo": _embargo(story)}
        return _("%(state)s; once published it goes live %(time)s%(embargo)s") % times
    return story.get_state_display()


def _published(story: Story) -> str:
    if live := goes_live(story):
        return _("Goes live %(time)s%(embargo)s") % {"time": clock(live), "embargo": _embargo(story)}
    ends = [end for end in (story.rights_until, story.contract_until) if end]
    if ends and min(ends) <= timezone.now():
        return _("Rights ended %(time)s: no longer shown") % {"time": clock(min(ends))}
    return _("Published, until %(time)s") % {"time": clock(min(ends))} if ends else _("Published")


def _embargo(story: Story) -> str:
    if not story.embargo_until or story.embargo_until <= timezone.now():
        return ""
    if story.embargo_until == goes_live(story):
        return _(", when its embargo ends")
    end, live = timezone.localtime(story.embargo_until), timezone.localtime(goes_live(story))
    said = f"{end:%H:%M}" if end.date() == live.date() else day_and_time(end)
    return _(", embargo until %(time)s") % {"time": said}


def goes_live(story: Story):
    """When readers will first see it, by its times; None for: as soon as it is published."""
    live = max(filter(None, [story.publish_at, story.embargo_until]), default=None)
    return live if live and live > timezone.now() else None


# What a button says when readers see its work at once, and when at a time to come.
BUTTONS = {
    Verb.PUBLISH: (gettext_lazy("Publish now"), gettext_lazy("Schedule for {time}")),
    Verb.UPDATE: (gettext_lazy("Publish update"), gettext_lazy("Update for {time}")),
    Verb.CORRECT: (gettext_lazy("Publish correction"), gettext_lazy("Correct for {time}")),
}


def form_buttons(story: Story, verbs: list[Verb]) -> list[tuple]:
    """(act, what its button says by the times as saved, what it says at once, and at a time to come)."""
    live = goes_live(story)
    return [
        (verb, later.format(time=day_and_time(live)) if live else now, now, later)
        for verb, (now, later) in BUTTONS.items()
        if verb in verbs
    ]


# What was done, once it is done.
DONE = {
    Verb.SUBMIT: gettext_lazy("Handed in"),
    Verb.REOPEN: gettext_lazy("Back among the drafts"),
    Verb.SPIKE: gettext_lazy("Spiked"),
    Verb.MARK_ADVISORY: gettext_lazy("Filed as an advisory"),
    Verb.PUBLISH: gettext_lazy("Published"),
    Verb.UPDATE: gettext_lazy("Update published"),
    Verb.CORRECT: gettext_lazy("Correction published"),
    Verb.UNPUBLISH: gettext_lazy("Unpublished"),
    Verb.TAKE_DOWN: gettext_lazy("Taken down"),
    Verb.KILL: gettext_lazy("Killed"),
    Verb.RESTORE: gettext_lazy("Restored to the desk"),
}


def done_sentence(story: Story, verb: Verb) -> str:
    """After an act."""
    done = _("Scheduled") if verb == Verb.PUBLISH and goes_live(story) else DONE[verb]
    words = {"done": done, "story": story, "state": state_sentence(story)}
    return _("%(done)s. “%(story)s” is now: %(state)s.") % words


# What an act with a page of its own will do; withdrawals say who wants them.
CONSEQUENCES = {
    Verb.SUBMIT: gettext_lazy("Editors find it under “Ready for publication”."),
    Verb.REOPEN: gettext_lazy("It goes back among the drafts."),
    Verb.SPIKE: gettext_lazy("It is not used, and kept: “Back to draft” brings it back."),
    Verb.MARK_ADVISORY: gettext_lazy("It is kept as a note to editors: “Back to draft” makes a story of it."),
    Verb.UNPUBLISH: gettext_lazy("For an editor's own decision."),
    Verb.TAKE_DOWN: gettext_lazy("For a withdrawal that somebody asked for: the reason says who."),
    Verb.KILL: gettext_lazy("For a withdrawal that is mandatory, as an agency's kill is."),
    Verb.RESTORE: gettext_lazy(
        "It comes back to the desk, ready; readers see it when it is published again."
    ),
}


def consequence(story: Story, verb: Verb) -> str:
    """What will happen, on the page that asks for it."""
    said = str(CONSEQUENCES[verb])
    if verb not in (Verb.UNPUBLISH, Verb.TAKE_DOWN, Verb.KILL):
        return said
    if story.first_published is None:
        return f"{said} " + _("Readers have never seen it.")
    gone = _("At once readers find a notice at its address, and the story in no list, feed or search.")
    return f"{said} {gone} " + _("“Restore to the desk” brings it back.")
