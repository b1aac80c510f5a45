"""What the admin shows of stories, and of what goes with them.

StoryAdmin and PictureAdmin are registered by sections, which knows where stories and pictures are shown.
"""

from __future__ import annotations

import taggit.admin  # registers a tag of its own, which no story has
from django.contrib import admin

from articles import publishing
from articles.desk_lists import LargeTableAdmin, ReadOnlyAdmin, VerbFilter
from articles.desk_names import AuthorAdmin, PlaceAdmin, TagAdmin
from articles.models import Act, Author, Correction, Picture, Place, Story, StoryVersion, Tag, Withdrawal
from articles.picture_desk import PictureDesk
from articles.publishing import Verb
from newsportal import keys

admin.site.unregister(taggit.admin.Tag)
admin.site.register(Author, AuthorAdmin)
admin.site.register(Place, PlaceAdmin)
admin.site.register(Tag, TagAdmin)


class PictureAdmin(PictureDesk, LargeTableAdmin):
    list_display = ["thumbnail", "alt_text", "credit", "rights_until", "created"]
    list_display_links = ["alt_text"]
    list_defer = ("caption",)
    search_fields = ["alt_text", "caption", "credit"]

    def has_change_permission(self, request, obj=None):
        """Readers see it with its story: who may not publish leaves it as it is."""
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or request.user.has_perm(publishing.RIGHTS[Verb.PUBLISH]) or not self.is_shown(obj)

    def keys_of(self, picture: Picture) -> set[str]:
        return {keys.story(pk) for pk in picture.stories.values_list("pk", flat=True)}

    def is_shown(self, picture: Picture) -> bool:
        return picture.stories.exclude(state__in=Story.WORKING_STATES).exists()


@admin.register(StoryVersion)
class StoryVersionAdmin(ReadOnlyAdmin):
    list_display = ["story", "number", "kind", "at", "by_name", "reason"]
    list_select_related = ["story"]
    list_defer = ("content", "story__body")
    list_filter = ["kind"]
    search_fields = ["story__headline", "by_name"]
    ordering = ["-id"]


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    list_display = ["note", "story", "kind", "at", "by_name"]
    list_select_related = ["story"]
    list_defer = ("story__body",)
    list_filter = ["kind"]
    search_fields = ["note", "story__headline", "by_name"]
    ordering = ["-id"]


@admin.register(Withdrawal)
class WithdrawalAdmin(ReadOnlyAdmin):
    list_display = ["headline", "kind", "reason", "at", "by_name"]
    list_filter = ["kind"]
    search_fields = ["headline", "story__headline", "reason", "by_name"]
    ordering = ["-id"]


@admin.register(Act)
class ActAdmin(ReadOnlyAdmin):
    list_display = ["story", "act", "from_state", "to_state", "at", "by_name", "reason"]
    list_select_related = ["story"]
    list_defer = ("story__body",)
    list_filter = [VerbFilter]
    search_fields = ["story__headline", "by_name"]
    ordering = ["-id"]

    @admin.display(ordering="verb")
    def act(self, act: Act) -> str:
        return Verb(act.verb).label
