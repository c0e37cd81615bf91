"""The figure in which a reader chooses what goes in and what comes out, and sees the wiring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import traitlets

from charrnn_helpers.checks import is_whole
from charrnn_helpers.widgets.demonstration import INPUTS, OUTPUTS, Demonstration
from charrnn_helpers.widgets.figure import Figure, FigureError, Number, Whole
from charrnn_helpers.widgets.weights import rounded
from charrnn_helpers.widgets.wiring_chooser.picture import wiring_picture
from charrnn_helpers.widgets.wiring_chooser.problems import PROBLEMS, described


class WiringChooser(Figure):
    """Choose a kind of input and a kind of output: the graph, the code and an example change.

    Where there is a trained model for the choice, the page runs it on held-out examples, and every
    node of the graph holds what it holds in the network. What is chosen there is seen by Python,
    and the other way round.

    Attributes:
        problems: The nine combinations, with all that is shown of them.
        input: "picture", "words" or "frames".
        output: "decision", "sequence" or "every step".
        before: The kinds of input and output with which the code is compared.
        example: Which of the examples is shown, from 0.
        selected: The node that is explained, such as "o3"; "" for none.
        answer: The labels that the network gives; empty where none is trained. Computed, like
            what follows.
        probabilities: Of all labels, at every output.
    """

    problems = traitlets.List(traitlets.Dict()).tag(sync=True)
    input = traitlets.Enum(INPUTS, "picture").tag(sync=True)
    output = traitlets.Enum(OUTPUTS, "sequence").tag(sync=True)
    before = traitlets.List(traitlets.Unicode()).tag(sync=True)
    example = Whole(0).tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    answer = traitlets.List(traitlets.Unicode()).tag(sync=True)
    probabilities = traitlets.List(traitlets.List(Number())).tag(sync=True)

    def __init__(
        self,
        demonstrations: Sequence[Demonstration],
        input: str = "picture",  # as the page says it, and as the trait is called
        output: str = "sequence",
        **traits: Any,
    ):
        """Show the first example of one combination.

        Args:
            demonstrations: At most one for each combination; the others are explained in words.
            input: The kind of input that is chosen at first.
            output: The kind of output that is chosen at first.
            **traits: Any other trait, such as `example`.

        Raises:
            TypeError, ValueError: If an argument is of the wrong type or out of range.
        """
        self._shown = _by_kinds(demonstrations)
        for name, value, known in [("input", input, INPUTS), ("output", output, OUTPUTS)]:
            if value not in known:
                raise FigureError(
                    f"{name} must be one of {', '.join(map(repr, known))}, not {value!r}"
                )
        self._check_example(traits.get("example", 0), input, output)
        of_the_choice = {n: traits.pop(n) for n in ("example", "selected") if n in traits}
        super().__init__(
            problems=described(self._shown),
            input=input,
            output=output,
            **{"before": ["picture", "decision"]} | traits,
        )
        for name, value in of_the_choice.items():  # later: a choice begins with the first example
            setattr(self, name, value)
        self._recompute(None)

    @traitlets.validate("example")
    def _valid_example(self, proposal: dict[str, Any]) -> int:
        self._check_example(proposal["value"], self.input, self.output)
        return proposal["value"]

    @traitlets.validate("before")
    def _valid_before(self, proposal: dict[str, Any]) -> list[str]:
        if tuple(proposal["value"]) not in PROBLEMS:
            raise FigureError(
                f"before must be a kind of input and a kind of output, not {proposal['value']!r}"
            )
        return proposal["value"]

    @traitlets.observe("input", "output")
    def _choose(self, change: dict[str, Any]) -> None:
        """Begin with the first example of what is chosen now."""
        with self.hold_trait_notifications():
            self.example, self.selected = 0, ""
        self._recompute(change)

    @traitlets.observe("example")
    def _recompute(self, _: Any) -> None:
        """Keep the results true where no page computes them."""
        shown = self._shown.get((self.input, self.output))
        answer, probabilities = shown.run(self.example) if shown else ([], [])
        with self.hold_trait_notifications():
            self.answer, self.probabilities = answer, rounded(probabilities)

    def _check_example(self, example: Any, goes_in: str, comes_out: str) -> None:
        if not is_whole(example):
            raise TypeError(f"example must be a whole number, not {example!r}")
        shown = self._shown.get((goes_in, comes_out))
        count = len(shown.examples) if shown else 1
        if not 0 <= example < count:
            raise FigureError(f"example must be from 0 to {count - 1}, not {example}")

    def describe(self) -> str:
        """Return what is chosen."""
        return f"input={self.input!r}, output={self.output!r}"

    def picture(self) -> str:
        """Return the wiring that is chosen, with the answer if there is one, as SVG text."""
        problem = next(
            p for p in self.problems if (p["input"], p["output"]) == (self.input, self.output)
        )
        return wiring_picture(problem, self.example, self.answer)


def _by_kinds(demonstrations: Sequence[Demonstration]) -> dict[tuple[str, str], Demonstration]:
    """Return the demonstrations by their kinds of input and output."""
    found: dict[tuple[str, str], Demonstration] = {}
    for shown in demonstrations:
        if not isinstance(shown, Demonstration):
            raise TypeError(f"give Demonstrations, not {type(shown).__name__}")
        kinds = (shown.input, shown.output)
        if "serves" in PROBLEMS[kinds]:
            raise FigureError(
                f"the figure explains {kinds[0]} to {kinds[1]} in words: no model is shown for it"
            )
        if kinds in found:
            raise FigureError(f"there are two demonstrations from {kinds[0]} to {kinds[1]}")
        found[kinds] = shown
    return found
