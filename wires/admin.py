"""The wire desk: feeds with their rules, what agencies sent, and (wires.waiting_desk) what waits."""

from __future__ import annotations

from types import SimpleNamespace

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import ngettext

from articles.desk_fields import DeskFormSet
from articles.desk_lists import ChoiceFilter, DeskAdmin, ReadOnlyAdmin, outside
from articles.story_form import DeskTable
from wires import intake
from wires.item_json import from_json
from wires.models import Dispatch, Feed, Likeness, Rule, WireCopy, WireStory
from wires.parse.item import Status
from wires.parse.text import decode
from wires.waiting_desk import REFUSALS, STORY_TEXTS, StartingFilter, story_link
from wires.writing import destination

# -- Stories of the wire ---------------------------------------------------------------


@admin.register(WireStory)
class WireStoryAdmin(ReadOnlyAdmin):
    list_display = ["guid", "provider", "story", "withheld"]
    list_select_related = ["story"]
    list_defer = tuple(f"story__{name}" for name in STORY_TEXTS)
    search_fields = ["guid", "story__headline"]
    ordering = ["-id"]
    fields = ["guid", "provider", "story", "withheld", "versions"]

    @admin.display
    def versions(self, wire_story) -> str:
        url = reverse("admin:wires_wirecopy_changelist")
        return format_html(
            '<a href="{}?wire_story={}&standing=all">What the agency sent of it</a>', url, wire_story.pk
        )


# -- Feeds ---------------------------------------------------------------------------


def channels():
    """By the key that feeds have to them: `wires` imports no sections."""
    model = Feed._meta.get_field("channel").related_model
    return model.objects.select_related("site").order_by("site__position", "site__name", "position", "title")


class RuleFormSet(DeskFormSet):
    @cached_property
    def channel_choices(self) -> list[tuple]:
        """Read once for all rows."""
        return [("", "---------"), *((channel.pk, str(channel)) for channel in channels())]

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if field := form.fields.get("channel"):
            field.choices = self.channel_choices

    def typed(self) -> list[Rule]:
        """The rules that saving would leave, in their order."""
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        rules = [form.instance for form in kept]
        return sorted(rules, key=lambda rule: (rule.position, rule.pk is None, rule.pk))


class RuleInline(DeskTable):
    model = Rule
    formset = RuleFormSet
    fields = ["position", "field", "value", "channel", "tags", "to_desk"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        return super().formfield_for_foreignkey(db_field, request, queryset=channels(), **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        if formfield and db_field.name == "channel":
            # No icons that lead away from the feed, in each row.
            formfield.widget = formfield.widget.widget
        return formfield


def may(user, right: str, feed: Feed | None) -> bool:
    """A feed files stories by the portal's own right, so who sets it up needs theirs in all its channels."""
    channels = feed.listed_in if feed else []
    return user.has_perm(right) and all(user.has_perm(right, channel) for channel in channels)


@admin.register(Feed)
class FeedAdmin(DeskAdmin):
    list_display = ["name", "source", "kind", "channel", "publish", "is_active", "last_item", "failures"]
    list_select_related = ["source", "channel__site"]
    list_filter = ["is_active", "kind"]
    search_fields = ["name"]
    autocomplete_fields = ["source"]
    readonly_fields = ["last_success", "last_item", "failures", "last_error"]
    inlines = [RuleInline]
    change_form_template = "admin/wires/feed/change_form.html"
    fieldsets = [
        (None, {"fields": ["name", "is_active", "source", "channel", "publish"]}),
        ("How it is read", {"fields": ["format", "zone"]}),
        ("How it is fetched", {"fields": ["kind", "location", "senders", "interval", "quiet_after"]}),
        ("What the last looks found", {"fields": readonly_fields}),
    ]
    tried_dispatches, tried_versions = 50, 500

    def has_delete_permission(self, request, obj=None):
        """One that has received anything is switched off instead: what came keeps its feed."""
        if obj is None or obj.dispatches.exists():
            return False
        return super().has_delete_permission(request, obj) and may(request.user, "wires.delete_feed", obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and may(request.user, "wires.change_feed", obj)

    def save_model(self, request, obj, form, change):
        """Only what was typed: the poller writes the other columns meanwhile."""
        obj.save(update_fields=form.changed_data if change else None)

    def save_related(self, request, form, formsets, change):
        """Its rules are known only now; what is refused is undone."""
        super().save_related(request, form, formsets, change)
        if not self.has_change_permission(request, Feed.objects.get(pk=form.instance.pk)):
            raise PermissionDenied(outside(form.instance))

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "channel":
            kwargs["queryset"] = channels()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_urls(self):
        view = self.admin_site.admin_view(self.try_view)
        return [path("<int:pk>/try/", view, name="wires_feed_try"), *super().get_urls()]

    def try_view(self, request, pk: int):
        """What the form, as typed, would do with what came last. Nothing of it is stored."""
        feed = self.get_object(request, str(pk))
        if feed is None:
            raise Http404("No such feed.")
        if not self.has_change_permission(request, feed):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:wires_feed_change", args=[pk]))
        form = self.get_form(request, feed, change=True)(request.POST, instance=feed)
        (form_set, _), *_ = self.get_formsets_with_inlines(request, feed)
        rules = form_set(request.POST, instance=feed, prefix=form_set.get_default_prefix())
        is_valid = all([form.is_valid(), rules.is_valid()])
        context = {
            **self.admin_site.each_context(request),
            "title": f"Rules of {Feed.objects.get(pk=pk)}, tried",
            "opts": self.opts,
            "feed": feed,
            "form": form,
            "rules": rules,
            "is_valid": is_valid,
            "tried": self._tried(feed, rules.typed()) if is_valid else [],
            "most": self.tried_dispatches,
        }
        return TemplateResponse(request, "admin/wires/feed/try.html", context)

    def _tried(self, feed: Feed, rules: list[Rule]) -> list[dict]:
        """The newest version of each story, and where it would go if it came now."""
        typed = SimpleNamespace(publish=feed.publish, channel=feed.channel)
        last = Dispatch.objects.filter(feed=feed).order_by("-pk").values("pk")[: self.tried_dispatches]
        versions = WireCopy.objects.filter(dispatch__in=last, status=Status.USABLE).order_by("-pk")
        items = {}
        for wire_story, content in versions.values_list("wire_story", "item")[: self.tried_versions]:
            items.setdefault(wire_story, from_json(content))
        return [{"item": item, "goal": destination(item, typed, rules)} for item in items.values()]


# -- What was received ---------------------------------------------------------------


class FeedFilter(ChoiceFilter):
    title = parameter_name = "feed"

    def lookups(self, request, model_admin):
        return [(str(pk), name) for pk, name in Feed.objects.values_list("pk", "name")[:100]]


# Control characters, which are the structure of the older formats, by their pictures.
PICTURED = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\r\n"} | {0x7F: 0x2421}


@admin.register(Dispatch)
class DispatchAdmin(ReadOnlyAdmin):
    list_display = ["name", "outcome", "feed", "received", "format", "why"]
    list_select_related = ["feed"]
    list_defer = ("data",)
    list_filter = ["outcome", FeedFilter]
    search_fields = ["name"]
    ordering = ["-id"]
    fields = ["name", "outcome", "reason", "feed", "received", "format", "sha256", "size", "raw"]
    change_form_template = "admin/wires/dispatch/change_form.html"
    shown = 20_000

    @admin.display(description="reason")
    def why(self, dispatch) -> str:
        return Truncator(dispatch.reason).chars(120)

    @admin.display
    def size(self, dispatch) -> str:
        return f"{len(dispatch.data):,} bytes"

    @admin.display(description="as received")
    def raw(self, dispatch) -> str:
        text = decode(bytes(dispatch.data), keep_controls=True)
        if len(text) > self.shown:
            text = f"{text[: self.shown]}\n… {len(text) - self.shown:,} more characters"
        area = (
            '<textarea class="vLargeTextField" rows="30" cols="100" readonly aria-label="Raw">\n{}</textarea>'
        )
        return format_html(area, text.translate(PICTURED))

    def get_urls(self):
        view = self.admin_site.admin_view(self.take_view)
        return [path("<int:pk>/take/", view, name="wires_dispatch_take"), *super().get_urls()]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):  # noqa: FBT002
        context["may_take"] = self._may_take(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _may_take(self, request, dispatch) -> bool:
        return dispatch.outcome == Dispatch.Outcome.QUARANTINED and self._may_change(request, dispatch)

    def _may_change(self, request, dispatch) -> bool:
        return may(request.user, "wires.change_dispatch", dispatch.feed)

    def take_view(self, request, pk: int):
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        dispatch = self.get_object(request, str(pk))
        if dispatch is None:
            raise Http404("No such dispatch.")
        if not self._may_change(request, dispatch):
            raise PermissionDenied
        if self._may_take(request, dispatch):
            self._take(request, dispatch)
        else:
            messages.error(request, "It is in quarantine no more.")
        return HttpResponseRedirect(reverse("admin:wires_dispatch_change", args=[pk]))

    def _take(self, request, dispatch) -> None:
        try:
            report = intake.take(dispatch)
        except REFUSALS as error:
            messages.error(request, str(error))
            return
        self.log_change(request, dispatch, "Taken again.")
        for failure in report.failures:
            messages.error(request, failure)
        if report.counts:
            done = ", ".join(f"{number} {outcome}" for outcome, number in sorted(report.counts.items()))
            messages.success(request, f"Taken again: {done}.")


# -- Likenesses ----------------------------------------------------------------------


class DismissedFilter(StartingFilter):
    title = parameter_name = "dismissed"

    def lookups(self, request, model_admin):
        return [("False", "To be looked at"), ("True", "Not the same"), ("all", "All")]


@admin.register(Likeness)
class LikenessAdmin(ReadOnlyAdmin):
    list_display = ["percent", "one", "two", "dismissed"]
    list_display_links = None
    list_select_related = ["story", "other"]
    list_defer = tuple(f"{side}__{name}" for side in ("story", "other") for name in STORY_TEXTS)
    list_filter = [DismissedFilter]
    ordering = ["-id"]
    actions = ["dismiss"]

    @admin.display(description="story")
    def one(self, likeness) -> str:
        return story_link(likeness.story)

    @admin.display(description="other story")
    def two(self, likeness) -> str:
        return story_link(likeness.other)

    def has_dismiss_permission(self, request) -> bool:
        return request.user.has_perm("wires.change_likeness")

    @admin.action(description="Not the same", permissions=["dismiss"])
    def dismiss(self, request, likenesses):
        """Whoever may work on one of the two stories says that it is not the other."""
        chosen = list(likenesses.prefetch_related("story__listings", "other__listings"))
        own = [likeness.pk for likeness in chosen if self._reaches(request.user, likeness)]
        Likeness.objects.filter(pk__in=own).update(dismissed=True)
        if own:
            said = ngettext("%d marked as not the same.", "%d marked as not the same.", len(own))
            messages.success(request, said % len(own))
        if left := len(chosen) - len(own):
            said = ngettext(
                "%d left: its stories are outside your remit.",
                "%d left: their stories are outside your remit.",
                left,
            )
            messages.error(request, said % left)

    def _reaches(self, user, likeness) -> bool:
        return any(
            user.has_perm("articles.change_story", story) for story in (likeness.story, likeness.other)
        )
