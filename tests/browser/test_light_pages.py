"""Light pages: little code, formulas and icons from the build, and nothing jumps."""

import re

import pytest
from pages import HTML, PAGES, served, settle

SIZES = {"desktop": (1280, 844), "phone": (390, 844)}
CHAPTERS = PAGES[1:-2]
# Of each: a page, and a section below its figures
SECTIONS = [
    ("loss_and_bptt", "ground-truth-and-loss"),
    ("inside", "what-comes-first"),
]


@pytest.fixture(scope="module")
def homes():
    """Where the pages are, over http and on the disk."""
    with served(HTML) as address:
        yield {"http": address, "file": HTML.as_uri()}


def text_of(name):
    return (HTML / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES[1:])
def test_no_page_makes_formulas_or_icons_itself(name):
    loaded = re.findall(r'<script[^>]*\bsrc="([^"]*)', text_of(name))
    assert not [one for one in loaded if "mathjax" in one.lower() or "fontawesome" in one]
    assert "window.MathJax" not in text_of(name)


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_formula_can_be_read_out(name):
    seen = text_of(name).count("<mjx-container")
    places = re.findall(r'class="math notranslate', text_of(name))
    assert text_of(name).count('<mjx-math aria-hidden="true"') == seen == len(places)
    assert text_of(name).count("<math xmlns") == seen


@pytest.mark.parametrize("name", PAGES[1:])
def test_every_icon_has_been_drawn(name):
    assert not re.findall(r"<(?:i|span)\s[^>]*\bfa-[^>]*>", text_of(name))
    icons = re.findall(r"<svg[^>]*svg-inline--fa[^>]*>(.*?)</svg>", text_of(name))
    assert len(icons) > 5
    assert all(re.search(r'<path fill="currentColor" d="M', icon) for icon in icons)


@pytest.mark.parametrize("name", CHAPTERS)
def test_figures_come_before_all_that_can_wait(name):
    loaded = re.findall(r'<script([^>]*)\bsrc="([^"?]*)', text_of(name))
    at_once = [file for attributes, file in loaded if "defer" not in attributes]
    assert all("livefigs/" in file or "documentation_options" in file for file in at_once)


@pytest.mark.parametrize("name", CHAPTERS)
def test_pictures_keep_their_place_until_they_come_near(name):
    for picture in re.findall(r"<img\b[^>]*>", text_of(name)):
        assert re.search(r' width="\d+" height="\d+" loading="lazy"', picture)


@pytest.mark.parametrize("home", ["http", "file"])
@pytest.mark.parametrize("look", SIZES)
@pytest.mark.parametrize(("name", "section"), SECTIONS)
def test_a_link_to_a_section_lands_there(open_tab, homes, name, section, look, home):
    page = open_tab(viewport=dict(zip(("width", "height"), SIZES[look], strict=True)))
    page.goto(f"{homes[home]}/book/{name}.html#{section}")
    settle(page)
    page.wait_for_timeout(300)
    place = page.locator(f"[id='{section}']")
    top = "(section) => section.getBoundingClientRect().top"
    landed = place.evaluate(top)
    at_last = place.evaluate(
        f"(section) => {{ section.scrollIntoView(); return ({top})(section); }}"
    )
    page.close()
    assert 0 <= at_last < 100  # below the bar on top of the page
    assert abs(landed - at_last) < 3


def test_a_dark_page_is_printed_in_light_colours_and_dark_again_after_that(open_tab):
    page = open_tab(color_scheme="dark")
    page.goto(f"{HTML.as_uri()}/book/vanishing_gradients.html")
    settle(page)
    colours = """() => ["body", ".highlight pre", ".rnn-figure"].map((one) => {
      const { color, colorScheme } = getComputedStyle(document.querySelector(one));
      return [color, colorScheme];
    })"""
    dark = page.evaluate(colours)
    page.evaluate(
        f"addEventListener('beforeprint', () => window.printed = ({colours})())"  # the last to hear
    )
    page.pdf()
    printed, after = page.evaluate("printed"), page.evaluate(colours)
    page.close()
    levels = [max(map(int, re.findall(r"\d+", colour))) for colour, _ in printed]
    assert max(levels) < 110
    assert all("dark" not in scheme for _, scheme in printed)
    assert after == dark != printed


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_names_in_code_have_the_colour_of_code(open_tab, scheme):
    assert not re.search(r'<span class="[npw]">', text_of("book/unrolling.html"))
    page = open_tab(color_scheme=scheme)
    page.goto(f"{HTML.as_uri()}/book/unrolling.html")
    colours = page.evaluate(
        """() => [".cell_input .highlight", ".cell_input .highlight pre", ".output.stream pre"]
        .map((code) => getComputedStyle(document.querySelector(code)).color)"""
    )
    page.close()
    assert colours[0] == colours[1] != colours[2]


def test_a_reader_who_has_moved_is_left_alone(open_tab, homes):
    page = open_tab(viewport={"width": 1280, "height": 844})
    page.goto(f"{homes['file']}/book/loss_and_bptt.html#ground-truth-and-loss")
    page.keyboard.press("Home")
    settle(page)
    page.wait_for_function("scrollY < 5")
    page.evaluate("dispatchEvent(new Event('load'))")
    assert page.evaluate("scrollY") < 5
    page.close()


def test_a_wide_formula_scrolls_in_its_place_and_by_keyboard(open_tab):
    page = open_tab(viewport={"width": 390, "height": 844})
    page.goto(f"{HTML.as_uri()}/book/shapes.html")
    settle(page)
    wide = page.locator("div.math mjx-container[tabindex='0']")
    assert wide.count() == 1
    wide.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 844})
    page.wait_for_function("!document.querySelector('div.math mjx-container[tabindex]')")
    page.close()
