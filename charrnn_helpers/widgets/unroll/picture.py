"""Still picture of what `graph.js` draws: a small network, unfolded in time."""

from __future__ import annotations

from typing import Any

from charrnn_helpers.widgets.figure import COLOURS, WEIGHT_COLOURS, diverging, label, tag
from charrnn_helpers.widgets.film import in_frame

# The tops of the rows, in pixels, and half a box's width and its height.
OUTPUT, UNITS, INPUT = 90, (164, 218), 294
HALF, HIGH = 25, 28

MIDDLE = {"text_anchor": "middle"}


def unfolded(
    weights: dict[str, Any], inputs: list[float], hidden: list[list[float]], outputs: list[float]
) -> str:
    """Draw the network over k time steps, with all its numbers.

    Args:
        weights: As in `Unroll`.
        inputs: x_1 … x_k.
        hidden: h_1 … h_k, two numbers each.
        outputs: o_1 … o_k.
    """
    k = len(inputs)
    pitch = min(130.0, 604 / k)
    left = (700 - k * pitch) / 2  # the middle of h_0
    steps = "1 step" if k == 1 else f"{k} steps"
    sentence = f"{steps} in, the output for step {k + 1} is {three(outputs[-1])}."
    columns = [tag("g", _state(0, [0.0, 0.0]), transform=f"translate({left:.1f} 0)")]
    for t in range(1, k + 1):
        parts = [
            _state(t, hidden[t - 1]),
            _uses(weights, pitch),
            _node(f"x_{t}", INPUT, inputs[t - 1], INPUT + HIGH + 18),
            _node(f"o_{t}", OUTPUT, outputs[t - 1], OUTPUT - 9, marked=t == k),
        ]
        columns.append(tag("g", *parts, transform=f"translate({left + t * pitch:.1f} 0)"))
    note = {"fill": COLOURS["accent"], "font_weight": "600"}
    columns.append(label(left + k * pitch, 64, f"for step {k + 1}", **note, **MIDDLE))
    return in_frame(
        f"A recurrent network, unfolded in time. {sentence}",
        700,
        355,
        label(16, 32, sentence, font_size=15),
        *columns,
    )


def three(value: float) -> str:
    """Return a number with three decimals and a real minus sign; no minus before a zero."""
    return f"{0.0 if abs(value) < 0.0005 else value:.3f}".replace("-", "−")


def _state(t: int, h: list[float]) -> str:
    """Draw the two units of h_t in their frame."""
    frame = tag(
        "rect",
        x=-HALF - 6,
        y=UNITS[0] - 6,
        width=2 * HALF + 12,
        height=UNITS[1] - UNITS[0] + HIGH + 12,
        rx=10,
        fill="#eef1f4",
        stroke=COLOURS["line"],
    )
    boxes = [
        _box(f"h_{t}[{i + 1}]", UNITS[i], value, rx=6, fill=diverging(0.4 * value))
        for i, value in enumerate(h)
    ]
    return tag("g", frame, *boxes, _name(f"h_{t}", 0, UNITS[0] + HIGH + 16))


def _node(name: str, top: float, value: float, below: float, marked: bool = False) -> str:
    look = {"stroke": COLOURS["accent"], "stroke_width": 2} if marked else {}
    return _box(name, top, value, rx=14, fill=COLOURS["ground"], **look) + _name(name, 0, below)


def _box(name: str, top: float, value: float, **look: str | float) -> str:
    outline = {"stroke": COLOURS["soft"]} | look
    return tag(
        "g",
        tag("title", f"{name} = {three(value)}"),
        tag("rect", x=-HALF, y=top, width=2 * HALF, height=HIGH, **outline),
        label(0, top + 18.5, three(value), **MIDDLE),
    )


def _name(name: str, x: float, y: float, **look: str) -> str:
    """Write a name as in the formulas: the letter in italics, its index lowered."""
    letter, index = name.split("_")
    words = tag("tspan", letter, font_style="italic") + tag("tspan", index, dy=3, font_size=9.5)
    return tag("text", words, x=x, y=y, **(MIDDLE | look))


def _uses(weights: dict[str, Any], pitch: float) -> str:
    """Draw one time step's use of every weight; a line is the thicker the larger its weight."""
    lines = [
        tag(
            "path",
            d=d,
            fill="none",
            stroke=WEIGHT_COLOURS[name],
            stroke_width=0.8 + 1.6 * min(2.0, abs(weights[name][i][j])),
        )
        for (name, i, j), d in _paths(pitch).items()
    ]
    dots = [
        tag("circle", cx=HALF - 2, cy=top + HIGH - 2, r=4, fill=WEIGHT_COLOURS["bias"])
        for top in (OUTPUT, *UNITS)
    ]
    spots = {
        "W_xh": (20, INPUT - 15),
        "W_hh": (-pitch / 2, UNITS[0] - 9),
        "W_ho": (-20, OUTPUT + HIGH + 24),
    }
    names = [_name(name, *spot, fill=WEIGHT_COLOURS[name]) for name, spot in spots.items()]
    return tag("g", *lines, *dots, *names)


def _paths(pitch: float) -> dict[tuple[str, int, int], str]:
    """Return the path of every number of the three matrices, within one column."""
    (upper, lower), middle = UNITS, HIGH // 2
    top, high, low = OUTPUT + HIGH, upper + HIGH, lower + HIGH
    bend_in = f"C-22 {INPUT - 20} -28 {low + 20} -28 {lower + middle}S-24 {high + 14} -15 {high}"
    bend_out = f"C24 {lower - 14} 28 {high} 28 {upper + middle}S22 {top + 20} 12 {top}"
    straight = {
        ("W_hh", i, j): f"M{HALF - pitch:.1f} {source + middle}L{-HALF} {row + middle}"
        for i, row in enumerate(UNITS)
        for j, source in enumerate(UNITS)
    }
    return straight | {
        ("W_xh", 0, 0): f"M-12 {INPUT}{bend_in}",
        ("W_xh", 1, 0): f"M0 {INPUT}V{low}",
        ("W_ho", 0, 0): f"M0 {upper}V{top}",
        ("W_ho", 0, 1): f"M15 {lower}{bend_out}",
    }
