"""The arithmetic of the figure of one gated cell is Python's, which is PyTorch's."""

import pytest
import torch

from charrnn_helpers.widgets import GatedCell
from charrnn_helpers.widgets.gated_cell.numbers import (
    LARGEST,
    SETTINGS,
    names_of,
    run,
)

MODULES = {"net": ["gated_cell/net.js"]}


def drawn(cell, seed):
    generator = torch.Generator().manual_seed(seed)
    own = {
        name: (LARGEST[name.rsplit("_", 1)[1]] / 2) * (2 * torch.rand((), generator=generator) - 1)
        for name in names_of(cell)
    }
    T = 2 + seed % 9
    return GatedCell(
        cell,
        {"from": "keep"} | {name: value.item() for name, value in own.items()},
        values=2 * torch.rand(T, generator=generator, dtype=torch.float64) - 1,
        cues=torch.randint(-1, 2, (T,), generator=generator),
    )


def given(figure):
    return {name: getattr(figure, name) for name in ("cell", "setting", "values", "cues")}


def test_its_table_of_settings_is_pythons(js):
    assert js.evaluate("() => [net.SETTINGS, net.LARGEST]") == [SETTINGS, LARGEST]
    for cell in ("lstm", "gru"):
        assert js.evaluate("net.namesOf", cell) == names_of(cell)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_states_gates_and_gradients_are_pythons(js, cell):
    figures = [drawn(cell, seed) for seed in range(10)]
    figures += [GatedCell(cell, setting) for setting in SETTINGS]
    for figure in figures:
        found = js.evaluate("(given) => pure('run', given)", given(figure))
        expected = run(cell, figure.numbers(), figure.values, figure.cues)
        assert found["numbers"] == figure.numbers()
        for row, openings in expected["gates"].items():
            assert [one[row] for one in found["steps"]] == pytest.approx(openings, abs=1e-12)
        assert [one["h"] for one in found["steps"]] == pytest.approx(expected["h"], abs=1e-12)
        kept = expected["c"] or expected["h"]
        assert [one["kept"] for one in found["steps"]] == pytest.approx(kept, abs=1e-12)
        assert [one["before"]["kept"] for one in found["steps"][1:]] == pytest.approx(kept[:-1])
        for name in ("gradients", "products"):
            assert found[name] == pytest.approx(expected[name], rel=1e-9, abs=1e-14)


def test_a_number_that_is_the_settings_own_again_is_not_listed(js):
    steps = js.evaluate(
        """() => {
            const one = net.withNumber("lstm", "keep", "f_bias", 3);
            const two = net.withNumber("lstm", one, "g_value", 2);
            return [one, two, net.withNumber("lstm", two, "f_bias", 8),
                net.withNumber("lstm", one, "f_bias", 8), net.isAsNamed("gru", one)];
        }"""
    )
    assert steps == [
        {"from": "keep", "f_bias": 3},
        {"from": "keep", "f_bias": 3, "g_value": 2},
        {"from": "keep", "g_value": 2},
        "keep",
        True,  # a GRU has no such number
    ]
