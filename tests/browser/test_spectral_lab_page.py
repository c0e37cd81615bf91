"""The spectral lab on a page: its numbers are PyTorch's; mouse, keyboard, touch, two views."""

import itertools
import random

import pytest
import torch
from accessibility import RULES, SIGHTS, axe_finds
from cases import case
from stage import get, part, stage
from torch import nn

from charrnn_helpers.cells import unroll
from charrnn_helpers.widgets import SpectralLab
from charrnn_helpers.widgets.bundle import bundle
from charrnn_helpers.widgets.draws import normal, uniform
from charrnn_helpers.widgets.spectral_lab.figure import measure

KINDS = ["default", "orthogonal", "identity", "non-normal"]
MODELS = [("rnn", "tanh"), ("rnn", "relu"), ("rnn", "identity"), ("gru", "tanh"), ("lstm", "tanh")]
RESULTS = ["W_hh", "W_xh", "inputs", "norms", "bound"]
EXPERIMENTS = ["Vanish", "Explode", "Orthogonal", "Non-normal", "Identity + ReLU"]


@pytest.fixture
def mount(boards):
    """Open pages with the figure on them; at the end, none may have complained."""
    with stage(boards) as put:

        def open_page(theme="light", width=1280, motion="reduce", **settings):
            return put(SpectralLab(**settings), theme, width, motion)

        yield open_page


@pytest.fixture(scope="module")
def modules(browser):
    """A page that has the arithmetic alone, as `rnn`, `draws` and `decay`."""
    page = browser.new_page()
    for name, file in [
        ("rnn", "nn/rnn.js"),
        ("draws", "nn/initialization.js"),
        ("decay", "spectral_lab/decay.js"),
    ]:
        page.evaluate(
            """async ([name, source]) => {
                const blob = new Blob([source], { type: "text/javascript" });
                window[name] = await import(URL.createObjectURL(blob));
            }""",
            [name, bundle(file)],
        )
    yield page
    page.close()


def set_traits(page, **traits):
    page.evaluate(
        "async (traits) => { for (const [k, v] of Object.entries(traits)) model.set(k, v);"
        " await null; }",
        traits,
    )


def drawing(page):
    return part(page, "curves").evaluate("(svg) => svg.innerHTML")


def line(page, name, root="#one"):
    """What the legend says of a line: its number with all digits."""
    return float(page.locator(f"{root} [data-line={name}]").get_attribute("data-value"))


def close(measured, expected, tolerance=1e-12):
    expected = torch.as_tensor(expected, dtype=torch.float64)
    measured = torch.tensor(measured, dtype=torch.float64)
    torch.testing.assert_close(measured, expected, rtol=0, atol=tolerance)


def equally_large(measured, expected, tolerance=1e-6):
    """Numbers of any size agree relative to themselves, down to where 64 bits end."""
    expected = torch.as_tensor(expected, dtype=torch.float64)
    measured = torch.tensor(measured, dtype=torch.float64)
    torch.testing.assert_close(measured, expected, rtol=tolerance, atol=1e-290)


def settings(cell, activation, kind, seed):
    """Settings by chance, of a small network."""
    draw = random.Random(f"{cell} {activation} {kind} {seed}")
    return {
        "cell": cell,
        "activation": activation,
        "kind": kind,
        "radius": round(draw.uniform(0.1, 2), 4),
        "hidden_size": draw.choice([2, 5, 9, 16]),
        "length": draw.randint(10, 60),
        "input_scale": draw.choice([0.0, 0.3, 1.0, 4.0]),
        "gate_bias": round(draw.uniform(-3, 5), 2),
        "seed": draw.randrange(2**31),
    }


def norms_by_autograd(given, W_hh, W_xh, inputs, distances):
    """‖∂s_T/∂s_{T-d}‖ through PyTorch's own layers, from the weights that the page has drawn."""
    cell, H = given["cell"], given["hidden_size"]
    weights = {
        name: torch.tensor(W, dtype=torch.float64) for name, W in [("W_hh", W_hh), ("W_xh", W_xh)]
    }
    x = torch.tensor(inputs, dtype=torch.float64).unsqueeze(1)
    bias = torch.zeros(len(W_hh), dtype=torch.float64)
    if cell != "rnn":
        bias[H : 2 * H] = given["gate_bias"]
    if given["activation"] == "identity" and cell == "rnn":
        weights |= {"b_xh": torch.zeros_like(bias), "b_hh": bias}

        def run(x, state):
            _, (h,) = unroll("rnn", weights, x, (state[0],), activation="identity")
            return h[None]
    else:
        options = {"nonlinearity": given["activation"]} if cell == "rnn" else {}
        layer = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[cell](H, H, **options).double()
        values = [weights["W_xh"], weights["W_hh"], torch.zeros_like(bias), bias]
        with torch.no_grad():
            for parameter, value in zip(layer.parameters(), values, strict=True):
                parameter.copy_(value)

        def run(x, state):
            parts = tuple(part.contiguous() for part in state.split(H, -1))
            last = layer(x, parts if cell == "lstm" else parts[0])[1]
            return torch.cat(last, -1) if cell == "lstm" else last

    state = torch.zeros(1, 1, (2 if cell == "lstm" else 1) * H, dtype=torch.float64)
    norms = []
    for d in distances:
        begin = len(x) - d
        with torch.no_grad():
            before = run(x[:begin], state) if begin else state
        jacobian = torch.autograd.functional.jacobian(lambda s, b=begin: run(x[b:], s), before)
        norms.append(torch.linalg.matrix_norm(jacobian.reshape(state.numel(), -1), ord=2))
    return torch.stack(norms)


# --- the arithmetic is PyTorch's ------------------------------------------------------------------


def results_of(page, all_settings):
    """What the figure finds out for each of these settings, one after another."""
    return page.evaluate(
        """async ([all, names]) => {
            const found = [];
            for (const given of all) {
                for (const [name, value] of Object.entries(given)) model.set(name, value);
                await new Promise((goOn) => setTimeout(goOn));
                found.push(names.map((name) => model.get(name)));
            }
            return found;
        }""",
        [all_settings, RESULTS],
    )


@pytest.mark.parametrize(("cell", "activation"), MODELS)
def test_measured_norms_are_those_of_autograd_through_torch(mount, cell, activation):
    cases = list(itertools.product(KINDS, range(2)))
    drawn = [settings(cell, activation, *each) for each in cases]
    for each, given, found in zip(cases, drawn, results_of(mount(), drawn), strict=True):
        with case(*each):
            check_norms(given, *found)


def check_norms(given, W_hh, W_xh, inputs, norms, bound):
    """They are those of autograd; W_hh is of its kind, and the bound is its norm's."""
    T = given["length"]
    distances = [1, 2, 5, T // 2, T - 1, T]
    expected = norms_by_autograd(given, W_hh, W_xh, inputs, distances)
    assert len(norms) == T + 1
    assert norms[0] == 1
    equally_large([norms[d] for d in distances], expected)
    blocks = torch.tensor(W_hh, dtype=torch.float64).reshape(
        -1, given["hidden_size"], given["hidden_size"]
    )
    # The eigenvalues of a chain are known to 64 bits only up to the H-th root of their rounding.
    if given["kind"] != "non-normal":
        radii = torch.linalg.eigvals(blocks).abs().amax(-1)
        close([given["radius"]] * len(blocks), radii, 1e-6)
    else:
        assert all((torch.diagonal(b) == given["radius"]).all() for b in blocks)
        assert (blocks.tril(-1) == 0).all()
    if given["cell"] == "rnn":
        largest = torch.linalg.matrix_norm(blocks[0], ord=2)
        equally_large(bound, largest ** torch.arange(T + 1))
        assert all(n <= b * (1 + 1e-9) for n, b in zip(norms, bound, strict=True))
    else:
        assert bound == []


@pytest.mark.parametrize(("cell", "activation"), MODELS)
def test_the_page_and_python_draw_and_measure_the_same(mount, cell, activation):
    page = mount()
    for kind in KINDS:
        given = settings(cell, activation, kind, 7)
        expected = measure(given)
        (found,) = results_of(page, [given])
        found = dict(zip(RESULTS, found, strict=True))
        with case(kind):
            for name in ["W_hh", "W_xh", "inputs"]:
                close(found[name], expected[name])
            equally_large(found["norms"], expected["norms"], 1e-9)
            set_traits(page, distance=given["length"] // 2)
            for name in {"radii", "powers", "plain", "bound"} & set(expected):
                last = expected[name][given["length"] // 2 :][:1]
                equally_large([line(page, name)], last, 1e-9)


@pytest.mark.parametrize("seed", [0, 1, 12345, 2**31 - 1])
def test_random_numbers_are_the_same_in_both_languages(modules, seed):
    k = torch.arange(2000).numpy()
    uniforms, normals = modules.evaluate(
        """(seed) => {
            const ks = Array.from({ length: 2000 }, (_, k) => k);
            return [ks.map((k) => rnn.uniform(seed, k)), ks.map((k) => draws.normal(seed, k))];
        }""",
        seed,
    )
    assert uniforms == uniform(seed, k).tolist()  # to the last bit
    close(normals, torch.from_numpy(normal(seed, k)))


def test_normal_numbers_are_normal(modules):
    numbers = torch.tensor(
        modules.evaluate(
            "() => Array.from({ length: 20 }, (_, seed) =>"
            " Array.from({ length: 1000 }, (_, k) => draws.normal(seed, k)))"
        ),
        dtype=torch.float64,
    )
    assert abs(numbers.mean()) < 0.03
    assert abs(numbers.std() - 1) < 0.02
    share = (numbers.abs() < 1).double().mean()
    assert abs(share - 0.6827) < 0.015
    assert abs(torch.corrcoef(numbers)[0, 1:]).max() < 0.12


def test_norms_keep_their_digits_where_squares_would_not(modules):
    """The norms of tiny, huge and vanished products."""
    torch.manual_seed(0)
    jacobians = torch.randn(40, 6, 6, dtype=torch.float64)
    for size in [1e-7, 1.0, 1e7]:
        measured = modules.evaluate("decay.productNorms", (size * jacobians).tolist())
        product, expected = torch.eye(6, dtype=torch.float64), [1.0]
        for jacobian in (size * jacobians).flip(0):
            product = product @ jacobian
            expected.append(float(torch.linalg.matrix_norm(product, ord=2)))
        equally_large(measured, expected, 1e-10)
    jacobians[20] = 0
    norms = modules.evaluate("decay.productNorms", jacobians.tolist())
    assert norms[19] > 0
    assert norms[20:] == [0] * 21


# --- what the experiments are for ----------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_the_experiments_show_what_they_say(mount, seed):
    page = mount(seed=seed)
    found = {}
    for i, name in enumerate(EXPERIMENTS):
        part(page, f"experiment-{i}").click()
        found[name] = get(page, "norms", "bound")
        pressed = page.locator("[aria-pressed=true]").all_inner_texts()
        assert pressed == [name]
    norms, bound = found["Vanish"]
    assert norms[50] < 1e-6
    assert bound[50] > 1e4
    norms, _ = found["Explode"]
    assert norms[50] > 1e4
    growth = (norms[50] / norms[30]) ** (1 / 20)
    assert 1.2 < growth < 1.4
    close(found["Orthogonal"][0], torch.ones(51))
    norms, _ = found["Non-normal"]
    assert max(norms) > 20
    assert norms[50] < 0.01
    assert set(found["Identity + ReLU"][0]) <= {0, 1}
    part(page, "experiment-2").click()
    part(page, "activation-tanh").check()
    norms, bound = get(page, "norms", "bound")
    assert norms[50] < 1e-3  # tanh's share alone
    assert bound[50] == pytest.approx(1)


def test_identity_and_relu_gives_all_or_nothing(mount):
    last = {
        SpectralLab(kind="identity", radius=1.0, activation="relu", seed=s).norms[50]
        for s in range(9)
    }
    assert last == {0, 1}  # both are met, as the figure promises


def test_without_inputs_tanh_takes_nothing(mount):
    page = mount()
    part(page, "input_scale").fill("0")
    assert "tanh has taken nothing of it." in part(page, "comparison").inner_text()
    assert line(page, "norms") == pytest.approx(line(page, "powers"))
    before = get(page, "norms")[50]
    part(page, "input_scale").fill("3")
    assert get(page, "norms")[50] < before / 1e9  # saturated


def test_an_open_gate_keeps_the_gradient(mount):
    page = mount()
    for cell, gate in [("gru", "z"), ("lstm", "f")]:
        part(page, f"cell-{cell}").check()
        assert part(page, "gate").inner_text() == f"Bias of gate {gate}"
        kept = []
        for bias in ["-2", "0", "2", "4"]:
            part(page, "gate_bias").fill(bias)
            kept.append(get(page, "norms")[50])
        assert kept == sorted(kept)
        assert kept[3] > 0.1 > 1e-6 > line(page, "plain")
        assert page.locator("[data-line]").count() == 2
        assert f"The gate {gate} lets" in part(page, "words").inner_text()
        assert part(page, "activation-tanh").is_disabled()
    part(page, "cell-rnn").check()
    assert not part(page, "gate_bias-row").is_visible()
    assert part(page, "activation-tanh").is_enabled()


# --- reading it off ------------------------------------------------------------------------------


def test_at_first_it_tells_what_is_left_at_the_far_end(mount):
    page = mount()
    assert part(page, "left").inner_text().replace("\u00a0", " ") == (
        "50 steps back, at most 5.6 × 10⁻¹⁰ of the gradient is left."
    )
    assert "Without tanh it would be 1.2" in part(page, "comparison").inner_text()
    assert part(page, "matrix").inner_text().replace("\n", "") == (
        "Whh, 16 × 16: spectral radius ρ = 0.9, spectral norm σmax = 1.47"
    )
    assert page.locator("[data-line]").evaluate_all(
        "(rows) => rows.map((r) => r.dataset.line)"
    ) == [*("norms", "bound", "powers", "radii")]
    assert line(page, "bound") == get(page, "bound")[50]
    assert line(page, "radii") == pytest.approx(0.9**50)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "7 steps back, nothing of the gradient is left."),
        (1, "7 steps back, the whole gradient is still there."),
        (0.0123, "7 steps back, at most 0.012 of the gradient is left."),
        (9.96e-3, "7 steps back, at most 0.010 of the gradient is left."),
        (1.26e-12, "7 steps back, at most 1.3 × 10⁻¹² of the gradient is left."),
        (37.44, "7 steps back, the gradient is at most 37 times as large."),
        (2.5e300, "7 steps back, the gradient is at most 2.5 × 10³⁰⁰ times as large."),
    ],
)
def test_what_is_left_is_told_in_words(browser, value, words):
    page = browser.new_page()
    told = page.evaluate(
        """async ([source, value]) => {
            const blob = new Blob([source], { type: "text/javascript" });
            return (await import(URL.createObjectURL(blob))).leftOver(7, value);
        }""",
        [bundle("spectral_lab/words.js"), value],
    )
    assert told.replace("\u00a0", " ") == words
    page.close()


def test_the_curve_is_read_off_by_keyboard_and_mouse(mount):
    page = mount()
    reach = part(page, "distance")
    reach.focus()
    page.keyboard.press("ArrowLeft")
    assert get(page, "distance") == 49
    assert reach.get_attribute("aria-valuetext").startswith("49 steps back, at most")
    page.keyboard.press("Home")
    assert part(page, "left").inner_text() == "0 steps back, the whole gradient is still there."
    page.keyboard.press("ArrowRight")
    assert part(page, "left").inner_text().startswith("1 step back")
    box = part(page, "plot").bounding_box()
    saved = page.evaluate("model.saved")
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 50)
    assert part(page, "left").inner_text().startswith("25 steps back")
    assert line(page, "norms") == get(page, "norms")[25]
    assert get(page, "distance") == 1  # to point is not to choose
    page.mouse.move(box["x"], box["y"] - 50)
    assert part(page, "left").inner_text().startswith("1 step back")
    assert page.evaluate("model.saved") == saved
    page.mouse.click(box["x"] + box["width"] - 1, box["y"] + 50)
    assert get(page, "distance") == 50


def test_the_thumb_and_the_cursor_stand_below_the_curve(mount):
    page = mount(distance=20)
    plot, reach, cursor, dot = (
        part(page, role).bounding_box() for role in ("plot", "distance", "cursor", "dot")
    )
    x = plot["x"] + plot["width"] * 20 / 50
    assert abs(cursor["x"] - x) < 1.5
    assert abs(dot["x"] + dot["width"] / 2 - x) < 1.5
    assert abs(reach["x"] + 8 + (reach["width"] - 16) * 20 / 50 - x) < 3


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"radius": 2.0, "activation": "identity"}, "▲ above 10⁶"),
        ({"radius": 0.3}, "▼ below 10⁻¹²"),
        ({"radius": 0.1, "activation": "identity"}, "▼ below 10⁻¹²"),
        ({"activation": "relu", "input_scale": 0.0}, "▼ below 10⁻¹²"),
        ({"radius": 1.0, "kind": "orthogonal", "activation": "identity"}, ""),
    ],
)
def test_where_the_curve_leaves_the_picture_is_marked(mount, given, words):
    page = mount(**given)
    assert part(page, "exits").inner_text() == words
    assert "NaN" not in drawing(page)
    assert "Infinity" not in drawing(page)
    if words:
        assert "rnn-outside" in part(page, "dot").get_attribute("class")
        mark, plot = page.locator(".rnn-exit").bounding_box(), part(page, "plot").bounding_box()
        assert plot["x"] <= mark["x"]
        assert mark["x"] + mark["width"] <= plot["x"] + plot["width"] + 1


# --- the controls --------------------------------------------------------------------------------


def test_the_radius_is_set_by_slider_and_exactly(mount):
    page = mount()
    part(page, "radius").fill("1.25")
    assert get(page, "radius") == 1.25
    assert part(page, "radius-number").input_value() == "1.25"
    part(page, "radius-number").fill("0.7654321")
    assert get(page, "radius") == 0.7654321
    assert part(page, "radius-number").input_value() == "0.7654321"
    part(page, "radius").focus()
    page.keyboard.press("ArrowRight")
    assert get(page, "radius") == pytest.approx(0.78)


@pytest.mark.parametrize("typed", ["", "0", "2.5", "-1"])
def test_a_radius_out_of_range_is_told_beside_the_box(mount, typed):
    page = mount()
    box = part(page, "radius-number")
    box.fill(typed)
    assert part(page, "message").inner_text() == "ρ must be a number from 0.1 to 2."
    assert box.get_attribute("aria-invalid") == "true"
    assert box.get_attribute("aria-describedby") == part(page, "message").get_attribute("id")
    assert get(page, "radius") == 0.9
    part(page, "radius").fill("0.8")
    assert box.input_value() == "0.8"
    assert part(page, "message").inner_text() == ""
    assert box.get_attribute("aria-invalid") == "false"


def test_draw_again_takes_the_next_seed_and_says_so(mount):
    page = mount()
    before = get(page, "norms")
    part(page, "again").click()
    assert get(page, "seed") == 1
    assert get(page, "norms") != before
    assert part(page, "live").text_content() == part(page, "left").text_content()
    page.evaluate("model.set('seed', 0)")
    assert get(page, "norms") == before


def test_a_longer_sequence_only_begins_earlier(mount):
    page = mount()
    before = get(page, "inputs")
    part(page, "length").fill("60")
    after = get(page, "inputs")
    assert len(after) == 60
    assert after[10:] == before
    assert get(page, "distance") == 50
    part(page, "length").fill("10")
    assert part(page, "left").inner_text().startswith("10 steps back")
    part(page, "length").fill("60")
    assert part(page, "left").inner_text().startswith("50 steps back")


def test_the_keyboard_alone_is_enough(mount):
    page = mount()
    roles = []
    for _ in range(14):
        page.keyboard.press("Tab")
        roles.append(page.evaluate("document.activeElement.dataset.role"))
    assert roles == [
        *(f"experiment-{i}" for i in range(5)),
        *("radius", "radius-number", "distance", "cell-rnn", "activation-tanh", "kind-default"),
        *("input_scale", "length", "again"),
    ]
    part(page, "kind-default").focus()
    page.keyboard.press("ArrowRight")
    assert get(page, "kind") == "orthogonal"
    focused = page.locator("[data-role=kind-orthogonal] + span")
    assert focused.evaluate("(node) => getComputedStyle(node).outlineStyle") == "solid"
    part(page, "experiment-1").focus()
    page.keyboard.press("Enter")
    assert get(page, "radius", "activation") == [1.3, "identity"]
    assert part(page, "live").text_content().startswith("50 steps back, the gradient is")


def test_a_first_look_has_few_controls_and_the_rest_is_folded(mount):
    page = mount(controls="basic", kind="orthogonal", activation="identity")
    shown = page.locator("button:visible, input:visible").evaluate_all(
        "(nodes) => nodes.map((node) => node.dataset.role)"
    )
    at_hand = ["activation-tanh", "activation-identity", "kind-default", "kind-orthogonal"]
    assert shown == ["radius", "radius-number", *at_hand, "distance"]
    set_traits(page, kind="non-normal")  # what is chosen is shown
    assert part(page, "kind-non-normal").is_visible()
    assert not part(page, "kind-identity").is_visible()
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    for role in [
        "kind-identity",
        "activation-relu",
        "experiment-0",
        "cell-lstm",
        "length",
        "again",
    ]:
        assert part(page, role).is_visible()
    part(page, "experiment-0").click()
    assert get(page, "kind", "activation") == ["default", "tanh"]


@pytest.mark.parametrize(("theme", "width"), SIGHTS)
def test_axe_finds_nothing_in_the_folded_figure(mount, theme, width):
    page = mount(theme=theme, width=width, controls="basic")
    for _ in range(2):
        assert axe_finds(page, RULES[theme]) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator("summary").click()


def test_a_finger_is_enough_and_targets_are_large(mount):
    page = mount(width=390)
    part(page, "experiment-3").tap()
    assert get(page, "kind") == "non-normal"
    page.locator("[data-role=activation-tanh] + span").tap(force=True)
    assert get(page, "activation") == "tanh"
    box = part(page, "plot").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.2, box["y"] + 40)
    assert get(page, "distance") == 10
    sizes = page.locator("button:visible, input:visible").evaluate_all(
        "(nodes) => nodes.map((n) => n.getBoundingClientRect()).map((r) => [r.width, r.height])"
    )
    assert min(itertools.chain(*sizes)) >= 24


# --- Python, other views, the end ----------------------------------------------------------------


def test_changes_from_python_are_shown(mount):
    page = mount()
    set_traits(page, cell="lstm", kind="identity", radius=0.5, distance=3)
    assert part(page, "cell-lstm").is_checked()
    assert part(page, "kind-identity").is_checked()
    assert part(page, "radius-number").input_value() == "0.5"
    assert part(page, "distance").input_value() == "3"
    assert len(get(page, "W_hh")) == 64
    assert "f 0.50" in part(page, "matrix").inner_text()
    set_traits(page, hidden_size=8, cell="rnn")
    assert len(get(page, "W_hh")) == 8


def test_two_views_of_one_model_agree_and_share_no_id(mount):
    page = mount()
    page.evaluate("void figure.render({ model, el: document.querySelector('#two') })")
    part(page, "experiment-2", "#two").click()
    part(page, "radius").fill("1.5")
    part(page, "kind-identity", "#two").check()
    assert part(page, "kind-identity").is_checked()
    assert part(page, "kind-identity", "#two").is_checked()
    for role in ["left", "comparison", "words", "matrix"]:
        assert part(page, role).inner_text() == part(page, role, "#two").inner_text()
    assert part(page, "radius-number", "#two").input_value() == "1.5"
    assert line(page, "norms") == line(page, "norms", "#two")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))


def test_nothing_is_left_after_the_clean_up(mount):
    page = mount(motion="no-preference")
    button = page.evaluate_handle("document.querySelector('[data-role=again]')")
    page.evaluate("stop()")
    assert page.evaluate("model.listeners.length") == 0
    assert page.evaluate("document.querySelector('#one').childElementCount") == 0
    button.evaluate("(node) => node.click()")
    assert get(page, "seed") == 0


# --- looks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_never_scrolls_sideways(mount, width):
    page = mount(width=width)
    for cell, radius in [("rnn", 2), ("lstm", 0.1), ("gru", 1)]:
        set_traits(page, cell=cell, radius=radius, activation="identity")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_by_itself(mount, motion):
    page = mount(motion=motion)
    part(page, "experiment-1").click()
    assert page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize(("theme", "width"), SIGHTS)
def test_axe_finds_nothing(mount, theme, width):
    page = mount(theme=theme, width=width)
    for cell, kind in [("rnn", "default"), ("lstm", "identity")]:
        set_traits(page, cell=cell, kind=kind, radius=2, activation="identity")
        part(page, "radius-number").fill("7")
        assert axe_finds(page, RULES[theme]) == []
