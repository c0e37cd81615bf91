"""One time step back through an RNN, a GRU and an LSTM, written out like `steps`.

Each takes the weights, the input x_t `(B, D)`, the state before, and ∂L/∂(state after). Both are
tuples, as states are: the parts of a state are `(B, H)`, its derivatives `(…, B, H)`, where leading
dimensions are so many gradients at once. Each returns three things:

    da_x  ∂L/∂ of what the input gave to the gates, W_xh x_t + b_xh: (…, B, G·H)
    da_h  ∂L/∂ of what the state gave to the gates, W_hh h_{t-1} + b_hh: (…, B, G·H)
    past  the part of ∂L/∂(state before) that does not go through W_hh: a tuple, each (…, B, H)

The sources are those of the steps; the derivatives are the chain rule.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from charrnn_helpers.steps import ACTIVATIONS, pre_activations


def rnn_step_backward(weights, x, state, dstate, activation="tanh"):
    """Undo `rnn_step`: da = tanh'(a) ⊙ dh, where tanh'(a) = 1 - tanh(a)²."""
    (h,), (dh,) = state, dstate
    phi, derivative = ACTIVATIONS[activation]
    da = dh * derivative(phi(sum(pre_activations(weights, x, h))))
    return da, da, (torch.zeros_like(dh),)


def gru_step_backward(weights, x, state, dstate):
    """Undo `gru_step`. The factor z is the path past the weights."""
    (h,), (dh,) = state, dstate
    (r_x, z_x, n_x), (r_h, z_h, n_h) = (a.chunk(3, -1) for a in pre_activations(weights, x, h))
    r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    n = torch.tanh(n_x + r * n_h)
    dn = dh * (1 - z) * (1 - n**2)
    dz = dh * (h - n) * z * (1 - z)
    dr = dn * n_h * r * (1 - r)
    return torch.cat([dr, dz, dn], -1), torch.cat([dr, dz, dn * r], -1), (dh * z,)


def lstm_step_backward(weights, x, state, dstate):
    """Undo `lstm_step`. The factor f is the path from c_t to c_{t-1}, past the weights."""
    (h, c), (dh, dc) = state, dstate
    i, f, g, o_gate = sum(pre_activations(weights, x, h)).chunk(4, -1)
    i, f, g, o_gate = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o_gate)
    shown = torch.tanh(f * c + i * g)
    dc = dc + dh * o_gate * (1 - shown**2)
    da = torch.cat(
        [
            dc * g * i * (1 - i),
            dc * c * f * (1 - f),
            dc * i * (1 - g**2),
            dh * shown * o_gate * (1 - o_gate),
        ],
        -1,
    )
    return da, da, (torch.zeros_like(dh), dc * f)


def by_autograd(step: Callable) -> Callable:
    """Return the way back over a step for which nobody has written one down.

    Args:
        step: As in `steps`; it may use the weights by `pre_activations` only.
    """

    def step_backward(weights, x, state, dstate, **options):
        own = {name: weight.detach() for name, weight in weights.items()}
        gave = [own[name].expand(len(x), -1).clone() for name in ("b_xh", "b_hh")]
        before = [part.detach().clone() for part in state]
        places = [tensor.requires_grad_() for tensor in (*gave, *before)]
        with torch.enable_grad():  # a bias for each sequence of the batch shifts its gates alone
            own |= dict(zip(("b_xh", "b_hh"), gave, strict=True))
            after = step(own, x.detach(), tuple(before), **options)
        given = torch.broadcast_tensors(*dstate)
        leading = given[0].shape[:-2]
        found = torch.autograd.grad(
            after,
            places,
            [part.reshape(-1, *part.shape[-2:]) for part in given],
            is_grads_batched=True,
            allow_unused=True,
            materialize_grads=True,
        )
        da_x, da_h, dh, *others = (g.reshape(*leading, *g.shape[1:]) for g in found)
        return da_x, da_h, (dh - da_h @ own["W_hh"], *others)

    return step_backward
