"""`manage.py ingest`, run as an operator does."""

import json

import pytest
from django.core.management import CommandError, call_command

from articles.models import Story
from tests.wires.test_intake import NOON, message
from wires.models import Dispatch, Feed

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    for number in (1, 2):
        (tmp_path / f"{number}.json").write_bytes(message(number))
    return tmp_path


@pytest.fixture
def ingest(capsys):
    def ingest(*arguments, **options) -> str:
        call_command("ingest", *map(str, arguments), **options)
        return capsys.readouterr().out

    return ingest


def test_a_folder_is_taken_with_one_line_at_the_end(ingest, folder):
    assert ingest(folder) == "1 filed, 1 updated, 0 failed.\n"
    assert Story.objects.get().headline == "Ferry resumes, take 2"


def test_the_second_run_changes_nothing(ingest, folder):
    ingest(folder)
    version = Story.objects.get().version
    assert ingest(folder) == "2 repeated, 0 failed.\n"
    assert Story.objects.get().version == version


def test_a_dry_run_shows_what_would_change_and_stores_nothing(ingest, folder):
    said = ingest(folder, dry_run=True)
    assert "filed: Ferry resumes, take 1" in said
    assert "    headline: Ferry resumes, take 1 -> Ferry resumes, take 2" in said
    assert "    body: 1 words out, 1 words in" in said
    assert "nothing was stored" in said
    assert (Story.objects.count(), Dispatch.objects.count()) == (0, 0)


def test_it_is_silent_when_told_so(ingest, folder):
    assert ingest(folder, verbosity=0) == ""
    assert Story.objects.exists()


def test_a_file_that_cannot_be_read_is_named_and_costs_the_others_nothing(ingest, folder, capsys):
    (folder / "0.json").write_bytes(b"\x00\x01 no story")
    with pytest.raises(CommandError, match=r"^1 failed\.$"):
        ingest(folder, dry_run=True)
    with pytest.raises(CommandError, match="1 failed; what could not be read is in quarantine"):
        ingest(folder)
    assert "0.json" in capsys.readouterr().err
    assert Story.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        ([], {}, "Name files or folders"),
        (["none.json"], {}, "none.json: no such file"),
        ([], {"replay": "soon"}, "neither a dispatch's number nor a day"),
        ([], {"replay": "77"}, "there is no such dispatch"),
        (["none.json"], {"feed": "knw"}, "No feed “knw”. There is: none yet"),
    ],
)
def test_wrong_words_are_refused_with_the_mend(ingest, arguments, options, said):
    with pytest.raises(CommandError, match=said):
        ingest(*arguments, **options)


def test_a_dispatch_in_quarantine_is_taken_again(ingest, tmp_path):
    Feed.objects.create(name="knw", format="nitf")
    file = tmp_path / "ferry.json"
    file.write_bytes(message())
    with pytest.raises(CommandError):
        ingest(file, feed="knw")
    Feed.objects.update(format="")
    dispatch = Dispatch.objects.get()
    assert dispatch.outcome == "quarantined"
    assert ingest(replay=str(dispatch.pk)).endswith("1 filed, 0 failed.\n")
    assert Dispatch.objects.get().outcome == "taken"
    assert "repeated" in ingest(replay=f"{dispatch.received:%Y-%m-%d}")


def test_several_stories_of_one_file_are_all_taken(ingest, tmp_path):
    file = tmp_path / "three.json"
    items = [json.loads(message(guid=f"urn:knw:{n}", versioncreated=NOON.isoformat())) for n in range(3)]
    file.write_text(json.dumps(items))
    assert ingest(file) == "3 filed, 0 failed.\n"
