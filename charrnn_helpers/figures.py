"""Arrays to matplotlib, in one style. Every function draws on the Axes that it returns."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from itertools import groupby

import matplotlib.pyplot as plt
import numpy as np
from IPython import get_ipython
from IPython.display import HTML, Markdown
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex

from charrnn_helpers.source_code import source_lines

BLUE, ORANGE, GREY = "#2166ac", "#b35806", "#666666"
PALE_BLUE, PALE_ORANGE = "#92c5de", "#fdb863"  # for the ground of black letters

STYLE = {
    "figure.figsize": (6.4, 3.4),
    "figure.dpi": 96,
    "font.size": 11,
    "font.sans-serif": ["DejaVu Sans"],  # else SVG names ten fonts with every word
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "axes.axisbelow": True,
    "legend.frameon": False,
    "svg.fonttype": "none",  # letters stay letters: small, searchable, sharp
    "svg.hashsalt": "rnn",  # ids that do not change from run to run
}


def use_book_style() -> None:
    """Set the book's style for all figures; in a notebook, show them as reproducible SVG.

    nbval compares SVG and never PNG, so that a figure is proven like any other output.
    """
    plt.rcParams.update(STYLE)
    if get_ipython() is not None:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata={"Date": None})


def show_source(code: Callable) -> Markdown:
    """Show the source of a function, method or class as it stands in the package.

    Its docstring is left out: the text around says what it is for.
    """
    return Markdown("\n".join(["```python", *source_lines(code), "```"]))


def loss_curve(losses, ax: Axes | None = None, **style) -> Axes:
    """Draw the loss against the epoch.

    Args:
        losses: `(E,)` in nats, the first one of epoch 1.
        ax: Where to draw; a new figure if not given.
        **style: Passed on to `Axes.plot`.
    """
    ax = ax or _new_axes()
    losses = _rounded(losses)
    ax.plot(np.arange(1, len(losses) + 1), losses, **{"color": BLUE, **style})
    return _label_losses(ax)


def loss_band(losses, ax: Axes | None = None, color: str = BLUE, label: str = "") -> Axes:
    """Draw the losses of many seeds: the median, the middle 90 % and, lighter, all of them.

    Args:
        losses: `(S, E)` in nats: S seeds, E epochs.
        ax: Where to draw; a new figure if not given.
        color: Of the band and of the median.
        label: Of the median in the legend.
    """
    ax = ax or _new_axes()
    quantiles = np.quantile(np.asarray(losses), [0, 0.05, 0.5, 0.95, 1], axis=0)
    lowest, low, middle, high, highest = _rounded(quantiles)
    epochs = np.arange(1, len(middle) + 1)
    ax.fill_between(epochs, lowest, highest, color=color, alpha=0.12, linewidth=0)
    ax.fill_between(epochs, low, high, color=color, alpha=0.25, linewidth=0)
    ax.plot(epochs, middle, color=color, label=label)
    return _label_losses(ax)


def next_character_bars(probabilities, characters: str, ax: Axes | None = None, **style) -> Axes:
    """Draw how likely each character is to come next.

    Args:
        probabilities: `(V,)`.
        characters: V characters; a space is shown as ␣.
        ax: Where to draw; a new figure if not given.
        **style: Passed on to `Axes.bar`.
    """
    ax = ax or _new_axes()
    ax.bar(np.arange(len(characters)), _rounded(probabilities), **{"color": BLUE, **style})
    ax.set_xticks(np.arange(len(characters)), list(visible(characters)))
    ax.grid(axis="x", visible=False)
    ax.set(xlabel="next character", ylabel="probability", ylim=(0, 1))
    return ax


def coloured_text(text: str, values) -> HTML:
    """Show a text with a colour behind each character: blue for -1, white for 0, orange for 1.

    Args:
        text: T characters.
        values: `(T,)`, from -1 to 1, one for each character.

    Raises:
        ValueError: If there is not one value for each character.
    """
    if len(values) != len(text):
        raise ValueError(f"there are {len(values)} values for {len(text)} characters")
    ends = [PALE_BLUE, "#ffffff", PALE_ORANGE]
    shades = LinearSegmentedColormap.from_list("shades", ends, N=9)
    steps = np.round(4 * np.clip(np.asarray(values, dtype=float), -1, 1)) / 4
    pieces = groupby(zip(text, steps, strict=True), key=lambda pair: pair[1])
    spans = (
        f'<span style="background:{to_hex(shades((step + 1) / 2))}">'
        f"{escape(''.join(character for character, _ in piece))}</span>"
        for step, piece in pieces
    )
    style = "color:#000;background:#fff;padding:0.5em;white-space:pre-wrap;line-height:1.7"
    return HTML(f'<div style="{style}">{"".join(spans)}</div>')


def visible(text: str) -> str:
    """Return the text with its spaces shown as ␣."""
    return text.replace(" ", "␣")


def _rounded(values) -> np.ndarray:
    """Round to what can be seen, so that a figure is the same on every processor."""
    return np.round(np.asarray(values, dtype=float), 4)


def _new_axes() -> Axes:
    return plt.subplots(layout="constrained")[1]


def _label_losses(ax: Axes) -> Axes:
    ax.set(xlabel="epoch", ylabel="loss (nats a character)")
    ax.set_ylim(bottom=0)
    return ax
