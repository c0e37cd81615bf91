"""A still picture of the figure `TimeMachine`: what the network writes at every checkpoint."""

from __future__ import annotations

from html import escape

from charrnn_helpers.widgets.figure import COLOURS, label, tag
from charrnn_helpers.widgets.film import BOLD, MONOSPACED, in_frame

SHOWN = 60  # characters of what it writes
PITCH = 30  # from row to row
LETTERS = {**MONOSPACED, "font_size": 13}
SOFT = {"fill": COLOURS["soft"], "font_size": 12}

Row = tuple[int, float, int, str]


def draw_machine(rows: list[Row], current: int, begun: int, text: str) -> str:
    """Draw one row for each checkpoint.

    Args:
        rows: Updates, held-out bits a character, horizon in characters, and what is written.
        current: The place of the checkpoint that the sentence is about.
        begun: How many characters of what is written are the prompt.
        text: The passage on which the horizon is measured.
    """
    first, second = sentences_of(rows[current])
    height = 106 + PITCH * len(rows) + 24
    longest = max(bits for _, bits, _, _ in rows) or 1.0
    return in_frame(
        f"A network at {len(rows)} moments of its training. {first} {second}",
        760,
        height,
        label(16, 30, first, font_size=15, **BOLD),
        label(16, 52, second, font_size=15),
        label(78, 84, "updates", text_anchor="end", **SOFT),
        label(92, 84, "bits a character", **SOFT),
        label(236, 84, "horizon", text_anchor="end", **SOFT),
        label(256, 84, "what it writes", **SOFT),
        *(_row(row, 92 + PITCH * i, longest, begun, i == current) for i, row in enumerate(rows)),
        label(16, height - 14, f"Horizon: measured while it reads ‘{_flat(text)}’", **SOFT),
    )


def sentences_of(row: Row) -> tuple[str, str]:
    """Return what is seen at one checkpoint, in two sentences."""
    updates, bits, horizon, _ = row
    after = f"After {updates:,} update{'' if updates == 1 else 's'}"
    letters = f"{horizon} character{'' if horizon == 1 else 's'}"
    return (
        f"{after if updates else 'Before training'}: {bits:.2f} bits a character held out.",
        f"A gradient that reaches back over {letters} is right to 10 %."
        if horizon
        else "On this passage W_hh has no gradient.",
    )


def _row(row: Row, top: float, longest: float, begun: int, is_current: bool) -> str:
    updates, bits, horizon, written = row
    base = top + 20
    marked = [tag("rect", x=8, y=top, width=744, height=PITCH, rx=4, fill=COLOURS["wash"])]
    return tag(
        "g",
        *(marked if is_current else []),
        label(78, base, f"{updates:,}", text_anchor="end", **(BOLD if is_current else {})),
        tag("rect", x=92, y=top + 9, width=max(1.0, 50 * bits / longest), height=12,
            fill=COLOURS["accent"]),
        label(148, base, f"{bits:.2f}"),
        label(236, base, str(horizon), text_anchor="end"),
        tag(
            "text",
            tag("tspan", escape(_flat(written[:begun][:SHOWN])), fill=COLOURS["soft"]),
            escape(_flat(written[begun:SHOWN]) + "…"),
            x=256, y=base, **LETTERS,
        ),
    )  # fmt: skip


def _flat(text: str) -> str:
    """Return a text on one line."""
    return text.replace("\n", "¶")
