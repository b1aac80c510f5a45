import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_channel, make_site, publish
from tests.portal_server import free_port, get, portal

pytestmark = pytest.mark.django_db(transaction=True)


def test_fronts_and_newest_stories_are_in_the_memory_of_each_process(capsys):
    channel = make_channel(make_site(is_default=True))
    old, new = publish(channel, headline="Old quay"), publish(channel, headline="New quay")
    with portal(workers=2) as port:
        call_command("warm", address=f"http://127.0.0.1:{port}", stories=1, rounds=30)
        said = capsys.readouterr().out
        paths = ["/", "/latest/", "/channel/russian-news/", f"/story/{new.pk}/new-quay/"]
        how = {path: {get(port, path, "main.test")[1]["x-cache"] for _ in range(6)} for path in paths}
        assert get(port, f"/story/{old.pk}/old-quay/", "main.test")[1]["x-cache"] == "miss"
    assert said.startswith("4 pages, ")
    # A process that met none of the requests has made none; each page is in memory where it was asked for.
    assert all("hit" in found for found in how.values())


def test_a_portal_that_does_not_answer_is_named():
    make_site()
    with pytest.raises(CommandError, match="main.test/: "):
        call_command("warm", address=f"http://127.0.0.1:{free_port()}")


@pytest.mark.parametrize("wrong", [{"address": "127.0.0.1"}, {"stories": -1}, {"rounds": 0}])
def test_bad_arguments_are_refused(wrong):
    with pytest.raises(CommandError, match="--address"):
        call_command("warm", **wrong)
