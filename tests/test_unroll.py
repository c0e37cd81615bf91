"""The figure that unfolds a network, on the Python side: numbers, errors, picture."""

import re
from xml.etree import ElementTree

import pytest
import torch
import traitlets

from charrnn_helpers.cells import make_weights, unroll
from charrnn_helpers.widgets import Unroll
from charrnn_helpers.widgets.bundle import FOLDER
from charrnn_helpers.widgets.figure import WEIGHT_COLOURS, FigureError
from charrnn_helpers.widgets.unroll.picture import three

INPUTS = [0.8, -0.5, 0.3, 1.0, 0.0, -1.0, 0.5, 0.2]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def weights():
    generator = torch.Generator().manual_seed(3)
    return make_weights("rnn", 1, 2, 1, generator, torch.float64)


@pytest.fixture
def figure(weights):
    return Unroll(weights, INPUTS)


def states_and_outputs(weights, steps, inputs=INPUTS):
    x = torch.tensor(inputs[:steps], dtype=torch.float64)[:, None, None]
    h = unroll("rnn", weights, x)[0][:, 0]
    return h, (h @ weights["W_ho"].T + weights["b_o"])[:, 0]


def close(measured, expected):
    measured = torch.tensor(measured, dtype=torch.float64)
    torch.testing.assert_close(measured, expected, rtol=0, atol=1e-8)


# --- its state -----------------------------------------------------------------------------------


def test_it_starts_unfolded_with_the_numbers_of_the_cell(figure, weights):
    h, o = states_and_outputs(weights, 3)
    close(figure.hidden, h)
    close(figure.outputs, o)
    assert (figure.steps, figure.folded, figure.gradients, figure.selected) == (3, False, False, "")
    assert figure.inputs == INPUTS


def test_weights_cross_as_lists(figure, weights):
    assert figure.weights["cell"] == "rnn"
    assert set(figure.weights) == {"cell", *weights}
    for name, values in weights.items():
        assert isinstance(figure.weights[name], list)
        close(figure.weights[name], values)


def test_every_trait_of_the_figure_is_shared_with_the_page(figure):
    shared = {"weights", "inputs", "steps", "folded", "gradients", "selected", "hidden", "outputs"}
    assert shared <= set(figure.keys)
    assert figure.get_state()["steps"] == 3


def test_changes_are_computed_without_a_page_too(figure, weights):
    figure.steps = 5
    close(figure.outputs, states_and_outputs(weights, 5)[1])
    figure.inputs = torch.arange(8) / 10
    close(figure.hidden, states_and_outputs(weights, 5, [t / 10 for t in range(8)])[0])
    figure.weights = {**weights, "W_hh": torch.zeros(2, 2)}
    h, o = states_and_outputs({**weights, "W_hh": torch.zeros(2, 2).double()}, 5, figure.inputs)
    close(figure.hidden, h)
    close(figure.outputs, o)


def test_a_state_from_the_page_is_taken_over(figure):
    changed = {**figure.weights, "b_o": [1.5]}
    figure.set_state({"weights": changed, "steps": 2, "folded": True, "selected": "h_2"})
    assert (figure.weights, figure.steps) == (changed, 2)
    assert repr(figure) == "Unroll(steps=2, folded)"


def test_a_layer_of_torch_and_lists_are_taken_too(weights):
    wanted = Unroll(weights, INPUTS).outputs
    lists = {name: values.tolist() for name, values in weights.items()}
    assert Unroll(lists, torch.tensor(INPUTS)).outputs == pytest.approx(wanted, abs=1e-7)
    learnable = {name: values.clone().requires_grad_() for name, values in weights.items()}
    assert Unroll(learnable, tuple(INPUTS)).outputs == wanted


def test_fewer_inputs_leave_fewer_steps(weights):
    figure = Unroll(weights, [1.0, 2.0], steps=2, folded=True)
    assert repr(figure) == "Unroll(steps=2, folded)"
    with pytest.raises(FigureError, match="steps must be from 1 to 2, the number of inputs, not 3"):
        figure.steps = 3


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"W_hh": [[1.0]]}, ValueError, r"W_hh must be of shape \(2, 2\), not \(1, 1\): .* two"),
        ({"W_xh": [[1.0, 2.0]] * 2}, ValueError, r"W_xh must be of shape \(2, 1\), not \(2, 2\)"),
        ({"b_o": [float("nan")]}, ValueError, "b_o holds a number that is not finite"),
        ({"b_h": [0.0, 0.0], "b_xh": None}, TypeError, "b_xh must be numbers, .* not None"),
        ({"W_ho": [["one", "two"]]}, TypeError, "W_ho must be numbers, in a tensor or lists"),
        ({"cell": "gru"}, ValueError, "unfolds the cell 'rnn', not 'gru'"),
    ],
)
def test_other_weights_are_refused_in_plain_words(weights, changes, error, message):
    with pytest.raises(error, match=message):
        Unroll({**weights, **changes}, INPUTS)


def test_missing_weights_are_named(weights):
    del weights["W_ho"], weights["b_o"]
    with pytest.raises(ValueError, match="weights lack W_ho, b_o"):
        Unroll(weights, INPUTS)
    with pytest.raises(TypeError, match="weights must be a dictionary, as in cells, not list"):
        Unroll([1, 2], INPUTS)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"inputs": []}, ValueError, "inputs must be 1 to 8 numbers, one for each time step"),
        ({"inputs": [0.0] * 9}, ValueError, r"1 to 8 numbers, .* not of shape \(9,\)"),
        ({"inputs": [[1.0]]}, ValueError, r"not of shape \(1, 1\)"),
        ({"inputs": [float("inf")]}, ValueError, "inputs holds a number that is not finite"),
        ({"inputs": "abc"}, TypeError, "inputs must be numbers, in a tensor or lists, not 'abc'"),
        ({"steps": 0}, ValueError, "steps must be from 1 to 8, the number of inputs, not 0"),
        ({"steps": 9}, ValueError, "steps must be from 1 to 8"),
        ({"steps": 2.5}, TypeError, "steps must be a whole number, not 2.5"),
        ({"steps": True}, TypeError, "steps must be a whole number, not True"),
    ],
)
def test_what_the_figure_cannot_show_is_refused(weights, arguments, error, message):
    with pytest.raises(error, match=message):
        Unroll(weights, **{"inputs": INPUTS, **arguments})


@pytest.mark.parametrize(
    ("trait", "value"),
    [("steps", 9), ("inputs", [1.0]), ("weights", {}), ("folded", "yes")],
)
def test_later_changes_are_checked_too(figure, trait, value):
    before = getattr(figure, trait)
    outputs = figure.outputs
    with pytest.raises(traitlets.TraitError):
        setattr(figure, trait, value)
    assert getattr(figure, trait) == before
    assert figure.outputs == outputs


# --- the picture ---------------------------------------------------------------------------------


def picture(figure):
    return figure._repr_mimebundle_()[0]["image/svg+xml"]


def test_the_picture_prints_every_number(figure, weights):
    root = ElementTree.fromstring(picture(figure))
    texts = [node.text for node in root.iter(f"{SVG}text")]
    h, o = states_and_outputs(weights, 3)
    for value in [*h.flatten().tolist(), *o.tolist(), *INPUTS[:3]]:
        assert three(value) in texts
    assert "for step 4" in texts
    sentence = f"3 steps in, the output for step 4 is {three(o[-1].item())}."
    assert sentence in texts
    assert root.find(f"{SVG}title").text.endswith(sentence)
    assert len(list(root.iter(f"{SVG}path"))) == 3 * 8  # eight numbers, used three times


def test_the_picture_is_deterministic_small_and_follows_the_traits(figure, weights):
    assert picture(figure) == picture(Unroll(weights, INPUTS))
    assert not re.search(r"\d\.\d{4}", picture(figure))  # no digits that a CPU could change
    before = picture(figure)
    figure.steps = 8
    assert picture(figure) != before
    assert len(picture(figure)) < 25_000
    figure.steps = 1
    assert "1 step in, the output for step 2" in picture(figure)


def test_the_picture_has_the_colours_of_the_page():
    css = (FOLDER / "unroll/style.css").read_text(encoding="utf-8")
    for name, colour in WEIGHT_COLOURS.items():
        assert f"--rnn-{name.replace('_', '-')}: {colour};" in css


def test_numbers_have_three_decimals_and_no_minus_before_a_zero():
    assert [three(v) for v in (0.1234, -0.5, -0.0004, 2)] == ["0.123", "−0.500", "0.000", "2.000"]
