"""Who is signed in at the desk, and the time zone in which they work."""

from __future__ import annotations

import zoneinfo

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Editor
from sections.rights import RemitBackend


class EditorBackend(RemitBackend):
    """Reads a user's settings and remit with the user: every page of the desk needs them."""

    def get_user(self, user_id):
        users = get_user_model()._default_manager.select_related("editor", "remit")
        user = users.filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


def zone_middleware(get_response):
    """The editor's zone on every page of the desk; what readers see is in the portal's own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(reverse("admin:index")):
            return get_response(request)
        editor = getattr(request.user, "editor", None)
        with timezone.override(editor.time_zone if editor and editor.time_zone else settings.TIME_ZONE):
            return get_response(request)

    return middleware


def zones() -> list[tuple]:
    """Those named for a place, by their part of the world."""
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name)
    parts: dict[str, list] = {}
    for name in names:
        part, _slash, place = name.partition("/")
        if part not in ("Etc", "SystemV", "posix", "right"):
            parts.setdefault(part, []).append((name, place.replace("_", " ")))
    own = _("The portal's own: %(zone)s") % {"zone": settings.TIME_ZONE}
    return [("", own), ("UTC", "UTC"), *parts.items()]


class SettingsForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        choices=zones,
        required=False,
        help_text=_("Times are typed and shown in this zone, with UTC beside them."),
    )

    class Meta:
        model = Editor
        fields = ["time_zone"]


def my_settings(request: HttpRequest) -> HttpResponse:
    editor = getattr(request.user, "editor", None) or Editor(user=request.user)
    form = SettingsForm(request.POST if request.method == "POST" else None, instance=editor)
    if form.is_valid():
        form.save()
        messages.success(request, _("Your settings are saved."))
        return HttpResponseRedirect(reverse("admin:my_settings"))
    context = {**admin.site.each_context(request), "title": _("My settings"), "form": form}
    return TemplateResponse(request, "admin/my_settings.html", context)
