"""The desk's page of a source: its contract, and what a change of it does to what readers see."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles import publishing
from articles.contracts import contract_sentence, ending
from articles.desk_lists import DeskAdmin
from articles.models import Source
from newsportal import keys


class SourceForm(forms.ModelForm):
    """A contract that changes what readers see is saved by a second press, which sends `confirm` back."""

    most_days = 36_500
    contract = ("text_days", "all_sites", "sites")

    def clean_text_days(self):
        days = self.cleaned_data["text_days"]
        if days and days > self.most_days:
            raise ValidationError(f"{self.most_days:,} days are the most; empty means no limit.")
        return days

    @property
    def confirm(self) -> str:
        """Names the contract that was asked about, so that another one is asked about anew."""
        values = getattr(self, "cleaned_data", {})
        sites = sorted(site.pk for site in values.get("sites") or ())
        return f"{values.get('text_days')} {values.get('all_sites')} {sites}"

    def clean(self):
        cleaned = super().clean()
        asked = self.instance.pk and set(self.contract) & set(self.changed_data) and not self.errors
        if asked and self.data.get("confirm") != self.confirm:
            self._ask(*self.consequences(self._terms(self.initial), self._terms(cleaned)))
        return cleaned

    def _terms(self, values: dict) -> tuple[int | None, list[int] | None]:
        """The days, and the sites; None where there is no limit."""
        sites = None if values.get("all_sites") else [site.pk for site in values.get("sites") or ()]
        return values.get("text_days"), sites

    def _ask(self, gone: int, back: int) -> None:
        said = [f"{gone} stories vanish from readers at once."] if gone else []
        said += [f"{back} stories that had ended are shown again."] if back else []
        if said:
            self.add_error(None, f"With this contract {' '.join(said)} Save once more to have it so.")

    def consequences(self, before: tuple, after: tuple) -> tuple[int, int]:
        """How many stories readers lose, and get back: sections says so, which knows where they stand."""
        raise NotImplementedError


class SourceAdmin(DeskAdmin):
    """Registered by sections, with the form that knows the consequences."""

    list_display = ["name", "code", "is_public_domain", "text_days", "archive_allowed", "all_sites"]
    search_fields = ["name", "code"]
    filter_horizontal = ["sites"]
    readonly_fields = ["now", "ends"]
    change_form_template = "admin/articles/source/change_form.html"
    fieldsets = [
        (None, {"fields": ["name", "code", "home_page", "credit", "copyright_notice", "is_public_domain"]}),
        ("House style", {"fields": ["dateline_pattern", "byline_pattern"]}),
        (
            "Contract",
            {
                "fields": [
                    "now",
                    "ends",
                    "text_days",
                    "archive_allowed",
                    "feeds_full_text",
                    "all_sites",
                    "sites",
                ]
            },
        ),
    ]  # fmt: skip

    def keys_of(self, source: Source) -> set[str]:
        """Its notices, its datelines and what its contract allows are on all kinds of pages."""
        return {keys.NETWORK}

    @admin.display(description="as it stands")
    def now(self, source: Source) -> str:
        return contract_sentence(source) if source.pk else "-"

    @admin.display(description="published stories that end")
    def ends(self, source: Source) -> str:
        counts = ending(source, timezone.now()) if source.pk else {}
        return "; ".join(f"{when}: {count}" for when, count in counts.items()) or "-"

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and "text_days" in form.changed_data:
            changed = publishing.apply_contract(obj)
            messages.info(request, f"The contract's days now hold for {changed} published stories.")
