"""What the browser tests share: one Chromium, and in a module the pages for its figures."""

import json
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


@pytest.fixture(scope="session")
def open_tab(browser):
    """Open a page in a window of its look that is there already; a new window takes twice as long.

    For pages of the book, one after the other: a page behind another one draws nothing.
    """
    windows = {}

    def open_page(**look):
        look = {"reduced_motion": "reduce"} | look  # to draw what moves takes long
        key = json.dumps(look, sort_keys=True)
        if key not in windows:
            windows[key] = browser.new_context(**look)
            windows[key].new_page()  # keeps the window open
        return windows[key].new_page()

    yield open_page
    for window in windows.values():
        window.close()


@pytest.fixture(scope="module")
def boards(browser):
    """Pages for `stage`, one for each look that the tests of a module want."""
    boards = Boards(browser)
    yield boards
    boards.close()
