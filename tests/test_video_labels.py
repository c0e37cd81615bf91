"""The figure that plays videos, on the Python side: results, traits, errors, picture."""

import re
from xml.etree import ElementTree

import pytest
import torch
import traitlets
from demonstrations import MOVES, demonstrations, made, read_frames, videos

from charrnn_helpers.models import Encoder, SequenceClassifier, SequenceTagger
from charrnn_helpers.widgets import VideoLabels
from charrnn_helpers.widgets.demonstration import Demonstration
from charrnn_helpers.widgets.figure import FigureError
from charrnn_helpers.widgets.packed import unpacked

SVG = "{http://www.w3.org/2000/svg}"


def tagger(cell="gru"):
    model = made(3, lambda: SequenceTagger(read_frames(9), 9, 12, 4, cell))
    shown = [(video, ["left"] * len(video)) for video in videos(5, [7, 12])]
    return Demonstration("frames", "every step", model, shown, MOVES, "right on 40 %")


def classifier(cell="gru"):
    model = made(4, lambda: SequenceClassifier(Encoder(read_frames(9), 9, 12, cell), 4))
    shown = [(video, "up") for video in videos(6, [7, 12])]
    return Demonstration("frames", "decision", model, shown, MOVES, "right on 30 %")


def logits_of(shown, example, black=()):
    """What the model gives after each frame, one call for each number of frames."""
    video = shown._tensor(shown.examples[example][0]).clone()
    for t in black:
        video[t - 1] = 0
    with torch.inference_mode():
        if shown.output == "every step":
            return shown.model(video[None])[0]
        return torch.cat([shown.model(video[None, :t]) for t in range(1, len(video) + 1)])


def check(figure, shown):
    logits = logits_of(shown, figure.example, figure.black[figure.example])
    expected = [shown.labels[i] for i in logits.argmax(dim=1)]
    assert figure.answers == expected
    measured = torch.tensor(figure.probabilities, dtype=torch.float64)
    torch.testing.assert_close(measured, logits.softmax(1), rtol=0, atol=1e-9)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("make", [tagger, classifier])
def test_the_results_are_the_models_at_every_frame(make, cell):
    shown = make(cell)
    figure = VideoLabels(shown, black=[[2, 3], []])
    check(figure, shown)
    figure.black = [[7], [1]]
    check(figure, shown)
    figure.example = 1
    assert figure.step == 12
    check(figure, shown)


def test_what_the_page_gets():
    shown = tagger()
    figure = VideoLabels(shown, example=1, step=5, black=[[], [4, 3, 4]])
    assert (figure.example, figure.step, figure.black) == (1, 5, [[], [3, 4]])
    assert figure.problem["black"] == [[], [3, 4]]
    assert figure.problem["result"] == "right on 40 %"
    assert figure.problem["labels"] == list(MOVES)
    weights = unpacked(figure.problem["weights"])
    assert all(torch.equal(weights[n], w) for n, w in shown.model.state_dict().items())
    shared = {"problem", "example", "step", "black", "answers", "probabilities"}
    assert shared <= set(figure.keys)
    assert repr(figure) == "VideoLabels(frames to every step, example=1, step=5)"
    assert VideoLabels(classifier()).step == 7  # the whole of the first


def test_changes_from_the_page_are_taken_over():
    shown = classifier()
    figure = VideoLabels(shown)
    figure.set_state({"example": 1, "step": 12})
    figure.set_state({"step": 9})
    figure.set_state({"black": [[], [1, 2, 3]]})
    assert (figure.example, figure.step, figure.black) == (1, 9, [[], [1, 2, 3]])
    check(figure, shown)


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("example", 2, "example must be from 0 to 1, not 2"),
        ("step", 0, "step must be from 1 to 7, not 0"),
        ("step", 8, "step must be from 1 to 7, not 8"),
        ("black", [[8], []], "a blacked-out frame must be from 1 to 7, not 8"),
        ("black", [[]], "a list of frames for each of the 2 videos, not 1 lists"),
    ],
)
def test_later_changes_are_checked(trait, value, words):
    figure = VideoLabels(tagger())
    kept = getattr(figure, trait)
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(figure, trait, value)
    assert getattr(figure, trait) == kept


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"example": 2}, FigureError, "example must be from 0 to 1, not 2"),
        ({"example": 0.5}, TypeError, "example must be a whole number, not 0.5"),
        ({"step": True}, TypeError, "step must be a whole number, not True"),
        ({"step": 8}, FigureError, "step must be from 1 to 7, not 8"),
        ({"example": 1, "step": 13}, FigureError, "step must be from 1 to 12, not 13"),
        ({"black": [[0], []]}, FigureError, "frame must be from 1 to 7, not 0"),
        ({"black": [[], [], []]}, FigureError, "each of the 2 videos, not 3 lists"),
    ],
)
def test_what_the_figure_cannot_show_is_refused_in_plain_words(arguments, error, words):
    with pytest.raises(error, match=words):
        VideoLabels(tagger(), **arguments)


def test_other_demonstrations_are_refused():
    with pytest.raises(TypeError, match="give a Demonstration, not str"):
        VideoLabels("video")
    others = {(one.input, one.output): one for one in demonstrations()}
    with pytest.raises(FigureError, match="not of words to decision"):
        VideoLabels(others["words", "decision"])
    with pytest.raises(FigureError, match="not of picture to sequence"):
        VideoLabels(others["picture", "sequence"])


@pytest.mark.parametrize("make", [tagger, classifier])
def test_the_picture_shows_the_frame_and_the_labels(make):
    figure = VideoLabels(make(), step=4, black=[[4], []])
    text = figure._repr_mimebundle_()[0]["image/svg+xml"]
    root = ElementTree.fromstring(text)
    said = figure.answers[3]
    true = "left" if make is tagger else "up"
    title = root.find(f"{SVG}title").text
    assert title == f"Frame 4 of 7, blacked out. The network says {said}; true is {true}."
    words = [node.text for node in root.iter(f"{SVG}text")]
    assert words.count("■") == 1
    assert words.count("□") == 6
    dark = len(list(root.iter(f"{SVG}rect")))
    figure.step = 5
    assert len(list(ElementTree.fromstring(figure.picture()).iter(f"{SVG}rect"))) > dark + 64
    assert len(text) < 40_000
    assert not re.search(r"\d\.\d{2}", text)  # no digits that a CPU could change
    assert figure.picture() == figure.picture()
