"""The derived way back is autograd's and that of finite differences, and the ledger adds up."""

import re

import pytest
import torch

from charrnn_helpers.bptt import (
    Trace,
    backward,
    by_distance,
    cross_entropy_gradient,
    entry_norms,
    entry_shares,
    forward,
    gradient_ledger,
    kept_by,
    step_backward,
    total,
)
from charrnn_helpers.cells import CELLS, make_weights, unroll

KINDS = ["rnn", "relu", "identity", "gru", "lstm"]  # relu and identity: of an RNN
T, B, D, H, OUTPUTS = 7, 3, 2, 4, 5


def cell_of(kind):
    """The cell of a kind, and the options of its step."""
    return ("rnn", {"activation": kind}) if kind in ("relu", "identity") else (kind, {})


def draw(kind, seed=0, dtype=torch.float64):
    """A run, and any derivative of any loss by its outputs."""
    cell, options = cell_of(kind)
    generator = torch.Generator().manual_seed(seed)
    weights = make_weights(cell, D, H, OUTPUTS, generator, dtype)
    weights = {name: 1.5 * w for name, w in weights.items()}
    x = torch.randn(T, B, D, generator=generator, dtype=dtype)
    h, c = 0.5 * torch.randn(2, B, H, generator=generator, dtype=dtype)
    do = torch.randn(T, B, OUTPUTS, generator=generator, dtype=dtype)
    state = (h, c) if cell == "lstm" else (h,)
    return forward(cell, weights, x, state, **options), do


def close(measured, expected, tolerance=1e-12):
    torch.testing.assert_close(measured, expected, rtol=0, atol=tolerance)


def loss_of(trace, weights, do, chunk=None):
    """Σ_t do_t · o_t, whose derivative by o is do, with the state detached every chunk steps."""
    state, loss = trace.states[0], 0
    for t, x_t in enumerate(trace.x):
        if chunk and t % chunk == 0:
            state = tuple(part.detach() for part in state)
        state = CELLS[trace.cell].step(weights, x_t, state, **trace.options)
        loss += (do[t] * (state[0] @ weights["W_ho"].T + weights["b_o"])).sum()
    return loss


def autograd(trace, do, chunk=None):
    weights = {name: w.clone().requires_grad_() for name, w in trace.weights.items()}
    loss_of(trace, weights, do, chunk).backward()
    return {name: w.grad for name, w in weights.items()}


# --- the forward pass ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_trace_holds_the_states_and_outputs_of_unroll(kind, dtype):
    trace, do = draw(kind, dtype=dtype)
    h, last = unroll(trace.cell, trace.weights, trace.x, trace.states[0], **trace.options)
    assert trace.h.shape == (T + 1, B, H)
    close(trace.h[1:], h, 0)
    for part, same in zip(trace.states[-1], last, strict=True):
        close(part, same, 0)
    close(trace.o, h @ trace.weights["W_ho"].T + trace.weights["b_o"], 0)
    results = [*backward(trace, do).values(), *gradient_ledger(trace, do).values(), trace.o]
    assert {result.dtype for result in results} == {dtype}


def test_a_trace_starts_at_zero_and_prints_short():
    trace = forward("lstm", make_weights("lstm", D, H, OUTPUTS), torch.zeros(2, B, D))
    assert not trace.h[0].any()
    assert repr(trace) == "Trace(cell='lstm', options={})"


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_is_handed_in_is_changed(kind):
    trace, do = draw(kind)
    given = [*trace.weights.values(), trace.x, do, trace.o, trace.h]
    given += [part for state in trace.states for part in state]
    before = [tensor.clone() for tensor in given]
    for function in (backward, gradient_ledger):
        function(trace, do)
    backward(trace, do, chunk=2)
    for now, then in zip(given, before, strict=True):
        close(now, then, 0)


# --- one step back -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_one_step_back_is_autograds(kind, seed):
    trace, _ = draw(kind, seed)
    t = seed + 1
    weights = dict(trace.weights)
    before = [part.clone().requires_grad_() for part in trace.states[t]]
    # Zeros that are added to the biases stand for what the input and the state give to the gates
    rows = len(weights["b_xh"])
    gives = [torch.zeros(B, rows, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    weights["b_xh"], weights["b_hh"] = weights["b_xh"] + gives[0], weights["b_hh"] + gives[1]
    after = CELLS[trace.cell].step(weights, trace.x[t], tuple(before), **trace.options)
    dafter = [torch.randn(2, 6, *part.shape, dtype=torch.float64) for part in after]
    da_x, da_h, dbefore = step_backward(trace, t, tuple(dafter))
    assert isinstance(dbefore, tuple)
    assert da_x.shape == da_h.shape == (2, 6, B, rows)
    for m in range(2):
        for n in range(6):  # leading dimensions: so many gradients at once
            expected = torch.autograd.grad(
                after, [*gives, *before], [d[m, n] for d in dafter], retain_graph=True
            )
            measured = (da_x, da_h, *dbefore)
            for ours, theirs in zip(measured, expected, strict=True):
                close(ours[m, n], theirs)


# --- the whole way -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("chunk", [None, 1, 2, 3, T, T + 5])
def test_backward_is_autograd_through_a_loop_that_detaches(kind, seed, chunk):
    trace, do = draw(kind, seed)
    measured, expected = backward(trace, do, chunk), autograd(trace, do, chunk)
    assert measured.keys() == expected.keys()
    for name in expected:
        close(measured[name], expected[name])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(2))
def test_backward_is_the_slope_between_two_points_close_by(kind, seed):
    trace, do = draw(kind, seed)
    step = 1e-6  # small enough that no unit of a ReLU crosses zero
    for name, grad in backward(trace, do).items():
        for place in range(grad.numel()):
            nudge = torch.zeros_like(grad)
            nudge.view(-1)[place] = step
            up, down = (
                loss_of(trace, trace.weights | {name: trace.weights[name] + sign * nudge}, do)
                for sign in (1, -1)
            )
            close((up - down) / (2 * step), grad.view(-1)[place], 2e-7)


@pytest.mark.parametrize("seed", range(3))
def test_the_gradient_of_the_cross_entropy_is_autograds(seed):
    generator = torch.Generator().manual_seed(seed)
    o = 5 * torch.randn(T, B, 6, generator=generator, dtype=torch.float64)
    targets = torch.randint(6, (T, B), generator=generator)
    leaf = o.clone().requires_grad_()
    torch.nn.functional.cross_entropy(leaf.flatten(0, 1), targets.flatten()).backward()
    close(cross_entropy_gradient(o, targets), leaf.grad)
    assert cross_entropy_gradient(o.float(), targets).dtype == torch.float32


# --- the ledger ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_the_ledger_adds_up_to_the_gradient(kind, seed):
    trace, do = draw(kind, seed)
    expected = autograd(trace, do)
    later = torch.ones(T, T).triu(1).bool()  # a use after the loss contributes nothing
    for name, entries in gradient_ledger(trace, do).items():
        assert entries.shape == (T, T, *trace.weights[name].shape)
        close(total(entries), expected[name])
        assert not entries[later].any()
        shares = entry_shares(entries)
        assert shares.shape == entry_norms(entries).shape == (T, T)
        assert shares.sum().item() == pytest.approx(1, abs=1e-12)
        assert by_distance(shares).sum().item() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(2))
def test_every_entry_is_the_gradient_by_a_copy_of_the_weight_for_one_step(kind, seed):
    trace, do = draw(kind, seed)
    copies = [{n: w.clone().requires_grad_() for n, w in trace.weights.items()} for _ in range(T)]
    ledger, state = gradient_ledger(trace, do), trace.states[0]
    for i, copy in enumerate(copies):
        state = CELLS[trace.cell].step(copy, trace.x[i], state, **trace.options)
        loss = (do[i] * (state[0] @ copy["W_ho"].T + copy["b_o"])).sum()
        for name in copy:
            by_use = torch.autograd.grad(
                *(loss, [copy[name] for copy in copies]),
                retain_graph=True,
                allow_unused=True,
                materialize_grads=True,
            )
            close(ledger[name][i], torch.stack(by_use))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chunk", [1, 2, 3, T, T + 5])
def test_the_entries_kept_by_chunks_are_the_truncated_gradient(kind, chunk):
    trace, do = draw(kind)
    ledger, truncated = gradient_ledger(trace, do), backward(trace, do, chunk)
    for name in ledger:
        close(total(ledger[name], kept_by(T, chunk=chunk)), truncated[name])


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("horizon", [1, 3, T])
def test_the_entries_kept_by_a_horizon_are_each_losss_own_last_steps(cell, horizon):
    trace, do = draw(cell)
    expected = {name: torch.zeros_like(w) for name, w in trace.weights.items()}
    for i in range(T):
        start = max(0, i + 1 - horizon)  # one loss, from a state that came without its past
        part = forward(cell, trace.weights, trace.x[start : i + 1], trace.states[start])
        last = torch.zeros_like(part.o)
        last[-1] = do[i]
        for name, grad in backward(part, last).items():
            expected[name] += grad
    for name, entries in gradient_ledger(trace, do).items():
        close(total(entries, kept_by(T, horizon=horizon)), expected[name])


def test_what_a_horizon_and_chunks_keep():
    assert kept_by(4, horizon=2).int().tolist() == [
        [1, 0, 0, 0],
        [1, 1, 0, 0],
        [0, 1, 1, 0],
        [0, 0, 1, 1],
    ]
    assert kept_by(4, chunk=3).int().tolist() == [
        [1, 0, 0, 0],
        [1, 1, 0, 0],
        [1, 1, 1, 0],
        [0, 0, 0, 1],
    ]
    assert torch.equal(kept_by(5, horizon=9), torch.ones(5, 5).tril().bool())
    assert torch.equal(kept_by(5, chunk=5), kept_by(5, horizon=5))


def test_tables_over_distances():
    table = torch.tensor([[1.0, 9, 9], [2, 3, 9], [4, 5, 6]])
    assert by_distance(table).tolist() == [10, 7, 4]
    entries = torch.zeros(2, 2, 1, 2)
    entries[0, 0], entries[1, 0], entries[1, 1] = (
        torch.tensor([[3.0, 4.0]]),
        torch.tensor([[0.0, -2.0]]),
        torch.tensor([[1.0, 0.0]]),
    )
    assert total(entries).tolist() == [[4, 2]]
    assert total(entries, kept_by(2, horizon=1)).tolist() == [[4, 4]]
    assert entry_norms(entries).tolist() == [[5, 0], [2, 1]]
    torch.testing.assert_close(entry_shares(entries), torch.tensor([[20, 0], [-4, 4]]) / 20)


def test_shares_of_no_gradient_are_none():
    trace, do = draw("gru")
    ledger = gradient_ledger(trace, torch.zeros_like(do))
    assert not entry_shares(ledger["W_hh"]).any()


# --- what is refused -----------------------------------------------------------------------------


def test_a_network_without_outputs_has_no_loss():
    with pytest.raises(ValueError, match="weights lack W_ho and b_o"):
        forward("rnn", make_weights("rnn", D, H), torch.zeros(T, B, D))


def test_forward_checks_what_unroll_checks():
    weights = make_weights("rnn", D, H, OUTPUTS)
    with pytest.raises(ValueError, match=re.escape("x must be of shape (T, B, 2), not (3, 2)")):
        forward("rnn", weights, torch.zeros(B, D))
    with pytest.raises(ValueError, match=re.escape("state must be of shape (B, H) = (3, 4)")):
        forward("rnn", weights, torch.zeros(T, B, D), (torch.zeros(1, B, H),))
    with pytest.raises(TypeError, match=re.escape("of an RNN must be a tuple (h,), not Tensor")):
        forward("rnn", weights, torch.zeros(T, B, D), torch.zeros(B, H))
    with pytest.raises(ValueError, match="activation must be one of"):
        forward("rnn", weights, torch.zeros(T, B, D), activation="softmax")


@pytest.mark.parametrize("kind", KINDS)
def test_derivatives_by_a_state_are_tuples_as_it_is(kind):
    trace, _ = draw(kind)
    with pytest.raises(TypeError, match=r"must be a tuple \(h(, c)?,?\), not Tensor"):
        step_backward(trace, 0, torch.zeros(1, H))  # one row: it would unpack
    with pytest.raises(TypeError, match=r"must be a tuple \(h(, c)?,?\), not one of 3"):
        step_backward(trace, 0, (torch.zeros(1, H),) * 3)


@pytest.mark.parametrize("function", [backward, gradient_ledger])
def test_a_derivative_by_the_outputs_that_does_not_fit(function):
    trace, do = draw("rnn")
    message = "do must have the outputs' shape (T, B, O) = (7, 3, 5), not (6, 3, 5)"
    with pytest.raises(ValueError, match=re.escape(message)):
        function(trace, do[1:])
    with pytest.raises(TypeError, match=re.escape("do must be a tensor (T, B, O) = (7, 3, 5)")):
        function(trace, 1.0)
    with pytest.raises(TypeError, match=r"do is torch\.float32 but the outputs are torch\.float64"):
        function(trace, do.float())


@pytest.mark.parametrize("steps", [0, -1, 2.0, True, "2"])
def test_horizons_are_whole_numbers_of_one_or_more(steps):
    trace, do = draw("rnn")
    message = f"must be a whole number of 1 or more, not {re.escape(repr(steps))}"
    with pytest.raises(ValueError, match=f"chunk {message}"):
        backward(trace, do, chunk=steps)
    with pytest.raises(ValueError, match=f"chunk {message}"):
        kept_by(T, chunk=steps)
    with pytest.raises(ValueError, match=f"horizon {message}"):
        kept_by(T, horizon=steps)
    with pytest.raises(ValueError, match=f"T {message}"):
        kept_by(steps, horizon=1)


def test_truncation_is_by_a_horizon_or_by_chunks():
    for both_or_none in ({}, {"horizon": 2, "chunk": 2}):
        with pytest.raises(ValueError, match="give either a horizon or a chunk"):
            kept_by(T, **both_or_none)


@pytest.mark.parametrize(
    ("targets", "error", "message"),
    [
        ([1], TypeError, "targets must be a tensor of integers, not list"),
        (torch.zeros(T, B), TypeError, "targets must be integers, not torch.float32"),
        (torch.full((T, B), 5), ValueError, "targets must lie from 0 to 4; found 5"),
        (torch.zeros(T).long(), ValueError, "targets must be of shape (T, B) = (7, 3), not (7,)"),
        (torch.zeros(B, T).long(), ValueError, "of shape (T, B) = (7, 3), not (3, 7)"),
    ],
)
def test_targets_that_do_not_fit(targets, error, message):
    with pytest.raises(error, match=re.escape(message)):
        cross_entropy_gradient(torch.zeros(T, B, OUTPUTS), targets)


def test_a_trace_cannot_be_changed():
    trace, _ = draw("rnn")
    assert isinstance(trace, Trace)
    with pytest.raises(AttributeError):
        trace.cell = "gru"
