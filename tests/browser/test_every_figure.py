"""What holds of all figures: where a page puts them, how it is read, and how it is printed."""

import io

import matplotlib.image
import pytest
from every_figure import EVERY_FIGURE
from stage import SETTLED, gather, settle

# Where all elements of a figure lie in it
PLACES = """(name) => {
    const root = shown.get(name).el.querySelector(".rnn-figure");
    const { x: left, y: top } = root.getBoundingClientRect();
    return [...root.querySelectorAll("*")].map((node) => {
        const { x, y, width, height } = node.getBoundingClientRect();
        return [node.getAttribute("class"), x - left, y - top, width, height].join(" ");
    });
}"""
# What is drawn, without the ids, which are by chance
DRAWN = """(el) => [
    el.innerHTML.replaceAll(/rnn-[\\w-]*-\\d+-\\w+/g, "id"),
    ...[...el.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL()),
]"""


@pytest.fixture(scope="module")
def figures():
    return {name: make() for name, make in EVERY_FIGURE.items()}


@pytest.fixture(scope="module")
def crowd(browser, figures):
    """All figures on one page."""
    page = browser.new_page(viewport={"width": 900, "height": 900}, reduced_motion="reduce")
    gather(page, figures)
    yield page
    page.close()


@pytest.fixture
def page(crowd):
    """The same page, which the test before may have changed."""
    yield crowd
    crowd.emulate_media(media="screen", forced_colors="none", color_scheme="light")
    crowd.evaluate(
        """() => {
            document.documentElement.dir = "ltr";
            document.documentElement.dataset.theme = "light";
        }"""
    )
    settle(crowd)


@pytest.mark.parametrize("name", EVERY_FIGURE)
def test_a_figure_may_be_drawn_before_it_is_on_the_page(page, name):
    """As in JupyterLab: there an element has neither size nor colours when it is rendered."""
    attached = page.evaluate(
        f"""async (name) => {{
            const {{ el, figure, model }} = shown.get(name);
            const late = document.createElement("div");
            window.endLate = figure.render({{ model, el: late }});
            await new Promise(requestAnimationFrame);
            el.after(late);
            window.late = late;
            return ({DRAWN})(el);
        }}""",
        name,
    )
    try:
        page.wait_for_function(
            f"(wanted) => JSON.stringify(({DRAWN})(window.late)) === JSON.stringify(wanted)",
            arg=attached,
            timeout=3000,
        )
    finally:
        page.evaluate("() => { window.endLate(); window.late.remove(); }")


def test_the_last_frame_of_a_film_is_in_sight_from_the_beginning(page):
    page.set_viewport_size({"width": 390, "height": 900})
    change = """([length, prompt]) => {
        shown.get("Completion").model.set("length", length);
        shown.get("Completion").model.set("prompt", prompt);
    }"""
    page.evaluate(change, [40, "good i am fine good i am fine"])
    settle(page)
    left = page.evaluate(
        f"""async () => {{
            const {{ el, figure, model }} = shown.get("Completion");
            const late = document.createElement("div");
            const end = figure.render({{ model, el: late }});
            await new Promise(requestAnimationFrame);
            el.after(late);
            await ({SETTLED})();
            const found = [el, late].map((one) => one.querySelector(".rnn-scroll").scrollLeft);
            end();
            late.remove();
            return found;
        }}"""
    )
    page.evaluate(change, [15, "good"])
    page.set_viewport_size({"width": 900, "height": 900})
    assert left[0] > 50
    assert left[1] == left[0]


def test_figures_read_from_left_to_right_on_every_page(page):
    before = {name: page.evaluate(PLACES, name) for name in EVERY_FIGURE}
    page.evaluate("document.documentElement.dir = 'rtl'")
    settle(page)
    for name, places in before.items():
        assert page.evaluate(PLACES, name) == places, name


# --- high contrast -------------------------------------------------------------------------------


def colours_in(locator):
    """How many pixels of a part are neither grey nor black nor white."""
    image = matplotlib.image.imread(io.BytesIO(locator.screenshot()))[..., :3]
    return int((image.max(axis=2) - image.min(axis=2) > 0.2).sum())


HEAT = {
    "Captioning": ".rnn-strip",
    "Completion": ".rnn-strip",
    "GradientLedger": ".rnn-losses",
    "SentimentMeter": ".rnn-state",
    "TimeMachine": ".rnn-ramp",
    "VideoLabels": ".rnn-switch",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", HEAT)
def test_what_is_drawn_keeps_its_colours_in_high_contrast(page, name, scheme):
    part = page.locator(f".{root_of(name)} {HEAT[name]}").first
    seen = colours_in(part)
    assert seen > 20
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    settle(page)
    assert colours_in(part) > seen / 3


def root_of(name):
    return "rnn-" + "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_in_high_contrast(page, scheme):
    """They have the reader's own colours, and so has what is behind them."""
    page.evaluate("document.documentElement.dataset.theme = 'dark'")  # the page's does not matter
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    settle(page)
    wanted = ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    for root in page.locator(".rnn-figure").all():
        look = "(node) => [getComputedStyle(node).backgroundColor, getComputedStyle(node).color]"
        assert root.evaluate(look) == (wanted if scheme == "light" else wanted[::-1])
        for text in root.locator(".rnn-words:visible, .rnn-title:visible").all():
            assert text.evaluate(look)[1] == root.evaluate(look)[1]


@pytest.mark.parametrize(
    "options",
    [
        ".rnn-spectral-lab .rnn-options label:has(:checked)",
        ".rnn-spectral-lab [aria-pressed=true]",
        ".rnn-gradient-ledger .rnn-thumb:has(:checked)",
        ".rnn-wiring-chooser .rnn-option:has(:checked)",
        ".rnn-translator .rnn-card[aria-pressed=true]",
    ],
)
def test_the_chosen_option_has_an_outline_in_high_contrast(page, options):
    page.evaluate("shown.get('SpectralLab').el.querySelector('[data-role=experiment-2]').click()")
    settle(page)
    chosen = page.locator(options).first
    style = "(node) => getComputedStyle(node).outlineStyle + getComputedStyle(node).outlineWidth"
    page.emulate_media(forced_colors="active")
    assert chosen.evaluate(style) == "solid3px"
    assert chosen.evaluate("(node) => getComputedStyle(node.parentNode).outlineStyle") == "none"


# --- paper ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_are_printed_whole_and_light(page, theme):
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    page.emulate_media(media="print")
    for root in page.locator(".rnn-figure").all():
        style = root.evaluate("(node) => ({ ...getComputedStyle(node) })")
        assert style["backgroundColor"] == "rgb(255, 255, 255)"
        assert style["color"] == "rgb(31, 41, 51)"
        assert style["breakInside"] == "avoid"
        assert style["printColorAdjust"] == "exact"
        assert style["colorScheme"] != "dark"


def test_no_colour_of_the_dark_page_is_printed(page):
    """All that is drawn has the colours that it has on a light page."""
    looks = """() => [...document.querySelectorAll(".rnn-figure *")].map((node) => {
        const { color, backgroundColor, backgroundImage, fill, stroke } = getComputedStyle(node);
        return [node.getAttribute("class"), color, backgroundColor, backgroundImage, fill, stroke];
    })"""
    page.emulate_media(media="print")
    light = page.evaluate(looks)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.evaluate(looks) == light
