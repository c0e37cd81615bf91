"""The hand-written cells are torch.nn's, in values and gradients, and refuse the rest plainly."""

import random
import re

import pytest
import torch
from torch import nn

from charrnn_helpers.cells import (
    CELLS,
    check_run,
    initial_state,
    make_weights,
    unroll,
    weights_of_layer,
)
from charrnn_helpers.steps import rnn_step

LAYERS = {
    "rnn": (nn.RNN, {}),
    "relu": (nn.RNN, {"nonlinearity": "relu"}),
    "gru": (nn.GRU, {}),
    "lstm": (nn.LSTM, {}),
}
PARTS_OF = {"rnn": 1, "gru": 1, "lstm": 2}
NAMES = ["W_xh", "W_hh", "b_xh", "b_hh"]  # in the order of a layer's parameters


def generator(seed):
    return torch.Generator().manual_seed(seed)


def draw(seed, cell, output_size=None, dtype=torch.float64):
    """Weights, inputs and a first state of random sizes."""
    sizes = random.Random(seed)
    T, B, D, H = sizes.randint(1, 9), sizes.randint(1, 4), sizes.randint(1, 5), sizes.randint(1, 8)
    weights = make_weights(cell, D, H, output_size, generator(seed), dtype)
    x = torch.randn(T, B, D, generator=generator(seed + 1), dtype=dtype)
    h, c = torch.randn(2, B, H, generator=generator(seed + 2), dtype=dtype)
    return weights, x, (h, c)[: PARTS_OF[cell]]


def close(measured, expected, tolerance=1e-12):
    torch.testing.assert_close(measured, expected, rtol=0, atol=tolerance)


# --- equal to torch.nn ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("first", ["zero", "given"])
def test_values_and_gradients_are_those_of_torch_nn(name, seed, first):
    make, options = LAYERS[name]
    cell = "rnn" if name == "relu" else name
    weights, x, state = draw(seed, cell)
    layer = make(x.shape[-1], weights["W_hh"].shape[1], **options).double()
    with torch.no_grad():
        for parameter, key in zip(layer.parameters(), NAMES, strict=True):
            parameter.copy_(2 * weights[key])  # large enough to saturate some units
    ours = {key: w.clone().requires_grad_() for key, w in weights_of_layer(layer).items()}
    own_x, own = x.clone().requires_grad_(), [p.clone().requires_grad_() for p in state]
    other_x, other = x.clone().requires_grad_(), [p.clone().requires_grad_() for p in state]

    def run_ours():
        start = None if first == "zero" else tuple(own)
        return unroll(cell, ours, own_x, start, **({"activation": "relu"} if options else {}))

    def run_torch():
        start = [part.unsqueeze(0) for part in other]  # nn: one layer
        start = None if first == "zero" else tuple(start) if cell == "lstm" else start[0]
        h, last = layer(other_x, start)
        return h, last if cell == "lstm" else (last,)

    (h, last), (h_torch, last_torch) = run_ours(), run_torch()
    close(h, h_torch)
    for part, part_torch in zip(last, last_torch, strict=True):
        close(part, part_torch[0])
    along = torch.randn(h.shape, generator=generator(seed), dtype=h.dtype)
    ((h * along).sum() + sum(part.sum() for part in last)).backward()
    ((h_torch * along).sum() + sum(part.sum() for part in last_torch)).backward()
    for parameter, key in zip(layer.parameters(), NAMES, strict=True):
        close(ours[key].grad, parameter.grad)
    close(own_x.grad, other_x.grad)
    if first == "given":
        for part, part_torch in zip(own, other, strict=True):
            close(part.grad, part_torch.grad)


def test_the_identity_is_a_linear_recurrence():
    weights, x, state = draw(3, "rnn")
    (h,) = state
    a = x[0] @ weights["W_xh"].T + weights["b_xh"] + h @ weights["W_hh"].T + weights["b_hh"]
    close(rnn_step(weights, x[0], state, "identity"), (a,))
    close(rnn_step(weights, x[0], state, "relu"), (a.clamp(min=0),))
    close(rnn_step(weights, x[0], state), (a.tanh(),))


# --- invariants of sequences ---------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("seed", range(3))
def test_chunks_that_carry_their_state_are_one_long_run(cell, seed):
    weights, _, state = draw(seed, cell)
    B, D = len(state[0]), weights["W_xh"].shape[1]
    x = torch.randn(11, B, D, dtype=torch.float64, generator=generator(seed))
    whole, last = unroll(cell, weights, x, state)
    pieces = []
    for chunk in x.split(4):
        h, state = unroll(cell, weights, chunk, state)
        pieces.append(h)
    close(torch.cat(pieces), whole, 0)
    for part, same in zip(state, last, strict=True):
        close(part, same, 0)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_batch_is_one_sequence_at_a_time(cell):
    weights = make_weights(cell, 3, 5, generator=generator(0), dtype=torch.float64)
    x = torch.randn(6, 4, 3, generator=generator(1), dtype=torch.float64)
    together, _ = unroll(cell, weights, x)
    for b in range(4):
        alone, _ = unroll(cell, weights, x[:, b : b + 1])
        close(alone[:, 0], together[:, b])


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_dtype_and_the_inputs_stay_what_they_were(cell, dtype):
    weights, x, state = draw(8, cell, dtype=dtype)
    before = [t.clone() for t in (*weights.values(), x, *state)]
    h, last = unroll(cell, weights, x, state)
    assert {t.dtype for t in (h, *last)} == {dtype}
    assert unroll(cell, weights, x)[0].dtype == dtype
    for now, then in zip((*weights.values(), x, *state), before, strict=True):
        close(now, then, 0)


def test_the_first_state_is_zero():
    weights = make_weights("lstm", 2, 3, dtype=torch.float64)
    h, c = initial_state("lstm", weights, 4)
    assert h.shape == c.shape == (4, 3)
    assert h.dtype == c.dtype == torch.float64
    assert not h.any()
    assert not c.any()
    assert h is not c
    (h,) = initial_state("gru", make_weights("gru", 2, 3), 4)
    assert h.shape == (4, 3)


@pytest.mark.parametrize("cell", PARTS_OF)
def test_a_state_is_a_tuple_of_every_cell(cell):
    weights, x, given = draw(5, cell)
    step = CELLS[cell].step(weights, x[0], given)
    for state in (initial_state(cell, weights, 2), step, unroll(cell, weights, x, given)[1]):
        assert isinstance(state, tuple)
        assert len(state) == PARTS_OF[cell]
    h, _ = unroll(cell, weights, x[:1], given)
    close(step[0], h[0], 0)  # h is the first part


# --- weights -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cell", "G"), [("rnn", 1), ("gru", 3), ("lstm", 4)])
def test_drawn_weights_fill_torchs_range_in_the_books_shapes(cell, G):
    D, H, outputs = 30, 16, 7
    weights = make_weights(cell, D, H, outputs, generator(0))
    assert {name: tuple(w.shape) for name, w in weights.items()} == {
        "W_xh": (G * H, D),
        "W_hh": (G * H, H),
        "b_xh": (G * H,),
        "b_hh": (G * H,),
        "W_ho": (outputs, H),
        "b_o": (outputs,),
    }
    values = torch.cat([w.flatten() for w in weights.values()])
    assert values.dtype == torch.get_default_dtype()
    assert -0.25 <= values.min() < -0.24  # 1/√16
    assert 0.24 < values.max() <= 0.25
    assert abs(values.mean()) < 0.02
    assert "W_ho" not in make_weights(cell, D, H)


def test_drawn_weights_belong_to_their_generator():
    first, again, other = (make_weights("gru", 2, 3, 4, generator(s)) for s in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not any(torch.equal(first[name], other[name]) for name in first)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("elman", 2, 3), "cell must be one of 'rnn', 'gru', 'lstm', not 'elman'"),
        ((nn.RNN, 2, 3), "cell must be one of"),
        (("rnn", 0, 3), "input_size must be a whole number of 1 or more, not 0"),
        (("rnn", 2, -1), "hidden_size must be a whole number of 1 or more, not -1"),
        (("rnn", 2, 3.0), "hidden_size must be a whole number of 1 or more, not 3.0"),
        (("rnn", 2, True), "hidden_size must be a whole number of 1 or more, not True"),
        (("rnn", 2, 3, 0), "output_size must be a whole number of 1 or more, not 0"),
    ],
)
def test_weights_that_cannot_be_drawn(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        make_weights(*arguments)


def test_a_layers_weights_are_its_own_tensors_under_our_names():
    layer, head = nn.GRU(2, 3, batch_first=True), nn.Linear(3, 5)
    weights = weights_of_layer(layer, head)
    assert list(weights) == [*NAMES, "W_ho", "b_o"]
    assert list(weights_of_layer(layer)) == NAMES
    assert not any(w.requires_grad for w in weights.values())
    for weight, parameter in zip(
        weights.values(), [*layer.parameters(), *head.parameters()], strict=True
    ):
        assert weight.data_ptr() == parameter.data_ptr()


@pytest.mark.parametrize(
    ("layer", "error", "message"),
    [
        (nn.Linear(2, 3), TypeError, "layer must be nn.RNN, nn.GRU or nn.LSTM, not Linear"),
        (nn.RNNCell(2, 3), TypeError, "not RNNCell"),
        (nn.RNN(2, 3, num_layers=2), ValueError, "a single one, in one direction, with biases"),
        (nn.GRU(2, 3, bidirectional=True), ValueError, "a single one, in one direction"),
        (nn.LSTM(2, 3, proj_size=1), ValueError, "a single one, in one direction"),
        (nn.RNN(2, 3, bias=False), ValueError, "a single one, in one direction"),
    ],
)
def test_layers_that_are_no_single_cell(layer, error, message):
    with pytest.raises(error, match=re.escape(message)):
        weights_of_layer(layer)


@pytest.mark.parametrize(
    ("head", "error", "message"),
    [
        (nn.Bilinear(3, 3, 2), TypeError, "head must be nn.Linear, not Bilinear"),
        (nn.Linear(3, 2, bias=False), ValueError, "head must have a bias and read 3 numbers"),
        (nn.Linear(4, 2), ValueError, "head must have a bias and read 3 numbers"),
    ],
)
def test_heads_that_do_not_fit(head, error, message):
    with pytest.raises(error, match=message):
        weights_of_layer(nn.RNN(2, 3), head)


# --- what cannot be run --------------------------------------------------------------------------

GOOD = make_weights("gru", 2, 3, 4)
X = torch.zeros(5, 1, 2)
H0 = torch.zeros(1, 3)


def without(*names):
    return {name: w for name, w in GOOD.items() if name not in names}


@pytest.mark.parametrize(
    ("cell", "weights", "x", "error", "message"),
    [
        ("tanh", GOOD, X, ValueError, "cell must be one of 'rnn', 'gru', 'lstm', not 'tanh'"),
        ("gru", nn.GRU(2, 3), X, TypeError, "weights must be a dictionary of tensors, not GRU"),
        ("gru", without("W_hh", "b_xh"), X, ValueError, "weights lack W_hh, b_xh"),
        ("gru", GOOD | {"b_o": [0.0]}, X, TypeError, "b_o must be a tensor of weights, not list"),
        ("gru", GOOD | {"cell": "gru"}, X, TypeError, "cell must be a tensor of weights, not str"),
        (
            *("gru", GOOD | {"W_hh": GOOD["W_hh"].double()}, X, TypeError),
            "W_hh is torch.float64 but W_xh is torch.float32",
        ),
        ("gru", GOOD | {"W_xh": GOOD["b_xh"]}, X, ValueError, "W_xh and W_hh must be matrices"),
        (
            "rnn",
            GOOD,
            X,
            ValueError,
            "the weights are not those of cell 'rnn': 9 rows for 3 hidden units",
        ),
        (
            *("gru", GOOD | {"W_hh": torch.zeros(6, 3)}, X, ValueError),
            "W_hh must be of shape (9, 3), not (6, 3)",
        ),
        (
            *("gru", GOOD | {"b_hh": torch.zeros(1)}, X, ValueError),
            "b_hh must be of shape (9,), not (1,)",
        ),
        (
            *("gru", GOOD | {"W_ho": torch.zeros(4, 2)}, X, ValueError),
            "W_ho must be of shape (4, 3), not (4, 2)",
        ),
        ("gru", GOOD, [[1.0]], TypeError, "x must be a tensor (T, B, 2), not list"),
        ("gru", GOOD, X[0], ValueError, "x must be of shape (T, B, 2), not (1, 2)"),
        ("gru", GOOD, X[..., :1], ValueError, "x must be of shape (T, B, 2), not (5, 1, 1)"),
        ("gru", GOOD, X[:0], ValueError, "x must be of shape (T, B, 2), not (0, 1, 2)"),
        (
            *("gru", GOOD, X.double(), TypeError),
            "x is torch.float64 but the weights are torch.float32",
        ),
        ("gru", GOOD, X.long(), TypeError, "x is torch.int64 but the weights are torch.float32"),
    ],
)
def test_what_cannot_be_run(cell, weights, x, error, message):
    with pytest.raises(error, match=re.escape(message)):
        check_run(cell, weights, x)
    with pytest.raises(error, match=re.escape(message)):
        unroll(cell, weights, x)


@pytest.mark.parametrize(
    ("cell", "state", "error", "message"),
    [
        ("gru", (torch.zeros(1, 1, 3),), ValueError, "of shape (B, H) = (1, 3), not (1, 1, 3)"),
        ("gru", (torch.zeros(2, 3),), ValueError, "state must be of shape (B, H) = (1, 3), not"),
        ("gru", (torch.zeros(3),), ValueError, "state must be of shape (B, H) = (1, 3), not (3,)"),
        ("gru", ((H0,),), TypeError, "state must be a tensor (B, H), not tuple"),
        (
            *("gru", (H0.double(),), TypeError),
            "state is torch.float64 but the weights are torch.float32",
        ),
        ("rnn", H0, TypeError, "the state of an RNN must be a tuple (h,), not Tensor"),
        ("rnn", [H0], TypeError, "the state of an RNN must be a tuple (h,), not list"),
        ("gru", H0, TypeError, "the state of a GRU must be a tuple (h,), not Tensor"),
        ("gru", (H0, H0), TypeError, "the state of a GRU must be a tuple (h,), not one of 2"),
        ("gru", (), TypeError, "the state of a GRU must be a tuple (h,), not one of 0"),
        ("lstm", H0, TypeError, "the state of an LSTM must be a tuple (h, c), not Tensor"),
        ("lstm", (H0,), TypeError, "the state of an LSTM must be a tuple (h, c), not one of 1"),
        ("lstm", (H0, 0.0), TypeError, "state must be a tensor (B, H), not float"),
        ("lstm", (H0, H0.T), ValueError, "of shape (B, H) = (1, 3), not (3, 1)"),
    ],
)
def test_states_that_cannot_be_gone_on_from(cell, state, error, message):
    with pytest.raises(error, match=re.escape(message)):
        unroll(cell, make_weights(cell, 2, 3), X, state)


def test_options_that_a_step_does_not_have():
    weights = make_weights("rnn", 2, 3)
    message = "activation must be one of 'tanh', 'relu', 'identity', not 'sigmoid'"
    with pytest.raises(ValueError, match=message):
        unroll("rnn", weights, X, activation="sigmoid")
    with pytest.raises(TypeError, match="cell 'rnn' has no option 'activaton'"):
        unroll("rnn", weights, X, activaton="relu")
    with pytest.raises(TypeError, match="cell 'gru' has no option 'activation'"):
        unroll("gru", GOOD, X, activation="relu")
