import re

import pytest
import torch
from networks import make_model
from torch import nn

from charrnn_helpers import CharRNN, one_hot
from charrnn_helpers.cells import CELLS
from charrnn_helpers.models import run_torch


@pytest.fixture(params=["rnn", "gru", "lstm"])
def model(request, vocabulary):
    return make_model(vocabulary, seed=0, cell=request.param)


def test_shapes(model, pairs):
    logits, state = model(pairs[0])
    assert logits.shape == (3, 14, 17)
    assert [part.shape for part in state] == [(1, 3, 12)] * len(CELLS[model.cell].parts)


def test_a_state_is_a_tuple_always(model, pairs):
    given = model.init_state(3)
    for state in (given, model(pairs[0])[1], model(pairs[0], given)[1]):
        assert isinstance(state, tuple)
        assert len(state) == len(CELLS[model.cell].parts)
    own = CharRNN(17, 12, engine="bptt").double()
    assert isinstance(own(pairs[0])[1], tuple)


@pytest.mark.parametrize("engine", ["torch", "bptt"])
def test_a_bare_tensor_is_no_state(engine, pairs):
    model = CharRNN(17, 12, engine=engine)
    h = torch.zeros(1, 3, 12)
    for state, found in [(h, "Tensor"), ([h], "list"), ((h, h), "one of 2")]:
        words = f"the state of an RNN must be a tuple (h,), not {found}"
        with pytest.raises(TypeError, match=re.escape(words)):
            model(pairs[0], state)


def test_nor_is_it_one_of_the_other_cells(pairs):
    h = torch.zeros(1, 3, 12)
    for cell, words in [("gru", "a GRU must be a tuple (h,)"), ("lstm", "an LSTM must be a tuple")]:
        with pytest.raises(TypeError, match=re.escape(f"the state of {words}")):
            CharRNN(17, 12, cell)(pairs[0], h)


@pytest.mark.parametrize("layer", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("given", [False, True])
def test_pytorchs_layers_with_states_of_ours(layer, given):
    layer = layer(4, 5, batch_first=True)
    bare = type(layer) is not nn.LSTM
    x, state = torch.randn(2, 3, 4), tuple(torch.randn(1 if bare else 2, 1, 2, 5))
    h, last = run_torch(layer, x, state if given else None)
    theirs, last_of_theirs = layer(x, (state[0] if bare else state) if given else None)
    assert isinstance(last, tuple)
    assert torch.equal(h, theirs)
    for part, same in zip(last, (last_of_theirs,) if bare else last_of_theirs, strict=True):
        assert torch.equal(part, same)
    with pytest.raises(TypeError, match="must be a tuple"):
        run_torch(layer, x, state[0])


def test_integers_and_one_hot_vectors_are_the_same_input(model, pairs):
    assert torch.equal(model(pairs[0])[0], model(one_hot(pairs[0], 17, torch.float64))[0])


def test_state_starts_at_zero(model, pairs):
    start = model.init_state(3)
    assert all((part == 0).all() for part in start)
    assert torch.equal(model(pairs[0], start)[0], model(pairs[0])[0])


def test_chunks_that_carry_the_state_are_one_run(model, pairs):
    whole, end = model(pairs[0])
    first, state = model(pairs[0][:, :5])
    second, state = model(pairs[0][:, 5:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole, rtol=0, atol=1e-12)
    torch.testing.assert_close(state, end, rtol=0, atol=1e-12)


def test_a_batch_is_its_sequences_one_at_a_time(model, pairs):
    together, _ = model(pairs[0])
    alone = torch.cat([model(row[None])[0] for row in pairs[0]])
    torch.testing.assert_close(alone, together, rtol=0, atol=1e-12)


def test_padding_at_the_end_moves_nothing_before_it(model, pairs):
    longer = torch.cat([pairs[0], torch.zeros(3, 4, dtype=torch.long)], dim=1)
    torch.testing.assert_close(model(longer)[0][:, :14], model(pairs[0])[0], rtol=0, atol=1e-12)


def test_the_formula_of_the_book(vocabulary, pairs):
    model = make_model(vocabulary, seed=0)
    W_xh, W_hh = model.recurrent.weight_ih_l0, model.recurrent.weight_hh_l0
    b_h = model.recurrent.bias_ih_l0 + model.recurrent.bias_hh_l0
    h = torch.zeros(12, dtype=torch.float64)
    for t, i in enumerate(pairs[0][0]):
        h = torch.tanh(W_xh[:, i] + W_hh @ h + b_h)
        o = model.head.weight @ h + model.head.bias
        torch.testing.assert_close(o, model(pairs[0])[0][0, t], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((17, 0), ValueError, "hidden_size must be 1 or more, not 0"),
        ((0, 12), ValueError, "vocabulary_size must be 1 or more, not 0"),
        ((17, -3), ValueError, "hidden_size must be 1 or more, not -3"),
        ((17, 1.5), TypeError, "hidden_size must be an integer, not 1.5"),
        (("17", 12), TypeError, "vocabulary_size must be an integer, not '17'"),
        ((17, True), TypeError, "hidden_size must be an integer, not True"),
        ((17, 12, "elman"), ValueError, "cell must be one of 'rnn', 'gru', 'lstm', not 'elman'"),
    ],
)
def test_bad_sizes(arguments, error, words):
    with pytest.raises(error, match=words):
        CharRNN(*arguments)


@pytest.mark.parametrize(
    ("inputs", "error", "words"),
    [
        ([[1, 2]], TypeError, "not list"),
        (torch.zeros(14, dtype=torch.long), ValueError, r"not of shape \(14,\)"),
        (torch.zeros(3, 14), TypeError, "inputs must be integers, not torch.float32"),
        (torch.zeros(3), ValueError, r"one-hot \(B, T, 17\), not of shape \(3,\)"),
        (torch.zeros(3, 14, 16), ValueError, r"not of shape \(3, 14, 16\)"),
        (torch.zeros(3, 14, 17, dtype=torch.long), TypeError, r"floats, not torch\.int64: add"),
        (torch.zeros(3, 14, 17, dtype=torch.bool), TypeError, r"floats, not torch\.bool: add"),
        (torch.zeros(3, 14, 16, dtype=torch.long), ValueError, r"not of shape \(3, 14, 16\)"),
        (torch.zeros(3, 0, dtype=torch.long), ValueError, "is empty"),
        (torch.full((3, 14), 17), ValueError, "from 0 to 16; found 17"),
    ],
)
def test_bad_inputs(inputs, error, words, vocabulary):
    with pytest.raises(error, match=words):
        make_model(vocabulary, seed=0)(inputs)
