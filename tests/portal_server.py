"""The portal as it runs in production, on the suite's database: gunicorn with several processes."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from django.db import connection

from benchmarks.servers import nginx_in_front, varnish_in_front

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60  # seconds for a server to start on a machine that is busy with other tests


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def database_url() -> str:
    """Of the database that the suite has open."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{quote(name)}"))


def get(port: int, path: str, host: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """On a connection of its own, so that any process may answer."""
    caller = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        caller.request("GET", path, headers={"Host": host, **headers})
        got = caller.getresponse()
        return got.status, {name.lower(): value for name, value in got.getheaders()}, got.read()
    finally:
        caller.close()


@contextlib.contextmanager
def portal(workers: int, **environment: str) -> Iterator[int]:
    """Its port, once it answers."""
    port = free_port()
    told = {
        "DATABASE_URL": database_url(),
        "BIND": f"127.0.0.1:{port}",
        "WEB_WORKERS": str(workers),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTEST_XDIST_WORKER": "server",  # with the suite's own folder
        **environment,
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "newsportal.wsgi"],
        cwd=ROOT,
        env={**os.environ, **told},
    )
    try:
        wait_until(lambda: get(port, "/robots.txt", "main.test")[0] in (200, 404, 503))
        yield port
    finally:
        server.terminate()
        server.wait(PATIENCE)


def nginx(folder: Path, behind: int, certificate: Path | None = None) -> AbstractContextManager[int]:
    """In front of a port of the portal, by the rules of deploy/; with TLS if there is a file with a
    certificate and its key. Its port. Skips the test where it is not installed."""
    return _in_front("nginx", lambda port: nginx_in_front(folder, port, behind, certificate))


def varnish(folder: Path, behind: int, *options: str) -> AbstractContextManager[int]:
    """The same of Varnish, with options of its command."""
    return _in_front(
        "varnish varnish-modules", lambda port: [*varnish_in_front(folder, port, behind), *options]
    )


@contextlib.contextmanager
def _in_front(packages: str, command: Callable[[int], list[str]]) -> Iterator[int]:
    port = free_port()
    try:
        arguments = command(port)
    except FileNotFoundError as missing:
        pytest.skip(f"no {missing} is installed (Debian: apt install {packages})")
    server = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: socket.create_connection(("127.0.0.1", port), 1).close() is None)
        yield port
    finally:
        server.terminate()
        server.wait(PATIENCE)


def wait_until(holds, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError):
            if holds():
                return
        if time.monotonic() > end:
            raise AssertionError(f"It did not come about in {seconds} seconds.")
        time.sleep(0.05)
