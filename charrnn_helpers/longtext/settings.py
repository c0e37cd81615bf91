"""How a character model is trained on a long text."""

from __future__ import annotations

from dataclasses import dataclass

from charrnn_helpers.checks import (
    check_not_negative,
    check_positive,
    check_positive_number,
    check_whole,
    is_number,
    is_whole,
)


@dataclass(frozen=True)
class Settings:
    """How to train.

    Attributes:
        epochs: How many times to read the whole text, at most.
        lr: The highest learning rate; it rises over the first twentieth of the steps and then
            falls along half a cosine to a hundredth.
        streams: B, texts read side by side.
        steps: T, time steps in a chunk: how far a gradient flows back.
        clip: The longest gradient that is taken as it is.
        patience: After how many epochs without a better loss on the held-out text to stop.
        weight_decay: How strongly weights are drawn to 0 at each update (AdamW; Loshchilov & Hutter
            2019): all but the biases. With 0 it is Adam.
        held_out: Which share of the text, its last part, is never trained on.
        seed: Of the first weights, and of where in the text each epoch begins.
    """

    epochs: int = 20
    lr: float = 0.004
    streams: int = 32
    steps: int = 64
    clip: float = 1.0
    patience: int = 3
    weight_decay: float = 0.0
    held_out: float = 0.1
    seed: int = 0

    def __post_init__(self):
        for name in ("epochs", "streams", "steps", "patience"):
            check_positive(name, getattr(self, name))
        for name in ("lr", "clip"):
            check_positive_number(name, getattr(self, name))
        check_not_negative("weight_decay", self.weight_decay)
        check_positive_number("held_out", self.held_out)
        if self.held_out >= 1:
            raise ValueError(f"the share held out must lie between 0 and 1, not {self.held_out!r}")
        check_whole("seed", self.seed, most=2**63 - 1)
        for name, number in vars(self).items():  # NumPy's numbers do not fit into files
            if is_number(number):
                own = int(number) if is_whole(number) else float(number)
                object.__setattr__(self, name, own)
