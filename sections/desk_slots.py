"""The desk's list of all picks, and the form of one."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpResponseRedirect
from django.utils import timezone

from articles.desk_fields import SeenVersion
from articles.desk_lists import LargeTableAdmin
from sections import curation, front_desk
from sections.curation import LAST_POSITION, StaleBlock, may_curate


class SlotForm(forms.ModelForm):
    seen_version = SeenVersion(required=False, max_value=10**9)
    refusal = ""

    class Meta:
        widgets = {"teaser": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen_version"] = self.instance.block.version
        if "position" in self.fields:
            self.fields["position"].validators += [MinValueValidator(1), MaxValueValidator(LAST_POSITION)]

    def clean(self):
        cleaned, block = super().clean(), self.instance.block if self.instance.pk else None
        if block and cleaned.get("seen_version") != block.version:
            self.add_error(None, str(StaleBlock(block)))
            # What was typed stays, now beside the block as it is: saved again, it holds.
            self.data = self.data.copy()
            self.data[self.add_prefix("seen_version")] = block.version
        elif self.refusal:
            self.add_error(None, self.refusal)
        return cleaned


class SlotAdmin(LargeTableAdmin):
    """All picks, and the form of one. Written by sections.curation alone."""

    form = SlotForm
    list_display = ["__str__", "block", "position", "starts_at", "ends_at", "is_live", "picked_by"]
    list_select_related = ["block", "story"]
    list_defer = ("story__body", "teaser")
    search_fields = ["headline", "story__headline"]
    autocomplete_fields = ["block", "story", "picture"]
    ordering = ["-id"]
    fields = [
        "block", ("position", "starts_at", "ends_at"), ("story", "url"),
        "headline", "teaser", "picture", "picked_by", "seen_version",
    ]  # fmt: skip

    def get_readonly_fields(self, request, obj=None):
        return ["block", "picked_by"] if obj else ["picked_by"]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (
            obj is None or may_curate(request.user, obj.block)
        )

    def get_form(self, request, obj=None, change=False, **kwargs):  # noqa: FBT002 (Django's signature)
        form = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, "desk_refusal", "")
        return form

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (StaleBlock, ValidationError) as error:
            # Somebody curated the block between the form's own check and the act. Once more, to say so.
            request.desk_refusal = " ".join(getattr(error, "messages", [str(error)]))
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request, obj, form, change):
        if change:
            curation.change(obj, seen=form.cleaned_data["seen_version"], by=request.user)
        else:
            curation.place(obj, by=request.user)

    def delete_model(self, request, obj):
        curation.remove(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for slot in queryset.select_related("block", "story"):
            self.delete_model(request, slot)

    def response_post_save_add(self, request, obj):
        return HttpResponseRedirect(front_desk.front_of(obj.block))

    response_post_save_change = response_post_save_add

    @admin.display(boolean=True, description="live now")
    def is_live(self, slot) -> bool:
        now = timezone.now()
        return slot.starts_at <= now and (slot.ends_at is None or slot.ends_at > now)
