"""Signing in to the desk, on whatever host name it is reached."""

import pytest
from django.contrib.auth.models import User

from tests.factories import make_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return User.objects.create_user("ada", password="quay-and-crane", is_staff=True)


@pytest.mark.parametrize("host", ["main.test", "127.0.0.1:8000", "unheard-of.test"])
@pytest.mark.parametrize("with_site", [True, False])
def test_an_editor_signs_in_and_out_on_any_host(client, editor, host, with_site):
    if with_site:
        make_site("main.test")
    headers = {"host": host}
    assert client.get("/admin/login/", headers=headers).status_code == 200
    typed = {"username": "ada", "password": "quay-and-crane", "next": "/admin/articles/"}
    done = client.post("/admin/login/?next=/admin/articles/", typed, headers=headers)
    assert (done.status_code, done["Location"]) == (302, "/admin/articles/")
    assert client.get("/admin/", headers=headers).status_code == 200
    assert client.post("/admin/logout/", headers=headers)["Location"] == "/admin/login/"
    assert client.get("/admin/", headers=headers).status_code == 302


def test_a_wrong_password_says_so_and_signs_nobody_in(client, editor):
    done = client.post("/admin/login/", {"username": "ada", "password": "wrong"})
    assert done.status_code == 200
    assert "correct username and password" in done.content.decode()
    assert "_auth_user_id" not in client.session


def test_who_signs_in_without_a_page_in_mind_comes_to_the_desk(client, editor):
    done = client.post("/admin/login/", {"username": "ada", "password": "quay-and-crane"})
    assert done["Location"] == "/admin/"
    assert client.get("/admin/login/")["Location"] == "/admin/"


def test_nobody_is_sent_to_a_stranger_after_signing_in(client, editor):
    typed = {"username": "ada", "password": "quay-and-crane", "next": "https://evil.example/"}
    assert client.post("/admin/login/", typed)["Location"] == "/admin/"
