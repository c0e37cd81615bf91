"""A network's weights as plain numbers, as `rnn.js` takes them, and back."""

from __future__ import annotations

from typing import Any

import torch

from charrnn_helpers.cells import weights_of_layer
from charrnn_helpers.models import CharRNN
from charrnn_helpers.vocabulary import Vocabulary
from charrnn_helpers.widgets.figure import FigureError

# The names in the book's formulas, and those in PyTorch.
NAMES = {
    "W_xh": "recurrent.weight_ih_l0",  # (G·H, V)
    "W_hh": "recurrent.weight_hh_l0",  # (G·H, H)
    "b_xh": "recurrent.bias_ih_l0",  # (G·H,)
    "b_hh": "recurrent.bias_hh_l0",  # (G·H,)
    "W_ho": "head.weight",  # (V, H)
    "b_o": "head.bias",  # (V,)
}


def weights_of(model: CharRNN) -> dict[str, Any]:
    """Return a network's weights as nested lists, with the name of its cell.

    Numbers are rounded to 10 significant digits: half the size of all 17, and the same text
    whenever the numbers are the same but for rounding.

    Args:
        model: V characters, H hidden units; G gates: 1 (RNN), 3 (GRU) or 4 (LSTM).

    Returns:
        `cell`, `W_xh` (G·H, V), `W_hh` (G·H, H), `b_xh` and `b_hh` (G·H), `W_ho` (V, H), `b_o` (V);
        gates in PyTorch's order.

    Raises:
        TypeError: If the model is no CharRNN.
        ValueError: If a weight is not finite.
    """
    if not isinstance(model, CharRNN):
        raise TypeError(f"model must be a CharRNN, not {type(model).__name__}")
    weights: dict[str, Any] = {"cell": model.cell}
    for name, values in weights_of_layer(model.recurrent, model.head).items():
        if not values.isfinite().all():
            raise ValueError(f"{NAMES[name]} holds a number that is not finite: training diverged")
        weights[name] = rounded(values.double().tolist())
    return weights


def weights_for(model: CharRNN, vocabulary: Vocabulary) -> dict[str, Any]:
    """Return `weights_of(model)`, if this is the model's vocabulary.

    Raises:
        TypeError, ValueError: If it is not, or as `weights_of` does.
    """
    if not isinstance(vocabulary, Vocabulary):
        raise TypeError(f"vocabulary must be a Vocabulary, not {type(vocabulary).__name__}")
    weights = weights_of(model)
    if len(vocabulary) != model.vocabulary_size:
        raise FigureError(
            f"the model knows {model.vocabulary_size} characters, the vocabulary {len(vocabulary)}"
        )
    return weights


def network_of(weights: dict[str, Any]) -> CharRNN:
    """Return the network, in float64, that has these weights; the inverse of `weights_of`."""
    model = CharRNN(len(weights["W_ho"]), len(weights["W_ho"][0]), weights["cell"]).double()
    model.load_state_dict(
        {
            torch_name: torch.tensor(weights[name], dtype=torch.float64)
            for name, torch_name in NAMES.items()
        }
    )
    return model


def rounded(values: Any, digits: int = 10) -> Any:
    """Round a float, or all floats in nested lists, to some significant digits."""
    if isinstance(values, list):
        return [rounded(value, digits) for value in values]
    return float(f"{values:.{digits}g}")
