"""Light pages: little code, formulas and icons from the build, and nothing jumps."""

import gzip
import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from pages import HTML, PAGES, served, settle

SIZES = {"desktop": (1280, 844), "phone": (390, 844)}
CHAPTERS = PAGES[1:-2]
# Of each: a page, and a section below its figures
SECTIONS = [
    ("loss_and_bptt", "ground-truth-and-loss"),
    ("inside", "what-comes-first"),
]
MOVES = """window.moves = 0;
new PerformanceObserver((list) => list.getEntries().forEach(
  (e) => (window.moves += e.hadRecentInput ? 0 : e.value))
).observe({ type: "layout-shift", buffered: true });"""


@pytest.fixture(scope="module")
def homes():
    """Where the pages are, over http and on the disk."""
    with served(HTML) as address:
        yield {"http": address, "file": HTML.as_uri()}


def text_of(name):
    return (HTML / name).read_text()


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


@pytest.mark.parametrize("look", SIZES)
@pytest.mark.parametrize("name", CHAPTERS)
def test_a_page_is_light_and_stands_still(browser, name, look):
    page = browser.new_page(viewport=dict(zip(("width", "height"), SIZES[look], strict=True)))
    files = set()
    page.on("request", lambda request: files.add(urlsplit(request.url).path))
    page.add_init_script(MOVES)
    page.goto(f"{HTML.as_uri()}/{name}")
    settle(page)
    page.wait_for_timeout(300)  # what comes late moves late
    moves = page.evaluate("moves")
    page.close()
    code = [path for path in files if path.endswith((".js", ".css"))]
    data = [Path(url2pathname(path)).read_bytes() for path in code]
    assert sum(len(gzip.compress(one, 6)) for one in data) <= 400_000
    assert moves <= 0.1


# How every element of a page looks: its box, and much of its style, what stands around it included
LOOKS = """() => {
  const names = `display visibility color background-color background-image opacity border-top
    border-left border-radius box-shadow font text-align z-index text-decoration white-space
    overflow position margin padding cursor order transform outline list-style clip-path content
    fill stroke gap`.split(/\\s+/);
  const parts = [null, "::before", "::after"];
  return [...document.body.querySelectorAll("*")].map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    const looks = parts.map((part) => getComputedStyle(element, part))
      .filter(({ content }, i) => !i || content !== "none")
      .map((style) => names.map((name) => style.getPropertyValue(name)).join("; "));
    return `${element.localName}.${element.className} ${[x, y, width, height]} ${looks}`;
  });
}"""
# The sheets from which a page's own was made, in its place
UNMERGE = """async () => {
  const merged = document.querySelector("link[data-sheets]");
  const home = merged.getAttribute("href").split("_static/")[0];
  await Promise.all(merged.dataset.sheets.split(" ").map((sheet) => new Promise((come, fail) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet" });
    Object.assign(link, { onload: come, onerror: fail, href: home + sheet });
    merged.before(link);
  })));
  merged.remove();
}"""


@pytest.mark.parametrize("name", PAGES[1:])
def test_the_one_sheet_of_a_page_does_what_its_sheets_do(browser, name):
    look, scheme = [("desktop", "light"), ("phone", "dark")][PAGES.index(name) % 2]
    size = dict(zip(("width", "height"), SIZES[look], strict=True))
    page = browser.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{HTML.as_uri()}/{name}")
    settle(page)
    page.evaluate("document.querySelectorAll('dialog').forEach((dialog) => dialog.show())")
    page.evaluate("document.querySelector('.pst-async-banner-revealer').remove()")  # still opening
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    page.evaluate("window.requestAnimationFrame = () => 0")  # no figure works on
    page.evaluate("document.fonts.ready.then(() => null)")
    merged = page.evaluate(LOOKS)
    page.evaluate(UNMERGE)
    page.evaluate("document.fonts.ready.then(() => null)")
    unmerged = page.evaluate(LOOKS)
    page.close()
    assert len(merged) == len(unmerged) > 50
    assert [pair for pair in zip(merged, unmerged, strict=True) if pair[0] != pair[1]] == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_pictures_keep_their_place_until_they_come_near(name):
    for picture in re.findall(r"<img\b[^>]*>", text_of(name)):
        assert re.search(r' width="\d+" height="\d+" loading="lazy"', picture)


def landing(browser, address, size, javascript=True):
    """Where the section that an address names ends up, in pixels below the window's top."""
    context = browser.new_context(
        viewport=dict(zip(("width", "height"), size, strict=True)), java_script_enabled=javascript
    )
    page = context.new_page()
    page.goto(address)
    if javascript:
        settle(page)
    page.wait_for_timeout(300)
    top = page.locator(f"[id='{address.split('#')[1]}']").evaluate(
        "(section) => section.getBoundingClientRect().top"
    )
    context.close()
    return top


@pytest.mark.parametrize("home", ["http", "file"])
@pytest.mark.parametrize("look", SIZES)
@pytest.mark.parametrize(("name", "section"), SECTIONS)
def test_a_link_to_a_section_lands_there(browser, homes, name, section, look, home):
    address = f"{homes[home]}/book/{name}.html#{section}"
    without = landing(browser, address, SIZES[look], javascript=False)
    assert abs(landing(browser, address, SIZES[look]) - without) < 3


def test_a_reader_who_has_moved_is_left_alone(browser, homes):
    page = browser.new_page(viewport={"width": 1280, "height": 844})
    page.goto(f"{homes['file']}/book/loss_and_bptt.html#ground-truth-and-loss")
    page.keyboard.press("Home")
    settle(page)
    page.wait_for_function("scrollY < 5")
    page.evaluate("dispatchEvent(new Event('load'))")
    assert page.evaluate("scrollY") < 5
    page.close()


def test_a_wide_formula_scrolls_in_its_place_and_by_keyboard(browser):
    page = browser.new_page(viewport={"width": 390, "height": 844})
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
