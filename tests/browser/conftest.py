"""What the browser tests share: one Chromium, and in a module the pages for its figures."""

import shutil

import pytest
from playwright.sync_api import sync_playwright
from stage import Boards

MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
NAMES = ("chromium", "chromium-browser", "google-chrome", MAC)
# No request of the browser's own may mix with those of the pages
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)


@pytest.fixture(scope="session")
def browser():
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)}")
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
