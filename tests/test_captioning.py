"""The figure that writes captions, on the Python side: examples, traits, errors, picture."""

import copy
import functools
from xml.etree import ElementTree

import pytest
import torch
import traitlets
from captioners import (
    LETTERS,
    LONGEST,
    PAIRS,
    captioner,
    convolution,
    examples,
    near,
    trained,
    written_by,
)
from torch import nn

from charrnn_helpers.models import Decoder, Encoder, EncoderDecoder, SequenceClassifier
from charrnn_helpers.tokens import TokenVocabulary
from charrnn_helpers.widgets import Captioning
from charrnn_helpers.widgets.captioning.picture import gallery
from charrnn_helpers.widgets.figure import FigureError
from charrnn_helpers.widgets.packed import unpacked

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def model():
    return trained()


@pytest.fixture
def figure(model):
    return Captioning(model, LETTERS, examples(), longest=LONGEST)


# --- what it shows -------------------------------------------------------------------------------


def test_it_begins_with_the_first_example_and_its_whole_caption(figure, model):
    caption, h, p = written_by(model, examples()[0][0])
    assert figure.caption == caption
    assert figure.example == 0
    assert figure.step == len(h)
    near(figure.hidden, h[-1])
    near(figure.probabilities, p[-1])
    assert repr(figure) == f"Captioning(caption={figure.caption!r})"


def test_the_page_gets_the_very_weights(figure, model):
    weights = unpacked(figure.weights)
    for name, weight in model.named_parameters():
        assert torch.equal(weights[name], weight.detach())


def test_pixels_cross_exactly(figure):
    for shown, (picture, right) in zip(figure.examples, examples(), strict=True):
        levels = torch.tensor(shown["pixels"]).double().view(8, 16)
        assert torch.equal(levels / 16, picture.double())
        assert shown["right"] == "".join(right)


def test_later_training_does_not_change_it(model):
    changed = copy.deepcopy(model)
    figure = Captioning(changed, LETTERS, examples(), longest=LONGEST)
    with torch.no_grad():
        for weight in changed.parameters():
            weight.mul_(-1)
    figure.example = 1
    assert figure.caption == written_by(model, examples()[1][0])[0]


def test_a_network_in_training_is_shown_without_dropout():
    learning = captioner().train()
    shown = {tuple(Captioning(learning, LETTERS, examples()).hidden) for _ in range(4)}
    assert len(shown) == 1
    assert learning.training  # and is left as it was


# --- traits --------------------------------------------------------------------------------------


def test_choosing_drawing_and_looking_recompute(figure, model):
    figure.example = 2
    picture = examples()[2][0]
    assert figure.pixels == figure.examples[2]["pixels"]
    caption, h, p = written_by(model, picture)
    assert figure.caption == caption
    figure.step = 1
    near(figure.hidden, h[0])
    near(figure.probabilities, p[0])
    drawn = [16, *figure.pixels[1:]]
    figure.pixels = drawn
    assert figure.example is None
    caption, h, _ = written_by(model, torch.tensor(drawn) / 16)
    assert figure.caption == caption
    near(figure.hidden, h[0])
    figure.step = LONGEST  # more than it may write here: the last is looked at
    near(figure.hidden, h[-1])


def test_it_starts_with_what_is_asked_for(model):
    figure = Captioning(model, LETTERS, examples(), example=1, step=2)
    assert (figure.example, figure.step) == (1, 2)
    assert figure.pixels == figure.examples[1]["pixels"]
    figure = Captioning(model, LETTERS, examples(), pixels=[0] * 128)
    assert figure.example is None
    assert figure.caption == written_by(model, torch.zeros(8, 16), 24)[0]


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("example", 3, "from 0 to 2, not 3"),
        ("example", -1, "from 0 to 2"),
        ("pixels", [0] * 127, "128 whole numbers from 0 to 16"),
        ("pixels", [17] * 128, "128 whole numbers from 0 to 16"),
        ("step", 0, "from 1 to 14, not 0"),
        ("step", 15, "from 1 to 14, not 15"),
    ],
)
def test_what_it_cannot_show_is_refused(figure, trait, value, words):
    before = getattr(figure, trait)
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(figure, trait, value)
    assert getattr(figure, trait) == before


# --- errors --------------------------------------------------------------------------------------


def of_encoder(*layers):
    return captioner(functools.partial(nn.Sequential, *layers))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((nn.Linear(2, 2), LETTERS, PAIRS), TypeError, "EncoderDecoder, not Linear"),
        ((captioner(), "letters", PAIRS), TypeError, "TokenVocabulary, not str"),
        ((captioner().float(), LETTERS, PAIRS), FigureError, "float64"),
        ((captioner(), TokenVocabulary("ab"), PAIRS), FigureError, "writes 21 tokens"),
        ((captioner(), LETTERS, []), FigureError, "no example"),
        ((captioner(), LETTERS, [(torch.zeros(8, 8), "one")]), FigureError, "8 × 16, not"),
        ((captioner(), LETTERS, [(torch.full((8, 16), 0.03), "one")]), FigureError, "of 1/16"),
        ((captioner(), LETTERS, [(torch.full((8, 16), 2.0), "one")]), FigureError, "from 0 to 1"),
        ((captioner(), LETTERS, [(torch.zeros(8, 16), "a")]), ValueError, "'a' at position 0"),
        ((captioner(), LETTERS, PAIRS, 0), ValueError, "longest"),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_get_plain_errors(arguments, error, words):
    with pytest.raises(error, match=words):
        Captioning(*arguments)


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([nn.Flatten(), nn.Linear(128, 7)], r"gives \(1, 7\)"),
        ([nn.Flatten(), nn.Linear(64, 12)], "cannot look at 8 × 16 pixels"),
        ([nn.Flatten(), nn.Linear(128, 12), nn.Sigmoid()], "no layer like Sigmoid"),
        ([nn.Unflatten(1, (1, 8)), nn.Conv2d(1, 3, 4, stride=4), nn.Flatten()], "into squares"),
        ([nn.Unflatten(1, (1, 8)), nn.Conv2d(1, 3, 8), nn.Flatten()], "into squares"),
    ],
)
def test_encoders_that_the_page_does_not_know_are_refused(layers, words):
    with pytest.raises(FigureError, match=words):
        Captioning(of_encoder(*layers), LETTERS, PAIRS)


def test_other_models_and_vocabularies_are_refused():
    encoder = Encoder(nn.Linear(16, 4), 4, 12)
    with pytest.raises(TypeError, match="not SequenceClassifier"):
        Captioning(SequenceClassifier(encoder, 3), LETTERS, PAIRS)
    with pytest.raises(FigureError, match=r"nn\.Sequential"):
        Captioning(EncoderDecoder(encoder, Decoder(21, 4, 12)).double(), LETTERS, PAIRS)
    words = TokenVocabulary([f"word{i}" for i in range(18)])
    with pytest.raises(FigureError, match="'word0' is none"):
        Captioning(captioner(), words, PAIRS)
    with pytest.raises(ValueError, match="round_weights"):
        Captioning(EncoderDecoder(convolution(), Decoder(21, 4, 12)).double(), LETTERS, PAIRS)


# --- pictures ------------------------------------------------------------------------------------


def test_the_still_picture_tells_what_is_written(figure):
    picture = ElementTree.fromstring(figure.picture())
    texts = [node.text for node in picture.iter(f"{SVG}text")]
    assert any(text.startswith(figure.caption) for text in texts)
    assert figure.picture() == figure.picture()
    cells = [title for title in picture.iter(f"{SVG}title") if "unit 0 of" in title.text]
    assert len(cells) == figure.step
    inked = sum(d.get("d").count("M") for d in picture.iter(f"{SVG}path"))
    assert inked == sum(level > 0 for level in figure.pixels)


def test_a_gallery_shows_every_picture_with_its_words():
    pictures = [picture for picture, _ in examples()]
    drawn = ElementTree.fromstring(gallery(pictures, [["one"], ["two", "not three"], ["four"]], 2))
    assert [node.text for node in drawn.iter(f"{SVG}text")] == ["one", "two", "not three", "four"]
    levels = {p.get("fill-opacity") for p in drawn.iter(f"{SVG}path")}
    assert levels <= {f"{level / 16:g}" for level in range(1, 17)}
    assert float(drawn.get("width")) == 2 * 164
