"""The figure in which the reader sets a spectral radius and sees what is left of the gradient."""

from __future__ import annotations

import math
from typing import Any

import torch
import traitlets

from charrnn_helpers.bptt import forward
from charrnn_helpers.cells import CELLS
from charrnn_helpers.checks import is_number, is_whole
from charrnn_helpers.diagnostics import (
    gradient_norm_by_distance,
    jacobian_products,
    spectral_norm,
)
from charrnn_helpers.steps import ACTIVATIONS
from charrnn_helpers.widgets.draws import drawn_inputs, drawn_weights
from charrnn_helpers.widgets.figure import Figure, FigureError, Number, Whole
from charrnn_helpers.widgets.spectral_lab.picture import decay_picture
from charrnn_helpers.widgets.weights import rounded

CHOICES = {
    "kind": ("default", "orthogonal", "identity", "non-normal"),
    "activation": tuple(ACTIVATIONS),
    "cell": tuple(CELLS),
}
# The smallest and the largest number of each kind of setting
NUMBERS = {"radius": (0.1, 2), "input_scale": (0, 5), "gate_bias": (-5, 5)}
COUNTS = {"hidden_size": (2, 32), "length": (10, 60), "seed": (0, 2**31 - 1), "distance": (0, 60)}
SETTINGS = [*CHOICES, *NUMBERS, *COUNTS]
CONTROLS = ("all", "basic")


class SpectralLab(Figure):
    """Set the spectral radius of W_hh and see how much of a gradient is left after d steps back.

    The figure draws weights and inputs, runs the network over T steps, and shows the spectral norm
    of ∂s_T/∂s_{T-d} for every distance d, on a logarithmic scale: s is the state, h of an RNN or a
    GRU, (h, c) of an LSTM. What is chosen there is seen by Python, and the other way round.

    Attributes:
        kind: How W_hh is drawn, see `diagnostics.recurrent_matrix`.
        radius: Spectral radius ρ of W_hh; of a GRU and an LSTM, of each gate's (H, H) block.
        activation: Of an RNN.
        cell: "rnn", "gru" or "lstm".
        length: T, time steps.
        input_scale: Standard deviation of the inputs.
        gate_bias: Of a GRU's z or an LSTM's f: how far the gate that keeps the old state is open.
        seed: Of all draws.
        hidden_size: H; D is the same.
        distance: The d looked at.
        controls: "all", or "basic": only the radius, the activation and the matrix are at hand, and
            the rest is folded away.
        W_hh: `(G·H, H)`; set by the figure, like what follows.
        W_xh: `(G·H, D)`.
        inputs: x_1 … x_T, `(T, D)`.
        norms: Of ∂s_T/∂s_{T-d}, measured, d = 0 … T.
        bound: (γ σ_max)^d, which no norm of an RNN exceeds, γ = 1 being the largest slope of its
            activation; empty for a GRU or an LSTM.
    """

    kind = traitlets.Unicode("default").tag(sync=True)
    radius = Number(0.9).tag(sync=True)
    activation = traitlets.Unicode("tanh").tag(sync=True)
    cell = traitlets.Unicode("rnn").tag(sync=True)
    length = Whole(50).tag(sync=True)
    input_scale = Number(1.0).tag(sync=True)
    gate_bias = Number(1.0).tag(sync=True)
    seed = Whole(0).tag(sync=True)
    hidden_size = Whole(16).tag(sync=True)
    distance = Whole(50).tag(sync=True)
    controls = traitlets.Unicode("all").tag(sync=True)
    W_hh = traitlets.List().tag(sync=True)
    W_xh = traitlets.List().tag(sync=True)
    inputs = traitlets.List().tag(sync=True)
    norms = traitlets.List(Number()).tag(sync=True)
    bound = traitlets.List(Number()).tag(sync=True)

    def __init__(
        self,
        hidden_size: int = 16,
        seed: int = 0,
        *,
        kind: str = "default",
        radius: float = 0.9,
        activation: str = "tanh",
        cell: str = "rnn",
        length: int = 50,
        input_scale: float = 1.0,
        gate_bias: float = 1.0,
        distance: int | None = None,
        controls: str = "all",
        **traits: Any,
    ):
        """Draw a network and measure its gradients.

        Args:
            hidden_size: H, from 2 to 32.
            seed: Of all draws; the figure's "Draw again" takes the next one.
            kind: "default", "orthogonal", "identity" or "non-normal".
            radius: ρ, from 0.1 to 2.
            activation: "tanh", "relu" or "identity".
            cell: "rnn", "gru" or "lstm".
            length: T, from 10 to 60.
            input_scale: From 0 to 5; large inputs saturate tanh.
            gate_bias: From -5 to 5.
            distance: The d looked at first; T if not given.
            controls: "all" or "basic", which folds away what a first look does not need.
            **traits: Any other trait of a widget, such as `layout`.

        Raises:
            TypeError, ValueError: If an argument is of the wrong type or out of range.
        """
        distance = length if distance is None else distance
        given = {name: value for name, value in locals().items() if name in SETTINGS}
        _check(given)
        found = measure(given)
        shown = {name: rounded(found[name].tolist()) for name in ("W_hh", "W_xh", "norms")}
        super().__init__(
            **given,
            **shown,
            inputs=rounded(found["inputs"].tolist()),
            bound=rounded(found["bound"].tolist()) if "bound" in found else [],
            controls=controls,
            **traits,
        )

    @traitlets.validate(*SETTINGS)
    def _valid(self, proposal: dict[str, Any]) -> Any:
        _check({proposal["trait"].name: proposal["value"]})
        return proposal["value"]

    @traitlets.validate("controls")
    def _valid_controls(self, proposal: dict[str, Any]) -> str:
        if proposal["value"] not in CONTROLS:
            choices = ", ".join(map(repr, CONTROLS))
            raise FigureError(f"controls must be one of {choices}, not {proposal['value']!r}")
        return proposal["value"]

    def _settings(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in SETTINGS}

    def describe(self) -> str:
        """Return the cell, the kind of matrix, its radius and the length."""
        activation = f", {self.activation}" if self.cell == "rnn" else ""
        matrix = f"{self.kind}, radius={self.radius:g}, length={self.length}"
        return f"{self.cell}{activation}, {matrix}, seed={self.seed}"

    def picture(self) -> str:
        """Return the curve, the lines beside it and what is left at the distance, as SVG text."""
        given = self._settings()
        return decay_picture(given, measure(given))


def _check(given: dict[str, Any]) -> None:
    """Raise a plain error for what the figure cannot show."""
    for name, value in given.items():
        if name in CHOICES:
            if value not in CHOICES[name]:
                choices = ", ".join(map(repr, CHOICES[name]))
                raise FigureError(f"{name} must be one of {choices}, not {value!r}")
            continue
        low, high = (NUMBERS | COUNTS)[name]
        is_one, words = (is_whole, "whole number") if name in COUNTS else (is_number, "number")
        if not is_one(value):
            raise TypeError(f"{name} must be a {words}, not {value!r}")
        if not (math.isfinite(value) and low <= value <= high):
            raise FigureError(f"{name} must be from {low} to {high}, not {value!r}")


@torch.inference_mode()
def measure(given: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Draw what the settings ask for and measure it, in float64.

    Returns:
        `W_hh`, `W_xh`, `inputs` (T, D) and `norms` (T + 1). For an RNN also `bound`, `radii` ρ^d
        and `powers` ‖W_hh^d‖, else `plain`, the norms of a tanh RNN; each (T + 1).
    """
    cell, radius, T = given["cell"], given["radius"], given["length"]
    H, seed = given["hidden_size"], given["seed"]
    weights = drawn_weights(cell, given["kind"], radius, H, seed, given["gate_bias"])
    x = drawn_inputs(T, H, given["input_scale"], seed)
    options = {"activation": given["activation"]} if cell == "rnn" else {}
    found = {"W_hh": weights["W_hh"], "W_xh": weights["W_xh"], "inputs": x[:, 0]}
    found["norms"] = _gradient_norms(cell, weights, x, **options)
    d = torch.arange(T + 1, dtype=torch.float64)
    if cell == "rnn":
        found["bound"] = spectral_norm(weights["W_hh"]) ** d
        found["radii"] = radius**d
        found["powers"] = spectral_norm(jacobian_products(weights["W_hh"].expand(T, H, H)))
    else:
        plain = drawn_weights("rnn", given["kind"], radius, H, seed, 0.0)
        found["plain"] = _gradient_norms("rnn", plain, x)
    return found


def _gradient_norms(cell: str, weights: dict, x: torch.Tensor, **options) -> torch.Tensor:
    """Return the norms for d = 0 … T. No output is needed: a head of zeros stands for it."""
    head = {"W_ho": weights["W_hh"].new_zeros(1, x.shape[-1]), "b_o": weights["W_hh"].new_zeros(1)}
    return gradient_norm_by_distance(forward(cell, weights | head, x, **options))[:, 0]
