"""The suite's own browser."""

import pytest
from playwright.sync_api import Error

from tests.browser import time_limit


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_one_that_no_longer_answers_is_killed_and_another_started(chromium_of_worker):
    page = chromium_of_worker.running().new_page()
    with time_limit(1), pytest.raises(Error, match="closed"):
        page.evaluate("new Promise(() => {})")
    assert chromium_of_worker.running().new_page().evaluate("1 + 1") == 2
