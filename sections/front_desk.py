"""The desk's pages of fronts: the list of all, the page where one is curated, and its preview.

BlockAdmin puts them under its own address. Every act goes to sections.curation.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from articles.desk_fields import DeskFields
from articles.desk_search import TOO_MANY
from articles.models import Story
from articles.models.stories import clock
from articles.search.streams import TooSlow
from sections import curation
from sections.curation import LAST_POSITION, StaleBlock, may_curate
from sections.fronts import (
    PLACEABLE,
    Found,
    Front,
    Kind,
    desk_blocks,
    find_front,
    front_lines,
    placeable,
    readers_page,
)
from sections.models import Block, Channel, Site, Slot

LAST_KEY = 2**63 - 1


def front_url(kind: str, pk: int) -> str:
    return reverse("admin:sections_front", args=[kind, pk])


def front_of(block: Block) -> str:
    """Where the block is curated."""
    if block.home_of_id:
        return front_url(Kind.HOME, block.home_of_id)
    return front_url(Kind.CHANNEL if block.on_front else Kind.STORIES, block.channel_id)


# -- Forms ---------------------------------------------------------------------------


class Moment(forms.DateTimeField):
    """A date and a time in the editor's zone."""

    def __init__(self, **kwargs):
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, required=False, **kwargs)
        self.validators = [*self.validators, *DeskFields.time_limits]


class AsOfForm(forms.Form):
    at = Moment(label=gettext_lazy("As of"))


class SearchForm(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Words of headline, slugline or tags, or the number"), max_length=200
    )

    def found(self, front: Front) -> list[Found] | None:
        """None where nothing was asked, or the form now says why there is no answer."""
        if not self.is_valid():
            return None
        try:
            return placeable(self.cleaned_data["q"], front)
        except TooSlow:
            self.add_error("q", TOO_MANY)
            return None


class SpotForm(forms.Form):
    """Where on the front, and for how long."""

    block = forms.ChoiceField(label=gettext_lazy("Block"))
    position = forms.IntegerField(
        label=gettext_lazy("Position"), required=False, min_value=1, max_value=LAST_POSITION,
        help_text=gettext_lazy("Empty: the first that is free"),
    )  # fmt: skip
    starts_at = Moment(label=gettext_lazy("From"), help_text=gettext_lazy("Empty: at once"))
    ends_at = Moment(label=gettext_lazy("To"), help_text=gettext_lazy("Empty: as the block has it"))

    def __init__(self, front: Front, blocks: list[Block], *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.front, self.blocks = front, {str(block.pk): block for block in blocks}
        self.fields["block"].choices = [(pk, _spot(block)) for pk, block in self.blocks.items()]

    def slot(self) -> Slot:
        given = dict(self.cleaned_data)
        block = self.blocks[given.pop("block")]
        starts_at = given.pop("starts_at") or max(self.front.at, timezone.now())
        ends_at = given.pop("ends_at") or block.end_of_pick(starts_at)
        return Slot(block=block, starts_at=starts_at, ends_at=ends_at, **given)


def _spot(block: Block) -> str:
    if block.default_hours is None:
        return _("%s (a pick stays)") % block.label
    return _("%(block)s (a pick stays %(hours)s h)") % {"block": block.label, "hours": block.default_hours}


class PlaceForm(SpotForm):
    none = gettext_lazy("Choose one of the stories found.")
    story = forms.IntegerField(
        widget=forms.HiddenInput, min_value=1, max_value=LAST_KEY, error_messages={"required": none}
    )

    def clean_story(self) -> Story:
        stories = Story.objects.filter(state__in=PLACEABLE).only("headline")
        if story := stories.filter(pk=self.cleaned_data["story"]).first():
            return story
        raise ValidationError(self.none)


class LinkForm(SpotForm):
    url = forms.URLField(label=gettext_lazy("Address"), max_length=500, assume_scheme="https")
    headline = forms.CharField(label=gettext_lazy("Headline"), max_length=300)
    teaser = forms.CharField(
        label=gettext_lazy("Teaser"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    field_order = ["url", "headline", "teaser"]


class ActForm(forms.Form):
    """A button of one row: of a pick (`slot`) or of a story that fills the block up (`story`).

    `into` is another block of the page that the row was moved to, and `into_seen` its version.
    """

    key = {"min_value": 1, "max_value": LAST_KEY, "required": False}
    block = forms.IntegerField(**key | {"required": True})
    seen = forms.IntegerField(**key | {"required": True})
    slot = forms.IntegerField(**key)
    story = forms.IntegerField(**key)
    position = forms.IntegerField(min_value=1, required=False)
    into = forms.IntegerField(**key)
    into_seen = forms.IntegerField(**key)
    to = forms.IntegerField(required=False)
    remove = forms.BooleanField(required=False)


# -- Pages ---------------------------------------------------------------------------


def urls() -> list:
    view = admin.site.admin_view
    return [
        path("fronts/", view(fronts), name="sections_fronts"),
        path("front/<str:kind>/<int:pk>/", view(front), name="sections_front"),
        path("front/<str:kind>/<int:pk>/preview/", view(preview), name="sections_front_preview"),
    ]


def _shown_to(request) -> None:
    if not request.user.has_perm("sections.view_block"):
        raise PermissionDenied


def _render(request, template: str, title: str, **context) -> TemplateResponse:
    context |= admin.site.each_context(request) | {"title": title, "opts": Block._meta}
    return TemplateResponse(request, f"admin/sections/{template}.html", context)


@require_safe
def fronts(request):
    _shown_to(request)
    return _render(request, "fronts", _("Fronts"), sites=front_lines(timezone.now()))


def _asked(request, kind: str, pk: int) -> tuple[Front, AsOfForm]:
    """The front at the moment asked for, and the form that asks."""
    _shown_to(request)
    form = AsOfForm(request.GET if "at" in request.GET else None)
    at = (form.is_valid() and form.cleaned_data["at"]) or timezone.now()
    if found := find_front(kind, pk, at):
        return found, form
    raise Http404("No such front.")


def front(request, kind: str, pk: int):
    asked, as_of = _asked(request, kind, pk)
    blocks = list(Block.objects.filter(asked.which)) if request.method == "POST" else []
    place = link = None
    if "place" in request.POST:
        place = PlaceForm(asked, blocks, request.POST, prefix="place")
    elif "link" in request.POST:
        link = LinkForm(asked, blocks, request.POST, prefix="link")
    elif request.method == "POST":
        _act(request, asked, blocks)
        return HttpResponseRedirect(request.get_full_path())
    if (form := place or link) and form.is_valid() and _place(request, form):
        return HttpResponseRedirect(request.get_full_path())
    return _show(request, asked, as_of, place, link)


def _show(request, asked: Front, as_of: AsOfForm, place, link) -> TemplateResponse:
    search = SearchForm(request.GET if "q" in request.GET else None)
    blocks = desk_blocks(asked)
    own = [block.block for block in blocks if block.block]
    past = as_of.is_bound and asked.at < timezone.now()
    mine = {block.pk for block in own if not past and may_curate(request.user, block)}
    initial = {"starts_at": asked.at} if as_of.is_bound else {}
    spots = [block for block in own if block.pk in mine]
    return _render(
        request,
        "front",
        asked.title,
        front=asked,
        blocks=blocks,
        mine=mine,
        past=past,
        as_of=as_of,
        moment=urlencode({"at": as_of["at"].value()}) if as_of.is_bound else "",
        search=search,
        found=search.found(asked),
        chosen=place["story"].value() if place else "",
        place=place or PlaceForm(asked, spots, prefix="place", initial=initial),
        link=link or LinkForm(asked, spots, prefix="link", initial=initial),
    )


def _place(request, form: SpotForm) -> bool:
    """Whether the new slot was placed; if not, the form says why and keeps what was typed."""
    slot = form.slot()
    try:
        curation.place(slot, by=request.user)
    except ValidationError as error:
        form.add_error(None, [message for messages_ in error.message_dict.values() for message in messages_])
    except StaleBlock as error:
        form.add_error(None, str(error))
    else:
        until = _(" until %s") % clock(slot.ends_at) if slot.ends_at else ""
        words = {"slot": slot, "block": slot.block, "position": slot.position}
        said = _("“%(slot)s” is placed in “%(block)s” at position %(position)s") % words
        messages.success(request, f"{said}{until}.")
    return not form.errors


def _act(request, asked: Front, blocks: list[Block]) -> None:
    """Of a row's button. What could not be done is told, and the page comes back as it is now."""
    form = ActForm(request.POST)
    if not form.is_valid():
        raise BadRequest("The page did not send this form: reload it.")
    given = form.cleaned_data
    try:
        block, into = _block(given["block"], blocks), given["into"] and _block(given["into"], blocks)
        messages.success(request, _act_on(block, into, given, asked, request.user))
    except StaleBlock as error:
        messages.error(request, str(error))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))


def _block(pk: int, blocks: list[Block]) -> Block:
    if found := next((block for block in blocks if block.pk == pk), None):
        return found
    raise StaleBlock(Block(pk=pk, label=_("a block")))


def _act_on(block: Block, into: Block | None, given: dict, asked: Front, user) -> str:
    if given["slot"] is None:
        return _pin(block, into, given, asked, user)
    who = {"seen": given["seen"], "by": user}
    slot = block.slots.select_related("story", "block").filter(pk=given["slot"]).first()
    if slot is None:
        raise StaleBlock(block)
    if given["remove"]:
        curation.remove(slot, **who)
        return _("“%(slot)s” is removed from “%(block)s”") % _words(slot)
    if into:
        curation.transfer(slot, into, given["to"] or 1, seen_there=given["into_seen"], **who)
        return _("“%(slot)s” is in “%(block)s” at position %(position)s now") % _words(slot)
    curation.move(slot, given["to"] or slot.position, **who)
    return _("“%(slot)s” is at position %(position)s now") % _words(slot)


def _pin(block: Block, into: Block | None, given: dict, asked: Front, user) -> str:
    story = get_object_or_404(Story.objects.only("headline"), pk=given["story"])
    starts_at = max(asked.at, timezone.now())
    slot = Slot(block=into or block, story=story, starts_at=starts_at)
    slot.ends_at = slot.block.end_of_pick(starts_at)
    slot.position = None if into else given["position"] or 1
    seen = given["into_seen"] if into else given["seen"]
    curation.pin(slot, given["to"] or slot.position or 1, seen=seen, by=user)
    if into:
        return _("“%(slot)s” is pinned in “%(block)s” at position %(position)s") % _words(slot)
    return _("“%(slot)s” is pinned at position %(position)s") % _words(slot)


def _words(slot: Slot) -> dict:
    return {"slot": slot, "block": slot.block, "position": slot.position}


# -- Preview -------------------------------------------------------------------------


@require_safe
@never_cache
def preview(request, kind: str, pk: int):
    """The readers' own page at that moment, marked and for nobody else."""
    asked, _form = _asked(request, kind, pk)
    as_of, site = clock(asked.at), asked.network.site
    with translation.override(site.language):
        template, page = readers_page(asked)
        if page is None:
            raise Http404("No story of the channel is public then.")
        context = {"page": page, "site": site, "network": asked.network, "as_of": as_of}
        response = TemplateResponse(request, f"sections/{template}.html", context).render()
    response["X-Robots-Tag"] = "noindex"
    return response


# -- Links to it ---------------------------------------------------------------------


def fronts_of(row: Site | Channel) -> list[tuple[str, str]]:
    """Title and address of what is curated of a site or a channel."""
    kinds = [Kind.HOME] if isinstance(row, Site) else [Kind.CHANNEL, Kind.STORIES]
    return [(str(kind.label), front_url(kind, row.pk)) for kind in kinds]
