"""The desk's pages on a text that readers do not see yet: its preview, and links to share it."""

from __future__ import annotations

from csp.constants import SELF
from csp.decorators import csp_replace
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from articles.models import Story
from articles.models.sharing import ShareLink, ShareUse
from articles.sharing import NotShareable, make_link, revoke
from articles.story_state import state_sentence
from articles.working_copy import with_working_copy
from sections.models import site_url
from sections.preview import NoAddress, preview_page, preview_response, seal

# The widths in which a page is shown: a phone's, a desktop's.
FRAMES = [(390, 844, gettext_lazy("Phone")), (1280, 900, gettext_lazy("Desktop"))]
DAYS = [1, 3, 7, 14]
USES_SHOWN = 100


class ShareForm(forms.Form):
    for_whom = forms.CharField(
        label=gettext_lazy("For whom"),
        max_length=150,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("They read it at the head of the page."),
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("Ends after"),
        coerce=int,
        initial=3,
        choices=[(days, ngettext_lazy("%d day", "%d days", days) % days) for days in DAYS],
    )


class PreviewPages:
    """For StoryAdmin."""

    def get_urls(self):
        pages = [
            ("preview/", self.preview_view, "preview"),
            ("preview/page/", self.preview_page_view, "preview_page"),
            ("share/", self.share_view, "share"),
            ("share/<int:link>/revoke/", self.revoke_view, "revoke"),
        ]
        own = [
            path(f"<int:pk>/{tail}", self.admin_site.admin_view(view), name=f"articles_story_{name}")
            for tail, view, name in pages
        ]
        return [*own, *super().get_urls()]

    # -- Preview -----------------------------------------------------------------

    def preview_view(self, request, pk: int):
        """The page in frames, at a phone's width and a desktop's."""
        story = self._story_to_see(request, str(pk))
        number = _number_asked(request)
        _content(story, number)
        title = _("Preview: %s") if number is None else _("Version %(number)s: %%s") % {"number": number}
        query = "" if number is None else f"?version={number}"
        context = {
            **self._story_context(request, story, title % story),
            "page_url": reverse("admin:articles_story_preview_page", args=[story.pk]) + query,
            "frames": FRAMES,
            "trouble": _trouble(story),
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/articles/story/preview.html", context)

    @method_decorator(xframe_options_sameorigin)
    @method_decorator(csp_replace({"frame-ancestors": [SELF]}))
    def preview_page_view(self, request, pk: int):
        """The page alone, which our own desk may show in a frame."""
        story, number = self._story_to_see(request, str(pk)), _number_asked(request)
        try:
            page = preview_page(story.pk, _content(story, number), timezone.now())
        except NoAddress as error:
            response = render(request, "sections/no_address.html", {"why": str(error)}, status=404)
            seal(response)
            return response
        if number is None:
            words = _("As readers will see it. Now: %s") % state_sentence(story)
        else:
            words = _("Version %(number)s, as readers would see it today") % {"number": number}
        return preview_response(request, page, bar=words)

    # -- Share links -------------------------------------------------------------

    def share_view(self, request, pk: int) -> HttpResponse:
        story = self._story_to_share(request, pk)
        trouble, token = _trouble(story), ""
        form = ShareForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and not trouble:
            try:
                token = make_link(story, by=request.user, **form.cleaned_data)
                form = ShareForm()
            except NotShareable as error:
                form.add_error(None, str(error))
        now = timezone.now()
        links = ShareLink.objects.with_end().filter(story=story).defer("content", "story__body")
        links = links.annotate(use_count=Count("uses"), last_use=Max("uses__at"))
        context = {
            **self._story_context(request, story, _("Share: %s") % story),
            "form": form,
            "trouble": trouble,
            "address": token and site_url(story.host) + reverse("sections:shared", args=[token]),
            "links": [(link, link.why_ended(now)) for link in links],
            "uses": ShareUse.objects.filter(link__story=story).select_related("link")[:USES_SHOWN],
            "uses_shown": USES_SHOWN,
        }
        return TemplateResponse(request, "admin/articles/story/share.html", context)

    @method_decorator(require_POST)
    def revoke_view(self, request, pk: int, link: int):
        story = self._story_to_share(request, pk)
        found = ShareLink.objects.filter(story=story, pk=link).first()
        if found is None:
            raise Http404("The story has no such link.")
        revoke(found, request.user)
        messages.success(request, _("The link for %s shows nothing any more.") % found.for_whom)
        return HttpResponseRedirect(reverse("admin:articles_story_share", args=[story.pk]))

    def _story_to_share(self, request, pk: int) -> Story:
        story = self._story_to_see(request, str(pk))
        if not self.has_change_permission(request, story):
            raise PermissionDenied
        return story


def _number_asked(request) -> int | None:
    """Of a version, or none: the text as it is now."""
    number = request.GET.get("version", "")
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Http404("The story has no such version.")
    return int(number)


def _content(story: Story, number: int | None) -> dict:
    if number is None:
        return with_working_copy(story).snapshot()
    content = story.versions.filter(number=number).values_list("content", flat=True).first()
    if content is None:
        raise Http404("The story has no such version.")
    return content


def _trouble(story: Story) -> str:
    return "" if story.home_site else str(NoAddress())
