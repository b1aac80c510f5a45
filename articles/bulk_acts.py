"""One act on many stories: a page lists first what becomes of each, then each is done by itself.

Each story has a transaction of its own, and goes through the same writers as in its form. One that is
refused is reported with the reason; the others go on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles import publishing
from articles.desk_fields import TagsField
from articles.models import Story, Tag
from articles.models.stories import StaleVersion, WrongDoor
from articles.models.tags import normal_form
from articles.publishing import RIGHTS, TRANSITIONS, ForbiddenAct, Verb
from articles.story_form import WITHDRAWALS, ActForm
from articles.story_state import state_sentence

State = Story.State

MOST = 200  # at once
SEEN = re.compile(r"([0-9]{1,18}):([0-9]{1,9})")  # a story's key and the version that was listed
REFUSALS = (ForbiddenAct, StaleVersion, WrongDoor, PermissionDenied)


@dataclass(frozen=True, slots=True)
class Line:
    """A story of the page: what becomes of it, or why nothing does."""

    story: Story
    outcome: str = ""
    refusal: str = ""


# -- What can be done ---------------------------------------------------------------


class VerbAct:
    """One of the acts of articles.publishing."""

    def __init__(self, verb: Verb) -> None:
        self.verb, self.name, self.label, self.right = verb, verb.value, verb.label, RIGHTS[verb]
        # A kill is mandatory: it reaches a story whatever was done to it meanwhile, and twice is as once.
        self.needs_fresh = verb != Verb.KILL

    def form(self, data, user, stories: list[Story]) -> forms.Form:
        form = ActForm(self.verb, data)
        form.fields.pop("headline", None)  # what a page calls one story is not for many
        return form

    def refusal(self, story: Story, user) -> str:
        if not user.has_perm(self.right, story):
            return _("It stands outside your remit.")
        if story.state not in TRANSITIONS[self.verb]:
            return _("It is %(state)s.") % {"state": State(story.state).label.lower()}
        return " ".join(self.obstacles(story)) if self.verb == Verb.PUBLISH else ""

    def obstacles(self, story: Story) -> list[str]:
        return publishing.obstacles(story)

    def outcome(self, story: Story) -> str:
        goal = TRANSITIONS[self.verb][State(story.state)]
        if goal != State.PUBLISHED:
            return goal.label
        times = {name: getattr(story, name) for name in ("embargo_until", "rights_until", "contract_until")}
        return state_sentence(Story(state=goal, publish_at=story.publish_at or timezone.now(), **times))

    def do(self, story: Story, user, **said) -> None:
        getattr(publishing, self.verb.value)(story, by=user, **said)


class ReasonForm(forms.Form):
    """The reason is for the version that readers get; a story that none of them sees gets no version."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        help_text=gettext_lazy("For the log, where readers see the story; never public."),
    )

    def __init__(self, data, stories: list[Story]) -> None:
        super().__init__(data)
        self.fields["reason"].required = any(story.state == State.PUBLISHED for story in stories)


class TagsForm(ReasonForm):
    tags = TagsField(
        label=gettext_lazy("Tags"),
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        help_text=gettext_lazy("With commas between them; each must be a tag already."),
    )
    field_order = ["tags", "reason"]

    def clean_tags(self) -> list[Tag]:
        """A slip of the pen would make a new tag of many stories."""
        wanted = {normal_form(name): name for name in self.cleaned_data["tags"]}
        known = {tag.normal: tag for tag in Tag.objects.filter(normal__in=wanted)}
        if missing := [name for normal, name in wanted.items() if normal not in known]:
            raise ValidationError(_("There is no tag “%s”: make it first.") % "”, “".join(missing))
        return list(known.values())


class TagsAct:
    """What readers see of a published story changes by its act, as in its form."""

    right = "articles.change_story"
    needs_fresh = True

    def __init__(self, name: str, label: str, *, adds: bool) -> None:
        self.name, self.label, self.adds = name, label, adds

    def form(self, data, user, stories: list[Story]) -> forms.Form:
        return TagsForm(data, stories)

    def refusal(self, story: Story, user) -> str:
        if not user.has_perm(self.right, story):
            return _("It stands outside your remit.")
        if story.state == State.PUBLISHED and not user.has_perm(RIGHTS[Verb.UPDATE], story):
            return _("Readers see it: whoever may publish changes its tags.")
        return _("It is withdrawn.") if story.state == State.WITHDRAWN else ""

    def outcome(self, story: Story) -> str:
        published = story.state == State.PUBLISHED
        return _("Its next version, with tags changed") if published else _("Saved with tags changed")

    def do(self, story: Story, user, tags: list[Tag], reason: str) -> None:
        has = {tag.pk for tag in story.tags.all()}
        changed = [tag for tag in tags if (tag.pk in has) != self.adds]
        if not changed:
            raise ForbiddenAct(_("It has them already.") if self.adds else _("It has none of them."))
        (story.tags.add if self.adds else story.tags.remove)(*changed)
        if story.state == State.PUBLISHED:
            publishing.update(story, by=user, reason=reason)
        else:
            story.save()


BULK_ACTS = [
    *map(VerbAct, [Verb.SUBMIT, Verb.REOPEN, Verb.SPIKE, Verb.PUBLISH]),
    *map(VerbAct, [Verb.UNPUBLISH, Verb.TAKE_DOWN, Verb.KILL, Verb.RESTORE]),
    TagsAct("add_tags", gettext_lazy("Add tags"), adds=True),
    TagsAct("remove_tags", gettext_lazy("Remove tags"), adds=False),
]


@transaction.atomic
def do_one(act, key: int, seen: int, user, said: dict) -> Story:
    """Raises one of REFUSALS, and has changed nothing then."""
    story = Story.objects.select_for_update().get(pk=key)
    if act.needs_fresh and story.version != seen:
        raise StaleVersion(story)
    if not user.has_perm(act.right):
        raise PermissionDenied(_("It takes the right %s.") % act.right)
    if refusal := act.refusal(story, user):
        raise ForbiddenAct(refusal)
    act.do(story, user, **said)
    return story


# -- The pages ----------------------------------------------------------------------


class BulkPages:
    """For StoryAdmin."""

    bulk_acts = BULK_ACTS
    bulk_prefetch = ("source__sites",)  # what refusals are told by

    def get_actions(self, request):
        actions = super().get_actions(request)
        if "_popup" in request.GET:
            return actions
        offered = [act for act in self.bulk_acts if request.user.has_perm(act.right)]
        return actions | {act.name: (self._chosen(act), act.name, act.label) for act in offered}

    def _chosen(self, act):
        def show(model_admin, request, queryset):
            keys = list(queryset.order_by("-pk").values_list("pk", flat=True)[: MOST + 1])
            if len(keys) > MOST:
                messages.error(request, _("%s stories are the most at once: choose fewer.") % MOST)
                return None
            return self._bulk_page(request, act, self._bulk_stories(request, keys))

        return show

    def get_urls(self):
        view = self.admin_site.admin_view(self.bulk_view)
        return [path("bulk/<str:name>/", view, name="articles_story_bulk"), *super().get_urls()]

    def bulk_view(self, request, name: str):
        act = next((act for act in self.bulk_acts if act.name == name), None)
        if act is None:
            raise Http404("No such act.")
        if not request.user.has_perm(act.right):
            raise PermissionDenied(_("It takes the right %s.") % act.right)
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:articles_story_changelist"))
        seen = _seen(request.POST.getlist("story"))
        stories = self._bulk_stories(request, seen)
        form = act.form(request.POST, request.user, stories)
        if not form.is_valid():
            return self._bulk_page(request, act, stories, form, seen)
        lines = [self._bulk_line(request, act, story, seen[story.pk], form.cleaned_data) for story in stories]
        done = sum(not line.refusal for line in lines)
        title = _("%(act)s: %(done)d done, %(refused)d refused")
        title %= {"act": act.label, "done": done, "refused": len(lines) - done}
        context = self._bulk_context(request, act, lines) | {"title": title}
        return TemplateResponse(request, "admin/articles/story/bulk_done.html", context)

    def _bulk_stories(self, request, keys) -> list[Story]:
        """With all that refusals are told by, in a fixed number of queries."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        stories = Story.objects.filter(pk__in=list(keys)).select_related("source")
        return list(stories.prefetch_related(*self.bulk_prefetch).order_by("-pk"))

    def _bulk_line(self, request, act, listed: Story, seen: int, said: dict) -> Line:
        try:
            story = do_one(act, listed.pk, seen, request.user, dict(said))
        except REFUSALS as error:
            return Line(listed, refusal=str(error))
        if not isinstance(act, VerbAct):  # whose log is its own
            self.log_change(request, story, f"{act.label}.")
        return Line(story, outcome=_("Done"))

    def _bulk_page(self, request, act, stories: list[Story], form=None, seen: dict | None = None):
        lines = []
        for story in stories:
            refusal = act.refusal(story, request.user)
            if seen and act.needs_fresh and seen[story.pk] != story.version:
                refusal = _("It was changed by somebody else meanwhile: choose it again.")
            lines.append(Line(story, "" if refusal else act.outcome(story), refusal))
        possible = [line.story for line in lines if not line.refusal]
        title = ngettext("%(act)s: %(number)d story", "%(act)s: %(number)d stories", len(possible))
        context = self._bulk_context(request, act, lines) | {
            "title": title % {"act": act.label, "number": len(possible)},
            "possible": possible,
            "form": form or act.form(None, request.user, possible),
        }
        return TemplateResponse(request, "admin/articles/story/bulk.html", context)

    def _bulk_context(self, request, act, lines: list[Line]) -> dict:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "act": act,
            "withdraws": act.name in WITHDRAWALS,
            "rows": [(line, state_sentence(line.story)) for line in lines],
        }


def _seen(values: list[str]) -> dict[int, int]:
    found = [SEEN.fullmatch(value) for value in values]
    if not all(found):
        raise BadRequest("No story has such a key or version.")
    if len(found) > MOST:
        raise BadRequest(f"{MOST} stories are the most at once.")
    return {int(match[1]): int(match[2]) for match in found}
