"""What a unit knows: the rules for text hold, and the AUC is what it says it is."""

import numpy as np
import pytest
import torch
from networks import make_model

from charrnn_helpers.units import auc, hidden_states, properties, since

TEXT = 'He said "no (not yet)" at Washington.\nThe next day" (1862) he went.\n'


def where(name):
    """The text with the places at which a property does not hold blanked out."""
    return "".join(c if h else "·" for c, h in zip(TEXT, properties(TEXT)[name], strict=True))


def test_rules():
    assert where("in a capitalised word").replace("·", "") == "eashingtonhe"
    assert where("in a long word, from its 8th letter").replace("·", "") == "ton"
    assert where("in the first 30 characters of a paragraph")[38:68] == TEXT[38:68]


def test_rules_look_at_nothing_behind():
    whole = properties(TEXT)
    for t in (10, 25, 40, 60):
        for name, holds in properties(TEXT[:t]).items():
            assert (holds == whole[name][:t]).all(), name


def test_since():
    event = np.array([False, True, False, False, True, False])
    assert since(event).tolist() == [1, 0, 1, 2, 0, 1]


def test_auc_is_the_share_of_pairs_in_the_right_order():
    generator = np.random.default_rng(0)
    values = generator.integers(0, 5, (200, 3)).astype(float)  # with ties, which count half
    properties = [generator.random(200) < share for share in (0.3, 0.9)]
    for holds, row in zip(properties, auc(values, *properties), strict=True):
        for h, found in enumerate(row):
            yes, no = values[holds, h][:, None], values[~holds, h][None, :]
            assert found == pytest.approx((yes > no).mean() + (yes == no).mean() / 2, abs=1e-12)
    assert auc(np.array([0.1, 0.2, 0.3]), np.array([False, False, True])) == [[1]]


def test_auc_of_what_cannot_be_told():
    with pytest.raises(ValueError, match="hold at some places, and not at others"):
        auc(np.zeros(3), np.zeros(3, dtype=bool))
    with pytest.raises(ValueError, match="3 values for 2 places"):
        auc(np.zeros(3), np.array([True, False]))


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("T", [1, 5, 100])
def test_hidden_states_are_those_of_one_long_run(vocabulary, cell, T):
    model = make_model(vocabulary, seed=1, cell=cell).double()
    ids = vocabulary.encode("good i am fine have a nice day")
    one_hot = torch.nn.functional.one_hot(ids, len(vocabulary)).double()
    expected = model.recurrent(one_hot[None])[0][0].detach().numpy()
    np.testing.assert_allclose(hidden_states(model, ids, T), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_hidden_states_of_streams_are_those_of_each_by_itself(vocabulary, cell):
    model = make_model(vocabulary, seed=1, cell=cell).double()
    ids = vocabulary.encode("good i am fine have a nice day")
    assert len(ids) == 30
    for B, length in [(3, 10), (4, 8), (30, 1)]:  # the last of four has two characters less
        expected = np.concatenate([hidden_states(model, part) for part in ids.split(length)])
        np.testing.assert_allclose(hidden_states(model, ids, 7, B), expected, rtol=0, atol=1e-12)
    with pytest.raises(ValueError, match="B must be"):
        hidden_states(model, ids, B=0)


def test_hidden_states_of_a_network_of_16_bits(vocabulary):
    model = make_model(vocabulary, seed=0).bfloat16()
    h = hidden_states(model, vocabulary.encode("good i am fine"), B=3)
    assert h.shape == (14, 12)
    assert h.dtype == np.float32
