"""Every built page, over http and from the disk: complete, quiet, readable by everybody."""

import gzip
from urllib.parse import unquote, urlsplit

import pytest
from accessibility import OF_THE_WIDTH, RULES, axe_finds
from pages import HTML, PAGES, listen, served, settle
from stage import SETTLED

LOOKS = {  # of each page: from where, in which scheme, how wide, and whether it may move
    "desktop by night": ("file", "dark", 1280, "reduce"),
    "phone by day": ("http", "light", 390, "no-preference"),
}
WIDTHS = (390, 1280)
FRAMES = (PAGES[1], PAGES[2], "search.html")  # what stands around a text is the same on all others
VISITS = [(name, look) for look in LOOKS for name in PAGES[1:]]
BY_NIGHT = VISITS[: len(PAGES) - 1]  # the first, as pytest tells visits apart by their numbers
MOVES = """window.moves = 0;
new PerformanceObserver((list) => list.getEntries().forEach(
  (e) => (window.moves += e.hadRecentInput ? 0 : e.value))
).observe({ type: "layout-shift", buffered: true });"""


@pytest.fixture(scope="module")
def homes():
    """Where the pages are, over http and on the disk."""
    with served(HTML) as address:
        yield {"http": address, "file": HTML.as_uri()}


@pytest.fixture(scope="module", params=VISITS, ids=" ".join)
def visit(request, open_tab, homes):
    """A page that has settled, opened once for all that is asked of it; and what went wrong."""
    name, look = request.param
    home, scheme, width, motion = LOOKS[look]
    size = {"width": width, "height": 844}
    page = open_tab(viewport=size, color_scheme=scheme, reduced_motion=motion)
    faults = listen(page, homes[home])
    page.name, page.files = name, set()
    page.on("request", lambda request: page.files.add(urlsplit(request.url)))
    page.add_init_script(MOVES)
    page.goto(f"{homes[home]}/{name}")
    settle(page)
    yield page, look, faults
    page.close()


def test_nothing_fails_and_nobody_else_is_asked(visit):
    page, _, faults = visit
    states = page.eval_on_selector_all(".livefigs-view", "all => all.map(v => v.dataset.state)")
    assert faults == []
    assert set(states) <= {"ready"}


def test_it_is_light_and_stands_still(visit, homes):
    page, look, _ = visit
    page.wait_for_timeout(300)  # what comes late moves late
    moves = page.evaluate("moves")
    root = urlsplit(homes[LOOKS[look][0]]).path
    names = [unquote(file.path.removeprefix(root)).strip("/") for file in page.files]
    code = [(HTML / name).read_bytes() for name in names if name.endswith((".js", ".css"))]
    assert len(code) > 2
    assert sum(len(gzip.compress(one, 6)) for one in code) <= 400_000
    assert moves <= 0.1


def test_axe_finds_nothing(visit):
    page, look, _ = visit
    _, scheme, own_width, _ = LOOKS[look]
    page.emulate_media(reduced_motion="reduce")
    assert axe_finds(page, RULES[scheme], of_each=5) == []
    if scheme == "dark" and page.name not in FRAMES:
        return  # a width changes no colours, and what it may change else is seen by day
    (other_width,) = {*WIDTHS} - {own_width}
    page.set_viewport_size({"width": other_width, "height": 844})
    page.evaluate(SETTLED)  # figures draw themselves anew for the width
    found = axe_finds(page, RULES[scheme] if page.name in FRAMES else OF_THE_WIDTH, of_each=5)
    page.set_viewport_size({"width": own_width, "height": 844})
    assert found == []


def test_nothing_sticks_out(visit):
    page, look, _ = visit
    width = page.evaluate("document.scrollingElement.scrollWidth")
    neighbours = page.eval_on_selector_all(
        ".prev-next-area a", "all => all.map((a) => a.scrollWidth - a.clientWidth)"
    )
    assert width <= LOOKS[look][2]
    assert not any(neighbours)  # the theme would cut a long title off


def test_pictures_are_dark_on_a_dark_page(visit):
    page, look, _ = visit
    filters = page.eval_on_selector_all(
        ".bd-article .cell_output img", "all => all.map((img) => getComputedStyle(img).filter)"
    )
    dark = LOOKS[look][1] == "dark"
    assert set(filters) <= {"invert(1) hue-rotate(180deg)" if dark else "none"}


# How every element of a page looks: its box, and much of its style, what stands around it included
APPEARANCE = """() => {
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


@pytest.mark.parametrize("visit", BY_NIGHT, indirect=True, ids=" ".join)
def test_the_one_sheet_of_a_page_does_what_its_sheets_do(visit):  # the last: it takes it away
    page, _, _ = visit
    on_a_phone = PAGES.index(page.name) % 2  # half of the pages
    page.set_viewport_size({"width": WIDTHS[not on_a_phone], "height": 844})
    scheme = "dark" if on_a_phone else "light"
    page.emulate_media(reduced_motion="reduce", color_scheme=scheme)
    page.wait_for_selector(f"html[data-theme={scheme}]")  # the theme hears of it a moment later
    page.evaluate("document.querySelectorAll('dialog').forEach((dialog) => dialog.show())")
    page.evaluate("document.querySelector('.pst-async-banner-revealer').remove()")  # still opening
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    page.evaluate("window.requestAnimationFrame = () => 0")  # no figure works on
    page.evaluate("document.fonts.ready.then(() => null)")
    merged = page.evaluate(APPEARANCE)
    page.evaluate(UNMERGE)
    page.evaluate("document.fonts.ready.then(() => null)")
    unmerged = page.evaluate(APPEARANCE)
    assert len(merged) == len(unmerged) > 50
    assert [pair for pair in zip(merged, unmerged, strict=True) if pair[0] != pair[1]] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_in_any_letter_of_the_front_page(open_tab, scheme, width):
    page = open_tab(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page.goto(f"{HTML.as_uri()}/{PAGES[1]}")
    settle(page)
    found = axe_finds(page, {})
    page.close()
    assert found == []


@pytest.mark.parametrize("home", ["http", "file"])
def test_the_front_door_leads_to_the_front_page(open_tab, homes, home):
    page = open_tab()
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


def test_solutions_and_answers_are_closed_until_asked_for(open_tab):
    page = open_tab()
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
