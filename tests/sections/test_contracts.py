"""A source's contract: said before publishing, kept by it, and changed with open eyes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from articles import publishing
from articles.contracts import contract_sentence, ending
from articles.models import Story
from articles.publishing import ForbiddenAct
from tests.articles.test_admin import change_url, desk, read_form
from tests.factories import make_source, make_story, publish


def days_ago(days: int):
    return timezone.now() - timedelta(days=days)


@pytest.fixture
def agency(site):
    """May be carried by the main site alone, for 30 days."""
    source = make_source("AFP", name="AFP", text_days=30, all_sites=False)
    source.sites.add(site)
    return source


def test_a_contract_is_a_sentence(agency, site, sister):
    assert contract_sentence(agency) == "AFP: text may stay up 30 days; only Main may carry it."
    agency.sites.add(sister)
    agency.archive_allowed, agency.text_days = False, 1
    assert contract_sentence(agency) == (
        "AFP: text may stay up 1 day; only Main and Sister may carry it; not for the archive."
    )
    agency.sites.clear()
    assert "no site may carry it" in contract_sentence(agency)
    assert contract_sentence(make_source("FRE", name="Free")) == "Free: no limits by contract."


def test_the_form_says_the_contract_and_warns_where_it_is_broken(agency, channel, moon):
    story = make_story(channel, also=(moon,), source=agency)
    client = desk("Reporter")
    html = client.get(change_url(story)).content.decode()
    assert "AFP: text may stay up 30 days; only Main may carry it." in html
    assert "Not allowed on Sister by the source&#x27;s contract: readers do not see it there." in html
    assert "Not allowed on Main" not in html
    assert 'class="contract"' not in client.get(change_url(make_story(channel))).content.decode()


def test_publishing_refuses_what_no_listed_site_may_carry_by_whatever_way(agency, channel, moon):
    story = make_story(moon, source=agency)
    with pytest.raises(ForbiddenAct, match="The contract with AFP does not let Sister carry it"):
        publishing.publish(story, by_name="The suite")
    client = desk("Editor")
    data = read_form(client, change_url(story)) | {"_publish": ""}
    assert "does not let Sister carry it" in client.post(change_url(story), data).content.decode()
    assert Story.objects.get().state == Story.State.DRAFT
    moved = data | {"listings-0-channel": channel.pk}
    assert client.post(change_url(story), moved).status_code == 302
    story = Story.objects.get()
    assert story.contract_until == story.first_published + timedelta(days=30)


def test_the_source_page_says_how_many_stories_end_when(agency, channel):
    for days in (31, 29, 25, 5, 5):
        story = make_story(channel, source=agency)
        publishing.publish(story, by_name="The suite", at=days_ago(days))
    publish(channel, source=agency, rights_until=timezone.now() + timedelta(hours=2))
    expected = {"within a day": 2, "within a week": 1, "within 30 days": 2, "later or never": 0}
    assert ending(agency, timezone.now() + timedelta(hours=1)) == expected
    publish(channel, source=agency)
    html = desk("Chief editor").get(f"/admin/articles/source/{agency.pk}/change/").content.decode()
    assert "later or never: 0" in html
    assert ending(make_source("FRE"), timezone.now())["later or never"] == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text_days": "3"}, "With this contract 1 stories vanish from readers at once."),
        ({"sites": []}, "With this contract 2 stories vanish from readers at once."),
        ({"text_days": ""}, "With this contract 1 stories that had ended are shown again."),
    ],
)
def test_a_change_that_readers_notice_is_told_first_and_made_by_a_second_press(change, said, agency, channel):
    for days in (1, 5, 40):
        publish(channel, source=agency, at=days_ago(days))
    client = desk("Chief editor")
    url = f"/admin/articles/source/{agency.pk}/change/"
    data = read_form(client, url) | change
    page = client.post(url, data)
    assert said in page.content.decode()
    agency.refresh_from_db()
    assert (agency.text_days, agency.sites.count()) == (30, 1)
    confirm = {"confirm": page.context["adminform"].form.confirm}
    assert f'name="confirm" value="{confirm["confirm"]}"' in page.content.decode()
    # Another change than the one that was asked about is asked about too.
    assert client.post(url, data | {"text_days": "2"} | confirm).status_code == 200
    assert client.post(url, data | confirm).status_code == 302
    agency.refresh_from_db()
    assert (agency.text_days, agency.sites.count()) != (30, 1)


def test_a_change_that_no_reader_notices_is_made_at_once(agency, channel):
    publish(channel, source=agency)
    client = desk("Chief editor")
    url = f"/admin/articles/source/{agency.pk}/change/"
    assert client.post(url, read_form(client, url) | {"text_days": "20"}).status_code == 302
    assert Story.objects.get().contract_until is not None


def test_the_form_of_a_bound_story_takes_a_fixed_number_of_queries(
    agency, channel, moon, django_assert_max_num_queries
):
    story = make_story(channel, also=(moon,), source=agency)
    client = desk("Editor")
    client.get(change_url(story))
    with django_assert_max_num_queries(15):
        client.get(change_url(story))
