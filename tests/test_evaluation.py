"""A network in training writes and is judged as it will be used: nothing is dropped."""

import itertools

import numpy as np
import pytest
import torch

from charrnn_helpers import CharRNN, Vocabulary, predict, sample, sample_many, sample_stream
from charrnn_helpers.longtext.streams import costs, evaluate
from charrnn_helpers.units import hidden_states

VOCABULARY = Vocabulary("abcdef")
TEXT = VOCABULARY.encode("abcdefabcdef")


def drawn(model):
    generator = torch.Generator().manual_seed(0)
    return sample_many(model, VOCABULARY, "a", 9, 3, temperature=1.0, generator=generator)


ASKED = {
    "predict": lambda model: predict(model, VOCABULARY, "abc")[0],
    "sample": lambda model: sample(model, VOCABULARY, "a", 20),
    "sample_many": drawn,
    "sample_stream": lambda m: list(itertools.islice(sample_stream(m, VOCABULARY, "a"), 19)),
    "evaluate": lambda model: evaluate(model, TEXT),
    "costs": lambda model: costs(model, TEXT),
    "hidden_states": lambda model: hidden_states(model, TEXT),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_nothing_is_dropped_and_the_mode_stays(ask, cell):
    torch.manual_seed(0)
    model = CharRNN(6, 8, cell, layers=2, dropout=0.5)
    in_training = ask(model)
    assert model.training
    assert np.array_equal(in_training, ask(model.eval()))
    assert not model.training
