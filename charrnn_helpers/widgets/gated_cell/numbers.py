"""The numbers of a gated cell of one unit: settings, weights, and what a run of it gives."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from charrnn_helpers.bptt import forward, step_backward
from charrnn_helpers.cells import CELLS

# Under each other in PyTorch's order. The names of their numbers begin with these.
ROWS = {"lstm": ("i", "f", "g", "o_gate"), "gru": ("r", "z", "n")}
KEEPS = {"lstm": "f", "gru": "z"}  # the gate on the path from one step to the next
CONTENT = {"lstm": "g", "gru": "n"}
PARTS = ("bias", "cue", "value", "state")  # the bias, and the weights on cue_t, value_t, h_{t-1}
LARGEST = {"bias": 10, "cue": 20, "value": 5, "state": 5}

# What each setting makes of the numbers; all others are 0, but the content's weight on the value.
SETTINGS: dict[str, dict[str, dict[str, float]]] = {
    "keep": {
        "lstm": {"f_bias": 8, "i_bias": -6, "i_cue": 12, "o_gate_bias": 6},
        "gru": {"z_bias": 8, "z_cue": -14},
    },
    "forget": {
        "lstm": {"f_bias": -8, "i_bias": 6, "o_gate_bias": 6},
        "gru": {"z_bias": -8},
    },
    "recall": {
        "lstm": {
            "f_bias": 8,
            "i_bias": -6,
            "i_cue": 12,
            "o_gate_bias": -6,
            "o_gate_cue": -12,
        },
        "gru": {"z_bias": 8, "z_cue": -14},
    },
    "pytorch": {"lstm": {}, "gru": {}},
}


def names_of(cell: str) -> list[str]:
    """Return the names of all numbers of a cell, such as "f_bias"."""
    return [f"{row}_{part}" for row in ROWS[cell] for part in PARTS]


def numbers_of(cell: str, setting: str | dict[str, Any]) -> dict[str, float]:
    """Return all numbers of a cell by their names, from a setting and what differs from it."""
    changed = {"from": setting} if isinstance(setting, str) else setting
    start = SETTINGS[changed["from"]][cell] | {f"{CONTENT[cell]}_value": 1}
    return {name: float(changed.get(name, start.get(name, 0))) for name in names_of(cell)}


def weights_of(cell: str, numbers: dict[str, float]) -> dict[str, torch.Tensor]:
    """Return the weights of a layer as in `cells`, D = 2 (value, cue), H = 1, in float64."""

    def rows(*parts: str) -> torch.Tensor:
        values = [[numbers[f"{row}_{part}"] for part in parts] for row in ROWS[cell]]
        return torch.tensor(values, dtype=torch.float64)

    bias = rows("bias")[:, 0]
    return {
        "W_xh": rows("value", "cue"),
        "W_hh": rows("state"),
        "b_xh": bias,
        "b_hh": torch.zeros_like(bias),
    }


def layer_of(cell: str, weights: dict[str, torch.Tensor]) -> nn.LSTM | nn.GRU:
    """Return PyTorch's layer with these weights, in float64."""
    layer = CELLS[cell].layer(2, 1, dtype=torch.float64)
    names = {"weight_ih_l0": "W_xh", "weight_hh_l0": "W_hh", "bias_ih_l0": "b_xh"}
    state = {name: weights[ours] for name, ours in names.items()}
    layer.load_state_dict(state | {"bias_hh_l0": weights["b_hh"]})
    return layer


@torch.inference_mode()
def run(cell: str, numbers: dict[str, float], values: list[float], cues: list[int]) -> dict:
    """Read the sequence and go back through it.

    Returns:
        `gates`, each row's opening, or the content, at each step, by its name; `h` and `c` (of a
        GRU `c` is empty), T numbers each; `gradients`, ∂c_T/∂c_t for t = 1 … T, of a GRU
        ∂h_T/∂h_t, total derivatives by backpropagation; `products`, for t = 1 … T, of the keeping
        gate's openings after step t; and `product`, the first of these.
    """
    weights = weights_of(cell, numbers)
    head = {"W_ho": torch.ones(1, 1).double(), "b_o": torch.zeros(1).double()}
    x = torch.tensor([values, cues], dtype=torch.float64).T[:, None]  # (T, 1, 2)
    trace = forward(cell, weights | head, x)
    h = [state[0].item() for state in trace.states]
    gates = _openings(cell, weights, x[:, 0], h[:-1])
    c = [state[1].item() for state in trace.states[1:]] if cell == "lstm" else []
    products = [math.prod(gates[KEEPS[cell]][t:]) for t in range(1, len(values) + 1)]
    return {
        "gates": gates,
        "h": h[1:],
        "c": c,
        "gradients": _gradients(cell, trace, gates, c),
        "products": products,
        "product": products[0],
    }


def _openings(
    cell: str, weights: dict[str, torch.Tensor], x: torch.Tensor, before: list[float]
) -> dict[str, list[float]]:
    a_x = x @ weights["W_xh"].T + weights["b_xh"]  # (T, G)
    a_h = torch.tensor(before, dtype=torch.float64)[:, None] @ weights["W_hh"].T
    gates: dict[str, list[float]] = {}
    for i, row in enumerate(ROWS[cell]):
        if row == "n":  # the last one: the reset gate is known
            a_h[:, i] *= torch.tensor(gates["r"], dtype=torch.float64)
        squash = torch.tanh if row == CONTENT[cell] else torch.sigmoid
        gates[row] = squash(a_x[:, i] + a_h[:, i]).tolist()
    return gates


def _gradients(cell: str, trace: Any, gates: dict[str, list[float]], c: list[float]) -> list[float]:
    """Return ∂s_T/∂s_t, s being c or h: the total derivative, along every path."""
    one, none = torch.ones(1, 1).double(), torch.zeros(1, 1).double()
    d = (none, one) if cell == "lstm" else (one,)
    found = [1.0]
    for t in range(len(trace.states) - 2, 0, -1):
        d = step_backward(trace, t, d)[2]
        if cell == "gru":
            found.append(d[0].item())
            continue
        shown = gates["o_gate"][t - 1] * (1 - math.tanh(c[t - 1]) ** 2)
        found.append(d[1].item() + d[0].item() * shown)  # h_t, too, is made of c_t
    return found[::-1]
