"""Two editors on one story: what one saved while the other was writing, put together."""

import re

import pytest
from django.core import signing
from django.utils.html import strip_tags

from articles import merging
from articles.models import Author, RelatedLink, Story, WorkingCopy
from tests.articles.test_admin import Form, change_url, content, desk, read_form
from tests.factories import make_channel, make_site, make_source, make_story, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel():
    return make_channel(make_site(is_default=True))


@pytest.fixture
def editors():
    return desk("Editor", "first"), desk("Editor", "second")


@pytest.fixture(params=["draft", "published", "set aside"])
def story(request, channel):
    """In each state that has a form which is saved."""
    make = make_story if request.param == "draft" else publish
    story = make(channel, headline="Bridge opens", body="<p>It is open.</p>", teaser="At last")
    RelatedLink.objects.create(story=story, title="Harbour office", url="https://harbour.example/")
    if request.param == "set aside":
        client = desk("Editor", "before")
        client.post(
            change_url(story), read_form(client, change_url(story)) | {"slugline": "bridge", "_aside": ""}
        )
        assert WorkingCopy.objects.exists()
    return Story.objects.get(pk=story.pk)


def button(story: Story) -> dict:
    """That saves and publishes nothing."""
    return {"_aside" if story.state == "published" else "_continue": ""}


def both_save(editors, story, first: dict, second: dict) -> str:
    """The page that the second gets."""
    one, other = editors
    opened = read_form(other, change_url(story))
    url = change_url(story)
    assert one.post(url, read_form(one, url) | first | button(story)).status_code == 302
    return other.post(url, opened | second | button(story)).content.decode()


def again(editors, story, html: str, **choices) -> None:
    data = Form(html).data | choices | button(story)
    assert editors[1].post(change_url(story), data).status_code == 302


def now(editors, story) -> dict:
    """What the form shows, whoever opens it."""
    return read_form(editors[0], change_url(story))


def words(html: str) -> str:
    return " ".join(strip_tags(html).split())


# -- Fields --------------------------------------------------------------------------


@pytest.mark.parametrize(("choice", "kept"), [("mine", "Bridge closes"), ("theirs", "Bridge is open")])
def test_of_a_field_that_both_changed_the_second_chooses(choice, kept, editors, story):
    html = both_save(editors, story, {"headline": "Bridge is open"}, {"headline": "Bridge closes"})
    assert "was changed by somebody else since you opened it" in html
    assert re.findall("both of you changed it", html) == ["both of you changed it"]
    assert "As you opened it Bridge opens Theirs" in words(html)
    assert "<ins>closes" in html
    assert Form(html).data["headline"] == "Bridge closes"
    assert now(editors, story)["headline"] == "Bridge is open"
    again(editors, story, html, **{"take-headline": choice})
    assert now(editors, story)["headline"] == kept


def test_what_only_one_of_them_changed_is_merged(editors, story):
    author, source = Author.objects.create(name="Ada Quill"), make_source()
    first = {"body": "<p>It is wide open.</p>", "tags": "bridges", "authors": [str(author.pk)]}
    second = {"headline": "Bridge closes", "source": [str(source.pk)], "rights_until_0": "2190-01-01",
              "rights_until_1": "12:00:00"}  # fmt: skip
    html = both_save(editors, story, first, second)
    assert "both of you changed it" not in html
    assert "<ins>wide" in html
    assert "Only you changed this; it is in the form below: Rights until, Headline, Source" in words(html)
    again(editors, story, html)
    saved = now(editors, story)
    assert {name: saved[name] for name in (first | second)} == first | second
    assert saved["teaser"] == "At last"


def test_the_same_change_by_both_is_no_clash(editors, story):
    html = both_save(editors, story, {"tags": "bridges, Oslo"}, {"tags": "Oslo,  bridges"})
    assert "both of you changed it" not in html


def test_what_was_chosen_holds_though_a_third_saves_meanwhile(editors, story):
    html = both_save(editors, story, {"headline": "One"}, {"headline": "Two", "teaser": "Mine"})
    third = desk("Editor", "third")
    url = change_url(story)
    third.post(url, read_form(third, url) | {"headline": "Three"} | button(story))
    data = Form(html).data | {"take-headline": "theirs"} | button(story)
    html = editors[1].post(url, data).content.decode()
    assert "both of you changed it" not in html
    again(editors, story, html)
    saved = now(editors, story)
    assert (saved["headline"], saved["teaser"]) == ("Three", "Mine")


def test_a_body_that_differs_in_its_marks_alone_is_shown_with_them(editors, story):
    html = both_save(
        editors, story, {"body": "<p>It is <em>open</em>.</p>"}, {"body": "<h2>It is open.</h2>"}
    )
    shown = html.partition('class="clash"')[2].partition("</fieldset>")[0]
    assert "&lt;<del>p</del><ins>h2</ins>&gt;It is open." in shown


@pytest.mark.parametrize("opened_with", ["", "x", "a:b:c"])
def test_without_what_it_was_opened_with_all_that_differs_is_decided_on(opened_with, editors, story):
    second = {"headline": "Bridge closes", "opened_with": opened_with}
    html = both_save(editors, story, {"teaser": "Theirs", "headline": "X"}, second)
    assert html.count("both of you changed it") == 2
    again(editors, story, html, **{"take-teaser": "theirs"})
    saved = now(editors, story)
    assert (saved["headline"], saved["teaser"]) == ("Bridge closes", "Theirs")


def test_what_the_form_was_opened_with_is_small_and_signed(editors, story):
    story = make_story(body="<p>" + "The pilots went back to the harbour at noon. " * 5_000 + "</p>")
    sealed = read_form(editors[0], change_url(story))["opened_with"]
    assert len(sealed) < len(story.body) / 10
    assert merging.unseal(sealed)["headline"] == {"headline": [story.headline]}
    assert merging.unseal(sealed[:-1] + ("a" if sealed[-1] != "a" else "b")) == {}
    assert merging.unseal(signing.dumps({"headline": {}}, salt="another")) == {}


# -- Tables --------------------------------------------------------------------------

PIER = {"links-TOTAL_FORMS": "2", "links-1-title": "Pier", "links-1-position": "1"}
QUAY = {"links-TOTAL_FORMS": "2", "links-1-title": "Quay", "links-1-position": "1"}


def links(editors, story) -> list[str]:
    return sorted(text for name, text in now(editors, story).items() if re.fullmatch(r"links-\d-title", name))


def test_links_that_one_added_are_there_when_the_other_saves_something_else(editors, story):
    html = both_save(editors, story, PIER, {"headline": "Bridge closes"})
    again(editors, story, html)
    assert links(editors, story) == ["Harbour office", "Pier"]
    html = both_save(editors, story, {"headline": "Bridge shut"}, {"links-1-DELETE": "on"})
    again(editors, story, html)
    assert links(editors, story) == ["Harbour office"]
    assert now(editors, story)["headline"] == "Bridge shut"


@pytest.mark.parametrize(
    ("choice", "kept"), [("mine", ["Harbour office", "Quay"]), ("theirs", ["Harbour office", "Pier"])]
)
def test_of_links_that_both_changed_the_second_chooses(choice, kept, editors, story):
    html = both_save(editors, story, PIER, QUAY)
    assert "Related links: both of you changed it" in html
    assert Form(html).data["links-1-DELETE"] == "on"  # the Pier, for the second to untick
    again(editors, story, html, **{"take-links": choice})
    assert links(editors, story) == kept


def test_both_may_add_their_links(editors, story):
    data = Form(both_save(editors, story, PIER, QUAY)).data | button(story)
    del data["links-1-DELETE"]
    assert editors[1].post(change_url(story), data).status_code == 302
    assert links(editors, story) == ["Harbour office", "Pier", "Quay"]


@pytest.mark.parametrize(
    ("choice", "kept"),
    [("mine", {"Russian News": True, "Snow": False}), ("theirs", {"Russian News": False, "Ice": True})],
)
@pytest.mark.parametrize("state", ["draft", "published"])
def test_of_channels_that_both_changed_the_second_chooses(state, choice, kept, editors, channel):
    story = publish(channel) if state == "published" else make_story(channel)
    ice, snow = make_channel(channel.site, "Ice"), make_channel(channel.site, "Snow")
    (one, other), url = editors, change_url(story)
    opened = read_form(other, url)
    first = read_form(one, url) | {"listings-1-channel": ice.pk, "listings-1-primary": "on", "_continue": ""}
    del first["listings-0-primary"]
    assert one.post(url, first).status_code == 302
    html = other.post(url, opened | {"listings-1-channel": snow.pk, "_continue": ""}).content.decode()
    assert "Channels: both of you changed it" in html
    data = Form(html).data | {"take-listings": choice, "_continue": ""}
    assert other.post(url, data).status_code == 302
    assert dict(story.listings.values_list("channel__title", "primary")) == kept


def test_channels_that_one_changed_stay_when_the_other_saves_the_text(editors, channel, story):
    ice = make_channel(channel.site, "Ice")
    (one, other), url = editors, change_url(story)
    opened = read_form(other, url)
    assert (
        one.post(url, read_form(one, url) | {"listings-1-channel": ice.pk, "_continue": ""}).status_code
        == 302
    )
    html = other.post(url, opened | {"headline": "Bridge closes"} | button(story)).content.decode()
    again(editors, story, html)
    assert story.listings.count() == 2
    assert now(editors, story)["headline"] == "Bridge closes"


# -- Odd posts -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        {"links-TOTAL_FORMS": "x"},
        {"links-TOTAL_FORMS": "100000"},
        {"listings-INITIAL_FORMS": "9"},
        {"listings-0-channel": "9" * 30},
        {"authors": ["x", "9" * 30]},
        {"source": "9" * 30},
        {"urgency": "soon"},
        {"rights_until_0": "soon"},
        {"take-nothing": "theirs"},
        {"headline": "a\x00b"},
        {"links-99999999-title": "x", "links--1-title": "y"},
    ],
    ids=lambda odd: next(iter(odd)),
)
def test_a_stale_form_with_odd_values_comes_back_with_what_was_typed(odd, editors, story):
    before = {**content(story), "headline": ""}
    html = both_save(editors, story, {"headline": "Theirs"}, {"teaser": "Typed in vain?"} | odd)
    assert "Typed in vain?" in html
    assert "was changed by somebody else" in html
    assert {**content(story), "headline": ""} == before
