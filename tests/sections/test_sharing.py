"""Links by which somebody without an account reads a draft."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles import publishing
from articles.append_only import AppendOnlyError
from articles.models import ShareLink, ShareUse, Story
from articles.sharing import LinkEnded, NoSuchLink, NotShareable, make_link, open_link, revoke, truncated
from tests.articles.test_admin import desk
from tests.factories import make_block, make_source, make_story, publish

pytestmark = pytest.mark.django_db

BY = {"by_name": "The suite"}


@pytest.fixture
def draft(moon):
    return make_story(moon, headline="Ferry sails at noon")


@pytest.fixture
def editor(django_user_model):
    return django_user_model.objects.create(username="ada")


@pytest.fixture
def shared(draft, editor):
    """A link's path."""
    return f"/preview/{make_link(draft, days=3, for_whom='the lawyer', by=editor)}/"


def open_(path: str, **headers):
    return Client().get(path, headers={"host": "sister.test", **headers})


def test_the_link_shows_the_draft_to_who_has_no_account(shared):
    response = open_(shared)
    html = response.content.decode()
    assert response.status_code == 200
    assert "Ferry sails at noon" in html
    assert "for the lawyer" in html
    assert response["X-Robots-Tag"].startswith("noindex")
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Frame-Options"] == "DENY"
    assert "Set-Cookie" not in response


def test_it_goes_on_showing_the_text_that_was_shared_and_says_that_it_changed(shared, draft):
    assert "changed since" not in open_(shared).content.decode()
    draft.headline = "Secret of tomorrow"
    draft.tags.add("Secret")
    draft.save()
    html = open_(shared).content.decode()
    assert "Ferry sails at noon" in html
    assert "It has been changed since." in html
    assert "Secret" not in html


def test_each_use_is_logged_without_the_whole_address(shared):
    open_(shared, user_agent="Reader/1.0")
    Client(REMOTE_ADDR="2001:db8:1:2::3").get(shared)
    assert [(use.address, use.user_agent) for use in ShareUse.objects.order_by("pk")] == [
        ("127.0.0.0/24", "Reader/1.0"),
        ("2001:db8:1::/48", ""),
    ]


def test_behind_a_proxy_the_address_is_the_one_that_it_wrote_down(shared, settings):
    forged = {"x-forwarded-for": "198.51.100.7, 203.0.113.77"}
    open_(shared, **forged)
    settings.BEHIND_PROXY = True
    open_(shared, **forged)
    assert [use.address for use in ShareUse.objects.order_by("pk")] == ["127.0.0.0/24", "203.0.113.0/24"]


@pytest.mark.parametrize(
    ("address", "kept"),
    [("203.0.113.77", "203.0.113.0/24"), ("", ""), ("unix:", ""), ("fe80::1%eth0", "fe80::/48")],
)
def test_of_an_address_its_network_is_kept(address, kept):
    assert truncated(address) == kept


@pytest.mark.parametrize(
    "mend", [lambda t: t[:-1], lambda t: "x" + t, lambda t: t.split(".")[0], lambda t: "%00"]
)
def test_a_token_that_we_did_not_give_out_is_not_found_at_no_cost(shared, mend, django_assert_num_queries):
    token = shared.split("/")[2]
    with django_assert_num_queries(0):
        response = open_(f"/preview/{mend(token)}/")
    assert response.status_code == 404
    assert "There is no such link" in response.content.decode()
    assert "no-store" in response["Cache-Control"]


def test_the_token_is_kept_as_a_hash_only(shared):
    token = shared.split("/")[2]
    row = str(ShareLink.objects.values().get())
    assert token not in row
    assert token.split(".")[0] not in row


def ended(path: str) -> str:
    response = open_(path)
    assert response.status_code == 410
    assert "Ferry" not in response.content.decode()
    return response.content.decode()


def test_it_ends_when_its_time_is_over(shared):
    token = shared.split("/")[2]
    assert open_link(token, timezone.now() + timedelta(days=2))
    with pytest.raises(LinkEnded, match="is over"):
        open_link(token, timezone.now() + timedelta(days=3))


def test_it_ends_when_it_is_revoked_and_twice_is_as_once(shared, editor):
    for _ in range(2):
        revoke(ShareLink.objects.get(), editor)
    assert "taken this link back" in ended(shared)


@pytest.mark.parametrize("act", [publishing.kill, publishing.unpublish, publishing.take_down])
def test_it_dies_with_its_story_and_stays_dead_when_that_is_restored(moon, editor, act):
    story = publish(moon, headline="Ferry")
    path = f"/preview/{make_link(story, days=3, for_whom='x', by=editor)}/"
    assert open_(path).status_code == 200
    act(story, reason="Wrong", **BY)
    assert "withdrawn the story" in ended(path)
    with pytest.raises(NotShareable):
        make_link(Story.objects.get(pk=story.pk), days=3, for_whom="x", by=editor)
    publishing.restore(story, reason="Right after all", **BY)
    assert "withdrawn the story" in ended(path)
    again = make_link(Story.objects.get(pk=story.pk), days=3, for_whom="x", by=editor)
    assert open_(f"/preview/{again}/").status_code == 200


def test_it_ends_with_the_right_to_show_the_story(shared, draft):
    draft.rights_until = timezone.now() - timedelta(minutes=1)
    draft.save()
    assert "right to show" in ended(shared)


def test_a_story_that_left_its_channel_has_no_page(shared, draft):
    draft.listings.all().delete()
    assert "no page at present" in ended(shared)
    assert not ShareUse.objects.exists()


def test_links_and_uses_are_written_once(shared):
    open_(shared)
    for row in (ShareLink.objects.get(), ShareUse.objects.get()):
        with pytest.raises(AppendOnlyError):
            row.save()
        with pytest.raises(AppendOnlyError):
            row.delete()


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_only_read(shared, method):
    assert getattr(Client(), method)(shared).status_code == 405


def test_its_number_of_queries_is_fixed(moon, editor, django_assert_num_queries):
    story = make_story(moon, source=make_source())
    for number in range(9):
        publish(moon)
        make_block(moon, from_channel=moon)
        story.tags.add(f"Tag {number}")
    path = f"/preview/{make_link(story, days=3, for_whom='x', by=editor)}/"
    # 8: the link; where the story lives, with its parts; the network; source; picture; blocks; their
    # stories; the use
    with django_assert_num_queries(8):
        open_(path)


# -- At the desk -----------------------------------------------------------------------


def url(story, tail="") -> str:
    return f"/admin/articles/story/{story.pk}/share/{tail}"


def test_the_desk_makes_a_link_shows_it_once_and_takes_it_back(draft):
    reporter = desk("Reporter")
    html = reporter.post(url(draft), {"for_whom": "the lawyer", "days": "7"}).content.decode()
    path = re.search(r'value="http://sister\.test(/preview/[^"]+)"', html)[1]
    assert open_(path, user_agent="Reader/1.0").status_code == 200
    link = ShareLink.objects.get()
    assert link.expires_at - link.at == timedelta(days=7)
    assert (link.by_name, link.version) == ("Reporter", draft.version)
    again = reporter.get(url(draft)).content.decode()
    assert path not in again
    for shown in ["the lawyer", "1 time", "Reader/1.0", "127.0.0.0/24", "As it is now"]:
        assert shown in again, shown
    assert reporter.get(url(draft, f"{link.pk}/revoke/")).status_code == 405
    assert reporter.post(url(draft, f"{link.pk}/revoke/")).status_code == 302
    assert "taken this link back" in reporter.get(url(draft)).content.decode()
    assert open_(path).status_code == 410


@pytest.mark.parametrize("data", [{}, {"for_whom": "x", "days": "365"}, {"for_whom": "", "days": "1"}])
def test_no_link_is_made_of_what_is_not_offered(draft, data):
    response = desk().post(url(draft), data)
    assert response.status_code == 200
    assert not ShareLink.objects.exists()


def test_a_story_in_no_channel_is_not_shared():
    story = make_story()
    assert "in no channel yet" in desk().post(url(story), {"for_whom": "x", "days": "1"}).content.decode()
    assert not ShareLink.objects.exists()


def test_a_link_of_another_story_is_not_revoked_here(shared, draft, moon):
    other = make_story(moon)
    assert desk().post(url(other, f"{ShareLink.objects.get().pk}/revoke/")).status_code == 404
    assert open_(shared).status_code == 200


def test_who_may_not_change_the_story_shares_nothing(moon, client):
    story = publish(moon)
    assert client.get(url(story)).status_code == 302
    reporter = desk("Reporter")
    assert reporter.get(url(story)).status_code == 403
    assert reporter.post(url(story), {"for_whom": "x", "days": "1"}).status_code == 403
    assert not ShareLink.objects.exists()


@pytest.mark.parametrize("count", [1, 20])
def test_the_share_page_has_a_fixed_number_of_queries(draft, editor, count, django_assert_num_queries):
    for _ in range(count):
        open_(f"/preview/{make_link(draft, days=1, for_whom='x', by=editor)}/")
    root = desk()
    # 5: session; user; story; links with their counts; uses
    with django_assert_num_queries(5):
        assert root.get(url(draft)).status_code == 200


def test_a_wrong_token_is_said_to_be_none():
    with pytest.raises(NoSuchLink):
        open_link("never.made", timezone.now())
