"""A site's pages speak the site's language."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation

from articles import publishing
from sections import errors, pages
from sections.dates import day_words, moment_words, month_words, year_words
from sections.models import Site
from tests.catalogues import LANGUAGES
from tests.factories import make_channel, make_site, publish

AT = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)


@pytest.fixture
def speaking(client):
    """The text of an address of a site in the language."""

    def get(language: str, path: str, status: int = 200) -> str:
        Site.objects.filter(domain="main.test").update(language=language)
        response = client.get(path, headers={"host": "main.test"})
        assert response.status_code == status
        return response.content.decode()

    return get


@pytest.fixture
def channel(db):
    return make_channel(make_site("main.test"), "Ports", "PORTS")


@pytest.mark.parametrize(
    ("language", "opening", "words"),
    [
        ("fr", '<html lang="fr" dir="ltr">', "Il n’y a pas encore d’articles ici."),
        ("es", '<html lang="es" dir="ltr">', "Aquí todavía no hay noticias."),
        ("ar", '<html lang="ar" dir="rtl">', "لا توجد أخبار هنا بعد."),
        ("ru", '<html lang="ru" dir="ltr">', "Здесь пока нет материалов."),
        ("zh-hans", '<html lang="zh-hans" dir="ltr">', "这里还没有报道。"),
    ],
)
def test_a_front_speaks_its_sites_language(speaking, channel, language, opening, words):
    page = speaking(language, "/")
    assert opening in page
    assert words in page


def test_no_word_of_another_language_stands_on_a_story_page(speaking, channel):
    story = publish(channel, headline="H", body="<p>B</p>", genre="Analysis")
    publishing.correct(story, by_name="The desk", note="N", kind="correction")
    path = reverse("sections:story-by-id", args=[story.pk])
    page = speaking("fr", f"{path}h/")
    for words in ("Analyse", "Rectificatif", "Première publication", "Partager", "Confidentialité"):
        assert words in page
    for words in ("Analysis", "Correction", "First published", "Share", "Privacy", "Skip to"):
        assert f">{words}" not in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["2026", "March 2026", "2 March 2026", "2 March 2026, 14:05"]),
        ("fr", ["2026", "mars 2026", "2 mars 2026", "2 mars 2026, 14:05"]),
        ("es", ["2026", "marzo de 2026", "2 de marzo de 2026", "2 de marzo de 2026, 14:05"]),
        ("ar", ["2026", "مارس 2026", "2 مارس 2026", "2 مارس 2026، 14:05"]),
        ("ru", ["2026", "Март 2026", "2 марта 2026", "2 марта 2026, 14:05"]),
        ("zh-hans", ["2026年", "2026年3月", "2026年3月2日", "2026年3月2日 14:05"]),
    ],
)
def test_dates_are_written_as_the_language_writes_them(language, said):
    with translation.override(language):
        assert [words(AT) for words in (year_words, month_words, day_words, moment_words)] == said


def test_what_is_not_there_is_told_in_the_sites_language(speaking, channel):
    page = speaking("ar", "/no/such/page/", status=404)
    assert '<html lang="ar" dir="rtl">' in page
    assert "لا توجد صفحة بهذا العنوان" in page
    assert speaking("ar", "/story/999/", status=404) == page


def test_a_host_that_no_site_has_is_told_in_the_browsers_language(client, db):
    asked = {"host": "nowhere.test", "accept-language": "fr"}
    response = client.get("/", headers=asked)
    assert response.status_code == 404
    assert "Il n’y a pas de site ici" in response.content.decode()
    assert response["Vary"] == "Accept-Language"
    english = client.get("/", headers=asked | {"accept-language": "tlh"})
    assert "There is no site here" in english.content.decode()


@pytest.mark.parametrize(
    ("handler", "status", "said"),
    [
        (errors.bad_request, 400, "تعذّرت قراءة هذا الطلب"),
        (errors.permission_denied, 403, "لا يحق لك الاطلاع على هذه الصفحة"),
        (errors.server_error, 500, "حدث خطأ من جانبنا"),
    ],
)
def test_what_went_wrong_is_told_without_a_database_in_the_browsers_language(rf, handler, status, said):
    """No fixture lets the test at a database, so asking it would be an error."""
    request = rf.get("/", headers={"accept-language": "ar-EG,en;q=0.5"})
    response = handler(request) if status == 500 else handler(request, PermissionDenied())
    page = response.content.decode()
    assert response.status_code == status
    assert '<html lang="ar" dir="rtl">' in page
    assert said in page
    assert translation.get_language() == "en"


def test_an_error_on_a_page_is_told_in_the_sites_language(client, site, monkeypatch):
    Site.objects.filter(pk=site.pk).update(language="ru")
    monkeypatch.setattr(pages, "home_page", lambda *args: 1 / 0)
    client.raise_request_exception = False
    response = client.get("/", headers={"host": site.domain, "accept-language": "fr"})
    assert response.status_code == 500
    assert "На нашей стороне произошла ошибка" in response.content.decode()


def test_a_host_that_may_not_be_asked_for_is_told_in_the_browsers_language(client, settings):
    settings.ALLOWED_HOSTS = ["main.test"]
    response = client.get("/", headers={"host": "evil.test", "accept-language": "es"})
    assert response.status_code == 400
    assert '<html lang="es"' in response.content.decode()


def test_feeds_tell_of_a_withdrawal_in_the_sites_language(speaking, channel):
    publishing.kill(publish(channel, headline="Bridge opens"), by_name="The desk", reason="Asked")
    assert "Снято с публикации: Bridge opens" in speaking("ru", "/rss.xml")


def test_the_admin_offers_the_languages_of_the_catalogues(admin_client, channel):
    page = admin_client.get(reverse("admin:sections_site_change", args=[channel.site_id]))
    offered = [code for code, _name in page.context["adminform"].form.fields["language"].choices]
    assert sorted(offered) == sorted(["en", *(name.replace("_", "-").lower() for name in LANGUAGES)])
