"""The spectral lab in Python: what it draws and measures, its picture, plain errors."""

import re
from xml.etree import ElementTree

import pytest
import torch
import traitlets

from charrnn_helpers.bptt import forward
from charrnn_helpers.cells import CELLS
from charrnn_helpers.diagnostics import (
    gradient_norm_by_distance,
    orthonormal_columns,
    recurrent_matrix,
    spectral_norm,
)
from charrnn_helpers.widgets import SpectralLab
from charrnn_helpers.widgets.draws import drawn_inputs, drawn_weights
from charrnn_helpers.widgets.spectral_lab.figure import SETTINGS
from charrnn_helpers.widgets.spectral_lab.picture import amount, left_over

KINDS = ["default", "orthogonal", "identity", "non-normal"]
SVG = "{http://www.w3.org/2000/svg}"


def close(measured, expected, tolerance=1e-12):
    expected = torch.as_tensor(expected, dtype=torch.float64)
    measured = torch.as_tensor(measured, dtype=torch.float64)
    torch.testing.assert_close(measured, expected, rtol=0, atol=tolerance)


# --- what it draws -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cell", CELLS)
def test_every_gate_has_a_block_of_the_kind_with_the_radius(cell, kind):
    weights = drawn_weights(cell, kind, 0.7, 9, 5, 1.5)
    blocks = weights["W_hh"].reshape(-1, 9, 9)
    assert len(blocks) == CELLS[cell].gates
    for block in blocks:
        if kind in ("identity", "non-normal"):
            assert torch.equal(block, recurrent_matrix(kind, 9, 0.7))
        if kind == "orthogonal":
            close(block @ block.T, 0.49 * torch.eye(9, dtype=torch.float64))
        if kind == "default":
            close(torch.linalg.eigvals(block).abs().max(), 0.7, 1e-6)
            assert block.unique().numel() == 81
    if kind in ("default", "orthogonal") and cell != "rnn":
        assert not torch.equal(blocks[0], blocks[1])
    assert weights["W_xh"].shape == (9 * CELLS[cell].gates, 9)
    assert weights["W_xh"].abs().max() <= 1 / 3
    assert weights["b_xh"].count_nonzero() == 0
    bias = weights["b_hh"].reshape(-1, 9)
    assert bias.count_nonzero() == (0 if cell == "rnn" else 9)
    assert cell == "rnn" or (bias[1] == 1.5).all()


def test_orthonormal_columns_are_those_of_gram_and_schmidt():
    torch.manual_seed(2)
    W = torch.randn(6, 6, dtype=torch.float64)
    Q = orthonormal_columns(W)
    close(Q.T @ Q, torch.eye(6))
    R = Q.T @ W  # what is left is upper triangular, with a positive diagonal
    close(R.tril(-1), torch.zeros(6, 6))
    assert (R.diagonal() > 0).all()


def test_inputs_have_their_size_and_are_counted_from_the_last():
    x = drawn_inputs(60, 16, 2.0, seed=3)
    assert x.shape == (60, 1, 16)
    assert abs(x.std() - 2) < 0.2
    assert torch.equal(drawn_inputs(20, 16, 2.0, seed=3), x[-20:])
    assert torch.equal(drawn_inputs(20, 16, 1.0, seed=3), x[-20:] / 2)
    assert not torch.equal(drawn_inputs(20, 16, 2.0, seed=4), x[-20:])


# --- what it measures ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cell", CELLS)
def test_its_numbers_are_those_of_its_own_weights_and_inputs(cell, kind):
    figure = SpectralLab(8, seed=1, cell=cell, kind=kind, radius=1.1, length=20, gate_bias=0.5)
    weights = {name: torch.tensor(getattr(figure, name)).double() for name in ("W_hh", "W_xh")}
    weights["b_xh"] = torch.zeros(len(figure.W_hh), dtype=torch.float64)
    weights["b_hh"] = drawn_weights(cell, kind, 1.1, 8, 1, 0.5)["b_hh"]
    weights |= {"W_ho": weights["W_xh"][:1], "b_o": weights["b_xh"][:1]}
    x = torch.tensor(figure.inputs, dtype=torch.float64).unsqueeze(1)
    measured = gradient_norm_by_distance(forward(cell, weights, x))[:, 0]
    assert len(figure.norms) == 21
    torch.testing.assert_close(
        torch.tensor(figure.norms, dtype=torch.float64), measured, rtol=1e-5, atol=0
    )
    if cell != "rnn":
        assert figure.bound == []
        return
    bound = spectral_norm(weights["W_hh"]) ** torch.arange(21)
    torch.testing.assert_close(
        torch.tensor(figure.bound, dtype=torch.float64), bound, rtol=1e-5, atol=0
    )
    assert all(n <= b * (1 + 1e-9) for n, b in zip(figure.norms, figure.bound, strict=True))


def test_a_rotation_alone_keeps_the_gradient():
    close(SpectralLab(kind="orthogonal", radius=1.0, activation="identity").norms, torch.ones(51))


def test_it_starts_with_a_bound_that_grows_and_a_gradient_that_vanishes():
    figure = SpectralLab()
    assert figure.norms[0] == figure.bound[0] == 1
    assert figure.norms[-1] < 1e-6
    assert figure.bound[-1] > 1e6


def test_every_trait_of_the_figure_is_shared_with_the_page():
    figure = SpectralLab(hidden_size=4, length=10)
    results = {"W_hh", "W_xh", "inputs", "norms", "bound"}
    assert {*SETTINGS, *results} <= set(figure.keys)
    assert (len(figure.W_hh), len(figure.W_xh), len(figure.inputs)) == (4, 4, 10)
    figure.set_state({"radius": 1.3, "kind": "identity", "distance": 4, "norms": [1.0, 1.3]})
    assert (figure.radius, figure.kind, figure.distance) == (1.3, "identity", 4)
    assert figure.norms == [1.0, 1.3]


# --- plain errors --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"kind": "random"}, ValueError, "kind must be one of 'default', .*, not 'random'"),
        ({"cell": "RNN"}, ValueError, "cell must be one of 'rnn', 'gru', 'lstm', not 'RNN'"),
        ({"activation": None}, ValueError, "activation must be one of 'tanh', .*, not None"),
        ({"kind": ["default"]}, ValueError, "kind must be one of"),
        ({"controls": "few"}, ValueError, "controls must be one of 'all', 'basic', not 'few'"),
        ({"radius": 3}, ValueError, "radius must be from 0.1 to 2, not 3"),
        ({"radius": float("nan")}, ValueError, "radius must be from 0.1 to 2, not nan"),
        ({"radius": "1"}, TypeError, "radius must be a number, not '1'"),
        ({"length": 61}, ValueError, "length must be from 10 to 60, not 61"),
        ({"length": 20.0}, TypeError, "length must be a whole number, not 20.0"),
        ({"hidden_size": 1}, ValueError, "hidden_size must be from 2 to 32, not 1"),
        ({"hidden_size": True}, TypeError, "hidden_size must be a whole number, not True"),
        ({"seed": -1}, ValueError, "seed must be from 0 to 2147483647, not -1"),
        ({"input_scale": -0.1}, ValueError, "input_scale must be from 0 to 5"),
        ({"gate_bias": 9}, ValueError, "gate_bias must be from -5 to 5"),
        ({"distance": 61}, ValueError, "distance must be from 0 to 60"),
    ],
)
def test_what_the_figure_cannot_show_is_refused_in_plain_words(arguments, error, message):
    with pytest.raises(error, match=message):
        SpectralLab(**arguments)


@pytest.mark.parametrize(
    ("trait", "value"), [("kind", "random"), ("radius", 0.0), ("length", 5), ("seed", -1)]
)
def test_later_changes_are_checked_too(trait, value):
    figure = SpectralLab(hidden_size=2, length=10)
    before = getattr(figure, trait)
    with pytest.raises(traitlets.TraitError):
        setattr(figure, trait, value)
    assert getattr(figure, trait) == before


def test_its_text_form_is_stable():
    assert repr(SpectralLab()) == ("SpectralLab(rnn, tanh, default, radius=0.9, length=50, seed=0)")
    lab = SpectralLab(4, 2, cell="lstm", kind="identity", radius=1, length=10)
    assert repr(lab) == "SpectralLab(lstm, identity, radius=1, length=10, seed=2)"


# --- the picture ---------------------------------------------------------------------------------


def picture(figure):
    return figure._repr_mimebundle_()[0]["image/svg+xml"]


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ({}, 4),
        ({"cell": "gru"}, 2),
        ({"cell": "lstm", "kind": "identity"}, 2),
        ({"radius": 2.0, "activation": "identity"}, 4),
        ({"activation": "relu", "input_scale": 0.0}, 4),  # the gradient is 0: no logarithm
    ],
)
def test_the_picture_shows_the_lines_and_says_what_is_left(given, lines):
    figure = SpectralLab(**given)
    assert picture(figure) == picture(SpectralLab(**given))  # deterministic
    assert len(picture(figure)) < 20_000
    assert not re.search(r"\d\.\d{2}\d", picture(figure))  # no digits that a CPU could change
    root = ElementTree.fromstring(picture(figure))
    assert root.get("role") == "img"
    sentence = left_over(50, figure.norms[50])
    assert sentence in root.find(f"{SVG}title").text
    assert sentence in [node.text for node in root.iter(f"{SVG}text")]
    assert len(list(root.iter(f"{SVG}polyline"))) == lines
    samples = root.findall(f"{SVG}line")
    assert len(samples) == lines


def test_the_measured_line_goes_through_its_numbers():
    figure = SpectralLab(kind="orthogonal", activation="identity", radius=0.5, length=10)
    line = list(ElementTree.fromstring(picture(figure)).iter(f"{SVG}polyline"))[-1]
    points = [tuple(map(float, point.split(","))) for point in line.get("points").split()]
    assert points[0] == (0, 102)  # 10⁰ is a third of the way from 10⁶ to 10⁻¹²
    assert points[-1][0] == 600
    assert points[-1][1] == pytest.approx(102 + 17 * 3.0103, abs=0.06)


def test_the_picture_follows_the_settings():
    figure = SpectralLab()
    before = picture(figure)
    figure.radius = 1.2
    after = picture(figure)
    assert after != before
    figure.distance = 7
    assert "7 steps back" in picture(figure)
    figure.length = 20
    assert "7 steps back" in picture(figure)
    figure.distance = 60  # as far as it goes
    assert "20 steps back" in picture(figure)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (1, "1.0"),
        (0.0123, "0.012"),
        (0.00996, "0.010"),
        (0.00123, "1.2 × 10⁻³"),
        (57.2, "57"),
        (9949, "9900"),
        (9960, "1.0 × 10⁴"),
        (1.26e-12, "1.3 × 10⁻¹²"),
    ],
)
def test_numbers_have_two_digits(value, words):
    assert amount(value).replace("\u00a0", " ") == words


def test_what_is_left_is_told_in_words():
    assert left_over(1, 0.5) == "1 step back, at most 0.50 of the gradient is left."
    assert left_over(3, 0.0) == "3 steps back, nothing of the gradient is left."
    assert left_over(0, 1.0) == "0 steps back, the whole gradient is still there."
    assert left_over(9, 37.4) == "9 steps back, the gradient is at most 37 times as large."
