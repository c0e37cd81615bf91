"""Fit a network to many examples, a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn

from charrnn_helpers.checks import check_positive, check_positive_number, check_whole
from charrnn_helpers.progress import interruptible, progress_bar
from charrnn_helpers.tokens import IGNORE
from charrnn_helpers.training import History, training_mode, update


def masked_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean cross-entropy in nats over all targets but those that are `IGNORE`.

    Args:
        logits: `(…, C)`.
        targets: Integers `(…)`, from 0 to C - 1, or `IGNORE`.
    """
    return nn.functional.cross_entropy(
        logits.flatten(end_dim=-2), targets.flatten(), ignore_index=IGNORE
    )


def masked_accuracy(logits: torch.Tensor, targets: torch.Tensor) -> float:
    """Return the share of targets, but those that are `IGNORE`, which have the highest logit."""
    counts = targets != IGNORE
    return (logits.argmax(dim=-1) == targets)[counts].double().mean().item()


def fit(
    model: nn.Module,
    examples: Sequence[torch.Tensor],
    loss_of: Callable[..., torch.Tensor],
    epochs: int,
    lr: float,
    batch_size: int = 64,
    seed: int = 0,
    clip: float = 1.0,
) -> History:
    """Fit the model in place, each epoch once through all examples in a new random order.

    Adam (Kingma & Ba 2015); the learning rate rises to `lr` and falls again over the whole run
    (Smith & Topin 2019; a run of a single step takes it at `lr`), and a gradient longer than `clip`
    is shortened to it (Pascanu et al. 2013). Ctrl-C ends the run after the current batch; the model
    keeps what it has learned.

    Args:
        model: Any module.
        examples: Tensors, on any device, whose first axis is that of the N examples: inputs,
            lengths, targets.
        loss_of: Maps the model and a batch, cut from each of the tensors, to the mean loss.
        epochs: How many times to go through the examples.
        lr: The highest learning rate.
        batch_size: How many examples count for one step; the last step of an epoch may have less.
        seed: Of the order of the examples; the initial weights are the model's own.
        clip: The longest gradient that is taken as it is.

    Returns:
        The mean loss of each whole epoch, measured while the weights change.

    Raises:
        ValueError: If a number is out of its range, the tensors differ in N, or the loss or
            its gradient is no longer finite; the model then keeps its last finite weights.
    """
    N = _checked_count(examples)
    for name, number in [("epochs", epochs), ("batch_size", batch_size)]:
        check_positive(name, number)
    for name, number in [("lr", lr), ("clip", clip)]:
        check_positive_number(name, number)
    check_whole("seed", seed, most=2**63 - 1)
    device = next(model.parameters()).device
    order = torch.Generator().manual_seed(int(seed))
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    steps = epochs * -(-N // batch_size)
    # A cycle of one step would be its own end, where next to nothing is left of the rate.
    schedule = steps > 1 and torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, steps)
    history = History(epochs, lr)
    with training_mode(model), interruptible() as interrupted, progress_bar(epochs) as bar:
        for epoch in range(1, epochs + 1):
            total = 0.0
            for batch in torch.randperm(N, generator=order).split(batch_size):
                loss = loss_of(model, *(tensor[batch].to(device) for tensor in examples))
                number = update(model, optimizer, loss, f"in epoch {epoch}", lr, clip=clip)
                if schedule:
                    schedule.step()
                total += number * len(batch)
                if interrupted.is_set():
                    history.interrupted = True
                    bar.write(f"Stopped in epoch {epoch} of {epochs}; the model keeps what it has.")
                    return history
            history.losses.append(total / N)
            bar.set_postfix(loss=f"{history.losses[-1]:.4f}", refresh=False)
            bar.update()
    return history


def _checked_count(examples: Sequence[torch.Tensor]) -> int:
    counts = [len(tensor) for tensor in examples]
    if not counts or counts[0] == 0:
        raise ValueError("there are no examples")
    if len(set(counts)) > 1:
        raise ValueError(f"each tensor must hold every example, but they hold {counts}")
    return counts[0]
