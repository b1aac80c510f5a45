"""What two editors did to one form, put together: as it was opened, as it is now, as it was sent.

All three are what a browser sends, by part: a field, or a table of the form as a whole. What only one of
them changed is merged; where both did, the second decides. A form carries by itself what it was opened
with, signed, for the server keeps no copy of what a draft once was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.text import capfirst

from articles.desk_fields import is_key
from articles.markup import plain_text
from articles.wording import word_changes

Inputs = dict[str, list[str]]

SALT = "articles.merging"
OWN = {"seen_version", "correction_kind", "correction_note"}  # of the one who sends them, not of the story


# -- What a browser sends ------------------------------------------------------------


def inputs_of(bound: forms.BoundField) -> Inputs:
    """What a browser sends of a field that nobody touched."""
    inputs = _inputs(bound, bound.html_name)
    if bound.field.show_hidden_initial:
        inputs |= _inputs(bound, bound.html_initial_name)
    return inputs


def _inputs(bound: forms.BoundField, name: str) -> Inputs:
    widget, value = _widget(bound.field), bound.value()
    if isinstance(widget, forms.CheckboxInput):
        return {name: ["on"] if widget.check_test(value) else []}
    if isinstance(widget, forms.MultiWidget):
        values = value if isinstance(value, list) else widget.decompress(value)
        parts = zip(widget.widgets_names, widget.widgets, values, strict=True)
        return {f"{name}{suffix}": _texts(part, value) for suffix, part, value in parts}
    return {name: _texts(widget, value)}


def _widget(field: forms.Field) -> forms.Widget:
    return getattr(field.widget, "widget", field.widget)  # the admin wraps those of related rows


def _texts(widget: forms.Widget, value) -> list[str]:
    shown = widget.format_value(value)
    if isinstance(shown, list | tuple):
        return [str(text) for text in shown if text not in (None, "")]
    return ["" if shown is None else str(shown)]


def _normal(inputs: Inputs) -> Inputs:
    texts = {name: [text.replace("\r\n", "\n").strip() for text in inputs[name]] for name in inputs}
    return {name: sorted(filter(None, texts[name])) for name in texts}


# -- The parts of a form ---------------------------------------------------------------


class FieldPart:
    def __init__(self, bound: forms.BoundField) -> None:
        self.name, self.label, self.field = bound.name, capfirst(str(bound.label)), bound.field
        self.inputs = inputs_of(bound)

    def sent(self, data: QueryDict) -> Inputs:
        return {name: data.getlist(name) for name in self.inputs}

    def put(self, data: QueryDict, inputs: Inputs) -> None:
        _put(data, self.inputs, inputs)

    def is_same(self, one: Inputs, other: Inputs) -> bool:
        return _normal(one) == _normal(other) or self._cleaned(one) == self._cleaned(other)

    def _cleaned(self, inputs: Inputs):
        """Two ways to write one thing are no difference. What is no value is as it was typed."""
        try:
            value = self.field.clean(self.field.widget.value_from_datadict(_query(inputs), {}, self.name))
        except ValidationError:
            return _normal(inputs)
        if isinstance(value, list | QuerySet):
            return sorted(str(getattr(one, "pk", one)) for one in value)
        return value

    def says(self, inputs: Inputs) -> str:
        return _says(self.field, [text for texts in inputs.values() for text in texts])

    def mix(self, data: QueryDict) -> None:
        """Both changed it: what was sent stays in the form."""


class TablePart:
    """A formset. Its rows are told apart by the column that it names."""

    def __init__(self, formset: forms.BaseFormSet, label: str) -> None:
        self.name, self.label, self.fields = formset.prefix, capfirst(label), formset.empty_form.fields
        self._not_said = {formset._pk_field.name, formset.fk.name, "DELETE"}
        self._key = formset.told_apart_by
        self.inputs = {
            name: texts
            for form in [formset.management_form, *formset.forms]
            for bound in form
            for name, texts in inputs_of(bound).items()
        }

    def sent(self, data: QueryDict) -> Inputs:
        mine = (f"{self.name}-", f"initial-{self.name}-")
        return {name: data.getlist(name) for name in data if name.startswith(mine)}

    def put(self, data: QueryDict, inputs: Inputs) -> None:
        _put(data, self.sent(data), inputs)

    def is_same(self, one: Inputs, other: Inputs) -> bool:
        return [_normal(self._said(row)) for row in self._rows(one)] == [
            _normal(self._said(row)) for row in self._rows(other)
        ]

    def says(self, inputs: Inputs) -> str:
        return "\n".join(self._line(row) for row in self._rows(inputs))

    def _line(self, row: Inputs) -> str:
        """In the order of its columns."""
        said = self._said(row)
        texts = {
            name: [text for suffix in said if re.fullmatch(rf"{name}(_\d)?", suffix) for text in said[suffix]]
            for name in self.fields
        }
        return ", ".join(filter(None, (_says(self.fields[name], texts[name]) for name in texts)))

    def _said(self, row: Inputs) -> Inputs:
        return {suffix: texts for suffix, texts in row.items() if suffix not in self._not_said and any(texts)}

    def _rows(self, inputs: Inputs) -> list[Inputs]:
        """Those that are filled in and not to be deleted, by what follows the row's number in the names."""
        rows: dict[int, Inputs] = {}
        for name, texts in inputs.items():
            if found := re.fullmatch(rf"{re.escape(self.name)}-(\d{{1,4}})-(.+)", name, re.ASCII):
                rows.setdefault(int(found[1]), {})[found[2]] = texts
        return [
            row
            for n, row in sorted(rows.items())
            if not row.get("DELETE") and self._is_filled(n, row, inputs)
        ]

    def _is_filled(self, n: int, row: Inputs, inputs: Inputs) -> bool:
        return any(
            text not in ("", "0", *inputs.get(f"initial-{self.name}-{n}-{suffix}", ()))
            for suffix, texts in self._said(row).items()
            for text in texts
        )

    def mix(self, data: QueryDict) -> None:
        """The rows that were sent, onto those that are stored now; a stored one that was not sent is
        ticked to be deleted, for the editor to see."""
        sent, mixed = self._rows(self.sent(data)), []
        stored = self._rows(self.inputs)
        for row in stored:
            same = next((other for other in sent if other.get(self._key) == row.get(self._key)), None)
            if same is not None:
                sent.remove(same)
            keys = {name: row[name] for name in self._not_said if name in row}
            mixed.append({**(same or row), **keys, **({} if same else {"DELETE": ["on"]})})
        mixed += [{**row, "id": [""]} for row in sent]
        counts = {"TOTAL_FORMS": len(mixed), "INITIAL_FORMS": len(stored)}
        inputs = {f"{self.name}-{name}": [str(count)] for name, count in counts.items()}
        for n, row in enumerate(mixed):
            inputs |= {f"{self.name}-{n}-{suffix}": texts for suffix, texts in row.items()}
        self.put(data, inputs)


Part = FieldPart | TablePart


def parts_of(form: forms.Form, tables: Iterable[tuple[forms.BaseFormSet, str]]) -> list[Part]:
    """`form` and the tables, each with what it is called, are as a browser gets them: not yet sent."""
    fields = [FieldPart(bound) for bound in form if bound.name not in OWN]
    return [*fields, *(TablePart(formset, label) for formset, label in tables)]


def _put(data: QueryDict, old: Iterable[str], new: Inputs) -> None:
    for name in list(old):
        data.pop(name, None)
    for name, texts in new.items():
        if texts:
            data.setlist(name, texts)


def _query(inputs: Inputs) -> QueryDict:
    data = QueryDict(mutable=True)
    _put(data, (), inputs)
    return data


def _says(field: forms.Field, texts: list[str]) -> str:
    """The value in an editor's words."""
    texts = [text.replace("\r\n", "\n") for text in texts if text]
    if isinstance(field, forms.ModelChoiceField):
        rows = field.queryset.filter(pk__in=filter(is_key, texts))
        return ", ".join(map(str, rows))
    if isinstance(field, forms.ChoiceField):
        return ", ".join(str(dict(field.choices).get(text, text)) for text in texts)
    if isinstance(field, forms.BooleanField):
        return str(field.label).lower() if texts else ""
    return " ".join(texts)


# -- What the form was opened with -------------------------------------------------------


def seal(parts: list[Part]) -> str:
    return signing.dumps({part.name: part.inputs for part in parts}, salt=SALT, compress=True)


def unseal(text: str) -> dict[str, Inputs]:
    """Nothing where it is not of our making: then whatever differs has to be decided on."""
    try:
        return signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return {}


# -- Merging -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clash:
    """What both changed. `theirs` and `mine` are words that are the same, gone or new since `base`."""

    name: str
    label: str
    base: str
    theirs: list[tuple[str, str]]
    mine: list[tuple[str, str]]


@dataclass(slots=True)
class Merged:
    """`data` is what was sent, with what only the others changed put in."""

    data: QueryDict
    clashes: list[Clash] = field(default_factory=list)
    taken: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def merge(data: QueryDict, parts: list[Part], opened: dict[str, Inputs]) -> Merged:
    merged = Merged(data.copy())
    for part in parts:
        mine, base = part.sent(data), opened.get(part.name)
        if part.is_same(mine, part.inputs):
            continue
        if base is not None and part.is_same(mine, base):
            part.put(merged.data, part.inputs)
            merged.taken.append((part.label, word_changes(*_readable(part, base, part.inputs))))
        elif base is not None and part.is_same(base, part.inputs):
            merged.kept.append(part.label)
        else:
            part.mix(merged.data)
            before, theirs, own = _readable(part, base or {}, part.inputs, mine)
            changes = word_changes(before, theirs), word_changes(before, own)
            merged.clashes.append(Clash(part.name, part.label, before, *changes))
    return merged


def changes(old: list[Part], new: list[Part]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What differs between two states of one form, by the parts' names."""
    before = {part.name: part.inputs for part in old}
    return [
        (part.label, word_changes(*_readable(part, before[part.name], part.inputs)))
        for part in new
        if part.name in before and not part.is_same(before[part.name], part.inputs)
    ]


def take_theirs(data: QueryDict, parts: list[Part], values: dict[str, Inputs]) -> QueryDict:
    """Undoes what was sent of the parts for which the editor chose so."""
    data = data.copy()
    for part in parts:
        if data.get(f"take-{part.name}") == "theirs":
            part.put(data, values.get(part.name, part.inputs))
    return data


def _readable(part: Part, *values: Inputs) -> list[str]:
    """Without the marks of the HTML, unless they are all that differs."""
    texts = [part.says(value) if value else "" for value in values]
    plain = [plain_text(text) for text in texts] if part.name == "body" else texts
    return plain if len(set(plain)) == len(set(texts)) else texts
