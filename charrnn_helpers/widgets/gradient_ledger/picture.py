"""A still picture of what `ledger_map.js` and `ledger_bars.js` draw: a gradient ledger."""

from __future__ import annotations

from html import escape
from typing import Any

from charrnn_helpers.bptt import kept_by
from charrnn_helpers.widgets.figure import COLOURS, label, tag, visible
from charrnn_helpers.widgets.film import BOLD, MONOSPACED, in_frame

# From nothing to the largest entry; gradient_ledger.css has the same.
HEAT = ("#f1f4ee", "#2f9e8f", "#14213d")
NOTES = [
    *("Column: a use of the weight,", "while reading the letter above."),
    *("Row: a loss, for predicting", "the letter on the left."),
]
SIZE = 330  # of the heat map


def draw_ledger(
    facts: dict[str, Any],
    text: str,
    cell: str,
    weight: str,
    trained: bool,
    *,
    horizon: int | None = None,
    chunk: int | None = None,
) -> str:
    """Draw the heat map of a ledger and, beside it, the shares by distance.

    Args:
        facts: `table` (T, T), `shares` (T), `kept` and `error`.
        text: T + 1 characters.
        cell: "rnn", "gru" or "lstm".
        weight: Whose ledger it is.
        trained: Whether the network is.
        horizon: How far back a loss reaches; T or more for the whole way.
        chunk: Instead of it, the steps between two cuts; T or more for none.
    """
    T = len(facts["table"])
    kept = kept_by(T, horizon, chunk).tolist()
    letter, index = _name(cell, weight)
    network = f"{cell.upper()} {'after' if trained else 'before'} training"
    title = f"The gradient ledger of {letter}_{index}, {network}, on ‘{text}’."
    sentence = _sentence(facts, horizon, chunk)
    return in_frame(
        f"{title} {sentence}",
        700,
        450,
        _heading(letter, index, network),
        _map(facts["table"], text, kept, x=46, y=84),
        *(label(376, 100 + 16 * n, note, **_SOFT) for n, note in enumerate(NOTES)),
        label(420, 72, "Share of the gradient by distance", **BOLD),
        _shares(facts["shares"], horizon or chunk, x=420, y=84, width=264),
        label(16, 438, sentence),
    )


def _heading(letter: str, index: str, network: str) -> str:
    return tag(
        "text",
        escape(f"Every entry of the gradient of {letter}"),
        tag("tspan", escape(index), dy=4, font_size=11),
        tag("tspan", escape(f" · {network}"), dy=-4, font_weight="400", fill=COLOURS["soft"]),
        x=16,
        y=30,
        font_size=15,
        font_weight="600",
    )


def _name(cell: str, weight: str) -> tuple[str, str]:
    """Return letter and index; in an RNN and an LSTM the two biases are one."""
    letter, _, index = weight.partition("_")
    return letter, "h" if letter == "b" and index != "o" and cell != "gru" else index


def _sentence(facts: dict[str, Any], horizon: int | None, chunk: int | None) -> str:
    T, lost = len(facts["table"]), _percent(1 - facts["kept"])
    if horizon is not None and horizon < T:
        return f"A horizon of {horizon} loses {lost} of the gradient (grey)."
    if chunk is not None and chunk < T:
        return f"With chunks of {chunk}, {lost} of the gradient is lost (grey)."
    near = _percent(sum(facts["shares"][:2]))
    return f"Uses at most one step before their loss have a share of {near} of the gradient."


def _percent(share: float) -> str:
    number = f"{100 * share:.1f} %"
    return "0.0 %" if number == "-0.0 %" else number.replace("-", "−")


_SOFT = {"fill": COLOURS["soft"], "font_size": 12, "text_anchor": "end"}


def heat(share: float) -> str:
    """Return the colour of a size from 0 to 1."""
    low, high = (HEAT[0], HEAT[1]) if share < 0.5 else (HEAT[1], HEAT[2])
    part = 2 * share if share < 0.5 else 2 * share - 1
    mixed = [
        round(part * int(high[i : i + 2], 16) + (1 - part) * int(low[i : i + 2], 16))
        for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _map(table: list[list[float]], text: str, kept: list[list[bool]], x: float, y: float) -> str:
    T, pitch = len(table), SIZE / len(table)
    largest = max(max(row) for row in table) or 1.0
    letters = {"font_size": min(14.0, pitch), "text_anchor": "middle", **MONOSPACED}
    parts = []
    for i in range(T):
        middle = (i + 0.5) * pitch
        parts += [
            label(x + middle, y - 8, visible(text[i]), **letters),
            label(x - 14, y + middle + 4, visible(text[i + 1]), **letters),
        ]
        parts += [
            tag(
                "rect",
                tag("title", f"loss {i + 1}, use {j + 1}: {table[i][j] / largest:.2f}"),
                x=x + j * pitch,
                y=y + i * pitch,
                width=pitch - 1,
                height=pitch - 1,
                fill=heat(table[i][j] / largest) if kept[i][j] else COLOURS["line"],
            )
            for j in range(i + 1)
        ]
    return tag("g", *parts)


def _shares(shares: list[float], farthest: int, x: float, y: float, width: float) -> str:
    T, pitch = len(shares), min(22.0, SIZE / len(shares))
    longest = max(map(abs, shares)) or 1.0
    parts = []
    for d, share in enumerate(shares):
        top = y + d * pitch
        colour = COLOURS["line" if d >= farthest else "negative" if share < 0 else "accent"]
        length = max(1.0, abs(share) / longest * (width - 100))
        parts.append(tag("rect", x=x + 42, y=top + 1, width=length, height=pitch - 2, fill=colour))
        if T <= 24:
            number = _percent(share)
            parts += [
                label(x, top + pitch - 5, f"d = {d}", font_size=11),
                label(x + width, top + pitch - 5, number, font_size=11, text_anchor="end"),
            ]
    return tag("g", *parts)
