"""The figure in which a trained network finishes what the reader begins to write."""

from __future__ import annotations

import math
from typing import Any

import torch
import traitlets

from charrnn_helpers.checks import is_number, is_whole
from charrnn_helpers.models import CharRNN
from charrnn_helpers.vocabulary import Vocabulary, unknown_character
from charrnn_helpers.widgets.figure import Figure, FigureError, Number, Whole, label, visible
from charrnn_helpers.widgets.film import BOLD, MONOSPACED, bars, in_frame, strip
from charrnn_helpers.widgets.weights import network_of, rounded, weights_for


class Completion(Figure):
    """Type the start of a sentence and watch the network finish it, letter by letter.

    The figure shows the text, the hidden state after each of its characters, and the probabilities
    of the next one. What is typed or chosen there is seen by Python, and the other way round.

    Attributes:
        weights: The network, see `weights_of`.
        characters: Its V characters.
        prompt: The start of the text, read by the network.
        length: Of the whole text, in characters.
        temperature: Each next letter is drawn by chance, from softmax(logits / temperature); None
            for the likeliest (greedy).
        seed: Of the draws.
        text: What has been read and written so far; set by the figure, like what follows.
        step: The time step looked at, t, from 1.
        hidden: The state h_t, H numbers.
        probabilities: Of the next letter after `text[:step]`, V numbers; with the temperature, if
            there is one.
    """

    styles = ("ui/film.css",)

    weights = traitlets.Dict().tag(sync=True)
    characters = traitlets.Unicode().tag(sync=True)
    prompt = traitlets.Unicode().tag(sync=True)
    length = Whole().tag(sync=True)
    temperature = Number(None, allow_none=True).tag(sync=True)
    seed = Whole(0).tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    step = Whole(1).tag(sync=True)
    hidden = traitlets.List(Number()).tag(sync=True)
    probabilities = traitlets.List(Number()).tag(sync=True)

    def __init__(
        self,
        model: CharRNN,
        vocabulary: Vocabulary,
        prompt: str = "good",
        length: int = 15,
        temperature: float | None = None,
        seed: int = 0,
        **traits: Any,
    ):
        """Show a network that has read the prompt and has written nothing yet.

        Args:
            model: A network for this vocabulary; later training does not change the figure.
            vocabulary: V characters.
            prompt: One character or more, fewer than `length`.
            length: Of the whole text, in characters.
            temperature: A number above 0 to draw by chance, None for the likeliest.
            seed: Of the draws; the figure's "Draw again" takes the next one.
            **traits: Any other trait of a widget, such as `layout`.

        Raises:
            TypeError, ValueError: If an argument is of the wrong type or out of range.
        """
        weights = weights_for(model, vocabulary)
        characters = vocabulary.characters
        _check(prompt, length, characters, temperature, seed)
        states, probabilities = _read(weights, characters, prompt, temperature)
        super().__init__(
            weights=weights,
            characters=characters,
            prompt=prompt,
            length=length,
            temperature=None if temperature is None else float(temperature),
            seed=seed,
            text=prompt,
            step=len(prompt),
            hidden=rounded(states[-1]),
            probabilities=rounded(probabilities),
            **traits,
        )

    @traitlets.validate("prompt", "length", "temperature")
    def _valid(self, proposal: dict[str, Any]) -> Any:
        traits = {name: getattr(self, name) for name in ("prompt", "length", "temperature")}
        traits[proposal["trait"].name] = proposal["value"]
        _check(**traits, characters=self.characters, seed=self.seed)
        return proposal["value"]

    def describe(self) -> str:
        """Return the prompt, the length and how the next letter is chosen."""
        choice = "greedy" if self.temperature is None else f"temperature={self.temperature:g}"
        return f"prompt={self.prompt!r}, length={self.length}, {choice}"

    def picture(self) -> str:
        """Return the figure as it is before anything is written, as SVG text."""
        states, probabilities = _read(self.weights, self.characters, self.prompt, self.temperature)
        return _picture(
            self.prompt, self.length, states, dict(zip(self.characters, probabilities, strict=True))
        )


def _check(prompt: str, length: int, characters: str, temperature: float | None, seed: int) -> None:
    """Raise a plain error for what the figure cannot show."""
    if not isinstance(prompt, str):
        raise TypeError(f"prompt must be a string, not {type(prompt).__name__}")
    for name, value in [("length", length), ("seed", seed)]:
        if not is_whole(value):
            raise TypeError(f"{name} must be a whole number, not {value!r}")
    if not prompt:
        raise FigureError("the prompt is empty: give the network at least one character to read")
    for position, character in enumerate(prompt):
        if character not in characters:
            raise FigureError(unknown_character(prompt, position, characters, " of the prompt"))
    if len(prompt) >= length:
        raise FigureError(
            f"the prompt has {len(prompt)} characters, which leaves nothing to write in a length "
            f"of {length}; give a length of {len(prompt) + 1} or more, or a shorter prompt"
        )
    if temperature is not None and not (is_number(temperature) and 0 < temperature < math.inf):
        raise FigureError(
            f"temperature must be a number above 0, not {temperature!r}; "
            "for the likeliest character, leave it out"
        )


@torch.inference_mode()
def _read(
    weights: dict[str, Any], characters: str, prompt: str, temperature: float | None
) -> tuple[list[list[float]], list[float]]:
    """Return the states h_1 … h_T, and the probabilities after the last, in float64."""
    network = network_of(weights)
    inputs = torch.tensor([[characters.index(c) for c in prompt]])
    one_hot = torch.nn.functional.one_hot(inputs, len(characters)).double()  # (1, T, V)
    states = network.recurrent(one_hot)[0][0]  # (T, H)
    logits = network.head(states[-1])  # (V,)
    return states.tolist(), (logits / (temperature or 1.0)).softmax(dim=0).tolist()


def _picture(
    prompt: str, length: int, states: list[list[float]], probabilities: dict[str, float]
) -> str:
    best = max(probabilities, key=lambda character: probabilities[character])
    sentence = (
        f"After ‘{''.join(map(visible, prompt))}’ the network gives ‘{visible(best)}’ "
        f"{100 * probabilities[best]:.1f} %."
    )
    height = 128 + max(240, 17 * len(probabilities))
    return in_frame(
        f"A trained network has read the start of a text. {sentence}",
        700,
        height,
        label(16, 36, prompt, font_size=20, font_weight="600", **MONOSPACED),
        label(16, 66, sentence, font_size=14),
        label(16, 100, f"Hidden state: {len(states[0])} cells per character", **BOLD),
        strip(prompt, length, states, x=16, y=108, width=400),
        label(452, 100, "Probability of the next letter", **BOLD),
        bars(probabilities, x=452, y=108, width=232),
    )
