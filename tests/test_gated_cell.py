"""One gated cell in Python: it is PyTorch's; its settings, plain errors, its picture."""

import math
import re
from xml.etree import ElementTree

import pytest
import torch
import traitlets
from torch import nn

from charrnn_helpers.widgets import GatedCell
from charrnn_helpers.widgets.figure import FigureError
from charrnn_helpers.widgets.gated_cell.numbers import LARGEST, SETTINGS, names_of
from charrnn_helpers.widgets.gated_cell.picture import sentence_of, two

SVG = "{http://www.w3.org/2000/svg}"
CELLS = ["lstm", "gru"]


def drawn(cell, seed):
    """A figure whose numbers and sequence are by chance."""
    generator = torch.Generator().manual_seed(seed)
    T = int(torch.randint(2, 11, (), generator=generator))
    own = {
        name: LARGEST[name.rsplit("_", 1)[1]]
        / 4
        * torch.randn((), generator=generator).clamp(-2, 2)
        for name in names_of(cell)
    }
    return GatedCell(
        cell,
        {"from": "pytorch"} | {name: value.item() for name, value in own.items()},
        values=2 * torch.rand(T, generator=generator, dtype=torch.float64) - 1,
        cues=torch.randint(-1, 2, (T,), generator=generator),
    )


def by_torch(figure):
    """States by PyTorch's layer, and ∂s_T/∂s_t by autograd, its cell going step by step."""
    layer = figure.layer()
    x = torch.tensor([figure.values, figure.cues], dtype=torch.float64).T  # (T, 2)
    kind = nn.LSTMCell if figure.cell == "lstm" else nn.GRUCell
    cell = kind(2, 1, dtype=torch.float64)
    names = {name: name.removesuffix("_l0") for name in layer.state_dict()}
    cell.load_state_dict({names[name]: w for name, w in layer.state_dict().items()})
    state, kept = None, []
    for x_t in x:
        state = cell(x_t[None], state)
        kept.append(state[1] if figure.cell == "lstm" else state)
        kept[-1].retain_grad()
    kept[-1].sum().backward()
    h = layer(x[:, None])[0].flatten()
    return h.tolist(), [s.item() for s in kept], [s.grad.item() for s in kept]


@pytest.mark.parametrize("cell", CELLS)
def test_it_is_pytorchs_cell_and_its_gradients_are_autograds(cell):
    for seed in range(12):
        figure = drawn(cell, seed)
        h, kept, gradients = by_torch(figure)
        assert figure.h == pytest.approx(h, abs=1e-9)
        assert (figure.c or figure.h) == pytest.approx(kept, abs=1e-9)
        assert figure.gradients == pytest.approx(gradients, rel=1e-8, abs=1e-12)


def test_the_layer_has_pytorchs_order():
    lstm = GatedCell(setting="recall", f_value=0.5, g_state=-1).layer()
    assert lstm.weight_ih_l0.tolist() == [[0, 12], [0.5, 0], [1, 0], [0, -12]]
    assert lstm.weight_hh_l0.flatten().tolist() == [0, 0, -1, 0]
    assert lstm.bias_ih_l0.tolist() == [-6, 8, 0, -6]
    assert lstm.bias_hh_l0.count_nonzero() == 0
    assert GatedCell("gru", "keep").layer().weight_ih_l0.tolist() == [[0, 0], [0, -14], [1, 0]]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("setting", SETTINGS)
def test_without_weights_on_the_state_the_gradient_is_the_product(cell, setting):
    figure = GatedCell(cell, setting)
    assert figure.gradients[0] == pytest.approx(figure.product, rel=1e-12)
    gate = torch.tensor(figure.layer().bias_ih_l0[1].item()).sigmoid().item()  # cues 2 … 7 are 0
    if setting == "pytorch":
        assert figure.product == 2**-7
    if setting == "forget":
        assert figure.product < 1e-20
    if setting in ("keep", "recall"):
        assert figure.product == pytest.approx(gate**7, abs=1e-3)
        assert figure.product > 0.99


def test_with_weights_on_the_state_the_two_differ():
    figure = GatedCell("lstm", "pytorch", g_state=3)
    assert figure.product == 2**-7
    assert figure.gradients[0] > 2 * figure.product
    own = GatedCell("lstm", "pytorch", o_gate_state=3)  # what is shown, and to none that matters
    assert own.gradients[0] == pytest.approx(own.product, rel=1e-12)


def test_what_is_written_once_returns_at_the_end():
    figure = GatedCell()
    written = math.tanh(math.tanh(0.8))
    assert max(map(abs, figure.h[:-1])) < 0.01
    assert figure.h[-1] == pytest.approx(written, abs=0.01)
    figure.values = [-0.7, *figure.values[1:]]
    assert figure.h[-1] == pytest.approx(math.tanh(math.tanh(-0.7)), abs=0.01)
    figure.values = [-0.7, *[0.0] * 7]  # what comes in between does not matter
    assert figure.h[-1] == pytest.approx(math.tanh(math.tanh(-0.7)), abs=0.01)
    figure.cell = "gru"  # no output gate: it is seen all the time
    assert figure.c == []
    assert figure.h == pytest.approx([math.tanh(-0.7)] * 8, abs=0.01)
    figure.cues = [1, 0, 0, 0, 1, 0, 0, -1]  # a GRU that writes forgets
    assert figure.h[-1] == pytest.approx(0, abs=0.01)
    assert figure.gradients[0] < 0.01


def test_a_setting_and_what_differs_from_it():
    figure = GatedCell(setting="pytorch", f_bias=3)
    assert figure.setting == {"from": "pytorch", "f_bias": 3.0}
    assert figure.numbers()["f_bias"] == 3
    assert figure.product == pytest.approx(torch.tensor(3.0).double().sigmoid().item() ** 7)
    assert repr(figure) == "GatedCell(lstm, pytorch, f_bias=3)"
    figure.setting = "keep"
    assert repr(figure) == "GatedCell(lstm, keep)"
    assert figure.numbers()["f_bias"] == 8
    figure.set_state({"cell": "gru", "setting": {"from": "forget"}, "step": 3})
    assert (figure.cell, figure.setting, figure.step) == ("gru", "forget", 3)
    shared = {"cell", "setting", "values", "cues", "step", "h", "c", "gradients", "product"}
    assert shared <= set(figure.keys)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"cell": ["lstm"]}, ValueError, "cell must be 'lstm' or 'gru'"),
        ({"cell": "rnn"}, ValueError, "cell must be 'lstm' or 'gru', not 'rnn'"),
        ({"setting": "open"}, ValueError, "setting must be one of 'keep', .*, not 'open'"),
        ({"setting": 3}, TypeError, "setting must be a name or {.*}, not 3"),
        ({"setting": {"f_bias": 3}}, TypeError, "setting must be a name or"),
        ({"setting": {"from": ["keep"]}}, ValueError, "setting must be one of 'keep'"),
        ({"setting": {"from": "keep", "b_f": 3}}, ValueError, "'b_f' is no number of the cell"),
        ({"f_bias": 11}, ValueError, "f_bias must be from -10 to 10, not 11"),
        ({"f_bias": "3"}, TypeError, "f_bias must be a number, not '3'"),
        ({"n_state": float("nan")}, ValueError, "n_state must be from -5 to 5, not nan"),
        ({"values": [0.5] * 11}, ValueError, "values must be 2 to 10 numbers, not 11"),
        ({"values": [0.5] * 7 + [2]}, ValueError, "each of the values must be from -1 to 1, not 2"),
        ({"values": "abc"}, TypeError, "values must be numbers, one for each time step"),
        ({"values": 3}, TypeError, "values must be numbers"),
        ({"values": [0.5, 0.5]}, ValueError, "2 values and 8 cues are given"),
        ({"cues": [0.5] * 8}, ValueError, "each of the cues must be -1, 0 or 1, not 0.5"),
        ({"step": 9}, ValueError, "step must be from 1 to 8, not 9"),
        ({"step": 1.5}, TypeError, "step must be a whole number, not 1.5"),
    ],
)
def test_what_the_figure_cannot_show_is_refused_in_plain_words(arguments, error, message):
    with pytest.raises(error, match=message):
        GatedCell(**arguments)


def test_later_changes_are_checked_too():
    figure = GatedCell()
    for trait, value in [
        ("cell", "rnn"), ("setting", "no"), ("values", [0.5] * 3), ("cues", [2] * 8), ("step", 0),
    ]:  # fmt: skip
        before = getattr(figure, trait)
        with pytest.raises((traitlets.TraitError, FigureError)):
            setattr(figure, trait, value)
        assert getattr(figure, trait) == before


@pytest.mark.parametrize("cell", CELLS)
def test_the_picture_prints_what_the_cell_did(cell):
    figure = GatedCell(cell, "recall", values=[0.8, -0.6, 0.3], cues=[1, 0, -1], g_state=-5)
    picture = figure._repr_mimebundle_()[0]["image/svg+xml"]
    assert picture == figure.picture()
    assert not re.search(r"\d\.\d{4}", picture)  # no digits that a CPU could change
    assert len(picture) < 25_000
    root = ElementTree.fromstring(picture)
    texts = [node.text for node in root.iter(f"{SVG}text")]
    for value in [*figure.h, *figure.c, *figure.values]:
        assert two(value) in texts
    found = {"gradients": figure.gradients, "product": figure.product}
    assert sentence_of(cell, 3, found) in texts
    assert root.find(f"{SVG}title").text.endswith(sentence_of(cell, 3, found))
    figure.setting = "pytorch"
    assert figure.picture() != picture
