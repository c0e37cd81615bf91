"""The book's backward pass as a training engine: layers over a whole sequence at once.

It is faster than PyTorch's layers because it does less. Characters are looked up, not multiplied; a
time step is a matrix product and a few functions, written where the result is to stay; and the
gradient by W_hh, a sum over all time steps, is one large product after the loop. Time comes first
in memory, so that a step's states are neighbours and nothing is copied to be read.

Here are the plain RNN, and what runs it or the cells with gates, which are in `engine_gated`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from types import ModuleType

import numpy as np
import torch
from threadpoolctl import ThreadpoolController
from torch import nn

from charrnn_helpers.steps import State

SMALL = 2**14  # numbers, B x H: up to here threads lose more by waiting than they gain by sharing
# How the weights of layer k are called: in the book's formulas, and in PyTorch.
NAMES = {"W_xh": "weight_ih_l", "W_hh": "weight_hh_l", "b_xh": "bias_ih_l", "b_hh": "bias_hh_l"}
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
        library, a, W_T, first = fastest(a_x, W_hh.T.contiguous(), h_0)
        h = library.concatenate([first[None], a])  # (T + 1, B, H), but a_x,t for h_t
        for h_before, h_t in pairwise(h):
            h_t += h_before @ W_T
            library.tanh(h_t, out=h_t)
        h = torch.as_tensor(h)
        states = h[1:]
        ctx.save_for_backward(a_x, W_hh, h_0, h, states)
        return states

    @staticmethod
    @blas.wrap(limits=1)
    def backward(ctx, dh):
        """Return the gradients by `a_x`, `W_hh` and `h_0`, from the immediate ∂⁺L/∂h_t in `dh`."""
        *inputs, h, _ = ctx.saved_tensors
        if torch.is_grad_enabled():  # somebody wants the gradient of this gradient
            return gradient_with_graph(_plain, inputs, [dh])
        library, dh, W_hh, h = fastest(dh, inputs[1], h)
        da = library.empty_like(h[1:])  # δ_1 … δ_T
        dh_later = 0.0  # what h_t adds to the loss by way of h_{t+1}
        for t in reversed(range(len(da))):
            da[t] = (1 - h[t + 1] ** 2) * (dh[t] + dh_later)  # the slope of tanh, times ∂L/∂h_t
            dh_later = da[t] @ W_hh
        flat = (-1, len(W_hh))  # all time steps and sequences in one column
        dW_hh = da.reshape(flat).T @ h[:-1].reshape(flat)
        return tuple(map(torch.as_tensor, (da, dW_hh, dh_later)))


def _plain(a_x, W_hh, h):
    """Run the recurrence by operations that autograd can follow."""
    states = []
    for a_t in a_x:
        h = torch.tanh(a_t + h @ W_hh.T)
        states.append(h)
    return (torch.stack(states),)


def run_layer(layer: nn.RNN, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
    """Run a layer, or several on top of each other, as `layers.run_torch` does.

    Args:
        layer: With tanh, batch first; D inputs, H hidden units, K layers.
        inputs: Integers `(B, T)` for one-hot vectors, or any vectors `(B, T, D)`.
        state: (h_0,), `(K, B, H)`.

    Returns:
        `(h, state)`: h_1 … h_T, `(B, T, H)`, and (h_T,), `(K, B, H)`.
    """
    return run_layers(layer, inputs, state, _run_one)


def run_layers(
    layer: nn.RNNBase, inputs: torch.Tensor, state: State, run_one: Callable
) -> tuple[torch.Tensor, State]:
    """Run layer by layer, as `run_layer` does, for any cell.

    Args:
        layer: As for `run_layer`.
        inputs: As for `run_layer`.
        state: Its parts are `(K, B, H)`.
        run_one: Runs one layer: from its weights W_xh, W_hh, b_xh, b_hh, its inputs `(T, B)` or
            `(T, B, D)`, and the parts of its state, each `(B, H)`, it makes h, `(T, B, H)`, and
            the last state.
    """
    h, last = inputs.transpose(0, 1), []
    for k in range(layer.num_layers):
        if k:
            h = nn.functional.dropout(h, layer.dropout, layer.training)
        weights = [getattr(layer, f"{name}{k}") for name in NAMES.values()]
        h, end = run_one(weights, h, tuple(part[k] for part in state))
        last.append(end)
    return h.transpose(0, 1), tuple(map(torch.stack, zip(*last, strict=True)))


def _run_one(weights, x, state):
    W_xh, W_hh, b_xh, b_hh = weights
    h = Recurrence.apply(from_input(x, W_xh, b_xh + b_hh), W_hh, *state)
    return h, (h[-1],)


def from_input(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return W x + b for each x: `(T, B, H)`, from integers `(T, B)` or vectors `(T, B, D)`."""
    if x.dim() == 3:
        return x @ W.T + b
    if x.numel() < W.shape[1]:
        return nn.functional.embedding(x.long(), W.T) + b
    # (D, H): W x + b for each one-hot x. In rows, so that looking up is copying one.
    return nn.functional.embedding(x.long(), W.T.contiguous() + b)


def transformed() -> bool:
    """Tell whether `torch.func` is at work, as in `vmap`, through which `Recurrence` cannot go."""
    return torch._C._are_functorch_transforms_active()  # torch asks this itself, and has no name


def gradient_with_graph(
    run: Callable, inputs: list[torch.Tensor], gradients: list[torch.Tensor]
) -> tuple[torch.Tensor | None, ...]:
    """Return the gradients by the inputs of a run, such as can be differentiated again.

    Args:
        run: Turns the inputs into a tuple of outputs by operations that autograd can follow.
        inputs: Tensors.
        gradients: By the outputs.
    """
    outputs = run(*inputs)
    wanted = [tensor for tensor in inputs if tensor.requires_grad]
    found = iter(torch.autograd.grad(outputs, wanted, gradients, create_graph=True))
    return tuple(next(found) if tensor.requires_grad else None for tensor in inputs)


def fastest(
    steps: torch.Tensor, *others: torch.Tensor
) -> tuple[ModuleType | np.ndarray | torch.Tensor, ...]:
    """Return the library that is fastest for a loop over `steps`, then the tensors in its form.

    On the CPU it is NumPy, on the same numbers in memory and with one thread: a call costs it
    less, and its products and its tanh are quicker. It is torch on a GPU, for 16-bit floats, and
    for steps so large that more threads are of use. What `Recurrence` asks for has the same names
    in both.
    """
    tensors = (steps, *others)
    if suits_numpy(steps[0].numel(), *tensors):
        return np, *(t.numpy(force=True) for t in tensors)
    return torch, *(t.detach() for t in tensors)


def suits_numpy(numbers: int, *tensors: torch.Tensor) -> bool:
    """Tell whether NumPy is the faster library for steps of so many numbers, on these tensors."""
    floats = (torch.float32, torch.float64)
    known = all(t.device.type == "cpu" and t.dtype in floats for t in tensors)
    return known and (numbers <= SMALL or torch.get_num_threads() == 1)
