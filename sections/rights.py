"""Where a user's rights hold: `user.has_perm("articles.publish_story", story)`.

The groups say what somebody may do, their remit says where; both are needed. What stands where:

- a story in its primary channel, which decides on its text and on every act. One in no channel yet stands
  nowhere, so anybody with the right may work on it; no reader finds it before somebody lists it;
- a listing, a block and a channel's standing links in their channel, a slot in its block. A block of a
  home page, and a page of words, need the whole site, a page of words each of its sites;
- a picture wherever readers see it, so whoever changes it needs all of those places.

Sources, tags, authors and places belong to the whole network: there the group alone decides.
"""

from __future__ import annotations

from functools import singledispatch

from django.contrib.auth.backends import ModelBackend
from django.contrib.flatpages.models import FlatPage

from articles.models import Picture, Story
from sections.models import Block, Channel, ChannelLink, Listing, Remit, Site, Slot


class RemitBackend(ModelBackend):
    """Django's own, which also answers for a row; asked without one: whether somebody may do it anywhere."""

    def has_perm(self, user_obj, perm, obj=None):
        if obj is None or not super().has_perm(user_obj, perm):
            return super().has_perm(user_obj, perm)
        remit = remit_of(user_obj)
        return remit is None or within(obj, remit)


def remit_of(user) -> Remit | None:
    """None is the whole network. Read once for a user object, as Django reads permissions."""
    return None if user.is_superuser else getattr(user, "remit", None)


def channels_for(user, right: str, channels):
    """Those of a queryset of channels in which the user has the right."""
    if not user.has_perm(right):
        return channels.none()
    remit = remit_of(user)
    return channels if remit is None else channels.filter(pk__in=remit.channel_keys)


@singledispatch
def within(row, remit: Remit) -> bool:
    """Whether all the places where the row stands are in the remit."""
    return True


@within.register
def _(story: Story, remit):
    """One query, unless the listings are prefetched."""
    listings = story.listings.all() if story.pk else []
    return all(within(listing, remit) for listing in listings if listing.primary)


@within.register
def _(listing: Listing, remit):
    return listing.channel_id in remit.channel_keys


@within.register
def _(channel: Channel, remit):
    return channel.pk in remit.channel_keys or channel.site_id in remit.site_keys


@within.register
def _(link: ChannelLink, remit):
    return link.channel_id in remit.channel_keys


@within.register
def _(site: Site, remit):
    return site.pk in remit.site_keys


@within.register
def _(block: Block, remit):
    return block.channel_id in remit.channel_keys or block.home_of_id in remit.site_keys


@within.register
def _(slot: Slot, remit):
    return within(slot.block, remit)


@within.register
def _(picture: Picture, remit):
    if not picture.pk:
        return True
    shown = picture.stories.exclude(state__in=Story.WORKING_STATES).prefetch_related("listings")
    slots = Slot.objects.filter(picture=picture).select_related("block")
    return all(within(row, remit) for row in (*shown, *slots))


@within.register
def _(page: FlatPage, remit):
    return not page.pk or {site.pk for site in page.sites.all()} <= remit.site_keys
