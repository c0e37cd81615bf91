"""The arithmetic of the page is PyTorch's: the same weights give the same numbers."""

import random

import numpy as np
import pytest
import torch

from charrnn_helpers.models import CharRNN
from charrnn_helpers.widgets.weights import network_of, weights_of

CELLS = ["rnn", "gru", "lstm"]
MODULES = {"rnn": ["nn/rnn.js"]}


def same(measured, expected, tolerance=1e-12):
    expected = torch.as_tensor(expected, dtype=torch.float64)
    measured = torch.tensor(measured, dtype=torch.float64)
    torch.testing.assert_close(measured, expected, rtol=0, atol=tolerance)


def network(cell, seed, vocabulary_size, hidden_size):
    """A network with weights so large that some units saturate, and what JavaScript gets."""
    torch.manual_seed(seed)
    model = CharRNN(vocabulary_size, hidden_size, cell).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(4)
    weights = weights_of(model)
    return network_of(weights), weights


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("seed", range(5))
@torch.inference_mode()
def test_reading_gives_the_states_and_logits_of_torch(js, cell, seed):
    draw = random.Random(f"{cell} {seed}")
    V, H, T = draw.randint(1, 20), draw.randint(1, 16), draw.randint(1, 30)
    model, weights = network(cell, seed, V, H)
    xs = [draw.randrange(V) for _ in range(T)]
    states, logits = js.evaluate(
        """([weights, xs]) => {
            const states = rnn.read(weights, xs);
            return [states, states.map((state) => rnn.logits(weights, state))];
        }""",
        [weights, xs],
    )
    one_hot = torch.nn.functional.one_hot(torch.tensor([xs]), V).double()
    hidden, last = model.recurrent(one_hot)
    same([state["h"] for state in states], hidden[0])
    same(logits, model.head(hidden[0]))
    assert ("c" in states[0]) == (cell == "lstm")
    if cell == "lstm":
        same(states[-1]["c"], last[1][0, 0])


@pytest.mark.parametrize("cell", CELLS)
def test_carrying_the_state_is_one_long_run_and_a_vector_is_a_look_up(js, cell):
    _, weights = network(cell, 7, 6, 5)
    whole, carried, vectors, before, after = js.evaluate(
        """(weights) => {
            const xs = [0, 3, 5, 1, 1, 2];
            const oneHot = (x) => weights.W_ho.map((_, i) => (i === x ? 1 : 0));
            const first = rnn.read(weights, xs.slice(0, 2));
            const before = JSON.stringify(first.at(-1));
            const rest = rnn.read(weights, xs.slice(2), first.at(-1));
            const after = JSON.stringify(first.at(-1));
            return [
                rnn.read(weights, xs), [...first, ...rest], rnn.read(weights, xs.map(oneHot)),
                before, after,
            ];
        }""",
        weights,
    )
    assert carried == whole
    assert before == after  # the state that was handed over is not changed
    for state, same_state in zip(vectors, whole, strict=True):
        same(state["h"], same_state["h"])


def test_the_first_state_is_zero(js):
    _, weights = network("lstm", 0, 2, 3)
    assert js.evaluate("rnn.initialState", weights) == {"h": [0, 0, 0], "c": [0, 0, 0]}
    _, weights = network("gru", 0, 2, 3)
    assert js.evaluate("rnn.initialState", weights) == {"h": [0, 0, 0]}


@pytest.mark.parametrize("temperature", [0.01, 0.1, 0.7, 1, 2, 50])
@pytest.mark.parametrize("scale", [1, 30, 2000])
def test_softmax_with_temperature(js, temperature, scale):
    torch.manual_seed(scale)
    logits = scale * torch.randn(17, dtype=torch.float64)
    measured = js.evaluate("([o, T]) => rnn.softmax(o, T)", [logits.tolist(), temperature])
    same(measured, (logits / temperature).softmax(0))
    assert sum(measured) == pytest.approx(1, abs=1e-12)


def test_softmax_without_temperature_and_argmax(js):
    logits = [0.1, -3.0, 2.5, 2.5]
    same(js.evaluate("rnn.softmax", logits), torch.tensor(logits, dtype=torch.float64).softmax(0))
    assert js.evaluate("rnn.argmax", logits) == 2  # the first of two
    assert js.evaluate("rnn.argmax", [-2.0]) == 0


def test_a_draw_is_the_inverse_of_the_cumulative_distribution(js):
    generator = np.random.default_rng(5)
    cases = []
    for _ in range(200):
        p = generator.dirichlet(np.full(generator.integers(1, 18), 0.3))
        cases.append([p.tolist(), generator.random()])
    drawn = js.evaluate("(cases) => cases.map(([p, u]) => rnn.draw(p, u))", cases)
    expected = [int(np.searchsorted(np.cumsum(p), u * sum(p), side="right")) for p, u in cases]
    assert drawn == expected


@pytest.mark.parametrize(
    ("probabilities", "u", "drawn"),
    [
        ([0.25, 0.5, 0.25], 0.0, 0),
        ([0.25, 0.5, 0.25], 0.25, 1),  # [0, 0.25) is the first one's share
        ([0.25, 0.5, 0.25], 0.749, 1),
        ([0.25, 0.5, 0.25], 0.75, 2),
        ([0.0, 1.0, 0.0], 0.0, 1),  # what is impossible is never drawn
        ([0.0, 1.0, 0.0], 1 - 2**-53, 1),
        ([0.1] * 10, 1 - 2**-53, 9),  # sums to a little less than 1
    ],
)
def test_draws_at_the_edges(js, probabilities, u, drawn):
    assert js.evaluate("([p, u]) => rnn.draw(p, u)", [probabilities, u]) == drawn


def test_uniform_numbers_are_uniform_and_belong_to_their_seed(js):
    numbers = np.array(
        js.evaluate(
            "() => Array.from({length: 50}, (_, seed) =>"
            " Array.from({length: 400}, (_, k) => rnn.uniform(seed, k)))"
        )
    )
    again = js.evaluate("() => Array.from({length: 400}, (_, k) => rnn.uniform(3, k))")
    assert again == numbers[3].tolist()
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert len(np.unique(numbers)) > 19_990
    counts, _ = np.histogram(numbers, bins=20, range=(0, 1))
    expected = numbers.size / 20
    assert ((counts - expected) ** 2 / expected).sum() < 43.8  # chi², 19 degrees: 1 in 1000
    correlations = np.corrcoef(numbers[:, :-1].ravel(), numbers[:, 1:].ravel())
    assert abs(correlations[0, 1]) < 0.03
    seeds = np.corrcoef(numbers[:-1].ravel(), numbers[1:].ravel())
    assert abs(seeds[0, 1]) < 0.03
