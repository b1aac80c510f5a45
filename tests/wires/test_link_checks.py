"""Links to other sites: asked for by a save, looked at by the worker, told of on the form."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.link_checks import LONGEST, ask_for, forget_old, known_dead
from articles.models import LinkCheck, RelatedLink
from sections.dead_links import dead_links, have_checked
from tests.articles.test_admin import change_url, desk, read_form
from tests.factories import make_channel, make_site, make_story
from wires.fetch import FetchError, NoSuchHost, http
from wires.jobs import JOBS
from wires.link_checks import CLAIM, check_links

pytestmark = pytest.mark.django_db
PAGE = "https://canal.example/lock"


@pytest.fixture
def web(monkeypatch):
    """What the sites of the world answer, by address; and which addresses were asked for, in order."""
    answers, asked = {}, []

    def status(address, **kwargs):
        asked.append(address)
        answer = answers.get(address, 200)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(http, "status", status)
    return answers, asked


def work() -> None:
    for _ in JOBS["links"].run():
        pass


def pass_by(time: timedelta) -> None:
    for link in LinkCheck.objects.all():
        link.asked -= time
        link.checked = link.checked and link.checked - time
        link.due = link.due and link.due - time
        link.save()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (404, "the site answers that there is no such page."),
        (410, "the site answers that the page is gone for good."),
        (NoSuchHost("The host canal.example is not found"), "there is no site of that name."),
    ],
)
def test_a_link_that_leads_nowhere_is_told_of_once_the_worker_has_looked(web, answer, words):
    web[0][PAGE] = answer
    ask_for([PAGE])
    assert dead_links([PAGE]) == {}
    work()
    assert dead_links([PAGE, "https://canal.example/other"]) == {PAGE: words}


@pytest.mark.parametrize("answer", [200, 401, 403, 429, 500, 503, FetchError("took longer than 10 seconds")])
def test_what_may_be_the_programs_trouble_alone_is_not_told(web, answer):
    web[0][PAGE] = answer
    ask_for([PAGE])
    work()
    assert dead_links([PAGE]) == {}
    assert LinkCheck.objects.get().checked


def test_a_link_is_looked_at_once_a_day_however_often_it_is_saved(web):
    for _ in range(3):
        ask_for([PAGE])
        work()
    assert web[1] == [PAGE]
    pass_by(timedelta(hours=25))
    web[0][PAGE] = 404
    ask_for([PAGE])
    work()
    assert web[1] == [PAGE, PAGE]
    assert dict(known_dead([PAGE]).values_list("address", "finding")) == {PAGE: "missing"}
    pass_by(timedelta(hours=25))
    web[0][PAGE] = 200
    ask_for([PAGE])
    work()
    assert not known_dead([PAGE])


def test_a_link_that_another_worker_has_is_left_to_it_until_that_was_killed(web):
    ask_for([PAGE])
    first, second = check_links(), check_links()
    taken = LinkCheck.objects.get()
    LinkCheck.objects.update(due=timezone.now() + CLAIM)
    assert list(second) == []
    assert web[1] == []
    pass_by(CLAIM)
    assert [link.pk for link in first] == [taken.pk]


def test_what_is_no_page_of_the_web_is_never_asked_for(web):
    too_long = PAGE + "/" * LONGEST
    ask_for(["mailto:desk@main.test", "/story/1/", "ftp://canal.example/", "https://", "http://[", too_long])
    assert not LinkCheck.objects.exists()


def test_pages_of_the_network_itself_are_not_fetched(web):
    make_site("main.test")
    have_checked(["https://main.test/about/", PAGE, "http://["])
    assert [link.address for link in LinkCheck.objects.all()] == [PAGE]


def test_switched_off_nothing_is_asked_looked_at_or_told(web, settings):
    web[0][PAGE] = 404
    ask_for([PAGE])
    work()
    settings.CHECK_LINKS = False
    assert dead_links([PAGE]) == {}
    ask_for(["https://canal.example/other"])
    assert LinkCheck.objects.count() == 1
    LinkCheck.objects.update(due=timezone.now())
    work()
    assert web[1] == [PAGE]


def test_what_no_editor_saved_for_long_is_forgotten(web):
    ask_for([PAGE])
    forget_old()
    assert LinkCheck.objects.exists()
    pass_by(timedelta(days=91))
    forget_old()
    assert not LinkCheck.objects.exists()


def test_a_save_asks_for_the_links_of_text_and_table_and_the_form_warns(web):
    story = make_story(
        make_channel(make_site(is_default=True)), body='<p>The <a href="https://canal.example/a">lock</a></p>'
    )
    RelatedLink.objects.create(story=story, title="Lock", url=PAGE)
    client = desk("Reporter")
    assert client.post(change_url(story), read_form(client, change_url(story))).status_code == 302
    web[0].update({PAGE: 404, "https://canal.example/a": 410})
    work()
    page = client.get(reverse("admin:articles_story_change", args=[story.pk])).content.decode()
    assert f'href="#links-group">The link to {PAGE}: the site answers that there is no such page.' in page
    assert 'href="#id_body">The link to https://canal.example/a: the site answers that the page is' in page
