"""`manage.py poll_feeds` over a mailbox on a real IMAP server, as an operator's timer runs it."""

from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from articles.models import Story
from tests.wires.test_fetch_mailbox import box, certificate  # noqa: F401 - fixtures
from tests.wires.test_polling import mail, make_feed
from wires.models import Dispatch, Feed

pytestmark = pytest.mark.django_db
FEED, DESK = "knw-mail", "desk@knw.test"


@pytest.fixture
def inbox(box, settings):  # noqa: F811
    box.messages = {3: mail(DESK, 1), 5: mail("stranger@else.test", 2), 9: mail(DESK, 3)}
    user, password = box.account
    settings.FEED_PASSWORDS = {"FEED_PASSWORD_KNW_MAIL": password}
    make_feed("imap", f"imaps://{quote(user)}@127.0.0.1:{box.port}/INBOX", FEED, senders=DESK)
    return box


def poll_feeds() -> Feed:
    Feed.objects.update(next_look=None)
    call_command("poll_feeds", verbosity=0)
    return Feed.objects.get()


def test_mail_of_the_named_senders_becomes_stories_and_its_bytes_are_kept(inbox):
    feed = poll_feeds()
    assert sorted(Story.objects.values_list("headline", flat=True)) == [
        "Lock 1 opens again",
        "Lock 3 opens again",
    ]
    assert [bytes(d.data) for d in Dispatch.objects.order_by("pk")] == [inbox.messages[3], inbox.messages[9]]
    assert {d.name for d in Dispatch.objects.all()} == {"INBOX 77:3", "INBOX 77:9"}
    assert (feed.failures, feed.last_error) == (0, "")
    assert feed.last_success <= timezone.now()


def test_the_next_look_fetches_only_what_came_since(inbox):
    poll_feeds()
    inbox.commands.clear()
    inbox.messages[12] = mail(DESK, 4)
    poll_feeds()
    fetched = [words for words in inbox.commands if "BODY.PEEK" in words]
    assert fetched == ["UID FETCH 12 (BODY.PEEK[])"]
    assert Story.objects.count() == 3


def test_a_wrong_password_is_told_and_noted_on_the_feed(inbox, settings):
    settings.FEED_PASSWORDS = {"FEED_PASSWORD_KNW_MAIL": "guess"}
    with pytest.raises(CommandError):
        poll_feeds()
    feed = Feed.objects.get()
    assert feed.failures == 1
    assert "Wrong password" in feed.last_error
    assert not Dispatch.objects.exists()
