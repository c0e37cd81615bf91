"""The figure that shows, entry by entry, where a gradient comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
import traitlets

from charrnn_helpers import bptt
from charrnn_helpers.cells import CELLS
from charrnn_helpers.checks import is_whole
from charrnn_helpers.models import CharRNN
from charrnn_helpers.vocabulary import Vocabulary, unknown_character
from charrnn_helpers.widgets.figure import Figure, FigureError, Number, Whole
from charrnn_helpers.widgets.gradient_ledger.picture import draw_ledger
from charrnn_helpers.widgets.weights import NAMES, rounded, weights_of

LONGEST = 40  # time steps: more cells than that are too small to be seen
CUTS = ("horizon", "chunks")
LARGEST = 160_000  # numbers of W_hh, as an LSTM of 200 units has: a page takes seconds for them

Networks = Mapping[str, tuple[CharRNN, CharRNN]]


class GradientLedger(Figure):
    """See what each loss of a sequence gives to each use of a weight, and what truncation cuts off.

    The network reads `text[:-1]`, and after each character its loss is the cross-entropy of the
    next one; the mean of the T losses is L. Entry [i, j] of the ledger is what the loss at time
    step i gives to ∂L/∂W through the use of W at time step j. Time steps are counted from 1.

    Attributes:
        networks: For every cell, the weights before and after training, see `weights_of`.
        characters: The V characters that all networks know.
        text: T + 1 characters.
        cell: "rnn", "gru" or "lstm".
        trained: Whether the network is shown after its training.
        weight: Which weight's ledger is shown: "W_xh", "W_hh", "b_xh", "b_hh", "W_ho" or "b_o".
        loss: The time step i of the loss that is looked at; None for all of them.
        cut_by: "horizon" or "chunks": which of the following two cuts the gradient.
        horizon: Uses at a distance i - j of so many steps or more are cut off; T or more for none.
        chunk: The way back ends after every so many steps, see `bptt.kept_by`; T or more for none.
        logarithmic: Whether colours tell the logarithm of an entry's norm, or the norm.
        table: The norm of every entry, (T, T); set by the figure, like what follows.
        shares: Of the gradient, by distance 0 … T - 1; together 1.
        kept: The share of the gradient that is left, by projection on the whole.
        error: ‖g_kept - g‖ / ‖g‖, where g is the whole gradient of this weight.
    """

    networks = traitlets.Dict().tag(sync=True)
    characters = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    cell = traitlets.Unicode().tag(sync=True)
    trained = traitlets.Bool(True).tag(sync=True)
    weight = traitlets.Unicode("W_hh").tag(sync=True)
    loss = Whole(None, allow_none=True).tag(sync=True)
    cut_by = traitlets.Unicode("horizon").tag(sync=True)
    horizon = Whole().tag(sync=True)
    chunk = Whole().tag(sync=True)
    logarithmic = traitlets.Bool(False).tag(sync=True)
    table = traitlets.List(traitlets.List(Number())).tag(sync=True)
    shares = traitlets.List(Number()).tag(sync=True)
    kept = Number(1.0).tag(sync=True)
    error = Number(0.0).tag(sync=True)

    def __init__(
        self,
        networks: Networks,
        vocabulary: Vocabulary,
        text: str,
        *,
        cell: str | None = None,
        trained: bool = True,
        weight: str = "W_hh",
        loss: int | None = None,
        cut_by: str = "horizon",
        horizon: int | None = None,
        chunk: int | None = None,
        logarithmic: bool = False,
        **traits: Any,
    ):
        """Show the ledger of one text.

        Args:
            networks: `{"rnn": (untrained, trained), "gru": …, "lstm": …}`, at least one of them,
                each with 160,000 recurrent weights at most (400, 230, 200 hidden units); later
                training does not change the figure.
            vocabulary: V characters, the same for all networks.
            text: From 3 to 41 of these characters: T + 1.
            cell: Which is shown first; the first of `networks` if not given.
            trained: Whether it is shown after its training first.
            weight: Whose ledger is shown first.
            loss: The time step of the loss that is looked at, from 1; None for all of them.
            cut_by: "horizon" or "chunks", which of the following two is looked at first.
            horizon: From 1; None for the whole way back.
            chunk: Steps between two cuts, from 1; None for no cut.
            logarithmic: Whether colours tell the logarithm of a norm.
            **traits: Any other trait of a widget, such as `layout`.

        Raises:
            TypeError, ValueError: If an argument is of the wrong type or out of range.
        """
        if not isinstance(vocabulary, Vocabulary):
            raise TypeError(f"vocabulary must be a Vocabulary, not {type(vocabulary).__name__}")
        weights = _weights(networks, len(vocabulary))
        _check_text(text, vocabulary.characters)
        state = {
            "cell": next(iter(weights)) if cell is None else cell,
            "trained": trained,
            "weight": weight,
            "loss": loss,
            "cut_by": cut_by,
            "horizon": len(text) - 1 if horizon is None else horizon,
            "chunk": len(text) - 1 if chunk is None else chunk,
            "logarithmic": logarithmic,
        }
        _check(state, weights)
        shown = weights[state["cell"]][trained]
        cut = _cut(state["cut_by"], state["horizon"], state["chunk"])
        facts = measure(shown, vocabulary.characters, text, weight, **cut)
        super().__init__(
            networks=weights,
            characters=vocabulary.characters,
            text=text,
            **state,
            **{name: rounded(value) for name, value in facts.items()},
            **traits,
        )

    @traitlets.validate("cell", "weight", "loss", "cut_by", "horizon", "chunk")
    def _valid(self, proposal: dict[str, Any]) -> Any:
        _check({proposal["trait"].name: proposal["value"]}, self.networks)
        return proposal["value"]

    @traitlets.validate("text")
    def _valid_text(self, proposal: dict[str, Any]) -> str:
        _check_text(proposal["value"], self.characters)
        return proposal["value"]

    @traitlets.observe("text")
    def _follow(self, change: dict[str, Any]) -> None:
        """Let what cut nothing off of the text before cut nothing off of the new one."""
        for name in ["horizon", "chunk"]:
            if change["old"] and getattr(self, name) >= len(change["old"]) - 1:
                setattr(self, name, len(change["new"]) - 1)

    def describe(self) -> str:
        """Return the text and which ledger is shown."""
        state = "trained" if self.trained else "untrained"
        ((name, k),) = _cut(self.cut_by, self.horizon, self.chunk).items()
        cut = "" if k >= len(self.text) - 1 else f", {name}={k}"
        loss = "" if self.loss is None else f", loss={self.loss}"
        return f"{self.text!r}, {state} {self.cell}, {self.weight}{loss}{cut}"

    def picture(self) -> str:
        """Return the heat map and the shares by distance as SVG text."""
        shown = self.networks[self.cell][self.trained]
        cut = _cut(self.cut_by, self.horizon, self.chunk)
        facts = measure(shown, self.characters, self.text, self.weight, **cut)
        return draw_ledger(facts, self.text, self.cell, self.weight, self.trained, **cut)


def measure(
    weights: dict[str, Any],
    characters: str,
    text: str,
    weight: str,
    horizon: int | None = None,
    chunk: int | None = None,
) -> dict[str, Any]:
    """Return what the figure reports, `table`, `shares`, `kept` and `error`, in float64.

    The arguments are the figure's attributes, either a horizon or a chunk; `weights` are those of
    one network.
    """
    tensors = {name: torch.tensor(weights[name], dtype=torch.float64) for name in NAMES}
    ids = torch.tensor([characters.index(c) for c in text])
    x = torch.nn.functional.one_hot(ids[:-1, None], len(characters)).double()  # (T, 1, V)
    trace = bptt.forward(weights["cell"], tensors, x)
    do = bptt.cross_entropy_gradient(trace.o, ids[1:, None])
    entries = bptt.gradient_ledger(trace, do)[weight]
    T, g = len(x), bptt.total(entries)
    kept = bptt.kept_by(T, horizon, chunk)
    cut = (chunk if horizon is None else horizon) < T and bool(g.any())
    shares = bptt.entry_shares(entries) if g.any() else entries.new_zeros(T, T)
    missing = bptt.total(entries, ~kept)
    return {
        "table": bptt.entry_norms(entries).tolist(),
        "shares": bptt.by_distance(shares).tolist(),
        "kept": shares[kept].sum().item() if cut else 1.0,
        "error": (missing.norm() / g.norm()).item() if cut else 0.0,
    }


def _cut(cut_by: str, horizon: int, chunk: int) -> dict[str, int]:
    """Return the argument of `bptt.kept_by` that says what is kept."""
    return {"chunk": chunk} if cut_by == "chunks" else {"horizon": horizon}


def _weights(networks: Networks, V: int) -> dict[str, list[dict[str, Any]]]:
    """Return the weights of all networks, or raise a plain error."""
    if not isinstance(networks, Mapping) or not networks:
        raise TypeError(f"networks must be a dictionary of cells: {_EXAMPLE}")
    weights = {}
    for cell, pair in networks.items():
        if cell not in CELLS:
            raise FigureError(f"networks has the cell {cell!r}; known are {', '.join(CELLS)}")
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError(f"networks[{cell!r}] must be two networks: {_EXAMPLE}")
        weights[cell] = [weights_of(model) for model in pair]
        for model in pair:
            if model.cell != cell:
                raise FigureError(f"networks[{cell!r}] holds a network of the cell {model.cell!r}")
            if model.vocabulary_size != V:
                raise FigureError(
                    f"the {cell} knows {model.vocabulary_size} characters, the vocabulary {V}"
                )
            if model.recurrent.weight_hh_l0.numel() > LARGEST:
                most = math.isqrt(LARGEST // CELLS[cell].gates)
                raise FigureError(
                    f"the {cell} has {model.hidden_size} hidden units; a page can compute the "
                    f"ledger of {most} at most"
                )
    return weights


_EXAMPLE = '{"rnn": (untrained, trained), …}'


def _check_text(text: str, characters: str) -> None:
    """Raise a plain error for a text that has no ledger."""
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, not {type(text).__name__}")
    for position, character in enumerate(text):
        if character not in characters:
            raise FigureError(unknown_character(text, position, characters, " of the text"))
    if not 3 <= len(text) <= LONGEST + 1:
        raise FigureError(f"the text must have 3 to {LONGEST + 1} characters, not {len(text)}")


def _check(state: dict[str, Any], networks: dict[str, Any]) -> None:
    """Raise a plain error for a choice that the figure does not have."""
    for name, known in [("cell", networks), ("weight", NAMES), ("cut_by", CUTS)]:
        if name in state and state[name] not in known:
            raise FigureError(f"{name} must be one of {', '.join(known)}, not {state[name]!r}")
    for name in ["trained", "logarithmic"]:
        if name in state and not isinstance(state[name], bool):
            raise TypeError(f"{name} must be True or False, not {state[name]!r}")
    for name in ["loss", "horizon", "chunk"]:
        value = state.get(name, 1)
        if name == "loss" and value is None:
            continue
        if not is_whole(value):
            raise TypeError(f"{name} must be a whole number, not {value!r}")
        if value < 1:
            raise FigureError(f"{name} must be 1 or more, not {value}")
