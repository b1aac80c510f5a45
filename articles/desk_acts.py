"""The pages of a story beside its form: those of its acts, and those that the form's script asks for."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse

from articles import merging, presence, publishing
from articles.models import Story
from articles.models.stories import StaleVersion
from articles.publishing import ForbiddenAct, Verb
from articles.story_form import FORM_VERBS, WITHDRAWALS, ActForm
from articles.story_state import consequence, done_sentence, state_sentence
from articles.working_copy import discard


class ActPages:
    """For StoryAdmin."""

    def get_urls(self):
        act = path(
            "<int:pk>/act/<str:verb>/", self.admin_site.admin_view(self.act_view), name="articles_story_act"
        )
        pages = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"articles_story_{name}")
            for name, view in (("presence", self.presence_view), ("discard", self.discard_view))
        ]
        return [act, *pages, *super().get_urls()]

    def presence_view(self, request, pk: int):
        """Told by the form's script that it is open, or was closed; says who else has it open."""
        story = Story.objects.only("version").filter(pk=pk).first() if request.method == "POST" else None
        if story is None:
            raise Http404("No such story.")
        if not self.has_view_permission(request):
            raise PermissionDenied
        if "left" in request.POST:
            presence.leave(story, request.user)
            return HttpResponse(status=204)
        lines = [presence.in_words(other) for other in presence.be_there(story, request.user)]
        if request.POST.get("seen_version") != str(story.version):
            lines.append(presence.CHANGED)
        return JsonResponse({"lines": list(map(str, lines))})

    def discard_view(self, request, pk: int):
        """Asks, shows what would go, and throws the working copy away."""
        story = self.get_object(request, str(pk))
        if story is None or story.aside is None:
            raise Http404("No such story, or no changes to it.")
        if not self.has_change_permission(request, story):
            raise PermissionDenied
        refusal = ""
        if request.method == "POST":
            try:
                if request.POST.get("seen_version") != str(story.version):
                    raise StaleVersion(story)
                discard(story, request.user)
            except StaleVersion as error:
                refusal = str(error)
            else:
                self.log_change(request, story, "Discarded the changes that readers did not see.")
                messages.success(request, f"Discarded. “{story.live}” is as readers see it.")
                return HttpResponseRedirect(reverse("admin:articles_story_change", args=[pk]))
        shown = [(self._untouched_parts(request, one)) for one in (story.live, story)]
        context = {
            **self.admin_site.each_context(request),
            "title": f"Discard changes: {story.live}",
            "story": story,
            "opts": self.opts,
            "media": self.media,
            "refusal": refusal,
            "changes": merging.changes(*shown),
        }
        return TemplateResponse(request, "admin/articles/story/discard.html", context)

    def act_view(self, request, pk: int, verb: str):
        story = self.get_object(request, str(pk))
        if story is None or verb not in Verb.values or verb in FORM_VERBS:
            raise Http404("No such story or act.")
        verb = Verb(verb)
        if not self.has_view_permission(request, story) or not request.user.has_perm(
            publishing.RIGHTS[verb], story
        ):
            raise PermissionDenied
        form = ActForm(verb, request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                getattr(publishing, verb.value)(story, by=request.user, **form.cleaned_data)
            except ForbiddenAct as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, done_sentence(story, verb))
                return HttpResponseRedirect(reverse("admin:articles_story_change", args=[story.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{verb.label}: {story}",
            "story": story,
            "verb": verb,
            "consequence": consequence(story, verb),
            "withdraws": verb in WITHDRAWALS,
            "form": form,
            "opts": self.opts,
            "media": self.media,
            "state": state_sentence(story),
        }
        return TemplateResponse(request, "admin/articles/story/act.html", context)
