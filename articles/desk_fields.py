"""Form fields of the desk: with a name for each input, and which refuse what the database cannot hold."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime, AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from articles.desk_times import DeskTimeField, ZonedDateTime
from articles.models import (
    Tag,
)
from articles.models.keys import is_key
from articles.models.names import normal_form, shown_form


class KeyedOptions:
    """Shows a form again that came with a key that no row can have.

    `chosen` are rows that the form has read already: to name them costs no query.
    """

    chosen: Sequence[models.Model] = ()

    def optgroups(self, name, value, attr=None):
        keys = [key for key in value if is_key(key)]
        chosen = [row for row in self.chosen if str(row.pk) in keys]
        if not keys or len(chosen) < len(keys):
            return super().optgroups(name, keys, attr)
        options = [(row.pk, self.choices.field.label_from_instance(row), True) for row in chosen]
        if not (self.is_required or self.allow_multiple_selected):
            options.insert(0, ("", "", False))
        shown = [self.create_option(name, *option, index=index) for index, option in enumerate(options)]
        return [(None, shown, 0)]


class OneOf(KeyedOptions, AutocompleteSelect):
    pass


class SomeOf(KeyedOptions, AutocompleteSelectMultiple):
    def build_attrs(self, base_attrs, extra_attrs=None):
        # The cross that clears all would stand in the list of what was chosen, as no item of it.
        return super().build_attrs(base_attrs, extra_attrs) | {"data-allow-clear": "false"}


class KeyedChoices(forms.ModelMultipleChoiceField):
    def _check_values(self, value):
        for key in value:
            if not is_key(key):
                raise ValidationError(
                    self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": key}
                )
        return super()._check_values(value)


class DeskFields:
    """Fields with a name for each of their inputs, and which refuse what the database cannot hold."""

    formfield_overrides = {models.DateTimeField: {"form_class": DeskTimeField, "widget": ZonedDateTime}}
    names_in_inputs = False  # for tables, where a field's name stands in a column's head only
    time_limits = [
        MinValueValidator(datetime(1900, 1, 1, tzinfo=UTC), "No year before 1900."),
        MaxValueValidator(datetime(2200, 1, 1, tzinfo=UTC), "No year after 2199."),
    ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if isinstance(db_field, models.URLField):
            kwargs.setdefault("assume_scheme", "https")
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        if formfield and isinstance(formfield.widget, AdminSplitDateTime):
            formfield.validators = [*formfield.validators, *self.time_limits]
            for part, widget in zip(("date", "time"), formfield.widget.widgets, strict=True):
                widget.attrs["aria-label"] = f"{formfield.label}: {part}"
        elif formfield and self.names_in_inputs:
            formfield.widget.attrs["aria-label"] = formfield.label
        return formfield

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", OneOf(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", SomeOf(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, form_class=KeyedChoices, **kwargs)


class LongSelect(forms.Select):
    """Writes its options itself: Django's template for each costs more than all the rest of a form that has
    every channel of a network in each of its rows. Without groups."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = self.format_value(value)
        selected = mark_safe(" selected")
        rows = ((key, selected if str(key) in chosen else "", label) for key, label in self.choices)
        options = format_html_join("\n", '<option value="{}"{}>{}</option>', rows)
        attrs = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        return format_html("<select{}>\n{}\n</select>", flatatt(attrs), options)


class OfTheAct:
    """A field of what is done with a form, not of its row: it changes nothing of the row."""

    def has_changed(self, initial, data):
        return False


class SeenVersion(OfTheAct, forms.IntegerField):
    """Which version of its row an editor saw."""

    widget = forms.HiddenInput


class ActChoice(OfTheAct, forms.ChoiceField):
    pass


class ActText(OfTheAct, forms.CharField):
    pass


class DeskFormSet(forms.BaseInlineFormSet):
    def add_fields(self, form, index):
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = "Delete this row"

    def clean(self):
        super().clean()
        for number, form in enumerate(self.forms, start=1):
            if self._pk_field.name in form.errors and form not in self.deleted_forms:
                raise ValidationError(
                    f"Row {number} was removed by somebody else in the meantime: tick its “Delete”."
                )


class TextField(forms.CharField):
    """Line ends as they are stored; those a browser sends would pass for a change."""

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class TagsField(forms.CharField):
    """Tags by name, with commas between them; a name that has a comma stands in double quotes."""

    most = 100

    def prepare_value(self, value):
        return (
            value if value is None or isinstance(value, str) else ", ".join(map(self._quoted, sorted(value)))
        )

    def _quoted(self, tag: Tag) -> str:
        quotes = "," in tag.name or tag.name.startswith('"')
        return '"{}"'.format(tag.name.replace('"', '""')) if quotes else tag.name

    def clean(self, value):
        names = self._names(super().clean(value))
        troubles = [trouble for name in names if (trouble := tag_trouble(name))]
        if troubles:
            raise ValidationError(troubles)
        if len(names) > self.most:
            raise ValidationError(f"{len(names)} tags: {self.most} are the most.")
        return names

    def _names(self, text: str) -> list[str]:
        try:
            row = next(csv.reader([text.replace("\n", ",").replace("\r", "")], skipinitialspace=True), [])
        except csv.Error as error:
            raise ValidationError("Write tags with commas between them.") from error
        names = {normal_form(name): shown_form(name) for name in row}
        return [name for normal, name in names.items() if normal]

    def has_changed(self, initial, data):
        try:
            names = self._names(self.to_python(data))
        except ValidationError:
            return True
        return {tag.normal for tag in initial or []} != set(map(normal_form, names))


def tag_trouble(name: str) -> str:
    """Why there can be no tag of that name, or nothing."""
    if len(name) > 100 or len(normal_form(name)) > 200:
        return f"“{name[:40]} …” is too long for a tag: 100 characters are the most."
    return ""


class SubjectsField(forms.CharField):
    """A list of codes, one on a line."""

    most = 100

    def prepare_value(self, value):
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value):
        codes = self._codes(super().clean(value))
        if len(codes) > self.most:
            raise ValidationError(f"{len(codes)} codes: {self.most} are the most.")
        return codes

    def _codes(self, text: str) -> list[str]:
        return list(dict.fromkeys(code for line in text.splitlines() if (code := line.strip())))

    def has_changed(self, initial, data):
        return list(map(str, initial or [])) != self._codes(self.to_python(data))
