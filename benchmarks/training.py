"""Training a plain RNN: the book's own backward pass beside `nn.RNN`."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from benchmarks.timing import seconds_of, table
from charrnn_helpers import CharRNN
from charrnn_helpers.training import sequence_loss

V = 65  # characters
SIZES = [(128, 32, 64, 60), (512, 64, 128, 8)]  # H, B, T, rounds
SOURCE = "`nn.RNN`, one-hot, as the source builds it"
TORCH = '`CharRNN(engine="torch")`'
BPTT = '`CharRNN(engine="bptt")`'
LIMIT = "matrix products alone, at the rate of a large one"


def report() -> str:
    """Return the table of both sizes, in characters per second and relative to the source."""
    columns = [_measured(*size) for size in SIZES]
    heading = ["training", *(f"H {H}, B {B}, T {T}" for H, B, T, _ in SIZES)]
    rows = [[name, *(column[name] for column in columns)] for name in columns[0]]
    return table(heading, rows)


def _measured(H: int, B: int, T: int, rounds: int) -> dict[str, str]:
    inputs, targets = torch.randint(V, (2, B, T))
    candidates = {
        SOURCE: source_update(H, inputs, targets),
        TORCH: package_update(H, inputs, targets, "torch"),
        BPTT: package_update(H, inputs, targets, "bptt"),
    }
    big = torch.randn(1024, 1024)
    seconds = seconds_of(candidates | {LIMIT: lambda: big @ big}, rounds)
    # Forward one product with W_hh and one with W_ho; backward two of each, for the state and for
    # the weights. Looking a character up costs none.
    flop = 3 * 2 * B * T * H * (H + V)
    seconds[LIMIT] *= flop / (2 * 1024**3)
    return {
        name: f"{B * T / s / 1e3:,.0f} k/s, {seconds[SOURCE] / s:.2f} × "
        f"({seconds[LIMIT] / s:.0%} of the limit)"
        for name, s in seconds.items()
    }


def source_update(H: int, inputs: torch.Tensor, targets: torch.Tensor) -> Callable[[], object]:
    """Return one update as in the notebook that the book grew from."""
    rnn, head = nn.RNN(V, H, batch_first=True), nn.Linear(H, V)
    optimizer = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=1e-3)
    loss_of = nn.CrossEntropyLoss()

    def update():
        optimizer.zero_grad()
        x = nn.functional.one_hot(inputs, V).float()
        h, _ = rnn(x, torch.zeros(1, len(x), H))
        loss = loss_of(head(h.reshape(-1, H)), targets.flatten())
        loss.backward()
        optimizer.step()
        return loss.item()

    return update


def package_update(
    H: int, inputs: torch.Tensor, targets: torch.Tensor, engine: str
) -> Callable[[], object]:
    """Return one update as `stream_training` makes it, clipping included."""
    model = CharRNN(V, H, engine=engine)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def update():
        optimizer.zero_grad()
        logits, _ = model(inputs, model.init_state(len(inputs)))
        loss = sequence_loss(logits, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    return update
