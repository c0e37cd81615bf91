"""The unfolded network alone on a page: numbers, gradients, mouse, keyboard, touch, two views."""

import functools

import pytest
import torch
from accessibility import RULES, SIGHTS, axe_finds
from stage import get, part, stage

from charrnn_helpers.cells import make_weights, unroll
from charrnn_helpers.widgets import Unroll

INPUTS = [0.8, -0.5, 0.3, 1.0, 0.0, -1.0, 0.5, 0.2]
WEIGHTS = {
    "W_xh": [[0.5], [-0.8]],
    "W_hh": [[0.6, -0.3], [0.4, 0.5]],
    "b_xh": [0.1, 0.0],
    "b_hh": [0.0, 0.0],
    "W_ho": [[1.0, -0.7]],
    "b_o": [0.2],
}


@pytest.fixture(scope="module")
def figure():
    return Unroll(WEIGHTS, INPUTS)


@pytest.fixture
def mount(boards, figure):
    """Open pages with the figure on them; at the end, none may have complained."""
    with stage(boards) as put:
        yield functools.partial(put, figure)


def node(page, name, root="#one"):
    return page.locator(f"{root} .rnn-node[data-node={name}]")


def words(page, root="#one"):
    return part(page, "words", root).text_content()


def slider(page, name):
    return page.locator(f'#one input[aria-label="{name}"]')


def settled(page):
    """Let what is drawn after a change be drawn, and what moves arrive."""
    page.evaluate(
        "async () => { await null;"
        " await Promise.all(document.getAnimations().map((a) => a.finished.catch(() => {}))); }"
    )


def set_slider(page, name, value):
    slider(page, name).fill(str(value))


def steps(page, k):
    part(page, "steps").fill(str(k))


def close(measured, expected, tolerance=1e-12):
    expected = torch.as_tensor(expected, dtype=torch.float64)
    measured = torch.tensor(measured, dtype=torch.float64)
    torch.testing.assert_close(measured, expected, rtol=0, atol=tolerance)


def tensors(weights):
    return {
        name: torch.tensor(values, dtype=torch.float64)
        for name, values in weights.items()
        if name != "cell"
    }


def numbers_of(weights, inputs, k):
    """h_1 … h_k and o_1 … o_k by PyTorch's way."""
    h = unroll("rnn", weights, torch.tensor(inputs[:k], dtype=torch.float64)[:, None, None])[0]
    return h[:, 0], (h @ weights["W_ho"].T + weights["b_o"])[:, 0, 0]


def shown(page, data, selector):
    return [
        float(value)
        for value in page.locator(f"#one {selector}").evaluate_all(
            f"(all) => all.map((one) => one.dataset.{data})"
        )
    ]


def boxes(name):
    return f".rnn-node[data-node={name}] > g"


def lit(page, selector):
    """What of the visible copies is not dimmed."""
    return set(
        page.locator(f"#one .rnn-copy:not(.rnn-unseen) {selector}.rnn-lit").evaluate_all(
            "(all) => all.map((one) => one.dataset.node ?? one.dataset.entry"
            " + '@' + one.closest('.rnn-copy').dataset.step)"
        )
    )


def lit_nodes(page):
    return lit(page, ".rnn-node")


def lit_uses(page):
    return lit(page, "g.rnn-use")


# --- the same numbers as PyTorch's ---------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_values_and_gradients_are_those_of_autograd(mount, seed):
    generator = torch.Generator().manual_seed(seed)
    k = int(torch.randint(1, 9, (), generator=generator))
    made = make_weights("rnn", 1, 2, 1, generator, torch.float64)
    figure = Unroll(
        {name: 3 * values for name, values in made.items()},
        2 * torch.randn(8, generator=generator, dtype=torch.float64),
        steps=k,
    )
    page = mount(weights=figure.weights, inputs=figure.inputs, steps=k, gradients=True)
    weights = {n: v.requires_grad_() for n, v in tensors(figure.weights).items()}
    inputs = [torch.tensor([x]).double().requires_grad_() for x in figure.inputs[:k]]
    states = [torch.zeros(2, dtype=torch.float64, requires_grad=True)]
    for x in inputs:
        a = weights["W_xh"] @ x + weights["b_xh"] + weights["W_hh"] @ states[-1] + weights["b_hh"]
        states.append(torch.tanh(a))
        states[-1].retain_grad()
    outputs = [(weights["W_ho"] @ h + weights["b_o"])[0] for h in states[1:]]
    outputs[-1].backward()
    close(get(page, "hidden"), torch.stack(states[1:]).detach(), 1e-6)
    close(get(page, "outputs"), torch.stack(outputs).detach(), 1e-6)
    for t in range(k + 1):
        close(shown(page, "value", boxes(f"h_{t}")), states[t].detach(), 1e-6)
        close(shown(page, "gradient", boxes(f"h_{t}")), states[t].grad, 1e-6)
        if t > 0:
            close(shown(page, "value", boxes(f"o_{t}")), outputs[t - 1].detach()[None], 1e-6)
            close(shown(page, "gradient", boxes(f"x_{t}")), inputs[t - 1].grad, 1e-6)
    for name in ["W_xh", "W_hh", "W_ho", "b_o", "b_h"]:
        measured = shown(page, "gradient", f".rnn-knob[data-entry^='{name}']")
        close(measured, weights[name.replace("b_h", "b_xh")].grad.flatten(), 1e-6)


def test_what_is_printed_is_what_was_computed(mount):
    page = mount(steps=4, gradients=True)
    for one in page.locator("#one .rnn-copy:not(.rnn-unseen) .rnn-node > g").all():
        texts = one.locator("text").all_text_contents()
        for text, data in zip(texts, ["data-value", "data-gradient"], strict=True):
            value = one.get_attribute(data)
            if value is not None:
                assert f"{float(value):.3f}".replace("-", "−") == text.removeprefix("∂ ")
    part(page, "gradients").uncheck()
    assert page.locator("#one [data-gradient]").count() == 0
    assert set(page.locator("#one .rnn-slope").all_text_contents()) == {""}


# --- at first sight ------------------------------------------------------------------------------


def test_at_first_three_steps_are_seen_and_told(mount):
    page = mount()
    seen = page.locator("#one .rnn-copy:not(.rnn-unseen) .rnn-node")
    assert seen.evaluate_all("(all) => all.map((one) => one.dataset.node)") == [
        *("h_0", "x_1", "h_1", "o_1", "x_2", "h_2", "o_2", "x_3", "h_3", "o_3")
    ]
    assert words(page) == (
        "3 steps in: from h0 = 0 and x1, x2 and x3 the network gives o3 = 0.508, "
        "its output for step 4."
    )
    assert page.locator("#one .rnn-note").all_text_contents()[3] == "for step 4"
    assert page.locator("#one .rnn-last").get_attribute("data-node") == "o_3"
    assert lit_nodes(page) == set()


@pytest.mark.parametrize("k", [1, 2, 5, 8])
def test_k_steps_give_the_output_for_the_next(mount, k):
    page = mount()
    steps(page, k)
    assert get(page, "steps") == k
    h, o = numbers_of(tensors(WEIGHTS), INPUTS, k)
    close(get(page, "hidden"), h)
    close(get(page, "outputs"), o)
    assert part(page, "k").inner_text() == str(k)
    assert page.locator("#one .rnn-copy:not(.rnn-unseen)").count() == k + 1
    assert words(page).startswith(f"{k} step{'s' * (k > 1)} in")
    assert words(page).endswith(f"its output for step {k + 1}.")
    assert page.locator("#one .rnn-knob[data-input]:visible").count() == k


# --- folding -------------------------------------------------------------------------------------


def test_folding_brings_all_copies_together_smoothly(mount):
    page = mount(motion="no-preference")
    places = "() => [...document.querySelectorAll('.rnn-copy')].map((c) => getComputedStyle(c)"
    places += ".transform.split(',')[4]).slice(0, 4).map(Number)"
    apart = page.evaluate(places)
    assert apart == sorted(set(apart))
    part(page, "fold").click()
    page.wait_for_timeout(150)
    between = page.evaluate(places)
    settled(page)
    together = page.evaluate(places)
    assert len(set(together)) == 1
    assert apart[3] > between[3] > together[3]  # on its way
    assert get(page, "folded") is True
    assert not node(page, "h_2").is_visible()
    assert page.locator("#one .rnn-folded").is_visible()
    assert words(page).startswith("One network. Its loop hands ht over to the next time step.")
    assert part(page, "fold").inner_text() == "Unfold"
    part(page, "fold").click()
    settled(page)
    assert page.evaluate(places) == apart
    assert node(page, "h_2").is_visible()
    assert not page.locator("#one .rnn-folded").is_visible()


def test_with_reduced_motion_it_folds_at_once_and_nothing_flashes(mount):
    page = mount(motion="reduce")
    part(page, "fold").click()
    assert page.evaluate("document.getAnimations().length") == 0
    assert not node(page, "h_2").is_visible()
    part(page, "fold").click()
    set_slider(page, "x_1", -1)
    assert page.evaluate("document.getAnimations().length") == 0


# --- changing ------------------------------------------------------------------------------------


def test_an_input_changes_every_number_downstream_and_those_flash(mount):
    page = mount(motion="no-preference")
    before = {name: shown(page, "value", boxes(name)) for name in ["h_1", "o_1", "h_2", "o_3"]}
    set_slider(page, "x_2", 1.5)
    changed = [*INPUTS[:1], 1.5, *INPUTS[2:]]
    assert get(page, "inputs") == changed
    h, o = numbers_of(tensors(WEIGHTS), changed, 3)
    close(get(page, "hidden"), h)
    close(get(page, "outputs"), o)
    after = {name: shown(page, "value", boxes(name)) for name in before}
    assert [name for name in before if before[name] != after[name]] == ["h_2", "o_3"]
    flashing = page.evaluate(
        "document.getAnimations().filter((a) => !(a instanceof CSSTransition)).map((a) =>"
        " a.effect.target.closest('.rnn-node').dataset.node)"
    )
    assert set(flashing) == {"x_2", "h_2", "o_2", "h_3", "o_3"}


@pytest.mark.parametrize(
    ("name", "weight", "place"),
    [
        ("W_xh[2]", "W_xh", (1, 0)),
        ("W_hh[1,2]", "W_hh", (0, 1)),
        ("W_hh[2,1]", "W_hh", (1, 0)),
        ("b_h[2]", "b_xh", (1,)),
        ("W_ho[2]", "W_ho", (0, 1)),
        ("b_o", "b_o", (0,)),
    ],
)
def test_a_weight_changes_all_its_uses(mount, name, weight, place):
    page = mount()
    set_slider(page, name, -1.25)
    weights = tensors(WEIGHTS)
    weights[weight][place] = -1.25
    for key, values in weights.items():
        close(get(page, "weights")[key], values)
    h, o = numbers_of(weights, INPUTS, 3)
    close(get(page, "hidden"), h)
    close(get(page, "outputs"), o)
    slider(page, name).focus()
    assert lit_uses(page) == {f"{name}@{t}" for t in (1, 2, 3)}  # lit at once, all of them
    assert "−1.250 is one number, used 3 times, once in each time step." in words(page)
    if name.startswith("W"):
        widths = page.locator(
            f"#one .rnn-copy:not(.rnn-unseen) [data-entry='{name}'] .rnn-line"
        ).evaluate_all("(all) => all.map((one) => one.style.strokeWidth)")
        assert widths == ["2.8"] * 3


def test_the_shown_bias_is_the_sum_of_both(mount):
    weights = {"cell": "rnn", **WEIGHTS, "b_xh": [0.5, 0.25], "b_hh": [0.25, -1.0]}
    page = mount(weights=weights)
    numbers = page.locator("#one [data-entry^=b_h].rnn-knob > .rnn-number").all_inner_texts()
    assert [text for text in numbers if text] == ["0.750", "−0.750"]
    set_slider(page, "b_h[1]", 1)
    now = get(page, "weights")
    close([a + b for a, b in zip(now["b_xh"], now["b_hh"], strict=True)], [1.0, -0.75])


def test_reset_takes_everything_back(mount):
    page = mount()
    set_slider(page, "x_1", -2)
    set_slider(page, "W_hh[1,1]", 2)
    part(page, "reset").click()
    assert get(page, "inputs") == INPUTS
    close(get(page, "weights")["W_hh"], WEIGHTS["W_hh"])
    assert slider(page, "x_1").input_value() == "0.8"
    assert part(page, "live").text_content() == "o_3 = 0.508"


def test_reset_in_a_later_view_takes_as_much_back(mount):
    page = mount()
    start = get(page, "weights", "inputs")
    set_slider(page, "x_1", -1)
    set_slider(page, "W_hh[1,2]", 1.5)
    page.evaluate("void figure.render({ model, el: document.querySelector('#two') })")
    part(page, "reset", "#two").click()
    assert get(page, "weights", "inputs") == start


def test_an_input_is_dragged_with_the_mouse_and_a_drag_is_no_click(mount):
    page = mount()
    box = node(page, "x_2").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 12
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 30)
    page.mouse.move(x, y - 60)
    assert get(page, "inputs")[1] == pytest.approx(0.5)  # 60 pixels are 1
    page.mouse.move(x, y - 900)
    page.mouse.up()
    assert get(page, "inputs")[1] == 2  # as far as the slider goes
    assert get(page, "selected") == ""
    assert part(page, "live").text_content().startswith("o_3 = ")
    page.mouse.move(x, y - 100)
    assert get(page, "inputs")[1] == 2  # let go
    node(page, "x_2").click()
    assert get(page, "selected") == "x_2"


def test_an_input_is_dragged_with_a_finger(mount):
    page = mount(width=390)
    box = node(page, "x_1").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 12
    touch = page.context.new_cdp_session(page)
    for kind, points in [
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x, "y": y + 30}]),
        ("touchMove", [{"x": x, "y": y + 60}]),
        ("touchEnd", []),
    ]:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert get(page, "inputs")[0] == pytest.approx(-0.2)
    assert page.evaluate("scrollY") == 0


# --- what depends on what ------------------------------------------------------------------------


def test_pointing_at_a_node_lights_what_it_depends_on(mount):
    page = mount(steps=4)
    node(page, "h_3").hover()
    assert lit_nodes(page) == {"h_0", "x_1", "h_1", "x_2", "h_2", "x_3", "h_3"}
    assert words(page) == "h3 depends on x1, x2, x3 and h0."
    assert {use.split("[")[0] for use in lit_uses(page)} == {"W_xh", "W_hh", "b_h"}
    assert {use[-1] for use in lit_uses(page)} == {"1", "2", "3"}
    settled(page)
    faint = "(one) => Number(getComputedStyle(one).opacity)"
    assert node(page, "o_3").evaluate(faint) < 0.5 < node(page, "x_1").evaluate(faint)
    page.mouse.move(5, 5)
    assert lit_nodes(page) == set()
    assert words(page).startswith("4 steps in")
    settled(page)
    assert node(page, "o_3").evaluate(faint) == 1


def test_an_output_depends_on_the_past_only_through_its_state(mount):
    page = mount(steps=2)
    node(page, "o_2").hover()
    assert lit_nodes(page) == {"h_0", "x_1", "h_1", "x_2", "h_2", "o_2"}
    assert words(page) == "o2 depends on x1, x2 and h0, and on the past only through h2."
    assert {use for use in lit_uses(page) if use.startswith(("W_ho", "b_o"))} == {
        *("W_ho[1]@2", "W_ho[2]@2", "b_o@2")
    }


def test_the_lights_are_the_gradients_that_are_not_zero(mount):
    """A node is lit for o_3 exactly if o_3 has a gradient by it."""
    page = mount(steps=3, gradients=True)
    node(page, "o_3").hover()
    for name in lit_nodes(page) - {"o_3"}:
        assert all(value != 0 for value in shown(page, "gradient", boxes(name)))


def test_an_input_shows_what_it_reaches(mount):
    page = mount()
    node(page, "x_2").hover()
    assert lit_nodes(page) == {"x_2", "h_2", "o_2", "h_3", "o_3"}
    assert words(page) == "x2 is an input: it depends on nothing, and reaches h2, h3, o2 and o3."
    node(page, "h_0").hover()
    assert words(page) == "h0 = 0 is where every run starts: it depends on nothing."


def test_a_weight_is_used_once_in_every_step(mount):
    page = mount(motion="reduce")  # else the drawing is on its way when it is pressed
    page.locator("#one [data-pick=W_hh]").click()
    assert get(page, "selected") == "W_hh"
    page.mouse.move(5, 5)
    page.evaluate("document.activeElement.blur()")
    assert words(page) == "Whh is used 3 times, once in each time step: always the same weight."
    assert part(page, "live").text_content().startswith("W_hh is used 3 times")
    assert len(lit_uses(page)) == 3 * 4
    steps(page, 1)
    part(page, "steps").blur()
    assert words(page) == "Whh is used once."
    page.locator("#one .rnn-copy[data-step='1'] text[data-weight=W_xh]").click()
    assert get(page, "selected") == "W_xh"


def test_a_press_shows_the_sum_with_the_true_numbers(mount):
    page = mount()
    node(page, "h_2").click()
    assert get(page, "selected") == "h_2"
    assert node(page, "h_2").get_attribute("aria-pressed") == "true"
    assert part(page, "sums").locator("p").all_inner_texts()[:3] == [
        "= tanh(Wxh[1]·x2 + Whh[1,1]·h1[1] + Whh[1,2]·h1[2] + bh[1])",
        "= tanh(0.500·(−0.500) + 0.600·0.462 + (−0.300)·(−0.565) + 0.100)",
        "= tanh(0.297) = 0.288",
    ]
    set_slider(page, "x_2", 0.5)
    assert "0.500·0.500 + " in part(page, "sums").inner_text()
    node(page, "o_3").click()
    first = part(page, "sums").locator("p").first.inner_text()
    assert first == "= Who[1]·h3[1] + Who[2]·h3[2] + bo"
    node(page, "o_3").click()
    assert get(page, "selected") == ""
    assert part(page, "sums").inner_text() == ""


def test_gradients_are_told_in_words(mount):
    page = mount(steps=2)
    part(page, "gradients").check()
    assert words(page).endswith("∂ is how fast o2 changes with a number.")
    node(page, "x_1").hover()
    slope = shown(page, "gradient", boxes("x_1"))[0]
    assert words(page).endswith(f"∂o2/∂x1 = {slope:.3f}.".replace("-", "−"))


# --- the keyboard --------------------------------------------------------------------------------


def focus(page):
    return page.evaluate(
        "(({ dataset, ariaLabel }) => dataset.role ?? dataset.node ?? dataset.pick ?? ariaLabel)"
        "(document.activeElement)"
    )


def test_the_keyboard_alone_is_enough(mount):
    page = mount(motion="no-preference")
    roles = []
    for _ in range(28):
        page.keyboard.press("Tab")
        roles.append(focus(page))
    assert roles == [
        *("fold", "steps", "gradients", "reset", "o_3", "x_1", "x_2", "x_3"),
        *("W_xh", "W_xh[1]", "W_xh[2]", "W_hh", "W_hh[1,1]", "W_hh[1,2]", "W_hh[2,1]", "W_hh[2,2]"),
        *("b_h", "b_h[1]", "b_h[2]", "W_ho", "W_ho[1]", "W_ho[2]", "b_o", "b_o"),
        *roles[24:],
    ]
    slider(page, "W_hh[2,2]").focus()
    page.keyboard.press("ArrowRight")
    assert get(page, "weights")["W_hh"][1][1] == pytest.approx(0.55)
    part(page, "fold").focus()
    page.keyboard.press("Space")
    assert get(page, "folded") is True
    page.keyboard.press("Enter")
    assert get(page, "folded") is False
    part(page, "steps").focus()
    page.keyboard.press("End")
    assert get(page, "steps") == 8


def test_arrow_keys_go_from_node_to_node(mount):
    page = mount()
    node(page, "o_3").focus()
    for key, name in [
        *(("ArrowUp", "o_3"), ("ArrowRight", "o_3"), ("ArrowDown", "h_3"), ("ArrowLeft", "h_2")),
        *(("ArrowLeft", "h_1"), ("ArrowLeft", "h_0"), ("ArrowLeft", "h_0"), ("ArrowDown", "h_0")),
        *(("ArrowRight", "h_1"), ("ArrowDown", "x_1"), ("ArrowDown", "x_1")),
    ]:
        page.keyboard.press(key)
        assert focus(page) == name
    assert words(page).startswith("x1 is an input")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert get(page, "selected") == "h_1"
    page.keyboard.press("Space")
    assert get(page, "selected") == ""
    assert page.locator("#one .rnn-graph [tabindex='0']").count() == 1
    steps(page, 8)
    settled(page)
    node(page, "h_8").focus()
    steps(page, 2)  # the node is gone: another takes its place in the order
    assert page.locator("#one .rnn-graph [tabindex='0']").get_attribute("data-node") == "o_2"


def test_every_node_has_a_name_with_its_numbers(mount):
    page = mount(gradients=True)
    assert node(page, "o_3").get_attribute("aria-label") == "o_3 = 0.508"
    assert node(page, "h_1").get_attribute("aria-label").startswith("h_1 = 0.462, −0.565; gradient")
    assert slider(page, "x_2").get_attribute("aria-valuetext") == "−0.500"


# --- Python, other views, the end ----------------------------------------------------------------


def test_changes_from_python_are_shown(mount):
    page = mount()
    zeros = {"W_xh": [[0.0], [0.0]], "b_xh": [3.5, 0.0]}
    page.evaluate("(w) => model.set('weights', {...model.get('weights'), ...w})", zeros)
    assert slider(page, "b_h[1]").get_attribute("max") == "4"  # the range grows
    assert slider(page, "b_h[1]").input_value() == "3.5"
    assert shown(page, "value", boxes("h_1"))[1] == 0
    page.evaluate("model.set('inputs', [1, 2])")
    page.evaluate("model.set('steps', 2)")
    assert part(page, "steps").get_attribute("max") == "2"
    assert part(page, "steps").input_value() == "2"
    page.evaluate("model.set('folded', true)")
    assert part(page, "fold").inner_text() == "Unfold"


def test_two_views_of_one_model_agree_and_share_no_id(mount):
    page = mount(motion="no-preference")
    page.evaluate("void figure.render({ model, el: document.querySelector('#two') })")
    set_slider(page, "x_1", -1)
    steps(page, 5)
    node(page, "h_4", "#two").click()
    values = "(root) => [...document.querySelectorAll(`${root} [data-value]`)]"
    values += ".map((box) => box.dataset.value)"
    assert page.evaluate(values, "#one") == page.evaluate(values, "#two")
    assert node(page, "h_4").get_attribute("aria-pressed") == "true"
    part(page, "fold", "#two").click()
    assert part(page, "fold").inner_text() == "Unfold"
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))


def test_nothing_is_left_after_the_clean_up(mount):
    page = mount(motion="no-preference")
    button = page.evaluate_handle("document.querySelector('[data-role=fold]')")
    page.evaluate("stop()")
    assert page.evaluate("model.listeners.length") == 0
    assert page.evaluate("document.querySelector('#one').childElementCount") == 0
    button.evaluate("(one) => one.click()")
    assert get(page, "folded") is False


# --- looks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_never_scrolls_sideways(mount, width):
    page = mount(width=width, gradients=True)
    inside = "(box) => box.scrollWidth - box.clientWidth"
    if width >= 390:
        assert part(page, "scroller").evaluate(inside) <= 0  # three steps fit a phone
    steps(page, 8)
    node(page, "o_8").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width > 1000:
        assert part(page, "scroller").evaluate(inside) <= 0  # eight steps fit a page
    part(page, "fold").click()
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert part(page, "scroller").evaluate(inside) <= 0


def test_it_fills_the_room_that_there_is(mount):
    page = mount()
    wide = part(page, "graph").bounding_box()["width"]
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function(
        "() => { const { clientWidth, scrollWidth } = document.querySelector('.rnn-scroll');"
        " return clientWidth < 390 && scrollWidth <= clientWidth; }"
    )
    assert part(page, "graph").bounding_box()["width"] < wide


def test_more_steps_are_scrolled_into_sight_on_a_phone(mount):
    page = mount(width=390, motion="reduce")
    steps(page, 8)
    part(page, "steps").dispatch_event("change")
    outer, last = part(page, "scroller").bounding_box(), node(page, "o_8").bounding_box()
    assert outer["x"] < last["x"] < last["x"] + last["width"] <= outer["x"] + outer["width"]


def test_what_is_touched_is_large_enough(mount):
    page = mount(width=390)
    for one in page.locator("#one :is(input, button, .rnn-node):visible").all():
        box = one.bounding_box()
        checkbox = one.get_attribute("type") == "checkbox"  # its label is pressed too
        assert box["height"] >= (17 if checkbox else 24)
        assert box["width"] >= (17 if checkbox else 24)


@pytest.mark.parametrize(("theme", "width"), SIGHTS)
def test_axe_finds_nothing(mount, theme, width):
    page = mount(theme=theme, width=width, motion="reduce")
    for action in [
        lambda: None,
        lambda: (part(page, "gradients").check(), node(page, "h_2").click()),
        lambda: part(page, "fold").click(),
    ]:
        action()
        page.mouse.move(5, 5)
        assert axe_finds(page, RULES[theme]) == []
