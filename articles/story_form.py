"""The form that a story is filed and changed with, and what is said of its state."""

from __future__ import annotations

import re

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from articles import publishing
from articles.body_field import BodyEditor
from articles.desk_fields import (
    ActChoice,
    ActText,
    DeskFields,
    DeskFormSet,
    SeenVersion,
    SubjectsField,
    TagsField,
    TextField,
)
from articles.models import (
    Correction,
    RelatedLink,
    Story,
    Tag,
)
from articles.models.names import normal_form
from articles.models.stories import StaleVersion
from articles.publishing import TRANSITIONS, Verb
from articles.warnings import StoryWarning
from articles.working_copy import replace_links

FORM_VERBS = (Verb.PUBLISH, Verb.UPDATE, Verb.CORRECT)
ASIDE = "_aside"  # the button that saves changes to a published story without publishing them
NEEDS_REASON = (Verb.UNPUBLISH, Verb.TAKE_DOWN, Verb.KILL, Verb.RESTORE)
WITHDRAWALS = (Verb.UNPUBLISH, Verb.TAKE_DOWN, Verb.KILL)

SEEN_BY_READERS = (
    "Readers see this story: press “Publish update” or “Publish correction”, or save what you changed "
    "without showing it to them."
)

SUBJECT = re.compile(r"[A-Za-z][A-Za-z0-9._+-]{0,40}:[!-~]{1,100}")


def pressed_verb(data) -> Verb | None:
    """The act whose button was pressed; none is a plain save."""
    return next((verb for verb in FORM_VERBS if f"_{verb}" in data), None)


def _wide(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "vLargeTextField"})


class StoryForm(forms.ModelForm):
    """Story.version as the editor saw it comes back in `seen_version`, which the template writes."""

    may_make_tags = True
    refusal = ""  # why a first attempt to save this very form failed
    seen_version = SeenVersion(required=False)
    correction_kind = ActChoice(choices=Correction.Kind, required=False, label="Kind of note")
    correction_note = ActText(
        widget=_wide(rows=3),
        required=False,
        label="Note to readers",
        help_text="Needed for “Publish correction”: what was wrong and what is right.",
    )
    subjects = SubjectsField(
        label="Subjects",
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40}),
        required=False,
        help_text="One code on a line, with its scheme: medtop:20000601",
    )
    tags = TagsField(
        label="Tags",
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        required=False,
        help_text="With commas between them: Arctic shipping, Norway",
    )

    class Meta:
        model = Story
        fields = (*Story.CONTENT_FIELDS, "tags", "authors", "places")
        field_classes = dict.fromkeys(["teaser", "body", "editors_note"], TextField)
        widgets = {
            "headline": forms.TextInput(attrs={"class": "vLargeTextField", "size": 100}),
            "teaser": _wide(rows=3),
            "body": BodyEditor(attrs={"rows": 24, "class": "vLargeTextField"}),
            "editors_note": _wide(rows=2),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.aside:
            self.initial["tags"] = list(self.instance.tags.all())  # taggit would read the story's own
        self._name_what_was_read()
        self._stored_instance = vars(self.instance).copy()
        # As a form brings it back, so that only what was typed counts as changed.
        for name, value in self.initial.items():
            if isinstance(value, str):
                self.initial[name] = value.replace("\r\n", "\n").strip()

    def _name_what_was_read(self) -> None:
        """So that the form's lists ask for none of their rows again."""
        one = ("source", "located", "picture")
        read = {
            name: [getattr(self.instance, name)]
            for name in one
            if Story._meta.get_field(name).is_cached(self.instance) and getattr(self.instance, name)
        }
        read |= {name: self.initial[name] for name in ("authors", "places") if self.initial.get(name)}
        for name in set(read).intersection(self.fields):
            self.fields[name].widget.widget.chosen = read[name]

    def put_back(self) -> None:
        """Undoes what validation wrote into the instance, for a page that shows the story as it stands."""
        vars(self.instance).update(self._stored_instance)
        self.instance._state.fields_cache.clear()

    def show_warnings(self, warnings: list[StoryWarning]) -> None:
        """Beside the fields, with what else helps to fill them."""
        for warning in warnings:
            if field := self.fields.get(warning.field):
                field.help_text = format_html(
                    '<span class="story-warning">{}</span> {}', warning.words, field.help_text
                )

    @property
    def verb(self) -> Verb | None:
        return pressed_verb(self.data)

    @property
    def is_aside(self) -> bool:
        return ASIDE in self.data

    def clean_tags(self):
        """To use a tag and to make one are two rights."""
        names = self.cleaned_data["tags"]
        if not self.may_make_tags and "tags" in self.changed_data:
            known = Tag.objects.by_name(names)
            unknown = [name for name in names if normal_form(name) not in known]
            if unknown:
                raise ValidationError([no_such_tag(name) for name in unknown[:5]])
        return names

    def clean_subjects(self):
        codes = self.cleaned_data["subjects"]
        # What the wire sent stays as it came.
        for code in set(codes).difference(map(str, self.initial.get("subjects") or [])):
            if not SUBJECT.fullmatch(code):
                raise ValidationError(f"“{code[:60]}” is no code with its scheme, as medtop:20000601 is.")
        return codes

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk:
            self._refuse_if_stale(cleaned.get("seen_version"))
            self._refuse_if_public()
        self._keep_unchanged(cleaned)
        state = self.instance.state
        if self.verb and state not in TRANSITIONS[self.verb]:
            label = Story.State(state).label.lower()
            self.add_error(None, f"“{self.verb.label}” is not possible: the story is {label}.")
        if self.verb == Verb.CORRECT and not (cleaned.get("correction_note") or "").strip():
            self.add_error("correction_note", "Tell readers what was wrong and what is right.")
        return cleaned

    def _refuse_if_stale(self, seen: int | None) -> None:
        """What was typed stays in the form. The UPDATE checks again, for what happens in between."""
        if seen != self.instance.version:
            self.add_error(None, str(StaleVersion(self.instance)))
        elif self.refusal:
            self.add_error(None, self.refusal)

    def _refuse_if_public(self) -> None:
        public = self.instance.state == Story.State.PUBLISHED
        if public and self.verb is None and not self.is_aside and self.has_changed():
            self.add_error(None, SEEN_BY_READERS)
        if self.is_aside and not public:
            label = self.instance.get_state_display().lower()
            self.add_error(None, f"Nothing was saved: the story is {label} and has no changes set aside.")

    def _keep_unchanged(self, cleaned: dict) -> None:
        """A form carries no microseconds, and other line ends: what nobody changed stays to the letter."""
        for name in set(Story.CONTENT_FIELDS).intersection(cleaned).difference(self.changed_data):
            if not isinstance(self.fields[name], forms.ModelChoiceField):
                cleaned[name] = getattr(self.instance, name)

    def _post_clean(self):
        super()._post_clean()
        if self.verb and not self.errors:
            for reason in publishing.obstacles(self.instance):
                self.add_error(None, f"It cannot be published. {reason}")

    def content(self, links: list[RelatedLink]) -> dict:
        """What Story.snapshot() would say of the story, were the form saved."""
        story, cleaned = self.instance, self.cleaned_data
        story.tidy()
        return story.snapshot() | {
            "tags": sorted(tag.name for tag in Tag.objects.named_or_new(cleaned["tags"])),
            "authors": sorted(map(str, cleaned["authors"])),
            "places": sorted(map(str, cleaned["places"])),
            "links": [{"title": link.title, "url": link.url} for link in links],
        }


def no_such_tag(name: str) -> str:
    near = " or ".join(f"“{like}”" for like in Tag.objects.near(name))
    return f"There is no tag “{name}”, and you may not make one. " + (
        f"Did you mean {near}?" if near else "Ask an editor for it, or leave it out."
    )


class ActForm(forms.Form):
    reason = forms.CharField(widget=_wide(rows=2), help_text="For the log; never public.")
    notice = forms.CharField(
        widget=_wide(rows=2),
        required=False,
        label="Notice to readers",
        help_text="Shown on the page that takes the story's place.",
    )
    headline = forms.CharField(
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        required=False,
        max_length=300,
        label="Call it",
        help_text="What that page calls the story, where its headline may not be repeated.",
    )

    def __init__(self, verb: Verb, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = verb in NEEDS_REASON
        if verb not in WITHDRAWALS:
            del self.fields["notice"], self.fields["headline"]


class RelatedLinkFormSet(DeskFormSet):
    """Its rows have no keys: the table is what it says, and is written whole. So it can also be that of a
    working copy, which has no rows of its own."""

    told_apart_by = "title"

    def get_queryset(self) -> list[RelatedLink]:
        if not hasattr(self, "_stored"):
            stored = self.instance.links.all() if self.instance.pk else []
            self._stored = [
                RelatedLink(story=self.instance, position=n, title=link.title, url=link.url)
                for n, link in enumerate(stored)
            ]
        return self._stored

    def _construct_form(self, i, **kwargs):
        form = super()._construct_form(i, **kwargs)
        form.fields[self._pk_field.name].required = False
        return form

    def links(self) -> list[RelatedLink]:
        kept = [form for form in self.forms if form.has_changed() and form not in self.deleted_forms]
        return sorted((form.instance for form in kept), key=lambda link: link.position)

    def has_changed(self) -> bool:
        return not self.is_valid() or _said(self.links()) != _said(self.get_queryset())

    def clean(self):
        super().clean()
        if self.instance.state != Story.State.PUBLISHED or pressed_verb(self.data) or ASIDE in self.data:
            return
        if _said(self.links()) != _said(self.get_queryset()):
            raise ValidationError(SEEN_BY_READERS)

    def save(self, commit=True):  # noqa: FBT002 (Django's signature)
        stored, links = self.get_queryset(), self.links()
        # For the log that the admin keeps.
        self.changed_objects = []
        self.new_objects = [link for link in links if _said([link])[0] not in _said(stored)]
        self.deleted_objects = [link for link in stored if _said([link])[0] not in _said(links)]
        if commit and self.has_changed():
            replace_links(self.instance, links)
        return links


def _said(links: list[RelatedLink]) -> list[tuple[str, str]]:
    return [(link.title, link.url) for link in links]


class DeskTable(DeskFields, admin.TabularInline):
    """A short table in the form of another row."""

    formset = DeskFormSet
    names_in_inputs = True
    extra = 0


class RelatedLinkInline(DeskTable):
    model = RelatedLink
    formset = RelatedLinkFormSet
    verbose_name_plural = "related links"
