"""A wire story's picture comes after the story, is checked and stored here, and never overrules an editor."""

import base64
import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from articles import publishing
from articles.models import Picture, Source, Story
from articles.picture_storing import store
from articles.renditions import SET
from tests.factories import make_channel, make_site, photo
from wires import pictures
from wires.fetch import FetchError
from wires.fetch.http import Fetched
from wires.intake import receive
from wires.models import Dispatch, Feed, PictureOrder, WireStory
from wires.parse.item import Rendition, WirePicture
from wires.picture_files import best_rendition
from wires.pictures import PATIENCE, TRIES, alt_text, credit, fetch_pictures
from wires.writing import is_edited

pytestmark = pytest.mark.django_db
LATER = timedelta(days=2)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def feed():
    """Publishes at once."""
    channel = make_channel(make_site("main.test", is_default=True))
    return Feed.objects.create(name="knw", channel=channel, publish=True)


def ninjs(*hrefs: str, number: int = 1, **changes) -> bytes:
    renditions = {str(place): {"href": href, "mimetype": "image/jpeg"} for place, href in enumerate(hrefs)}
    picture = {
        "uri": "urn:knw:tug",
        "type": "picture",
        "description_text": "A tug leaves Skarvik. Fog hides the pier.",
        "byline": "Ida Holm/KNW",
        "renditions": renditions,
    }
    item = {
        "uri": "urn:knw:harbour",
        "version": str(number),
        "versioncreated": f"2026-03-03T{number:02}:00:00Z",
        "type": "text",
        "source": "Kestrel Newswire",
        "headline": f"Tugs go out again, take {number}",
        "body_text": "The tugs went out at noon.",
        "associations": {"main": picture},
    }
    return json.dumps(item | changes).encode()


def file_story(inbox, *hrefs: str, feed: Feed | None = None, **changes) -> Story:
    """A story whose picture tug.jpg lies beside it, unless it is said to be elsewhere."""
    data = ninjs(*(hrefs or ["tug.jpg"]), **changes)
    path = inbox / "story.json"
    path.write_bytes(data)
    receive(data, str(path), feed)
    return the_story()


def the_story() -> Story:
    return Story.objects.get(guid="urn:knw:harbour")


def fetch(after: timedelta = timedelta(0)) -> dict[str, int]:
    return dict(fetch_pictures(timezone.now() + after, limit=50))


def outcome() -> tuple[str, str]:
    order = PictureOrder.objects.get()
    return order.outcome, order.reason


def files(media) -> list[str]:
    return [path.name for path in media.rglob("*") if path.is_file()]


# -- On the story ------------------------------------------------------------------


def test_a_picture_beside_the_storys_file_comes_onto_the_draft(inbox, media):
    (inbox / "tug.jpg").write_bytes(photo())
    assert file_story(inbox).picture is None
    assert fetch() == {"pictures stored": 1}
    story = the_story()
    picture = story.picture
    assert (story.state, picture.width, picture.height) == ("draft", 64, 48)
    assert (picture.alt_text, picture.credit) == ("A tug leaves Skarvik.", "Ida Holm/KNW")
    assert picture.caption == "A tug leaves Skarvik. Fog hides the pier."
    assert [name for name in files(media) if "-" not in name] == [Path(picture.file.name).name]
    assert picture.renditions == SET
    assert outcome() == ("done", "")


def test_a_public_story_gets_it_by_an_update_of_the_wire(inbox, feed):
    (inbox / "tug.jpg").write_bytes(photo())
    file_story(inbox, feed=feed)
    fetch()
    version = the_story().versions.first()
    assert (version.number, version.kind, version.reason) == (2, "update", "Picture from the wire")
    assert version.by_name.startswith("Wire: ")
    assert version.content["picture"] == Picture.objects.get().pk


def test_it_does_not_count_as_an_editors_change(inbox, feed):
    (inbox / "tug.jpg").write_bytes(photo())
    file_story(inbox, feed=feed)
    fetch()
    assert not is_edited(WireStory.objects.get())
    assert file_story(inbox, feed=feed, number=2).headline == "Tugs go out again, take 2"
    assert the_story().picture is not None


def test_fetching_again_does_nothing(inbox):
    (inbox / "tug.jpg").write_bytes(photo())
    file_story(inbox)
    fetch()
    version = the_story().version
    assert fetch(LATER) == {}
    assert (the_story().version, Picture.objects.count()) == (version, 1)


def test_the_ingest_command_fetches_it_and_keeps_the_picture_file_once(inbox, capsys):
    (inbox / "story.json").write_bytes(ninjs("tug.jpg"))
    (inbox / "tug.jpg").write_bytes(photo())
    call_command("ingest", inbox)
    assert "1 filed, 1 left alone (picture), 1 pictures stored, 0 failed" in capsys.readouterr().out
    assert the_story().picture is not None
    call_command("ingest", inbox)
    kept = Dispatch.objects.get(name=str(inbox / "tug.jpg"))
    assert (kept.format, kept.outcome, bytes(kept.data)) == ("picture", "taken", photo())
    call_command("ingest", replay=str(kept.pk))
    assert Dispatch.objects.count() == 2
    assert not Dispatch.objects.exclude(outcome="taken").exists()


def test_a_dry_run_fetches_nothing(inbox, media):
    (inbox / "story.json").write_bytes(ninjs("tug.jpg"))
    (inbox / "tug.jpg").write_bytes(photo())
    call_command("ingest", inbox, "--dry-run", verbosity=0)
    assert (PictureOrder.objects.count(), files(media)) == (0, [])


# -- Editors come first --------------------------------------------------------------


def test_a_story_with_a_picture_of_an_editor_keeps_it(inbox):
    (inbox / "tug.jpg").write_bytes(photo())
    story = file_story(inbox)
    chosen = story.picture = Picture.objects.create(file="own.jpg", width=1, height=1, alt_text="Our own")
    story.save()
    assert fetch() == {"pictures not needed": 1}
    assert the_story().picture == chosen
    assert outcome() == ("dropped", "The story has a picture.")


def test_a_story_that_an_editor_changed_is_left_alone(inbox, media):
    (inbox / "tug.jpg").write_bytes(photo())
    story = file_story(inbox)
    story.headline = "Tugs sail at last"
    story.save()
    assert fetch() == {"pictures not needed": 1}
    assert (the_story().picture, files(media)) == (None, [])


def test_an_edit_while_it_is_fetched_wins_and_leaves_no_file(inbox, media, monkeypatch):
    (inbox / "tug.jpg").write_bytes(photo())
    file_story(inbox)

    def edit_meanwhile(picture, data):
        story = the_story()
        story.headline = "Tugs sail at last"
        story.save()
        return store(picture, data)

    monkeypatch.setattr(pictures, "store", edit_meanwhile)
    assert fetch() == {"pictures not needed": 1}
    assert (the_story().picture, the_story().headline) == (None, "Tugs sail at last")
    assert (files(media), Picture.objects.count()) == ([], 0)


def test_a_save_in_the_same_instant_is_not_overwritten(inbox, media, monkeypatch):
    (inbox / "tug.jpg").write_bytes(photo())
    file_story(inbox)
    save = Picture.save

    def save_after_an_editor(picture, **kwargs):
        Story.objects.filter(pk=the_story().pk).update(version=7, teaser="Out at last.")
        save(picture, **kwargs)

    monkeypatch.setattr(Picture, "save", save_after_an_editor)
    assert fetch() == {"pictures put off": 1}
    assert files(media) == []
    monkeypatch.undo()
    assert fetch(LATER) == {"pictures stored": 1}


def test_a_withdrawn_story_gets_none(inbox, feed):
    (inbox / "tug.jpg").write_bytes(photo())
    publishing.kill(file_story(inbox, feed=feed), reason="Libel", by_name="An editor")
    assert fetch() == {"pictures not needed": 1}
    assert outcome() == ("dropped", "The story is withdrawn.")


def test_a_picture_that_an_editor_took_away_does_not_come_back(inbox):
    (inbox / "tug.jpg").write_bytes(photo())
    file_story(inbox)
    fetch()
    story = the_story()
    story.picture = None
    story.save()
    file_story(inbox, number=2)
    assert fetch(LATER) == {}
    assert the_story().picture is None


# -- Tries -------------------------------------------------------------------------------


def test_a_picture_that_arrives_after_its_story_is_found_at_a_later_try(inbox):
    file_story(inbox)
    assert fetch() == {"pictures put off": 1}
    assert outcome()[0] == "wanted"
    assert "No such file" in outcome()[1]
    (inbox / "tug.jpg").write_bytes(photo())
    assert fetch() == {}
    assert fetch(PATIENCE + timedelta(seconds=5)) == {"pictures stored": 1}


def test_the_waits_grow_and_after_the_last_try_it_is_given_up_with_the_reason(inbox):
    file_story(inbox)
    waits = []
    for number in range(1, TRIES + 1):
        now = max(PictureOrder.objects.get().next_try, timezone.now())
        assert fetch_pictures(now, 50) == {"pictures given up" if number == TRIES else "pictures put off": 1}
        waits.append(PictureOrder.objects.get().next_try - now)
    assert waits == sorted(waits)
    assert waits[-1] >= 8 * PATIENCE
    assert outcome()[0] == "failed"
    assert "No such file" in outcome()[1]
    assert fetch(LATER) == {}


def test_a_new_version_orders_anew_what_was_given_up(inbox):
    file_story(inbox)
    PictureOrder.objects.update(outcome="failed", attempts=TRIES)
    (inbox / "ferry.jpg").write_bytes(photo(size=(32, 32)))
    file_story(inbox, "ferry.jpg", number=2)
    assert fetch() == {"pictures stored": 1}
    assert the_story().picture.width == 32


def test_an_order_is_worked_off_by_one_process_only(inbox, monkeypatch):
    (inbox / "tug.jpg").write_bytes(photo())
    file_story(inbox)
    others = []

    def look_while_another_works(picture, data):
        others.append(fetch())
        return store(picture, data)

    monkeypatch.setattr(pictures, "store", look_while_another_works)
    assert fetch() == {"pictures stored": 1}
    assert others == [{}]


def test_of_two_that_saw_an_order_at_once_one_gets_it(inbox):
    file_story(inbox)
    order, now = PictureOrder.objects.get(), timezone.now()
    assert [pictures._claim(order.pk, order.attempts, now) for _ in range(2)] == [True, False]


def test_a_slow_fetcher_does_not_put_an_old_picture_in_the_place_of_a_newer_one(inbox, media, monkeypatch):
    (inbox / "tug.jpg").write_bytes(photo())
    (inbox / "ferry.jpg").write_bytes(photo(size=(32, 32)))
    file_story(inbox)

    def new_version_meanwhile(picture, data):
        monkeypatch.undo()
        file_story(inbox, "ferry.jpg", number=2)
        return store(picture, data)

    monkeypatch.setattr(pictures, "store", new_version_meanwhile)
    assert fetch() == {"pictures not needed": 1}
    assert (outcome()[0], the_story().picture, files(media)) == ("wanted", None, [])
    assert fetch() == {"pictures stored": 1}
    assert the_story().picture.width == 32


def test_who_is_killed_while_fetching_leaves_it_to_the_next(inbox, monkeypatch):
    (inbox / "tug.jpg").write_bytes(photo())
    file_story(inbox)

    def die(picture, data):
        raise KeyboardInterrupt

    monkeypatch.setattr(pictures, "store", die)
    with pytest.raises(KeyboardInterrupt):
        fetch()
    monkeypatch.undo()
    assert outcome() == ("wanted", "Fetching it was broken off.")
    assert fetch() == {}
    assert fetch(PATIENCE * 1.1) == {"pictures stored": 1}


def test_who_is_killed_in_the_last_try_gives_it_up(inbox):
    file_story(inbox)
    PictureOrder.objects.update(attempts=TRIES)
    assert fetch() == {"pictures given up": 1}
    assert outcome()[0] == "failed"


def test_one_that_fails_in_a_way_nobody_foresaw_does_not_stop_the_others(inbox, monkeypatch, caplog):
    (inbox / "tug.jpg").write_bytes(photo())
    file_story(inbox)
    receive(ninjs("tug.jpg", uri="urn:knw:other"), str(inbox / "story.json"))
    calls = []

    def fails_once(picture, data):
        calls.append(data)
        if len(calls) == 1:
            raise ZeroDivisionError
        return store(picture, data)

    monkeypatch.setattr(pictures, "store", fails_once)
    assert fetch() == {"pictures put off": 1, "pictures stored": 1}
    assert "could not be fetched" in caplog.text


def test_a_database_that_goes_away_is_no_failure_of_the_picture(inbox, monkeypatch):
    (inbox / "tug.jpg").write_bytes(photo())
    file_story(inbox)

    def gone(self, **kwargs):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(Picture, "save", gone)
    with pytest.raises(OperationalError):
        fetch()
    monkeypatch.undo()
    assert (outcome()[0], the_story().picture) == ("wanted", None)
    assert fetch(LATER) == {"pictures stored": 1}


# -- Where from --------------------------------------------------------------------------


def test_a_picture_on_the_web_is_fetched_and_not_linked(inbox, media, monkeypatch, settings):
    asked = []

    def answer(url, **options):
        asked.append((url, options["allow_private"]))
        return Fetched(photo("PNG"), "", "", "image/png", url)

    settings.FEED_PRIVATE_NETWORKS = ["10.20.0.0/16"]
    monkeypatch.setattr("wires.fetch.http.fetch", answer)
    file_story(inbox, "https://pictures.example/tug.jpg?size=4")
    assert fetch() == {"pictures stored": 1}
    assert asked == [("https://pictures.example/tug.jpg?size=4", ["10.20.0.0/16"])]
    assert the_story().picture.file.name.endswith(".png")


def test_a_server_that_refuses_is_asked_again_later(inbox, monkeypatch):
    def answer(url, **options):
        raise FetchError("pictures.example answers 403 Forbidden")

    monkeypatch.setattr("wires.fetch.http.fetch", answer)
    file_story(inbox, "https://pictures.example/tug.jpg")
    assert fetch() == {"pictures put off": 1}
    assert outcome() == ("wanted", "pictures.example answers 403 Forbidden")


def test_an_address_inside_our_network_is_not_asked(inbox):
    file_story(inbox, "http://127.0.0.1/tug.jpg")
    assert fetch() == {"pictures put off": 1}
    assert "not an address of the public network" in outcome()[1]


@pytest.mark.parametrize("cid", ["", "Content-ID: <p1>\n"])
def test_a_picture_attached_to_a_mail_is_taken_from_it(cid):
    part = base64.encodebytes(photo("PNG")).decode()
    mail = (
        "From: Kestrel <desk@knw.test>\nDate: Tue, 3 Mar 2026 12:00:00 +0000\nMessage-ID: <m1@knw.test>\n"
        "Subject: Tugs go out\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nThe tugs went out at noon.\n\nFog had kept them in.\n"
        f"--b\nContent-Type: image/png\n{cid}Content-Disposition: attachment; filename=tug.png\n"
        f"Content-Transfer-Encoding: base64\n\n{part}\n--b--\n"
    )
    receive(mail.encode(), "1700000000.M1P1.host")
    assert fetch() == {"pictures stored": 1}
    assert Story.objects.get().picture.alt_text == "Tugs go out"


@pytest.mark.parametrize(
    "href", ["../secret.jpg", "/etc/logo.jpg", "sub/tug.jpg", "..", "file:tug.jpg", "a\\b.jpg"]
)
def test_only_a_bare_name_is_looked_for_beside_the_story(inbox, href):
    (inbox.parent / "secret.jpg").write_bytes(photo())
    file_story(inbox, href)
    assert not PictureOrder.objects.exists()


def test_a_link_out_of_the_folder_is_not_followed(inbox):
    (inbox.parent / "secret.jpg").write_bytes(photo())
    (inbox / "tug.jpg").symlink_to(inbox.parent / "secret.jpg")
    file_story(inbox)
    assert fetch() == {"pictures put off": 1}


def test_a_pipe_beside_the_story_keeps_nobody_waiting(inbox):
    os.mkfifo(inbox / "tug.jpg")
    file_story(inbox)
    assert fetch() == {"pictures put off": 1}
    assert outcome()[1] == "It is no regular file."


def test_a_story_that_came_over_the_net_has_no_folder(inbox, feed, monkeypatch):
    (inbox / "tug.jpg").write_bytes(photo())
    feed.kind = Feed.Kind.HTTP
    feed.save()
    (inbox / "story.json").write_bytes(b"")
    monkeypatch.chdir(inbox)
    receive(ninjs("tug.jpg"), "story.json", feed)
    assert PictureOrder.objects.get().folder == ""
    assert fetch() == {"pictures put off": 1}


def test_a_folder_that_is_watched_is_where_the_pictures_of_its_stories_lie(inbox, feed):
    (inbox / "tug.jpg").write_bytes(photo())
    feed.kind, feed.location = Feed.Kind.FOLDER, str(inbox)
    feed.save()
    receive(ninjs("tug.jpg"), "story.json", feed)
    assert fetch() == {"pictures stored": 1}


# -- Which rendition ---------------------------------------------------------------------


def rendition(href: str, width: int | None = None, content_type: str = "image/jpeg", name: str = ""):
    return Rendition(f"https://p.example/{href}", name=name, content_type=content_type, width=width)


@pytest.mark.parametrize(
    ("renditions", "best"),
    [
        ([rendition("s", 300), rendition("l", 4000), rendition("xl", 9000)], "l"),
        ([rendition("xl", 9000), rendition("xxl", 12000)], "xl"),
        ([rendition("t", name="rnd:thumbnail"), rendition("o", name="rnd:highRes")], "o"),
        ([rendition("t", 75), rendition("o")], "o"),
        ([rendition("v", 1920, "video/mp4"), rendition("p", 640, "image/png")], "p"),
        ([rendition("a.tif", content_type=""), rendition("a.jpg?x=1", content_type="")], "a.jpg?x=1"),
        ([rendition("a", content_type="")], None),
        ([Rendition("tag:knw.test,2026:a.jpg", content_type="image/jpeg")], None),
        ([Rendition("http://[bad/a.jpg", content_type="image/jpeg")], None),
    ],
)
def test_the_widest_that_is_not_too_wide_is_taken(renditions, best):
    found = best_rendition(WirePicture(renditions=tuple(renditions)))
    assert (found and found.href.removeprefix("https://p.example/")) == best


@pytest.mark.parametrize(
    ("picture", "text"),
    [
        (WirePicture(alt_text="A tug", caption="No. Yes."), "A tug"),
        (WirePicture(caption="The tug leaves. Fog."), "The tug leaves."),
        (WirePicture(headline="Tug"), "Tug"),
        (WirePicture(), "Tugs go out"),
        (WirePicture(caption="x" * 400), "x" * 300),
    ],
)
def test_the_alternative_text_is_the_first_that_there_is(picture, text):
    assert alt_text(picture, "Tugs go out") == text


def test_a_picture_without_a_credit_gets_the_agencys():
    agency = Source(code="KNW", name="Kestrel Newswire", credit="KNW Pictures")
    assert credit(WirePicture(credit="Ida Holm/KNW"), agency) == "Ida Holm/KNW"
    assert credit(WirePicture(), agency) == "KNW Pictures"
    assert credit(WirePicture(), None) == ""
