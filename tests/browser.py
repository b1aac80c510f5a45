"""A real Chromium for tests: one a worker, started anew when it had to be killed."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.db import connections
from playwright.sync_api import Browser, Page, sync_playwright

from articles.models import Picture
from articles.picture_storing import store
from sections.sample.read import FOLDER
from tests.articles.test_admin import make_groups
from tests.factories import make_channel, make_site

PASSWORD = "only-for-this-test"
QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
# A switch that Chromium does not know, by which this worker's is found among the processes.
MARK = f"--newsportal-suite={uuid4().hex}"
SECONDS = 300  # many times what the longest test takes


@contextmanager
def time_limit(seconds: float = SECONDS) -> Iterator[None]:
    """Kills a Chromium that no longer answers, for which Playwright would wait without end."""
    timer = threading.Timer(seconds, subprocess.run, [["pkill", "-KILL", "-f", "--", MARK]])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Chromium:
    def __init__(self, launch) -> None:
        self._launch = launch
        self._browser: Browser | None = None

    def running(self) -> Browser:
        if self._browser is None or not self._browser.is_connected():
            self._browser = self._launch()
        return self._browser

    def stop(self) -> None:
        if self._browser and self._browser.is_connected():
            self._browser.close()


@pytest.fixture(scope="session")
def chromium_of_worker(django_db_setup):
    """Of the system: the suite downloads none."""
    program = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    if program is None:
        pytest.skip("no Chromium is installed (Debian: apt install chromium)")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # as root Chromium starts no other way
    # Playwright runs an event loop in this thread, where Django would refuse to use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = Chromium(
            lambda: playwright.chromium.launch(
                executable_path=program, headless=True, args=[*QUIET, *sandbox, MARK]
            )
        )
        yield chromium
        with time_limit():
            chromium.stop()
        # Within Playwright's loop Django keeps connections of its own, which nobody else would close.
        connections.close_all()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def chromium(chromium_of_worker) -> Iterator[Browser]:
    with time_limit():
        yield chromium_of_worker.running()


@pytest.fixture
def channel(transactional_db):
    """On the live server's site, with the desk's groups."""
    make_groups()
    return make_channel(make_site("localhost", name="Main", is_default=True), "Waterways", "CANALS")


@pytest.fixture
def picture(transactional_db, settings, tmp_path) -> Picture:
    settings.MEDIA_ROOT = tmp_path
    picture = Picture(alt_text="Cranes at the quay", credit="The suite")
    store(picture, (FOLDER / "pictures/port-cranes.jpg").read_bytes())
    picture.save()
    return picture


def sign_in_on(page: Page, name: str, path: str = "/admin/") -> Page:
    """Collects what the console complains of in `page.complaints` from the first request on."""
    page.complaints = []
    page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(f"/admin/login/?next={path}")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    # A click waits for no navigation; a page reloaded in the middle of one is "not attached".
    page.wait_for_url(lambda url: url.endswith(path))
    return page


@pytest.fixture
def sign_in(chromium, live_server):
    """Opens a page of the desk, by default its front, as a new user of a group, in a browser of their own."""
    contexts = []

    def sign_in(group: str, name: str = "", path: str = "/admin/", **options) -> Page:
        name = name or group
        user = User.objects.create_user(name, password=PASSWORD, is_staff=True, first_name=name)
        user.groups.add(Group.objects.get(name=group))
        contexts.append(chromium.new_context(base_url=live_server.url, **options))
        return sign_in_on(contexts[-1].new_page(), name, path)

    yield sign_in
    for context in contexts:
        context.close()
