"""The desk. A story's state changes by the buttons of its form and the pages of its acts, which call
articles.publishing; nothing here writes it.

StoryAdmin and PictureAdmin are registered by sections, which knows where stories and pictures are shown.
"""

from __future__ import annotations

import re

import taggit.admin  # registers a tag of its own, which no story has
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from articles import publishing
from articles.desk_history import HistoryPages
from articles.desk_lists import (
    LargeTableAdmin,
    OriginFilter,
    ReadOnlyAdmin,
    SourceFilter,
    UrgencyFilter,
    VerbFilter,
    WhenFilter,
)
from articles.desk_names import AuthorAdmin, PlaceAdmin, TagAdmin
from articles.models import (
    Act,
    Author,
    Correction,
    Picture,
    Place,
    Story,
    StoryVersion,
    Tag,
    Withdrawal,
)
from articles.models.stories import StaleVersion
from articles.picture_desk import PictureDesk
from articles.publishing import TRANSITIONS, ForbiddenAct, Verb
from articles.story_form import (
    FORM_VERBS,
    ActForm,
    RelatedLinkInline,
    StoryForm,
    pressed_verb,
)
from articles.story_state import form_buttons, state_sentence
from articles.suggestions import suggestions_for
from articles.warnings import StoryWarning, warnings_for

admin.site.unregister(taggit.admin.Tag)


class StoryAdmin(HistoryPages, LargeTableAdmin):
    form = StoryForm
    inlines = [RelatedLinkInline]
    list_display = ["headline", "state_now", "source", "urgency", "first_published"]
    list_display_links = ["headline"]
    list_filter = ["state", OriginFilter, WhenFilter, UrgencyFilter, SourceFilter]
    list_select_related = ["source"]
    list_defer = ("body", "teaser", "opening", "editors_note", "subjects")
    search_fields = ["headline", "slugline", "guid"]
    search_help_text = "Headline, slugline or wire id"
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
        js = [forms.Script("js/unsaved_text.js", defer=True), forms.Script("js/desk_names.js", defer=True)]

    correction_fieldset = ("Correction", {"fields": ["correction_kind", "correction_note"]})

    @admin.display(description="state", ordering="state")
    def state_now(self, story: Story) -> str:
        return state_sentence(story) if story.pk else "New draft"

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

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            try:
                return super().changeform_view(request, object_id, form_url, extra_context)
            except (StaleVersion, ForbiddenAct) as error:
                # Somebody saved between the form's own check and the UPDATE, and what this one did is
                # undone. Once more, for the form to say so; it saves nothing now.
                request.desk_refusal = str(error)
                return super().changeform_view(request, object_id, form_url, extra_context)
        except PermissionDenied:
            if request.method == "POST" and object_id:
                return self._not_saved(request, object_id)
            raise

    def _not_saved(self, request, object_id: str):
        """For who had the form open while the story was published or withdrawn: what they typed."""
        story = self.get_object(request, unquote(object_id))
        if story is None or not self.has_view_permission(request, story):
            raise PermissionDenied
        labels = {
            name: field.label
            for name, field in StoryForm.base_fields.items()
            if isinstance(field, forms.CharField)
        }
        links = [name for name in request.POST if re.fullmatch(r"links-[0-9]+-(title|url)", name)]
        labels |= {name: f"Link: {name.rpartition('-')[2]}" for name in links}
        context = {
            **self.admin_site.each_context(request),
            "title": "Not saved",
            "story": story,
            "opts": self.opts,
            "state": state_sentence(story),
            "typed": [
                (label, request.POST[name]) for name, label in labels.items() if request.POST.get(name)
            ],
        }
        return TemplateResponse(request, "admin/articles/story/not_saved.html", context, status=403)

    def save_model(self, request, obj, form, change):
        """A working copy is saved here; published text in save_related, by its act."""
        if obj.state in Story.WORKING_STATES:
            obj.save()
        elif not Story.objects.select_for_update().filter(pk=obj.pk, version=obj.version).values("pk"):
            # Locked before its links and tags are written: they have no version of their own.
            raise StaleVersion(obj)

    def save_related(self, request, form, formsets, change):
        story, verb = form.instance, form.verb
        super().save_related(request, form, formsets, change)
        if verb == Verb.CORRECT:
            note, kind = form.cleaned_data["correction_note"], form.cleaned_data["correction_kind"]
            publishing.correct(story, note=note, kind=kind or Correction.Kind.CORRECTION, by=request.user)
        elif verb == Verb.UPDATE:
            publishing.update(story, by=request.user)
        elif verb == Verb.PUBLISH:
            publishing.publish(story, by=request.user)
        elif story.state == Story.State.PUBLISHED and any(formset.has_changed() for formset in formsets):
            # Its channels: another form that is open now shows what they were.
            Story.objects.filter(pk=story.pk).update(version=F("version") + 1)

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
        channels_only = saved is None and story.state == Story.State.PUBLISHED
        done = saved.label if saved else "Channels saved" if channels_only else "Saved"
        messages.success(request, f"{done}. “{story}” is now: {state_sentence(story)}.")
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
            "seen_version": obj and obj.version,
            "warnings": self._warnings(request, obj, context) if obj else [],
        }
        if obj and self.has_change_permission(request, obj):
            context["suggestions"] = suggestions_for(obj, context["adminform"].form)
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

    def _save_label(self, story: Story) -> str:
        if story.state == Story.State.PUBLISHED:
            return "Save channels only"
        return "Save draft" if story.state == Story.State.DRAFT else "Save"

    def _changes(self, story: Story, verb: Verb) -> bool:
        """Not offered twice: a withdrawal of what is withdrawn already, unless it is a graver one."""
        return verb == Verb.KILL or TRANSITIONS[verb][story.state] != story.state

    # -- Acts --------------------------------------------------------------------

    def get_urls(self):
        act = path(
            "<int:pk>/act/<str:verb>/", self.admin_site.admin_view(self.act_view), name="articles_story_act"
        )
        return [act, *super().get_urls()]

    def act_view(self, request, pk: int, verb: str):
        story = self.get_object(request, str(pk))
        if story is None or verb not in Verb.values or verb in FORM_VERBS:
            raise Http404("No such story or act.")
        verb = Verb(verb)
        if not self.has_view_permission(request, story) or not request.user.has_perm(publishing.RIGHTS[verb]):
            raise PermissionDenied
        form = ActForm(verb, request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                getattr(publishing, verb.value)(story, by=request.user, **form.cleaned_data)
            except ForbiddenAct as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, f"{verb.label}. “{story}” is now: {state_sentence(story)}.")
                return HttpResponseRedirect(reverse("admin:articles_story_change", args=[story.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{verb.label}: {story}",
            "story": story,
            "verb": verb,
            "form": form,
            "opts": self.opts,
            "media": self.media,
            "state": state_sentence(story),
        }
        return TemplateResponse(request, "admin/articles/story/act.html", context)


# -- The rest --------------------------------------------------------------------


admin.site.register(Author, AuthorAdmin)
admin.site.register(Place, PlaceAdmin)
admin.site.register(Tag, TagAdmin)


class PictureAdmin(PictureDesk, LargeTableAdmin):
    list_display = ["thumbnail", "alt_text", "credit", "rights_until", "created"]
    list_display_links = ["alt_text"]
    list_defer = ("caption",)
    search_fields = ["alt_text", "caption", "credit"]

    def has_change_permission(self, request, obj=None):
        """Readers see it with its story: who may not publish leaves it as it is."""
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or request.user.has_perm(publishing.RIGHTS[Verb.PUBLISH]) or not self.is_shown(obj)

    def is_shown(self, picture: Picture) -> bool:
        return picture.stories.exclude(state__in=Story.WORKING_STATES).exists()


@admin.register(StoryVersion)
class StoryVersionAdmin(ReadOnlyAdmin):
    list_display = ["story", "number", "kind", "at", "by_name", "reason"]
    list_select_related = ["story"]
    list_defer = ("content", "story__body")
    list_filter = ["kind"]
    search_fields = ["story__headline", "by_name"]
    ordering = ["-id"]


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    list_display = ["note", "story", "kind", "at", "by_name"]
    list_select_related = ["story"]
    list_defer = ("story__body",)
    list_filter = ["kind"]
    search_fields = ["note", "story__headline", "by_name"]
    ordering = ["-id"]


@admin.register(Withdrawal)
class WithdrawalAdmin(ReadOnlyAdmin):
    list_display = ["headline", "kind", "reason", "at", "by_name"]
    list_filter = ["kind"]
    search_fields = ["headline", "story__headline", "reason", "by_name"]
    ordering = ["-id"]


@admin.register(Act)
class ActAdmin(ReadOnlyAdmin):
    list_display = ["story", "act", "from_state", "to_state", "at", "by_name", "reason"]
    list_select_related = ["story"]
    list_defer = ("story__body",)
    list_filter = [VerbFilter]
    search_fields = ["story__headline", "by_name"]
    ordering = ["-id"]

    @admin.display(ordering="verb")
    def act(self, act: Act) -> str:
        return Verb(act.verb).label
