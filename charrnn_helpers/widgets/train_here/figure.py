"""The figure in which a network trains in the page, beside the curve that PyTorch gave."""

from __future__ import annotations

import math
from typing import Any

import traitlets

from charrnn_helpers.models import CharRNN
from charrnn_helpers.training import History
from charrnn_helpers.vocabulary import Vocabulary
from charrnn_helpers.widgets.figure import COLOURS, Figure, FigureError, Number, Whole, label, tag
from charrnn_helpers.widgets.film import BOLD, in_frame
from charrnn_helpers.widgets.weights import network_of, rounded, weights_for

LONGEST, MOST = 40, 6  # characters of a sentence, and sentences; as in run.js
EPOCHS = 1000  # more would not fit in the page's memory of its own run


class TrainHere(Figure):
    """Watch a network learn some sentences in the page: forward, back through time, Adam.

    It begins with the weights that it is given, and makes one update an epoch on all sentences, as
    `train` does. Its course can be looked at again, epoch by epoch; other sentences and another
    learning rate start a new run. What is chosen there is seen by Python, and the other way round.

    Attributes:
        texts: The sentences.
        weights: The network's first weights, see `weights_of`.
        characters: Its V characters. Sentences with others begin with weights of their own.
        lr: Learning rate.
        epochs: How long a run is.
        reference: What `train` gave: its `texts`, `lr` and `losses`; empty for none.
        epoch: How far the run is looked at, from 0.
        losses: In nats, one for each of these epochs; computed in the page, like what follows.
        trained: The weights after them; empty until a page has computed them.
    """

    texts = traitlets.List(traitlets.Unicode()).tag(sync=True)
    weights = traitlets.Dict().tag(sync=True)
    characters = traitlets.Unicode().tag(sync=True)
    lr = Number(0.01).tag(sync=True)
    epochs = Whole(100).tag(sync=True)
    reference = traitlets.Dict().tag(sync=True)
    epoch = Whole(0).tag(sync=True)
    losses = traitlets.List(Number()).tag(sync=True)
    trained = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        model: CharRNN,
        vocabulary: Vocabulary,
        texts: list[str],
        epochs: int = 100,
        lr: float = 0.01,
        history: History | None = None,
        **traits: Any,
    ):
        """Show a network that is still to learn.

        Args:
            model: Untrained, for this vocabulary; what happens in the page does not change it.
            vocabulary: V characters, those of the texts among them.
            texts: 1 to 6 sentences of 2 to 40 characters; shorter ones count as filled with blanks.
            epochs: How long a run is, up to 1,000.
            lr: Learning rate.
            history: Of `train` on this model and these texts, to be laid under the page's curve.
            **traits: Any other trait, such as `epoch`.

        Raises:
            TypeError, ValueError: If an argument is of the wrong type or out of range.
        """
        weights = weights_for(model, vocabulary)
        _check_texts(texts)
        unknown = sorted(set("".join(texts)) - set(vocabulary.characters))
        if unknown:
            raise FigureError(f"{unknown[0]!r} is in the texts, but not in the vocabulary")
        if history is not None and not isinstance(history, History):
            raise TypeError(f"history must be what train returns, not {type(history).__name__}")
        reference = {}
        if history is not None:
            losses = rounded(list(history.losses))
            reference = {"texts": list(texts), "lr": history.lr, "losses": losses}
        super().__init__(
            texts=list(texts),
            weights=weights,
            characters=vocabulary.characters,
            lr=float(lr),
            epochs=epochs,
            reference=reference,
            **traits,
        )

    @traitlets.validate("texts")
    def _valid_texts(self, proposal: dict[str, Any]) -> list[str]:
        _check_texts(proposal["value"])
        return proposal["value"]

    @traitlets.validate("lr")
    def _valid_lr(self, proposal: dict[str, Any]) -> float:
        if not 0 < proposal["value"] < math.inf:
            raise FigureError(f"lr must be a number above 0, not {proposal['value']!r}")
        return proposal["value"]

    @traitlets.validate("epochs")
    def _valid_epochs(self, proposal: dict[str, Any]) -> int:
        if not 1 <= proposal["value"] <= EPOCHS:
            raise FigureError(f"epochs must be from 1 to {EPOCHS}, not {proposal['value']}")
        return proposal["value"]

    @traitlets.validate("epoch")
    def _valid_epoch(self, proposal: dict[str, Any]) -> int:
        if not 0 <= proposal["value"] <= self.epochs:
            raise FigureError(f"epoch must be from 0 to {self.epochs}, not {proposal['value']}")
        return proposal["value"]

    def network(self) -> CharRNN:
        """Return the network as it is in the page at this epoch, in float64."""
        return network_of(self.trained or self.weights)

    def describe(self) -> str:
        """Return what is learned, and how."""
        count = f"{len(self.texts)} sentence{'s' if len(self.texts) > 1 else ''}"
        H = len(self.weights["W_hh"][0])
        return f"{count}, {H} hidden units, lr={self.lr:g}, {self.epochs} epochs"

    def picture(self) -> str:
        """Return PyTorch's loss curve, which the page's own lies on, as SVG text."""
        return _picture(
            self.texts, len(self.characters), self.epochs, self.reference.get("losses", [])
        )


def _check_texts(texts: list[str]) -> None:
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise TypeError("texts must be a list of strings")
    if not 1 <= len(texts) <= MOST:
        raise FigureError(f"give 1 to {MOST} sentences, not {len(texts)}")
    for text in texts:
        if not 2 <= len(text) <= LONGEST:
            raise FigureError(
                f"a sentence must have 2 to {LONGEST} characters, but {text!r} has {len(text)}"
            )


def _picture(texts: list[str], V: int, epochs: int, losses: list[float]) -> str:
    highest = max(4, math.ceil(math.log(V)))

    def place(epoch: float, loss: float) -> tuple[float, float]:
        return 46 + 638 * epoch / epochs, 234 - 190 * min(loss, highest) / highest

    grid = []
    for loss in range(highest + 1):
        (left, y), (right, _) = place(0, loss), place(epochs, loss)
        grid += [
            tag("line", x1=left, x2=right, y1=y, y2=y, stroke=COLOURS["line"]),
            label(left - 8, y + 4, str(loss), text_anchor="end"),
        ]
    points = " ".join(
        f"{x:.1f},{y:.1f}" for x, y in (place(e, loss) for e, loss in enumerate(losses, 1))
    )
    curve = [tag("polyline", points=points, fill="none", stroke=COLOURS["positive"],
                 stroke_width=2)] if losses else []  # fmt: skip
    return in_frame(
        f"The loss of a network that learns {len(texts)} sentences, epoch by epoch.",
        700,
        280,
        label(16, 26, "Loss (nats a letter) against the epoch", **BOLD),
        *grid,
        *curve,
        label(46, 258, "0", text_anchor="middle"),
        label(684, 258, str(epochs), text_anchor="middle"),
    )
