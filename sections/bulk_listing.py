"""Acts on many stories that ask for their channels: to publish them, to list them in one."""

from __future__ import annotations

from django import forms
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import showing
from articles.bulk_acts import BULK_ACTS, VerbAct
from articles.desk_lists import outside
from articles.models import Source, Story
from articles.publishing import RIGHTS, ForbiddenAct, Verb
from articles.search import indexing
from sections.models import Channel, Listing, Site
from sections.rights import channels_for


def unreadable(source: Source | None, home: Site | None) -> str:
    """Why no reader would find a story whose primary channel is on that site, if so."""
    if home is None:
        return "List the story in a channel before you publish it: no reader would find it."
    if source and not source.may_be_carried_by(home):
        return f"The contract with {source} does not let {home} carry it: choose another site."
    return ""


class PublishListed(VerbAct):
    def obstacles(self, story: Story) -> list[str]:
        homes = [listing.channel.site for listing in story.listings.all() if listing.primary]
        trouble = unreadable(story.source, homes[0] if homes else None)
        return [*super().obstacles(story), *filter(None, [trouble])]


class ListForm(forms.Form):
    channel = forms.ModelChoiceField(Channel.objects.select_related("site"), label=gettext_lazy("Channel"))

    def __init__(self, data, user) -> None:
        super().__init__(data)
        own = channels_for(user, ListInChannel.right)
        self.fields["channel"].widget.choices = [("", "---------"), *((row.pk, str(row)) for row in own)]


class ListInChannel:
    """Also stories of other channels: what becomes of them there is not asked, only of this channel."""

    name, label = "list_in_channel", gettext_lazy("List in a channel")
    right = "sections.add_listing"
    needs_fresh = True

    def form(self, data, user, stories: list[Story]) -> forms.Form:
        return ListForm(data, user)

    def refusal(self, story: Story, user) -> str:
        if story.state == Story.State.PUBLISHED and not user.has_perm(RIGHTS[Verb.UPDATE]):
            return _("Readers see it: whoever may publish lists it.")
        return _("It is withdrawn.") if story.state == Story.State.WITHDRAWN else ""

    def outcome(self, story: Story) -> str:
        listed = any(listing.primary for listing in story.listings.all())
        return _("Listed there too") if listed else _("Listed there, as its primary channel")

    def do(self, story: Story, user, channel: Channel) -> None:
        if not user.has_perm(self.right, channel):
            raise PermissionDenied(outside(channel))
        listed = {listing.channel_id: listing.primary for listing in story.listings.all()}
        if channel.pk in listed:
            raise ForbiddenAct(_("It is listed there already."))
        Listing.objects.create(story=story, channel=channel, primary=not any(listed.values()))
        # Another form that is open now shows what its channels were.
        Story.objects.count_save(story)
        if story.state == Story.State.PUBLISHED:
            indexing.index([story.pk])
            showing.record(story)


LISTED_BULK_ACTS = [
    *(PublishListed(Verb.PUBLISH) if act.name == Verb.PUBLISH else act for act in BULK_ACTS),
    ListInChannel(),
]
