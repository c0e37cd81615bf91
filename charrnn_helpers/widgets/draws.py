"""The weights and inputs of the figure `SpectralLab`, the same as `initialization.js` draws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from charrnn_helpers.cells import CELLS
from charrnn_helpers.diagnostics import orthonormal_columns, recurrent_matrix, with_spectral_radius
from charrnn_helpers.steps import Weights

# Where in the random sequence of a seed each part begins
FROM = {"W_hh": 0, "W_xh": 1 << 16, "inputs": 1 << 17}


def uniform(seed: int, k: np.ndarray) -> np.ndarray:
    """Return the k-th numbers, uniform in [0, 1), of the random sequence of `rnn.js`."""
    a = np.uint32(seed * 0x9E3779B1 & 0xFFFFFFFF) + (k + 1).astype(np.uint32) * np.uint32(
        0x6D2B79F5
    )
    a = (a ^ (a >> 15)) * (a | 1)
    a ^= a + (a ^ (a >> 7)) * (a | 61)
    return (a ^ (a >> 14)) / 2**32


def normal(seed: int, k: np.ndarray) -> np.ndarray:
    """Return the k-th normal numbers of this seed: mean 0, standard deviation 1."""
    radius = np.sqrt(-2 * np.log(1 - uniform(seed, 2 * k)))
    return radius * np.cos(2 * np.pi * uniform(seed, 2 * k + 1))


def drawn_weights(
    cell: str, kind: str, radius: float, hidden_size: int, seed: int, gate_bias: float
) -> Weights:
    """Draw weights, in float64, whose recurrent blocks have this spectral radius.

    Args:
        cell: "rnn", "gru" or "lstm".
        kind: See `recurrent_matrix`.
        radius: Of each gate's (H, H) block of W_hh.
        hidden_size: H, and D too.
        seed: Of the draws.
        gate_bias: Of the gate that keeps the old state: z of a GRU, f of an LSTM.

    Returns:
        W_xh as PyTorch draws it; all other biases are 0.
    """
    H, G = hidden_size, CELLS[cell].gates
    blocks = [
        _recurrent_block(kind, H, radius, lambda draw, g=g: _table(draw, seed, g * H * H, H, H))
        for g in range(G)
    ]
    b_hh = torch.zeros(G * H, dtype=torch.float64)
    if cell != "rnn":
        b_hh[H : 2 * H] = gate_bias
    return {
        "W_hh": torch.cat(blocks),
        "W_xh": H**-0.5 * (2 * _table(uniform, seed, FROM["W_xh"], G * H, H) - 1),
        "b_xh": torch.zeros_like(b_hh),
        "b_hh": b_hh,
    }


def drawn_inputs(length: int, input_size: int, scale: float, seed: int) -> torch.Tensor:
    """Draw x_1 … x_T, `(T, 1, D)`, counted from the last: a longer sequence begins earlier."""
    return scale * _table(normal, seed, FROM["inputs"], length, input_size).flip(0).unsqueeze(1)


def _recurrent_block(
    kind: str, H: int, radius: float, table: Callable[[Callable], torch.Tensor]
) -> torch.Tensor:
    """Return what `recurrent_matrix` does, made of the numbers of the page."""
    if kind == "orthogonal":
        return radius * orthonormal_columns(table(normal))
    if kind == "default":
        return with_spectral_radius(2 * table(uniform) - 1, radius)
    return recurrent_matrix(kind, H, radius)


def _table(draw: Callable, seed: int, start: int, rows: int, columns: int) -> torch.Tensor:
    return torch.from_numpy(draw(seed, start + np.arange(rows * columns))).reshape(rows, columns)
