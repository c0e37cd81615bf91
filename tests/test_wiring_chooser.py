"""The figure that chooses a wiring, on the Python side: models, examples, code, errors, picture."""

import inspect
import re
from xml.etree import ElementTree

import pytest
import torch
import traitlets
from demonstrations import ENGLISH, MOVES, demonstrations, made, make_digit_network, videos
from torch import nn

from charrnn_helpers.models import Decoder, Encoder, EncoderDecoder, SequenceTagger
from charrnn_helpers.source_code import body_lines, source_lines
from charrnn_helpers.tokens import START
from charrnn_helpers.widgets import WiringChooser
from charrnn_helpers.widgets.bundle import FOLDER
from charrnn_helpers.widgets.demonstration import INPUTS, OUTPUTS, Demonstration
from charrnn_helpers.widgets.figure import WEIGHT_COLOURS, FigureError
from charrnn_helpers.widgets.packed import unpacked
from charrnn_helpers.widgets.wiring_chooser.problems import METHODS, PROBLEMS

SVG = "{http://www.w3.org/2000/svg}"
TRAINED = [kinds for kinds, problem in PROBLEMS.items() if "serves" not in problem]


@pytest.fixture(scope="module")
def shown():
    return {(each.input, each.output): each for each in demonstrations()}


@pytest.fixture
def figure(shown):
    return WiringChooser(list(shown.values()))


def problem_of(figure, goes_in, comes_out):
    found = [p for p in figure.problems if (p["input"], p["output"]) == (goes_in, comes_out)]
    assert len(found) == 1
    return found[0]


def digits(**changes):
    picture = torch.zeros(8, 8)
    arguments = {"model": made(0, make_digit_network), "examples": [(picture, "3")]}
    arguments |= {"gives": "0123456789", "result": ""} | changes
    return Demonstration(**({"input": "picture", "output": "decision"} | arguments))


# --- the nine problems ---------------------------------------------------------------------------


def test_every_combination_is_there_and_five_wirings(figure):
    assert list(PROBLEMS) == [(i, o) for i in INPUTS for o in OUTPUTS]
    assert [(p["input"], p["output"]) for p in figure.problems] == list(PROBLEMS)
    assert {p["wiring"] for p in figure.problems} == set(METHODS)
    assert {p["wiring"] for p in figure.problems if "examples" in p} == set(METHODS)


def test_what_no_chapter_trains_says_what_serves_and_shows_its_code(figure):
    for kinds, problem in PROBLEMS.items():
        found = problem_of(figure, *kinds)
        assert found["served"] == ("serves" in problem) == ("examples" not in found)
        if found["served"]:
            serving = problem_of(figure, *problem["serves"])
            assert found["wiring"] == serving["wiring"]
            assert found["code"] == serving["code"]
            assert "serve" in found["says"]


def test_the_code_is_the_source_that_runs(figure):
    for problem in figure.problems:
        methods = METHODS[problem["wiring"]]
        for function, entry in zip(methods, problem["code"][-len(methods) :], strict=False):
            assert entry["heading"].startswith(f"{function.__qualname__}(")
            source = inspect.getsource(function)
            assert all(line.strip() in source for line in entry["lines"])
            assert '"""' not in "".join(entry["lines"])
    digits_code = problem_of(figure, "picture", "decision")["code"]
    assert [entry["heading"] for entry in digits_code] == [""]
    made_by, blank, loss = (digits_code[0]["lines"][i] for i in (0, -3, -2))
    assert (made_by, blank) == ("def make_digit_network():", "")
    assert loss == "def loss_of_digits(model, pictures, digits):"


def test_source_lines_leave_out_only_the_docstring():
    def documented(x):
        """Say something."""
        return x  # as it came

    def bare(x):
        return x

    assert source_lines(documented) == ["def documented(x):", "    return x  # as it came"]
    assert body_lines(documented) == ["return x  # as it came"]
    assert source_lines(bare) == ["def bare(x):", "    return x"]
    assert body_lines(Encoder.forward)[-1] == "return state[0][0]  # h, of the only layer: (B, H)"


# --- models and examples -------------------------------------------------------------------------


@pytest.mark.parametrize("kinds", TRAINED)
def test_the_page_gets_the_very_weights(figure, shown, kinds):
    weights = unpacked(problem_of(figure, *kinds)["weights"])
    for name, weight in shown[kinds].model.named_parameters():
        assert torch.equal(weights[name], weight.detach())


@pytest.mark.parametrize("kinds", TRAINED)
def test_the_answer_is_the_models(shown, kinds):
    demonstration = shown[kinds]
    for i, (inputs, _) in enumerate(demonstration.examples):
        answer, probabilities = demonstration.run(i)
        given = ENGLISH.encode(inputs) if kinds[0] == "words" else inputs.double()
        if kinds[0] == "frames":
            given = (given * 240).round() / 240
        with torch.inference_mode():
            if kinds[1] == "sequence":
                tokens = demonstration.model.write(given[None], longest=demonstration.longest)[0]
                assert answer == demonstration.gives.decode(tokens)
                written = torch.tensor([[START, *tokens[:-1].tolist()]])
                logits = demonstration.model(given[None], written=written)[0]
            else:
                logits = demonstration.model(given[None]).reshape(-1, len(demonstration.labels))
        torch.testing.assert_close(torch.tensor(probabilities).double(), logits.softmax(1))


def test_digits_cross_exactly(figure, shown):
    problem = problem_of(figure, "picture", "decision")
    picture, _ = shown["picture", "decision"].examples[0]
    tensor = shown["picture", "decision"]._tensor(picture)
    assert torch.equal(tensor, picture)  # sixteenths are multiples of a 240th
    assert problem["examples"][0]["shape"] == [1, 8, 8]


# --- traits --------------------------------------------------------------------------------------


def test_it_starts_with_what_is_asked_for(shown):
    figure = WiringChooser(list(shown.values()), "frames", "every step", example=1, selected="o2")
    assert repr(figure) == "WiringChooser(input='frames', output='every step')"
    assert (figure.example, figure.selected) == (1, "o2")
    assert figure.before == ["picture", "decision"]
    assert figure.answer == shown["frames", "every step"].run(1)[0]
    assert len(figure.answer) == 12
    assert set(figure.answer) <= set(MOVES)


def test_a_choice_in_python_is_computed_and_begins_with_the_first_example(figure, shown):
    figure.output = "decision"
    figure.example = 2
    figure.input = "words"
    assert (figure.example, figure.selected) == (0, "")
    assert figure.answer == shown["words", "decision"].run(0)[0]
    assert len(figure.probabilities[0]) == 2
    figure.output = "every step"  # nobody trains that
    assert (figure.answer, figure.probabilities) == ([], [])


def test_a_choice_from_the_page_is_taken_over(figure):
    figure.set_state({"input": "words", "output": "sequence", "before": ["frames", "decision"]})
    assert (figure.input, figure.output) == ("words", "sequence")
    figure.set_state({"example": 2, "selected": "h1"})
    assert (figure.example, figure.selected) == (2, "h1")


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("example", 2, "example must be from 0 to 1, not 2"),
        ("example", -1, "example must be from 0 to 1, not -1"),
        ("before", ["words"], "before must be a kind of input and a kind of output"),
        ("input", "sound", "sound"),
    ],
)
def test_later_changes_are_checked(figure, trait, value, words):
    kept = getattr(figure, trait)
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(figure, trait, value)
    assert getattr(figure, trait) == kept


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"input": "sound"}, FigureError, "input must be one of 'picture', 'words', 'frames'"),
        ({"output": "two"}, FigureError, "output must be one of 'decision', 'sequence', 'every"),
        ({"input": "words"}, TypeError, "reads must be the TokenVocabulary of the words"),
        ({"output": "sequence"}, TypeError, "gives must be the TokenVocabulary that is written"),
        ({"output": "every step"}, TypeError, "must be of class SequenceTagger, not Sequential"),
        ({"model": nn.Sequential(nn.Linear(64, 10))}, FigureError, "must be in float64"),
        ({"gives": "012"}, FigureError, "10 outputs, but 3 labels are given"),
        ({"examples": []}, FigureError, "there is no example"),
        ({"examples": [(torch.zeros(8, 8), "x")]}, FigureError, "'x' is right, but no label"),
        ({"examples": [(torch.zeros(2, 8, 8), "1")]}, FigureError, r"must have 2 axes, not \(2, 8"),
        ({"examples": [(torch.full((8, 8), 2.0), "1")]}, FigureError, "pixels must lie from 0 to"),
    ],
)
def test_what_does_not_fit_is_refused_in_plain_words(changes, error, words):
    with pytest.raises(error, match=words):
        digits(**changes)


def test_other_layers_and_unrounded_weights_are_refused():
    with pytest.raises(ValueError, match="not rounded"):
        digits(model=make_digit_network().double()).describe()
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.GELU(), nn.Linear(8, 10)).double()
    with pytest.raises(FigureError, match=r"no layer like GELU.*; it knows Linear, Embedding"):
        digits(model=model).describe()


def test_frames_need_a_label_each():
    tagger = made(
        0, lambda: SequenceTagger(nn.Sequential(nn.Flatten(2), nn.Linear(256, 4)), 4, 4, 4)
    )
    for right in ["left", ["left"] * 3]:
        with pytest.raises(FigureError, match="right must be a list of labels, 2 for 2 steps"):
            Demonstration("frames", "every step", tagger, [(videos(0, [2])[0], right)], MOVES, "")


def test_what_is_no_demonstration_or_stands_twice_is_refused(shown):
    with pytest.raises(TypeError, match="give Demonstrations, not str"):
        WiringChooser(["captions"])
    with pytest.raises(FigureError, match="two demonstrations from picture to decision"):
        WiringChooser([digits(), digits()])
    with pytest.raises(FigureError, match="input must be one of"):
        WiringChooser([digits()], input="sound")
    with pytest.raises(FigureError, match="example must be from 0 to 0, not 1"):
        WiringChooser([digits()], "picture", "decision", example=1)
    decoder = EncoderDecoder(
        Encoder(nn.Sequential(nn.Flatten(2), nn.Linear(256, 4)), 4, 4), Decoder(len(ENGLISH), 4, 4)
    )
    told = Demonstration(
        "frames", "sequence", decoder.double(), [(videos(0, [2])[0], ["two"])], ENGLISH, ""
    )
    with pytest.raises(FigureError, match="explains frames to sequence in words"):
        WiringChooser([told])


# --- the picture ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kinds", PROBLEMS)
def test_the_picture_shows_the_wiring_and_the_answer(shown, kinds):
    figure = WiringChooser(list(shown.values()), *kinds)
    text = figure._repr_mimebundle_()[0]["image/svg+xml"]
    root = ElementTree.fromstring(text)
    words = [node.text for node in root.iter(f"{SVG}text")]
    assert root.find(f"{SVG}title").text.startswith(PROBLEMS[kinds]["wiring"].capitalize())
    assert set(figure.answer) <= set(words)
    assert len(text) < 40_000
    assert not re.search(r"\d\.\d{3}", text)  # no digits that a CPU could change
    assert text == figure.picture()


def test_weights_have_the_colours_that_they_have_elsewhere():
    css = (FOLDER / "wiring_chooser/style.css").read_text(encoding="utf-8")
    for name, role in [("W_xh", "input"), ("W_hh", "state"), ("W_ho", "output")]:
        assert f"--rnn-wire-{role}: {WEIGHT_COLOURS[name]};" in css
