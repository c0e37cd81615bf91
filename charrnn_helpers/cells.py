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
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

Weights = dict[str, torch.Tensor]
State = torch.Tensor | tuple[torch.Tensor, torch.Tensor]  # h, for an LSTM (h, c): each (B, H)

GATES = {"rnn": 1, "gru": 3, "lstm": 4}
LAYERS = {nn.RNN: "rnn", nn.GRU: "gru", nn.LSTM: "lstm"}

# An activation, and its derivative told from its own value.
ACTIVATIONS: dict[str, tuple[Callable, Callable]] = {
    "tanh": (torch.tanh, lambda h: 1 - h**2),
    "relu": (torch.relu, lambda h: (h > 0).to(h.dtype)),
    "identity": (lambda a: a, torch.ones_like),
}


def rnn_step(weights: Weights, x: torch.Tensor, h: torch.Tensor, activation="tanh") -> torch.Tensor:
    """h_t = tanh(W_xh x_t + W_hh h_{t-1} + b_h), the recurrence of Elman (1990).

    Args:
        weights: G = 1.
        x: x_t, `(B, D)`.
        h: h_{t-1}, `(B, H)`.
        activation: "tanh", "relu" (Le et al. 2015) or "identity".

    Returns:
        h_t, `(B, H)`.
    """
    phi, _ = ACTIVATIONS[activation]
    a_x, a_h = pre_activations(weights, x, h)
    return phi(a_x + a_h)


def gru_step(weights: Weights, x: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
    """h_t = (1 - z) ⊙ n + z ⊙ h_{t-1}, the gated recurrent unit of Cho et al. (2014).

    Arguments and result are those of `rnn_step`, with G = 3.
    """
    (r_x, z_x, n_x), (r_h, z_h, n_h) = (a.chunk(3, -1) for a in pre_activations(weights, x, h))
    r = torch.sigmoid(r_x + r_h)  # reset: how much of the old state the new content sees
    z = torch.sigmoid(z_x + z_h)  # update: how much of the old state stays
    n = torch.tanh(n_x + r * n_h)  # the new content
    return (1 - z) * n + z * h


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
    i, f, g, o = (a_x + a_h).chunk(4, -1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)  # keep some, write some
    return torch.sigmoid(o) * torch.tanh(c), c  # show some


STEPS = {"rnn": rnn_step, "gru": gru_step, "lstm": lstm_step}


def pre_activations(weights: Weights, x: torch.Tensor, h: torch.Tensor):
    """Return what the input and what the state contribute to the gates, each `(B, G·H)`."""
    return x @ weights["W_xh"].T + weights["b_xh"], h @ weights["W_hh"].T + weights["b_hh"]


def unroll(
    cell: str, weights: Weights, x: torch.Tensor, state: State | None = None, **options
) -> tuple[torch.Tensor, State]:
    """Apply one cell, with the same weights, to every time step.

    Args:
        cell: "rnn", "gru" or "lstm".
        weights: Of that cell.
        x: x_1 … x_T, `(T, B, D)`.
        state: The state before x_1; h_0 = 0 if not given.
        **options: Passed on to the step: `activation` for an RNN.

    Returns:
        `(h, state)`: h_1 … h_T, `(T, B, H)`, and the state after x_T.

    Raises:
        TypeError, ValueError: If the cell is unknown, or a shape or a dtype does not fit.
    """
    check_run(cell, weights, x)
    state = initial_state(cell, weights, x.shape[1]) if state is None else state
    hs = []
    for x_t in x:
        state = STEPS[cell](weights, x_t, state, **options)
        hs.append(state[0] if cell == "lstm" else state)
    return torch.stack(hs), state


def initial_state(cell: str, weights: Weights, batch_size: int) -> State:
    """Return h_0 = 0, `(B, H)`; for an LSTM also c_0 = 0."""
    zeros = weights["W_hh"].new_zeros(batch_size, weights["W_hh"].shape[1])
    return (zeros, zeros.clone()) if cell == "lstm" else zeros


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

    Raises:
        ValueError: If the cell is unknown or a size is not positive.
    """
    _check_cell(cell)
    sizes = {"input_size": input_size, "hidden_size": hidden_size, "output_size": output_size}
    for name, size in sizes.items():
        if size is not None and (not isinstance(size, int) or size < 1):
            raise ValueError(f"{name} must be a whole number of 1 or more, not {size!r}")
    rows = GATES[cell] * hidden_size
    shapes = {"W_xh": (rows, input_size), "W_hh": (rows, hidden_size), "b_xh": (rows,)}
    shapes["b_hh"] = (rows,)
    if output_size is not None:
        shapes |= {"W_ho": (output_size, hidden_size), "b_o": (output_size,)}
    bound = hidden_size**-0.5
    return {
        name: bound * (2 * torch.rand(shape, generator=generator, dtype=dtype) - 1)
        for name, shape in shapes.items()
    }


def weights_of_layer(layer: nn.RNNBase, head: nn.Linear | None = None) -> Weights:
    """Return the weights of one of PyTorch's layers, and of the head on it, under our names.

    They are the layer's own tensors without their gradients, not copies.

    Raises:
        TypeError: If the layer is no `nn.RNN`, `nn.GRU` or `nn.LSTM`.
        ValueError: If it has several layers, two directions, a projection or no bias.
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
        weights |= {"W_ho": head.weight, "b_o": head.bias}
    return {name: weight.detach() for name, weight in weights.items()}


def check_run(cell: str, weights: Weights, x: torch.Tensor) -> None:
    """Raise a plain error unless this cell with these weights can read x, `(T, B, D)`."""
    _check_cell(cell)
    missing = [name for name in ("W_xh", "W_hh", "b_xh", "b_hh") if name not in weights]
    if missing:
        raise ValueError(f"weights lack {', '.join(missing)}")
    (rows, D), H = weights["W_xh"].shape, weights["W_hh"].shape[1]
    if rows != GATES[cell] * H:
        raise ValueError(f"the weights are not a {cell}'s: {rows} rows for {H} hidden units")
    if not isinstance(x, torch.Tensor):
        raise TypeError(f"x must be a tensor (T, B, {D}), not {type(x).__name__}")
    if x.dim() != 3 or x.shape[-1] != D or x.numel() == 0:
        raise ValueError(f"x must be of shape (T, B, {D}), not {tuple(x.shape)}")
    if x.dtype != weights["W_xh"].dtype:
        raise TypeError(f"x is {x.dtype} but the weights are {weights['W_xh'].dtype}")


def _check_cell(cell: str) -> None:
    if cell not in GATES:
        raise ValueError(f"cell must be one of {', '.join(map(repr, GATES))}, not {cell!r}")
