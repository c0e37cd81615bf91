"""Every built page, over http and from the disk: complete, quiet, readable by everybody."""

import pytest
from accessibility import RULES, axe_finds
from pages import HTML, PAGES, listen, served, settle

LOOKS = {  # of each page: from where, in which scheme, and how wide
    "desktop": ("http", "light", 1280),
    "night": ("file", "dark", 1280),
    "phone": ("file", "light", 390),
}


@pytest.fixture(scope="module")
def homes():
    """Where the pages are, over http and on the disk."""
    with served(HTML) as address:
        yield {"http": address, "file": HTML.as_uri()}


@pytest.fixture(
    scope="module", params=[(name, look) for look in LOOKS for name in PAGES[1:]], ids="-".join
)
def visit(request, browser, homes):
    """A page that has settled, opened once for all that is asked of it; and what went wrong."""
    name, look = request.param
    home, scheme, width = LOOKS[look]
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    faults = listen(page, homes[home])
    page.goto(f"{homes[home]}/{name}")
    settle(page)
    yield page, look, faults
    page.close()


def test_nothing_fails_and_nobody_else_is_asked(visit):
    page, _, faults = visit
    states = page.eval_on_selector_all(".livefigs-view", "all => all.map(v => v.dataset.state)")
    assert faults == []
    assert set(states) <= {"ready"}


def test_axe_finds_nothing(visit):
    page, look, _ = visit
    _, scheme, width = LOOKS[look]
    page.emulate_media(reduced_motion="reduce")
    if scheme == "dark":  # on a phone too, as the same page is there already
        page.set_viewport_size({"width": 390, "height": 844})
        assert axe_finds(page, RULES[scheme], of_each=5) == []
        page.set_viewport_size({"width": width, "height": 844})
    assert axe_finds(page, RULES[scheme], of_each=5) == []


def test_nothing_sticks_out(visit):
    page, look, _ = visit
    width = page.evaluate("document.scrollingElement.scrollWidth")
    neighbours = page.eval_on_selector_all(
        ".prev-next-area a", "all => all.map((a) => a.scrollWidth - a.clientWidth)"
    )
    assert width <= LOOKS[look][2]
    assert not any(neighbours)  # the theme would cut a long title off


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_in_any_letter_of_the_front_page(browser, scheme, width):
    page = browser.new_page(
        viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
    )
    page.goto(f"{HTML.as_uri()}/{PAGES[1]}")
    settle(page)
    found = axe_finds(page, {})
    page.close()
    assert found == []


@pytest.mark.parametrize("home", ["http", "file"])
def test_the_front_door_leads_to_the_front_page(browser, homes, home):
    page = browser.new_page()
    faults = listen(page, homes[home])
    page.goto(f"{homes[home]}/{PAGES[0]}")
    page.wait_for_url(f"**/{PAGES[1]}")
    settle(page)
    page.close()
    assert faults == []


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
