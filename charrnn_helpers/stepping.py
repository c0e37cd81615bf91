"""One time step of a network that writes: the state and one character in, logits out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from charrnn_helpers.models import CharRNN, State

Step = Callable[[np.ndarray, State | np.ndarray], tuple[np.ndarray, State | np.ndarray]]


def stepper(model: CharRNN, state: State) -> tuple[Step, State | np.ndarray]:
    """Return the fastest way to take this network a character further, many times over.

    A step is little arithmetic, and in PyTorch mostly the price of asking for it. So a plain RNN
    on the CPU is stepped in NumPy, on the same numbers in memory. All else is stepped as it is.

    Args:
        model: V characters, H hidden units.
        state: After what has been read so far, N texts side by side; as the model returns it.

    Returns:
        `(step, state)`: `step(characters, state)` takes integers `(N,)` and returns logits
        `(N, V)` and the next state; the state is in the form that `step` wants.
    """
    weight = model.head.weight
    if model.cell == "rnn" and weight.device.type == "cpu" and _numpy_has(weight.dtype):
        return _numpy_stepper(model, state[0].numpy())
    return _torch_stepper(model), state


def _numpy_stepper(model: CharRNN, h_0: np.ndarray) -> tuple[Step, np.ndarray]:
    """Return `(step, state)`; the state here is W_hh h, what h adds to the next pre-activation.

    So that one product gives all that follows from h_t, the weights of both are put together:

        (h_t, 1) [ W_hh^T  W_ho^T ]  =  (W_hh h_t, o_t)
                 [   0       b_o  ]
    """
    layer, head = model.recurrent, model.head
    with torch.inference_mode():
        # What each character gives to the pre-activation, the bias included: W_xh's column + b_h.
        table = (layer.weight_ih_l0.T.contiguous() + layer.bias_ih_l0 + layer.bias_hh_l0).numpy()
        weights = torch.cat([layer.weight_hh_l0, head.weight])  # (H + V, H)
        bias = torch.cat([torch.zeros_like(layer.bias_hh_l0), head.bias])
        from_h = torch.cat([weights.T, bias[None]]).numpy()  # (H + 1, H + V)
    N, H = h_0.shape
    h_and_1 = np.ones((N, H + 1), h_0.dtype)
    h = h_and_1[:, :H]

    def step(characters: np.ndarray, from_before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        np.add(table.take(characters, axis=0), from_before, out=h)
        np.tanh(h, out=h)
        both = np.dot(h_and_1, from_h)  # a new array each time: the caller may keep its parts
        return both[:, H:], both[:, :H]

    return step, h_0 @ from_h[:H, :H]


def _torch_stepper(model: CharRNN) -> Step:
    @torch.inference_mode()
    def step(characters: np.ndarray, state: State) -> tuple[np.ndarray, State]:
        inputs = torch.from_numpy(characters)[:, None].to(model.head.weight.device)
        logits, state = model(inputs, state)
        logits = logits[:, 0].cpu()
        return (logits if _numpy_has(logits.dtype) else logits.float()).numpy(), state

    return step


def _numpy_has(dtype: torch.dtype) -> bool:
    return dtype in (torch.float32, torch.float64)
