"""What an editor is told to look at again, of a story that is saved all the same."""

import pytest
from django.contrib.auth.models import Group, Permission

from articles import publishing
from articles.models import Picture, RelatedLink, Source, Story
from articles.warnings import LONGEST_TEASER, SHORTEST_TEASER, warnings_for
from tests.articles.test_admin import change_url, desk, read_form
from tests.factories import make_channel, make_site, make_source, make_story, publish


def told(field: str, **kwargs) -> list[str]:
    given = {name: kwargs.pop(name) for name in ("links", "in_channel", "dead") if name in kwargs}
    kwargs.setdefault("source", Source(pk=1, name="MWS"))
    return [
        said.words for said in warnings_for(Story(headline="Ferry", **kwargs), **given) if said.field == field
    ]


def test_a_whole_story_is_worth_no_warning():
    picture = Picture(alt_text="A ferry at its pier")
    body = '<p><a href="https://harbour.example/">Office</a> <a href="mailto:a@b.example">Write</a></p>'
    story = Story(headline="Ferry", teaser="x" * 100, picture=picture, body=body, source=Source(pk=1))
    assert warnings_for(story, links=["", "https://harbour.example/"]) == []


@pytest.mark.parametrize(
    ("length", "warned"),
    [(0, False), (SHORTEST_TEASER - 1, True), (SHORTEST_TEASER, False), (LONGEST_TEASER, False),
     (LONGEST_TEASER + 1, True)],
)  # fmt: skip
def test_a_teaser_is_neither_too_short_nor_too_long(length, warned):
    assert bool(told("teaser", teaser="x" * length)) == warned


@pytest.mark.parametrize("alt_text", ["", "  ", "IMG_2041.JPG"])
def test_a_picture_needs_an_alt_text_that_says_something(alt_text):
    assert len(told("picture", picture=Picture(alt_text=alt_text))) == 1


def test_a_story_needs_a_source_and_a_channel():
    assert told("source", source=None)
    assert told("listings", in_channel=False)
    assert not told("listings", in_channel=True)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("www.harbour.example/", "no https://"),
        ("https://harbour/", "not one of the open net"),
        ("https:///x", "not one of the open net"),
        ("https://[harbour/", "no address"),
    ],
)
def test_an_address_that_cannot_lead_anywhere_is_named(address, why):
    [body] = told("body", body=f'<p><a href="{address}" rel="noopener">Office</a></p>')
    [link] = told("links", links=[address])
    assert address in body
    assert why in body
    assert why in link


def test_a_dead_link_is_told_of_once_with_the_reason():
    body = '<p><a href="/story/9/">One</a> <a title="x" href="/story/9/">Two</a></p>'
    assert told("body", body=body, dead={"/story/9/": "there is no such story."}) == [
        "The link to /story/9/: there is no such story."
    ]


# -- At the desk -----------------------------------------------------------------


@pytest.fixture
def channel(db):
    return make_channel(make_site("main.test", is_default=True))


def test_a_draft_with_warnings_is_saved_and_its_form_tells_of_them_beside_the_field(channel):
    draft = make_story(channel)
    client = desk("Reporter")
    link = {"links-TOTAL_FORMS": "1", "links-0-position": "0", "links-0-title": "Office"}
    changed = {"teaser": "Too short", **link, "links-0-url": "https://main.test/no/such/page/"}
    data = read_form(client, change_url(draft)) | changed | {"_continue": ""}
    page = client.post(change_url(draft), data, follow=True).content.decode()
    draft.refresh_from_db()
    assert draft.teaser == "Too short"
    assert 'href="#id_teaser">The teaser has 9 characters' in page
    assert '<span class="story-warning">The teaser has 9 characters' in page
    assert 'href="#links-group">The link to https://main.test/no/such/page/: there is no such page' in page
    assert "It names no source" in page
    assert "It is in no channel" not in page


def test_links_into_our_own_network_are_looked_up(channel):
    public, draft, gone = publish(channel), make_story(channel), publish(channel)
    publishing.kill(gone, reason="A mistake", by_name="The suite")
    addresses = {
        f"https://main.test/story/{public.pk}/x/": "",
        f"/story/{public.pk}/": "",
        "https://main.test/latest/": "",
        "https://main.test/": "",
        "https://elsewhere.test/story/1/": "",
        f"/story/{draft.pk}/x/": "that story is not published",
        f"https://main.test/story/{gone.pk}/x/": "that story was withdrawn",
        "/story/987654/x/": "there is no such story",
        "https://main.test/no/such/page/": "there is no such page",
    }
    body = "".join(f'<p><a href="{address}">Link</a></p>' for address in addresses)
    story = make_story(channel, body=body, source=make_source())
    page = desk("Reporter").get(change_url(story)).content.decode()
    for address, why in addresses.items():
        assert (f"The link to {address}: {why}" in page) == bool(why), address


def test_a_form_with_warnings_takes_the_same_queries_for_any_number_of_links(
    channel, django_assert_max_num_queries, django_assert_num_queries
):
    story = make_story(channel, body='<p><a href="https://main.test/story/1/">One</a></p>')
    client = desk("Reporter")
    client.get(change_url(story))
    with django_assert_max_num_queries(15) as one:
        client.get(change_url(story))
    links = "".join(f'<p><a href="https://main.test/story/{n}/">One</a></p>' for n in range(50))
    Story.objects.filter(pk=story.pk).update(body=links)
    for n in range(20):
        RelatedLink.objects.create(story=story, title="One", url=f"https://main.test/story/{n}/")
    with django_assert_num_queries(len(one)):
        client.get(change_url(story))


# -- New from a story ------------------------------------------------------------


def test_a_new_draft_from_a_story_has_its_text_and_none_of_its_past(channel):
    story = publish(
        channel, provider="MWS", guid="urn:1", wire_version="2", body="<p>It runs.</p>", teaser="Again",
        source=make_source(), editors_note="Hold the map",
    )  # fmt: skip
    story.tags.add("Ferries")
    RelatedLink.objects.create(story=story, title="Office", url="https://harbour.example/")
    client = desk("Reporter")
    assert "New from this story" in client.get(change_url(story)).content.decode()
    url = f"/admin/articles/story/{story.pk}/new-from/"
    assert client.get(url).status_code == 405
    response = client.post(url)
    draft = Story.objects.exclude(pk=story.pk).get()
    assert response.url == change_url(draft)
    assert (draft.state, draft.headline, draft.body, draft.source) == (
        "draft", story.headline, story.body, story.source,
    )  # fmt: skip
    assert list(draft.tags.names()) == ["Ferries"]
    assert draft.links.get().url == "https://harbour.example/"
    assert draft.listings.get(primary=True).channel == channel
    assert [draft.provider, draft.guid, draft.wire_version, draft.editors_note] == [None, None, "", ""]
    assert [draft.publish_at, draft.first_published, draft.versions.count()] == [None, None, 0]


def test_who_may_not_add_stories_makes_none_from_another(channel):
    story = publish(channel)
    client = desk("Reporter")
    client.get(change_url(story))
    Group.objects.get(name="Reporter").permissions.remove(Permission.objects.get(codename="add_story"))
    page = client.get(change_url(story)).content.decode()
    assert "New from this story" not in page
    assert client.post(f"/admin/articles/story/{story.pk}/new-from/").status_code == 403
    assert Story.objects.count() == 1
