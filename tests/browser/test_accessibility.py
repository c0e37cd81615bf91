"""A few texts stand for all that look the same: a fault in any look is found nevertheless."""

import pytest
from accessibility import COLOURS, axe_finds

FAULTS = {
    "its colour": "<p style='color: #aaa'>{}</p>",
    "its size": "<p style='color: #888'>{}</p>",  # large it would do, and stands so on the page
    "how faint it is": "<p style='opacity: 0.4'>{}</p>",
    "how faint all is around it": "<div style='opacity: 0.4'><p>{}</p></div>",
    "what lies behind it": "<p style='background: #333'>{}</p>",
    "what lies behind all around it": "<div style='background: #333'><p><b>{}</b></p></div>",
    "what is typed": "<input aria-label='a' style='color: #aaa' value='{}'>",
}


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    yield page
    page.close()


def found_in(page, text):
    """How many faults axe finds in a text that stands between many without a fault."""
    good = "<p>good</p><p style='color: #888; font-size: 40px'>large</p>" * 20
    page.set_content(f"<html lang='en'><title>A page</title><main>{good}{text}{good}</main>")
    page.evaluate("delete window.axe")
    found = axe_finds(page, COLOURS, of_each=5)
    return sum(len(nodes) for _, nodes in found)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_between_many_good_texts_is_found(page, fault):
    assert found_in(page, FAULTS[fault].format("bad")) == 1


def test_of_many_that_look_the_same_a_few_are_looked_at(page):
    assert found_in(page, FAULTS["its colour"].format("bad") * 60) == 5
    assert found_in(page, "") == 0


def test_what_cannot_be_seen_or_used_stands_for_nobody(page):
    hidden = "<p style='color: #aaa; {}'>bad</p>"
    aside = hidden.format("visibility: hidden") + hidden.format("display: none")
    off = "<button disabled style='all: unset; display: block; color: #aaa'>bad</button>"
    assert found_in(page, 9 * (aside + off)) == 0
    assert found_in(page, 9 * (aside + off) + FAULTS["its colour"].format("bad")) == 1
