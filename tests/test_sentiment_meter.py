"""The figure of a sentence that turns, on the Python side: traits, turns, errors, picture."""

import re
from xml.etree import ElementTree

import pytest
import torch
import traitlets
from critics import WORDS, critic
from torch import nn

from charrnn_helpers.models import Encoder, SequenceClassifier
from charrnn_helpers.widgets import SentimentMeter
from charrnn_helpers.widgets.packed import unpacked
from charrnn_helpers.widgets.sentiment_meter.figure import turns_of

SVG = "{http://www.w3.org/2000/svg}"
TURNS = "the film was dull but the music was brilliant"


@pytest.fixture
def figure():
    return SentimentMeter(critic(), WORDS, TURNS, ["the film was not dull"])


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_it_starts_with_the_sentence_read_to_its_end(cell):
    model = critic(1, cell)
    figure = SentimentMeter(model, WORDS, TURNS)
    words = [*TURNS.split(), "."]
    assert (figure.sentence, figure.step, figure.end) == (TURNS, 10, ".")
    with torch.inference_mode():
        for t, p in enumerate(figure.probabilities, start=1):  # as if each beginning stood alone
            logits = model(WORDS.encode(words[:t])[None])[0]
            assert logits.softmax(0)[1].item() == pytest.approx(p, abs=1e-9)
        state = model.encoder(WORDS.encode(words)[None])[0]
    assert figure.hidden == pytest.approx(state.tolist(), abs=1e-9)
    assert figure.turns == turns_of(figure.probabilities)


@pytest.mark.parametrize(
    ("chances", "turns"),
    [
        ([0.5, 0.5], []),
        ([0.5, 0.2, 0.9], [3]),
        ([0.2, 0.5, 0.41, 0.1], []),  # open in between, then as before
        ([0.9, 0.55, 0.45, 0.39, 0.61, 1.0], [4, 5]),
        ([0.7], []),
    ],
)
def test_a_verdict_turns_where_it_changes_sides(chances, turns):
    assert turns_of(chances) == turns


def test_the_page_gets_the_very_weights_and_every_word_once(figure):
    weights = unpacked(figure.weights)
    for name, weight in critic().named_parameters():
        assert torch.equal(weights[name], weight.detach())
    known = [word for _, words in figure.groups for word in words]
    assert sorted([*known, "."]) == list(WORDS.tokens[3:])
    assert [name for name, _ in figure.groups] == [
        "small words",
        "subjects",
        "praise",
        "blame",
        "degrees",
    ]
    assert figure.examples == [TURNS, "the film was not dull"]


def test_later_training_changes_neither_figure_nor_picture():
    model = critic()
    figure = SentimentMeter(model, WORDS, TURNS)
    before = figure.picture()
    with torch.no_grad():
        model.head.bias += 3
    assert figure.picture() == before


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"sentence": "the film was superbly"}, ValueError, "'superbly' is not among the words"),
        ({"sentence": "the <pad> was"}, ValueError, "'<pad>' is not among the words"),
        ({"sentence": "the film ."}, ValueError, "leave the end '.' out of the sentence"),
        ({"sentence": " "}, ValueError, "must have from 1 to 40 words, not 0"),
        ({"sentence": "so " * 41}, ValueError, "must have from 1 to 40 words, not 41"),
        ({"sentence": ["dull"]}, TypeError, "a sentence must be a string, not list"),
        ({"examples": "dull"}, TypeError, "examples must be a list of sentences"),
        ({"examples": ["nice"]}, ValueError, "'nice' is not among the words"),
        ({"end": "!"}, ValueError, "the end '!' is not in the vocabulary"),
        ({"vocabulary": ["dull"]}, TypeError, "vocabulary must be a TokenVocabulary, not"),
        ({"model": critic(classes=3)}, ValueError, "3 outputs, but 2 labels"),
        ({"model": critic(tokens=50)}, ValueError, "reads 50 tokens, the vocabulary has 89"),
        ({"model": nn.Linear(2, 2).double()}, TypeError, "must be of class SequenceClassifier"),
        ({"model": critic().float()}, ValueError, "must be in float64"),
    ],
)
def test_what_the_figure_cannot_show_is_refused_in_plain_words(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        SentimentMeter(**{"model": critic(), "vocabulary": WORDS, "sentence": "dull"} | arguments)


def test_weights_that_are_not_rounded_are_refused():
    model = SequenceClassifier(Encoder(nn.Embedding(len(WORDS), 6), 6, 8), 2).double()
    with pytest.raises(ValueError, match="not rounded"):
        SentimentMeter(model, WORDS, TURNS)


def test_later_changes_are_checked_and_spaces_put_in_order(figure):
    figure.sentence = "  the  music was witty "
    assert figure.sentence == "the music was witty"
    for wrong in ["", "nice", "the film was dull ."]:
        with pytest.raises(traitlets.TraitError):
            figure.sentence = wrong
    assert figure.sentence == "the music was witty"
    assert repr(figure) == "SentimentMeter(sentence='the music was witty')"


def test_a_state_from_the_page_is_taken_over_and_answered(figure):
    figure.set_state({"sentence": "not dull", "step": 2})
    other = SentimentMeter(critic(), WORDS, "not dull")
    assert (figure.sentence, figure.step) == ("not dull", 2)
    assert figure.probabilities == other.probabilities
    assert figure.hidden != other.hidden  # after ‘dull’, not at the end
    figure.step = 3
    assert figure.hidden == other.hidden
    figure.set_state({"probabilities": [0.1, 0.2, 0.3]})
    assert figure.probabilities == [0.1, 0.2, 0.3]


def test_the_picture_shows_words_chances_and_states(figure):
    text = figure._repr_mimebundle_()[0]["image/svg+xml"]
    root = ElementTree.fromstring(text)
    words = [node.text for node in root.iter(f"{SVG}text")]
    assert root.find(f"{SVG}title").text.startswith(f"A network has read: {TURNS} .")
    assert [w for w in words if w in WORDS] == [*TURNS.split(), "."]
    assert [w for w in words if re.fullmatch(r"\d+\.\d %", w)] == [
        f"{100 * p:.1f} %" for p in figure.probabilities
    ]
    assert len(text) < 40_000
    assert not re.search(r"\d\.\d{2}", text)  # no digits that a CPU could change
    assert text == figure.picture()
    figure.sentence = "the film was not dull"
    assert figure.picture() != text
