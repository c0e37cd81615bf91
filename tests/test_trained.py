"""Networks trained beforehand: what is loaded is what was asked for, or nothing is."""

import pytest
import torch
from torch import nn

from charrnn_helpers.longtext.checkpoints import CheckpointError
from charrnn_helpers.trained import load_trained, origin_of, save_trained


def network(hidden=5, seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Linear(3, hidden), nn.BatchNorm1d(hidden), nn.Linear(hidden, 2)
    ).double()


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pretrained").mkdir()
    model = network(seed=1)
    save_trained("pretrained/some.safetensors", model, "train(0)", recipe="abc", chapter="some")
    return model


def test_weights_and_buffers_come_back_in_the_networks_own_precision(kept):
    model = load_trained("some", network(), made_by="train(0)")
    for name, weight in model.state_dict().items():
        assert weight.dtype == kept.state_dict()[name].dtype
        torch.testing.assert_close(weight, kept.state_dict()[name], rtol=1e-7, atol=1e-9)
    assert not model.training
    assert origin_of("some") == {"recipe": "abc", "chapter": "some"}


def test_another_folder_can_be_named(kept, tmp_path, monkeypatch):
    (tmp_path / "pretrained").rename(tmp_path / "anew")
    monkeypatch.setenv("BOOK_PRETRAINED", str(tmp_path / "anew"))
    load_trained("some", network(), made_by="train(0)")


@pytest.mark.parametrize(
    ("name", "hidden", "made_by", "words"),
    [
        ("other", 5, "train(0)", "there is no checkpoint"),
        ("some", 5, "train(1)", r"made_by is 'train\(0\)', not 'train\(1\)'"),
        ("some", 6, "train(0)", "its network is"),
    ],
)
def test_another_network_is_refused_and_nothing_is_changed(kept, name, hidden, made_by, words):
    model = network(hidden)
    before = {key: weight.clone() for key, weight in model.state_dict().items()}
    with pytest.raises(CheckpointError, match=words):
        load_trained(name, model, made_by)
    assert all(torch.equal(before[key], weight) for key, weight in model.state_dict().items())


@pytest.mark.parametrize("spoil", ["not finite", "other shapes"])
def test_weights_that_do_not_fit_are_refused(kept, spoil):
    weights = kept.state_dict()
    if spoil == "not finite":
        weights["0.weight"][1, 1] = float("nan")
    else:
        weights["0.weight"] = weights["0.weight"][:, :2]
    kept.state_dict = lambda: weights
    save_trained("pretrained/some.safetensors", kept, "train(0)")
    with pytest.raises(CheckpointError, match=r"not finite|does not hold the weights"):
        load_trained("some", network(), made_by="train(0)")


def test_a_network_stays_free_of_the_file_that_it_came_from(kept):
    model = load_trained("some", network(), made_by="train(0)")
    before = model[0].weight.sum().item()
    with open("pretrained/some.safetensors", "r+b") as file:
        file.truncate(0)
    assert model[0].weight.sum().item() == before
