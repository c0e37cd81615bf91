"""The figure that unfolds a small network in time, with all its numbers."""

from __future__ import annotations

from typing import Any

import torch
import traitlets

from charrnn_helpers.cells import unroll
from charrnn_helpers.checks import is_whole
from charrnn_helpers.widgets.figure import Figure, FigureError, Number, Whole
from charrnn_helpers.widgets.unroll.picture import unfolded
from charrnn_helpers.widgets.weights import rounded

LONGEST = 8  # time steps: more do not fit a page

# One input, two hidden units, one output.
SHAPES = {"W_xh": (2, 1), "W_hh": (2, 2), "b_xh": (2,), "b_hh": (2,), "W_ho": (1, 2), "b_o": (1,)}


class Unroll(Figure):
    """Fold and unfold a network of two hidden units, and change any input or weight.

    The figure prints every h_t and o_t, and lights what a number depends on and where a weight is
    used. What is changed there is seen by Python, and the other way round.

    Attributes:
        weights: Of an RNN as in `cells`, as nested lists, with the name of the cell.
        inputs: x_1, x_2, …, up to 8 numbers.
        steps: How many of them the network reads, k.
        folded: Whether the network is drawn as one cell with a loop.
        gradients: Whether ∂o_k/∂x_t and ∂o_k/∂h_t are printed too.
        selected: The node or the weight that is explained, such as "h_2" or "W_hh"; "" for none.
        hidden: h_1 … h_k, `(k, 2)`; computed, like what follows.
        outputs: o_1 … o_k.
    """

    weights = traitlets.Dict().tag(sync=True)
    inputs = traitlets.Any().tag(sync=True)  # a list, once checked
    steps = Whole(3).tag(sync=True)
    folded = traitlets.Bool(False).tag(sync=True)
    gradients = traitlets.Bool(False).tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    hidden = traitlets.List(traitlets.List(Number())).tag(sync=True)
    outputs = traitlets.List(Number()).tag(sync=True)

    def __init__(self, weights: dict[str, Any], inputs: Any, steps: int = 3, **traits: Any):
        """Show a network that has read k inputs.

        Args:
            weights: An RNN's as in `cells`, as tensors or lists: D = 1, H = 2, O = 1. Only the sum
                of b_xh and b_hh is shown, as b_h. Later changes of a tensor do not change the
                figure.
            inputs: 1 to 8 numbers.
            steps: k, from 1 to the number of inputs.
            **traits: Any other trait, such as `folded` or `gradients`.

        Raises:
            TypeError, ValueError: If an argument is of the wrong type, shape or range.
        """
        weights, inputs = _weights(weights), _inputs(inputs)
        _check_steps(steps, inputs)
        hidden, outputs = _run(weights, inputs, steps)
        super().__init__(
            weights=weights, inputs=inputs, steps=steps, hidden=hidden, outputs=outputs, **traits
        )

    @traitlets.validate("weights")
    def _valid_weights(self, proposal: dict[str, Any]) -> dict[str, Any]:
        return _weights(proposal["value"])

    @traitlets.validate("inputs")
    def _valid_inputs(self, proposal: dict[str, Any]) -> list[float]:
        inputs = _inputs(proposal["value"])
        _check_steps(self.steps, inputs)
        return inputs

    @traitlets.validate("steps")
    def _valid_steps(self, proposal: dict[str, Any]) -> int:
        _check_steps(proposal["value"], self.inputs)
        return proposal["value"]

    @traitlets.observe("weights", "inputs", "steps")
    def _recompute(self, _: Any) -> None:
        """Keep the results true where no page computes them."""
        with self.hold_trait_notifications():
            self.hidden, self.outputs = _run(self.weights, self.inputs, self.steps)

    def describe(self) -> str:
        """Return k and how the network is drawn."""
        return f"steps={self.steps}{', folded' if self.folded else ''}"

    def picture(self) -> str:
        """Return the unfolded network with its numbers, as SVG text."""
        hidden, outputs = _run(self.weights, self.inputs, self.steps)
        return unfolded(self.weights, self.inputs[: self.steps], hidden, outputs)


def _weights(weights: Any) -> dict[str, Any]:
    """Return the weights as nested lists of finite numbers, or raise a plain error."""
    if not isinstance(weights, dict):
        raise TypeError(f"weights must be a dictionary, as in cells, not {type(weights).__name__}")
    if weights.get("cell", "rnn") != "rnn":
        raise FigureError(f"the figure unfolds the cell 'rnn', not {weights['cell']!r}")
    missing = [name for name in SHAPES if name not in weights]
    if missing:
        raise FigureError(f"weights lack {', '.join(missing)}")
    made: dict[str, Any] = {"cell": "rnn"}
    for name, shape in SHAPES.items():
        values = _numbers(name, weights[name])
        if tuple(values.shape) != shape:
            raise FigureError(
                f"{name} must be of shape {shape}, not {tuple(values.shape)}: "
                "the figure draws one input, two hidden units and one output"
            )
        made[name] = rounded(values.tolist())
    return made


def _inputs(inputs: Any) -> list[float]:
    """Return the inputs as a list of finite numbers, or raise a plain error."""
    values = _numbers("inputs", inputs)
    if values.dim() != 1 or not 1 <= len(values) <= LONGEST:
        raise FigureError(
            f"inputs must be 1 to {LONGEST} numbers, one for each time step, "
            f"not of shape {tuple(values.shape)}"
        )
    return rounded(values.tolist())


def _numbers(name: str, values: Any) -> torch.Tensor:
    try:
        tensor = torch.as_tensor(values, dtype=torch.float64).detach().cpu()
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"{name} must be numbers, in a tensor or lists, not {values!r}") from error
    if not tensor.isfinite().all():
        raise FigureError(f"{name} holds a number that is not finite")
    return tensor


def _check_steps(steps: Any, inputs: list[float]) -> None:
    if not is_whole(steps):
        raise TypeError(f"steps must be a whole number, not {steps!r}")
    if not 1 <= steps <= len(inputs):
        raise FigureError(
            f"steps must be from 1 to {len(inputs)}, the number of inputs, not {steps}"
        )


def _run(
    weights: dict[str, Any], inputs: list[float], steps: int
) -> tuple[list[list[float]], list[float]]:
    """Return h_1 … h_k and o_1 … o_k in float64, to 10 significant digits."""
    tensors = {name: torch.tensor(weights[name], dtype=torch.float64) for name in SHAPES}
    x = torch.tensor(inputs[:steps], dtype=torch.float64)[:, None, None]  # (k, 1, 1)
    h = unroll("rnn", tensors, x)[0][:, 0]  # (k, 2)
    o = h @ tensors["W_ho"].T + tensors["b_o"]  # (k, 1)
    return rounded(h.tolist()), rounded(o[:, 0].tolist())
