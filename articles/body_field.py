"""The rich-text field of a story's body. Which marks it knows is said by the sanitiser's own allow-list."""

from __future__ import annotations

import json

from django import forms
from django.forms import Script
from django.templatetags.static import static

from articles.markup import ATTRIBUTES, TAGS, URL_SCHEMES


def allowed_marks() -> dict[str, list[str]]:
    """{tag: its attributes}, "*" for those of every tag; as the editor in the browser reads it."""
    return {tag: sorted(ATTRIBUTES.get(tag, ())) for tag in ("*", *sorted(TAGS))}


class BodyEditor(forms.Textarea):
    """A textarea with HTML, and an editor over it where there is JavaScript."""

    class Media:
        js = [Script("js/body_editor.js", type="module")]
        css = {"all": ["django_prose_editor/editor.css", "css/story_form.css"]}

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"] |= {
            "data-body-editor": static("django_prose_editor/editor.js"),
            "data-marks": json.dumps(allowed_marks()),
            "data-schemes": json.dumps(sorted(URL_SCHEMES)),
        }
        return context
