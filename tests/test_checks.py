"""NumPy's numbers are numbers, wherever one is asked for; True and False are none."""

import json
from dataclasses import asdict

import numpy as np
import pytest
import torch
from networks import make_model

from charrnn_helpers import CharRNN, predict, sample, train
from charrnn_helpers.checks import check_positive, check_positive_number, check_whole
from charrnn_helpers.diagnostics import recurrent_matrix
from charrnn_helpers.longtext.checkpoints import load_model, save_model
from charrnn_helpers.longtext.settings import Settings
from charrnn_helpers.longtext.streams import split
from charrnn_helpers.minibatches import fit, masked_loss
from charrnn_helpers.models import Encoder
from charrnn_helpers.tasks import captions, sentiment, translation, video


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint8])
def test_numpys_whole_numbers_are_whole(kind):
    check_positive("count", kind(3))
    check_positive_number("lr", kind(3))
    check_whole("seed", kind(3), most=3)
    with pytest.raises(ValueError, match="count must be a whole number of 1 or more"):
        check_positive("count", kind(0))


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_numpys_real_numbers_are_real_and_not_whole(kind):
    check_positive_number("lr", kind(0.5))
    for number in (kind(np.nan), kind(np.inf), kind(0)):
        with pytest.raises(ValueError, match="lr must be a positive number"):
            check_positive_number("lr", number)
    with pytest.raises(ValueError, match="count must be a whole number"):
        check_positive("count", kind(3))


@pytest.mark.parametrize("wrong", [True, np.True_])
def test_true_is_no_number(wrong, vocabulary, pairs):
    model = make_model(vocabulary, seed=0)
    with pytest.raises(ValueError, match="lr must be a positive number, not"):
        train(model, *pairs, lr=wrong)
    with pytest.raises(ValueError, match="temperature must be a number above 0, not"):
        sample(model, vocabulary, "hey", 9, temperature=wrong)
    with pytest.raises(ValueError, match="radius must be a number of 0 or more, not"):
        recurrent_matrix("identity", 3, radius=wrong)
    with pytest.raises(ValueError, match="must be a whole number of 1 or more, not"):
        train(model, *pairs, epochs=wrong)
    with pytest.raises(ValueError, match="share held out must lie between 0 and 1, not"):
        split("some text", held_out=wrong)


def test_functions_take_numpys_numbers(vocabulary, pairs):
    model = make_model(vocabulary, seed=0)
    train(model, *pairs, epochs=np.int64(1), lr=np.float32(0.01))
    fit(model, pairs, lambda m, x, y: masked_loss(m(x)[0], y), np.int64(1), 0.01, seed=np.int64(0))
    choice = {"temperature": np.float32(0.5), "top_k": np.int64(3)}
    texts = [
        sample(model, vocabulary, "hey", length, **values, generator=torch.manual_seed(0))
        for length, values in [(9, {"temperature": 0.5, "top_k": 3}), (np.int64(9), choice)]
    ]
    assert texts[0] == texts[1]
    assert translation.pairs("training", np.int64(0)) == translation.pairs("training", 0)
    assert sentiment.reviews("training", np.int64(0)) == sentiment.reviews("training", 0)
    assert torch.equal(video.clips("training", 2, np.int64(1))[0], video.clips("training", 2, 1)[0])
    assert Encoder(torch.nn.Linear(2, 3), np.int64(3), np.int64(4))(torch.zeros(1, 5, 2)).any()
    assert captions.name_of(np.int64(47)) == "forty-seven"


def test_a_network_of_numpys_sizes_can_be_kept(vocabulary, tmp_path):
    for size in np.array([8, 16]):
        model = CharRNN(np.int64(len(vocabulary)), size)
        save_model(tmp_path / "network.safetensors", model, vocabulary)
        loaded, _ = load_model(tmp_path / "network.safetensors")
        expected, _ = predict(model, vocabulary, "hey")
        torch.testing.assert_close(predict(loaded, vocabulary, "hey")[0], expected)


def test_settings_of_numpys_numbers_fit_into_a_file():
    numpys = Settings(epochs=np.int64(2), lr=np.float64(0.01), seed=np.uint8(3))
    own = Settings(epochs=2, lr=0.01, seed=3)
    assert json.loads(json.dumps(asdict(numpys))) == asdict(own)


def test_what_is_no_number_is_named_in_short():
    for check in (check_positive, check_positive_number):
        with pytest.raises(ValueError, match=r"must be a .* not '9999") as error:
            check("count", "9" * 9999)
        assert len(str(error.value)) < 100
