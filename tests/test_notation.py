"""The page on notation says what the code does: the names are there, and the shapes are true."""

import re
from pathlib import Path

import pytest
import torch

from charrnn_helpers import bptt, cells, diagnostics, steps
from charrnn_helpers.longtext import streams

BOOK = Path(__file__).parent.parent / "book"
PAGE = (BOOK / "notation.md").read_text(encoding="utf-8")
SIZES = {"T": 7, "B": 2, "D": 3, "H": 5, "O": 4}
NAMED_SHAPE = re.compile(r"^\|[^|]*\| `(\w+)` (?:= [^|]*)?\| `(\([^|]*\))` \|", re.MULTILINE)


def known():
    """A run of the network: everything that the page gives a name and a shape."""
    torch.manual_seed(0)
    T, B, D, H, outputs = SIZES.values()
    weights = cells.make_weights("rnn", D, H, outputs)
    trace = bptt.forward("rnn", weights, torch.randn(T, B, D))
    do = torch.randn(T, B, outputs)
    a = sum(
        torch.stack(parts)
        for parts in zip(
            *(
                steps.pre_activations(weights, x, h)
                for x, h in zip(trace.x, trace.h[:-1], strict=True)
            ),
            strict=True,
        )
    )
    return weights | {
        "b_h": weights["b_xh"] + weights["b_hh"],
        "x": trace.x,
        "h": trace.h,
        "a": a,
        "o": trace.o,
        "softmax": trace.o.softmax(-1),
        "do": do,
        "da": torch.stack([bptt.step_backward(trace, t, trace.states[0])[0] for t in range(T)]),
        "loss": (do * trace.o).sum(),
        "bits": streams.bits((do * trace.o).sum()),
        "gradient_by_distance": diagnostics.gradient_by_distance(trace, do),
        "step_jacobians": diagnostics.step_jacobians(trace),
        "spectral_radius": diagnostics.spectral_radius(weights["W_hh"]),
        "spectral_norm": diagnostics.spectral_norm(weights["W_hh"]),
    }


def test_names_and_shapes_of_the_page_are_those_of_the_code():
    values, rows = known(), NAMED_SHAPE.findall(PAGE)
    assert {name for name, _ in rows} == set(values) - {"b_xh", "b_hh"}
    for name, shape in rows:
        assert tuple(values[name].shape) == eval(shape, {}, dict(SIZES)), name


@pytest.mark.parametrize("symbol", ["W_{xh}", "W_{hh}", "W_{ho}", "b_h", "b_o", "h_0 = 0"])
def test_every_symbol_of_the_recurrence_is_explained(symbol):
    assert PAGE.count(symbol) >= 2


def test_one_symbol_has_one_meaning_unless_the_page_says_so():
    once, twice = PAGE.split("## Letters with two meanings")
    first = re.compile(r"^\|([^|]*)\|", re.MULTILINE)
    symbols = [s for cell in first.findall(once) for s in re.findall(r"\$([^$]+)\$", cell)]
    assert len(symbols) > 30
    assert sorted(symbols) == sorted(set(symbols))
    letters = [s for cell in first.findall(twice) for s in re.findall(r"\$([^$]+)\$", cell)]
    assert sorted(letters) == sorted(set(letters))


def test_links_lead_to_pages():
    for target in re.findall(r"\]\((\w+)\)", PAGE):
        assert (BOOK / f"{target}.ipynb").exists(), target
