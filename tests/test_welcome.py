import io
import stat

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from newsportal.management.commands.welcome import make_editor, password_file, remembered_password
from sections.models import Site

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var_dir(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "var"


@pytest.fixture(autouse=True)
def no_users():
    get_user_model().objects.all().delete()


def welcome(**kwargs) -> str:
    out = io.StringIO()
    call_command("welcome", stdout=out, **kwargs)
    return out.getvalue()


def make_sites():
    Site.objects.create(domain="main.test", name="Main", position=1, is_default=True)
    Site.objects.create(domain="sister.test", name="Sister", position=2)


def test_it_makes_an_editor_who_can_sign_in():
    words = welcome()
    password = remembered_password()
    assert f"Sign in as editor, password {password}" in words
    editor = authenticate(username="editor", password=password)
    assert editor.is_staff
    assert not editor.is_superuser


def test_the_editor_is_a_chief_editor_where_there_is_that_group():
    group, _ = Group.objects.get_or_create(name="Chief editor")
    welcome()
    assert list(get_user_model().objects.get().groups.all()) == [group]


def test_the_password_is_the_owners_alone():
    welcome()
    assert stat.S_IMODE(password_file().stat().st_mode) == 0o600


def test_a_later_run_prints_the_same_password():
    welcome()
    password = remembered_password()
    assert f"password {password}" in welcome()
    assert get_user_model().objects.count() == 1


def test_each_database_has_a_password_of_its_own(monkeypatch):
    from django.db import connection  # noqa: PLC0415

    here = password_file()
    monkeypatch.setitem(connection.settings_dict, "NAME", "another")
    assert password_file() != here


def test_where_the_file_is_gone_it_says_how_to_set_a_new_password():
    welcome()
    password_file().unlink()
    assert "changepassword editor" in welcome()


def test_a_password_that_was_changed_is_not_printed():
    welcome()
    old = remembered_password()
    editor = get_user_model().objects.get()
    editor.set_password("chosen by the editor")
    editor.save()
    words = welcome()
    assert old not in words
    assert "changepassword editor" in words


def test_it_makes_nobody_where_somebody_can_sign_in():
    get_user_model().objects.create_superuser("ada", password="x")
    assert "Sign in as ada" in welcome()
    assert not password_file().exists()


def test_it_gives_no_rights_to_an_account_that_is_there():
    get_user_model().objects.create_user("editor", password="x")
    with pytest.raises(CommandError, match="createsuperuser"):
        welcome()
    assert not get_user_model().objects.get().is_staff


def test_a_password_is_not_lost_when_the_account_is_not_made(monkeypatch):
    def stop(password):
        raise OSError("disk full")

    monkeypatch.setattr("newsportal.management.commands.welcome._remember", stop)
    with pytest.raises(OSError, match="disk full"):
        make_editor()
    assert not get_user_model().objects.exists()


def test_it_prints_the_address_of_each_site_and_of_the_admin(settings):
    settings.SITE_URL = "http://{host}:8000"
    make_sites()
    words = welcome()
    assert "Main    http://main.test:8000/\n" in words
    assert "Sister  http://sister.test:8000/\n" in words
    assert "Admin   http://main.test:8000/admin/\n" in words


def test_without_a_site_it_says_how_to_get_one():
    assert "load_sample" in welcome()


def test_it_is_silent_on_demand():
    assert welcome(verbosity=0) == ""
    assert get_user_model().objects.filter(username="editor").exists()
