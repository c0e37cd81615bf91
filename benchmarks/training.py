"""Training: the book's own backward pass beside PyTorch's layers, and beside JAX where it is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import torch
from torch import nn

from benchmarks import peers
from benchmarks.timing import seconds_of, table
from charrnn_helpers import CharRNN, Vocabulary, next_character_pairs, train, train_seeds
from charrnn_helpers.cells import CELLS, weights_of_layer
from charrnn_helpers.training import sequence_loss

V = 65  # characters
SIZES = [(128, 32, 64, 60), (512, 64, 128, 8)]  # H, B, T, rounds
GATES = (128, 32, 64, 15)  # the same, for cells with gates
ALPHABETS = (65, 1673)  # of English, and of a Chinese text
SEEDS, EPOCHS = 100, 100
SOURCE = "`nn.RNN`, one-hot, as the source builds it"
TORCH = '`CharRNN(engine="torch")`'
BPTT = '`CharRNN(engine="bptt")`'
SHAPES = "its matrix products alone, in the shapes that it needs"
LIMIT = "its matrix products alone, at the rate of a large one"
LOSS, CLIP_AND_ADAM = "cross-entropy and its gradient", "clipping and Adam"


def report() -> str:
    """Return the tables of a plain RNN, of cells with gates, and of many seeds."""
    return "\n\n".join([plain_tables(), gates_table(), seeds_table()])


def plain_tables() -> str:
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
    with contextlib.ExitStack() as stack:
        if interpreter := peers.python():
            model = CharRNN(V, H)
            work = weights_of_layer(model.recurrent, model.head), inputs, targets
            name, update = stack.enter_context(peers.jax_update(*work, interpreter))
            candidates[f"{name}: jit, scan, optax"] = update
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


def gates_table() -> str:
    """Return the speeds of cells with gates, for a small alphabet and a large one."""
    H, B, T, rounds = GATES
    rows = []
    for cell in ("gru", "lstm"):
        own = []
        for size in ALPHABETS:
            inputs, targets = torch.randint(size, (2, B, T))
            seconds = seconds_of(
                {
                    "source": source_update(H, inputs, targets, size, cell),
                    "own": package_update(H, inputs, targets, "auto", size, cell),
                },
                rounds,
            )
            own.append(f"{seconds['source'] / seconds['own']:.2f} ×")
        rows.append([f"`CharRNN`, {cell.upper()}", *own])
    heading = [f"an update against `torch.nn`, one-hot; H {H}, B {B}, T {T}"]
    return table([*heading, *(f"{size:,} characters" for size in ALPHABETS)], rows)


def seeds_table() -> str:
    """Return how much faster many seeds of the source's run are together than one by one."""
    texts = ["hey how are you", "good i am fine", "have a nice day"]
    vocabulary = Vocabulary.from_texts(texts)
    pairs = next_character_pairs(texts, vocabulary)

    def make() -> CharRNN:
        return CharRNN(len(vocabulary), 12)

    seconds = seconds_of(
        {
            "one": lambda: train(make(), *pairs, epochs=EPOCHS),
            "all": lambda: train_seeds(make, range(SEEDS), *pairs, epochs=EPOCHS),
        },
        rounds=5,
    )
    ratio = SEEDS * seconds["one"] / seconds["all"]
    heading = [f"the source's run, {SEEDS} seeds", "`train`, one by one", "`train_seeds`"]
    times = [f"{SEEDS * seconds['one']:.1f} s", f"{seconds['all']:.2f} s, {ratio:.0f} ×"]
    return table(heading, [[f"{EPOCHS} epochs", *times]])


def source_update(
    H: int, inputs: torch.Tensor, targets: torch.Tensor, size: int = V, cell: str = "rnn"
) -> Callable[[], object]:
    """Return one update as in the notebook that the book grew from; `size` characters."""
    rnn, head = CELLS[cell].layer(size, H, batch_first=True), nn.Linear(H, size)
    optimizer = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=1e-3)
    loss_of = nn.CrossEntropyLoss()

    def update():
        optimizer.zero_grad()
        x = nn.functional.one_hot(inputs, size).float()
        h, _ = rnn(x)
        loss = loss_of(head(h.reshape(-1, H)), targets.flatten())
        loss.backward()
        optimizer.step()
        return loss.item()

    return update


def package_update(
    H: int,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    engine: str,
    size: int = V,
    cell: str = "rnn",
) -> Callable[[], object]:
    """Return one update as `longtext.training` makes it, clipping included."""
    model = CharRNN(size, H, cell, engine)
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
