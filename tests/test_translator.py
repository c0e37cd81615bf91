"""The figure that translates, on the Python side: traits, errors, picture."""

import re
from xml.etree import ElementTree

import pytest
import torch
import traitlets
from demonstrations import ENGLISH, FRENCH, made
from torch import nn
from translators import EXAMPLES, make_translator

from charrnn_helpers.models import Decoder, EncoderDecoder
from charrnn_helpers.tokens import START, TokenVocabulary
from charrnn_helpers.widgets import Translator
from charrnn_helpers.widgets.figure import FigureError
from charrnn_helpers.widgets.packed import unpacked

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def model():
    return make_translator()


@pytest.fixture
def figure(model):
    return Translator(model, ENGLISH, FRENCH, EXAMPLES)


def close(measured, expected):
    torch.testing.assert_close(
        torch.tensor(measured, dtype=torch.float64), expected, rtol=0, atol=1e-9
    )


def test_it_starts_with_the_first_example_and_the_first_word_written(figure):
    assert (figure.text, figure.beginning, figure.step) == ("friday march eleven", [], 4)
    assert repr(figure) == "Translator(text='friday march eleven')"
    assert figure.examples[1] == {"text": "in two months", "right": "dans deux mois"}
    assert (figure.reads, figure.writes) == (list(ENGLISH.tokens), list(FRENCH.tokens))


@pytest.mark.parametrize("text", ["friday march eleven", "two", "In two-seven,  march"])
def test_the_translation_is_what_the_model_writes(model, text):
    figure = Translator(model, ENGLISH, FRENCH, EXAMPLES, text=text)
    words = text.lower().replace("-", " ").replace(",", " ").split()
    assert figure.text == " ".join(words)
    inputs = ENGLISH.encode(words)[None]
    tokens = model.write(inputs, longest=20)
    assert figure.written == FRENCH.decode(tokens[0])
    with torch.inference_mode():
        close(figure.context, model.encoder(inputs)[0])
        written = torch.cat([torch.tensor([[START]]), tokens[:, :-1]], dim=1)
        close(figure.probabilities, model(inputs, written=written)[0].softmax(dim=1))


def test_a_beginning_is_written_and_the_decoder_goes_on_from_it(model, figure):
    own = figure.written
    other = next(w for w in FRENCH.tokens[3:] if w != own[0])
    figure.beginning = [other]
    assert figure.written[0] == other
    inputs = ENGLISH.encode(figure.text.split())[None]
    with torch.inference_mode():
        written = torch.tensor([[START, *FRENCH.encode(figure.written).tolist()]])
        logits = model(inputs, written=written)[0]
    close(figure.probabilities, logits[: len(figure.probabilities)].softmax(dim=1))
    for word, p in list(zip(figure.written, figure.probabilities, strict=False))[1:]:
        assert FRENCH.tokens[p.index(max(p))] == word
    assert repr(figure) == f"Translator(text='friday march eleven', beginning=[{other!r}])"
    figure.beginning = []
    assert figure.written == own
    figure.beginning = ["<stop>"]
    assert figure.written == []


def test_the_page_gets_the_very_weights(figure, model):
    weights = unpacked(figure.weights)
    for name, weight in model.named_parameters():
        assert torch.equal(weights[name], weight.detach())


def test_later_training_does_not_change_the_figure():
    model = make_translator(seed=3)
    figure = Translator(model, ENGLISH, FRENCH, EXAMPLES)
    before = figure.written
    with torch.no_grad():
        model.decoder.head.weight.neg_()
    figure.text = "two"
    figure.text = "friday march eleven"
    assert figure.written == before


def test_a_change_from_the_page_is_taken_over(figure):
    figure.set_state({"text": "in seven months", "beginning": ["dans"]})
    assert (figure.text, figure.written[0]) == ("in seven months", "dans")


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("text", "in two weeks", "'weeks' is not among the words that this network knows"),
        ("text", "<stop>", "'<stop>' is not among the words that this network knows"),
        ("text", " ", "text must have from 1 to 12 words, not 0"),
        ("text", "two " * 13, "text must have from 1 to 12 words, not 13"),
        ("beginning", ["weeks"], "'weeks' is not among the words that this network writes"),
        ("beginning", ["<stop>", "deux"], "none behind <stop>"),
    ],
)
def test_later_changes_are_checked(figure, trait, value, words):
    kept = getattr(figure, trait)
    with pytest.raises(traitlets.TraitError, match=re.escape(words)):
        setattr(figure, trait, value)
    assert getattr(figure, trait) == kept


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"examples": []}, FigureError, "there is no example"),
        ({"examples": [(["weeks"], ["deux"])]}, ValueError, "'weeks' at position 0"),
        ({"examples": [(["two"], ["zwei"])]}, FigureError, "'zwei' is right, but no label"),
        ({"text": "two weeks"}, FigureError, "'weeks' is not among"),
        ({"beginning": "deux"}, TypeError, "must be a list of words, not a string"),
        ({"model": nn.Linear(2, 2)}, TypeError, "must be of class EncoderDecoder"),
        ({"model": make_translator().float()}, FigureError, "must be in float64"),
        ({"reads": "in two"}, TypeError, "reads must be the TokenVocabulary"),
        ({"reads": TokenVocabulary(["friday", "march", "eleven", "in", "two", "months"])},
         FigureError, "the model reads 10 tokens, the vocabulary has 9"),
        ({"model": made(0, lambda: EncoderDecoder(nn.Linear(2, 4), Decoder(len(FRENCH), 3, 4)))},
         TypeError,
         "the encoder must be an Encoder of words"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_plain_words(model, changes, error, words):
    arguments = {"model": model, "reads": ENGLISH, "writes": FRENCH, "examples": EXAMPLES} | changes
    with pytest.raises(error, match=re.escape(words)):
        Translator(**arguments)


def test_unrounded_weights_are_refused():
    model = EncoderDecoder(make_translator().encoder, Decoder(len(FRENCH), 3, 24)).double()
    with pytest.raises(ValueError, match="not rounded"):
        Translator(model, ENGLISH, FRENCH, EXAMPLES)


def test_the_picture_shows_both_sentences(figure):
    text = figure._repr_mimebundle_()[0]["image/svg+xml"]
    root = ElementTree.fromstring(text)
    words = [each.text for each in root.iter(f"{SVG}text")]
    assert {*figure.text.split(), *figure.written} <= set(words)
    assert figure.text in root.find(f"{SVG}title").text
    assert text == figure.picture()
    assert not re.search(r"\d\.\d{3}", text)  # no digits that a CPU could change
