"""Still picture of what `graph.js` draws: a gated cell of one unit, step by step."""

from __future__ import annotations

from html import escape
from typing import Any

from charrnn_helpers.widgets.figure import COLOURS, diverging, label, tag
from charrnn_helpers.widgets.film import in_frame
from charrnn_helpers.widgets.gated_cell.numbers import CONTENT, KEEPS

WIDTH, GUTTER, LEFT = 700, 78, 16
DOOR = 22  # pixels: a gate that is open
HIGH = 38  # pixels: a gradient of 1
MIDDLE = {"text_anchor": "middle"}
# Where the rows lie, from the top.
TOPS = {
    "lstm": {"h": 74, "o_gate": 102, "number": 144, "path": 162, "i": 182, "g": 210}
    | {"value": 240, "cue": 292, "gradient": 328, "end": 404},
    "gru": {"number": 86, "path": 104, "1 − z": 124, "n": 152, "r": 182}
    | {"value": 216, "cue": 268, "gradient": 304, "end": 380},
}
# What stands at the left of a row: a letter, what is lowered, what is raised.
NAMES = {"o_gate": ("o", "t", "gate"), "1 − z": ("1 − z", "t", "")}


def cell_picture(cell: str, values: list[float], cues: list[int], found: dict[str, Any]) -> str:
    """Draw what a cell did with a sequence, and the gradient back.

    Args:
        cell: "lstm" or "gru".
        values: value_1 … value_T.
        cues: cue_1 … cue_T.
        found: What `run` returned.
    """
    tops, T = TOPS[cell], len(values)
    pitch = (WIDTH - LEFT - GUTTER - LEFT) / T
    columns = [
        tag(
            "g",
            label(0, 66, str(t + 1), font_weight="600", **MIDDLE),
            *_rows(cell, found, t),
            *_inputs(tops, values[t], cues[t]),
            *_gradient(tops, found["gradients"], found["products"][t], t),
            transform=f"translate({LEFT + GUTTER + (t + 0.5) * pitch:.1f} 0)",
        )
        for t in range(T)
    ]
    sentence = sentence_of(cell, T, found)
    return in_frame(
        f"A gated cell, step by step. {sentence}",
        WIDTH,
        tops["end"],
        label(LEFT, 34, sentence, font_size=13, font_weight="600"),
        *_names(cell, T),
        *_path(cell, found, pitch),
        *columns,
        font_size=12,
    )


def sentence_of(cell: str, T: int, found: dict[str, Any]) -> str:
    """Say what is left of the gradient at step 1, and what the gates let through."""
    state = "cell state" if cell == "lstm" else "state"
    return (
        f"Gradient of the {state}, back from step {T} to step 1: {three(found['gradients'][0])}. "
        f"Product of the gates: {three(found['product'])}."
    )


def two(value: float) -> str:
    """Return a number with two decimals and a real minus sign; no minus before a zero."""
    return f"{0.0 if abs(value) < 0.005 else value:.2f}".replace("-", "−")


def three(value: float) -> str:
    """Return a number with three decimals, as `two` does with two."""
    return f"{0.0 if abs(value) < 0.0005 else value:.3f}".replace("-", "−")


def _rows(cell: str, found: dict[str, Any], t: int) -> list[str]:
    """Draw the gates on the way up and the numbers of one step."""
    tops, gates = TOPS[cell], found["gates"]
    doors = {"1 − z": 1 - gates["z"][t], "r": gates["r"][t]} if cell == "gru" else {}
    doors |= {name: gates[name][t] for name in ("i", "o_gate") if cell == "lstm"}
    boxes = {CONTENT[cell]: gates[CONTENT[cell]][t]}
    boxes |= {"h": found["h"][t]} if cell == "lstm" else {}
    return [
        *(_door(tops[name], opening) for name, opening in doors.items()),
        *(_box(tops[name], value) for name, value in boxes.items()),
    ]


def _door(top: float, opening: float) -> str:
    track = {"fill": COLOURS["ground"], "stroke": COLOURS["line"]}
    return tag(
        "g",
        tag("rect", x=-DOOR / 2, y=top, width=DOOR, height=24, **track),
        tag(
            "rect",
            x=-DOOR * opening / 2,
            y=top,
            width=DOOR * opening,
            height=24,
            fill=COLOURS["bar"],
        ),
        label(DOOR / 2 + 2, top + 16, two(opening), font_size=10, fill=COLOURS["soft"]),
    )


def _box(top: float, value: float) -> str:
    look = {"fill": diverging(0.6 * value), "stroke": COLOURS["soft"]}
    frame = tag("rect", x=-23, y=top, width=46, height=24, rx=5, **look)
    return frame + label(0, top + 16.5, two(value), **MIDDLE)


def _path(cell: str, found: dict[str, Any], pitch: float) -> list[str]:
    """Draw the path along which the state goes, as far as the gate on it is open."""
    y, number = TOPS[cell]["path"], TOPS[cell]["number"]
    kept, openings = found["c"] or found["h"], found["gates"][KEEPS[cell]]
    road = {"fill": COLOURS["ground"], "stroke": COLOURS["line"]}
    ring = {"stroke": COLOURS["accent"], "stroke_width": 2.5}
    roads, nodes = [], []
    for t, opening in enumerate(openings):
        start, middle = LEFT + GUTTER + (t - 0.5) * pitch, LEFT + GUTTER + (t + 0.5) * pitch
        start = max(start, LEFT + GUTTER)
        high = DOOR * opening
        place = {"x": start, "width": middle - start}
        roads.append(tag("rect", y=y - DOOR / 2, height=DOOR, **place, **road))
        roads.append(tag("rect", y=y - high / 2, height=high, fill=COLOURS["accent"], **place))
        nodes.append(tag("circle", cx=middle, cy=y, r=9, fill=diverging(kept[t]), **ring))
        nodes.append(label(middle, number, two(kept[t]), **MIDDLE))
        if t > 0:
            words = {"font_size": 10, "fill": COLOURS["accent"]} | MIDDLE
            nodes.append(label((start + middle) / 2, number, f"×{two(opening)}", **words))
    return [*roads, *nodes]


def _inputs(tops: dict[str, float], value: float, cue: int) -> list[str]:
    """Draw a value's bar and a cue."""
    zero, high = tops["value"] + DOOR, DOOR * abs(value)
    fill = COLOURS["negative" if value < 0 else "positive"]
    top = zero - high if value > 0 else zero
    below = zero - 5 if value < 0 else zero + 14
    look = {"stroke": COLOURS["line"]} if cue == 0 else {"stroke": COLOURS["ink"]}
    words = {1: "+1", 0: "0", -1: "−1"}[cue]
    return [
        tag("line", x1=-12, x2=12, y1=zero, y2=zero, stroke=COLOURS["soft"]),
        tag("rect", x=-8, y=top, width=16, height=high, fill=fill),
        label(0, below, two(value), font_size=10, fill=COLOURS["soft"], **MIDDLE),
        tag("rect", x=-15, y=tops["cue"], width=30, height=24, rx=12, fill="none", **look),
        label(0, tops["cue"] + 16.5, words, **MIDDLE),
    ]


def _gradient(tops: dict[str, float], gradients: list[float], product: float, t: int) -> list[str]:
    """Draw the gradient at one step as a bar, and the product of the gates as a line."""
    base, share = tops["gradient"] + 48, HIGH / max(1.0, *map(abs, gradients))
    high, line = share * abs(gradients[t]), base - share * product
    fill = COLOURS["negative" if gradients[t] < 0 else "accent"]
    return [
        tag("rect", x=-8, y=base - high, width=16, height=high, fill=fill),
        tag("line", x1=-12, x2=12, y1=line, y2=line, stroke=COLOURS["ink"], stroke_width=2),
        label(0, base + 15, three(gradients[t]), **MIDDLE),
    ]


def _names(cell: str, T: int) -> list[str]:
    """Write the names of the rows at their left."""
    tops, s = TOPS[cell], "c" if cell == "lstm" else "h"
    heights = {name: top + 16 for name, top in tops.items() if name in ("h", "o_gate", "i", "cue")}
    heights |= {name: top + 16 for name, top in tops.items() if name in ("g", "n", "r", "1 − z")}
    heights |= {s: tops["number"], KEEPS[cell]: tops["path"] + 4, "value": tops["value"] + 26}
    names = [
        _name(y, *NAMES.get(name, (name, "t", "")), fill=_colour(cell, name))
        for name, y in heights.items()
    ]
    y = tops["gradient"] + 34
    return [label(LEFT, 66, "step"), *names, _fraction(y, s, str(T))]


def _colour(cell: str, name: str) -> str:
    return COLOURS["accent" if name == KEEPS[cell] else "ink"]


def _name(y: float, letter: str, low: str, high: str, **look: str) -> str:
    raised = [tag("tspan", high, dy=-5, font_size=9)] if high else []
    lowered = tag("tspan", low, dy=9 if high else 4, font_size=9)
    style = {"font_style": "italic"} if len(letter) == 1 else {}
    words = [tag("tspan", escape(letter), **style), *raised, lowered]
    return tag("text", *words, x=LEFT, y=y, **look)


def _fraction(y: float, s: str, T: str) -> str:
    letter = tag("tspan", s, font_style="italic")
    low = {"dy": 4, "font_size": 9}
    first = ["∂", letter, tag("tspan", T, **low), tag("tspan", "/∂", dy=-4)]
    return tag("text", *first, letter, tag("tspan", "t", **low), x=LEFT, y=y)
