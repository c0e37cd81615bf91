"""The figure that writes captions, alone on a page: parity, drawing, keyboard, playing, axe."""

import functools

import pytest
import torch
from accessibility import RULES, SIGHTS, axe_finds
from captioners import (
    LETTERS,
    LONGEST,
    captioner,
    convolution,
    examples,
    near,
    plain,
    trained,
    written_by,
)
from stage import get, part, stage, stop_clock

from charrnn_helpers.tasks.captions import pictures
from charrnn_helpers.tokens import STOP
from charrnn_helpers.widgets import Captioning


@pytest.fixture(scope="module")
def model():
    return trained()


@pytest.fixture(scope="module")
def figure(model):
    return Captioning(model, LETTERS, examples(), longest=LONGEST)


@pytest.fixture
def mount(boards, figure):
    """Open pages with the figure on them; at the end, none may have complained."""
    with stage(boards) as put:
        yield functools.partial(put, figure)


def answer(model, pixels):
    return written_by(model, torch.tensor(pixels) / 16)


HELD = ["caption", "step", "hidden", "probabilities"]


def check(page, model, t=None):
    """What the page holds is what PyTorch computes from the same pixels."""
    expected = answer(model, get(page, "pixels"))
    compare(get(page, *HELD), expected, len(expected[1]) if t is None else t)


def compare(found, expected, t):
    caption, h, p = expected
    assert found[:2] == [caption, t]
    near(found[2], h[t - 1])
    near(found[3], p[t - 1])


def shown_pixels(page, root="#one"):
    """The levels of ink on the board, from its shapes."""
    found = page.locator(f"{root} [data-role=board] .rnn-pixel")
    inks = found.evaluate_all("(all) => all.map((one) => Number(one.getAttribute('fill-opacity')))")
    return [round(16 * ink) for ink in inks]


def place(page, x, y):
    """The point of the screen where a point of the picture lies, both in pixels of their own."""
    box = page.locator("#one .rnn-board svg").bounding_box()
    return box["x"] + box["width"] * x / 16, box["y"] + box["height"] * y / 8


def drag(page, *points):
    page.mouse.move(*place(page, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*place(page, *point), steps=4)
    page.mouse.up()


# --- page = PyTorch ------------------------------------------------------------------------------


@pytest.mark.parametrize(("look", "cell"), [(convolution, "gru"), (plain, "rnn")])
@pytest.mark.parametrize("seed", [1, 5])
def test_page_and_pytorch_agree_on_every_picture_and_step(boards, look, cell, seed):
    model = captioner(look, seed, cell)
    with stage(boards) as put:
        page = put(Captioning(model, LETTERS, examples(), longest=LONGEST))
        images, _ = pictures("held out", 6, seed)
        noise = torch.randint(17, (4, 8, 16), generator=torch.Generator().manual_seed(seed))
        for pixels in [*(16 * images).int(), *noise, torch.zeros(8, 16).int()]:
            given = pixels.flatten().tolist()
            expected = answer(model, given)
            found = page.evaluate(
                """async ([pixels, steps, names]) => {
                    const found = [];
                    model.set("pixels", pixels);
                    await null; // a figure draws once all that happens now has happened
                    for (const t of steps) {
                        model.set("step", t);
                        await null;
                        found.push(names.map((name) => model.get(name)));
                    }
                    return found;
                }""",
                [given, list(range(1, len(expected[1]) + 1)), HELD],
            )
            assert get(page, "pixels") == given
            for t, held in enumerate(found, start=1):
                compare(held, expected, t)
            assert shown_pixels(page) == given


def test_the_bars_show_all_letters_and_stop(mount, model):
    page = mount(step=1)
    _, _, p = answer(model, get(page, "pixels"))
    bars = page.locator("[data-role=bars] li")
    signs = bars.evaluate_all("(rows) => rows.map((row) => row.dataset.character)")
    shares = bars.evaluate_all("(rows) => rows.map((row) => Number(row.dataset.probability))")
    assert signs == ["■", *LETTERS.tokens[3:]]
    near(shares, p[0][STOP:])
    best = signs[int(p[0].argmax()) - STOP]
    assert page.locator(".rnn-chosen").get_attribute("data-character") == best


def test_a_column_for_the_picture_and_for_every_step(mount, model):
    page = mount()
    caption, h, p = answer(model, get(page, "pixels"))
    columns = page.locator("#one .rnn-column")
    assert columns.count() == len(h) + 1
    letters = [*caption, "■"][: len(h)]
    read = columns.evaluate_all("(all) => all.map((c) => c.querySelector('b').textContent)")
    out = columns.evaluate_all("(all) => all.map((c) => c.querySelector('.rnn-out').textContent)")
    assert read == ["▦", "▸", *letters[:-1]]
    assert out == ["", *letters]
    widths = page.locator("#one .rnn-sure span").evaluate_all(
        "(all) => all.map((bar) => parseFloat(bar.style.width))"
    )
    sure = [0, *(100 * p.max(dim=1).values).tolist()]
    assert widths == pytest.approx(sure, abs=0.051)


# --- drawing -------------------------------------------------------------------------------------


def test_a_line_by_mouse_is_drawn_and_captioned(mount, model):
    page = mount()
    part(page, "clear").click()
    assert get(page, "pixels") == [0] * 128
    check(page, model)
    drag(page, (3.5, 0.5), (3.5, 7.5))
    pixels = torch.tensor(get(page, "pixels")).view(8, 16)
    assert (pixels[:, 3] == 16).all()
    assert (pixels[:, 2] == pixels[:, 4]).all()
    assert ((pixels[:, 2] > 0) & (pixels[:, 2] < 16)).all()
    assert pixels[:, 6:].sum() == 0
    assert get(page, "example") is None
    assert part(page, "verdict").inner_text() == "Your drawing."
    check(page, model)
    part(page, "rubber").check()
    drag(page, (3.5, 0.5), (3.5, 3.5))
    after = torch.tensor(get(page, "pixels")).view(8, 16)
    assert (after[:4, 3] == 0).all()
    assert (after[5:] == pixels[5:]).all()
    check(page, model)


def test_a_slanted_line_has_no_gaps_however_fast(mount):
    page = mount()
    part(page, "clear").click()
    page.mouse.move(*place(page, 8.5, 0.5))
    page.mouse.down()
    page.mouse.move(*place(page, 15.5, 7.5))  # in one leap
    page.mouse.up()
    pixels = torch.tensor(get(page, "pixels")).view(8, 16)
    assert all(pixels[i, 8 + i] == 16 for i in range(8))


def test_moving_without_a_pressed_button_draws_nothing(mount):
    page = mount()
    before = get(page, "pixels")
    drag(page, (1.5, 1.5), (2.5, 2.5))
    drawn = get(page, "pixels")
    assert drawn != before
    page.mouse.move(*place(page, 12, 4))
    page.mouse.click(*place(page, 14, 4), button="right")
    assert get(page, "pixels") == drawn


def test_a_finger_draws_and_the_page_stays(mount, model):
    page = mount(width=390)
    part(page, "clear").tap()
    page.touchscreen.tap(*place(page, 5.5, 4.5))
    assert get(page, "pixels")[4 * 16 + 5] == 16
    check(page, model)
    touch = "getComputedStyle(document.querySelector('.rnn-board')).touchAction"
    assert page.evaluate(touch) == "none"


def test_keys_draw(mount, model):
    page = mount()
    part(page, "clear").click()
    board = part(page, "board")
    board.focus()
    page.keyboard.press("Space")  # the pen begins in row 4, column 4
    assert get(page, "pixels")[3 * 16 + 3] == 16
    assert part(page, "live").text_content().startswith("Caption:")
    page.keyboard.press("ArrowRight")
    assert part(page, "live").text_content().startswith("Row 4, column 5: ink")
    for _ in range(4):
        page.keyboard.press("Shift+ArrowDown")
    pixels = torch.tensor(get(page, "pixels")).view(8, 16)
    assert (pixels[3:, 4] == 16).all()
    check(page, model)
    page.keyboard.press("Backspace")
    assert get(page, "pixels")[7 * 16 + 4] == 0
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    assert part(page, "live").text_content().startswith("Row 8, column 1: ")
    assert page.locator("#one .rnn-pen").is_visible()
    page.keyboard.press("Control+ArrowRight")  # belongs to the browser
    page.keyboard.press("ArrowUp")
    assert part(page, "live").text_content().startswith("Row 7, column 1: ")


# --- choosing, playing, looking back -------------------------------------------------------------


def test_a_chosen_picture_is_captioned_letter_by_letter(mount, model):
    page = mount(example=0, motion="no-preference")
    stop_clock(page)
    page.locator("#one [data-example='1']").click()
    assert get(page, "example") == 1
    assert get(page, "step") == 1
    assert part(page, "play").inner_text() == "Pause"
    assert len(part(page, "caption").inner_text()) == 1
    assert part(page, "verdict").text_content() == ""
    steps = len(answer(model, get(page, "pixels"))[1])
    page.clock.run_for(10_000)
    assert get(page, "step") == steps
    assert part(page, "play").inner_text() == "Play"
    check(page, model)
    caption = get(page, "caption")
    assert part(page, "caption").inner_text() == caption
    assert part(page, "live").text_content().startswith(f"Caption: {caption}.")
    pressed = page.locator("#one [data-example][aria-pressed=true]")
    assert pressed.get_attribute("data-example") == "1"


def test_the_verdict_knows_right_wrong_and_endless(mount, model, figure):
    page = mount()
    caption = get(page, "caption")
    for right, verdict in [(caption, "✓ Right."), ("zero", "✗ Wrong: it is “zero”.")]:
        changed = [{**figure.examples[0], "right": right}, *figure.examples[1:]]
        page.evaluate("(examples) => { model.set('examples', examples); }", changed)
        assert part(page, "verdict").inner_text() == verdict
    net = {**figure.net, "longest": 3}
    page.evaluate("(net) => { model.set('net', net); }", net)
    assert get(page, "caption") == caption[:3]
    assert part(page, "verdict").inner_text() == "No <stop> in 3 letters: cut off here."


def test_it_goes_step_by_step_and_back(mount, model):
    page = mount(step=1)
    back, forward = part(page, "back"), part(page, "next")
    assert back.get_attribute("aria-disabled") == "true"
    assert part(page, "words").inner_text().startswith("With nothing but the picture the network")
    forward.click()
    check(page, model, 2)
    assert part(page, "words").inner_text().startswith(f"After ‘{get(page, 'caption')[0]}’")
    assert part(page, "live").text_content() == part(page, "words").inner_text()
    part(page, "scrub").focus()
    page.keyboard.press("End")
    check(page, model)
    assert forward.get_attribute("aria-disabled") == "true"
    forward.dispatch_event("click")
    check(page, model)
    page.locator("#one [data-step='1']").click()
    check(page, model, 1)
    assert page.locator("#one .rnn-column[data-step]").count() == 1  # later ones are hidden
    back.dispatch_event("click")
    check(page, model, 1)


def test_play_begins_anew_at_the_end_and_pauses(mount):
    page = mount(motion="no-preference")
    stop_clock(page)
    part(page, "play").click()
    assert get(page, "step") == 1
    part(page, "play").click()
    step = get(page, "step")
    page.clock.run_for(5000)
    assert get(page, "step") == step
    assert part(page, "play").inner_text() == "Play"


def test_with_reduced_motion_all_comes_at_once(mount, model):
    page = mount(step=1, motion="reduce")
    part(page, "play").click()
    check(page, model)
    page.locator("#one [data-example='2']").click()
    check(page, model)
    assert part(page, "play").inner_text() == "Play"


# --- Python, other views, the end ----------------------------------------------------------------


def test_changes_from_python_are_shown(mount, model, figure):
    page = mount(step=1)
    pixels = figure.examples[2]["pixels"]
    page.evaluate("(pixels) => { model.set('pixels', pixels); }", pixels)
    assert shown_pixels(page) == pixels
    check(page, model, 1)
    zero = captioner(seed=4)
    other = Captioning(zero, LETTERS, examples(), longest=LONGEST)
    page.evaluate("(weights) => { model.set('weights', weights); }", other.weights)
    check(page, zero, 1)


def test_two_views_of_one_model_agree_and_share_no_id(mount):
    page = mount()
    page.evaluate("void figure.render({ model, el: document.querySelector('#two') })")
    part(page, "clear", "#two").click()
    drag(page, (2, 2), (5, 6))
    assert shown_pixels(page) == shown_pixels(page, "#two") == get(page, "pixels")
    words = [part(page, "words", root).inner_text() for root in ("#one", "#two")]
    assert words[0] == words[1]
    part(page, "rubber", "#two").check()
    assert part(page, "brush").is_checked()  # a tool belongs to the hand that holds it
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))


def test_nothing_is_left_after_the_clean_up(mount):
    page = mount(motion="no-preference")
    part(page, "play").click()
    button = page.evaluate_handle("document.querySelector('[data-role=next]')")
    page.evaluate("stop()")
    step = get(page, "step")
    assert page.evaluate("model.listeners.length") == 0
    assert page.evaluate("document.querySelector('#one').childElementCount") == 0
    page.wait_for_timeout(600)
    button.evaluate("(node) => node.click()")
    assert get(page, "step") == step


# --- looks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_never_scrolls_sideways(mount, width):
    page = mount(width=width)
    part(page, "clear").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = page.locator("#one button, #one input").evaluate_all(
        "(all) => all.map((one) => one.closest('label') ?? one).map((one) => one.offsetHeight)"
    )
    assert min(sizes) >= 24


@pytest.mark.parametrize(("theme", "width"), SIGHTS)
def test_axe_finds_nothing(mount, theme, width):
    page = mount(theme=theme, width=width)
    drag(page, (2, 2), (5, 6))
    part(page, "back").click()
    part(page, "numberstitle").click()
    assert axe_finds(page, RULES[theme]) == []
