"""Layers of any cell: PyTorch's where it has one, else a loop over the cell's step.

A state is a tuple, as in `steps`, (h,) or (h, c); of layers its parts are `(K, B, H)`, K being the
number of layers that lie on top of each other, as PyTorch wants them.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from charrnn_helpers.cells import CELLS, check_cell, check_parts, make_weights, name_of, unroll
from charrnn_helpers.checks import check_positive
from charrnn_helpers.engine import NAMES, run_layers
from charrnn_helpers.steps import State


def make_layer(
    cell: str, input_size: int, hidden_size: int, layers: int = 1, dropout: float = 0.0
) -> nn.Module:
    """Return a layer, batch first, or several on top of each other, with random first weights.

    Args:
        cell: A name in `cells.CELLS`.
        input_size: D.
        hidden_size: H, of each layer.
        layers: K; each but the first reads the states of the one below.
        dropout: Which share of what a layer hands to the next one is set to 0 in training.

    Raises:
        ValueError: If the cell is unknown, or a size is no positive integer.
    """
    sizes = {"input_size": input_size, "hidden_size": hidden_size, "layers": layers}
    for name, size in sizes.items():
        check_positive(name, size)
    check_cell(cell)
    D, H, K = map(int, sizes.values())  # PyTorch takes no integers of NumPy
    between = float(dropout) if K > 1 else 0.0
    make = CELLS[cell].layer
    if make is None:
        return Layer(cell, D, H, K, between)
    return make(D, H, K, batch_first=True, dropout=between)


class Layer(nn.Module):
    """A layer of any cell, by its step; with the names, shapes and first weights of PyTorch's.

    Attributes:
        cell_name: The cell's name in `cells.CELLS`.
    """

    def __init__(self, cell: str, input_size: int, hidden_size: int, num_layers=1, dropout=0.0):
        """Make K = `num_layers` layers, batch first; the arguments are those of `make_layer`."""
        super().__init__()
        self.cell_name, self.num_layers, self.dropout = cell, num_layers, dropout
        self.input_size, self.hidden_size, self.proj_size = input_size, hidden_size, 0
        self.batch_first = self.bias = True
        self.bidirectional = False
        for k in range(num_layers):
            D = hidden_size if k else input_size
            for name, weight in make_weights(cell, D, hidden_size).items():
                self.register_parameter(f"{NAMES[name]}{k}", nn.Parameter(weight))

    def flatten_parameters(self) -> None:
        """Do nothing: PyTorch's layers lay their weights out for a GPU here."""

    def forward(self, x: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Return `(h, state)`, as `run_torch` does, from x `(B, T, D)` and a state."""

        def run_one(weights, h, parts):
            return unroll(self.cell_name, dict(zip(NAMES, weights, strict=True)), h, parts)

        return run_layers(self, x, state, run_one)


def run_torch(
    layer: nn.Module, x: torch.Tensor | PackedSequence, state: State | None = None
) -> tuple[torch.Tensor | PackedSequence, State]:
    """Run a layer, with states as they are in this package: always tuples.

    PyTorch has a bare tensor h where a state is one part, in `nn.RNN` and `nn.GRU`, and a tuple
    only where it is several. It is here, and nowhere else, that the one is turned into the other.

    Args:
        layer: `nn.RNN`, `nn.GRU`, `nn.LSTM`, or a `Layer`.
        x: What the layer reads, `(B, T, D)` if it is batch first, or packed.
        state: The state before x_1, each part `(K, B, H)`; 0 if not given.

    Returns:
        `(h, state)`: h_1 … h_T of the last layer, `(B, T, H)` or packed as x is, and the state
        after x_T.

    Raises:
        TypeError: If the state is no tuple of this layer's parts.
    """
    cell = name_of(layer)
    if state is not None:
        check_parts(cell, state)
    if isinstance(layer, Layer):
        return layer(x, zero_state(layer, len(x), x.dtype) if state is None else state)
    if len(CELLS[cell].parts) > 1:
        return layer(x, state)
    h, last = layer(x, state[0] if state else None)
    return h, (last,)


def zero_state(layer: nn.Module, batch_size: int, dtype: torch.dtype | None = None) -> State:
    """Return the state before anything was read: every part is 0, `(K, B, H)`."""
    shape = layer.num_layers, batch_size, layer.hidden_size
    weight = layer.weight_hh_l0
    return tuple(weight.new_zeros(shape, dtype=dtype) for _ in CELLS[name_of(layer)].parts)
