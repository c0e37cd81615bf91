from xml.etree import ElementTree

import pytest
import torch
from networks import make_model

from charrnn_helpers import History, Vocabulary, train
from charrnn_helpers.widgets import TrainHere
from charrnn_helpers.widgets.weights import weights_of


@pytest.fixture
def model(vocabulary):
    return make_model(vocabulary, seed=1)


def test_it_begins_with_the_networks_own_weights(model, vocabulary, texts):
    figure = TrainHere(model, vocabulary, texts)
    assert figure.weights == weights_of(model)
    assert figure.epoch == 0
    assert figure.losses == []
    assert repr(figure) == "TrainHere(3 sentences, 12 hidden units, lr=0.01, 100 epochs)"
    for weight, other in zip(figure.network().parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(weight, other, rtol=0, atol=1e-9)


def test_the_history_is_kept_with_what_it_is_of(model, vocabulary, texts, pairs):
    twin = make_model(vocabulary, seed=1)
    history = train(twin, *pairs, epochs=5, lr=0.02)
    figure = TrainHere(model, vocabulary, texts, lr=0.02, history=history)
    assert figure.reference["texts"] == texts
    assert figure.reference["lr"] == 0.02
    assert figure.reference["losses"] == pytest.approx(history.losses)


def test_the_picture_shows_pytorchs_curve(model, vocabulary, texts):
    figure = TrainHere(model, vocabulary, texts, history=History(100, 0.01, [2.8, 2.0, 1.0]))
    picture = figure.picture()
    root = ElementTree.fromstring(picture)
    line = root.find("{http://www.w3.org/2000/svg}polyline")
    assert len(line.get("points").split()) == 3
    assert "3 sentences" in root.find("{http://www.w3.org/2000/svg}title").text
    assert picture == figure.picture()
    assert "polyline" not in TrainHere(model, vocabulary, texts).picture()


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"texts": "good"}, TypeError, "texts must be a list of strings"),
        ({"texts": [3]}, TypeError, "texts must be a list of strings"),
        ({"texts": []}, ValueError, "give 1 to 6 sentences, not 0"),
        ({"texts": ["good"] * 7}, ValueError, "give 1 to 6 sentences, not 7"),
        ({"texts": ["a"]}, ValueError, "2 to 40 characters, but 'a' has 1"),
        ({"texts": ["a" * 41]}, ValueError, "has 41"),
        ({"texts": ["box"]}, ValueError, "'b' is in the texts, but not in the vocabulary"),
        ({"lr": 0}, ValueError, "lr must be a number above 0"),
        ({"lr": float("nan")}, ValueError, "lr must be a number above 0"),
        ({"epochs": 0}, ValueError, "epochs must be from 1 to 1000, not 0"),
        ({"epochs": 1001}, ValueError, "epochs must be from 1 to 1000, not 1001"),
        ({"epoch": 101}, ValueError, "epoch must be from 0 to 100, not 101"),
        ({"history": [1.0]}, TypeError, "history must be what train returns, not list"),
        ({"vocabulary": "abc"}, TypeError, "vocabulary must be a Vocabulary, not str"),
        ({"vocabulary": Vocabulary("abc")}, ValueError, "the model knows 17 characters"),
    ],
)
def test_bad_arguments_are_named(model, vocabulary, texts, arguments, error, words):
    given = {"model": model, "vocabulary": vocabulary, "texts": texts} | arguments
    with pytest.raises(error, match=words):
        TrainHere(**given)


def test_python_may_change_what_is_learned(model, vocabulary, texts):
    figure = TrainHere(model, vocabulary, texts)
    figure.texts = ["abc abc"]
    figure.lr = 0.1
    with pytest.raises(ValueError, match="give 1 to 6 sentences, not 0"):
        figure.texts = []
    with pytest.raises(ValueError, match="epoch must be from 0 to 100, not -1"):
        figure.epoch = -1
    assert figure.texts == ["abc abc"]
