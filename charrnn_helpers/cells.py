"""One time step of an RNN, a GRU and an LSTM, written out gate by gate, and the loop over time.

The job of a cell is to turn the input x_t and the state before, h_{t-1}, into the state h_t. The
weights of a layer are a dictionary of tensors under the names of the book's formulas:

    W_xh (G·H, D)  from the input        b_xh (G·H,)  its bias
    W_hh (G·H, H)  from the state        b_hh (G·H,)  its bias
    W_ho (O, H)    to the output, and b_o (O,), where there is one

D inputs, H hidden units, O outputs; G gates lie below each other in PyTorch's order: 1 for an RNN,
3 for a GRU (r, z, n), 4 for an LSTM (i, f, g, o). PyTorch keeps two biases; in an RNN and an LSTM
only their sum counts, and b_h in the book is that sum. A batch lies in rows, so that W x is
written `x @ W.T`.

A state is a tuple of parts, for every cell: (h,) for an RNN or a GRU, (h, c) for an LSTM.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from charrnn_helpers.checks import check_positive, check_tensor, check_weights, weight_shapes

Weights = dict[str, torch.Tensor]
State = tuple[torch.Tensor, ...]  # its parts, h first: each (B, H) here, (1, B, H) in `models`

GATES = {"rnn": 1, "gru": 3, "lstm": 4}
PARTS = {"rnn": ("h",), "gru": ("h",), "lstm": ("h", "c")}  # of a state
LAYERS = {nn.RNN: "rnn", nn.GRU: "gru", nn.LSTM: "lstm"}

# An activation, and its derivative told from its own value.
ACTIVATIONS: dict[str, tuple[Callable, Callable]] = {
    "tanh": (torch.tanh, lambda h: 1 - h**2),
    "relu": (torch.relu, lambda h: (h > 0).to(h.dtype)),
    "identity": (lambda a: a, torch.ones_like),
}


def rnn_step(
    weights: Weights,
    x: torch.Tensor,
    state: State,
    activation="tanh",
) -> State:
    """h_t = tanh(W_xh x_t + W_hh h_{t-1} + b_h), the recurrence of Elman (1990).

    Args:
        weights: G = 1.
        x: x_t, `(B, D)`.
        state: (h_{t-1},), `(B, H)`.
        activation: "tanh", "relu" (Le et al. 2015) or "identity".

    Returns:
        (h_t,), `(B, H)`.
    """
    (h,) = state
    phi, _ = ACTIVATIONS[activation]
    a_x, a_h = pre_activations(weights, x, h)
    return (phi(a_x + a_h),)


def gru_step(weights: Weights, x: torch.Tensor, state: State) -> State:
    """h_t = (1 - z) ⊙ n + z ⊙ h_{t-1}, the gated recurrent unit of Cho et al. (2014).

    Arguments and result are those of `rnn_step`, with G = 3.
    """
    (h,) = state
    a_x, a_h = pre_activations(weights, x, h)
    (r_x, z_x, n_x), (r_h, z_h, n_h) = a_x.chunk(3, -1), a_h.chunk(3, -1)
    r = torch.sigmoid(r_x + r_h)  # reset: how much of h_{t-1} the new content sees
    z = torch.sigmoid(z_x + z_h)  # update: how much of h_{t-1} stays
    n = torch.tanh(n_x + r * n_h)  # the new content
    return ((1 - z) * n + z * h,)


def lstm_step(weights: Weights, x: torch.Tensor, state: State) -> State:
    """c_t = f ⊙ c_{t-1} + i ⊙ g and h_t = o ⊙ tanh(c_t), by Hochreiter & Schmidhuber (1997).

    With the forget gate f of Gers et al. (2000).

    Args:
        weights: G = 4.
        x: x_t, `(B, D)`.
        state: (h_{t-1}, c_{t-1}), each `(B, H)`.

    Returns:
        (h_t, c_t), each `(B, H)`.
    """
    h, c = state
    a_x, a_h = pre_activations(weights, x, h)
    i, f, g, o_gate = (a_x + a_h).chunk(4, -1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)  # keep and write
    return torch.sigmoid(o_gate) * torch.tanh(c), c  # show


STEPS = {"rnn": rnn_step, "gru": gru_step, "lstm": lstm_step}


def pre_activations(weights: Weights, x: torch.Tensor, h: torch.Tensor):
    """Return what the input and what the state give to the gates, W x + b of each.

    Args:
        weights: Of any cell.
        x: x_t, `(B, D)`.
        h: h_{t-1}, `(B, H)`.

    Returns:
        Both parts, each `(B, G·H)`. An RNN and an LSTM use their sum, a GRU needs them apart.
    """
    return (
        x @ weights["W_xh"].T + weights["b_xh"],
        h @ weights["W_hh"].T + weights["b_hh"],
    )


def unroll(
    cell: str,
    weights: Weights,
    x: torch.Tensor,
    state: State | None = None,
    **options,
) -> tuple[torch.Tensor, State]:
    """Apply one cell, with the same weights, to every time step.

    Args:
        cell: "rnn", "gru" or "lstm".
        weights: Of that cell.
        x: x_1 … x_T, `(T, B, D)`.
        state: The state before x_1, as an earlier call returned it; h_0 = 0 if not given.
        **options: Passed on to the step: `activation` for an RNN.

    Returns:
        `(h, state)`: h_1 … h_T, `(T, B, H)`, and the state after x_T.

    Raises:
        TypeError, ValueError: If the cell is unknown, or a shape or a dtype does not fit.
    """
    check_run(cell, weights, x, state, **options)
    state = initial_state(cell, weights, x.shape[1]) if state is None else state
    hs = []
    for x_t in x:
        state = STEPS[cell](weights, x_t, state, **options)
        hs.append(state[0])
    return torch.stack(hs), state


def initial_state(cell: str, weights: Weights, batch_size: int) -> State:
    """Return (h_0,), for an LSTM (h_0, c_0): each part is 0, `(B, H)`."""
    W_hh = weights["W_hh"]
    return tuple(W_hh.new_zeros(batch_size, W_hh.shape[1]) for _ in PARTS[cell])


def make_weights(
    cell: str,
    input_size: int,
    hidden_size: int,
    output_size: int | None = None,
    generator: torch.Generator | None = None,
    dtype: torch.dtype | None = None,
) -> Weights:
    """Draw initial weights as PyTorch does: uniformly from -1/√H to 1/√H.

    Args:
        cell: "rnn", "gru" or "lstm".
        input_size: D.
        hidden_size: H.
        output_size: O; no W_ho and b_o if not given.
        generator: Source of randomness; torch's default if not given.
        dtype: Of all weights; torch's default floating type if not given.

    Returns:
        The weights, in the shapes listed on top of this module.

    Raises:
        ValueError: If the cell is unknown or a size is not positive.
    """
    _check_cell(cell)
    check_positive("input_size", input_size)
    check_positive("hidden_size", hidden_size)
    if output_size is not None:
        check_positive("output_size", output_size)
    bound = hidden_size**-0.5
    return {
        name: bound * (2 * torch.rand(shape, generator=generator, dtype=dtype) - 1)
        for name, shape in weight_shapes(GATES[cell], input_size, hidden_size, output_size).items()
    }


def weights_of_layer(layer: nn.RNNBase, head: nn.Linear | None = None) -> Weights:
    """Return the weights of one of PyTorch's layers, and of the head on it, under our names.

    They are the layer's own tensors without their gradients, not copies. An `nn.RNN` with ReLU
    also needs `activation="relu"` in its steps: that is no weight.

    Args:
        layer: `nn.RNN`, `nn.GRU` or `nn.LSTM`: D inputs, H hidden units, batch first or not.
        head: From H hidden units to O outputs; no W_ho and b_o if not given.

    Returns:
        The weights, in the shapes listed on top of this module.

    Raises:
        TypeError: If the layer is no `nn.RNN`, `nn.GRU` or `nn.LSTM`, or the head no `nn.Linear`.
        ValueError: If the layer has several layers, two directions, a projection or no bias, or
            the head has no bias or does not read H numbers.
    """
    if type(layer) not in LAYERS:
        raise TypeError(f"layer must be nn.RNN, nn.GRU or nn.LSTM, not {type(layer).__name__}")
    if layer.num_layers != 1 or layer.bidirectional or layer.proj_size or not layer.bias:
        raise ValueError("layer must be a single one, in one direction, with biases")
    weights = {
        "W_xh": layer.weight_ih_l0,
        "W_hh": layer.weight_hh_l0,
        "b_xh": layer.bias_ih_l0,
        "b_hh": layer.bias_hh_l0,
    }
    if head is not None:
        if not isinstance(head, nn.Linear):
            raise TypeError(f"head must be nn.Linear, not {type(head).__name__}")
        if head.bias is None or head.in_features != layer.hidden_size:
            raise ValueError(f"head must have a bias and read {layer.hidden_size} numbers")
        weights |= {"W_ho": head.weight, "b_o": head.bias}
    return {name: weight.detach() for name, weight in weights.items()}


def check_run(
    cell: str, weights: Weights, x: torch.Tensor, state: State | None = None, **options
) -> None:
    """Raise a plain error unless this cell can read x, starting from this state.

    Arguments are those of `unroll`.
    """
    _check_cell(cell)
    D, H, dtype = check_weights(cell, GATES[cell], weights)
    check_tensor("x", x, f"(T, B, {D})", dtype)
    if x.dim() != 3 or x.shape[-1] != D or x.numel() == 0:
        raise ValueError(f"x must be of shape (T, B, {D}), not {tuple(x.shape)}")
    if state is not None:
        check_parts(cell, state)
    for part in state or ():
        check_tensor("state", part, "(B, H)", dtype)
        if part.shape != (x.shape[1], H):
            wanted, found = (x.shape[1], H), tuple(part.shape)
            raise ValueError(f"state must be of shape (B, H) = {wanted}, not {found}")
    for name, value in options.items():
        if cell != "rnn" or name != "activation":
            raise TypeError(f"cell {cell!r} has no option {name!r}")
        if value not in ACTIVATIONS:
            known = ", ".join(map(repr, ACTIVATIONS))
            raise ValueError(f"activation must be one of {known}, not {value!r}")


def check_parts(cell: str, state: State) -> None:
    """Raise a plain error unless this is a tuple of as many parts as a state of the cell has.

    Args:
        cell: "rnn", "gru" or "lstm".
        state: Anything; of what shape its parts are is not looked at.

    Raises:
        TypeError: If it is no such tuple.
    """
    names = PARTS[cell]
    if isinstance(state, tuple) and len(state) == len(names):
        return
    one = f"{'an' if cell[0] in 'aefhilmnorsx' else 'a'} {cell.upper()}"
    wanted = f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"
    found = f"one of {len(state)}" if isinstance(state, tuple) else type(state).__name__
    raise TypeError(f"the state of {one} must be a tuple {wanted}, not {found}")


def _check_cell(cell: str) -> None:
    if not isinstance(cell, str) or cell not in GATES:
        raise ValueError(f"cell must be one of {', '.join(map(repr, GATES))}, not {cell!r}")
