"""The figure in which a reader plays a video and watches the network's labels hold or fail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import traitlets

from charrnn_helpers.checks import is_whole
from charrnn_helpers.widgets.demonstration import Demonstration
from charrnn_helpers.widgets.figure import Figure, FigureError, Number, Whole
from charrnn_helpers.widgets.video_labels.picture import video_picture
from charrnn_helpers.widgets.weights import rounded


class VideoLabels(Figure):
    """Play a held-out video, black out any of its frames, see what the network makes of it.

    For a network that decides at every frame, the labels of all frames; for one that decides at
    the end, its verdict so far. Beside them stands the true label. What is chosen in the page is
    seen by Python, and the other way round.

    Attributes:
        problem: The network, its videos, and what is right; see `Demonstration.describe`.
        example: Which of the videos is shown, from 0.
        step: The frame looked at, from 1; all frames up to it have been read.
        black: For each video the frames that are blacked out, numbered from 1.
        answers: The likeliest label after each frame. Computed, like what follows.
        probabilities: Of all labels, after each frame.
    """

    problem = traitlets.Dict().tag(sync=True)
    example = Whole(0).tag(sync=True)
    step = Whole(1).tag(sync=True)
    black = traitlets.List(traitlets.List(Whole())).tag(sync=True)
    answers = traitlets.List(traitlets.Unicode()).tag(sync=True)
    probabilities = traitlets.List(traitlets.List(Number())).tag(sync=True)

    def __init__(
        self,
        demonstration: Demonstration,
        example: int = 0,
        step: int | None = None,
        black: Sequence[Sequence[int]] | None = None,
        **traits: Any,
    ):
        """Show a video, read up to one of its frames.

        Args:
            demonstration: Of frames to a decision, or to one at every step.
            example: Which of its videos is shown first, from 0.
            step: Up to which frame it has been read, from 1; to its end if not given.
            black: For each video the frames that are blacked out at first, numbered from 1.
            **traits: Any other trait of a widget, such as `layout`.

        Raises:
            TypeError, ValueError: If an argument is of the wrong type or out of range.
        """
        if not isinstance(demonstration, Demonstration):
            raise TypeError(f"give a Demonstration, not {type(demonstration).__name__}")
        if demonstration.input != "frames" or demonstration.output == "sequence":
            raise FigureError(
                "the demonstration must be of frames to a decision or to one at every step, not "
                f"of {demonstration.input} to {demonstration.output}"
            )
        self._shown = demonstration
        black = [[]] * len(demonstration.examples) if black is None else black
        self._check_example(example)
        black = self._checked_black(black)
        self._check_step(self._length(example) if step is None else step, example)
        described = demonstration.describe()
        kinds = {"input": demonstration.input, "output": demonstration.output}
        super().__init__(
            problem=described | kinds | {"code": [], "black": black},
            black=black,
            **traits,
        )
        self.example = example
        self.step = self._length(example) if step is None else step
        self._recompute(None)

    @traitlets.validate("example")
    def _valid_example(self, proposal: dict[str, Any]) -> int:
        self._check_example(proposal["value"])
        return proposal["value"]

    @traitlets.validate("step")
    def _valid_step(self, proposal: dict[str, Any]) -> int:
        self._check_step(proposal["value"], self.example)
        return proposal["value"]

    @traitlets.validate("black")
    def _valid_black(self, proposal: dict[str, Any]) -> list[list[int]]:
        return self._checked_black(proposal["value"])

    @traitlets.observe("example")
    def _choose(self, change: dict[str, Any]) -> None:
        """Begin with the whole of the video that is chosen now."""
        self.step = self._length(self.example)
        self._recompute(change)

    @traitlets.observe("black")
    @torch.inference_mode()
    def _recompute(self, _: Any) -> None:
        """Keep the results true where no page computes them."""
        video = self._shown._tensor(self._shown.examples[self.example][0]).clone()
        video[[t - 1 for t in self.black[self.example]]] = 0
        model = self._shown.model
        reader = getattr(model, "encoder", model)
        states, _ = reader.recurrent(reader.embed(video[None]))
        logits = model.head(states)[0]  # (T, C)
        with self.hold_trait_notifications():
            self.answers = [self._shown.labels[i] for i in logits.argmax(dim=1)]
            self.probabilities = rounded(logits.softmax(dim=1).tolist())

    def _length(self, example: int) -> int:
        return len(self._shown.examples[example][0])

    def _check_example(self, example: Any) -> None:
        count = len(self._shown.examples)
        _check_whole("example", example, 0, count - 1)

    def _check_step(self, step: Any, example: int) -> None:
        _check_whole("step", step, 1, self._length(example))

    def _checked_black(self, black: Any) -> list[list[int]]:
        """Return the blacked-out frames of each video in order, each named once."""
        if len(black) != len(self._shown.examples):
            raise FigureError(
                f"black must have a list of frames for each of the "
                f"{len(self._shown.examples)} videos, not {len(black)} lists"
            )
        for example, frames in enumerate(black):
            for t in frames:
                _check_whole("a blacked-out frame", t, 1, self._length(example))
        return [sorted(set(frames)) for frames in black]

    def describe(self) -> str:
        """Return what is shown."""
        output = self.problem["output"]
        return f"frames to {output}, example={self.example}, step={self.step}"

    def picture(self) -> str:
        """Return the frame that is looked at, and all labels up to it, as SVG text."""
        return video_picture(
            self.problem, self.example, self.step, self.black[self.example], self.answers
        )


def _check_whole(name: str, number: Any, lowest: int, highest: int) -> None:
    if not is_whole(number):
        raise TypeError(f"{name} must be a whole number, not {number!r}")
    if not lowest <= number <= highest:
        raise FigureError(f"{name} must be from {lowest} to {highest}, not {number}")
