"""Words that act on a figure, and addresses that lead to what a reader has found."""

import json
import re
from urllib.parse import quote

import pytest
from accessibility import axe_finds
from pages import HTML, PAGES, listen, settle

ACTING = [name for name in PAGES[1:-2] if "data-set=" in (HTML / name).read_text(encoding="utf-8")]
TRAITS = "(id) => LiveFigs.models.get(id).then((model) => model.state)"


@pytest.fixture
def opened(open_tab):
    """Open pages of the book; none may complain."""
    faults, pages = [], []

    def go(address, **look):
        page = open_tab(**({"viewport": {"width": 1280, "height": 844}} | look))
        pages.append(page)
        faults.append(listen(page, HTML.as_uri()))
        page.goto(f"{HTML.as_uri()}/{address}")
        settle(page)
        page.wait_for_selector("[data-state=ready]", state="attached")
        return page

    yield go
    for page in pages:
        page.close()
    assert [one for found in faults for one in found] == []


def test_there_are_words_that_act():
    assert len(ACTING) >= 4


@pytest.mark.parametrize("name", ACTING)
def test_each_sets_traits_that_the_figure_has(opened, name):
    page = opened(name)
    words = page.locator("[data-set]")
    for i in range(words.count()):
        wanted = json.loads(words.nth(i).get_attribute("data-set"))
        words.nth(i).click()
        view = page.locator(".livefigs-view").first.get_attribute("data-model")
        found = page.evaluate(TRAITS, view)
        assert {trait: found[trait] for trait in wanted} == wanted
        assert page.locator(".livefigs-view").first.evaluate(
            "(view) => { const { top, bottom } = view.getBoundingClientRect();"
            " return top < innerHeight && bottom > 0; }"
        )


def test_they_act_by_keyboard(opened):
    page = opened("book/unrolling.html")
    page.get_by_role("button", name="Fold", exact=True).first.focus()
    for place, key, folded in [(0, "Enter", True), (1, " ", False), (0, " ", True)]:
        page.locator("[data-set]").nth(place).focus()
        page.keyboard.press(key)
        assert page.evaluate(TRAITS, "m1")["folded"] is folded
    assert (
        axe_finds(page, {"runOnly": ["aria-allowed-role", "nested-interactive", "button-name"]})
        == []
    )


def test_without_a_script_they_are_words(browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{HTML.as_uri()}/book/vanishing_gradients.html")
    words = page.locator("[data-set]", has_text="at 1.1")
    assert words.get_attribute("role") is None
    assert page.get_by_text("Leave it at 1.1, and choose tanh.").count() == 1
    assert page.get_by_text("Link to this state").count() == 0
    context.close()


def test_an_address_leads_to_what_was_found(opened):
    page = opened("book/vanishing_gradients.html")
    page.locator("[data-set]", has_text="at 1.1").click()
    page.get_by_role("button", name="Link to this state").click()
    page.get_by_role("status").get_by_text("The address of this page now leads here").wait_for()
    address = page.evaluate("location.href")
    assert re.search(r"#figure=1&", address)
    again = opened(address.removeprefix(f"{HTML.as_uri()}/"))
    assert again.evaluate(TRAITS, "m1") == page.evaluate(TRAITS, "m1")
    again.wait_for_function(
        "document.querySelector('.livefigs-view').getBoundingClientRect().top < innerHeight"
    )


def test_an_address_that_makes_no_sense_changes_nothing(opened):
    plain = opened("book/vanishing_gradients.html").evaluate(TRAITS, "m1")
    for told in ["{", '{"kind":7}', '{"never":1}', "null", '{"_esm":"x"}']:
        page = opened(f"book/vanishing_gradients.html#figure=1&{quote(told)}")
        assert page.evaluate(TRAITS, "m1") == plain, told
        page.close()


def test_an_address_of_a_figure_that_is_not_there_changes_nothing(opened):
    page = opened("book/vanishing_gradients.html#figure=9&%7B%7D")
    assert page.locator("[data-state=ready]").count() == 1
