"""The picture of a wire story: ordered with the story, fetched afterwards, written anew, put on the story.

Never hot-linked. The order is part of the transaction that stores the story; fetching is part of none, so
that no slow server holds a lock. An order is claimed before it is worked off, and a claim ends by itself:
whoever is killed in between leaves it to the next.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from articles import publishing
from articles.models import Picture, Source, Story
from articles.models.stories import StaleVersion, WrongDoor
from articles.picture_files import Unusable
from articles.picture_storing import store
from articles.publishing import ForbiddenAct
from wires.fetch import FetchError, http
from wires.item_json import from_json
from wires.models import Dispatch, Feed, PictureOrder, WireCopy, WireStory
from wires.parse.item import Rendition, WireItem, WirePicture
from wires.picture_files import attached, beside, best_rendition, is_bare_name, is_url
from wires.writing import is_edited

logger = logging.getLogger(__name__)

Outcome = PictureOrder.Outcome
State = Story.State

TRIES = 5
PATIENCE = timedelta(minutes=10)  # before the second try; longer each time. Fetching takes seconds.
BROKEN_OFF = "Fetching it was broken off."


# -- Ordering it -------------------------------------------------------------------


def order_picture(story: Story, item: WireItem, copy: WireCopy) -> None:
    """Notes the item's first picture that could be fetched; the caller's transaction writes the story.

    Not if the story has one, nor if it had one from the wire before, which an editor has taken away.
    """
    picture = next((picture for picture in item.pictures if best_rendition(picture)), None)
    if picture is None or story.picture_id:
        return
    dispatch = Dispatch.objects.defer("data").select_related("feed").get(pk=copy.dispatch_id)
    order = {
        "dispatch": dispatch,
        "picture": asdict(picture),
        "folder": _folder(dispatch),
        "outcome": Outcome.WANTED,
        "attempts": 0,
        "reason": "",
        "next_try": timezone.now(),
    }
    _, is_new = PictureOrder.objects.get_or_create(story=story, defaults=order)
    if not is_new:
        PictureOrder.objects.filter(story=story).exclude(outcome=Outcome.DONE).update(**order)


def _folder(dispatch: Dispatch) -> str:
    """Where the story's own file lay, if it came as a file and not over the net or by mail."""
    if dispatch.feed and dispatch.feed.kind == Feed.Kind.FOLDER:
        return dispatch.feed.location
    is_by_hand = dispatch.feed is None or dispatch.feed.kind == Feed.Kind.BY_HAND
    path = Path(dispatch.name).absolute()
    return str(path.parent) if is_by_hand and path.is_file() else ""


# -- Working orders off --------------------------------------------------------------


def fetch_pictures(now: datetime, limit: int = 50) -> Counter[str]:
    """Works off the orders that are due, those that have waited longest first; counts by outcome."""
    counts: Counter[str] = Counter()
    waiting = PictureOrder.objects.filter(outcome=Outcome.WANTED, next_try__lte=now)
    # Whoever had the last try was killed in it.
    given_up = waiting.filter(attempts__gte=TRIES).update(outcome=Outcome.FAILED)
    if given_up:
        counts["pictures given up"] = given_up
    for pk, attempts in list(waiting.order_by("next_try", "pk").values_list("pk", "attempts")[:limit]):
        if _claim(pk, attempts, now):
            counts[_work_off(PictureOrder.objects.get(pk=pk))] += 1
    return counts


def _claim(pk: int, attempts: int, now: datetime) -> bool:
    unclaimed = PictureOrder.objects.filter(pk=pk, outcome=Outcome.WANTED, attempts=attempts)
    # By the clock, for the orders before this one have taken their time.
    next_try = max(now, timezone.now()) + http.back_off(attempts, PATIENCE)
    return unclaimed.update(attempts=attempts + 1, next_try=next_try, reason=BROKEN_OFF) == 1


def _work_off(order: PictureOrder) -> str:
    try:
        objection = _objection(WireStory.objects.select_related("story").get(story=order.story_id))
        if not objection:
            objection = _put_on_story(order, _stored(order))
    except (OperationalError, InterfaceError):
        raise  # our own database is away: nothing can be noted, and the claim ends by itself
    except (FetchError, Unusable, OSError, StaleVersion, WrongDoor, ForbiddenAct) as error:
        return _put_off(order, str(error))
    except Exception as error:
        # Such as a storage elsewhere, whose errors are its own.
        logger.exception("The picture of story %s could not be fetched.", order.story_id)
        return _put_off(order, repr(error))
    if objection:
        _close(order, Outcome.DROPPED, objection)
        return "pictures not needed"
    return "pictures stored"


def _put_off(order: PictureOrder, reason: str) -> str:
    is_last = order.attempts >= TRIES
    _close(order, Outcome.FAILED if is_last else Outcome.WANTED, reason)
    return "pictures given up" if is_last else "pictures put off"


def _close(order: PictureOrder, outcome: str, reason: str) -> None:
    """Writes nothing if the story has ordered another one since, or another process has this in hand."""
    _mine(order).update(outcome=outcome, reason=reason)


def _mine(order: PictureOrder) -> QuerySet[PictureOrder]:
    """The order as long as it is the one that was claimed."""
    return PictureOrder.objects.filter(pk=order.pk, outcome=Outcome.WANTED, next_try=order.next_try)


def _objection(wire_story: WireStory) -> str:
    """Why the story is to get no picture from the wire; empty if it may."""
    story = wire_story.story
    if story.picture_id:
        return "The story has a picture."
    if is_edited(wire_story):
        return "An editor has changed the story."
    if story.state in (State.SPIKED, State.WITHDRAWN):
        return f"The story is {story.get_state_display().lower()}."
    return ""


def _stored(order: PictureOrder) -> Picture:
    """The picture with its files in the storage, and no row yet."""
    [said] = from_json({"format": "", "pictures": [order.picture]}).pictures
    data = _bytes(order, best_rendition(said))
    picture = Picture(
        alt_text=alt_text(said, order.story.headline),
        caption=said.caption,
        credit=credit(said, order.story.source)[:200],
    )
    store(picture, data)
    return picture


def alt_text(picture: WirePicture, headline: str) -> str:
    sentence = re.split(r"(?<=[.!?])\s", picture.caption.strip(), maxsplit=1)[0]
    return (picture.alt_text or sentence or picture.headline or headline)[:300]


def credit(picture: WirePicture, source: Source | None) -> str:
    """Never empty where the agency has one: it is due by contract."""
    return picture.credit or (source.credit if source else "")


def _put_on_story(order: PictureOrder, picture: Picture) -> str:
    """Why it was not put there after all; empty if it was."""
    try:
        objection = _put(order, picture)
    except (OperationalError, InterfaceError):
        raise  # it may have been committed all the same, so the file stays
    except Exception:
        picture.file.delete(save=False)
        raise
    if objection:
        picture.file.delete(save=False)
    return objection


@transaction.atomic
def _put(order: PictureOrder, picture: Picture) -> str:
    # The lock that the intake takes, so that no version comes in between.
    wire_story = WireStory.objects.select_for_update().get(story=order.story_id)
    if objection := _objection(wire_story):
        return objection
    if not _mine(order).update(outcome=Outcome.DONE, reason=""):
        return "Another one has been ordered."
    picture.save()
    story = wire_story.story
    story.picture = picture
    if story.state == State.PUBLISHED:
        by_name = f"Wire: {wire_story.provider}"[:150]
        publishing.update(story, by_name=by_name, reason="Picture from the wire")
    else:
        story.save()
    return ""


# -- Where its bytes are ---------------------------------------------------------------


def _bytes(order: PictureOrder, rendition: Rendition | None) -> bytes:
    if rendition is None:
        raise Unusable("It has no rendition that could be fetched.")
    if is_url(rendition.href):
        networks = getattr(settings, "FEED_PRIVATE_NETWORKS", ())
        return http.fetch(rendition.href, user_agent="newsportal", allow_private=networks).data
    if order.dispatch.format == "mail":
        return attached(bytes(order.dispatch.data), rendition.href)
    if not order.folder or not is_bare_name(rendition.href):
        raise Unusable("It is the name of a file, and the story did not come as one.")
    return beside(Path(order.folder), rendition.href)
