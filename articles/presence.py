"""Who has a story open: a short lease that every open form renews, and never a lock."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.models import Presence, Story

SECONDS = 30  # between two times that an open form says so, by static/js/presence.js
LEASE = timedelta(seconds=75)  # a tab in the background may say so only once a minute

CHANGED = _(
    "This story was saved by somebody else since you opened it. Save, and what both of you changed is shown."
)


def be_there(story: Story, user) -> list[Presence]:
    """Says that `user` has the story open; who else has. Two queries."""
    now = timezone.now()
    there = story.presences.filter(seen__gt=now - LEASE).select_related("user").order_by("since")
    others = [presence for presence in there if presence.user_id != user.pk]
    since = next((presence.since for presence in there if presence.user_id == user.pk), now)
    Presence.objects.bulk_create(
        [Presence(story_id=story.pk, user=user, since=since, seen=now)],
        update_conflicts=True,
        unique_fields=["story", "user"],
        update_fields=["since", "seen"],
    )
    return others


def leave(story: Story, user) -> None:
    Presence.objects.filter(story=story.pk, user=user).delete()


def forget_old() -> None:
    Presence.objects.filter(seen__lte=timezone.now() - LEASE).delete()


def in_words(presence: Presence) -> str:
    name = presence.user.get_full_name() or presence.user.get_username()
    since = f"{timezone.localtime(presence.since):%H:%M}"
    return gettext("%(name)s has this open too (since %(since)s).") % {"name": name, "since": since}
