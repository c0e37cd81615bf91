"""A new cell is one entry in one table; layers lie on top of each other as in PyTorch."""

import pytest
import torch
from torch import nn

from charrnn_helpers import CharRNN, Vocabulary, next_character_pairs, sample, train
from charrnn_helpers.bptt import backward, cross_entropy_gradient, forward
from charrnn_helpers.cells import CELLS, Cell, make_weights
from charrnn_helpers.diagnostics import step_jacobians
from charrnn_helpers.layers import Layer, make_layer, run_torch, zero_state
from charrnn_helpers.longtext.checkpoints import load_model, save_model
from charrnn_helpers.steps import pre_activations
from charrnn_helpers.steps_backward import by_autograd
from charrnn_helpers.training import sequence_loss

TEXTS = ["what a day", "what else?", "a new cell"]


def minimal_step(weights, x, state):
    """The minimal gated unit (Zhou et al. 2016), with a second part that counts what it kept."""
    h, kept = state
    (f_x, n_x), (f_h, n_h) = (a.chunk(2, -1) for a in pre_activations(weights, x, h))
    f = torch.sigmoid(f_x + f_h)
    return (1 - f) * h + f * torch.tanh(n_x + f * n_h), kept + 1 - f


@pytest.fixture
def minimal(monkeypatch):
    monkeypatch.setitem(CELLS, "minimal", Cell(minimal_step, gates=2, parts=("h", "kept")))
    return "minimal"


# --- a cell in one entry -------------------------------------------------------------------------


def test_a_new_cell_trains_writes_and_is_kept(minimal, tmp_path):
    vocabulary = Vocabulary.from_texts(TEXTS)
    inputs, targets = next_character_pairs(TEXTS, vocabulary)
    torch.manual_seed(0)
    model = CharRNN(len(vocabulary), 16, minimal, engine="auto", layers=2)
    history = train(model, inputs, targets, epochs=60, lr=0.02)
    assert history.losses[-1] < 0.2 < history.losses[0]
    written = sample(model, vocabulary, "wh", 10)
    assert written in TEXTS
    save_model(tmp_path / "net.safetensors", model, vocabulary)
    loaded, _ = load_model(tmp_path / "net.safetensors")
    assert sample(loaded, vocabulary, "wh", 10) == written


def test_its_way_back_is_found(minimal):
    generator = torch.Generator().manual_seed(0)
    weights = make_weights(minimal, 3, 4, 5, generator, torch.float64)
    own = {name: weight.requires_grad_() for name, weight in weights.items()}
    x = torch.randn(6, 2, 3, generator=generator, dtype=torch.float64)
    targets = torch.randint(5, (6, 2), generator=generator)
    plain = {name: weight.detach() for name, weight in own.items()}
    trace = forward(minimal, plain, x)
    measured = backward(trace, cross_entropy_gradient(trace.o, targets))
    loss = sequence_loss(forward(minimal, own, x).o, targets)
    expected = torch.autograd.grad(loss, list(own.values()))
    for name, gradient in zip(own, expected, strict=True):
        torch.testing.assert_close(measured[name], gradient, rtol=0, atol=1e-13)
    assert step_jacobians(trace).shape[-2:] == (8, 8)  # h and kept


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("leading", [(), (3,), (2, 3)])
def test_autograd_finds_what_was_derived_by_hand(cell, leading):
    generator = torch.Generator().manual_seed(1)
    weights = make_weights(cell, 3, 4, generator=generator, dtype=torch.float64)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    parts = range(len(CELLS[cell].parts))
    x, state = draw(2, 3), tuple(draw(2, 4) for _ in parts)
    dstate = tuple(draw(*leading, 2, 4) for _ in parts)
    entry = CELLS[cell]
    by_hand = entry.step_backward(weights, x, state, dstate)
    found = by_autograd(entry.step)(weights, x, state, dstate)
    torch.testing.assert_close(found, by_hand, rtol=0, atol=1e-12)


def test_a_state_of_another_cell_is_refused(minimal):
    model = CharRNN(5, 4, minimal)
    with pytest.raises(TypeError, match=r"must be a tuple \(h, kept\)"):
        model(torch.zeros(1, 2, dtype=torch.long), (torch.zeros(1, 1, 4),))


def test_no_engine_of_ours_is_offered_for_it(minimal):
    with pytest.raises(ValueError, match="'bptt' for rnn, gru, lstm, not 'bptt'"):
        CharRNN(5, 4, minimal, "bptt")


# --- layers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("layers", [1, 3])
def test_our_layer_is_pytorchs(cell, layers):
    theirs = make_layer(cell, 3, 4, layers, dropout=0.5).double().eval()
    ours = Layer(cell, 3, 4, layers, 0.5 if layers > 1 else 0.0).double().eval()
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 5, 3, dtype=torch.float64)
    torch.testing.assert_close(run_torch(ours, x), run_torch(theirs, x), rtol=0, atol=1e-12)
    for h, first in zip(zero_state(ours, 2), zero_state(theirs, 2), strict=True):
        assert h.shape == first.shape == (layers, 2, 4)
    ours.train()
    assert torch.equal(ours(x, zero_state(ours, 2))[0], run_torch(ours, x)[0]) == (layers == 1)


def test_a_network_of_layers_is_that_of_the_field():
    model = CharRNN(7, 5, "gru", layers=2, dropout=0.25)
    assert isinstance(model.recurrent, nn.GRU)
    assert (model.recurrent.num_layers, model.recurrent.dropout) == (2, 0.25)
    inputs = torch.arange(6).view(2, 3)
    logits, state = model.eval()(inputs)
    h, _ = model.recurrent(nn.functional.one_hot(inputs, 7).float())
    torch.testing.assert_close(logits, model.head(h), rtol=0, atol=1e-6)
    assert [part.shape for part in state] == [(2, 2, 5)]


def test_what_goes_to_the_head_is_dropped_too_and_only_in_training():
    torch.manual_seed(0)
    model = CharRNN(7, 50, dropout=0.5)
    seen = []
    model.head.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    inputs = torch.zeros(4, 9, dtype=torch.long)
    model(inputs)
    model.eval()(inputs)
    in_training, afterwards = seen
    assert 0.4 < (in_training == 0).double().mean() < 0.6
    assert (afterwards != 0).all()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"layers": 0}, "layers must be 1 or more, not 0"),
        ({"layers": 1.5}, "layers must be an integer, not 1.5"),
        ({"dropout": 1}, "dropout must be a share from 0 to below 1, not 1"),
        ({"dropout": float("nan")}, "not nan"),
        ({"cell": "minimal"}, "cell must be one of 'rnn', 'gru', 'lstm', not 'minimal'"),
    ],
)
def test_what_cannot_be_is_named(wrong, message):
    with pytest.raises((TypeError, ValueError), match=message):
        CharRNN(7, 5, **wrong)
