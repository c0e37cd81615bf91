"""Let a trained network write.

The state is carried from character to character: a network that remembers need not read its own
text again. n characters cost n steps, not 1 + 2 + … + n.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from charrnn_helpers.models import CharRNN, State
from charrnn_helpers.vocabulary import Vocabulary


@torch.inference_mode()
def predict(
    model: CharRNN, vocabulary: Vocabulary, text: str, state: State | None = None
) -> tuple[torch.Tensor, State]:
    """Read a text and return how likely each character is to come next.

    Args:
        model: A network for this vocabulary.
        vocabulary: V characters.
        text: One character or more.
        state: Where to go on reading, as returned by an earlier call; h_0 = 0 if not given.

    Returns:
        `(probabilities, state)`: probabilities `(V,)`, which sum to 1, and the state after the
        last character.

    Raises:
        TypeError, ValueError: If the text is empty or has a character outside the vocabulary, or
            if model and vocabulary differ in size.
    """
    logits, state = _read(model, vocabulary, text, state)
    return logits.softmax(dim=-1), state


def sample(
    model: CharRNN,
    vocabulary: Vocabulary,
    start: str,
    length: int,
    *,
    temperature: float | None = None,
    top_k: int | None = None,
    generator: torch.Generator | None = None,
) -> str:
    """Return a text of `length` characters that begins with `start`.

    Args:
        model: A network for this vocabulary.
        vocabulary: V characters.
        start: One character or more; counts towards the length.
        length: Of the whole text, in characters.
        temperature: Draw each character from softmax(logits / temperature). Not given: take the
            likeliest (greedy), which is also the limit of a temperature towards 0.
        top_k: Draw among the k likeliest characters only; needs a temperature.
        generator: Source of randomness, on the CPU; torch's default if not given.

    Raises:
        TypeError, ValueError: If the start is empty, has a character outside the vocabulary or
            is longer than `length`; if temperature, top_k or length is out of range; if model
            and vocabulary differ in size.
    """
    if not isinstance(length, int) or isinstance(length, bool) or length < 1:
        raise ValueError(f"length must be a whole number of 1 or more, not {length!r}")
    if isinstance(start, str) and len(start) > length:
        raise ValueError(
            f"start has {len(start)} characters, more than the length of {length} asked for; "
            f"give a length of {len(start)} or more"
        )
    characters = sample_stream(
        model, vocabulary, start, temperature=temperature, top_k=top_k, generator=generator
    )
    return start + "".join(next(characters) for _ in range(length - len(start)))


def sample_stream(
    model: CharRNN,
    vocabulary: Vocabulary,
    start: str,
    *,
    temperature: float | None = None,
    top_k: int | None = None,
    generator: torch.Generator | None = None,
) -> Iterator[str]:
    """Return an endless iterator over the characters that the network writes after `start`.

    Arguments and errors are those of `sample`, raised at the call and not at the first character.
    """
    _check_choice(temperature, top_k, len(vocabulary))
    with torch.inference_mode():
        logits, state = _read(model, vocabulary, start, None)

    def characters() -> Iterator[str]:
        nonlocal logits, state
        while True:
            character = vocabulary.characters[_choose(logits, temperature, top_k, generator)]
            yield character
            with torch.inference_mode():
                logits, state = _read(model, vocabulary, character, state)

    return characters()


def _read(
    model: CharRNN, vocabulary: Vocabulary, text: str, state: State | None
) -> tuple[torch.Tensor, State]:
    """Read a text and return the logits `(V,)` after its last character, and the state."""
    if len(vocabulary) != model.vocabulary_size:
        raise ValueError(
            f"the model knows {model.vocabulary_size} characters, the vocabulary {len(vocabulary)}"
        )
    if text == "":
        raise ValueError("the text is empty: give the network at least one character to read")
    inputs = vocabulary.encode(text).to(model.head.weight.device)
    logits, state = model(inputs[None], state)  # (1, T, V)
    return logits[0, -1], state


def _choose(
    logits: torch.Tensor,
    temperature: float | None,
    top_k: int | None,
    generator: torch.Generator | None,
) -> int:
    """Choose one of V characters by its logit, `(V,)`."""
    logits = logits.cpu()
    if temperature is None:
        return int(logits.argmax())
    if top_k is not None:
        left_out = logits.argsort(descending=True, stable=True)[top_k:]
        logits = logits.index_fill(0, left_out, -torch.inf)
    probabilities = (logits.double() / temperature).softmax(dim=0)
    # The inverse of the cumulative distribution at a uniform draw: unlike torch.multinomial, the
    # same in every release of torch.
    u = torch.rand((), generator=generator, dtype=torch.float64)
    cumulative = probabilities.cumsum(dim=0)
    return int(torch.searchsorted(cumulative, u * cumulative[-1], right=True))


def _check_choice(temperature: float | None, top_k: int | None, size: int) -> None:
    if temperature is not None and not (
        isinstance(temperature, int | float) and 0 < temperature < float("inf")
    ):
        raise ValueError(
            f"temperature must be a number above 0, not {temperature!r}; "
            "for the likeliest character, leave it out"
        )
    if top_k is None:
        return
    if not isinstance(top_k, int) or isinstance(top_k, bool) or not 1 <= top_k <= size:
        raise ValueError(f"top_k must be a whole number from 1 to {size}, not {top_k!r}")
    if temperature is None:
        raise ValueError("top_k draws at random and so needs a temperature: try temperature=1.0")
