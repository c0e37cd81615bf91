import re
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest

from charrnn_helpers import figures, train
from charrnn_helpers.engine import Recurrence
from charrnn_helpers.training import _check_run


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def test_loss_curve_starts_at_epoch_1():
    ax = figures.loss_curve([3.0, 2.0, 1.0])
    x, y = ax.lines[0].get_data()
    assert list(x) == [1, 2, 3]
    assert list(y) == [3.0, 2.0, 1.0]
    assert ax.get_xlabel() == "epoch"
    assert "nats" in ax.get_ylabel()


def test_loss_band_shows_median_middle_and_range():
    losses = np.arange(101.0)[:, None] + np.zeros((101, 3))  # 101 seeds, 3 epochs
    ax = figures.loss_band(losses, label="seeds")
    assert list(ax.lines[0].get_ydata()) == [50, 50, 50]
    spans = [
        (c.get_datalim(ax.transData).y0, c.get_datalim(ax.transData).y1) for c in ax.collections
    ]
    assert spans == [(0, 100), (5, 95)]


def test_bars_are_labelled_with_the_characters():
    ax = figures.next_character_bars([0.25, 0.75], " a")
    assert [bar.get_height() for bar in ax.patches] == [0.25, 0.75]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["␣", "a"]


def test_figures_draw_where_they_are_told():
    ax = plt.subplots()[1]
    assert figures.loss_curve([1.0], ax) is ax


def test_source_is_shown_as_it_stands_but_for_the_docstring():
    shown = figures.show_source(_check_run).data
    assert shown.startswith("```python\ndef _check_run(")
    assert shown.endswith("\n```")
    trained = figures.show_source(train).data
    assert "loss = sequence_loss(logits, targets)" in trained
    assert '"""' not in trained


SVG = """
import io, matplotlib.pyplot as plt
from charrnn_helpers import figures
figures.use_book_style()
ax = figures.loss_band([[3.0, 2.0], [2.5, 1.5]], label="seeds")
ax.legend()
file = io.StringIO()
plt.savefig(file, format="svg", metadata={"Date": None})
print(file.getvalue())
"""


def test_the_same_figure_is_the_same_svg_in_every_process():
    svgs = {
        subprocess.run(
            [sys.executable, "-c", SVG], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(svgs) == 1
    assert "<text" in svgs.pop()


def test_a_text_takes_the_colours_of_its_values():
    html = figures.coloured_text("ab<c\nd", [-1, 0, 0.01, 1, 9, -9]).data
    pieces = re.findall(r'<span style="background:(#\w+)">([^<]*)</span>', html)
    blue, white, orange = figures.PALE_BLUE, "#ffffff", figures.PALE_ORANGE
    assert pieces == [(blue, "a"), (white, "b&lt;"), (orange, "c\n"), (blue, "d")]
    with pytest.raises(ValueError, match="3 values for 4 characters"):
        figures.coloured_text("abcd", [0, 0, 0])


def test_the_source_of_a_class_has_no_docstrings_either():
    shown = figures.show_source(Recurrence).data
    assert shown.startswith("```python\nclass Recurrence(")
    assert "def backward(ctx, dh):" in shown
    assert '"""' not in shown
