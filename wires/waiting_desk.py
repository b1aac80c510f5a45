"""The desk's page of wire versions: those that wait are compared and decided on, the others shown."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import DataError, IntegrityError
from django.db.models import Exists, OuterRef
from django.db.models.fields.json import KT
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from articles.desk_lists import ChoiceFilter, ReadOnlyAdmin
from articles.models import Story
from articles.models.stories import StaleVersion, WrongDoor
from articles.publishing import ForbiddenAct
from articles.story_state import state_sentence
from wires import waiting
from wires.models import WireCopy
from wires.parse.item import Signal, Status

Standing = WireCopy.Standing

# Why an act may not succeed though all is well with the portal: said to who tried it.
REFUSALS = (ForbiddenAct, StaleVersion, WrongDoor, PermissionDenied)

# Long columns that no list shows.
STORY_TEXTS = ("body", "teaser", "opening", "editors_note", "subjects")


def story_link(story: Story | None) -> str:
    url = story and reverse("admin:articles_story_change", args=[story.pk])
    return format_html('<a href="{}">{}</a>', url, story) if story else "—"


class StartingFilter(ChoiceFilter):
    """Starts with the first of its choices instead of with all rows."""

    def value(self):
        known = [str(value) for value, _ in self.lookup_choices]
        return super().value() if super().value() in known else known[0]

    def queryset(self, request, queryset):
        return queryset if self.value() == "all" else super().queryset(request, queryset)

    def choices(self, changelist):
        for value, label in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": self.value() == value, "query_string": query, "display": label}


class StandingFilter(StartingFilter):
    title = parameter_name = "standing"

    def lookups(self, request, model_admin):
        others = [choice for choice in Standing.choices if choice[0] != Standing.WAITING]
        return [(Standing.WAITING.value, Standing.WAITING.label), *others, ("all", "All")]


@admin.register(WireCopy)
class WireCopyAdmin(ReadOnlyAdmin):
    """Starts with those that wait. The page of one that waits compares it and takes the decision."""

    list_display = ["story", "source", "urgency", "stands", "version", "version_created"]
    list_select_related = ["wire_story__story__source"]
    list_defer = ("item", *(f"wire_story__story__{name}" for name in STORY_TEXTS))
    list_filter = [StandingFilter]
    search_fields = ["wire_story__guid", "wire_story__story__headline"]
    ordering = ["-id"]
    fields = ["wire_story", "version", "version_created", "status", "standing", "dispatch", "item"]

    def get_queryset(self, request):
        kills = WireCopy.objects.filter(wire_story=OuterRef("wire_story"), status=Status.CANCELED)
        return (
            super()
            .get_queryset(request)
            .annotate(
                urgency=KT("item__urgency"), was_killed=Exists(kills.exclude(standing=Standing.REFUSED))
            )
        )

    @admin.display
    def story(self, copy) -> str:
        return str(copy.wire_story.story or copy.wire_story)

    @admin.display
    def source(self, copy) -> str:
        story = copy.wire_story.story
        return str(story.source if story and story.source else copy.wire_story.provider)

    @admin.display(empty_value="—")
    def urgency(self, copy) -> str | None:
        return copy.urgency

    @admin.display(description="stands at", ordering="standing")
    def stands(self, copy) -> str:
        if copy.standing != Standing.WAITING:
            return copy.get_standing_display()
        if copy.was_killed:
            return "Waits: killed, then sent again"
        if copy.wire_story.story.state == Story.State.WITHDRAWN and not copy.wire_story.withheld:
            return "Waits: withdrawn by editors"
        return "Waits: edited"

    def change_view(self, request, object_id, form_url="", extra_context=None):
        copy = self.get_object(request, unquote(object_id))
        if copy and self.has_view_permission(request, copy):
            if request.method == "POST":
                return self._decision(request, copy)
            if copy.standing == Standing.WAITING:
                return self._compare(request, copy)
        return super().change_view(request, object_id, form_url, extra_context)

    def _decision(self, request, copy):
        try:
            self._decide(request, copy)
            return HttpResponseRedirect(reverse("admin:wires_wirecopy_changelist"))
        except REFUSALS as error:
            messages.error(request, str(error))
        except (DataError, IntegrityError) as error:
            messages.error(request, f"The version does not fit into a story: {error}")
        copy = self.get_object(request, str(copy.pk))
        if copy.standing != Standing.WAITING:
            return HttpResponseRedirect(request.path)
        return self._compare(request, copy, request.POST.getlist("fields"))

    def _decide(self, request, copy) -> None:
        if "_refuse" in request.POST:
            waiting.refuse(copy, request.user)
            self.log_change(request, copy, "Left the story as it is.")
            messages.success(request, f"“{self.story(copy)}” stays as it is.")
            return
        fields, seen = request.POST.getlist("fields"), request.POST.get("seen_version", "")
        seen = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
        story = waiting.take(copy, fields, request.user, seen=seen)
        self.log_change(request, copy, f"Taken: {', '.join(fields) or 'whole'}.")
        done = format_html("Taken. “{}” is now: {}.", story_link(story), state_sentence(story))
        messages.success(request, done)

    def _compare(self, request, copy, ticked: list[str] | None = None):
        story, found = copy.wire_story.story, waiting.differences(copy)
        is_correction = copy.item.get("signal") == Signal.CORRECTION
        context = {
            **self.admin_site.each_context(request),
            "title": f"From the wire: {self.story(copy)}",
            "opts": self.opts,
            "copy": copy,
            "why": self.stands(copy),
            "source": self.source(copy),
            "story": story,
            "state": state_sentence(story) if story else "",
            "is_withdrawn": bool(story) and story.state == Story.State.WITHDRAWN,
            "is_public_correction": is_correction and bool(story) and story.state == Story.State.PUBLISHED,
            "correction_note": copy.item.get("correction_note", ""),
            "differences": found,
            "ticked": [difference.name for difference in found] if ticked is None else ticked,
            "may_decide": waiting.may_decide(copy, request.user),
        }
        return TemplateResponse(request, "admin/wires/wirecopy/waiting.html", context)
