"""Backpropagation through time, as the book derives it (Werbos 1990), and the gradient ledger.

The total loss is a sum over time steps, L = L_1 + … + L_T, and L_t depends on the weights through
o_t alone. What the loss is stays open: a caller hands in `do`, its derivative by every output.

A weight is used once at every time step. ∂⁺ stands for an immediate partial derivative: through
that one use, with the state that came in held fixed. Adding ∂⁺ up over all uses gives the gradient;
the ledger keeps the single entries.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch

from charrnn_helpers.batches import check_integers
from charrnn_helpers.cells import CELLS, check_parts, check_run, initial_state
from charrnn_helpers.checks import check_positive, check_tensor
from charrnn_helpers.steps import State, Weights
from charrnn_helpers.steps_backward import by_autograd


@dataclass(frozen=True)
class Trace:
    """What the forward pass leaves for the way back.

    Attributes:
        cell: "rnn", "gru" or "lstm".
        weights: The layer's and the head's, see `steps`.
        x: x_1 … x_T, `(T, B, D)`.
        states: T + 1 states, from h_0 to h_T: `states[t]` is the state after t inputs.
        o: o_1 … o_T, `(T, B, O)`.
        options: Of the step: `activation` for an RNN.
    """

    cell: str
    weights: Weights = field(repr=False)
    x: torch.Tensor = field(repr=False)
    states: list[State] = field(repr=False)
    o: torch.Tensor = field(repr=False)
    options: dict = field(default_factory=dict)

    @property
    def h(self) -> torch.Tensor:
        """h_0 … h_T, `(T + 1, B, H)`."""
        return torch.stack([h for h, *_ in self.states])


def step_backward(trace: Trace, t: int, dstate: State):
    """Go back over time step t, counted from 0: from the state `states[t + 1]` to `states[t]`.

    Args:
        trace: Of the forward pass.
        t: 0 … T - 1.
        dstate: ∂L/∂(state after), a tuple as the state is, each part `(…, B, H)`.

    Returns:
        `(da_x, da_h, dstate)`: the derivatives by what the input and what the state gave to the
        gates, `(…, B, G·H)`, and ∂L/∂(state before), again a tuple.

    Raises:
        TypeError: If `dstate` is no such tuple.
    """
    check_parts(trace.cell, dstate)
    cell = CELLS[trace.cell]
    undo = cell.step_backward or by_autograd(cell.step)
    before = trace.states[t]
    da_x, da_h, past = undo(trace.weights, trace.x[t], before, dstate, **trace.options)
    through = da_h @ trace.weights["W_hh"]  # W_hhᵀ da, a batch in rows
    dh, *others = past
    return da_x, da_h, (dh + through, *others)


# --- the whole way -------------------------------------------------------------------------------


def forward(
    cell: str, weights: Weights, x: torch.Tensor, state: State | None = None, **options
) -> Trace:
    """Run the network over T time steps and keep what the way back needs.

    Args:
        cell: "rnn", "gru" or "lstm".
        weights: With W_ho and b_o.
        x: x_1 … x_T, `(T, B, D)`.
        state: The state before x_1; h_0 = 0 if not given.
        **options: Passed on to the step: `activation` for an RNN.

    Returns:
        The states and outputs of every time step, with what they were made from.

    Raises:
        TypeError, ValueError: If the cell is unknown, or a shape or a dtype does not fit.
    """
    check_run(cell, weights, x, state, **options)
    if "W_ho" not in weights or "b_o" not in weights:
        raise ValueError("weights lack W_ho and b_o, and so have no output to put a loss on")
    states = [initial_state(cell, weights, x.shape[1]) if state is None else state]
    for x_t in x:
        states.append(CELLS[cell].step(weights, x_t, states[-1], **options))
    h = torch.stack([h for h, *_ in states[1:]])
    return Trace(cell, weights, x, states, h @ weights["W_ho"].T + weights["b_o"], options)


def backward(trace: Trace, do: torch.Tensor, chunk: int | None = None) -> Weights:
    """Backpropagate through time.

    Args:
        trace: Of the forward pass.
        do: ∂L_t/∂o_t for every time step, `(T, B, O)`.
        chunk: Cut the way back after every so many steps, as `detach` between chunks does; the
            whole way if not given.

    Returns:
        ∂L/∂W for every weight, under its name and in its shape.

    Raises:
        TypeError, ValueError: If `do` has another dtype or shape than `trace.o`, or chunk is not
            positive.
    """
    _check_do(trace, do)
    if chunk is not None:
        check_positive("chunk", chunk)
    h, W_ho = trace.h, trace.weights["W_ho"]
    grads = {name: torch.zeros_like(weight) for name, weight in trace.weights.items()}
    dstate = initial_state(trace.cell, trace.weights, trace.x.shape[1])
    for t in reversed(range(len(trace.x))):
        if chunk and (t + 1) % chunk == 0:  # the state after t was detached
            dstate = initial_state(trace.cell, trace.weights, trace.x.shape[1])
        dh, *others = dstate
        dstate = (dh + do[t] @ W_ho, *others)  # L_t has its say from here on back
        da_x, da_h, dstate = step_backward(trace, t, dstate)
        grads["W_ho"] += do[t].T @ h[t + 1]
        grads["b_o"] += do[t].sum(0)
        grads["W_xh"] += da_x.T @ trace.x[t]
        grads["b_xh"] += da_x.sum(0)
        grads["W_hh"] += da_h.T @ h[t]
        grads["b_hh"] += da_h.sum(0)
    return grads


def cross_entropy_gradient(o: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return ∂L/∂o for the mean cross-entropy: (softmax(o) - one-hot target) / (T·B).

    Args:
        o: Logits `(T, B, V)`.
        targets: Integers from 0 to V - 1, `(T, B)`.

    Returns:
        `(T, B, V)`.

    Raises:
        TypeError, ValueError: If `targets` are no such integers, or of another shape.
    """
    check_integers(targets, o.shape[-1], "targets")
    if targets.shape != o.shape[:-1]:
        wanted, found = tuple(o.shape[:-1]), tuple(targets.shape)
        raise ValueError(f"targets must be of shape (T, B) = {wanted}, not {found}")
    one_hot = torch.nn.functional.one_hot(targets.long(), o.shape[-1])
    return (o.softmax(-1) - one_hot) / targets.numel()


# --- the ledger ----------------------------------------------------------------------------------


def gradient_ledger(trace: Trace, do: torch.Tensor) -> Weights:
    """Enter, for each loss and each use of a weight, what the one contributes to the other.

    Args:
        trace: Of the forward pass.
        do: ∂L_t/∂o_t for every time step, `(T, B, O)`.

    Returns:
        For every weight, `(T, T, …)`, … being the weight's shape: entry [i, j] is the part of
        ∂L_i/∂W that comes through the use of W at time step j; zero for j > i. The sum over both
        is the gradient.

    Raises:
        TypeError, ValueError: If `do` has another dtype or shape than `trace.o`.
    """
    _check_do(trace, do)
    h, (T, B) = trace.h, trace.x.shape[:2]
    ledger = {name: w.new_zeros(T, T, *w.shape) for name, w in trace.weights.items()}
    dstate = initial_state(trace.cell, trace.weights, T * B)
    dstate = tuple(part.unflatten(0, (T, B)) for part in dstate)  # row i: ∂L_i/∂(state), (T, B, H)
    for j in reversed(range(T)):
        dh, *others = dstate
        enters = torch.zeros_like(dh)
        enters[j] = do[j] @ trace.weights["W_ho"]  # L_j has its say from here on back
        da_x, da_h, dstate = step_backward(trace, j, (dh + enters, *others))
        ledger["W_xh"][:, j] = torch.einsum("ibg,bd->igd", da_x, trace.x[j])
        ledger["b_xh"][:, j] = da_x.sum(1)
        ledger["W_hh"][:, j] = torch.einsum("ibg,bh->igh", da_h, h[j])
        ledger["b_hh"][:, j] = da_h.sum(1)
        ledger["W_ho"][j, j] = do[j].T @ h[j + 1]
        ledger["b_o"][j, j] = do[j].sum(0)
    return ledger


def kept_by(T: int, horizon: int | None = None, chunk: int | None = None) -> torch.Tensor:
    """Tell which entries of a ledger truncated backpropagation keeps, `(T, T)`, True or False.

    Args:
        T: Time steps.
        horizon: Each loss reaches back over so many uses, its own included.
        chunk: The way back is cut after every so many time steps, as in `backward`.

    Returns:
        `(T, T)`, True for what is kept; never for j > i.

    Raises:
        ValueError: If neither or both are given, or one is not positive.
    """
    if (horizon is None) == (chunk is None):
        raise ValueError("give either a horizon or a chunk")
    check_positive("T", T)
    name, steps = ("chunk", chunk) if horizon is None else ("horizon", horizon)
    check_positive(name, steps)
    i, j = torch.arange(T)[:, None], torch.arange(T)[None, :]
    return (j <= i) & (i - j < horizon if horizon else i // chunk == j // chunk)


def total(entries: torch.Tensor, kept: torch.Tensor | None = None) -> torch.Tensor:
    """Add up the entries of one weight, `(T, T, …)` to `(…)`: all, or those that are kept."""
    return entries.sum((0, 1)) if kept is None else entries[kept].sum(0)


def entry_norms(entries: torch.Tensor) -> torch.Tensor:
    """Return the size of each entry of one weight, its Frobenius norm: `(T, T, …)` to `(T, T)`."""
    return entries.flatten(2).norm(dim=-1)


def entry_shares(entries: torch.Tensor) -> torch.Tensor:
    """Return each entry's share of the gradient, `(T, T, …)` to `(T, T)`; all together are 1.

    The share is the entry's projection on the whole gradient g, ⟨entry, g⟩ / ⟨g, g⟩. An entry that
    points the other way has a negative share. Of a gradient that is zero, all shares are 0.
    """
    g = total(entries).flatten()
    return torch.where(g @ g > 0, entries.flatten(2) @ g / (g @ g), 0.0)


def by_distance(table: torch.Tensor) -> torch.Tensor:
    """Add up a `(T, T)` table over all pairs of the same distance i - j, 0 … T - 1: `(T,)`."""
    return torch.stack([table.diagonal(-d).sum() for d in range(len(table))])


def _check_do(trace: Trace, do: torch.Tensor) -> None:
    wanted = f"(T, B, O) = {tuple(trace.o.shape)}"
    check_tensor("do", do, wanted, trace.o.dtype, "the outputs are")
    if do.shape != trace.o.shape:
        raise ValueError(f"do must have the outputs' shape {wanted}, not {tuple(do.shape)}")
