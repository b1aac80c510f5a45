"""Wrong settings are refused at the start, by name and with the mend; run as an operator would."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsportal.checks import check_caches_in_front

ROOT = Path(__file__).resolve().parent.parent
MODULE = {"DJANGO_SETTINGS_MODULE": "newsportal.settings"}
GOOD = {"SECRET_KEY": "0123456789abcdef" * 4, "ENV_FILE": os.devnull, "SITE_URL": "https://{host}"}


def manage(*arguments: str, command: tuple[str, ...] = ("manage.py",), **environment: str):
    kept = {name: os.environ[name] for name in ("PATH", "VAR_DIR", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *command, *arguments],
        env={**kept, **GOOD, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_good_settings_pass_the_deployment_check():
    done = manage("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DEBUG", "perhaps", "DEBUG"),
        ("DATABASE_POOL", "many", "DATABASE_POOL"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL"),
        ("HSTS_SECONDS", "-1", "HSTS_SECONDS"),
        ("FEED_PRIVATE_NETWORKS", "10.0.0.0/99", "FEED_PRIVATE_NETWORKS"),
        ("SITE_URL", "https://news.example.org", "{host} in braces"),
        ("SECRET_KEY", "short", "SECRET_KEY is shorter"),
        ("DEBUG", "true", "DEBUG is on"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS is '*'"),
        ("SHARE_FONTS", "/no/such/font.ttf", "SHARE_FONTS names '/no/such/font.ttf'"),
        ("DATABASE_URL", "mysql://u@h/n", "postgresql://user:password@host:5432/name"),
    ],
)
def test_a_wrong_setting_is_refused_by_name_without_a_traceback(name, value, said):
    extra = {"DATABASE_URL": "postgresql://u@h/n"} if name == "DATABASE_POOL" else {}
    done = manage("check", **extra, **{name: value})
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_secret_key_is_named():
    done = manage("check", SECRET_KEY="")
    assert done.returncode == 1
    assert "SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_web_process_does_not_start_with_wrong_settings_either():
    done = manage("-c", "import newsportal.wsgi", command=(), SITE_URL="https://news.example.org")
    assert done.returncode == 1
    assert "E001" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_web_process_does_not_start_without_its_static_files(tmp_path):
    done = manage("-c", "import newsportal.wsgi", command=(), VAR_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "manage.py collectstatic" in done.stderr
    assert "Traceback" not in done.stderr


def test_health_is_told_whatever_the_host_and_the_scheme():
    ask = """if True:
        from django.core.wsgi import get_wsgi_application
        from django.test import RequestFactory
        from newsportal.health import with_health
        application = with_health(get_wsgi_application())
        environ = RequestFactory().get("/-/health", headers={"host": "10.0.0.7"}).environ
        application(environ, lambda status, headers, *rest: print(status))
    """
    done = manage("-c", ask, command=(), ALLOWED_HOSTS="news.example", **MODULE)
    assert done.stdout.splitlines() == ["200 OK"], done.stderr


def test_a_database_that_cannot_be_reached_is_said_so():
    done = manage("migrate", DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("wrong", "id"),
    [
        ({"PURGE_VARNISH": ["127.0.0.1:6081"]}, "newsportal.E005"),
        ({"PURGE_URL": "https://purge.example/a b"}, "newsportal.E005"),
        ({"PURGE_HEADERS": ["Fastly-Key abc"]}, "newsportal.E006"),
        ({"SHARED_CACHE_SECONDS": 2}, "newsportal.E007"),
        ({"PURGE_URL": "https://purge.example/", "PAGE_CACHE_MB": 0}, "newsportal.E008"),
    ],
)
def test_caches_in_front_are_told_of_changes_or_keep_nothing(settings, wrong, id):
    assert check_caches_in_front() == []
    settings.PURGE_VARNISH = []
    for name, value in wrong.items():
        setattr(settings, name, value)
    assert [error.id for error in check_caches_in_front()] == [id]


def test_caches_in_front_that_are_told_may_keep_pages(settings):
    settings.PURGE_VARNISH, settings.SHARED_CACHE_SECONDS = ["http://127.0.0.1:6081/"], 3600
    settings.PURGE_HEADERS = ["Fastly-Key: abc"]
    assert check_caches_in_front() == []
