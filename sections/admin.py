from __future__ import annotations

import django.contrib.sites.admin  # registers the host names alone, beside our sites
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import F, Prefetch, prefetch_related_objects
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, gettext_lazy

from articles.admin import PictureAdmin, StoryAdmin
from articles.contracts import contract_sentence
from articles.desk_fields import DeskFormSet, SeenVersion
from articles.desk_lists import ChoiceFilter, DeskAdmin, LargeTableAdmin, ReadOnlyAdmin, outside
from articles.desk_sources import SourceAdmin, SourceForm
from articles.filing import UnfilableCopy, read_copy
from articles.models import Picture, Source, Story
from articles.models.slugs import unicode_slug
from articles.picture_desk import Use, use_in
from articles.story_form import ASIDE, DeskTable, RelatedLinkFormSet, pressed_verb
from articles.warnings import StoryWarning, addresses_of, warnings_for
from newsportal import keys
from sections import curation, front_desk
from sections.bulk_listing import LISTED_BULK_ACTS, unreadable
from sections.cards import story_path, with_home
from sections.contracts import Terms, consequences
from sections.curation import LAST_POSITION, StaleBlock, may_curate
from sections.dead_links import dead_links, have_checked
from sections.desk_preview import PreviewPages
from sections.filing import file_copy, new_from
from sections.models import Block, Channel, ChannelLink, Listing, Site, Slot
from sections.remits_desk import MyChannelsFilter
from sections.rights import channels_for, in_remit, remit_of

admin.site.unregister(django.contrib.sites.admin.Site)


def channels():
    return Channel.objects.select_related("site").order_by(
        "site__position", "site__name", "position", "title"
    )


# -- Stories and pictures, where they are shown ------------------------------------


class ListingForm(forms.ModelForm):
    def _get_validation_exclusions(self):
        # The formset sees to it: row by row, "primary" could not move from one channel to another.
        return super()._get_validation_exclusions() | {"primary"}


def listings_in_order():
    return Listing.objects.select_related("channel__site").order_by("-primary", "pk")


class ListingFormSet(DeskFormSet):
    told_apart_by = "channel"

    def get_queryset(self):
        """They may have been read with the story."""
        if "listings" in getattr(self.instance, "_prefetched_objects_cache", {}):
            return self.instance.listings.all()
        return super().get_queryset()

    @cached_property
    def channel_choices(self) -> list[tuple]:
        """Read once for all rows."""
        own = channels_for(self.user, "sections.add_listing")
        return [("", "---------"), *((channel.pk, str(channel)) for channel in own)]

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.instance.story = self.instance
        if field := form.fields.get("channel"):
            field.choices = self.channel_choices
            if form.instance.pk and not self._may_list(form):
                self._shut(form)
            # No icons that lead away from the story, in each row.
            field.widget.can_add_related = field.widget.can_change_related = False
            field.widget.can_delete_related = field.widget.can_view_related = False

    def _may_list(self, form) -> bool:
        right = "sections.change_listing" if form.instance.pk else "sections.add_listing"
        return self.user.has_perm(right, form.instance)

    def _shut(self, form) -> None:
        """A row of a channel that is not theirs: to look at."""
        channel = form.instance.channel
        form.fields["channel"].choices = [(channel.pk, str(channel))]
        for bound in form.visible_fields():
            bound.field.disabled = True

    def _primary(self) -> list[forms.ModelForm]:
        return [form for form in self._kept() if form.cleaned_data.get("primary")]

    def _kept(self) -> list[forms.ModelForm]:
        return [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        for form in self.forms:
            if form.has_changed() and form.cleaned_data.get("channel") and not self._may_list(form):
                raise PermissionDenied(outside(form.cleaned_data["channel"]))
        if ASIDE in self.data and self.has_changed():
            raise ValidationError("Readers see channels at once: press “Save channels only” for them.")
        primary = self._primary()
        if self._kept() and len(primary) != 1:
            raise ValidationError("Mark one channel as primary: it gives the kicker and the address.")
        if pressed_verb(self.data) or self.instance.state == Story.State.PUBLISHED:
            self._refuse_what_cannot_be_read(primary)

    def _refuse_what_cannot_be_read(self, primary: list[forms.ModelForm]) -> None:
        home = primary[0].cleaned_data["channel"].site if primary else None
        if trouble := unreadable(self.instance.source, home):
            raise ValidationError(trouble)

    def save(self, commit=True):  # noqa: FBT002 (Django's signature)
        if commit and self.has_changed():
            stays = [form.instance.pk for form in self._primary()]
            Listing.objects.filter(story=self.instance, primary=True).exclude(pk__in=stays).update(
                primary=False
            )
        return super().save(commit)


class ListingInline(DeskTable):
    model = Listing
    form = ListingForm
    formset = ListingFormSet
    fields = ["channel", "primary", "starts_at", "ends_at"]
    extra = 1
    verbose_name, verbose_name_plural = gettext_lazy("channel"), gettext_lazy("channels")

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.user = request.user
        return formset

    def get_queryset(self, request):
        return listings_in_order()


class SiteFilter(ChoiceFilter):
    title = "site"
    parameter_name = "home_site"

    def lookups(self, request, model_admin):
        return [(str(pk), name) for pk, name in Site.objects.values_list("pk", "name")[:50]]


class CopyForm(forms.Form):
    channel = forms.ModelChoiceField(channels())
    copy = forms.CharField(
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "cols": 100, "class": "vLargeTextField"}),
        help_text="As it comes from the wire terminal, a mail or a web page, headline first.",
    )

    def __init__(self, user, *args, **kwargs):
        super().__init__(*args, **kwargs)
        own = channels_for(user, "articles.add_story")
        self.fields["channel"].widget.choices = [
            ("", "---------"),
            *((channel.pk, str(channel)) for channel in own),
        ]

    def clean_copy(self):
        try:
            return read_copy(self.cleaned_data["copy"], today=timezone.localdate())
        except UnfilableCopy as error:
            raise ValidationError(str(error)) from error


@admin.register(Story)
class ListedStoryAdmin(PreviewPages, StoryAdmin):
    """The desk's story form with the channels it is listed in, and "File from copy"."""

    inlines = [ListingInline, *StoryAdmin.inlines]
    bulk_acts = LISTED_BULK_ACTS
    bulk_prefetch = (
        *StoryAdmin.bulk_prefetch,
        Prefetch("listings", Listing.objects.select_related("channel__site")),
    )
    list_display = ["headline", "stands", "kicker", "source", "urgency", "published"]
    list_filter = [MyChannelsFilter, *StoryAdmin.list_filter, SiteFilter]
    change_list_template = "admin/articles/story/change_list.html"

    def get_queryset(self, request):
        home = {
            "kicker": "home__channel__kicker",
            "home_site": "home__channel__site",
            "host": "home__channel__site__domain",
        }
        stories = with_home(super().get_queryset(request))
        return stories.annotate(**{name: F(column) for name, column in home.items()})

    def get_object(self, request, object_id, from_field=None):
        story = super().get_object(request, object_id, from_field)
        if story and remit_of(request.user):
            # Each right to it is asked of them, and the form shows them.
            prefetch_related_objects([story], Prefetch("listings", listings_in_order()))
        return story

    @admin.display(description="kicker", empty_value="in no channel")
    def kicker(self, story) -> str:
        return story.kicker

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):  # noqa: FBT002
        if obj and obj.source:
            if not obj.source.all_sites:
                prefetch_related_objects([obj.source], "sites")
            context["contract"] = contract_sentence(obj.source)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_view_on_site_url(self, obj=None):
        """Only while readers see it."""
        obj = obj and obj.live
        if obj is None or getattr(obj, "host", None) is None:
            return None
        site = Site(pk=obj.home_site, domain=obj.host)
        return site.url + story_path(obj.pk, obj.headline) if obj.is_public(timezone.now(), site) else None

    def get_urls(self):
        copy = path(
            "file-copy/", self.admin_site.admin_view(self.file_copy_view), name="articles_story_file_copy"
        )
        new = path(
            "<int:pk>/new-from/",
            self.admin_site.admin_view(self.new_from_view),
            name="articles_story_new_from",
        )
        return [copy, new, *super().get_urls()]

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        links = next(formset for formset in formsets if isinstance(formset, RelatedLinkFormSet))
        have_checked(addresses_of(form.instance, [link.url for link in links.links()]))

    def warnings_for(self, story: Story, rows: dict[str, list]) -> list[StoryWarning]:
        links = [link.url for link in rows["links"]]
        dead = dead_links(addresses_of(story, links))
        found = warnings_for(story, links=links, in_channel=bool(rows["listings"]), dead=dead)
        return [*found, *self._barred(story, rows["listings"])]

    def _barred(self, story: Story, listings: list[Listing]) -> list[StoryWarning]:
        """Of sites where the story is listed and which the contract of its source does not let carry it."""
        sites = {listing.channel.site for listing in listings} if story.source else ()
        names = sorted(site.name for site in sites if not story.source.may_be_carried_by(site))
        words = gettext("Not allowed on %s by the source's contract: readers do not see it there.")
        return [StoryWarning("listings", words % name) for name in names]

    def new_from_view(self, request, pk: int):
        story = self.get_object(request, str(pk))
        if story is None:
            raise Http404("No such story.")
        if not self.has_add_permission(request) or not self.has_view_permission(request, story):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        draft = new_from(story, request.user)
        self.log_addition(request, draft, f"New from story {story.pk}.")
        messages.success(request, f"A new draft from “{story}”: this is the new one.")
        return HttpResponseRedirect(reverse("admin:articles_story_change", args=[draft.pk]))

    def file_copy_view(self, request):
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = CopyForm(request.user, request.POST if request.method == "POST" else None)
        if form.is_valid():
            if not request.user.has_perm("articles.add_story", form.cleaned_data["channel"]):
                raise PermissionDenied(outside(form.cleaned_data["channel"]))
            try:
                story = file_copy(form.cleaned_data["copy"], form.cleaned_data["channel"])
            except UnfilableCopy as error:
                form.add_error("copy", str(error))
            else:
                self.log_addition(request, story, "Filed from copy.")
                messages.success(request, f"Filed as a draft: “{story}”. Read it through, then publish it.")
                return HttpResponseRedirect(reverse("admin:articles_story_change", args=[story.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": "File from copy",
            "form": form,
            "opts": self.opts,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/articles/story/file_copy.html", context)


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


class SlotForm(forms.ModelForm):
    seen_version = SeenVersion(required=False, max_value=10**9)
    refusal = ""

    class Meta:
        widgets = {"teaser": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen_version"] = self.instance.block.version
        if "position" in self.fields:
            self.fields["position"].validators += [MinValueValidator(1), MaxValueValidator(LAST_POSITION)]

    def clean(self):
        cleaned, block = super().clean(), self.instance.block if self.instance.pk else None
        if block and cleaned.get("seen_version") != block.version:
            self.add_error(None, str(StaleBlock(block)))
            # What was typed stays, now beside the block as it is: saved again, it holds.
            self.data = self.data.copy()
            self.data[self.add_prefix("seen_version")] = block.version
        elif self.refusal:
            self.add_error(None, self.refusal)
        return cleaned


@admin.register(Slot)
class SlotAdmin(LargeTableAdmin):
    """All picks, and the form of one. Written by sections.curation alone."""

    form = SlotForm
    list_display = ["__str__", "block", "position", "starts_at", "ends_at", "is_live", "picked_by"]
    list_select_related = ["block", "story"]
    list_defer = ("story__body", "teaser")
    search_fields = ["headline", "story__headline"]
    autocomplete_fields = ["block", "story", "picture"]
    ordering = ["-id"]
    fields = [
        "block", ("position", "starts_at", "ends_at"), ("story", "url"),
        "headline", "teaser", "picture", "picked_by", "seen_version",
    ]  # fmt: skip

    def get_readonly_fields(self, request, obj=None):
        return ["block", "picked_by"] if obj else ["picked_by"]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (
            obj is None or may_curate(request.user, obj.block)
        )

    def get_form(self, request, obj=None, change=False, **kwargs):  # noqa: FBT002 (Django's signature)
        form = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, "desk_refusal", "")
        return form

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (StaleBlock, ValidationError) as error:
            # Somebody curated the block between the form's own check and the act. Once more, to say so.
            request.desk_refusal = " ".join(getattr(error, "messages", [str(error)]))
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request, obj, form, change):
        if change:
            curation.change(obj, seen=form.cleaned_data["seen_version"], by=request.user)
        else:
            curation.place(obj, by=request.user)

    def delete_model(self, request, obj):
        curation.remove(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for slot in queryset.select_related("block", "story"):
            self.delete_model(request, slot)

    def response_post_save_add(self, request, obj):
        return HttpResponseRedirect(front_desk.front_of(obj.block))

    response_post_save_change = response_post_save_add

    @admin.display(boolean=True, description="live now")
    def is_live(self, slot) -> bool:
        now = timezone.now()
        return slot.starts_at <= now and (slot.ends_at is None or slot.ends_at > now)
