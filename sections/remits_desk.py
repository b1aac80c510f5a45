"""Remits in the admin: given in a user's page, used to narrow lists, asked for flat pages too."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin  # registers the user
from django.contrib.flatpages.admin import FlatPageAdmin  # registers its pages
from django.contrib.flatpages.models import FlatPage
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef

from articles.desk_lists import DeskAdmin, outside
from newsportal import keys
from sections.models import Channel, Listing, Remit
from sections.rights import remit_of

User = get_user_model()

admin.site.unregister([User, FlatPage])


class RemitInline(admin.StackedInline):
    """A part of the user: whoever may change the one gives the other."""

    model = Remit
    filter_horizontal = ["sites", "channels"]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "channels":
            kwargs["queryset"] = Channel.objects.select_related("site")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm("auth.change_user")

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("auth.view_user") or self.has_change_permission(request, obj)

    has_add_permission = has_delete_permission = has_change_permission


@admin.register(User)
class RemittedUserAdmin(UserAdmin):
    inlines = [RemitInline]

    def get_inlines(self, request, obj):
        return super().get_inlines(request, obj) if obj else []


@admin.register(FlatPage)
class PageOfWordsAdmin(DeskAdmin, FlatPageAdmin):
    """What the publisher says of itself."""

    def keys_of(self, row) -> set[str]:
        return {keys.WORDS}

    def save_related(self, request, form, formsets, change):
        """Its sites are known only now; what is refused is undone."""
        super().save_related(request, form, formsets, change)
        if not self.reaches(request, "change", form.instance):
            raise PermissionDenied(outside(form.instance))


class MyChannelsFilter(admin.SimpleListFilter):
    """For who has a remit; to everybody else all channels are theirs."""

    title = "my channels"
    parameter_name = "mine"

    def lookups(self, request, model_admin):
        return [("1", "In my channels")] if remit_of(request.user) else []

    def queryset(self, request, queryset):
        if self.value() != "1":
            return queryset
        mine = Listing.objects.filter(story=OuterRef("pk"), channel__in=remit_of(request.user).channel_keys)
        return queryset.filter(Exists(mine))
