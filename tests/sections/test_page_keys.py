"""What an act changes on a page, the keys of the page find."""

import re

import pytest
from django.db import connection, transaction

from articles import publishing, showing
from articles.merge_names import merge
from articles.models import Story, Tag
from newsportal import outbox
from newsportal.caching import KEPT
from sections import curation
from sections.models import Block, Slot
from sections.page_keys import shown_on
from tests.sections.test_outlets import every_address, network  # noqa: F401 (a fixture)

BY = {"by_name": "The suite"}


# Shared drafts are nobody else's; what a search finds, any story may change.
KEPT_NOWHERE = ("/preview/", "/search/")


def addresses_of_pages(stories) -> list[str]:
    return [address for address in every_address(stories) if not address.startswith(KEPT_NOWHERE)]


def here():
    with connection.cursor() as cursor:
        return outbox.here(cursor, connection.vendor)


def keys_since(position) -> set[str]:
    with connection.cursor() as cursor:
        return set().union(*(new.keys for new in outbox.read(cursor, connection.vendor, position)[0]))


@transaction.atomic
def take_out_of_a_channel(shown: Story, ready: Story) -> None:
    showing.record(shown)
    shown.listings.filter(primary=False).delete()
    showing.record(shown)


def update(shown: Story, ready: Story) -> None:
    shown.headline = "Open to all and new"
    publishing.update(shown, **BY)


def curate(shown: Story, ready: Story) -> None:
    block = Block.objects.filter(label="Picked", home_of=None).first()
    curation.place(Slot(block=block, url="https://x.test/", headline="Elsewhere", position=None), **BY)


# In an order in which each has something to do.
ACTS = {
    "publish": lambda shown, ready: publishing.publish(ready, **BY),
    "update": update,
    "correct": lambda shown, ready: publishing.correct(shown, note="It was another port.", **BY),
    "curate": curate,
    "merge tags": lambda *_: merge(Tag.objects.create(name="Harbour"), [Tag.objects.get(name="Port")]),
    "take out of a channel": take_out_of_a_channel,
    "kill": lambda shown, ready: publishing.kill(shown, reason="Asked for", **BY),
}
NOW = re.compile(rb"<(lastBuildDate|updated)>[^<]*<")  # what a feed without entries says


def told(response) -> tuple:
    return response.status_code, response.get("Location"), NOW.sub(b"", response.content)


def test_pages_that_an_act_changes_have_a_key_that_the_act_names(read, network):  # noqa: F811
    shown = Story.objects.get(headline="Open to all, of may.test")
    ready = Story.objects.filter(headline="Secret ready").first()
    places = [("may.test", address) for address in addresses_of_pages([shown])]
    places += [("may.test", f"/story/{shown.pk}/"), ("maynot.test", "/")]
    pages = {place: read(place[1], host=place[0]) for place in places}
    for act, do in ACTS.items():
        position, changed = here(), 0
        do(shown, ready)
        shown.refresh_from_db()
        named = keys_since(position)
        for place, old in pages.items():
            new = pages[place] = read(place[1], host=place[0])
            if old.status_code not in KEPT or told(new) == told(old):
                continue
            changed += 1
            keys = set(old["Surrogate-Key"].split())
            assert keys & named, f"{act}: {place} has {sorted(keys)}, and {sorted(named)} were named"
        assert changed, act


def test_what_an_act_does_not_change_stays(read, network):  # noqa: F811
    shown = Story.objects.get(headline="Open to all, of may.test")
    kept = [read(path, host="may.test") for path in ("/look.css", "/network/", "/robots.txt", "/feeds/")]
    position = here()
    update(shown, shown)
    named = keys_since(position)
    assert named
    for page in kept:
        assert not named & set(page["Surrogate-Key"].split())


def test_every_page_that_readers_get_names_its_keys(read, network):  # noqa: F811
    for address in addresses_of_pages(network[-3:]):
        response = read(address, host="may.test")
        if response.status_code == 200:
            assert "network" in response["Surrogate-Key"].split(), address
            assert response["xkey"] == response["Surrogate-Key"]
            assert response["Cache-Tag"].split(",") == response["xkey"].split()


def test_a_page_that_names_no_keys_is_refused():
    with pytest.raises(TypeError, match="what a str shows"):
        shown_on("a page of a kind that nobody registered")
