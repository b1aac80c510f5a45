"""Lists of the desk that stay fast on large tables."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_permission_codename
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from articles.desk_fields import DeskFields
from articles.models import Source
from articles.models.keys import is_key
from articles.publishing import Verb
from newsportal import outbox

ENDS_SOON = timedelta(hours=48)  # of the right to show a story
NO_SOURCE = "none"


class CappedPaginator(Paginator):
    """Counts to 10,000 and no further: nobody pages that deep, and a full count reads the whole table."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[: self.most].count()


def outside(row) -> str:
    return f"“{row}” is outside your remit. Nothing was saved."


class DeskAdmin(DeskFields, admin.ModelAdmin):
    """Asks for the right to a row and not only to its kind: it may end where the row stands.

    What readers see of a row that is changed or deleted here, `keys_of` names.
    """

    def keys_of(self, row) -> set[str]:
        """Of the pages that show the row, or would."""
        return set()

    def has_change_permission(self, request, obj=None):
        return self.reaches(request, "change", obj)

    def has_delete_permission(self, request, obj=None):
        return self.reaches(request, "delete", obj)

    def reaches(self, request, act: str, row) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.{get_permission_codename(act, self.opts)}", row)

    def save_form(self, request, form, change):
        """Also of where the row would stand: has_change_permission was asked where it stands now."""
        row = super().save_form(request, form, change)
        if not self.reaches(request, "change" if change else "add", row):
            raise PermissionDenied(outside(row))
        form.keys_before = self._keys_stored(row) if change and self.keys_of(row) else set()
        return row

    def _keys_stored(self, row) -> set[str]:
        """As the row is before it is saved: where it stood, under which name."""
        stored = self.model._base_manager.filter(pk=row.pk).first()
        return self.keys_of(stored) if stored else set()

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        outbox.record(*form.keys_before, *self.keys_of(form.instance))

    def delete_model(self, request, obj):
        outbox.record(*self.keys_of(obj))
        super().delete_model(request, obj)

    @transaction.atomic  # Django's action has none of its own
    def delete_queryset(self, request, queryset):
        outbox.record(*(key for row in queryset for key in self.keys_of(row)))
        super().delete_queryset(request, queryset)

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
        return [(NO_SOURCE, _("None")), *((str(pk), name) for pk, name in sources[:50])]

    def queryset(self, request, queryset):
        value = self.value()
        if value == NO_SOURCE:
            return queryset.filter(source=None)
        # Also one that is not among those offered: the desk's front page leads here.
        return queryset.filter(source=value) if value and is_key(value) else queryset


class OriginFilter(ChoiceFilter):
    title = _("origin")
    parameter_name = "origin"

    def lookups(self, request, model_admin):
        return [("wire", _("From the wire")), ("desk", _("Written here"))]

    def queryset(self, request, queryset):
        by_hand = {"wire": False, "desk": True}.get(self.value())
        return queryset if by_hand is None else queryset.filter(provider__isnull=by_hand)


class WhenFilter(ChoiceFilter):
    title = _("when readers see it")
    parameter_name = "when"

    def lookups(self, request, model_admin):
        return [("ahead", _("Embargoed or scheduled")), ("ending", _("Rights about to end"))]

    def queryset(self, request, queryset):
        now = timezone.now()
        stories = queryset.model.objects
        found = {"ahead": stories.going_live(now), "ending": stories.ending(now, now + ENDS_SOON)}
        # Found first by their time: in the list's own order they are few among very many.
        return queryset.filter(pk__in=found[self.value()].values("pk")) if self.value() in found else queryset


class VerbFilter(ChoiceFilter):
    title = "act"
    parameter_name = "verb"

    def lookups(self, request, model_admin):
        return Verb.choices
