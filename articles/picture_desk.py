"""Pictures on the desk: how one is cropped, where it is used, and what deleting it would do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.models import Picture, Story
from articles.picture_form import PictureForm
from articles.picture_storing import keep, save_cropped_anew
from articles.renditions import CROPS, SET, renditions

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Use:
    """Where pictures are shown, of one kind."""

    label: str
    links: list[SafeString]
    are_more: bool
    stops_delete: bool

    def __bool__(self) -> bool:
        return bool(self.links)

    @property
    def lines(self) -> list[SafeString | str]:
        more = gettext("and more; these are the first %d.") % MOST_SHOWN
        return [*self.links, more] if self.are_more else self.links


def use_in(label: str, rows: QuerySet, note: Callable, *, stops_delete: bool = False) -> Use:
    """One query."""
    found = list(rows[: MOST_SHOWN + 1])
    links = [
        format_html('<a href="{}">{}</a>, {}', _change_url(row), row, note(row)) for row in found[:MOST_SHOWN]
    ]
    return Use(label, links, len(found) > MOST_SHOWN, stops_delete)


def _change_url(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


class PictureDesk:
    """What PictureAdmin does beyond any other."""

    form = PictureForm
    change_words = ["alt_text", "caption", "credit", "rights_until"]
    crop_rows = [
        ("focus_x", "focus_y"),
        *[tuple(f"{name}_{edge}" for edge in ("left", "top", "width")) for name in CROPS],
    ]

    class Media:
        css = {"all": ["css/picture_desk.css"]}
        js = ["js/picture_desk.js"]

    # -- The form ------------------------------------------------------------------

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return [(None, {"fields": ["file", *self.change_words]})]
        crops = ["crops", *self.crop_rows] if self.has_change_permission(request, obj) else ["crops"]
        return [
            (None, {"fields": [*self.change_words, "used_in"]}),
            (_("How it is cropped"), {"fields": crops}),
            (_("File"), {"fields": ["stored_as", ("width", "height"), "created"]}),
        ]

    def get_readonly_fields(self, request, obj=None):
        return ["crops", "used_in", "stored_as", "width", "height", "created"]

    def save_model(self, request, obj, form, change):
        if not change:
            keep(obj, form.cleaned_data["file"].read(), form.kind)
        elif form.is_recropped:
            save_cropped_anew(obj)
            return
        super().save_model(request, obj, form, change)

    def response_add(self, request, obj, post_url_continue=None):
        """On to its crops, which nobody has seen yet."""
        if {"_popup", "_addanother"} & request.POST.keys():
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, _("The picture is stored. See below whether its crops show what matters."))
        return HttpResponseRedirect(_change_url(obj))

    # -- What it looks like ----------------------------------------------------------

    @admin.display(description=_("Picture"))
    def thumbnail(self, picture: Picture) -> SafeString | str:
        if not picture.file:
            return ""
        return format_html(
            '<img class="picture-thumbnail" src="{}" width="80" height="80" alt="" loading="lazy">',
            _preview(picture, "square"),
        )

    @admin.display(description=_("As readers see it"))
    def crops(self, picture: Picture) -> SafeString | str:
        if not picture.file:
            return "-"
        crops = [{"name": name, "label": CROPS[name].label, "url": _preview(picture, name)} for name in CROPS]
        context = {"picture": picture, "full": _preview(picture, "full"), "crops": crops}
        return render_to_string("admin/articles/picture/_crops.html", context)

    @admin.display(description=_("Stored as"))
    def stored_as(self, picture: Picture) -> SafeString | str:
        if not picture.file:
            return "-"
        return format_html('<a href="{}">{}</a>', picture.file.url, picture.file.name)

    # -- Where it is used --------------------------------------------------------------

    def uses(self, pictures: Iterable[Picture]) -> list[Use]:
        """By kind, one query each."""
        stories = Story.objects.filter(picture__in=pictures).only("headline", "state").order_by("-pk")
        return [use_in(gettext("Stories"), stories, Story.get_state_display, stops_delete=True)]

    @admin.display(description=_("Used in"))
    def used_in(self, picture: Picture) -> SafeString | str:
        uses = list(filter(None, self.uses([picture])))
        if not uses:
            return _("Nothing yet.")
        return render_to_string("admin/articles/picture/_uses.html", {"uses": uses})

    def get_deleted_objects(self, objs, request):
        """Deleting is refused while a story shows one of them; what else would change is said."""
        uses = list(filter(None, self.uses(objs)))
        if protected := [line for use in uses if use.stops_delete for line in use.lines]:
            return [], {}, set(), protected
        deleted, count, forbidden, protected = super().get_deleted_objects(objs, request)
        for use in uses:
            deleted += [gettext("Shown without it from then on: %s") % use.label, use.lines]
        return deleted, count, forbidden, protected


def _preview(picture: Picture, name: str) -> str:
    if picture.renditions != SET:
        return picture.file.url
    return picture.file.storage.url(picture.file.name_of(renditions(picture, name)[0]))
