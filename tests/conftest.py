import os
import sqlite3

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings

from tests.browser import channel, chromium, chromium_of_worker, picture, sign_in  # noqa: F401 (fixtures)

# A machine that also does other things is no reason for a failure. In CI a commit is judged by examples
# that are the same each time; on developers' machines each run looks elsewhere.
hypothesis_settings.register_profile("suite", deadline=None, max_examples=60, derandomize="CI" in os.environ)
hypothesis_settings.load_profile("suite")

# Reasons for which a test may be skipped even where CI runs it. The portal itself uses those fonts only where
# they are, and they weigh 57 MB.
OPTIONAL = ("the shared samples are not here", "Noto Sans CJK is not installed")


def pytest_report_header() -> str:
    if url := os.environ.get("DATABASE_URL"):
        with psycopg.connect(url) as connection:
            major, minor = divmod(connection.info.server_version, 10_000)
            return f"database: PostgreSQL {major}.{minor}"
    return f"database: SQLite {sqlite3.sqlite_version}"


def pytest_collection_modifyitems(items) -> None:
    """A Chromium that died or had to be killed says nothing of the portal: its test has one new one."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=["TargetClosedError"]))


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
