"""One gated cell on a page: its numbers, its settings, mouse, keyboard, touch, two views."""

import pytest
from accessibility import RULES, axe_finds
from stage import get, part, settle, stage

from charrnn_helpers.widgets import GatedCell

RESULTS = ["h", "c", "gradients", "product"]
AGREE = "The two agree: no gate and no new content looks at ht−1"


@pytest.fixture
def mount(boards):
    """Open pages with the figure on them; at the end, none may have complained."""
    with stage(boards) as put:

        def open_page(theme="light", width=1280, motion="reduce", **given):
            return put(GatedCell(**given), theme, width, motion)

        yield open_page


def text(page, role):
    return part(page, role).text_content()


def equations(page):
    return [
        " ".join(one.split()) for one in page.locator("#one .rnn-equations li").all_inner_texts()
    ]


def shown(page, selector):
    numbers = page.locator(f"#one {selector}").evaluate_all(
        "(all) => all.map((one) => Number(one.dataset.value))"
    )
    return pytest.approx(numbers, rel=1e-8, abs=1e-12)


def assert_like(page, figure):
    """What the page computes, tells Python and draws is what Python computes itself."""
    for name in RESULTS:
        wanted = getattr(figure, name)
        assert get(page, name) == pytest.approx(wanted, rel=1e-8, abs=1e-12), name
    kept = figure.c or figure.h
    assert kept == shown(page, "[data-name=kept]")
    assert figure.gradients == shown(page, "[data-name=gradient]")
    if figure.cell == "lstm":
        assert figure.h == shown(page, "[data-name=h]")


def test_its_settings_and_its_cells_are_pythons_and_say_what_there_is_to_see(mount):
    page = mount()
    for cell in ("lstm", "gru"):
        page.locator(f"#one [data-role=cell] input[value={cell}]").check()
        for setting, words in [
            ("keep", "is open, so"),
            ("forget", "no gradient goes back"),
            ("recall", "no output gate" if cell == "gru" else "shows nothing until the cue −1"),
            ("pytorch", "is lost at each step"),
        ]:
            part(page, f"setting-{setting}").click()
            assert get(page, "cell", "setting") == [cell, setting]
            assert_like(page, GatedCell(cell, setting))
            assert words in text(page, "words")
            assert text(page, "comparison").startswith(AGREE)
            pressed = page.locator("#one [data-role^=setting-][aria-pressed=true]")
            assert pressed.get_attribute("data-role") == f"setting-{setting}"
            assert text(page, "live").startswith("Step 1 of 8: ")
    assert "∂h8/∂h1 = 7.8 × 10⁻³" in text(page, "measured").replace("\u00a0", " ")
    assert "z2 · z3 ⋯ z8 = 7.8 × 10⁻³" in text(page, "measured").replace("\u00a0", " ")


def test_a_number_changes_what_comes_back_and_its_setting_brings_it_back(mount):
    page = mount(setting="pytorch")
    part(page, "f_bias").fill("3")
    assert get(page, "setting") == {"from": "pytorch", "f_bias": 3}
    assert_like(page, GatedCell(setting="pytorch", f_bias=3))
    assert text(page, "words").startswith("Numbers of your own, changed from ‘As PyTorch starts’")
    assert page.locator("#one [data-role^=setting-][aria-pressed=true]").count() == 0
    assert text(page, "f_bias-number") == "3.0"
    part(page, "f_bias").press("ArrowLeft")
    assert get(page, "setting") == {"from": "pytorch", "f_bias": 2.75}
    assert text(page, "f_bias-number") == "2.75"
    assert not part(page, "g_state").is_visible()
    page.locator("#one summary").click()
    part(page, "g_state").fill("3")
    figure = GatedCell(setting="pytorch", f_bias=2.75, g_state=3)
    assert_like(page, figure)
    assert text(page, "comparison").startswith("They differ: something looks at ht−1, so c1")
    assert f"∂c8/∂c1 = {figure.gradients[0]:.3f}" in text(page, "measured")
    assert f"= {figure.product:.3f}" in text(page, "measured")
    part(page, "g_state").fill("0")
    part(page, "o_gate_state").fill("2")
    assert text(page, "comparison").startswith("The two agree here, although something looks")
    part(page, "setting-pytorch").click()
    assert get(page, "setting") == "pytorch"
    page.evaluate("model.set('setting', {from: 'keep', i_bias: 0.3})")  # a link's, or Python's
    settle(page)
    assert text(page, "i_bias-number") == "0.3"
    assert_like(page, GatedCell(setting="keep", i_bias=0.3))


def test_the_equations_of_a_step_have_its_numbers(mount):
    page = mount(step=8)
    h = GatedCell().h[-1]
    assert equations(page) == [
        "i8 = σ(−6.00 + 12.00 · (−1.00)) = 1.5 × 10⁻⁸",
        "f8 = σ(8.00) = 0.9997",
        "g8 = tanh(1.00 · 0.20) = 0.20",
        "ogate8 = σ(−6.00 + (−12.00) · (−1.00)) = 0.9975",
        "c8 = f8 · c7 + i8 · g8 = 0.9997 · 0.66 + 1.5 × 10⁻⁸ · 0.20 = 0.66",
        f"h8 = ogate8 · tanh(c8) = 0.9975 · 0.58 = {h:.2f}",
    ]
    part(page, "back").click()
    assert get(page, "step") == 7
    assert text(page, "live").startswith("Step 7 of 8: cell state 0.66, hidden state 0.00.")
    part(page, "scrub").fill("2")
    assert equations(page)[4].startswith("c2 = f2 · c1 + i2 · g2 = 0.9997 · 0.66 + 2.5 × 10⁻³")
    assert part(page, "scrub").get_attribute("aria-valuetext").startswith("Step 2 of 8")
    page.evaluate("model.set('cell', 'gru')")
    page.evaluate("model.set('setting', {from: 'pytorch', n_state: 2})")
    settle(page)
    assert equations(page)[2].endswith("n2 = tanh(1.00 · (−0.60) + 0.50 · 2.00 · 0.33) = −0.26")
    assert equations(page)[3].startswith(
        "h2 = (1 − z2) · n2 + z2 · h1 = 0.50 · (−0.26) + 0.50 · 0.33"
    )


def test_the_sequence_is_written_with_controls_and_in_the_drawing(mount):
    page = mount(setting="keep")
    part(page, "scrub").fill("5")
    part(page, "value").fill("1")
    page.locator("#one [data-role=cue] label", has_text="+1").click()
    values, cues = list(GatedCell().values), list(GatedCell().cues)
    values[4], cues[4] = 1.0, 1
    assert get(page, "values", "cues", "step") == [values, cues, 5]
    assert_like(page, GatedCell(setting="keep", values=values, cues=cues))
    page.locator("#one [data-cue='3']").click()
    page.locator("#one [data-cue='3']").click()
    assert get(page, "cues")[2] == -1  # 0, +1, −1, and again
    page.locator("#one [data-cue='3']").click()
    assert get(page, "cues", "step") == [cues, 3]
    box = page.locator("#one [data-drag='2']").bounding_box()
    x, top = box["x"] + box["width"] / 2, box["y"] + 2
    page.mouse.move(x, top + 30)
    page.mouse.down()
    page.mouse.move(x, top + 11)
    assert get(page, "values")[1] == pytest.approx(0.5)
    page.mouse.move(x, top - 200)
    page.mouse.up()
    assert get(page, "values", "step") == [[0.8, 1, *values[2:]], 2]
    page.mouse.move(x, top + 40)
    assert get(page, "values")[1] == 1  # let go
    page.locator("#one [data-step='6']").click(position={"x": 4, "y": 4})
    assert get(page, "step") == 6
    page.evaluate("void figure.render({ model, el: document.querySelector('#two') })")
    part(page, "reset", "#two").click()
    assert get(page, "values", "cues") == [GatedCell().values, GatedCell().cues]
    drawn = "(root) => document.querySelector(`${root} svg`).innerHTML"
    assert page.evaluate(drawn, "#one") == page.evaluate(drawn, "#two")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))
    page.evaluate("stop()")
    assert page.locator("#one .rnn-figure").count() == 0


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_it_fits_can_be_touched_and_axe_finds_nothing(mount, theme, width):
    page = mount(theme=theme, width=width)
    page.locator("#one summary").click()
    for cell in ("lstm", "gru"):
        page.evaluate("(cell) => model.set('cell', cell)", cell)
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        inside = "(box) => box.scrollWidth - box.clientWidth"
        assert part(page, "scroller").evaluate(inside) <= 0
        for one in page.locator("#one :is(input, button, summary):visible").all():
            box = one.bounding_box()
            assert min(box["height"], box["width"]) >= 24
        assert axe_finds(page, RULES[theme]) == []
    page.evaluate("model.set('cues', [1, 0, 0, 0, 0, 0, 0, 0, 0, -1])")
    page.evaluate("model.set('values', [1, 0, 0, 0, 0, 0, 0, 0, 0, -1])")
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#one [data-step]").count() == 10


def test_ten_steps_on_a_narrow_phone_are_scrolled_by_keyboard(mount):
    page = mount(width=320, values=[0.5] * 10, cues=[0] * 10)
    scroller = part(page, "scroller")
    assert scroller.evaluate("(one) => one.scrollWidth > one.clientWidth")
    scroller.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "document.querySelector('#one [data-role=scroller]').scrollLeft > 0", timeout=5000
    )
