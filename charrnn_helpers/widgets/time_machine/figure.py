"""The figure that goes back and forth through the training of one network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import traitlets

from charrnn_helpers.checks import is_number, is_whole
from charrnn_helpers.models import CharRNN
from charrnn_helpers.vocabulary import Vocabulary, unknown_character
from charrnn_helpers.widgets.figure import Figure, FigureError, Number, Whole
from charrnn_helpers.widgets.packed import packed, unpacked
from charrnn_helpers.widgets.time_machine.facts import reach, written
from charrnn_helpers.widgets.time_machine.picture import draw_machine
from charrnn_helpers.widgets.weights import rounded

LENGTH, LONGEST = 200, 80  # characters of what it writes, and of the passage; as in the page
FEWEST, MOST = 2, 12  # checkpoints

Checkpoint = tuple[int, float, CharRNN]


class TimeMachine(Figure):
    """Go through checkpoints of one training run: what the network writes, and what it holds.

    At each checkpoint the figure shows a text that the network writes, always with the same random
    numbers; how likely it thinks each letter of a passage, with its hidden states meanwhile; and
    how far back the gradient of W_hh reaches on this passage. What is chosen there is seen by
    Python, and the other way round.

    Attributes:
        checkpoints: For each its `updates`, `held_out` (bits a character) and `weights` (`packed`).
        cell: "rnn", "gru" or "lstm".
        characters: The V characters of the network.
        checkpoint: Which checkpoint is shown, from 0.
        text: The passage that it reads, T + 1 characters.
        prompt: What it begins to write with.
        temperature: Each next letter is drawn from softmax(logits / temperature).
        seed: Of the draws.
        unit: The hidden unit that is looked at, from 0; -1 for none.
        written: The prompt and what follows, 200 characters; set by the figure, like what follows.
        horizon: The smallest k such that the gradient of W_hh truncated after k uses, g_k, is right
            to a tenth: ‖g_k - g‖ ≤ 0.1 ‖g‖. From 1 to T; 0 if the gradient is zero.
    """

    checkpoints = traitlets.List(traitlets.Dict()).tag(sync=True)
    cell = traitlets.Unicode().tag(sync=True)
    characters = traitlets.Unicode().tag(sync=True)
    checkpoint = Whole().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    prompt = traitlets.Unicode().tag(sync=True)
    temperature = Number(0.7).tag(sync=True)
    seed = Whole(0).tag(sync=True)
    unit = Whole(-1).tag(sync=True)
    written = traitlets.Unicode().tag(sync=True)
    horizon = Whole().tag(sync=True)

    def __init__(
        self,
        checkpoints: Sequence[Checkpoint],
        vocabulary: Vocabulary,
        text: str,
        prompt: str,
        temperature: float = 0.7,
        seed: int = 0,
        at: int | None = None,
        **traits: Any,
    ):
        """Show one network at several moments of its training.

        Args:
            checkpoints: 2 to 12 of `(updates, held_out, model)`, in the order of their updates:
                the number of updates made, from 0; the loss on held-out text in bits a character;
                the network as it was then, rounded by `round_weights`. All have one cell and size.
            vocabulary: V characters.
            text: The passage that the network reads, 2 to 80 of these characters.
            prompt: What it begins to write with, 1 to 199 of them.
            temperature: A number above 0.
            seed: Of the draws; the figure's "Draw again" takes the next one.
            at: Which checkpoint is shown first, counted from 0; the last if not given.
            **traits: Any other trait, such as `unit`.

        Raises:
            TypeError, ValueError: If an argument is of the wrong type or out of range.
        """
        content = _content(checkpoints, vocabulary)
        model = checkpoints[0][2]
        self._reaches: dict[tuple[int, str], tuple] = {}  # what was computed, by its place and text
        choices = {
            "checkpoint": len(content) - 1 if at is None else at,
            "text": text,
            "prompt": prompt,
            "temperature": temperature,
            "seed": seed,
            "unit": traits.pop("unit", -1),
        }
        for name, value in choices.items():
            _check(name, value, vocabulary.characters, len(content), model.hidden_size)
        super().__init__(
            checkpoints=content,
            cell=model.cell,
            characters=vocabulary.characters,
            **choices | {"temperature": float(temperature)},
            **traits,
        )

    @traitlets.validate("checkpoint", "text", "prompt", "temperature", "unit")
    def _valid(self, proposal: dict[str, Any]) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        _check(name, value, self.characters, len(self.checkpoints), self.hidden_size)
        return value

    @traitlets.observe("checkpoint", "text")
    def _trace_back(self, _change: dict[str, Any]) -> None:
        self.set_trait("horizon", self.reach()[2])

    @traitlets.observe("checkpoint", "prompt", "temperature", "seed")
    def _write(self, _change: dict[str, Any]) -> None:
        self.set_trait("written", self.sample())

    @property
    def hidden_size(self) -> int:
        """H, the number of hidden units."""
        return self.checkpoints[0]["weights"]["recurrent.weight_hh_l0"]["shape"][1]

    def network(self, checkpoint: int | None = None) -> CharRNN:
        """Return the network as it was at a checkpoint, in float64; at the one shown by default."""
        shown = self.checkpoints[self.checkpoint if checkpoint is None else checkpoint]
        model = CharRNN(len(self.characters), self.hidden_size, self.cell).double()
        model.load_state_dict(unpacked(shown["weights"]))
        return model

    def sample(self, checkpoint: int | None = None) -> str:
        """Return what the network writes at a checkpoint: at the one shown, `written`."""
        how = (self.prompt, self.temperature, self.seed, LENGTH)
        return written(self.network(checkpoint), self.characters, *how)

    def reach(self, checkpoint: int | None = None) -> tuple[list[float], list[float], int]:
        """Return how the gradient of W_hh is split by distance, see `facts.reach`."""
        key = (self.checkpoint if checkpoint is None else checkpoint, self.text)
        if key not in self._reaches:
            self._reaches[key] = reach(self.network(key[0]), self.characters, self.text)
        return self._reaches[key]

    def describe(self) -> str:
        """Return the network, and which of its checkpoints is shown."""
        updates = self.checkpoints[self.checkpoint]["updates"]
        return (
            f"{len(self.checkpoints)} checkpoints of a {self.cell} with {self.hidden_size} hidden "
            f"units, shown after {updates} updates"
        )

    def picture(self) -> str:
        """Return, for every checkpoint, its error, its horizon and what it writes, as SVG text."""
        rows = [
            (one["updates"], one["held_out"], self.reach(i)[2], self.sample(i))
            for i, one in enumerate(self.checkpoints)
        ]
        return draw_machine(rows, self.checkpoint, len(self.prompt), self.text)


def _content(checkpoints: Sequence[Checkpoint], vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """Return the trait `checkpoints`, or raise a plain error."""
    if not isinstance(vocabulary, Vocabulary):
        raise TypeError(f"vocabulary must be a Vocabulary, not {type(vocabulary).__name__}")
    if not isinstance(checkpoints, list | tuple):
        raise TypeError(f"checkpoints must be a list of {_FORM}")
    if not FEWEST <= len(checkpoints) <= MOST:
        raise FigureError(f"give {FEWEST} to {MOST} checkpoints, not {len(checkpoints)}")
    content: list[dict[str, Any]] = []
    for i, one in enumerate(checkpoints):
        _check_checkpoint(i, one, checkpoints[0], vocabulary)
        updates, held_out, model = one
        if content and updates <= content[-1]["updates"]:
            raise FigureError(
                f"the updates of checkpoints must ascend, but {updates} comes after "
                f"{content[-1]['updates']}"
            )
        try:
            weights = packed(model)
        except ValueError as error:
            raise FigureError(f"checkpoint {i}: {error}") from None
        held_out = rounded(float(held_out), 6)
        content.append({"updates": updates, "held_out": held_out, "weights": weights})
    return content


_FORM = "(updates, held-out bits per character, model)"


def _check_checkpoint(
    i: int, checkpoint: Checkpoint, first: Checkpoint, vocabulary: Vocabulary
) -> None:
    """Raise a plain error for a checkpoint that is none, or of another network."""
    if not isinstance(checkpoint, list | tuple) or len(checkpoint) != 3:
        raise TypeError(f"checkpoint {i} must be {_FORM}, not {checkpoint!r:.60}")
    updates, held_out, model = checkpoint
    if not isinstance(model, CharRNN):
        raise TypeError(f"checkpoint {i}: model must be a CharRNN, not {type(model).__name__}")
    if not is_whole(updates) or updates < 0:
        raise FigureError(f"checkpoint {i}: updates must be a whole number from 0, not {updates!r}")
    if not is_number(held_out) or not 0 <= held_out < math.inf:
        raise FigureError(f"checkpoint {i}: held-out bits must be 0 or more, not {held_out!r}")
    if model.vocabulary_size != len(vocabulary):
        raise FigureError(
            f"checkpoint {i}: the model knows {model.vocabulary_size} characters, the vocabulary "
            f"{len(vocabulary)}"
        )
    kinds = [f"{m.cell} with {m.hidden_size} hidden units" for m in (first[2], model)]
    if kinds[0] != kinds[1]:
        raise FigureError(f"checkpoint {i} is a {kinds[1]}, but checkpoint 0 a {kinds[0]}")


def _check(name: str, value: Any, characters: str, count: int, units: int) -> None:
    """Raise a plain error for a choice that the figure does not have."""
    if name in ("text", "prompt"):
        _check_text(name, value, characters)
    elif name == "temperature":
        if not is_number(value) or not 0 < value < math.inf:
            raise FigureError(f"temperature must be a number above 0, not {value!r}")
    elif not is_whole(value):
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    elif name == "checkpoint" and not 0 <= value < count:
        raise FigureError(f"checkpoint must be from 0 to {count - 1}, not {value}")
    elif name == "unit" and not -1 <= value < units:
        raise FigureError(f"unit must be from 0 to {units - 1}, or -1 for none, not {value}")


def _check_text(name: str, value: Any, characters: str) -> None:
    least, most = (2, LONGEST) if name == "text" else (1, LENGTH - 1)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, not {type(value).__name__}")
    for position, character in enumerate(value):
        if character not in characters:
            raise FigureError(unknown_character(value, position, characters, f" of the {name}"))
    if not least <= len(value) <= most:
        raise FigureError(f"the {name} must have {least} to {most} characters, not {len(value)}")
