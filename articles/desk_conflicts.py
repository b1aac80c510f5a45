"""A form that is stale, or that may not be saved: nothing that was typed is lost.

What others have saved meanwhile is put into what was sent, and what both changed is shown.
"""

from __future__ import annotations

import copy
import re

from django import forms
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse

from articles import merging
from articles.models import Story
from articles.models.stories import StaleVersion
from articles.publishing import ForbiddenAct
from articles.story_form import StoryForm
from articles.story_state import state_sentence


class ConflictPages:
    """For StoryAdmin."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        sent = request.POST
        try:
            try:
                self._merge(request, object_id)
                return super().changeform_view(request, object_id, form_url, extra_context)
            except (StaleVersion, ForbiddenAct) as error:
                # Somebody saved between the form's own check and the UPDATE, and what this one did is
                # undone. Once more, for the form to say so; it saves nothing now.
                request.desk_refusal = str(error)
                request.POST = sent
                self._merge(request, object_id)
                return super().changeform_view(request, object_id, form_url, extra_context)
        except PermissionDenied as error:
            request.POST = sent
            if request.method == "POST" and object_id:
                return self._not_saved(request, object_id, str(error))
            raise

    def _merge(self, request, object_id: str | None) -> None:
        """Puts what others have saved meanwhile into what was sent; a form that is stale says so and shows
        what both changed."""
        if request.method != "POST" or not object_id:
            return
        story = self.get_object(request, unquote(object_id))
        if story is None or not self.has_change_permission(request, story):
            return
        is_stale = request.POST.get("seen_version") != str(story.version)
        if not is_stale and "theirs" not in {
            request.POST[name] for name in request.POST if name[:5] == "take-"
        }:
            return
        parts = self._untouched_parts(request, story)
        opened = merging.unseal(request.POST.get("opened_with", "")) if is_stale else {}
        request.POST = merging.take_theirs(request.POST, parts, opened)
        if is_stale:
            request.merged = merging.merge(request.POST, parts, opened)
            request.POST, request.opened_with = request.merged.data, merging.seal(parts)

    def _untouched_parts(self, request, story: Story) -> list[merging.Part]:
        """Of the form as a browser would get it now."""
        shown = copy.copy(request)
        shown.method = "GET"
        fields = flatten_fieldsets(self.get_fieldsets(shown, story))
        form = self.get_form(shown, story, change=True, fields=fields)(instance=story)
        tables = []
        for formset, inline in self.get_formsets_with_inlines(shown, story):
            prefix = formset.get_default_prefix()
            table = formset(**self.get_formset_kwargs(shown, story, inline, prefix))
            tables.append((table, str(inline.verbose_name_plural)))
        return merging.parts_of(form, tables)

    def _not_saved(self, request, object_id: str, why: str):
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
            "why": why or self._closed(request, story),
            "typed": [
                (label, request.POST[name]) for name, label in labels.items() if request.POST.get(name)
            ],
        }
        return TemplateResponse(request, "admin/articles/story/not_saved.html", context, status=403)

    def _opened_with(self, request, context) -> str:
        if request.method == "POST":
            return getattr(request, "opened_with", request.POST.get("opened_with", ""))
        tables = [
            (inline.formset, str(inline.opts.verbose_name_plural))
            for inline in context["inline_admin_formsets"]
        ]
        return merging.seal(merging.parts_of(context["adminform"].form, tables))
