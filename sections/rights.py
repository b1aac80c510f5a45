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

from collections.abc import Iterable
from functools import singledispatch

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.contrib.flatpages.models import FlatPage
from django.db.models import Q, QuerySet

from articles.models import Picture, Story
from sections.models import Block, Channel, ChannelLink, Listing, Remit, Site, Slot


class RemitBackend(ModelBackend):
    """Django's own, which also answers for a row; asked without one: whether somebody may do it anywhere."""

    def get_all_permissions(self, user_obj, obj=None):
        """Django's own asks for the user's and for the groups' apart, on every page of the desk."""
        if obj is not None or not user_obj.is_active or user_obj.is_anonymous or user_obj.is_superuser:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):
            held = Q(pk__in=user_obj.user_permissions.values("pk"))
            held |= Q(group__in=user_obj.groups.values("pk"))
            rights = (
                Permission.objects.filter(held).order_by().values_list("content_type__app_label", "codename")
            )
            user_obj._perm_cache = {f"{app}.{name}" for app, name in rights}
        return user_obj._perm_cache

    def has_perm(self, user_obj, perm, obj=None):
        if obj is None or not super().has_perm(user_obj, perm):
            return super().has_perm(user_obj, perm)
        remit = remit_of(user_obj)
        return remit is None or within(obj, remit)


def remit_of(user) -> Remit | None:
    """None is the whole network. Read once for a user object, as Django reads permissions."""
    return None if user.is_superuser else getattr(user, "remit", None)


def channels_for(user, right: str) -> Iterable[Channel]:
    """Those in which the user has the right, each with its site, in the network's order; one query, and none
    once the user's remit is read."""
    if not user.has_perm(right):
        return []
    remit = remit_of(user)
    return Channel.objects.select_related("site") if remit is None else remit.reached


def in_remit(rows: QuerySet, remit: Remit) -> QuerySet:
    """Of sites, channels or blocks those in which something may be placed."""
    places = {
        Site: Q(pk__in=remit.site_keys),
        Channel: Q(pk__in=remit.channel_keys),
        Block: Q(channel__in=remit.channel_keys) | Q(home_of__in=remit.site_keys),
    }
    return rows.filter(places[rows.model])


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
