"""Every built page, over http and from the disk: complete, quiet, readable by everybody."""

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from pages import HTML, PAGES, listen, served, settle


@pytest.fixture(scope="module", params=["http", "file"])
def home(request):
    if request.param == "file":
        yield HTML.as_uri()
    else:
        with served(HTML) as address:
            yield address


@pytest.mark.parametrize("name", PAGES)
def test_nothing_fails_and_nobody_else_is_asked(browser, home, name):
    page = browser.new_page()
    faults = listen(page, home)
    page.goto(f"{home}/{name}")
    if name == "index.html":
        page.wait_for_url("**/book/intro.html")  # where it leads
    settle(page)
    states = page.eval_on_selector_all(".livefigs-view", "all => all.map(v => v.dataset.state)")
    page.close()
    assert faults == []
    assert set(states) <= {"ready"}


# Looking at the colour of every letter takes far longer than all other rules together. A colour
# depends on the scheme and not on the width, all else on the width and not on the scheme; what is
# there at one width alone is the same on all pages.
COLOURS = {"runOnly": ["color-contrast"]}
ALL_ELSE = {"rules": {"color-contrast": {"enabled": False}}}
WAYS = [
    *((name, "light", 1280, {}) for name in PAGES[1:]),
    *((name, "dark", 1280, COLOURS) for name in PAGES[1:]),
    *((name, "light", 390, ALL_ELSE) for name in PAGES[1:]),
    *((PAGES[1], scheme, 390, {}) for scheme in ("light", "dark")),
]


@pytest.mark.parametrize(("name", "scheme", "width", "rules"), WAYS)
def test_axe_finds_nothing(browser, name, scheme, width, rules):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{HTML.as_uri()}/{name}")
    settle(page)
    page.evaluate(AXE_FILE_PATH.read_text())
    found = page.evaluate(
        "(rules) => axe.run(document, {resultTypes: ['violations'], ...rules})", rules
    )["violations"]
    context.close()
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []


@pytest.mark.parametrize("name", PAGES[1:])
def test_a_phone_shows_the_whole_width(browser, name):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{HTML.as_uri()}/{name}")
    settle(page)
    width = page.evaluate("document.scrollingElement.scrollWidth")
    neighbours = page.eval_on_selector_all(
        ".prev-next-area a", "all => all.map((a) => a.scrollWidth - a.clientWidth)"
    )
    page.close()
    assert width <= 390
    assert not any(neighbours)  # the theme would cut a long title off


def test_without_javascript_the_pictures_stand_in(browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{HTML.as_uri()}/book/intro.html")
    picture = page.locator(".livefigs-view img")
    assert picture.is_visible()
    assert len(picture.get_attribute("alt")) > 40
    context.close()


def test_solutions_and_answers_are_closed_until_asked_for(browser):
    page = browser.new_page()
    page.goto(f"{HTML.as_uri()}/book/character_model.html")
    settle(page)
    solution = page.locator("details", has_text="Show the solution").first
    code = solution.locator(".cell_input")
    assert not code.is_visible()
    solution.locator("summary").click()
    assert code.is_visible()
    answer = page.locator("details.answer.wrong").first
    assert not answer.locator("p").last.is_visible()
    answer.locator("summary").focus()
    page.keyboard.press("Enter")
    assert answer.locator("p").last.is_visible()
    page.close()
