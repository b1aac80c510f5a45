from __future__ import annotations

import django.contrib.sites.admin  # registers the host names alone, beside our sites
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext

from articles.admin import PictureAdmin
from articles.desk_lists import DeskAdmin, ReadOnlyAdmin, outside
from articles.desk_sources import SourceAdmin, SourceForm
from articles.models import Picture, Source, Story
from articles.models.slugs import unicode_slug
from articles.picture_desk import Use, use_in
from articles.story_form import DeskTable
from newsportal import keys
from sections import front_desk
from sections.contracts import Terms, consequences
from sections.desk_slots import SlotAdmin
from sections.desk_story import ListedStoryAdmin
from sections.models import Block, Channel, ChannelLink, Listing, Site, Slot
from sections.rights import in_remit, remit_of

admin.site.unregister(django.contrib.sites.admin.Site)
admin.site.register(Story, ListedStoryAdmin)
admin.site.register(Slot, SlotAdmin)


@admin.register(Picture)
class ShownPictureAdmin(PictureAdmin):
    def is_shown(self, picture: Picture) -> bool:
        return super().is_shown(picture) or Slot.objects.filter(picture=picture).exists()

    def keys_of(self, picture) -> set[str]:
        slots = Slot.objects.filter(picture=picture).select_related("block")
        return super().keys_of(picture).union(*(slot.block.page_keys for slot in slots))

    def uses(self, pictures) -> list[Use]:
        slots = Slot.objects.filter(picture__in=pictures).select_related("block", "story")
        slots = slots.defer("story__body").order_by("-pk")
        return [
            *super().uses(pictures),
            use_in(gettext("Slots"), slots, lambda slot: gettext("in the block %s") % slot.block),
        ]


class ListedSourceForm(SourceForm):
    def consequences(self, before: Terms, after: Terms) -> tuple[int, int]:
        return consequences(self.instance, before, after, timezone.now())


@admin.register(Source)
class ListedSourceAdmin(SourceAdmin):
    form = ListedSourceForm


@admin.register(Listing)
class ListingAdmin(ReadOnlyAdmin):
    """To look at. A story's channels change in its own form, which knows who may do so and its contract."""

    list_display = ["story", "channel", "primary", "starts_at", "ends_at"]
    list_select_related = ["story", "channel__site"]
    list_defer = ("story__body",)
    list_filter = ["channel__site"]
    search_fields = ["story__headline"]
    ordering = ["-id"]


# -- The network -------------------------------------------------------------------


class Place:
    """Where something stands: of these, what would go there is offered those that are in the user's remit."""

    asked_for_by = {("block", "channel"), ("block", "home_of"), ("slot", "block")}

    def get_search_results(self, request, queryset, search_term):
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        remit = remit_of(request.user)
        if remit and (request.GET.get("model_name"), request.GET.get("field_name")) in self.asked_for_by:
            found = in_remit(found, remit)
        return found, may_repeat


class Curated(Place, DeskAdmin):
    """A row whose pages are curated, with links to where."""

    readonly_fields = ["fronts"]

    def keys_of(self, row) -> set[str]:
        """All pages have the network's names and colours."""
        return {keys.NETWORK}

    @admin.display(empty_value="after it is saved")
    def fronts(self, row) -> str | None:
        links = front_desk.fronts_of(row) if row.pk else []
        return format_html_join(", ", '<a href="{1}">{0}</a>', links) or None


@admin.register(Site)
class SiteAdmin(Curated):
    list_display = ["name", "domain", "language", "position", "is_default", "fronts"]
    search_fields = ["name", "domain"]

    def has_add_permission(self, request):
        return super().has_add_permission(request) and self.reaches(request, "add", Site())


class ChannelForm(forms.ModelForm):
    def clean(self):
        cleaned = super().clean()
        if cleaned.get("title") and "slug" in cleaned:
            # As save() would make it, so that the check for another such channel sees it.
            cleaned["slug"] = cleaned["slug"] or unicode_slug(cleaned["title"], "channel")
        return cleaned


class ChannelLinkInline(DeskTable):
    model = ChannelLink
    verbose_name_plural = "standing related links"


@admin.register(Channel)
class ChannelAdmin(Curated):
    form = ChannelForm
    list_display = ["title", "site", "kicker", "slug", "position", "fronts"]
    list_filter = ["site"]
    list_select_related = ["site"]
    search_fields = ["title", "kicker", "slug", "site__name"]
    inlines = [ChannelLinkInline]
    prepopulated_fields = {"slug": ["title"]}

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("site")  # in the name it is offered by, too

    def save_model(self, request, obj, form, change):
        """To move a channel takes both sites. The entries of its stories in the search, which may be very
        many, are an operator's to write anew."""
        if change and "site" in form.changed_data:
            for site in Site.objects.filter(pk__in=[form.initial["site"], obj.site_id]):
                if not self.reaches(request, "change", site):
                    raise PermissionDenied(outside(site))
            messages.warning(
                request, "A search of one site knows of the move after manage.py reindex_search."
            )
        super().save_model(request, obj, form, change)


# -- Blocks ------------------------------------------------------------------------


class BlockForm(forms.ModelForm):
    limits = {"size": (1, 50), "max_age": (1, 10_000), "position": (0, 10_000)}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, (least, most) in self.limits.items():
            if name in self.fields:
                self.fields[name].validators += [MinValueValidator(least), MaxValueValidator(most)]


@admin.register(Block)
class BlockAdmin(Place, DeskAdmin):
    form = BlockForm
    list_display = ["label", "channel", "home_of", "backfill", "size", "position"]
    list_select_related = ["channel__site", "home_of"]
    list_filter = ["backfill"]
    search_fields = ["label", "channel__title", "home_of__name"]
    autocomplete_fields = ["channel", "from_channel", "from_tag", "from_site", "home_of"]
    fieldsets = [
        (None, {"fields": ["label", "position", "size"]}),
        ("On which page", {"fields": ["home_of", "channel", ("on_front", "on_stories")]}),
        ("Picks", {"fields": ["curated", "default_hours"]}),
        (
            "What it shows",
            {"fields": ["backfill", "from_channel", "from_tag", "from_site", "max_age", "may_repeat"]},
        ),
    ]
    readonly_fields = ["curated"]
    change_list_template = "admin/sections/block/change_list.html"

    def get_urls(self):
        return [*front_desk.urls(), *super().get_urls()]

    def keys_of(self, block: Block) -> set[str]:
        return block.page_keys

    def save_model(self, request, obj, form, change):
        # Column by column: its version is counted by acts on its slots meanwhile.
        obj.save(update_fields=form.changed_data if change else None)

    @admin.display(description="its picks", empty_value="after it is saved")
    def curated(self, block) -> str | None:
        link = '<a href="{}">are placed where they are seen</a>'
        return format_html(link, front_desk.front_of(block)) if block.pk else None
