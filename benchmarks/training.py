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
SHAPES = "its matrix products alone, in the shapes that it needs"
LIMIT = "its matrix products alone, at the rate of a large one"
LOSS, CLIP_AND_ADAM = "cross-entropy and its gradient", "clipping and Adam"


def report() -> str:
    """Return two tables of both sizes: the speeds, and where the time of an update goes."""
    seconds = [_measured(*size) for size in SIZES]
    sizes = [f"H {H}, B {B}, T {T}" for H, B, T, _ in SIZES]
    characters = [B * T for _, B, T, _ in SIZES]
    speeds = [_speeds(*pair) for pair in zip(seconds, characters, strict=True)]
    shares = [_shares(column) for column in seconds]
    tables = [("training", speeds), (f"the time of an update, {BPTT}", shares)]
    return "\n\n".join(
        table(
            [title, *sizes], [[name, *(column[name] for column in columns)] for name in columns[0]]
        )
        for title, columns in tables
    )


def _measured(H: int, B: int, T: int, rounds: int) -> dict[str, float]:
    """Return the seconds of an update, by name, and those of its parts."""
    inputs, targets = torch.randint(V, (2, B, T))
    big = torch.randn(1024, 1024)
    # The limit is that of the faster library: PyTorch and NumPy come with products of their own.
    large = {f"large, {x.__class__}": lambda x=x: x @ x for x in (big, big.numpy())}
    candidates = {
        SOURCE: source_update(H, inputs, targets),
        TORCH: package_update(H, inputs, targets, "torch"),
        BPTT: package_update(H, inputs, targets, "bptt"),
        SHAPES: products(H, B, T),
        LOSS: loss_alone(targets),
        CLIP_AND_ADAM: update_alone(H),
    }
    seconds = seconds_of(candidates | large, rounds)
    # Forward one product with W_hh and one with W_ho; backward two of each, for the state and for
    # the weights. Looking a character up costs none.
    flop = 3 * 2 * B * T * H * (H + V)
    seconds[LIMIT] = min(seconds.pop(name) for name in large) * flop / (2 * 1024**3)
    return seconds


def _speeds(seconds: dict[str, float], characters: int) -> dict[str, str]:
    return {
        name: f"{characters / s / 1e3:,.0f} k/s, {seconds[SOURCE] / s:.2f} × "
        f"({seconds[LIMIT] / s:.0%} of the limit)"
        for name, s in seconds.items()
        if name not in (LOSS, CLIP_AND_ADAM)
    }


def _shares(seconds: dict[str, float]) -> dict[str, str]:
    parts = {name: seconds[name] / seconds[BPTT] for name in (SHAPES, LOSS, CLIP_AND_ADAM)}
    parts["all else: looking up, adding, tanh; memory; the calls"] = 1 - sum(parts.values())
    return {name: f"{share:.0%}" for name, share in parts.items()}


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


def products(H: int, B: int, T: int) -> Callable[[], object]:
    """Return the matrix products of an update as `engine.py` and the head make them, no more."""
    h, dh, do = torch.randn(T, B, H), torch.randn(T, B, H), torch.randn(T * B, V)
    W_hh, W_ho = torch.randn(H, H), torch.randn(V, H)
    recurrence = [x.numpy() for x in (h, dh, W_hh)]
    head = [x.flatten(0, 1) for x in (h, dh)]

    def run():
        h, dh, W = recurrence
        for steps in (h, dh):  # forward, backward
            for step in steps:
                step @ W
        dh.reshape(-1, H).T @ h.reshape(-1, H)
        h, dh = head
        h @ W_ho.T
        torch.mm(do, W_ho, out=dh)
        do.T @ h

    return run


def loss_alone(targets: torch.Tensor) -> Callable[[], object]:
    """Return the loss and its gradient by the logits."""
    B, T = targets.shape
    logits = torch.randn(B, T, V).requires_grad_()
    return lambda: torch.autograd.grad(sequence_loss(logits, targets), logits)


def update_alone(H: int) -> Callable[[], object]:
    """Return what comes when the gradients are there: clipping, and a step of Adam."""
    model = CharRNN(V, H)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    for weight in model.parameters():
        weight.grad = torch.randn_like(weight)

    def run():
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return run
