"""The list and the form of stories. A story's state changes by the buttons of its form and the pages of its
acts, which call articles.publishing; nothing here writes it.

Registered by sections, which knows where stories are shown.
"""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from articles import presence, publishing, showing
from articles.bulk_acts import BulkPages
from articles.clock import day_and_time
from articles.desk_acts import ActPages
from articles.desk_conflicts import ConflictPages
from articles.desk_history import HistoryPages
from articles.desk_lists import LargeTableAdmin, OriginFilter, SourceFilter, UrgencyFilter, WhenFilter
from articles.desk_search import TOO_MANY, with_words
from articles.models import Correction, Story
from articles.models.stories import StaleVersion
from articles.publishing import TRANSITIONS, Verb
from articles.search import indexing
from articles.search.streams import TooSlow
from articles.story_form import (
    ASIDE,
    FORM_VERBS,
    RelatedLinkFormSet,
    RelatedLinkInline,
    StoryForm,
    pressed_verb,
)
from articles.story_state import done_sentence, form_buttons, state_sentence
from articles.suggestions import suggestions_for
from articles.warnings import StoryWarning, warnings_for
from articles.working_copy import save_aside, take_over, with_working_copy


class StoryAdmin(ActPages, BulkPages, HistoryPages, ConflictPages, LargeTableAdmin):
    form = StoryForm
    inlines = [RelatedLinkInline]
    list_display = ["headline", "stands", "source", "urgency", "published"]
    list_display_links = ["headline"]
    list_filter = ["state", OriginFilter, WhenFilter, UrgencyFilter, SourceFilter]
    list_defer = ("body", "teaser", "opening", "editors_note", "subjects", "working_copy__content")
    search_fields = ["headline"]  # for the box to be there; see get_search_results
    search_help_text = _("Words of headline, slugline or tags, or how they begin; a wire id; a number")
    ordering = ["-id"]
    autocomplete_fields = ["source", "picture", "located", "places", "authors"]
    readonly_fields = [
        "state_now", "version", "first_published", "last_updated", "contract_until",
        "provider", "guid", "wire_version",
    ]  # fmt: skip
    save_on_top = False
    change_form_template = "admin/articles/story/change_form.html"
    # In the order of the page that a reader sees, its channels after the first set.
    fieldsets = [
        ("State and times", {"fields": [
            "state_now", ("publish_at", "embargo_until"), ("relevant_until", "rights_until")]}),
        ("Story", {"classes": ["story-text"], "fields": [
            "headline", "teaser", "picture", "byline", "authors",
            ("dateline_place", "dateline_credit", "dateline_date"), "body"]}),
        ("Source and places", {"fields": ["source", "located", "places"]}),
        ("About", {"fields": ["tags", "slugline", ("genre", "urgency", "language")]}),
        ("For editors only", {"fields": ["editors_note"]}),
        ("More", {"classes": ["collapse"], "fields": ["dateline_raw", "subjects"]}),
        ("Record", {"classes": ["collapse"], "fields": [
            "first_published", "last_updated", "contract_until", "version",
            ("provider", "guid", "wire_version")]}),
    ]  # fmt: skip

    class Media:
        js = [forms.Script("js/unsaved_text.js", defer=True)]

    correction_fieldset = ("Correction", {"fields": ["correction_kind", "correction_note"]})

    @admin.display(description="state", ordering="state")
    def state_now(self, story: Story) -> str:
        return state_sentence(story.live) if story.pk else "New draft"

    @admin.display(description=_("published"), ordering="first_published")
    def published(self, story: Story) -> str:
        return day_and_time(story.first_published) if story.first_published else "–"

    @admin.display(description=_("state"), ordering="state")
    def stands(self, story: Story) -> str:
        """In the list, where no note over the form tells of a working copy."""
        if not hasattr(story, "working_copy"):
            return self.state_now(story)
        aside = _("with changes that readers do not see yet")
        return format_html('{} <span class="story-aside">{}</span>', self.state_now(story), aside)

    def get_fieldsets(self, request, obj=None):
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj and Verb.CORRECT in publishing.verbs_for(obj, request.user):
            fieldsets.insert(1, self.correction_fieldset)
        return fieldsets

    def get_form(self, request, obj=None, change=False, **kwargs):  # noqa: FBT002 (Django's signature)
        form = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, "desk_refusal", "")
        form.may_make_tags = request.user.has_perm("articles.add_tag")
        return form

    def has_delete_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        """What readers see, or saw, changes by an act only, so its form is shut to who may do none."""
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or obj.state in Story.WORKING_STATES or self._form_verbs(request, obj) != []

    def _form_verbs(self, request, story: Story) -> list[Verb]:
        return [verb for verb in publishing.verbs_for(story, request.user) if verb in FORM_VERBS]

    # -- Saving ------------------------------------------------------------------

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("working_copy", "source", "located", "picture")

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        try:
            return queryset.filter(pk__in=with_words(search_term)), False
        except TooSlow:
            messages.warning(request, TOO_MANY)
            return queryset.none(), False

    def get_object(self, request, object_id, from_field=None):
        """With the changes that were saved and not published, where there are such."""
        story = super().get_object(request, object_id, from_field)
        return with_working_copy(story, is_loaded=True) if story else None

    def save_model(self, request, obj, form, change):
        """A draft is saved here; published text in save_related, by its act."""
        if obj.state in Story.WORKING_STATES:
            obj.save()
        elif not Story.objects.select_for_update().filter(pk=obj.pk, version=obj.version).values("pk"):
            # Locked before its links and tags are written: they have no version of their own.
            raise StaleVersion(obj)

    def save_related(self, request, form, formsets, change):
        story, verb = form.instance, form.verb
        links = next(formset for formset in formsets if isinstance(formset, RelatedLinkFormSet))
        if story.state == Story.State.PUBLISHED and not form.is_aside:
            showing.record(story)  # where it stands before its channels change
        if form.is_aside:
            save_aside(story, form.content(links.links()), request.user)
            for formset in formsets:
                formset.save(commit=False)  # for the log; of the channels nothing may be changed
        elif story.state == Story.State.PUBLISHED and verb is None:
            self._save_channels(request, form, [formset for formset in formsets if formset is not links])
            links.save(commit=False)
        else:
            if story.aside:
                take_over(story)
            super().save_related(request, form, formsets, change)
            self._act(story, form, request.user)

    def _save_channels(self, request, form, formsets) -> None:
        for formset in formsets:
            self.save_formset(request, form, formset, change=True)
        if any(formset.has_changed() for formset in formsets):
            # Another form that is open now shows what they were.
            Story.objects.count_save(form.instance)
            showing.record(form.instance)
            indexing.index([form.instance.pk])

    def _act(self, story: Story, form: StoryForm, by) -> None:
        if form.verb == Verb.CORRECT:
            note, kind = form.cleaned_data["correction_note"], form.cleaned_data["correction_kind"]
            publishing.correct(story, note=note, kind=kind or Correction.Kind.CORRECTION, by=by)
        elif form.verb == Verb.UPDATE:
            publishing.update(story, by=by)
        elif form.verb == Verb.PUBLISH:
            publishing.publish(story, by=by)

    def response_add(self, request, obj, post_url_continue=None):
        if "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        return self._say_state(request, obj)

    def response_change(self, request, obj):
        if "_popup" in request.POST:
            return super().response_change(request, obj)
        return self._say_state(request, obj)

    def _say_state(self, request, story: Story):
        saved = pressed_verb(request.POST)
        if saved and ASIDE not in request.POST:
            said = done_sentence(story, saved)
        else:
            done = "Channels saved" if story.state == Story.State.PUBLISHED else "Saved"
            if ASIDE in request.POST:
                done = "Saved; readers see nothing of it yet"
            said = f"{done}. “{story}” is now: {state_sentence(story.live)}."
        messages.success(request, said)
        return HttpResponseRedirect(reverse("admin:articles_story_change", args=[story.pk]))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):  # noqa: FBT002
        if obj and request.method == "POST":
            context["adminform"].form.put_back()
        story = obj or Story()
        verbs = publishing.verbs_for(story, request.user)
        context |= {
            "form_buttons": form_buttons(story, verbs),
            "act_verbs": [verb for verb in verbs if verb not in FORM_VERBS and self._changes(story, verb)],
            "save_label": self._save_label(story),
            "warnings": self._warnings(request, obj, context) if obj else [],
            "closed": self._closed(request, story),
        }
        if obj and self.has_change_permission(request, obj):
            context["suggestions"] = suggestions_for(obj, context["adminform"].form)
            context |= self._saving_context(request, context, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _warnings(self, request, story: Story, context) -> list[StoryWarning]:
        """Of what is saved; a form that comes back with errors has enough to say."""
        if request.method == "POST" or not self.has_change_permission(request, story):
            return []
        rows = {
            inline.formset.prefix: [form.instance for form in inline.formset.initial_forms]
            for inline in context["inline_admin_formsets"]
        }
        found = self.warnings_for(story, rows)
        context["adminform"].form.show_warnings(found)
        return found

    def warnings_for(self, story: Story, rows: dict[str, list]) -> list[StoryWarning]:
        """`rows` are those of the form's tables, by their prefix."""
        return warnings_for(story, links=[link.url for link in rows["links"]])

    def _saving_context(self, request, context, story: Story) -> dict:
        """What the form must bring back, and what others do to the story meanwhile."""
        return {
            "seen_version": story.version,
            "opened_with": self._opened_with(request, context),
            "merged": getattr(request, "merged", None),
            "can_save_aside": story.state == Story.State.PUBLISHED,
            "readers_url": story.aside and self.get_view_on_site_url(story.live),
            "presence": [presence.in_words(other) for other in presence.be_there(story, request.user)],
            "presence_seconds": presence.SECONDS,
        }

    def _closed(self, request, story: Story) -> str:
        """Why somebody who may change stories may not change this one."""
        right = "articles.change_story"
        if self.has_change_permission(request, story) or not request.user.has_perm(right):
            return ""
        if not request.user.has_perm(right, story):
            return "You may look at this story and not change it: its primary channel is outside your remit."
        if story.state == Story.State.WITHDRAWN:
            return "It is withdrawn, so its text is shut: “Restore to the desk” opens it."
        return (
            "You may look at this story and not change it: what is published is changed by who may publish."
        )

    def _save_label(self, story: Story) -> str:
        if story.state == Story.State.PUBLISHED:
            return "Save channels only"
        return "Save draft" if story.state == Story.State.DRAFT else "Save"

    def _changes(self, story: Story, verb: Verb) -> bool:
        """Not offered twice: a withdrawal of what is withdrawn already, unless it is a graver one."""
        return verb == Verb.KILL or TRANSITIONS[verb][story.state] != story.state
