"""One time step of an RNN, a GRU and an LSTM, written out gate by gate.

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

Weights = dict[str, torch.Tensor]
State = tuple[torch.Tensor, ...]  # its parts, h first: each (B, H)

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
