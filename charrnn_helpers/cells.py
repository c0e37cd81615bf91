"""The kinds of cells, one entry each, and the loop over time.

All that this package knows of a cell is its entry in `CELLS`; a new one needs no more than a step.
Weights and states are those of `steps`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from charrnn_helpers.checks import check_positive, check_tensor, check_weights, weight_shapes
from charrnn_helpers.steps import (
    ACTIVATIONS,
    State,
    Weights,
    gru_step,
    lstm_step,
    rnn_step,
)
from charrnn_helpers.steps_backward import (
    gru_step_backward,
    lstm_step_backward,
    rnn_step_backward,
)


@dataclass(frozen=True)
class Cell:
    """What makes up a kind of cell.

    Attributes:
        step: One time step, as in `steps`: `step(weights, x, state)` returns the next state.
        gates: G, how often H rows its weights have.
        parts: The names of the parts of a state, h first.
        layer: PyTorch's layer that computes the same; without one, `layers.Layer` runs the step.
        step_backward: The way back over a step, as in `steps_backward`; autograd finds one that
            is not given.
    """

    step: Callable[..., State]
    gates: int = 1
    parts: tuple[str, ...] = ("h",)
    layer: type[nn.RNNBase] | None = None
    step_backward: Callable | None = None


CELLS = {
    "rnn": Cell(rnn_step, 1, ("h",), nn.RNN, rnn_step_backward),
    "gru": Cell(gru_step, 3, ("h",), nn.GRU, gru_step_backward),
    "lstm": Cell(lstm_step, 4, ("h", "c"), nn.LSTM, lstm_step_backward),
}


def name_of(layer: nn.Module) -> str:
    """Return under which name the cell of a layer stands in `CELLS`.

    Raises:
        TypeError: If the layer is none of these.
    """
    own = getattr(layer, "cell_name", None)
    for name, cell in CELLS.items():
        if name == own or (cell.layer is not None and type(layer) is cell.layer):
            return name
    raise TypeError(f"layer must be nn.RNN, nn.GRU or nn.LSTM, not {type(layer).__name__}")


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
        state = CELLS[cell].step(weights, x_t, state, **options)
        hs.append(state[0])
    return torch.stack(hs), state


def initial_state(cell: str, weights: Weights, batch_size: int) -> State:
    """Return (h_0,), for an LSTM (h_0, c_0): each part is 0, `(B, H)`."""
    W_hh = weights["W_hh"]
    return tuple(W_hh.new_zeros(batch_size, W_hh.shape[1]) for _ in CELLS[cell].parts)


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
        The weights, in the shapes listed on top of `steps`.

    Raises:
        ValueError: If the cell is unknown or a size is not positive.
    """
    check_cell(cell)
    check_positive("input_size", input_size)
    check_positive("hidden_size", hidden_size)
    if output_size is not None:
        check_positive("output_size", output_size)
    bound = hidden_size**-0.5
    shapes = weight_shapes(CELLS[cell].gates, input_size, hidden_size, output_size)
    return {
        name: bound * (2 * torch.rand(shape, generator=generator, dtype=dtype) - 1)
        for name, shape in shapes.items()
    }


def weights_of_layer(layer: nn.RNNBase, head: nn.Linear | None = None) -> Weights:
    """Return the weights of one of PyTorch's layers, and of the head on it, under our names.

    They are the layer's own tensors without their gradients, not copies. An `nn.RNN` with ReLU
    also needs `activation="relu"` in its steps: that is no weight.

    Args:
        layer: `nn.RNN`, `nn.GRU` or `nn.LSTM`: D inputs, H hidden units, batch first or not.
        head: From H hidden units to O outputs; no W_ho and b_o if not given.

    Returns:
        The weights, in the shapes listed on top of `steps`.

    Raises:
        TypeError: If the layer is no `nn.RNN`, `nn.GRU` or `nn.LSTM`, or the head no `nn.Linear`.
        ValueError: If the layer has several layers, two directions, a projection or no bias, or
            the head has no bias or does not read H numbers.
    """
    name_of(layer)
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
    check_cell(cell)
    D, H, dtype = check_weights(cell, CELLS[cell].gates, weights)
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
    names = CELLS[cell].parts
    if isinstance(state, tuple) and len(state) == len(names):
        return
    one = f"{'an' if cell[0] in 'aefhilmnorsx' else 'a'} {cell.upper()}"
    wanted = f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"
    found = f"one of {len(state)}" if isinstance(state, tuple) else type(state).__name__
    raise TypeError(f"the state of {one} must be a tuple {wanted}, not {found}")


def check_cell(cell: str) -> None:
    """Raise a plain error unless this is the name of a cell in `CELLS`."""
    if not isinstance(cell, str) or cell not in CELLS:
        raise ValueError(f"cell must be one of {', '.join(map(repr, CELLS))}, not {cell!r}")
