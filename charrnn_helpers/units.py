"""What single hidden units know, by measurement: which property of a text a unit's value tells.

A property is true or false after each character, by a rule that looks at nothing behind it. How
well a number tells a property is its AUC: the chance that it is higher at a place with the property
than at one without. 1/2 is no better than guessing, 1 tells them apart without a mistake, and so
does 0, with the sign turned round.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.stats import rankdata
from torch.nn.functional import one_hot, pad

from charrnn_helpers.checks import check_positive
from charrnn_helpers.layers import run_torch
from charrnn_helpers.models import CharRNN, evaluating
from charrnn_helpers.sampling import to_numpy


def properties(text: str) -> dict[str, np.ndarray]:
    """Return, for each property, where it holds: `(T,)`, True or False after each character."""
    characters = np.array(list(text))
    letter = np.char.isalpha(characters)
    word_begins = letter & ~np.concatenate([[False], letter[:-1]])
    in_word = np.where(letter, 1 + since(word_begins), 0)  # letters of the word so far
    capital = letter & (_at_latest(np.char.isupper(characters), word_begins) == 1)
    return {
        "in a capitalised word": capital & (in_word > 1),
        "in a long word, from its 8th letter": in_word >= 8,
        "in the first 30 characters of a paragraph": since(characters == "\n") < 30,
        "in a sentence, from its 200th character": since(np.isin(characters, list(".?!"))) >= 200,
    }


def since(event: np.ndarray) -> np.ndarray:
    """Return how many characters ago the latest event was, `(T,)`; one is right before the text."""
    return np.arange(len(event)) - _latest_place(event)


def auc(values: np.ndarray, *holds: np.ndarray) -> np.ndarray:
    """Return the chance that a value is higher where a property holds than where it does not.

    It is the statistic of Mann and Whitney (1947), from ranks; equal values share theirs.

    Args:
        values: `(T, H)`, or `(T,)` for one unit.
        *holds: P properties, `(T,)` each, True or False; both must occur.

    Returns:
        `(P, H)`, from 0 to 1.

    Raises:
        ValueError: If a property holds everywhere or nowhere, or the lengths differ.
    """
    ranks = rankdata(values.reshape(len(values), -1), axis=0).T  # (H, T)
    found = []
    for property_holds in holds:
        if len(values) != len(property_holds):
            raise ValueError(f"there are {len(values)} values for {len(property_holds)} places")
        n, others = int(property_holds.sum()), int((~property_holds).sum())
        if n == 0 or others == 0:
            raise ValueError("a property must hold at some places, and not at others")
        found.append((ranks[:, property_holds].sum(axis=1) - n * (n + 1) / 2) / (n * others))
    return np.array(found)


@torch.inference_mode()
def hidden_states(
    model: CharRNN, characters: torch.Tensor, T: int = 1000, B: int = 1
) -> np.ndarray:
    """Return h after each character of a text that is read from its beginning, `(N, H)`.

    Of several layers it is that of the last.

    Args:
        model: V characters, H hidden units.
        characters: Integers `(N,)`, N ≥ 1.
        T: How many time steps are read at a time; changes nothing but memory.
        B: Streams that are read side by side, each from an empty state. One is exact; more are
            faster.

    Raises:
        ValueError: If T or B is no positive integer.
    """
    check_positive("T", T)
    check_positive("B", B)
    streams = pad(characters, (0, -len(characters) % B)).view(B, -1)  # (B, L)
    state, states = model.init_state(B), []
    with evaluating(model):
        for inputs in streams.to(model.head.weight.device).split(T, dim=1):
            inputs = one_hot(inputs, model.vocabulary_size).to(model.head.weight.dtype)
            h, state = run_torch(model.recurrent, inputs, state)  # (B, T, H)
            states.append(h.cpu())
    return to_numpy(torch.cat(states, dim=1).flatten(0, 1)[: len(characters)])


def _latest_place(event: np.ndarray) -> np.ndarray:
    """Return where the latest event was, `(T,)`; -1 before the first one."""
    return np.maximum.accumulate(np.where(event, np.arange(len(event)), -1))


def _at_latest(values: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Return the value that stood at the latest event, `(T,)`; 0 before the first one."""
    return np.concatenate([[0], values])[_latest_place(event) + 1]
