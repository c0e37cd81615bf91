"""What the figure `TimeMachine` finds out about a network, the same numbers as the page's."""

from __future__ import annotations

import numpy as np
import torch

from charrnn_helpers import bptt
from charrnn_helpers.cells import weights_of_layer
from charrnn_helpers.diagnostics import gradient_by_distance, horizon
from charrnn_helpers.layers import run_torch
from charrnn_helpers.models import CharRNN
from charrnn_helpers.widgets.draws import uniform

TOLERANCE = 0.1  # how far off a truncated gradient may be, as a part of the whole one's length


@torch.inference_mode()
def written(
    model: CharRNN, characters: str, prompt: str, temperature: float, seed: int, length: int
) -> str:
    """Let a network go on from a prompt, drawing with the random numbers of `rnn.js`.

    Args:
        model: In float64.
        characters: The V characters that it knows; character i has integer i.
        prompt: What it reads first, one character or more.
        temperature: Letters are drawn from softmax(logits / temperature).
        seed: Of the random numbers: the k-th letter (k = 0, 1, …) takes the k-th of them.
        length: Of the whole text, in characters.

    Returns:
        The prompt and what was written after it.
    """
    numbers = uniform(seed, np.arange(length - len(prompt)))
    eye = torch.eye(len(characters), dtype=torch.float64)
    integers = [characters.index(c) for c in prompt]
    h, state = run_torch(model.recurrent, eye[integers][None])  # (1, T, H)
    for u in numbers.tolist():
        p = (model.head(h[0, -1]) / temperature).softmax(0)
        integers.append(_drawn(p, u))
        h, state = run_torch(model.recurrent, eye[integers[-1]][None, None], state)
    return "".join(characters[i] for i in integers)


def _drawn(p: torch.Tensor, u: float) -> int:
    """Return the first place where the cumulative sum of the probabilities exceeds u."""
    above = (p.cumsum(0) > u * p.sum()).nonzero()
    return int(above[0] if len(above) else p.argmax())


@torch.inference_mode()
def reach(model: CharRNN, characters: str, text: str) -> tuple[list[float], list[float], int]:
    """Split the gradient of W_hh on a text by the distance between a loss and a use.

    The network reads `text[:-1]`, T characters; after each, its loss is the cross-entropy of the
    next one, and L is their mean.

    Args:
        model: In float64, H hidden units.
        characters: The V characters that it knows.
        text: T + 1 of them, T ≥ 1.

    Returns:
        `shares` of the gradient, by distance d = 0 … T - 1, each a projection on the whole:
        together 1, or all 0 if the gradient is zero; `errors` of the gradient truncated after
        k = 0 … T uses, ‖g_k - g‖ / ‖g‖; and the horizon, or 0 if there is no gradient.
    """
    ids = torch.tensor([characters.index(c) for c in text])
    x = torch.eye(len(characters), dtype=torch.float64)[ids[:-1]].unsqueeze(1)  # (T, 1, V)
    trace = bptt.forward(model.cell, weights_of_layer(model.recurrent, model.head), x)
    parts = gradient_by_distance(trace, bptt.cross_entropy_gradient(trace.o, ids[1:, None]))
    g = parts.sum(0)
    if not g.any():
        return [0.0] * len(x), [0.0] * (len(x) + 1), 0
    kept = torch.cat([torch.zeros_like(parts[:1]), parts.cumsum(0)])
    errors = ((kept - g).flatten(1).norm(dim=1) / g.norm()).tolist()
    shares = (parts.flatten(1) @ g.flatten() / (g.flatten() @ g.flatten())).tolist()
    return shares, errors, horizon(parts, TOLERANCE)
