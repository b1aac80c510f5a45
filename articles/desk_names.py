"""The desk's pages of tags, places and authors: how much they are used, their other names, merging."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef
from django.http import HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse

from articles.clock import day_and_time
from articles.desk_fields import is_key, tag_trouble
from articles.desk_lists import LargeTableAdmin
from articles.media_topics import topic_code
from articles.merge_names import (
    STORIES,
    Gone,
    Uses,
    keep_old,
    keys_of,
    merge,
    named_elsewhere,
    published_stories,
    stories_of,
    uses_of,
)
from articles.models import AuthorName, PlaceName, Tag, TagName
from articles.models.names import LONGEST, Named, normal_form, shown_form
from articles.search import indexing
from articles.story_form import DeskTable


class NamedForm(forms.ModelForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "Its address. Readers of an old one are sent on."

    def clean_slug(self):
        slug = self.cleaned_data["slug"] or self.instance.slug
        leads_to = self._meta.model.objects.filter(old_slugs__slug=slug).exclude(pk=self.instance.pk).first()
        if leads_to:
            raise ValidationError(f"“{slug}” leads to “{leads_to}”: choose another.")
        return slug


class OtherNameFormSet(DeskTable.formset):
    def clean(self):
        super().clean()
        names = [
            normal_form(form.cleaned_data["name"])
            for form in self.forms
            if form.cleaned_data.get("name") and not form.cleaned_data.get("DELETE")
        ]
        if len(set(names)) < len(names):
            raise ValidationError("One of these names stands here twice.")


class OtherNameInline(DeskTable):
    """May be changed by who may change what they name."""

    formset = OtherNameFormSet
    fields = ["name"]
    extra = 1
    verbose_name = "other name"
    verbose_name_plural = "other names, which find it in the form, from the wire and in an address"

    def _may_change(self, request) -> bool:
        opts = self.parent_model._meta
        return request.user.has_perm(f"{opts.app_label}.change_{opts.model_name}")

    def has_add_permission(self, request, obj=None):
        return self._may_change(request)

    def has_change_permission(self, request, obj=None):
        return self._may_change(request)

    def has_delete_permission(self, request, obj=None):
        return self._may_change(request)

    def has_view_permission(self, request, obj=None):
        return obj is not None or self._may_change(request)


class UsedFilter(admin.SimpleListFilter):
    title = parameter_name = "used"

    def lookups(self, request, model_admin):
        return [("yes", "By a story"), ("no", "By none")]

    def queryset(self, request, queryset):
        table, own, _story = STORIES[queryset.model]
        used = Exists(table.objects.filter(**{own: OuterRef("pk")}))
        return {"yes": queryset.filter(used), "no": queryset.filter(~used)}.get(self.value(), queryset)


class NamedAdmin(LargeTableAdmin):
    form = NamedForm
    search_fields = ["normal", "folded", "other_names__normal"]
    prepopulated_fields = {"slug": ["name"]}
    list_filter = [UsedFilter]
    readonly_fields = ["used", "sent_on"]
    counts = ["in_stories", "last_used"]
    ordering = ["folded"]  # capitals and accents are no reason to stand elsewhere
    actions = ["merge_selected"]
    change_form_template = "admin/articles/named_change_form.html"

    # -- Uses ------------------------------------------------------------------

    def get_changelist(self, request, **kwargs):
        class CountedChangeList(super().get_changelist(request, **kwargs)):
            def get_results(self, request):
                """Counts the rows that are shown, and no others."""
                super().get_results(request)
                self.result_list = list(self.result_list)
                uses = uses_of(self.model, [row.pk for row in self.result_list])
                for row in self.result_list:
                    row.uses = uses.get(row.pk, Uses())

        return CountedChangeList

    @admin.display(description="stories")
    def in_stories(self, row) -> int:
        return row.uses.stories

    @admin.display(description="newest story")
    def last_used(self, row) -> str:
        return day_and_time(row.uses.last) if row.uses.last else "-"

    @admin.display(description="used by")
    def used(self, row) -> str:
        uses = uses_of(self.model, [row.pk]).get(row.pk) if row.pk else None
        if uses is None:
            return "no story"
        newest = f"; the newest is of {day_and_time(uses.last)}" if uses.last else ""
        return f"{uses.stories} stories, {published_stories(row)} of them published{newest}"

    @admin.display(description="readers come from")
    def sent_on(self, row) -> str:
        slugs = [old.slug for old in row.old_slugs.order_by("slug")[:100]] if row.pk else []
        return ", ".join(slugs) or "-"

    # -- Renaming --------------------------------------------------------------

    def keys_of(self, row) -> set[str]:
        return keys_of(row)

    def save_model(self, request, obj, form, change):
        was = self.model.objects.get(pk=obj.pk) if change else obj
        super().save_model(request, obj, form, change)
        if change:
            keep_old(obj, str(was), was.slug)
        if change and str(was) != str(obj):
            indexing.index(stories_of(self.model, [obj.pk]))

    def delete_model(self, request, obj):
        found_by = stories_of(self.model, [obj.pk])
        super().delete_model(request, obj)
        indexing.index(found_by)

    def delete_queryset(self, request, queryset):
        found_by = stories_of(self.model, [row.pk for row in queryset])
        super().delete_queryset(request, queryset)
        indexing.index(found_by)

    # -- Merging ---------------------------------------------------------------

    def has_merge_permission(self, request) -> bool:
        return self.has_change_permission(request) and self.has_delete_permission(request)

    @admin.action(description="Merge selected %(verbose_name_plural)s", permissions=["merge"])
    def merge_selected(self, request, queryset):
        query = QueryDict(mutable=True)
        query.setlist("row", queryset.values_list("pk", flat=True)[:100])
        return HttpResponseRedirect(f"{self._url('merge')}?{query.urlencode()}")

    def _url(self, name: str, *args) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_merge"
        return [
            path("merge/", self.admin_site.admin_view(self.merge_view), name=name),
            *super().get_urls(),
        ]

    def render_change_form(self, request, context, *args, **kwargs):
        context["merge_url"] = self._url("merge") if self.has_merge_permission(request) else ""
        return super().render_change_form(request, context, *args, **kwargs)

    def merge_view(self, request):
        """Which ones, what will happen, and with a POST: done."""
        if not self.has_merge_permission(request):
            raise PermissionDenied
        if request.method == "POST" and (done := self._merge(request)):
            return done
        rows, unknown = self._asked_for(request.POST if request.method == "POST" else request.GET)
        uses = uses_of(self.model, [row.pk for row in rows])
        elsewhere = named_elsewhere(self.model, [row.pk for row in rows])
        for row in rows:
            row.uses, row.elsewhere = uses.get(row.pk, Uses()), elsewhere[row.pk]
        context = {
            **self.admin_site.each_context(request),
            "title": f"Merge {self.opts.verbose_name_plural}",
            "opts": self.opts,
            "media": self.media,
            "rows": rows,
            "unknown": unknown,
            "most_used": max(rows, key=lambda row: row.uses.stories, default=None),
        }
        return TemplateResponse(request, "admin/articles/merge.html", context)

    def _asked_for(self, data: QueryDict) -> tuple[list[Named], list[str]]:
        """The rows that were ticked, and named one on a line; and the names that nothing has."""
        names = list(filter(None, map(shown_form, data.get("names", "").splitlines()[:100])))
        named = self.model.objects.by_name(names)
        keys = {int(key) for key in data.getlist("row")[:100] if is_key(key)} | {
            row.pk for row in named.values()
        }
        rows = self.model.objects.filter(pk__in=keys).prefetch_related("other_names")
        return list(rows), [name for name in names if normal_form(name)[:LONGEST] not in named]

    def _merge(self, request) -> HttpResponseRedirect | None:
        rows, _unknown = self._asked_for(request.POST)
        kept = next((row for row in rows if str(row.pk) == request.POST.get("keep")), None)
        others = [row for row in rows if row != kept]
        try:
            if kept is None:
                raise Gone(
                    f"Choose which {self.opts.verbose_name} is kept: it may have been merged meanwhile."
                )
            changed = merge(kept, others)
        except Gone as error:
            messages.error(request, str(error))
            return None
        names = ", ".join(f"“{other}”" for other in others) or "nothing: it is done already"
        said = f"Merged into “{kept}”: {names}. {changed} stories changed."
        self.log_change(request, kept, said)
        messages.success(request, said)
        return HttpResponseRedirect(self._url("change", kept.pk))


class TagForm(NamedForm):
    topic = forms.CharField(
        label="Media Topic", required=False, max_length=100, help_text=Tag._meta.get_field("topic").help_text
    )

    def clean_name(self):
        name = shown_form(self.cleaned_data["name"])
        if trouble := tag_trouble(name):
            raise ValidationError(trouble)
        return name

    def clean_topic(self):
        written = self.cleaned_data["topic"]
        return topic_code(written) if written else ""


class TagNameInline(OtherNameInline):
    model = TagName


class TagAdmin(NamedAdmin):
    form = TagForm
    list_display = ["name", *NamedAdmin.counts, "topic_name"]
    fields = ["name", "slug", "topic", "topic_name", "used", "sent_on"]
    readonly_fields = ["topic_name", *NamedAdmin.readonly_fields]
    inlines = [TagNameInline]

    @admin.display(description="topic")
    def topic_name(self, tag: Tag) -> str:
        return tag.topic_name or "-"


class PlaceNameInline(OtherNameInline):
    model = PlaceName


class PlaceAdmin(NamedAdmin):
    list_display = ["name", "country", *NamedAdmin.counts]
    fields = ["name", "country", "slug", "used", "sent_on"]
    prepopulated_fields = {"slug": ["name", "country"]}
    inlines = [PlaceNameInline]


class AuthorNameInline(OtherNameInline):
    model = AuthorName


class AuthorAdmin(NamedAdmin):
    list_display = ["name", "role", *NamedAdmin.counts]
    fields = ["name", "role", "biography", "slug", "used", "sent_on"]
    inlines = [AuthorNameInline]
