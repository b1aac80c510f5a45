"""The desk's list and form of stories with the channels they are listed in, and "File from copy"."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Prefetch, prefetch_related_objects
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy

from articles.contracts import contract_sentence
from articles.desk_fields import DeskFormSet, LongSelect
from articles.desk_lists import ChoiceFilter, outside
from articles.desk_story import StoryAdmin
from articles.filing import UnfilableCopy, read_copy
from articles.models import Story
from articles.story_form import ASIDE, DeskTable, RelatedLinkFormSet, pressed_verb
from articles.warnings import StoryWarning, addresses_of, warnings_for
from sections.bulk_listing import LISTED_BULK_ACTS, unreadable
from sections.cards import story_path, with_home
from sections.dead_links import dead_links, have_checked
from sections.desk_preview import PreviewPages
from sections.filing import file_copy, new_from
from sections.models import Channel, Listing, Site
from sections.remits_desk import MyChannelsFilter
from sections.rights import channels_for, remit_of


def channels():
    return Channel.objects.select_related("site").order_by(
        "site__position", "site__name", "position", "title"
    )


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
            # Without the admin's icons, which lead away from the story.
            is_required, attrs = field.widget.is_required, field.widget.widget.attrs
            field.widget = LongSelect(attrs)
            field.widget.is_required = is_required
            field.choices = self.channel_choices
            if form.instance.pk and not self._may_list(form):
                self._shut(form)

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
