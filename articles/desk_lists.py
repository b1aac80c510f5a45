"""Lists of the desk that stay fast on large tables."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.utils.functional import cached_property

from articles.desk_fields import (
    DeskFields,
    is_key,
)
from articles.models import (
    Source,
)
from articles.publishing import Verb


class CappedPaginator(Paginator):
    """Counts to 10,000 and no further: nobody pages that deep, and a full count reads the whole table."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[: self.most].count()


class DeskAdmin(DeskFields, admin.ModelAdmin):
    def changelist_view(self, request, extra_context=None):
        if not all(map(is_key, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest("No row has such a key.")
        return super().changelist_view(request, extra_context)


class LargeTableAdmin(DeskAdmin):
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    # Columns that its list does not show, and which are long.
    list_defer: tuple[str, ...] = ()

    def get_changelist(self, request, **kwargs):
        deferred = self.list_defer

        class LightChangeList(ChangeList):
            def get_queryset(self, request, exclude_parameters=None):
                return super().get_queryset(request, exclude_parameters).defer(*deferred)

        return LightChangeList


class ReadOnlyAdmin(LargeTableAdmin):
    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ChoiceFilter(admin.SimpleListFilter):
    """A filter whose choices are few and known; Django's own reads the whole table to find them."""

    def queryset(self, request, queryset):
        known = {str(value) for value, _ in self.lookup_choices}
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() in known else queryset


class UrgencyFilter(ChoiceFilter):
    title = parameter_name = "urgency"

    def lookups(self, request, model_admin):
        return [(str(urgency), str(urgency)) for urgency in range(1, 10)]


class SourceFilter(ChoiceFilter):
    title = parameter_name = "source"

    def lookups(self, request, model_admin):
        sources = Source.objects.values_list("pk", "name").order_by("name")
        return [(str(pk), name) for pk, name in sources[:50]]


class VerbFilter(ChoiceFilter):
    title = "act"
    parameter_name = "verb"

    def lookups(self, request, model_admin):
        return Verb.choices
