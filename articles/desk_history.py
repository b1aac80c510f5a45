"""The desk's pages on what became of a story: its time line, two versions compared, an old text restored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.clock import clock
from articles.history import Entry, Span, read_history, with_names
from articles.models import Story, StoryVersion
from articles.models.stories import StaleVersion
from articles.publishing import ForbiddenAct
from articles.story_state import state_sentence
from articles.wording import FieldChange, field_changes
from articles.working_copy import NOT_TEXT, restore_text, with_working_copy

NOW = "now"  # the story as its editors have it, beside the numbers of its versions
PAGE_SIZE = 50


def span_sentence(span: Span | None) -> str:
    """When readers saw a version, in words."""
    if span is None:
        return _("Readers never saw it.")
    now = timezone.now()
    begin, end = clock(span.begin), span.end and clock(span.end)
    if span.begin > now and end:
        words = _("Readers will see it from %(begin)s to %(end)s")
    elif span.begin > now:
        words = _("Readers will see it from %(begin)s")
    elif end is None:
        words = _("Readers see it since %(begin)s")
    elif span.end > now:
        words = _("Readers see it since %(begin)s, until %(end)s")
    else:
        words = _("Readers saw it from %(begin)s to %(end)s")
    return words % {"begin": begin, "end": end}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the page: an act with its words for the desk, or a save."""

    at: datetime
    entry: Entry | None = None
    seen: str = ""
    before: int | None = None  # the version that this one is compared with
    save: LogEntry | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    old: str
    new: str
    changes: list[FieldChange]


class CompareForm(forms.Form):
    old = forms.ChoiceField(label=gettext_lazy("Compare"))
    new = forms.ChoiceField(label=gettext_lazy("with"))

    def __init__(self, data, versions: list[StoryVersion]) -> None:
        numbers = [(str(each.number), version_name(each)) for each in versions]
        choices = [(NOW, _("the text as it is now")), *numbers]
        newest, before = ([number for number, _name in numbers] + [NOW, NOW])[:2]
        asked = {"old": data.get("old", before), "new": data.get("new", newest)}
        super().__init__(asked, auto_id="compare_%s")
        for field in self.fields.values():
            field.choices = choices
            field.error_messages["invalid_choice"] = _("The story has no version “%(value)s”.")


class RestoreForm(forms.Form):
    seen_version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("For the story's log."),
    )


def version_name(version: StoryVersion) -> str:
    kind = version.get_kind_display().lower()
    return _("version %(number)s, %(kind)s, %(at)s") % {
        "number": version.number,
        "kind": kind,
        "at": clock(version.at),
    }


class HistoryPages:
    """For StoryAdmin."""

    def get_urls(self):
        restore = path(
            "<int:pk>/history/<int:number>/restore/",
            self.admin_site.admin_view(self.restore_view),
            name="articles_story_restore_text",
        )
        return [restore, *super().get_urls()]

    def history_view(self, request, object_id, extra_context=None):
        story = self._story_to_see(request, unquote(object_id))
        history = read_history(story)
        form = CompareForm(request.GET, history.versions)
        rows = _rows(history.entries, _saves(story))
        page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("p"))
        context = {
            **self._story_context(request, story, _("History: %s") % story),
            "page": page,
            "versions": history.versions,
            "form": form,
            "comparison": self._comparison(story, form) if "old" in request.GET and form.is_valid() else None,
            "asked": "old" in request.GET,
            "now": NOW,
            "may_restore": self._may_restore(request, story),
            "query": _without_page(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/articles/story/history.html", context)

    def restore_view(self, request, pk: int, number: int):
        story = self._story_to_see(request, str(pk))
        if not self.has_change_permission(request, story):
            raise PermissionDenied
        version = story.versions.filter(number=number).first()
        if version is None:
            raise Http404("The story has no such version.")
        form = RestoreForm(request.POST or None, initial={"seen_version": story.version})
        if request.method == "POST" and form.is_valid() and self._restored(request, story, version, form):
            return HttpResponseRedirect(reverse("admin:articles_story_change", args=[story.pk]))
        before, after = with_names([with_working_copy(story).snapshot(), version.content])
        context = {
            **self._story_context(request, story, _("Restore the text of version %s") % number),
            "version": version,
            "form": form,
            "changes": [each for each in field_changes(before, after) if each.name not in NOT_TEXT],
        }
        return TemplateResponse(request, "admin/articles/story/restore.html", context)

    def _restored(self, request, story: Story, version: StoryVersion, form: RestoreForm) -> bool:
        story.version = form.cleaned_data["seen_version"]
        try:
            restore_text(story, version, request.user)
        except (ForbiddenAct, StaleVersion) as error:
            form.add_error(None, str(error))
            form.data = form.data.copy()
            form.data["seen_version"] = Story.objects.values_list("version", flat=True).get(pk=story.pk)
            return False
        said = {"number": version.number, "reason": form.cleaned_data["reason"]}
        self.log_change(request, story, _("Restored the text of version %(number)s: %(reason)s") % said)
        messages.success(
            request,
            _("The text of version %(number)s is back. Read it through before you publish it.") % said,
        )
        return True

    def _story_to_see(self, request, key: str) -> Story:
        story = self.get_object(request, key)
        if story is None:
            raise Http404("No such story.")
        if not self.has_view_permission(request, story):
            raise PermissionDenied
        return story

    def _may_restore(self, request, story: Story) -> bool:
        return story.state != Story.State.WITHDRAWN and self.has_change_permission(request, story)

    def _story_context(self, request, story: Story, title: str) -> dict:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "story": story,
            "state": state_sentence(story),
            "opts": self.opts,
            "media": self.media,
        }

    def _comparison(self, story: Story, form: CompareForm) -> Comparison:
        asked = [form.cleaned_data["old"], form.cleaned_data["new"]]
        numbers = [int(each) for each in asked if each != NOW]
        contents = dict(story.versions.filter(number__in=numbers).values_list("number", "content"))
        if NOW in asked:
            contents[NOW] = with_working_copy(story).snapshot()
        names = dict(form.fields["old"].choices)
        before, after = with_names([contents[each if each == NOW else int(each)] for each in asked])
        return Comparison(names[asked[0]], names[asked[1]], field_changes(before, after))


def _rows(entries: list[Entry], saves: Iterable[LogEntry]) -> list[Row]:
    """Newest first; what was saved as it was published stands under the act."""
    rows = [*map(_row, entries), *(Row(save.action_time, save=save) for save in saves)]
    return sorted(rows, key=lambda row: row.at, reverse=True)


def _row(entry: Entry) -> Row:
    version = entry.version
    before = version.number - 1 if version and version.number > 1 else None
    return Row(entry.act.at, entry, span_sentence(entry.span) if version else "", before)


def _saves(story: Story):
    """What was saved at the desk by whom, as the admin keeps it; one query."""
    of_stories = LogEntry.objects.filter(content_type__app_label="articles", content_type__model="story")
    return of_stories.filter(object_id=str(story.pk)).select_related("user")


def _without_page(request) -> str:
    asked = request.GET.copy()
    asked.pop("p", None)
    return asked.urlencode()
