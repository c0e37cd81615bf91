"""What the browser tests share: one Chromium, and in a module the pages for its figures."""

import shutil

import pytest
from playwright.sync_api import sync_playwright
from stage import Boards

from benchmarks.pages import BROWSERS, QUIET


@pytest.fixture(scope="session")
def browser():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET.split())
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def boards(browser):
    """Pages for `stage`, one for each look that the tests of a module want."""
    boards = Boards(browser)
    yield boards
    boards.close()
