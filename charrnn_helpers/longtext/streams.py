"""A long text as parallel streams, read in chunks for truncated BPTT."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeVar

import torch
from torch.nn.functional import cross_entropy

from charrnn_helpers.batches import check_integers
from charrnn_helpers.checks import check_positive, is_number
from charrnn_helpers.models import CharRNN, evaluating
from charrnn_helpers.training import sequence_loss

Text = TypeVar("Text", str, torch.Tensor)


def split(text: Text, held_out: float = 0.1) -> tuple[Text, Text]:
    """Cut a text into what is trained on and what is held out: its last part.

    Args:
        text: A string, or its integers `(N,)`, of which the parts are views.
        held_out: The share that is held out.

    Raises:
        TypeError, ValueError: If `text` is something else, the share is not between 0 and 1, or a
            part would have fewer than two characters (one to read, one to foretell).
    """
    if not isinstance(text, str | torch.Tensor):
        raise TypeError(f"text must be a string or a tensor, not {type(text).__name__}")
    if not is_number(held_out) or not 0 < held_out < 1:
        raise ValueError(f"the share held out must lie between 0 and 1, not {held_out!r}")
    cut = len(text) - round(held_out * len(text))
    if cut < 2 or len(text) - cut < 2:
        raise ValueError(
            f"a text of {len(text)} characters is too short to hold out a share of {held_out:g}: "
            "both parts need two characters or more"
        )
    return text[:cut], text[cut:]


def parallel_streams(characters: torch.Tensor, B: int) -> torch.Tensor:
    """Cut a text into B streams of equal length, to be read side by side.

    Stream b goes on where stream b - 1 ends; what does not fill a whole row is left out.

    Args:
        characters: Integers `(N,)`.
        B: How many streams.

    Returns:
        `(B, N // B)`.

    Raises:
        TypeError, ValueError: If `characters` are no integers in one row, or a stream would have
            fewer than two.
    """
    _check_text(characters, 2**31)
    check_positive("B", B)
    length = len(characters) // B
    if length < 2:
        raise ValueError(
            f"{len(characters)} characters are too few for {B} streams of 2 or more: "
            f"take {max(1, len(characters) // 2)} streams or fewer, or a longer text"
        )
    return characters[: B * length].view(B, length)


def chunks(streams: torch.Tensor, T: int, first: int = 0) -> Iterator[tuple]:
    """Yield `(inputs, targets)`, `(B, T)` each, along all streams; the last may be shorter.

    Chunk by chunk every stream is read in order, so a state that is carried along has seen all
    that came before in its stream. The targets are the next characters.

    Args:
        streams: `(B, L)`.
        T: Time steps in a chunk.
        first: Where in the streams to start.
    """
    for start in range(first, streams.shape[1] - 1, T):
        piece = streams[:, start : start + T + 1]
        yield piece[:, :-1], piece[:, 1:]


@torch.inference_mode()
def evaluate(model: CharRNN, characters: torch.Tensor, B: int = 1, T: int = 64) -> float:
    """Return the mean cross-entropy in nats a character, the state carried all along.

    Args:
        model: V characters.
        characters: Integers `(N,)`.
        B: Streams that are read side by side. One is exact; more are faster, and each begins
            with an empty state, which costs a little.
        T: Time steps in a chunk; changes nothing but memory and speed.

    Raises:
        TypeError, ValueError: As `parallel_streams` does, or if T is no positive integer.
    """
    check_positive("T", T)
    streams = parallel_streams(characters, B).to(model.head.weight.device)
    state, total, count = None, 0.0, 0
    with evaluating(model):
        for inputs, targets in chunks(streams, T):
            logits, state = model(inputs, state)
            total += sequence_loss(logits, targets).item() * targets.numel()
            count += targets.numel()
    return total / count


@torch.no_grad()
def costs(model: CharRNN, characters: torch.Tensor, T: int = 1000, B: int = 1) -> torch.Tensor:
    """Return what each character but the first costs, -ln of its probability, in nats.

    Args:
        model: V characters.
        characters: Integers `(N,)`, read from the beginning as one text.
        T: How many time steps are read at a time; changes nothing but memory.
        B: Streams that are read side by side, each from an empty state. One is exact; more are
            faster.

    Returns:
        `(N - 1,)`, on the CPU; for one stream their mean is what `evaluate` gives. B streams of
        equal length may leave out a few at the end: it is `(L · B,)`, L = (N - 1) // B.

    Raises:
        TypeError, ValueError: If `characters` are no integers below V in one row, B or T is no
            positive integer, or N - 1 is less than B.
    """
    _check_text(characters, model.vocabulary_size)
    check_positive("B", B)
    check_positive("T", T)
    length = (len(characters) - 1) // B
    if length < 1:
        raise ValueError(f"{len(characters)} characters are too few for {B} streams")
    # A stream's last character is the first that the next one reads, so that all are predicted.
    streams = characters[: length * B + 1].unfold(0, length + 1, length)  # (B, L + 1)
    state, found = None, []
    with evaluating(model):
        for inputs, targets in chunks(streams.to(model.head.weight.device), T):
            logits, state = model(inputs, state)
            cost = cross_entropy(logits.flatten(0, 1), targets.flatten().long(), reduction="none")
            found.append(cost.view(targets.shape).cpu())
    return torch.cat(found, dim=1).flatten()


def _check_text(characters: torch.Tensor, size: int) -> None:
    check_integers(characters, size, "characters")
    if characters.dim() != 1:
        raise ValueError(f"characters must be of shape (N,), not {tuple(characters.shape)}")


def bits(nats: float) -> float:
    """Turn nats a character into bits a character."""
    return nats / math.log(2)


def perplexity(nats: float) -> float:
    """Turn nats a character into a perplexity: among how many equally likely ones it guesses."""
    try:
        return math.exp(nats)
    except OverflowError:  # a network that has gone astray may cost more than 709 nats
        return math.inf
