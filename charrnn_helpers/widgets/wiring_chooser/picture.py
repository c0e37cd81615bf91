"""Still picture of what `wiring_graph.js` draws: one wiring, unrolled."""

from __future__ import annotations

import base64
from typing import Any

from charrnn_helpers.widgets.figure import COLOURS, WEIGHT_COLOURS, label, tag
from charrnn_helpers.widgets.film import in_frame

SKETCHED = 5  # time steps, where nothing is trained
LEFT, WIDTH = 92, 700
HALF = 15  # of a node's height
MIDDLE = {"text_anchor": "middle"}

# The middles of the rows, in pixels, within a tier: outputs, states, inputs.
ROWS = {"o": 30, "h": 92, "s": 92, "x": 158, "y": 158}
TIER = 150  # from the states of a decoder to those of the encoder below it


def wiring_picture(problem: dict[str, Any], example: int, answer: list[str]) -> str:
    """Draw a problem's wiring over one of its examples, with the answer at the outputs.

    Args:
        problem: One of `wiring_problems.described`.
        example: Which of its examples.
        answer: What the network gives; empty where none is trained.
    """
    nodes = _nodes(problem, example, answer)
    columns = 1 + max(column for _, column, _, _ in nodes.values())
    pitch = min(88.0, (WIDTH - LEFT - 12) / columns)
    spots = {
        name: (LEFT + (column + 0.5) * pitch, ROWS[name[0]] + tier * TIER)
        for name, (_, column, tier, _) in nodes.items()
    }
    tiers = 1 + max(tier for _, _, tier, _ in nodes.values())
    height = 262 + TIER * (tiers - 1)
    pixels = problem["examples"][example].get("pixels") if "examples" in problem else None
    thumbnail = _thumbnail(problem["examples"][example], *spots["x1"]) if pixels else ""
    title = f"{problem['wiring'].capitalize()}: {problem['says']}"
    body = [
        *(_edge(a, b, spots, pitch) for a, b in _edges(nodes)),
        *(_node(name, words, *spots[name], pitch) for name, (words, *_) in nodes.items()),
        thumbnail if problem["input"] == "picture" else "",
    ]
    return in_frame(
        title,
        WIDTH,
        height,
        label(16, 34, problem["wiring"].capitalize(), font_size=18, font_weight="600"),
        tag("g", *body, transform="translate(0 44)"),
    )


def _nodes(problem: dict[str, Any], example: int, answer: list[str]) -> dict[str, tuple]:
    """Return (what stands in it, its column, its tier, its time step) of each node by its name."""
    words = _words_read(problem, example)
    T, writes = len(words), problem["output"] == "sequence"
    answer = answer or ["?"] * (T if problem["output"] != "decision" else 1)
    lower = 1 if writes and T > 1 else 0
    nodes = {}
    for t, word in enumerate(words):
        nodes[f"x{t + 1}"], nodes[f"h{t + 1}"] = (word, t, lower, t), ("", t, lower, t)
    if not writes:
        start = T - len(answer)
        return nodes | {f"o{t + 1}": (w, start + t, 0, t) for t, w in enumerate(answer)}
    shift = 0 if lower else 1
    written = ["start", *answer]
    for t, (before, now) in enumerate(zip(written, [*answer, "stop"], strict=True)):
        for kind, word in [("y", before), ("s", ""), ("o", now)]:
            nodes[f"{kind}{t + 1}"] = (word, shift + t, 0, t)
    return nodes


def _words_read(problem: dict[str, Any], example: int) -> list[str]:
    if problem["input"] == "picture":
        return [""]
    if "examples" not in problem:
        return [problem["input"].removesuffix("s")] * SKETCHED
    chosen = problem["examples"][example]
    return chosen.get("words") or ["frame"] * chosen["shape"][0]


def _edges(nodes: dict[str, tuple]) -> list[tuple[str, str]]:
    """Return the arrows between the nodes that there are."""
    read = sum(name[0] == "h" for name in nodes)
    decided = sum(name[0] == "o" for name in nodes)
    edges = []
    for name in nodes:
        kind, t = name[0], int(name[1:])
        if kind in "xy":
            edges.append((name, ("h" if kind == "x" else "s") + name[1:]))
        elif kind in "hs" and f"{kind}{t + 1}" in nodes:
            edges.append((name, f"{kind}{t + 1}"))
        if kind == "s":
            edges.append((name, f"o{t}"))
        if kind == "h" and "s1" not in nodes and t > read - decided:
            edges.append((name, f"o{t - read + decided}"))
    return [*edges, *([(f"h{read}", "s1")] if "s1" in nodes else [])]


def _edge(source: str, target: str, spots: dict[str, tuple[float, float]], pitch: float) -> str:
    (x, y), (to_x, to_y) = spots[source], spots[target]
    half = _half(pitch)
    if (source[0], target[0]) == ("h", "s") and y != to_y:
        d = f"M{x:.1f} {y - HALF}V{y - 42}H{LEFT - 22}V{to_y}H{to_x - half:.1f}"
        return _line(d, COLOURS["accent"], 3)
    if y == to_y:
        colour = COLOURS["accent"] if target == "s1" else WEIGHT_COLOURS["W_hh"]
        return _line(f"M{x + half:.1f} {y}H{to_x - half:.1f}", colour, 3 if target == "s1" else 1.6)
    name = "W_xh" if source[0] in "xy" else "W_ho"
    return _line(f"M{x:.1f} {y - HALF}V{to_y + HALF}", WEIGHT_COLOURS[name], 1.6)


def _line(d: str, colour: str, width: float) -> str:
    return tag("path", d=d, fill="none", stroke=colour, stroke_width=width)


def _half(pitch: float) -> float:
    return min(34.0, pitch / 2 - 3)


def _node(name: str, words: str, x: float, y: float, pitch: float) -> str:
    half, kind = _half(pitch), name[0]
    fill = "#eef1f4" if kind in "hs" else COLOURS["wash"] if kind == "o" else COLOURS["ground"]
    look = {"rx": 5.0, "fill": fill, "stroke": COLOURS["soft"]}
    size = min(13.0, 2 * half / (0.62 * max(1, len(words))))
    box = tag("rect", x=x - half, y=y - HALF, width=2 * half, height=2 * HALF, **look)
    return box + (label(x, y + 4.5, words, font_size=size, **MIDDLE) if words else "")


def _thumbnail(example: dict[str, Any], x: float, y: float) -> str:
    """Draw the one picture that goes in, a square for each pixel that is not paper."""
    _, rows, columns = example["shape"]
    grey = base64.b64decode(example["pixels"])
    side = 4.0
    left, top = x - side * columns / 2, y - side * rows / 2
    paper = tag(
        "rect", x=left, y=top, width=side * columns, height=side * rows, fill="#ffffff",
        stroke=COLOURS["soft"],
    )  # fmt: skip
    ink = [
        tag(
            "rect",
            x=left + side * (i % columns),
            y=top + side * (i // columns),
            width=side,
            height=side,
            fill=f"#{3 * f'{round(255 * (1 - level / 240)):02x}'}",
        )
        for i, level in enumerate(grey)
        if level
    ]
    return paper + "".join(ink)
