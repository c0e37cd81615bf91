"""The figure that goes through a training run, on the Python side: traits, numbers, errors."""

import json
import math
import re
from xml.etree import ElementTree

import pytest
import torch
import traitlets
from machines import CELLS, LETTERS, TEXT, UPDATES, checkpoints, ledger_facts, machine, write_slowly
from networks import make_model

from charrnn_helpers import Vocabulary
from charrnn_helpers.widgets import TimeMachine

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def shared():
    return machine()


def test_it_begins_with_the_last_checkpoint_and_carries_the_weights(shared):
    assert [one["updates"] for one in shared.checkpoints] == UPDATES
    assert [one["held_out"] for one in shared.checkpoints] == [4.5, 3.5, 2.5]
    assert (shared.checkpoint, shared.unit, shared.seed, shared.temperature) == (2, -1, 0, 0.7)
    assert (shared.cell, shared.characters, shared.hidden_size) == ("gru", LETTERS.characters, 12)
    for i, (_, _, model) in enumerate(checkpoints()):
        for ours, theirs in zip(shared.network(i).parameters(), model.parameters(), strict=True):
            assert torch.equal(ours, theirs)
    assert repr(shared) == (
        "TimeMachine(3 checkpoints of a gru with 12 hidden units, shown after 1000 updates)"
    )
    assert machine(at=0).checkpoint == 0


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("text", [TEXT, "We", "day", "We have a nice day. " * 4])
def test_the_horizon_and_the_shares_are_those_of_the_ledger(cell, text):
    figure = machine(cell, text)
    for i in range(3):
        shares, errors, horizon = ledger_facts(figure.network(i), text)
        found = figure.reach(i)
        assert found[0] == pytest.approx(shares, abs=1e-12)
        assert found[1] == pytest.approx(errors, abs=1e-12)
        assert found[2] == horizon
    assert figure.horizon == figure.reach(2)[2]


def test_a_passage_of_one_loss_has_no_gradient_of_the_recurrent_weights():
    figure = machine(text="We")
    assert figure.reach() == ([0.0], [0.0, 0.0], 0)
    assert "On this passage W_hh has no gradient." in figure.picture()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("temperature", "seed"), [(0.7, 0), (1.5, 3), (0.05, 1)])
def test_what_is_written_is_what_the_same_random_numbers_give(cell, temperature, seed):
    figure = machine(cell, temperature=temperature, seed=seed)
    assert len(figure.written) == 200
    for i in (0, 2):
        expected = write_slowly(figure.network(i), "We ", temperature, seed)
        assert figure.sample(i) == expected
    assert figure.written == figure.sample(2)


def test_the_outputs_follow_the_choices():
    figure = machine()
    first = figure.written, figure.horizon
    figure.checkpoint = 0
    assert (figure.written, figure.horizon) == (figure.sample(0), figure.reach(0)[2])
    figure.checkpoint = 2
    assert (figure.written, figure.horizon) == first
    figure.prompt = "no"
    assert figure.written.startswith("no")
    figure.seed = 5
    figure.text = "nice."
    assert figure.written == write_slowly(figure.network(), "no", 0.7, 5)
    assert figure.horizon == ledger_facts(figure.network(), "nice.")[2]


def test_a_state_from_the_page_is_taken_over():
    figure = machine()
    figure.set_state({"checkpoint": 1, "unit": 11, "text": "day", "temperature": 1.2})
    assert (figure.checkpoint, figure.unit, figure.text) == (1, 11, "day")
    assert figure.horizon == figure.reach(1)[2]


GOOD = {"checkpoints": checkpoints(), "vocabulary": LETTERS, "text": TEXT, "prompt": "We "}
OTHER = make_model(LETTERS, seed=1)
ROUGH = make_model(LETTERS, seed=1, cell="gru")


def replaced(**places):
    """The checkpoints, with others in some places."""
    return [places.get(f"at_{i}", one) for i, one in enumerate(checkpoints())]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"checkpoints": "abc"}, TypeError, "checkpoints must be a list of \\(updates, held-out"),
        ({"checkpoints": checkpoints()[:1]}, ValueError, "give 2 to 12 checkpoints, not 1"),
        ({"checkpoints": checkpoints() * 5}, ValueError, "give 2 to 12 checkpoints, not 15"),
        ({"checkpoints": [3, 4]}, TypeError, "checkpoint 0 must be \\(updates"),
        ({"checkpoints": checkpoints()[::-1]}, ValueError, "must ascend, but 10 comes after 1000"),
        (
            {"checkpoints": replaced(at_1=(-1, 2.0, ROUGH))},
            ValueError,
            "checkpoint 1: updates must be a whole number from 0, not -1",
        ),
        (
            {"checkpoints": replaced(at_1=(10, math.nan, ROUGH))},
            ValueError,
            "checkpoint 1: held-out bits must be 0 or more, not nan",
        ),
        (
            {"checkpoints": replaced(at_2=(1000, 2.0, "x"))},
            TypeError,
            "checkpoint 2: model must be a CharRNN, not str",
        ),
        (
            {"checkpoints": replaced(at_1=(10, 2.0, OTHER))},
            ValueError,
            "checkpoint 1 is a rnn with 12 hidden units, but checkpoint 0 a gru with 12",
        ),
        (
            {"checkpoints": replaced(at_1=(10, 2.0, ROUGH))},
            ValueError,
            r"checkpoint 1: recurrent\.weight_ih_l0 is not rounded: call round_weights\(model\)",
        ),
        ({"vocabulary": "abc"}, TypeError, "vocabulary must be a Vocabulary, not str"),
        (
            {"vocabulary": Vocabulary("abc")},
            ValueError,
            "checkpoint 0: the model knows 20 characters, the vocabulary 3",
        ),
        ({"text": 3}, TypeError, "text must be a string, not int"),
        ({"text": "We x"}, ValueError, "character 'x' at position 3 of the text is not in"),
        ({"text": "W"}, ValueError, "the text must have 2 to 80 characters, not 1"),
        ({"text": "a" * 81}, ValueError, "the text must have 2 to 80 characters, not 81"),
        ({"prompt": ""}, ValueError, "the prompt must have 1 to 199 characters, not 0"),
        ({"prompt": "a" * 200}, ValueError, "the prompt must have 1 to 199 characters, not 200"),
        ({"prompt": "Q"}, ValueError, "character 'Q' at position 0 of the prompt"),
        ({"temperature": 0}, ValueError, "temperature must be a number above 0, not 0"),
        ({"temperature": math.inf}, ValueError, "temperature must be a number above 0, not inf"),
        ({"temperature": "hot"}, ValueError, "temperature must be a number above 0, not 'hot'"),
        ({"seed": 1.5}, TypeError, "seed must be a whole number, not 1.5"),
        ({"at": 3}, ValueError, "checkpoint must be from 0 to 2, not 3"),
        ({"at": -1}, ValueError, "checkpoint must be from 0 to 2, not -1"),
        ({"at": "last"}, TypeError, "checkpoint must be a whole number, not 'last'"),
        ({"unit": 12}, ValueError, "unit must be from 0 to 11, or -1 for none, not 12"),
    ],
)
def test_bad_arguments_are_named(arguments, error, words):
    with pytest.raises(error, match=words):
        TimeMachine(**GOOD | arguments)


@pytest.mark.parametrize(
    ("trait", "value"),
    [("checkpoint", 3), ("text", "a"), ("prompt", "Q"), ("temperature", -1.0), ("unit", -2)],
)
def test_later_changes_are_checked_too(shared, trait, value):
    before = getattr(shared, trait)
    with pytest.raises(traitlets.TraitError):
        setattr(shared, trait, value)
    assert getattr(shared, trait) == before


def test_eight_checkpoints_of_a_gru_with_48_units_are_small():
    vocabulary = Vocabulary("".join(chr(32 + i) for i in range(80)))
    updates = [0, 10, 30, 100, 300, 1000, 3000, 10000]
    figure = TimeMachine(
        checkpoints(hidden_size=48, updates=updates, vocabulary=vocabulary),
        vocabulary,
        "THE CONGRESS OF THE UNITED STATES",
        "THE ",
    )
    own = ["checkpoints", "cell", "characters", "text", "prompt", "written", "horizon"]
    assert len(json.dumps({name: getattr(figure, name) for name in own})) < 264_000


def test_the_picture_tells_what_is_written_at_every_checkpoint(shared):
    picture = shared._repr_mimebundle_()[0]["image/svg+xml"]
    assert picture == machine().picture()  # the same figure, the same picture
    assert len(picture) < 20_000
    assert not re.search(r"\d\.\d{2}\d", re.sub(r"<text.*?</text>", "", picture))
    root = ElementTree.fromstring(picture)
    assert root.get("role") == "img"
    assert "After 1,000 updates: 2.50 bits a character" in root.find(f"{SVG}title").text
    rows = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    for i in range(3):
        assert shared.sample(i)[:60].replace("\n", "¶") + "…" in rows
        assert str(shared.reach(i)[2]) in rows
    assert machine(at=0).picture() != picture
    assert "Before training: 4.50 bits" in machine(at=0).picture()


def test_any_character_can_be_in_the_picture():
    vocabulary = Vocabulary("<&>'\n")
    figure = TimeMachine(checkpoints(vocabulary=vocabulary), vocabulary, "<&>'\n", "<&\n")
    ElementTree.fromstring(figure.picture())
