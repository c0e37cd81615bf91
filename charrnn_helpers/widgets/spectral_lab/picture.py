"""Still pictures of what `decay.js` draws: norms against distance on a logarithmic scale."""

from __future__ import annotations

import math
from html import escape
from typing import Any

from charrnn_helpers.widgets.figure import COLOURS, label, tag
from charrnn_helpers.widgets.film import in_frame

LOWEST, HIGHEST = -12, 6  # powers of ten on the axis
X, Y, WIDTH, HEIGHT = 72, 80, 600, 306  # of the plot
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LINES = {  # name: what it is, in the book's notation; colour, stroke's width and dashes
    "powers": (("no activation ‖", "*W", "_hh", "^d", "‖"), "soft", 1.5, ""),
    "radii": (("*ρ", "^d"), "negative", 2, "2 4"),
    "bound": (("bound ", "*σ", "_max", "^d"), "positive", 2, "8 5"),
    "plain": (("a tanh RNN of the same ", "*ρ"), "soft", 1.5, "8 5"),
    "norms": (("measured ‖∂", "*s", "_T", "/∂", "*s", "_T−d", "‖"), "accent", 3, ""),
}


def amount(value: float) -> str:
    """Write a number of 0 or more with two significant digits, so that it fits a sentence."""
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.1e}".split("e")
    power = int(exponent)
    if not -2 <= power <= 3:
        return f"{mantissa}\u00a0×\u00a010{str(power).translate(SUPERSCRIPTS)}"
    return f"{float(mantissa) * 10**power:.{max(0, 1 - power)}f}"


def left_over(distance: int, norm: float) -> str:
    """Say what is left of the gradient after so many steps back."""
    steps = f"{distance} step{'' if distance == 1 else 's'} back"
    if norm == 0:
        return f"{steps}, nothing of the gradient is left."
    if norm > 1.005:
        return f"{steps}, the gradient is at most {amount(norm)} times as large."
    if norm > 0.995:
        return f"{steps}, the whole gradient is still there."
    return f"{steps}, at most {amount(norm)} of the gradient is left."


def decay_picture(given: dict[str, Any], found: dict[str, Any]) -> str:
    """Draw the lines, the axes, and what is left at the distance, as SVG text."""
    T = given["length"]
    distance = min(given["distance"], T)
    sentence = left_over(distance, float(found["norms"][distance]))
    norms = {name: found[name].tolist() for name in LINES if name in found}
    lines = [_line(name, norms[name]) for name in norms]
    return in_frame(
        f"How much of a gradient is left after d steps back. {sentence}",
        700,
        480,
        label(16, 34, sentence, font_size=18, font_weight="600"),
        label(16, 58, _setting(given), fill=COLOURS["soft"]),
        _axes(T),
        tag("svg", _share(norms), *lines, x=X, y=Y, width=WIDTH, height=HEIGHT),
        *_legend(list(norms), "s" if given["cell"] == "lstm" else "h"),
    )


def _setting(given: dict[str, Any]) -> str:
    cell = {"rnn": f"RNN with {given['activation']}", "gru": "GRU", "lstm": "LSTM"}[given["cell"]]
    return (
        f"{cell}, {given['kind']} initialization, spectral radius ρ = {given['radius']:g}, "
        f"{given['hidden_size']} units"
    )


def _height(value: float) -> float:
    """Return where a norm stands, from the top of the plot; 0 stands far below it."""
    power = math.log10(value) if value > 0 else -400
    return HEIGHT * (HIGHEST - power) / (HIGHEST - LOWEST)


def _points(norms: list[float]) -> list[str]:
    pitch = WIDTH / (len(norms) - 1)
    return [f"{d * pitch:.1f},{_height(norm):.1f}" for d, norm in enumerate(norms)]


def _line(name: str, norms: list[float]) -> str:
    _, colour, width, dashes = LINES[name]
    style = {"stroke": COLOURS[colour], "stroke_width": width, "fill": "none"}
    style |= {"stroke_dasharray": dashes} if dashes else {}
    return tag("polyline", points=" ".join(_points(norms)), **style)


def _share(norms: dict[str, list[float]]) -> str:
    """Draw the activation's share: what is between the powers of W_hh and what was measured."""
    if "powers" not in norms:
        return ""
    around = [*_points(norms["powers"]), *_points(norms["norms"])[::-1]]
    return tag("polygon", points=" ".join(around), fill=COLOURS["wash"], fill_opacity=0.6)


def _axes(T: int) -> str:
    parts = []
    for power in range(LOWEST, HIGHEST + 1, 3):
        y = Y + _height(10.0**power)
        words = f"10{str(power).translate(SUPERSCRIPTS)}" if power else "1"
        strong = {"stroke": COLOURS["soft"]} if power == 0 else {"stroke": COLOURS["line"]}
        parts.append(tag("line", x1=X, x2=X + WIDTH, y1=y, y2=y, **strong))
        parts.append(label(X - 8, y + 4, words, text_anchor="end"))
    for d in range(0, T + 1, 10):
        x = X + WIDTH * d / T
        parts.append(label(x, Y + HEIGHT + 18, str(d), text_anchor="middle"))
    parts.append(label(X + WIDTH, Y + HEIGHT + 38, "steps back, d →", text_anchor="end"))
    return tag("g", *parts)


def _legend(shown: list[str], state: str) -> list[str]:
    parts = []
    for i, name in enumerate(reversed(shown)):
        words, colour, width, dashes = LINES[name]
        x, y = X + 300 * (i % 2), 444 + 22 * (i // 2)
        style = {"stroke": COLOURS[colour], "stroke_width": width}
        style |= {"stroke_dasharray": dashes} if dashes else {}
        parts.append(tag("line", x1=x, x2=x + 28, y1=y - 4, y2=y - 4, **style))
        parts.append(_formula(x + 36, y, [f"*{state}" if w == "*s" else w for w in words]))
    return parts


def _formula(x: float, y: float, words: list[str]) -> str:
    """Write words at a place; `_` begins what stands below the line, `^` above, `*` a letter."""
    kinds = {
        "_": {"dy": 3, "font_size": 10},
        "^": {"dy": -5, "font_size": 10},
        "*": {"font_style": "italic"},
    }
    parts, raised = [], 0
    for word in words:
        kind = dict(kinds.get(word[0], {}))
        height = kind.pop("dy", 0)
        if height != raised:  # each piece is moved from where the last one stood
            kind["dy"] = height - raised
        raised = height
        parts.append(tag("tspan", escape(word[1:] if word[0] in kinds else word), **kind))
    return tag("text", *parts, x=x, y=y)
