import json
import re
from xml.etree import ElementTree

import pytest
import torch
import traitlets
from networks import make_model

from charrnn_helpers import Vocabulary, bptt
from charrnn_helpers.cells import weights_of_layer
from charrnn_helpers.widgets import GradientLedger
from charrnn_helpers.widgets.bundle import FOLDER
from charrnn_helpers.widgets.gradient_ledger.figure import LONGEST, measure
from charrnn_helpers.widgets.gradient_ledger.picture import HEAT, heat
from charrnn_helpers.widgets.weights import network_of, weights_of

CHARACTERS = " acdefghimnoruvwy"
TEXT = "good i am fine "
T = len(TEXT) - 1
PARAMETERS = {"W_xh": "weight_ih_l0", "W_hh": "weight_hh_l0", "b_xh": "bias_ih_l0"}


@pytest.fixture(scope="module")
def vocabulary():
    return Vocabulary(CHARACTERS)


@pytest.fixture(scope="module")
def networks(vocabulary):
    return {
        cell: (make_model(vocabulary, 1, cell=cell), make_model(vocabulary, 2, cell=cell))
        for cell in ["rnn", "gru", "lstm"]
    }


@pytest.fixture
def figure(networks, vocabulary):
    return GradientLedger(networks, vocabulary, TEXT)


# --- what it tells -------------------------------------------------------------------------------


def test_the_figure_starts_with_the_first_cell_trained_and_the_whole_way_back(figure):
    assert (figure.cell, figure.trained, figure.weight) == ("rnn", True, "W_hh")
    assert (figure.loss, figure.horizon, figure.logarithmic) == (None, T, False)
    assert (figure.cut_by, figure.chunk) == ("horizon", T)
    assert (figure.kept, figure.error) == (1.0, 0.0)
    assert torch.tensor(figure.table).shape == (T, T)
    assert sum(figure.shares) == pytest.approx(1, abs=1e-8)


def gradient_of(model, text, weight):
    """The gradient of one weight by autograd, of the mean cross-entropy."""
    ids = torch.tensor([[CHARACTERS.index(c) for c in text]])
    loss = torch.nn.functional.cross_entropy(model(ids[:, :-1])[0][0], ids[0, 1:])
    parameter = getattr(model.recurrent, PARAMETERS[weight])
    return torch.autograd.grad(loss, parameter)[0]


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("weight", list(PARAMETERS))
def test_what_it_measures_is_the_ledger_of_autograds_gradient(networks, vocabulary, cell, weight):
    figure = GradientLedger(networks, vocabulary, TEXT, cell=cell, weight=weight, horizon=3)
    model = network_of(figure.networks[cell][True])
    g = gradient_of(model, TEXT, weight)
    ids = torch.tensor([CHARACTERS.index(c) for c in TEXT])
    x = torch.nn.functional.one_hot(ids[:-1, None], len(CHARACTERS)).double()
    trace = bptt.forward(cell, weights_of_layer(model.recurrent, model.head), x)
    entries = bptt.gradient_ledger(trace, bptt.cross_entropy_gradient(trace.o, ids[1:, None]))
    left = sum(entries[weight][i, j] for i in range(T) for j in range(i + 1) if i - j < 3)
    torch.testing.assert_close(bptt.total(entries[weight]), g, rtol=0, atol=1e-8)
    assert figure.kept == pytest.approx(float((left * g).sum() / (g * g).sum()), abs=1e-8)
    assert figure.error == pytest.approx(float((left - g).norm() / g.norm()), abs=1e-8)
    assert sum(figure.shares[:3]) == pytest.approx(figure.kept, abs=1e-8)
    norms = entries[weight].flatten(2).norm(dim=-1)
    table = torch.tensor(figure.table, dtype=torch.float64)
    torch.testing.assert_close(table, norms, rtol=0, atol=1e-9)


def test_a_gradient_of_zero_loses_nothing(vocabulary):
    weights = weights_of(make_model(vocabulary, 1))
    weights["W_ho"] = [[0.0] * 12] * 17
    facts = measure(weights, CHARACTERS, TEXT, "W_hh", 2)
    assert (facts["kept"], facts["error"], facts["shares"]) == (1.0, 0.0, [0.0] * T)


def test_a_weight_after_the_state_is_used_at_distance_0_only(networks, vocabulary):
    figure = GradientLedger(networks, vocabulary, TEXT, weight="W_ho", horizon=1)
    assert figure.shares == [1.0] + [0.0] * (T - 1)
    assert (figure.kept, figure.error) == (1.0, 0.0)


def test_every_trait_is_shared_with_the_page_and_six_networks_are_light(figure):
    shared = {
        *("networks", "characters", "text", "cell", "trained", "weight", "loss", "horizon"),
        *("cut_by", "chunk", "logarithmic", "table", "shares", "kept", "error"),
    }
    assert shared <= set(figure.keys)
    assert len(json.dumps(figure.networks)) < 150_000


def test_a_state_from_the_page_is_taken_over(figure):
    figure.set_state({"cell": "gru", "trained": False, "weight": "b_xh", "loss": 4, "horizon": 2})
    figure.set_state({"text": "hey how"})
    assert repr(figure) == "GradientLedger('hey how', untrained gru, b_xh, loss=4, horizon=2)"


@pytest.mark.parametrize("cut", ["horizon", "chunk"])
def test_what_cuts_nothing_off_still_does_not_in_another_text(figure, cut):
    figure.text = "hey how are you good i am"
    assert getattr(figure, cut) == 24
    setattr(figure, cut, 5)
    figure.text = "hey how"
    assert getattr(figure, cut) == 5


@pytest.mark.parametrize("chunk", [1, 4, 5, T])
def test_with_chunks_what_is_left_is_the_truncated_gradient(networks, vocabulary, chunk):
    figure = GradientLedger(networks, vocabulary, TEXT, cut_by="chunks", chunk=chunk, horizon=2)
    model = network_of(figure.networks["rnn"][True])
    ids = torch.tensor([CHARACTERS.index(c) for c in TEXT])
    x = torch.nn.functional.one_hot(ids[:-1, None], len(CHARACTERS)).double()
    trace = bptt.forward("rnn", weights_of_layer(model.recurrent, model.head), x)
    do = bptt.cross_entropy_gradient(trace.o, ids[1:, None])
    g, left = (bptt.backward(trace, do, cut)["W_hh"] for cut in (None, chunk))
    assert figure.kept == pytest.approx(float((left * g).sum() / (g * g).sum()), abs=1e-8)
    assert figure.error == pytest.approx(float((left - g).norm() / g.norm()), abs=1e-8)


def test_its_text_form_says_what_cuts(networks, vocabulary):
    figure = GradientLedger(networks, vocabulary, TEXT, cut_by="chunks", chunk=4, horizon=2)
    assert repr(figure) == "GradientLedger('good i am fine ', trained rnn, W_hh, chunk=4)"
    figure.cut_by = "horizon"
    assert repr(figure) == "GradientLedger('good i am fine ', trained rnn, W_hh, horizon=2)"


def test_its_text_form_is_stable(figure):
    assert repr(figure) == "GradientLedger('good i am fine ', trained rnn, W_hh)"


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"text": "goz"}, ValueError, "character 'z' at position 2 of the text .* allowed are"),
        ({"text": "go"}, ValueError, "must have 3 to 41 characters, not 2"),
        ({"text": "g" * (LONGEST + 2)}, ValueError, "must have 3 to 41 characters, not 42"),
        ({"text": 3}, TypeError, "text must be a string, not int"),
        ({"cell": "elman"}, ValueError, "cell must be one of rnn, gru, lstm, not 'elman'"),
        ({"weight": "W"}, ValueError, "weight must be one of W_xh, W_hh, .* not 'W'"),
        ({"trained": 1}, TypeError, "trained must be True or False, not 1"),
        ({"logarithmic": "yes"}, TypeError, "logarithmic must be True or False, not 'yes'"),
        ({"loss": 0}, ValueError, "loss must be 1 or more, not 0"),
        ({"horizon": 0}, ValueError, "horizon must be 1 or more, not 0"),
        ({"horizon": 2.5}, TypeError, r"horizon must be a whole number, not 2\.5"),
        ({"cut_by": "k"}, ValueError, "cut_by must be one of horizon, chunks, not 'k'"),
        ({"chunk": 0}, ValueError, "chunk must be 1 or more, not 0"),
        ({"chunk": "4"}, TypeError, "chunk must be a whole number, not '4'"),
        ({"loss": True}, TypeError, "loss must be a whole number, not True"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_plain_words(
    networks, vocabulary, arguments, error, message
):
    with pytest.raises(error, match=message):
        GradientLedger(networks, vocabulary, **{"text": TEXT} | arguments)


def test_networks_that_do_not_fit_are_refused(networks, vocabulary):
    pair = networks["rnn"]
    for wrong, error, message in [
        ({}, TypeError, "networks must be a dictionary of cells: .*untrained, trained"),
        (pair, TypeError, "networks must be a dictionary"),
        ({"elman": pair}, ValueError, "cell 'elman'; known are rnn, gru, lstm"),
        ({"rnn": pair[0]}, TypeError, r"networks\['rnn'\] must be two networks"),
        ({"gru": pair}, ValueError, r"networks\['gru'\] holds a network of the cell 'rnn'"),
        ({"rnn": (pair[0], None)}, TypeError, "must be a CharRNN, not NoneType"),
    ]:
        with pytest.raises(error, match=message):
            GradientLedger(wrong, vocabulary, TEXT)
    for cell, most in [("rnn", 400), ("gru", 230), ("lstm", 200)]:
        large = make_model(vocabulary, 0, most + 1, cell)
        with pytest.raises(ValueError, match=f"{cell} has {most + 1} hidden units; .* {most} at"):
            GradientLedger({cell: (large, large)}, vocabulary, TEXT)
    with pytest.raises(ValueError, match="the rnn knows 17 characters, the vocabulary 3"):
        GradientLedger({"rnn": pair}, Vocabulary("dgo"), "good")
    with pytest.raises(TypeError, match="vocabulary must be a Vocabulary, not str"):
        GradientLedger(networks, CHARACTERS, TEXT)


@pytest.mark.parametrize(
    ("trait", "value"),
    [
        ("text", "z"),
        ("cell", "elman"),
        ("weight", "W"),
        ("loss", 0),
        ("horizon", 0),
        ("cut_by", "k"),
        ("chunk", 0),
    ],
)
def test_later_changes_are_checked_too(figure, trait, value):
    before = getattr(figure, trait)
    with pytest.raises(traitlets.TraitError):
        setattr(figure, trait, value)
    assert getattr(figure, trait) == before


# --- the picture ---------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"


def cells_of(picture):
    return [
        node
        for node in ElementTree.fromstring(picture).iter(f"{SVG}rect")
        if (node.findtext(f"{SVG}title") or "").startswith("loss")
    ]


def test_the_picture_is_deterministic_and_shows_every_entry(figure, networks, vocabulary):
    picture = figure._repr_mimebundle_()[0]["image/svg+xml"]
    assert picture == GradientLedger(networks, vocabulary, TEXT).picture()
    assert len(picture) < 25_000
    assert not re.search(r"\d\.\d{2}\d", picture)  # no digits that a CPU could change
    cells = cells_of(picture)
    assert len(cells) == T * (T + 1) // 2
    largest = max(map(max, figure.table))
    entries = [figure.table[i][j] / largest for i in range(T) for j in range(i + 1)]
    assert [cell.get("fill") for cell in cells] == [heat(share) for share in entries]
    title = ElementTree.fromstring(picture).findtext(f"{SVG}title")
    assert title.startswith("The gradient ledger of W_hh, RNN after training, on ‘good i am fine ’")


def test_the_picture_greys_what_is_cut_off_and_says_how_much(networks, vocabulary):
    figure = GradientLedger(networks, vocabulary, TEXT, cell="lstm", weight="b_hh", horizon=2)
    picture = figure.picture()
    grey = [cell for cell in cells_of(picture) if cell.get("fill") == "#cbd2d9"]
    assert len(grey) == (T - 2) * (T - 1) // 2
    title = ElementTree.fromstring(picture).findtext(f"{SVG}title")
    assert "ledger of b_h, LSTM" in title  # its two biases are one
    assert f"loses {100 * (1 - figure.kept):.1f} %".replace("-", "−") in title


def test_the_picture_greys_what_lies_between_chunks(networks, vocabulary):
    figure = GradientLedger(networks, vocabulary, TEXT, cut_by="chunks", chunk=4)
    picture = figure.picture()
    grey = [cell for cell in cells_of(picture) if cell.get("fill") == "#cbd2d9"]
    kept = 3 * 10 + 3  # three whole triangles of four steps, and one of the last two
    assert len(grey) == T * (T + 1) // 2 - kept
    lost = f"{100 * (1 - figure.kept):.1f} %".replace("-", "−")
    assert f"With chunks of 4, {lost} of the gradient is lost (grey)." in picture


def test_any_character_and_a_long_text_can_be_in_the_picture():
    vocabulary = Vocabulary("<&>'")
    pair = (make_model(vocabulary, 1, 2, "gru"), make_model(vocabulary, 2, 2, "gru"))
    figure = GradientLedger({"gru": pair}, vocabulary, "<&>'" * 10, weight="b_xh")
    texts = [n.text for n in ElementTree.fromstring(figure.picture()).iter(f"{SVG}text")]
    assert {"<", "&", ">", "'"} <= set(texts)
    assert "ledger of b_xh" in figure.picture()


def test_the_colours_of_the_picture_are_those_of_the_page():
    css = (FOLDER / "gradient_ledger/style.css").read_text(encoding="utf-8")
    for name, colour in zip(["low", "middle", "high"], HEAT, strict=True):
        assert f"--rnn-heat-{name}: {colour};" in css
    assert [heat(0), heat(0.5), heat(1)] == list(HEAT)
    assert not re.search(r"url\(|@import|@font-face|transition|animation", css)  # nothing moves
