"""The portal with its sample network, as an operator would start it, for as long as the audit lasts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urljoin
from urllib.request import HTTPRedirectHandler, Request, build_opener

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


@dataclass(frozen=True, slots=True)
class Portal:
    port: int

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return urljoin(f"http://{host}:{self.port}", path)

    def get(self, path: str, host: str = "127.0.0.1") -> Answer:
        """What one address answers, a redirect too; sites of the sample are told apart by name alone."""
        request = Request(self.url(path), headers={"Host": f"{host}:{self.port}"})
        try:
            with build_opener(_NoRedirect).open(request, timeout=30) as response:
                return Answer(response.status, response.headers, response.read())
        except HTTPError as answer:
            return Answer(answer.code, answer.headers, answer.read())


def set_up(folder: Path) -> int:
    """A portal in the folder, filled with the sample network. Returns the port that is named in its pages."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ.pop("DATABASE_URL", None)
    os.environ |= {
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(folder),
        "SITE_URL": f"http://{{host}}:{port}",
        "SECRET_KEY": "only-for-this-audit-0123456789-abcdefghijklmnopqrstuvwxyz",
        "SECURITY_CONTACT": "mailto:security@example.org",
        "DJANGO_SETTINGS_MODULE": "newsportal.settings",
    }
    import django

    django.setup()
    from django.core.management import call_command

    for command in (["migrate"], ["load_sample"], ["collectstatic", "--noinput"]):
        call_command(*command, verbosity=0)
    return port


@contextmanager
def served(port: int) -> Iterator[Portal]:
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "newsportal.wsgi"]
    environment = os.environ | {"BIND": f"127.0.0.1:{port}", "WEB_WORKERS": "1"}
    with subprocess.Popen(gunicorn, cwd=ROOT, env=environment) as server:
        try:
            portal = Portal(port)
            _wait_for(portal, server)
            yield portal
        finally:
            server.terminate()


def _wait_for(portal: Portal, server: subprocess.Popen) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            if portal.get("/").status == 200:
                return
        except OSError as refused:  # or it is too slow yet
            if time.monotonic() > end or server.poll() is not None:
                raise SystemExit(f"The portal does not answer: {refused}") from refused
        time.sleep(0.2)
