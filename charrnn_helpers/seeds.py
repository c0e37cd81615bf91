"""Backpropagation through time for many small networks at once: the same `CharRNN`, many seeds.

A dozen hidden units cost a framework far more in its calls than in arithmetic. So one call serves
all seeds: their weights and states are stacked along a first dimension S, and each matrix product
becomes S of them. What is left of the calls is what BPTT itself needs, without autograd's.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from charrnn_helpers.batches import check_characters
from charrnn_helpers.models import CharRNN

WEIGHTS = (  # the names of W_xh, W_hh, b_xh, b_hh, W_ho, b_o, in the order of a plain CharRNN
    *(f"recurrent.{name}_l0" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")),
    *("head.weight", "head.bias"),
)


def are_plain(models: Sequence[nn.Module], inputs: torch.Tensor) -> bool:
    """Tell whether `bptt_of_all_seeds` is for them: plain RNNs that read integers on the CPU."""
    return inputs.dim() == 2 and inputs.device.type == "cpu" and all(map(_is_plain, models))


def _is_plain(model: nn.Module) -> bool:
    return (
        type(model) is CharRNN
        and type(model.recurrent) is nn.RNN
        and type(model.head) is nn.Linear
        and model.recurrent.nonlinearity == "tanh"
        and tuple(name for name, _ in model.named_parameters()) == WEIGHTS  # one layer, and biases
        and model.head.weight.dtype in (torch.float32, torch.float64)
        and not model.dropout
        and not any(part._forward_hooks or part._forward_pre_hooks for part in model.modules())
    )


@torch.no_grad()
def bptt_of_all_seeds(
    weights: dict[str, torch.Tensor], inputs: torch.Tensor, targets: torch.Tensor
) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Return what `vmap(grad_and_value(…))` returns of S networks' `sequence_loss`.

    Args:
        weights: Those of a plain `CharRNN` by their names, each with S in front.
        inputs: Integers `(B, T)`.
        targets: Integers `(B, T)`.

    Returns:
        `(gradients, losses)`: the gradients as the weights are, the losses `(S,)` in nats.

    Raises:
        TypeError, ValueError: As `CharRNN` does, if the inputs are not characters.
    """
    W_xh, W_hh, b_xh, b_hh, W_ho, b_o = (weights[name] for name in WEIGHTS)
    (B, T), (S, H, V) = inputs.shape, W_xh.shape
    check_characters(inputs, V)
    # N = T·B places in the texts: x_1 of every sequence, then x_2 of every sequence, …
    x, p, places = inputs.T.flatten().long(), targets.T.flatten().long(), torch.arange(T * B)

    # Forward. h begins as what is added to W_hh h_{t-1}, with h_0 = 0 in front.
    table = W_xh.mT + (b_xh + b_hh)[:, None]  # (S, V, H): W x + b for each one-hot x
    h = torch.cat([W_hh.new_zeros(S, B, H), table[:, x]], dim=1)  # (S, (T + 1)·B, H)
    W_T = W_hh.mT.contiguous()
    for h_before, h_t in pairwise(h.split(B, dim=1)):
        h_t += torch.bmm(h_before, W_T)
        h_t.tanh_()
    h_before, h = h[:, :-B], h[:, B:]
    o = torch.baddbmm(b_o[:, None], h, W_ho.mT)  # (S, N, V)
    log_p = o - o.logsumexp(dim=2, keepdim=True)
    losses = -log_p[:, places, p].mean(dim=1)

    # Backward. da begins as the slope of tanh, and becomes δ_t = ∂L/∂a_t.
    do = log_p.exp()
    do[:, places, p] -= 1
    do /= len(places)
    dh, da = do @ W_ho, 1 - h**2
    dh_later = 0.0  # what h_t adds to the loss by way of h_{t+1}
    for dh_t, da_t in zip(*(reversed(d.split(B, dim=1)) for d in (dh, da)), strict=True):
        da_t *= dh_t + dh_later
        dh_later = torch.bmm(da_t, W_hh)
    dW_xh = torch.zeros_like(table).index_add_(1, x, da).mT
    db = da.sum(dim=1)
    gradients = (dW_xh, da.mT @ h_before, db, db, do.mT @ h, do.sum(dim=1))
    return dict(zip(WEIGHTS, gradients, strict=True)), losses
