"""The book's backward pass as a training engine: a plain RNN over a whole sequence at once.

It is faster than `nn.RNN` because it does less. Characters are looked up, not multiplied; a time
step is one matrix product and one tanh, written where the result is to stay; and the gradient by
W_hh, a sum over all time steps, is one large product after the loop.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn
from torch.autograd.function import once_differentiable


class Recurrence(torch.autograd.Function):
    """h_t = tanh(a_x,t + W_hh h_{t-1}) for t = 1 … T, and its gradient by BPTT.

    a_x, `(T, B, H)`, is what the inputs and the biases give to the pre-activations. Both ways are
    those of the chapter on backpropagation through time; `bptt.py` has them at their plainest.
    """

    @staticmethod
    def forward(ctx, a_x, W_hh, h_0):
        """Return the states h_1 … h_T `(T, B, H)`, from `a_x`, `W_hh` and `h_0` `(B, H)`."""
        h = torch.cat([h_0[None], a_x])  # (T + 1, B, H); h_t's place holds what the input gives
        steps, W_T = h.unbind(), W_hh.T.contiguous()
        for h_before, h_t in pairwise(steps):
            h_t.addmm_(h_before, W_T).tanh_()
        ctx.save_for_backward(W_hh, h)
        return h[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx, dh):
        """Return the gradients by `a_x`, `W_hh` and `h_0`, from the immediate ∂⁺L/∂h_t in `dh`."""
        W_hh, h = ctx.saved_tensors
        da = h[1:].square().neg_().add_(1)  # the slope of tanh; times ∂L/∂h_t it becomes δ_t
        later = None  # δ_{t+1}
        for dh_t, da_t in zip(reversed(dh.unbind()), reversed(da.unbind()), strict=True):
            da_t *= dh_t if later is None else torch.addmm(dh_t, later, W_hh)
            later = da_t
        dW_hh = da.flatten(0, 1).T @ h[:-1].flatten(0, 1)
        return da, dW_hh, da[0] @ W_hh


def run_layer(
    layer: nn.RNN, inputs: torch.Tensor, state: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Run a layer as `layer(x, state)` does, by `Recurrence`.

    Args:
        layer: One layer with tanh, batch first; D inputs, H hidden units.
        inputs: Integers `(B, T)` for one-hot vectors, or any vectors `(B, T, D)`.
        state: `(1, B, H)`.

    Returns:
        `(h, state)`: all states `(B, T, H)`, and the last `(1, B, H)`.
    """
    bias = layer.bias_ih_l0 + layer.bias_hh_l0
    if inputs.dim() == 2:
        table = layer.weight_ih_l0.T + bias  # (D, H): W x + b for each one-hot x
        a_x = nn.functional.embedding(inputs.T, table)
    else:
        a_x = inputs.transpose(0, 1) @ layer.weight_ih_l0.T + bias
    h = Recurrence.apply(a_x, layer.weight_hh_l0, state[0])
    return h.transpose(0, 1), h[-1:]
