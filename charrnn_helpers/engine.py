"""The book's backward pass as a training engine: a plain RNN over a whole sequence at once.

It is faster than `nn.RNN` because it does less. Characters are looked up, not multiplied; a time
step is one matrix product and one tanh, written where the result is to stay; and the gradient by
W_hh, a sum over all time steps, is one large product after the loop. Time comes first in memory,
so that a step's states are neighbours and nothing is copied to be read.
"""

from __future__ import annotations

from itertools import pairwise
from types import ModuleType

import numpy as np
import torch
from threadpoolctl import ThreadpoolController
from torch import nn

from charrnn_helpers.cells import State

SMALL = 2**14  # numbers, B x H: up to here threads lose more by waiting than they gain by sharing
blas = ThreadpoolController().select(internal_api="openblas")  # NumPy's


class Recurrence(torch.autograd.Function):
    """h_t = tanh(a_x,t + W_hh h_{t-1}) for t = 1 … T, and its gradient by BPTT.

    a_x, `(T, B, H)`, is what the inputs and the biases give to the pre-activations. Both ways are
    those of the chapter on backpropagation through time; `bptt.py` has them at their plainest.
    """

    @staticmethod
    @blas.wrap(limits=1)
    def forward(ctx, a_x, W_hh, h_0):
        """Return the states h_1 … h_T `(T, B, H)`, from `a_x`, `W_hh` and `h_0` `(B, H)`."""
        library, a_x, W_T, first = _fastest(a_x, W_hh.T.contiguous(), h_0)
        h = library.concatenate([first[None], a_x])  # (T + 1, B, H), but a_x,t for h_t
        for h_before, h_t in pairwise(h):
            h_t += h_before @ W_T
            library.tanh(h_t, out=h_t)
        h = torch.as_tensor(h)
        states = h[1:]
        ctx.save_for_backward(W_hh, h_0, h, states)
        return states

    @staticmethod
    @blas.wrap(limits=1)
    def backward(ctx, dh):
        """Return the gradients by `a_x`, `W_hh` and `h_0`, from the immediate ∂⁺L/∂h_t in `dh`."""
        W_hh, h_0, h, states = ctx.saved_tensors
        if torch.is_grad_enabled():  # somebody wants the gradient of this gradient
            return _backward_with_graph(dh, W_hh, h_0, states)
        _, dh, W_hh, h = _fastest(dh, W_hh, h)
        da = 1 - h[1:] ** 2  # the slope of tanh; times ∂L/∂h_t it becomes δ_t
        dh_later = 0.0  # what h_t adds to the loss by way of h_{t+1}
        for t in reversed(range(len(da))):
            da_t = da[t]
            da_t *= dh[t] + dh_later
            dh_later = da_t @ W_hh
        flat = (-1, len(W_hh))  # all time steps and sequences in one column
        dW_hh = da.reshape(flat).T @ h[:-1].reshape(flat)
        return tuple(map(torch.as_tensor, (da, dW_hh, dh_later)))


def run_layer(layer: nn.RNN, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
    """Run a layer as `models.run_torch` does, by `Recurrence`.

    Args:
        layer: One layer with tanh, batch first; D inputs, H hidden units.
        inputs: Integers `(B, T)` for one-hot vectors, or any vectors `(B, T, D)`.
        state: (h_0,), `(1, B, H)`.

    Returns:
        `(h, state)`: h_1 … h_T, `(B, T, H)`, and (h_T,), `(1, B, H)`.
    """
    (h_0,) = state
    bias = layer.bias_ih_l0 + layer.bias_hh_l0
    if inputs.dim() == 2:
        # (D, H): W x + b for each one-hot x. In rows, so that looking up is copying one.
        table = layer.weight_ih_l0.T.contiguous() + bias
        a_x = nn.functional.embedding(inputs.T.long(), table)
    else:
        a_x = inputs.transpose(0, 1) @ layer.weight_ih_l0.T + bias
    h = Recurrence.apply(a_x, layer.weight_hh_l0, h_0[0])
    return h.transpose(0, 1), (h[-1:],)


def engine_for(cell: str, device: torch.device) -> str:
    """Return which engine is the fastest: "bptt", or "torch".

    On a GPU each call costs, and cuDNN needs one where `Recurrence` needs several a time step.
    """
    return "bptt" if cell == "rnn" and device.type == "cpu" else "torch"


def transformed() -> bool:
    """Tell whether `torch.func` is at work, as in `vmap`, through which `Recurrence` cannot go."""
    return torch._C._are_functorch_transforms_active()  # torch asks this itself, and has no name


def _backward_with_graph(dh, W_hh, h_0, h):
    """Return what `Recurrence.backward` does, by operations that can be differentiated again."""
    dh_later, da = torch.zeros_like(h_0), []
    for dh_t, h_t in zip(dh.flip(0), h.flip(0), strict=True):
        da.insert(0, (1 - h_t**2) * (dh_t + dh_later))
        dh_later = da[0] @ W_hh
    before = torch.cat([h_0[None], h[:-1]])
    return torch.stack(da), torch.einsum("tbi,tbj->ij", torch.stack(da), before), dh_later


def _fastest(
    steps: torch.Tensor, *others: torch.Tensor
) -> tuple[ModuleType | np.ndarray | torch.Tensor, ...]:
    """Return the library that is fastest for a loop over `steps`, then the tensors in its form.

    On the CPU it is NumPy, on the same numbers in memory and with one thread: a call costs it
    less, and its products and its tanh are quicker. It is torch on a GPU, for 16-bit floats, and
    for steps so large that more threads are of use. What `Recurrence` asks for has the same names
    in both.
    """
    tensors = (steps, *others)
    floats = (torch.float32, torch.float64)
    known = all(t.device.type == "cpu" and t.dtype in floats for t in tensors)
    if known and (steps[0].numel() <= SMALL or torch.get_num_threads() == 1):
        return np, *(t.numpy(force=True) for t in tensors)
    return torch, *(t.detach() for t in tensors)
