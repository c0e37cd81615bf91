"""The figure in which the reader moves the gates of a single cell and follows what it keeps."""

from __future__ import annotations

import math
from typing import Any

import traitlets
from torch import nn

from charrnn_helpers.checks import is_number, is_whole
from charrnn_helpers.widgets.figure import Figure, FigureError, Number, Whole
from charrnn_helpers.widgets.gated_cell.numbers import (
    LARGEST,
    ROWS,
    SETTINGS,
    layer_of,
    names_of,
    numbers_of,
    run,
    weights_of,
)
from charrnn_helpers.widgets.gated_cell.picture import cell_picture
from charrnn_helpers.widgets.weights import rounded

MOST, FEWEST = 10, 2  # time steps
VALUES = (0.8, -0.6, 0.3, 0.9, -0.4, 0.5, -0.9, 0.2)
CUES = (1, 0, 0, 0, 0, 0, 0, -1)  # write at step 1, read at step 8
NUMBERS = {name for cell in ROWS for name in names_of(cell)}


class GatedCell(Figure):
    """Move the gates of an LSTM or a GRU of one unit and see what it keeps, step by step.

    The cell reads two numbers at each time step, a value and a cue, x_t = (value_t, cue_t). Each
    of its rows (a gate, or the new content) has four numbers: a bias, and the weights on the cue,
    on the value and on h_{t-1}. Their names join the row's and the part's:

        LSTM: i, f, o_gate, and the content g      f_bias, f_cue, f_value, f_state, i_bias, …
        GRU:  r, z, and the content n              z_bias, z_cue, z_value, z_state, r_bias, …

    What is chosen in the figure is seen by Python, and the other way round.

    Attributes:
        cell: "lstm" or "gru".
        setting: What the numbers are: the name of a setting, "keep", "forget", "recall" (write
            once, keep, read at the end) or "pytorch" (as it starts: gates half open); or a
            dictionary, {"from": name, …}, with the numbers that differ from that setting.
        values: value_1 … value_T, each from -1 to 1; T from 2 to 10.
        cues: cue_1 … cue_T, each -1, 0 or 1.
        step: The time step whose equations are shown.
        h: h_1 … h_T; computed, like what follows.
        c: c_1 … c_T of an LSTM; empty for a GRU.
        gradients: ∂c_T/∂c_t for t = 1 … T, of a GRU ∂h_T/∂h_t: total derivatives, along every
            path, by backpropagation.
        product: f_2 · … · f_T, of a GRU z_2 · … · z_T: what the first of the gradients is as long
            as no gate and no content depends on the state.
    """

    cell = traitlets.Unicode("lstm").tag(sync=True)
    setting = traitlets.Any("recall").tag(sync=True)  # a name or a dictionary, once checked
    values = traitlets.Any().tag(sync=True)  # a list, once checked; so are the cues
    cues = traitlets.Any().tag(sync=True)
    step = Whole(1).tag(sync=True)
    h = traitlets.List(Number()).tag(sync=True)
    c = traitlets.List(Number()).tag(sync=True)
    gradients = traitlets.List(Number()).tag(sync=True)
    product = Number(1.0).tag(sync=True)

    def __init__(
        self,
        cell: str = "lstm",
        setting: str | dict[str, Any] = "recall",
        *,
        values: Any = VALUES,
        cues: Any = CUES,
        step: int = 1,
        **traits: Any,
    ):
        """Show a cell that has read the sequence.

        Args:
            cell: "lstm" or "gru".
            setting: A name, or {"from": name, …} with numbers that differ.
            values: T numbers from -1 to 1, T from 2 to 10.
            cues: T numbers, each -1, 0 or 1.
            step: The time step looked at first, from 1 to T.
            **traits: Single numbers that differ from the setting, such as `f_bias=3`, and any
                other trait of a widget, such as `layout`.

        Raises:
            TypeError, ValueError: If an argument is of the wrong type, length or range.
        """
        changed = {name: traits.pop(name) for name in sorted(NUMBERS & set(traits))}
        if changed:
            start = {"from": setting} if isinstance(setting, str) else setting
            setting = start | changed
        setting, values, cues = _setting(setting), _values(values), _cues(cues)
        _check_cell(cell)
        _check_lengths(values, cues)
        _check_step(step, values)
        given = {"cell": cell, "setting": setting, "values": values, "cues": cues, "step": step}
        super().__init__(**given, **_results(given), **traits)

    @traitlets.validate("cell")
    def _valid_cell(self, proposal: dict[str, Any]) -> str:
        _check_cell(proposal["value"])
        return proposal["value"]

    @traitlets.validate("setting")
    def _valid_setting(self, proposal: dict[str, Any]) -> str | dict[str, Any]:
        return _setting(proposal["value"])

    @traitlets.validate("values")
    def _valid_values(self, proposal: dict[str, Any]) -> list[float]:
        values = _values(proposal["value"])
        _check_lengths(values, self.cues)
        return values

    @traitlets.validate("cues")
    def _valid_cues(self, proposal: dict[str, Any]) -> list[int]:
        cues = _cues(proposal["value"])
        _check_lengths(self.values, cues)
        return cues

    @traitlets.validate("step")
    def _valid_step(self, proposal: dict[str, Any]) -> int:
        _check_step(proposal["value"], self.values)
        return proposal["value"]

    @traitlets.observe("cell", "setting", "values", "cues")
    def _recompute(self, _: Any) -> None:
        """Keep the results true where no page computes them."""
        given = {name: getattr(self, name) for name in ("cell", "setting", "values", "cues")}
        with self.hold_trait_notifications():
            for name, value in _results(given).items():
                setattr(self, name, value)

    def numbers(self) -> dict[str, float]:
        """Return all numbers of the cell by their names, such as "f_bias"."""
        return numbers_of(self.cell, self.setting)

    def layer(self) -> nn.LSTM | nn.GRU:
        """Return PyTorch's layer with the weights of the figure: 2 inputs, 1 unit, float64."""
        return layer_of(self.cell, weights_of(self.cell, self.numbers()))

    def describe(self) -> str:
        """Return the cell and its setting, and what differs from it."""
        if isinstance(self.setting, str):
            return f"{self.cell}, {self.setting}"
        own = {name: value for name, value in self.setting.items() if name != "from"}
        words = "".join(f", {name}={value:g}" for name, value in own.items())
        return f"{self.cell}, {self.setting['from']}{words}"

    def picture(self) -> str:
        """Return the run of the cell, step by step, as SVG text."""
        found = run(self.cell, self.numbers(), self.values, self.cues)
        return cell_picture(self.cell, self.values, self.cues, found)


def _check_cell(cell: Any) -> None:
    if cell not in [*ROWS]:
        raise FigureError(f"cell must be 'lstm' or 'gru', not {cell!r}")


def _setting(setting: Any) -> str | dict[str, Any]:
    """Return a setting whose names and numbers are known, or raise a plain error."""
    changed = {"from": setting} if isinstance(setting, str) else setting
    if not isinstance(changed, dict) or "from" not in changed:
        raise TypeError(f'setting must be a name or {{"from": name, …}}, not {setting!r}')
    if changed["from"] not in [*SETTINGS]:
        choices = ", ".join(map(repr, SETTINGS))
        raise FigureError(f"setting must be one of {choices}, not {changed['from']!r}")
    own = {name: _number(name, value) for name, value in changed.items() if name != "from"}
    return {"from": changed["from"], **own} if own else changed["from"]


def _number(name: str, value: Any) -> float:
    if name not in NUMBERS:
        raise FigureError(
            f"{name!r} is no number of the cell: those are made like 'f_bias', from "
            f"{', '.join(ROWS['lstm'])} or {', '.join(ROWS['gru'])}, and {', '.join(LARGEST)}"
        )
    most = LARGEST[name.rsplit("_", 1)[1]]
    if not is_number(value):
        raise TypeError(f"{name} must be a number, not {value!r}")
    if not (math.isfinite(value) and abs(value) <= most):
        raise FigureError(f"{name} must be from -{most} to {most}, not {value!r}")
    return float(value)


def _sequence(name: str, given: Any) -> list[Any]:
    found = given.tolist() if hasattr(given, "tolist") else given
    if not isinstance(found, list | tuple) or not all(map(is_number, found)):
        raise TypeError(f"{name} must be numbers, one for each time step, not {given!r}")
    if not FEWEST <= len(found) <= MOST:
        raise FigureError(f"{name} must be {FEWEST} to {MOST} numbers, not {len(found)}")
    return list(found)


def _values(given: Any) -> list[float]:
    values = _sequence("values", given)
    for value in values:
        if not abs(value) <= 1:
            raise FigureError(f"each of the values must be from -1 to 1, not {value!r}")
    return rounded([float(value) for value in values])


def _cues(given: Any) -> list[int]:
    cues = _sequence("cues", given)
    for cue in cues:
        if cue not in (-1, 0, 1):
            raise FigureError(f"each of the cues must be -1, 0 or 1, not {cue!r}")
    return [int(cue) for cue in cues]


def _check_lengths(values: Any, cues: Any) -> None:
    if values is not None and cues is not None and len(values) != len(cues):
        raise FigureError(
            f"there must be a cue for each value, but {len(values)} values and {len(cues)} cues "
            "are given"
        )


def _check_step(step: Any, values: list[float]) -> None:
    if not is_whole(step):
        raise TypeError(f"step must be a whole number, not {step!r}")
    if not 1 <= step <= len(values):
        raise FigureError(f"step must be from 1 to {len(values)}, not {step}")


def _results(given: dict[str, Any]) -> dict[str, Any]:
    """Return what is computed, to 10 significant digits."""
    numbers = numbers_of(given["cell"], given["setting"])
    found = run(given["cell"], numbers, given["values"], given["cues"])
    return {name: rounded(found[name]) for name in ("h", "c", "gradients", "product")}
