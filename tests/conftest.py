import os
import shutil
import sqlite3

import psycopg
import pytest
from django.db import connections
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import sync_playwright

# A machine that also does other things is no reason for a failure. In CI a commit is judged by examples
# that are the same each time; on developers' machines each run looks elsewhere.
hypothesis_settings.register_profile("suite", deadline=None, max_examples=60, derandomize="CI" in os.environ)
hypothesis_settings.load_profile("suite")

# Reasons for which a test may be skipped even where CI runs it.
OPTIONAL = ("the shared samples are not here",)


def pytest_report_header() -> str:
    if url := os.environ.get("DATABASE_URL"):
        with psycopg.connect(url) as connection:
            major, minor = divmod(connection.info.server_version, 10_000)
            return f"database: PostgreSQL {major}.{minor}"
    return f"database: SQLite {sqlite3.sqlite_version}"


def pytest_terminal_summary(terminalreporter) -> None:
    terminalreporter.write_line(pytest_report_header())


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session) -> None:
    """CI has all that the suite needs: a skip there is a missing install step, not a pass."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None:
        return
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not any(allowed in reason for allowed in OPTIONAL):
            reporter.write_line(f"CI may not skip this: {report.nodeid}: {reason}", red=True)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def chromium():
    """A real browser, of the system: the suite downloads none."""
    program = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    if program is None:
        pytest.skip("no Chromium is installed (Debian: apt install chromium)")
    quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
    if os.geteuid() == 0:
        quiet.append("--no-sandbox")  # as root Chromium starts no other way
    # Playwright runs an event loop in this thread, where Django would refuse to use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=quiet)
        yield browser
        browser.close()
        # Within Playwright's loop Django keeps connections of its own, which nobody else would close.
        connections.close_all()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
