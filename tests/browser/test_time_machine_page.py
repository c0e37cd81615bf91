"""The figure alone on a page: PyTorch's numbers at every checkpoint, by mouse, keys and touch."""

import functools
import gzip
import random

import pytest
import torch
from accessibility import RULES, SIGHTS, axe_finds
from machines import CELLS, LETTERS, TEXT, checkpoints, ledger_facts, machine, write_slowly
from networks import make_model
from stage import get, part, stage, stop_clock

from charrnn_helpers import Vocabulary, predict
from charrnn_helpers.widgets import TimeMachine
from charrnn_helpers.widgets.bundle import bundle
from charrnn_helpers.widgets.packed import packed, round_weights

# Read from a copy: a canvas that is read itself makes the browser complain
PIXELS = """(root) => {
    const canvas = document.querySelector(`${root} [data-role=states]`);
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    return copy.getImageData(0, 0, width, height);
}"""
DRAWN = "document.querySelectorAll('#one circle.rnn-horizon').length === 3"


@pytest.fixture(scope="module")
def figure():
    return machine()


@pytest.fixture
def mount(boards, figure):
    """Open pages with the figure on them; at the end, none may have complained."""
    with stage(boards) as put:
        yield functools.partial(put, figure)


@pytest.fixture(scope="module")
def arithmetic(browser):
    """A page in which `memoryOf` gives what is found out about one network."""
    page = browser.new_page()
    page.evaluate(
        """async (source) => {
            const blob = new Blob([source], { type: "text/javascript" });
            const { newMemory } = await import(URL.createObjectURL(blob));
            window.memoryOf = ({ weights, ...given }) =>
                newMemory({ ...given, checkpoints: [{ weights }] });
        }""",
        bundle("time_machine/memory.js"),
    )
    yield page
    page.close()


def words(page, role, root="#one"):
    return part(page, role, root).text_content()


def sample_of(page, root="#one"):
    return words(page, "start", root) + words(page, "written", root)


def states_of(page, root="#one"):
    """The heat map as numbers, (H, T) of rows of its pixels: opacity, negative where it is blue."""
    return page.evaluate(
        """(root) => {
            const { width, height, data } = pixels(root);
            return Array.from({ length: height }, (_, i) =>
                Array.from({ length: width }, (_, t) => {
                    const at = 4 * (i * width + t);
                    return (data[at] < data[at + 2] ? -1 : 1) * data[at + 3] / 255;
                }));
        }""".replace("pixels", f"({PIXELS})"),
        root,
    )


def shares_of(page, root="#one"):
    return page.locator(f"{root} [data-role=reach] rect").evaluate_all(
        "(bars) => bars.map((bar) => Number(bar.dataset.share))"
    )


def horizons_of(page):
    return page.locator("#one circle.rnn-horizon").evaluate_all(
        "(dots) => dots.map((dot) => Number(dot.dataset.value))"
    )


def close_to(measured, expected, tolerance=1e-9):
    torch.testing.assert_close(
        torch.as_tensor(measured, dtype=torch.float64),
        torch.as_tensor(expected, dtype=torch.float64),
        rtol=0,
        atol=tolerance,
    )


# --- the arithmetic is PyTorch's ------------------------------------------------------------------


def draw(cell, seed):
    """A random network, some characters and a text of them."""
    choose = random.Random(f"machine {cell} {seed}")
    vocabulary = Vocabulary("abcdefghijklmnopqrstuvwxyz"[: choose.randint(2, 20)])
    model = make_model(vocabulary, seed, choose.randint(1, 14), cell)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(choose.choice([0.5, 1, 2, 3]))
    text = "".join(choose.choices(vocabulary.characters, k=choose.randint(2, 24)))
    given = {"weights": packed(round_weights(model)), "cell": cell, "text": text}
    return model, vocabulary, text, given | {"characters": vocabulary.characters}


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("seed", range(6))
def test_states_and_probabilities(arithmetic, cell, seed):
    model, vocabulary, text, given = draw(cell, seed)
    found = arithmetic.evaluate(
        """(given) => {
            const { states, ...rest } = memoryOf(given).reading(0, given);
            return { states: states.map((h) => [...h]), ...rest };
        }""",
        given,
    )
    chances = []
    for t in range(1, len(text) + 1):
        p, (h, *_) = predict(model, vocabulary, text[:t])
        close_to(found["states"][t - 1], h[0, 0])
        chances.append(p)
    follows = zip(chances, text[1:], strict=False)  # after the last character nothing comes
    expected = [float(p[vocabulary.characters.index(c)]) for p, c in follows]
    close_to(found["chances"], expected)
    assert found["bits"] == pytest.approx(-torch.tensor(expected).log2().mean().item(), rel=1e-5)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("seed", range(6))
def test_the_gradient_by_distance_and_its_horizon(arithmetic, cell, seed):
    model, vocabulary, text, given = draw(cell, seed)
    found = arithmetic.evaluate(
        """(given) => {
            const memory = memoryOf(given);
            let slices = 0; // one step back each
            while (!memory.work(0, given, () => slices++ % 7 === 6)) continue;
            return memory.reach(0, given);
        }""",
        given,
    )
    shares, errors, horizon = ledger_facts(model, text, vocabulary)
    close_to(found["shares"], shares)
    close_to(found["errors"], errors)
    assert found["horizon"] == horizon


@pytest.mark.parametrize("cell", CELLS)
def test_what_it_writes(arithmetic, cell):
    model, vocabulary, text, given = draw(cell, 3)
    for temperature, seed in [(0.7, 0), (1.5, 12345)]:
        how = {"prompt": text[:3], "temperature": temperature, "seed": seed}
        written = arithmetic.evaluate("(given) => memoryOf(given).written(0, given)", given | how)
        assert written == write_slowly(model, text[:3], temperature, seed, vocabulary)


# --- three things move together -------------------------------------------------------------------


def hidden_after(model, text):
    """h after reading a text, (H,)."""
    _, (h, *_) = predict(model, LETTERS, text)
    return h[0, 0]


@functools.cache
def written_by(figure, i, *how):
    return write_slowly(figure.network(i), *how)


@functools.cache
def states_by(figure, i, text):
    """The states after every character, (H, T)."""
    model = figure.network(i)
    return torch.stack([hidden_after(model, text[: t + 1]) for t in range(len(text))]).T


@functools.cache
def facts_of(figure, i, text):
    return ledger_facts(figure.network(i), text)


def check_all(page, figure, i, text=TEXT, prompt="We ", seed=0, temperature=0.7):
    """All three parts are those of checkpoint i."""
    page.wait_for_function(DRAWN)
    written = written_by(figure, i, prompt, temperature, seed)
    assert sample_of(page) == written.replace("\n", "¶")
    assert get(page, "written") == written
    close_to(states_of(page), states_by(figure, i, text), 0.003)  # a pixel has 256 levels
    shares, _, horizon = facts_of(figure, i, text)
    close_to(shares_of(page), shares)
    assert get(page, "horizon") == horizon
    assert page.locator("#one rect.rnn-kept").count() == horizon
    assert f"reaches back over {horizon} character" in words(page, "words")
    assert horizons_of(page) == [facts_of(figure, n, text)[2] for n in range(3)]


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_at_every_checkpoint(boards, cell):
    figure = machine(cell)
    with stage(boards) as put:
        page = put(figure)
        for i in (2, 0, 1):
            page.evaluate("(i) => model.set('checkpoint', i)", i)
            check_all(page, figure, i)


def test_scrubbing_by_keyboard(mount, figure):
    page = mount()
    slider = part(page, "scrub")
    assert slider.get_attribute("aria-valuetext") == (
        "after 1,000 updates · 2.50 bits a character held out"
    )
    slider.focus()
    for key, i in [("Home", 0), ("ArrowRight", 1), ("End", 2), ("ArrowLeft", 1)]:
        page.keyboard.press(key)
        assert get(page, "checkpoint") == i
        check_all(page, figure, i)
    assert words(page, "moment").startswith("after 10 updates · 3.50 bits")


def test_scrubbing_by_mouse_on_the_curve(mount, figure):
    page = mount()
    page.locator("[data-role=course] [data-checkpoint='0']").click()
    check_all(page, figure, 0)
    assert "Before training, a character of a text that it has not seen takes 4.50 bits" in words(
        page, "words"
    )
    assert part(page, "scrub").input_value() == "0"
    page.locator("[data-role=course] [data-checkpoint='1']").click()
    check_all(page, figure, 1)
    assert page.locator("circle.rnn-here.rnn-bits").get_attribute("data-value") == "3.5"


def test_what_is_seen_is_said_when_scrubbing_has_settled(mount):
    page = mount()
    page.wait_for_function(DRAWN)
    part(page, "scrub").fill("1")
    page.wait_for_function(
        "document.querySelector('[data-role=live]').textContent.startsWith('After 10 updates')"
    )
    assert words(page, "live") == words(page, "words")


def test_playing_goes_through_all_checkpoints(mount):
    page = mount(motion="no-preference")
    page.wait_for_function(DRAWN)
    stop_clock(page)
    part(page, "play").click()
    assert (get(page, "checkpoint"), words(page, "play")) == (0, "Pause")  # from the beginning
    page.clock.run_for(1250)
    assert (get(page, "checkpoint"), words(page, "play")) == (1, "Pause")
    page.clock.run_for(1200)
    assert (get(page, "checkpoint"), words(page, "play")) == (2, "Play")
    page.clock.run_for(3000)
    assert get(page, "checkpoint") == 2


def test_pausing_and_scrubbing_end_the_playing(mount):
    page = mount(checkpoint=0, motion="no-preference")
    page.wait_for_function(DRAWN)
    stop_clock(page)
    part(page, "play").click()
    page.clock.run_for(1250)
    assert (get(page, "checkpoint"), words(page, "play")) == (1, "Pause")
    part(page, "play").click()
    assert words(page, "play") == "Play"
    page.clock.run_for(3000)
    assert get(page, "checkpoint") == 1
    part(page, "scrub").fill("0")
    part(page, "play").click()
    part(page, "scrub").fill("0")
    page.clock.run_for(3000)
    assert (get(page, "checkpoint"), words(page, "play")) == (0, "Play")


# --- what it writes and reads ---------------------------------------------------------------------


def test_the_same_dice_until_they_are_thrown_again(mount, figure):
    page = mount()
    part(page, "again").click()
    assert get(page, "seed") == 1
    check_all(page, figure, 2, seed=1)
    part(page, "scrub").fill("0")
    check_all(page, figure, 0, seed=1)
    part(page, "temperature").fill("1.5")
    assert get(page, "temperature") == 1.5
    assert words(page, "temperaturevalue") == "1.5"
    check_all(page, figure, 0, seed=1, temperature=1.5)
    part(page, "prompt").fill("I")
    assert "try ‘i’" in words(page, "promptmessage")
    part(page, "prompt").fill("a day")
    assert words(page, "promptmessage") == ""
    check_all(page, figure, 0, seed=1, temperature=1.5, prompt="a day")


def test_another_passage_is_read_and_traced(mount, figure):
    page = mount()
    page.wait_for_function(DRAWN)
    part(page, "text").fill("no one")
    assert get(page, "text") == "no one"
    assert page.locator("[data-role=letters] li").count() == 6
    page.wait_for_function("document.querySelectorAll('[data-role=reach] rect').length === 5")
    check_all(page, figure, 2, text="no one")


def test_letters_tell_how_likely_they_were(mount, figure):
    page = mount()
    titles = page.locator("[data-role=letters] li").evaluate_all(
        "(all) => all.map((li) => li.title)"
    )
    assert titles[0] == "‘W’: given"
    for t, title in enumerate(titles[1:], start=1):
        p = predict(figure.network(2), LETTERS, TEXT[:t])[0][LETTERS.characters.index(TEXT[t])]
        shown, bits = title.split(": ")[1].split(" likely, ")
        assert float(shown.removesuffix(" %")) == pytest.approx(100 * float(p), abs=0.051)
        assert float(bits.removesuffix(" bits")) == pytest.approx(float(-p.log2()), abs=0.051)
    heads = page.locator("[data-role=letters] li").first.bounding_box()
    states = part(page, "states").bounding_box()
    assert heads["x"] == pytest.approx(states["x"], abs=1)
    assert heads["width"] * len(TEXT) == pytest.approx(states["width"], abs=1)


@pytest.mark.parametrize(
    ("role", "typed", "complaint"),
    [
        ("text", "a", "Too short: type at least 2 characters."),
        ("text", "a" * 81, "81 characters are too many: keep to 80."),
        ("text", "We z", "‘z’ (character 4) is not among the 20 that this network has seen."),
        ("text", "W😀", "‘😀’ (character 2) is not among the 20"),
        ("prompt", "", "Too short: type at least 1 character."),
        ("prompt", "a" * 200, "200 characters are too many: keep to 199."),
        ("prompt", "A", "is not among the 20 that this network has seen: try ‘a’."),
    ],
)
def test_what_cannot_be_read_is_told_beside_the_box(mount, role, typed, complaint):
    page = mount()
    box, message = part(page, role), part(page, f"{role}message")
    before = get(page, "text", "prompt")
    box.fill(typed)
    assert complaint in message.inner_text()
    assert box.get_attribute("aria-invalid") == "true"
    assert box.get_attribute("aria-describedby") == message.get_attribute("id")
    assert message.get_attribute("role") == "alert"
    assert get(page, "text", "prompt") == before
    part(page, "scrub").fill("0")  # the rest goes on
    assert get(page, "checkpoint") == 0
    assert box.input_value() == typed
    box.fill("nice")
    assert message.inner_text() == ""
    assert get(page, role) == "nice"


def test_a_new_line_is_written_as_a_sign(mount, figure):
    page = mount(text="a\nday")
    assert part(page, "text").input_value() == "a¶day"
    part(page, "text").fill("a¶nice¶day")
    assert get(page, "text") == "a\nnice\nday"
    page.wait_for_function("document.querySelectorAll('[data-role=reach] rect').length === 9")
    check_all(page, figure, 2, text="a\nnice\nday")


def test_accents_and_wide_letters_are_read_as_the_network_knows_them(boards):
    vocabulary = Vocabulary(" acdefné")
    figure = TimeMachine(checkpoints(vocabulary=vocabulary), vocabulary, "café", "caf")
    with stage(boards) as put:
        page = put(figure)
        for role in ("text", "prompt"):
            part(page, role).fill("ｃafe\u0301")
            assert get(page, role) == "café"
            assert words(page, f"{role}message") == ""
            assert part(page, role).input_value() == "ｃafe\u0301"  # nothing moves while one types
        part(page, "text").fill("e\u0302")
        assert words(page, "textmessage").startswith("‘ê’ (character 1) is not among the 8")


@pytest.mark.parametrize(
    ("typed", "characters", "read"),
    [
        ("e\u0301", "é", "é"),
        ("e\u0301", "e\u0301", "e\u0301"),  # a network that was given them apart
        ("Ａ１", "A1", "A1"),
        ("Ａ", "a", "Ａ"),
        ("½ ½", "½ ", "½ ½"),
        ("…", ".", "..."),
    ],
)
def test_what_is_typed_is_read_in_known_characters(browser, typed, characters, read):
    page = browser.new_page()
    found = page.evaluate(
        """async ([source, ...given]) => {
            const blob = new Blob([source], { type: "text/javascript" });
            return (await import(URL.createObjectURL(blob))).readable(...given);
        }""",
        [bundle("ui/complaint.js"), typed, characters],
    )
    page.close()
    assert found == read


# --- one unit -------------------------------------------------------------------------------------


def test_a_unit_stays_selected_while_scrubbing(mount, figure):
    page = mount()
    slider = part(page, "unit")
    slider.focus()
    assert slider.get_attribute("aria-valuetext") == "none"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert get(page, "unit") == 1
    assert words(page, "unitvalue") == "1"
    assert words(page, "mode") == "each character in the colour of unit 1"
    part(page, "scrub").fill("1")
    assert get(page, "unit", "checkpoint") == [1, 1]
    row = states_of(page)[1]
    colours = page.locator("[data-role=letters] li").evaluate_all(
        "(all) => all.map((li) => li.style.getPropertyValue('--rnn-trace'))"
    )
    for h, colour in zip(row, colours, strict=True):
        assert ("--rnn-negative" if h < 0 else "--rnn-positive") in colour
        share = float(colour.split(") ")[1].split("%")[0])
        assert share == pytest.approx(100 * abs(h), abs=0.3)
    low, high = (f"{v:.2f}".replace("-", "−") for v in exact_range(figure, 1, 1))
    assert f"between {low} (after" in words(page, "spot")
    assert f"and {high} (after" in words(page, "spot")
    slider.focus()
    page.keyboard.press("Home")
    assert get(page, "unit") == -1


def exact_range(figure, i, unit):
    model = figure.network(i)
    values = [hidden_after(model, TEXT[: t + 1])[unit].item() for t in range(len(TEXT))]
    return min(values), max(values)


def test_a_click_on_a_row_selects_its_unit(mount, figure):
    page = mount()
    box = part(page, "states").bounding_box()
    assert part(page, "row").is_hidden()
    at = {"x": box["width"] / 2, "y": box["height"] * 7.5 / 12}
    part(page, "states").click(position=at)
    assert get(page, "unit") == 7
    box, row = (part(page, role).bounding_box() for role in ("states", "row"))
    assert row["y"] + row["height"] / 2 == pytest.approx(box["y"] + at["y"], abs=3)
    assert words(page, "spot").startswith("Unit 7 ")
    part(page, "states").click(position=at)
    assert get(page, "unit") == -1


def test_the_mouse_reads_a_cell_or_a_letter(mount, figure):
    page = mount()
    box = part(page, "states").bounding_box()
    width = box["width"] / len(TEXT)
    part(page, "states").hover(position={"x": 4.5 * width, "y": box["height"] * 2.5 / 12})
    h = hidden_after(figure.network(2), TEXT[:5])[2].item()
    assert words(page, "spot") == f"Unit 2 after ‘{TEXT[4]}’: {h:.2f}".replace("-", "−")
    page.locator("[data-role=letters] li").nth(1).hover()
    assert words(page, "spot").startswith("‘e’: ")
    part(page, "play").hover()
    page.wait_for_function(
        "() => document.querySelector('[data-role=spot]').textContent.startsWith('Each row')"
    )


def test_the_heat_map_follows_the_theme(mount):
    page = mount()
    ink = f"[...({PIXELS})('#one').data].join()"
    light = page.evaluate(ink)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"(light) => {ink} !== light", arg=light)


# --- Python, other views, the end -----------------------------------------------------------------


def test_two_views_agree_and_one_can_leave(mount, figure):
    page = mount()
    page.evaluate("void figure.render({ model, el: document.querySelector('#two') })")
    part(page, "scrub", "#two").fill("0")
    part(page, "text", "#two").fill("nice day")
    part(page, "unit").fill("3")
    part(page, "again").click()
    for root in ("#one", "#two"):
        page.wait_for_function(
            "(root) => document.querySelectorAll(`${root} [data-role=reach] rect`).length === 7",
            arg=root,
        )
        page.wait_for_function(DRAWN.replace("#one", root))
    for role in ("words", "moment", "written", "mode", "spot", "unitvalue"):
        assert words(page, role) == words(page, role, "#two")
    assert part(page, "text").input_value() == "nice day"
    assert states_of(page) == states_of(page, "#two")
    assert shares_of(page) == shares_of(page, "#two")
    check_all(page, figure, 0, text="nice day", seed=1)
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))
    page.evaluate("stop()")
    assert page.locator("#one .rnn-figure").count() == 0
    part(page, "scrub", "#two").fill("2")
    assert words(page, "moment", "#two").startswith("after 1,000 updates")


def test_nothing_is_left_after_the_clean_up(mount):
    page = mount(checkpoint=0, motion="no-preference")
    part(page, "play").click()
    slider = page.evaluate_handle("document.querySelector('[data-role=scrub]')")
    stopped = get(page, "checkpoint")
    page.evaluate("stop()")
    assert page.evaluate("model.listeners.length") == 0
    assert page.evaluate("document.querySelector('#one').childElementCount") == 0
    saved = page.evaluate("model.saved")
    slider.evaluate("(node) => { node.value = 2; node.dispatchEvent(new Event('input')); }")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_timeout(1400)
    assert (get(page, "checkpoint"), page.evaluate("model.saved")) == (stopped, saved)


def test_changes_from_python_are_shown(mount, figure):
    page = mount()
    part(page, "text").fill("z")
    page.evaluate("model.set('text', 'good')")
    assert part(page, "text").input_value() == "good"
    assert words(page, "textmessage") == ""
    page.evaluate("model.set('prompt', 'no ')")
    page.evaluate("model.set('checkpoint', 1)")
    page.wait_for_function("document.querySelectorAll('[data-role=reach] rect').length === 3")
    check_all(page, figure, 1, text="good", prompt="no ")
    page.evaluate("model.set('checkpoint', 99)")
    page.evaluate("model.set('unit', 99)")
    assert words(page, "moment").startswith("after 1,000")
    assert words(page, "unitvalue") == "11"


def test_a_passage_of_two_characters_has_no_gradient(mount):
    page = mount()
    part(page, "text").fill("no")
    page.wait_for_function("model.get('horizon') === 0")
    assert words(page, "words").endswith("On this passage W_hh has no gradient.")
    assert "NaN" not in page.locator("#one").inner_html()


# --- looks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_never_scrolls_sideways(mount, width):
    page = mount(width=width)
    part(page, "text").fill("We have a nice day. " * 4)
    part(page, "prompt").fill("W" * 150)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    part(page, "prompt").fill("z")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    scroll = part(page, "scroller")
    assert scroll.evaluate("(node) => node.scrollWidth > node.clientWidth")  # but the passage does


@pytest.mark.parametrize(("theme", "width"), SIGHTS)
def test_axe_finds_nothing(mount, theme, width):
    page = mount(theme=theme, width=width, unit=4)
    page.wait_for_function(DRAWN)
    part(page, "text").fill("We have a nice day. " * 4)
    part(page, "prompt").fill("z")
    for unit in ("0", "5"):
        part(page, "unit").fill(unit)
        assert axe_finds(page, RULES[theme]) == []


def test_on_a_phone_by_touch(mount, figure):
    page = mount(width=390)
    page.locator("[data-role=course] [data-checkpoint='0']").tap()
    check_all(page, figure, 0)
    part(page, "again").tap()
    check_all(page, figure, 0, seed=1)
    for node in page.locator("#one button, #one input").all():
        box = node.bounding_box()
        assert min(box["width"], box["height"]) >= 24
    # the slider stays at hand while the lower parts are looked at
    part(page, "reach").scroll_into_view_if_needed()
    assert 0 <= part(page, "scrub").bounding_box()["y"] < 100


def test_the_charts_fit_their_own_box_whatever_the_window(mount):
    """In JupyterLab a figure is rendered before it is on the page, and side bars come and go."""
    page = mount()
    page.evaluate(
        """() => {
            const late = document.createElement("div");
            void figure.render({ model, el: late });
            document.querySelector("#two").append(late);
        }"""
    )
    box = "document.querySelector('{} [data-role=course]').getAttribute('viewBox') === '0 0 {} 236'"
    for root in ("#one", "#two"):
        page.wait_for_function(box.format(root, 660))
    page.evaluate("document.querySelector('#one').style.width = '400px'")
    page.wait_for_function(box.format("#one", 380))
    page.evaluate("document.querySelector('#one').style.width = ''")
    page.wait_for_function(box.format("#one", 660))
    colours = f"(root) => [...({PIXELS})(root).data].join()"
    assert page.evaluate(colours, "#two") == page.evaluate(colours, "#one")


def test_who_prefers_no_motion_sees_the_end_at_once(mount):
    page = mount(motion="reduce", checkpoint=0)
    part(page, "play").click()
    assert (get(page, "checkpoint"), words(page, "play")) == (2, "Play")


def test_with_reduced_motion_nothing_glides(mount):
    page = mount(motion="reduce")
    page.wait_for_function(DRAWN)
    bar = page.locator("rect.rnn-kept").first
    assert bar.evaluate("(node) => getComputedStyle(node).transitionDuration") == "0s"
    part(page, "scrub").fill("0")
    assert get(page, "checkpoint") == 0


def test_a_network_of_the_size_of_the_chapter_is_drawn(boards):
    vocabulary = Vocabulary("".join(chr(32 + i) for i in range(80)))
    updates = [0, 10, 30, 100, 300, 1000, 3000, 10000]
    large = checkpoints(hidden_size=64, updates=updates, vocabulary=vocabulary)
    text = vocabulary.characters
    with stage(boards) as put:
        figure = TimeMachine(large, vocabulary, text, "THE ")
        page = put(figure)
        page.set_default_timeout(60_000)
        page.wait_for_function("document.querySelectorAll('circle.rnn-horizon').length === 8")
        assert horizons_of(page) == [figure.reach(i)[2] for i in range(8)]
        assert len(gzip.compress(figure._esm.encode())) < 25_000  # what a page loads of it
