"""Fit a network to pairs of inputs and targets; and what every training loop does alike.

There are three loops: `train` here, `fit` in `minibatches`, `StreamTraining` in `longtext`. Each
makes its updates by `update`, in the mode of `training_mode`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import nn

from charrnn_helpers.batches import check_integers
from charrnn_helpers.checks import check_positive, check_positive_number
from charrnn_helpers.progress import interruptible, progress_bar
from charrnn_helpers.seeds import are_plain, bptt_of_all_seeds


@dataclass
class History:
    """What a run of training left behind.

    Attributes:
        losses: The mean loss of each epoch in nats, measured before the epoch's update.
        epochs: How many epochs were asked for.
        lr: The learning rate.
        interrupted: Whether Ctrl-C ended the run before its last epoch.
    """

    epochs: int
    lr: float
    losses: list[float] = field(default_factory=list, repr=False)
    interrupted: bool = False

    def __len__(self) -> int:
        return len(self.losses)


def pick_device(say: Callable[[str], None] = print) -> torch.device:
    """Return the GPU if there is one, else the CPU, and say which.

    Apple's GPUs have no float64, so they are passed over while that is torch's default type.
    """
    gpu = torch.accelerator.current_accelerator(check_available=True)
    if gpu is None:
        say("GPU not available, CPU used")
    elif gpu.type == "mps" and torch.get_default_dtype() == torch.float64:
        say("GPU available, but it has no float64: CPU used")
    else:
        say(f"GPU is available ({gpu.type})")
        return gpu
    return torch.device("cpu")


def sequence_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy in nats, the mean over all sequences and time steps.

    Args:
        logits: `(B, T, V)`.
        targets: Integers `(B, T)`.
    """
    return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten().long())


@contextmanager
def training_mode(model: nn.Module) -> Iterator[None]:
    """Put a model in training mode, with dropout at work; afterwards it is as it is to be used."""
    model.train()
    try:
        yield
    finally:
        model.eval()


def update(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss: torch.Tensor,
    when: str,
    lr: float,
    *,
    clip: float = math.inf,
    mean: Callable[[float], float] = float,
) -> float:
    """Change the weights against the gradient of a loss, by one step of the optimizer.

    Args:
        model: Changed in place.
        optimizer: Of the model's weights.
        loss: One number that was computed from the model.
        when: For the error: in which epoch, after which update.
        lr: The highest learning rate of the run, for the error.
        clip: The longest gradient that is taken as it is; a longer one is shortened to it
            (Pascanu et al. 2013).
        mean: Turns the loss of this process into that of all; where there is one it is the same.

    Returns:
        The loss.

    Raises:
        ValueError: If the loss or its gradient is not finite; the weights are then as before.
    """
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), clip)
    number = mean(loss.item())
    check_finite("the loss", number, when, lr)
    check_finite("the gradient's length", norm.item(), when, lr)
    optimizer.step()
    return number


def check_finite(name: str, number: float, when: str, lr: float) -> None:
    """Raise a plain error, the same for every training loop, unless this number is finite."""
    if not math.isfinite(number):
        raise ValueError(
            f"{name} is {number} {when}: training diverged, so begin anew with a learning rate "
            f"below {lr:g}, or look for such numbers in the data"
        )


def train(
    model: nn.Module,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    epochs: int = 100,
    lr: float = 0.01,
    log_every: int | None = None,
) -> History:
    """Fit the model, each epoch one step of Adam (Kingma & Ba 2015) on the whole batch.

    Ctrl-C ends the run after the current epoch; the model keeps what it has learned. A progress
    bar shows while somebody is watching: in a terminal and in a live notebook.

    Args:
        model: Maps inputs to `(logits, state)`, as `CharRNN` does. Trained in place.
        inputs: Integers `(B, T)` (or one-hot `(B, T, V)`).
        targets: Integers `(B, T)`, the character that follows each input.
        epochs: How many times to go through the batch.
        lr: Learning rate.
        log_every: Print the loss every so many epochs; never if not given.

    Returns:
        The losses, one an epoch.

    Raises:
        TypeError, ValueError: If an argument has another type, shape or range, or if the loss or
            its gradient is no longer finite; the model then keeps its last finite weights.
    """
    _check_run(inputs, targets, epochs, lr, log_every)
    check_integers(targets, getattr(model, "vocabulary_size", sys.maxsize), "targets")
    device = next(model.parameters()).device
    inputs, targets = inputs.to(device), targets.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = History(epochs, lr)
    with training_mode(model), interruptible() as interrupted, progress_bar(epochs) as bar:
        for epoch in range(1, epochs + 1):
            logits, _ = model(inputs)
            loss = sequence_loss(logits, targets)
            history.losses.append(update(model, optimizer, loss, f"in epoch {epoch}", lr))
            bar.set_postfix(loss=f"{history.losses[-1]:.4f}", refresh=False)
            bar.update()
            if log_every and epoch % log_every == 0:
                bar.write(f"Epoch: {epoch}/{epochs}............. Loss: {history.losses[-1]:.4f}")
            if interrupted.is_set():
                history.interrupted = epoch < epochs
                bar.write(f"Stopped after epoch {epoch} of {epochs}; the model keeps what it has.")
                break
    return history


def train_seeds(
    make_model: Callable[[], nn.Module],
    seeds: Iterable[int],
    inputs: torch.Tensor,
    targets: torch.Tensor,
    epochs: int = 100,
    lr: float = 0.01,
) -> tuple[torch.Tensor, list[nn.Module]]:
    """Train one model from each seed, all at the same time.

    The models' weights are stacked along a seed dimension. Every step of Adam treats each weight by
    itself, so each model takes the very steps that it would take alone (with dropout, steps of the
    same kind). That is much faster than one after another. The gradients of plain RNNs come from
    `seeds`, those of all other models from `torch.func.vmap`.

    Args:
        make_model: Builds a model with random initial weights, on the CPU; called once a seed.
        seeds: S seeds.
        inputs: As for `train`.
        targets: As for `train`.
        epochs: As for `train`.
        lr: As for `train`.

    Returns:
        `(losses, models)`: losses `(S, epochs)` in nats, and the S trained models.

    Raises:
        TypeError, ValueError: As `train` does, the seed named too, and if there is no seed.
    """
    _check_run(inputs, targets, epochs, lr, None)
    targets = targets.to(inputs.device)
    seeds = list(seeds)
    models = [_seeded(make_model, seed) for seed in seeds]
    if not models:
        raise ValueError("seeds is empty: give at least one seed")
    check_integers(targets, getattr(models[0], "vocabulary_size", sys.maxsize), "targets")
    stacked, _ = torch.func.stack_module_state(models)
    # Each weight is now a tensor of shape (S, …), with all seeds' values of it.
    weights = {name: w.detach().to(inputs.device) for name, w in stacked.items()}
    learned = [weights[name] for name, w in stacked.items() if w.requires_grad]
    optimizer = torch.optim.Adam(learned, lr=lr)

    def loss_of(own_weights: dict[str, torch.Tensor]) -> torch.Tensor:
        logits, _ = torch.func.functional_call(models[0], own_weights, (inputs,))
        return sequence_loss(logits, targets)

    if are_plain(models, inputs):
        gradients_and_losses = partial(bptt_of_all_seeds, inputs=inputs, targets=targets)
    else:
        gradients_and_losses = _mapped(loss_of)
    losses = []
    for epoch in range(1, epochs + 1):
        gradients, seed_losses = gradients_and_losses(weights)
        _check_seeds_finite(seeds, seed_losses, gradients, epoch, lr)
        for name, weight in weights.items():
            weight.grad = gradients[name]
        optimizer.step()
        losses.append(seed_losses)
    for s, model in enumerate(models):
        for name, weight in model.named_parameters():
            weight.data.copy_(weights[name][s])
        model.eval()
    return torch.stack(losses, dim=1), models


def _mapped(loss_of: Callable) -> Callable:
    """Return what gives the gradients and losses of all seeds, from weights with S in front."""
    gradients_and_losses = torch.func.vmap(
        torch.func.grad_and_value(loss_of), randomness="different"
    )
    without = torch.backends.mkldnn.flags  # vmap has no rule for the LSTM of oneDNN
    kept = {"allow_tf32": None, "fp32_precision": None}
    return without(enabled=False, **kept)(gradients_and_losses)


def _check_seeds_finite(seeds, losses, gradients, epoch, lr) -> None:
    """Raise the error of `train`, for the first seed whose loss or gradient is not finite."""
    length = nn.utils.get_total_norm(gradients.values())
    if losses.isfinite().all() and length.isfinite():
        return
    for s, seed in enumerate(seeds):
        when = f"in epoch {epoch} with seed {seed}"
        own = nn.utils.get_total_norm([gradient[s] for gradient in gradients.values()])
        check_finite("the loss", losses[s].item(), when, lr)
        check_finite("the gradient's length", own.item(), when, lr)


def _seeded(make_model: Callable[[], nn.Module], seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make_model().train()


def _check_run(inputs, targets, epochs, lr, log_every) -> None:
    check_integers(targets, sys.maxsize, "targets")
    if targets.dim() != 2:
        raise ValueError(f"targets must be of shape (B, T), not {tuple(targets.shape)}")
    if not isinstance(inputs, torch.Tensor):
        raise TypeError(f"inputs must be a tensor, not {type(inputs).__name__}")
    if inputs.shape[:2] != targets.shape:
        raise ValueError(
            f"inputs and targets must agree in (B, T), "
            f"but inputs are {tuple(inputs.shape)} and targets {tuple(targets.shape)}"
        )
    for name, number in [("epochs", epochs), ("log_every", log_every)]:
        if number is None and name == "log_every":
            continue
        check_positive(name, number)
    check_positive_number("lr", lr)
