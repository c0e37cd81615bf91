"""Backpropagation through time in the page is that of the package, which is autograd's."""

import random

import pytest
import torch

from charrnn_helpers.bptt import (
    backward,
    cross_entropy_gradient,
    entry_norms,
    entry_shares,
    forward,
    gradient_ledger,
    step_backward,
)
from charrnn_helpers.cells import CELLS, make_weights
from charrnn_helpers.diagnostics import step_jacobians

KINDS = ["rnn", "relu", "identity", "gru", "lstm"]  # relu and identity: of an RNN
INPUTS = ["integers", "vectors"]
MODULES = {"bptt": ["nn/bptt.js", "nn/gradient_flows.js"]}


def same(measured, expected, tolerance=1e-9):
    measured = torch.tensor(measured, dtype=torch.float64)
    torch.testing.assert_close(measured, expected.detach(), rtol=0, atol=tolerance)


class Run:
    """The same random network and sequence for Python, `trace` and `do`, and for the page."""

    def __init__(self, kind, inputs, seed, sizes=None):
        self.kind = kind
        self.cell = kind if kind in ("gru", "lstm") else "rnn"
        self.options = {"activation": kind} if kind in ("relu", "identity") else {}
        sizes = sizes or [
            random.Random(f"{kind} {inputs} {seed}").randint(1, n) for n in (12, 8, 7)
        ]
        T, H, D = sizes
        self.V = D if inputs == "integers" else D + 1
        generator = torch.Generator().manual_seed(seed)
        draw = make_weights(self.cell, D, H, self.V, generator, torch.float64)
        self.weights = {name: 1.5 * w for name, w in draw.items()}
        if inputs == "integers":
            xs = torch.randint(D, (T,), generator=generator)
            x = torch.nn.functional.one_hot(xs, D).double()
        else:
            x = xs = torch.randn(T, D, generator=generator, dtype=torch.float64)
        self.do = torch.randn(T, 1, self.V, generator=generator, dtype=torch.float64)
        self.trace = forward(self.cell, self.weights, x.unsqueeze(1), **self.options)
        self.targets = torch.randint(self.V, (T,), generator=generator)
        self.js = {
            "weights": {"cell": self.cell, **self.options}
            | {name: w.tolist() for name, w in self.weights.items()},
            "xs": xs.tolist(),
            "dos": self.do[:, 0].tolist(),
            "targets": self.targets.tolist(),
        }

    def autograd(self):
        weights = {name: w.clone().requires_grad_() for name, w in self.weights.items()}
        o = forward(self.cell, weights, self.trace.x, **self.options).o
        (self.do * o).sum().backward()
        return {name: w.grad for name, w in weights.items()}


@pytest.fixture(params=range(4))
def seed(request):
    return request.param


@pytest.fixture(params=INPUTS)
def inputs(request):
    return request.param


@pytest.fixture(params=KINDS)
def run(request, inputs, seed):
    return Run(request.param, inputs, seed)


def of_state(trace, t, part):
    return trace.states[t]["hc".index(part)][0]


def test_the_trace_holds_the_states_before_and_after(js, run):
    steps = js.evaluate("({ weights, xs }) => pure('trace', weights, xs)", run.js)
    assert len(steps) == len(run.js["xs"])
    for t, step in enumerate(steps):
        assert step["x"] == run.js["xs"][t]
        assert ("c" in step["after"]) == (run.cell == "lstm")
        for part in step["after"]:
            same(step["before"][part], of_state(run.trace, t, part))
            same(step["after"][part], of_state(run.trace, t + 1, part))


def test_one_step_back(js, run):
    parts = "hc" if run.cell == "lstm" else "h"
    generator = torch.Generator().manual_seed(0)
    t, H = len(run.js["xs"]) - 1, run.weights["W_hh"].shape[1]
    d = {p: torch.randn(1, H, generator=generator, dtype=torch.float64) for p in parts}
    measured = js.evaluate(
        """({ weights, xs, d }) =>
            pure("stepBackward", weights, bptt.trace(weights, xs).at(-1), d)""",
        run.js | {"d": {p: v[0].tolist() for p, v in d.items()}},
    )
    da_x, da_h, before = step_backward(run.trace, t, tuple(d.values()))
    same(measured["fromInput"], da_x[0])
    same(measured["fromState"], da_h[0])
    for part, value in zip(parts, before, strict=True):
        same(measured["before"][part], value[0])


def test_the_gradient_is_pythons_and_autograds(js, run):
    measured = js.evaluate(
        "({ weights, xs, dos }) => pure('backward', weights, bptt.trace(weights, xs), dos)", run.js
    )
    expected, derived = run.autograd(), backward(run.trace, run.do)
    assert set(measured) == set(expected)
    for name, grad in measured.items():
        same(grad, expected[name])
        same(grad, derived[name])


def test_flows_are_autograds_derivatives_of_one_loss_by_one_step(js, run):
    """What flows to the biases of step j from the loss at step i, each step having its own."""
    measured = js.evaluate(
        "({ weights, xs, dos }) => pure('gradientFlows', weights, bptt.trace(weights, xs), dos)",
        run.js,
    )
    T = len(run.js["xs"])
    copies = [
        run.weights | {b: run.weights[b].clone().requires_grad_() for b in ("b_xh", "b_hh")}
        for _ in range(T)
    ]
    assert [len(row) for row in measured] == list(range(1, T + 1))
    state = run.trace.states[0]
    for i in range(T):
        state = CELLS[run.cell].step(copies[i], run.trace.x[i], state, **run.options)
        loss = (run.do[i] * (state[0] @ run.weights["W_ho"].T)).sum()
        for flow, bias in (("fromInput", "b_xh"), ("fromState", "b_hh")):
            by_step = torch.autograd.grad(
                loss, [copy[bias] for copy in copies[: i + 1]], retain_graph=True
            )
            same([one[flow] for one in measured[i]], torch.stack(by_step))


def test_the_ledger_is_pythons(js, run):
    measured = js.evaluate(
        "({ weights, xs, dos }) => pure('gradientLedger', weights, bptt.trace(weights, xs), dos)",
        run.js,
    )
    ledger = gradient_ledger(run.trace, run.do)
    assert set(measured) == set(ledger)
    for name, entries in ledger.items():
        same(measured[name]["norms"], entry_norms(entries))
        same(measured[name]["shares"], entry_shares(entries))
        assert all(v == 0 for t, row in enumerate(measured[name]["norms"]) for v in row[t + 1 :])
        shares = sum(map(sum, measured[name]["shares"]))
        assert shares == pytest.approx(1 if backward(run.trace, run.do)[name].any() else 0)


def test_gradients_by_distance_are_the_ledgers_diagonals(js, run):
    measured = js.evaluate(
        """({ weights, xs, dos }) =>
            pure("gradientsByDistance", weights, bptt.trace(weights, xs), dos)""",
        run.js,
    )
    for name, entries in gradient_ledger(run.trace, run.do).items():
        for d, sums in enumerate(measured):
            same(sums[name], entries.diagonal(-d).sum(-1))


def test_the_jacobians_of_all_steps(js, run):
    measured = js.evaluate(
        "({ weights, xs }) => pure('stepJacobians', weights, bptt.trace(weights, xs))", run.js
    )
    same(measured, step_jacobians(run.trace)[:, 0])


def test_the_gradient_of_the_mean_cross_entropy(js, run):
    measured = js.evaluate(
        """({ weights, xs, targets }) =>
            pure("crossEntropyGradients", weights, bptt.trace(weights, xs), targets)""",
        run.js,
    )
    leaf = run.trace.o[:, 0].clone().requires_grad_()
    torch.nn.functional.cross_entropy(leaf, run.targets).backward()
    same(measured, leaf.grad)
    same(measured, cross_entropy_gradient(run.trace.o, run.targets[:, None])[:, 0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_fresh_draw_every_time(js, kind):
    """Not only for the numbers that were tried when this was written."""
    seed = random.SystemRandom().randrange(2**31)
    run = Run(kind, "vectors", seed)
    measured = js.evaluate(
        """({ weights, xs, dos }) => {
            const steps = bptt.trace(weights, xs);
            return [bptt.backward(weights, steps, dos), bptt.stepJacobians(weights, steps)];
        }""",
        run.js,
    )
    try:
        for name, grad in run.autograd().items():
            same(measured[0][name], grad)
        same(measured[1], step_jacobians(run.trace)[:, 0])
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from None


def test_a_ledger_goes_on_from_a_state(js):
    run = Run("lstm", "vectors", 3, (6, 4, 3))
    h, c = torch.randn(2, 1, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    trace = forward("lstm", run.weights, run.trace.x, (h, c))
    measured = js.evaluate(
        """({ weights, xs, dos, state }) => {
            const steps = pure("trace", weights, xs, state);
            return bptt.gradientLedger(weights, steps, dos).W_hh.norms;
        }""",
        run.js | {"state": {"h": h[0].tolist(), "c": c[0].tolist()}},
    )
    same(measured, entry_norms(gradient_ledger(trace, run.do)["W_hh"]))


def test_a_ledger_of_no_gradient_has_no_shares(js):
    run = Run("gru", "integers", 0, (5, 3, 4))
    tables = js.evaluate(
        """({ weights, xs, dos }) => {
            const none = dos.map((row) => row.map(() => 0));
            return Object.values(bptt.gradientLedger(weights, bptt.trace(weights, xs), none));
        }""",
        run.js,
    )
    assert {v for table in tables for rows in table.values() for row in rows for v in row} == {0}
