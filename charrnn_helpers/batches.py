"""From texts to tensors: pad to one length, shift by one, one-hot."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence

import torch
from torch import nn

from charrnn_helpers.vocabulary import Vocabulary, checked_texts


def pad(texts: Sequence[str], blank: str = " ") -> list[str]:
    """Make all texts as long as the longest, with blanks at their ends.

    Raises:
        TypeError, ValueError: If `texts` is no list of non-empty strings, or `blank` not one
            character.
    """
    texts = checked_texts(texts)
    if not isinstance(blank, str) or len(blank) != 1:
        raise ValueError(f"blank must be one character, not {reprlib.repr(blank)}")
    longest = max(len(text) for text in texts)
    return [text.ljust(longest, blank) for text in texts]


def next_character_pairs(
    texts: Sequence[str], vocabulary: Vocabulary
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pad the texts and cut each into inputs and the targets one character later.

    The target at time step t is the input at t + 1, so the last character is never an input and
    the first never a target:

        text       g o o d   i   a m
        inputs     g o o d   i   a
        targets      o o d   i   a m

    Args:
        texts: B texts, the longest of them T + 1 characters long.
        vocabulary: Gives each character its integer.

    Returns:
        `(inputs, targets)`, both integers of shape `(B, T)`.

    Raises:
        TypeError, ValueError: If `texts` is no list of strings of two characters or more, or has
            a character outside the vocabulary. If the texts differ in length, the blank counts
            as a character of theirs.
    """
    for i, text in enumerate(checked_texts(texts)):
        if len(text) < 2:
            raise ValueError(
                f"texts[{i}] is {text!r}: one character has no next one; give two or more"
            )
    integers = torch.stack([vocabulary.encode(text) for text in pad(texts)])  # (B, T + 1)
    return integers[:, :-1].contiguous(), integers[:, 1:].contiguous()


def one_hot(integers: torch.Tensor, size: int, dtype: torch.dtype | None = None) -> torch.Tensor:
    """Turn each integer into a vector with a single one at its place.

    Args:
        integers: Integers from 0 to `size - 1`, of any shape `(…)`.
        size: Length of each vector: V, the number of characters.
        dtype: Of the result; torch's default floating type if not given.

    Returns:
        Zeros and ones of shape `(…, size)`.

    Raises:
        TypeError: If `integers` is no tensor of integers.
        ValueError: If an integer has no place in a vector of that size.
    """
    check_integers(integers, size)
    return nn.functional.one_hot(integers.long(), size).to(dtype or torch.get_default_dtype())


def check_integers(integers: torch.Tensor, size: int, name: str = "integers") -> None:
    """Raise a plain error unless `integers` is a tensor of integers from 0 to `size - 1`."""
    if not isinstance(integers, torch.Tensor):
        raise TypeError(f"{name} must be a tensor of integers, not {type(integers).__name__}")
    if integers.is_floating_point() or integers.is_complex() or integers.dtype == torch.bool:
        raise TypeError(f"{name} must be integers, not {integers.dtype}")
    if integers.numel() == 0:
        raise ValueError(f"{name} is empty: its shape is {tuple(integers.shape)}")
    # Together: to wait for a GPU takes long, and a network that writes reads it at every step.
    low, high = torch.stack([integers.min(), integers.max()]).tolist()
    if low < 0 or high >= size:
        raise ValueError(f"{name} must lie from 0 to {size - 1}; found {low if low < 0 else high}")


def check_characters(inputs: torch.Tensor, size: int) -> None:
    """Raise a plain error unless `inputs` is a batch of characters, as integers or one-hot."""
    wanted = f"integers (B, T) or one-hot (B, T, {size})"
    if not isinstance(inputs, torch.Tensor):
        raise TypeError(f"inputs must be a tensor, {wanted}, not {type(inputs).__name__}")
    if inputs.dim() == 3 and inputs.shape[-1] == size and inputs.numel() > 0:
        if not inputs.is_floating_point():
            raise TypeError(f"one-hot inputs must be floats, not {inputs.dtype}: add .float()")
        return
    if inputs.dim() != 2:
        raise ValueError(f"inputs must be {wanted}, not of shape {tuple(inputs.shape)}")
    check_integers(inputs, size, "inputs")
