"""A trained network's weights in few bytes, the same numbers for Python and for the page.

Each row of a weight matrix is rounded to whole multiples of one step, from -127 to 127 of them,
so that a weight takes one byte. The rounded network is the one that is evaluated *and* the one
that is shown: `round_weights` changes the model itself, and what is packed is then exact.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import torch
from torch import nn

LEVELS = 127  # multiples of the step on either side of zero: what a signed byte holds


@torch.no_grad()
def round_weights(model: nn.Module) -> nn.Module:
    """Round every weight of a trained model, in place, to what one byte can hold; return it.

    A model that has been rounded stays as it is. In float64 the page's weights are the same to
    the last bit.

    Raises:
        ValueError: If a weight is not finite.
    """
    for name, weight in model.named_parameters():
        steps, multiples = _on_grid(name, weight)
        weight.copy_((multiples * steps[:, None]).reshape(weight.shape))
    return model


def packed(model: nn.Module) -> dict[str, Any]:
    """Return a rounded model's weights by PyTorch's names, as `packed.js` reads them.

    Returns:
        For each weight its `shape`, the `steps` of its rows (float32, little-endian) and its
        `bytes`, both in base64. What has more than two axes counts as a matrix with the first
        axis as its rows, a vector as one row.

    Raises:
        ValueError: If a weight is not what `round_weights` leaves, or not finite.
    """
    content = {}
    for name, weight in model.named_parameters():
        steps, multiples = _on_grid(name, weight)
        exact = (multiples * steps[:, None]).reshape(weight.shape).to(weight.dtype)
        if not torch.equal(exact, weight.cpu()):
            raise ValueError(f"{name} is not rounded: call round_weights(model) first")
        content[name] = {
            "shape": list(weight.shape),
            "steps": base64.b64encode(steps.numpy().astype("<f4").tobytes()).decode(),
            "bytes": base64.b64encode(multiples.numpy().astype(np.int8).tobytes()).decode(),
        }
    return content


def unpacked(content: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Return the weights, in float64, as `load_state_dict` takes them; the inverse of `packed`."""
    weights = {}
    for name, entry in content.items():
        numbers = np.frombuffer(base64.b64decode(entry["bytes"]), dtype=np.int8)
        decoded = np.frombuffer(base64.b64decode(entry["steps"]), dtype="<f4")
        steps = torch.tensor(decoded, dtype=torch.float64)
        rows = torch.tensor(numbers, dtype=torch.float64).reshape(len(steps), -1)
        weights[name] = (rows * steps[:, None]).reshape(entry["shape"])
    return weights


def _on_grid(name: str, weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the step of each row, and the whole multiples of it nearest to the weights."""
    if not weight.isfinite().all():
        raise ValueError(f"{name} holds a number that is not finite: training diverged")
    rows = weight.detach().double().cpu()
    rows = rows.reshape(len(rows), -1) if rows.dim() > 1 else rows.reshape(1, -1)
    steps = _steps(rows.abs().amax(dim=1))
    return steps, (rows / steps[:, None]).round()


def _steps(largest: torch.Tensor) -> torch.Tensor:
    """Return a little more than a 127th of the largest weight of each row.

    Steps have 12 binary digits. Their products with whole numbers up to 127 are then exact, in
    float32 too, and rounding what is rounded changes nothing.
    """
    share = torch.where(largest > 0, largest, 1.0) / LEVELS
    mantissa, exponent = torch.frexp(share)
    return torch.ldexp((mantissa * 4096).ceil() / 4096, exponent)
