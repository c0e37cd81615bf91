"""Still pictures: the frame of all of them, and what `film.js` draws, states and probabilities."""

from __future__ import annotations

from html import escape

from charrnn_helpers.widgets.figure import COLOURS, diverging, label, tag, visible

BOLD = {"font_weight": "600"}
MONOSPACED = {"font_family": "ui-monospace, monospace"}


def card() -> dict[str, str]:
    """Return the attributes of a light card, on which a picture is readable on any page."""
    return {"fill": COLOURS["ground"], "stroke": COLOURS["line"]}


def in_frame(title: str, width: float, height: float, *parts: str, font_size: float = 13) -> str:
    """Return a whole picture: a light card with these parts on it.

    Args:
        title: What it shows, in words, for those who cannot see it.
        width: In pixels.
        height: In pixels.
        *parts: SVG.
        font_size: Of words that tell none of their own.
    """
    frame = tag("rect", x=0.5, y=0.5, width=width - 1, height=height - 1, rx=9, **card())
    return whole(title, width, height, frame, *parts, font_size=font_size)


def whole(title: str, width: float, height: float, *parts: str, font_size: float = 13) -> str:
    """Return a whole picture without a card; the arguments are those of `in_frame`."""
    return tag(
        "svg",
        tag("title", escape(title)),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        role="img",
        fill=COLOURS["ink"],
        font_family="system-ui, sans-serif",
        font_size=font_size,
    )


def strip(
    text: str, length: int, states: list[list[float]], x: float, y: float, width: float
) -> str:
    """Draw one column of cells per character, and empty ones up to `length`.

    Args:
        text: T characters.
        length: Number of columns, T or more.
        states: h_1 … h_T, each H numbers from -1 to 1.
        x: Left edge.
        y: Top edge.
        width: Of all columns; the whole is about 240 high.
    """
    pitch = width / length
    cell = 216 / len(states[0])
    parts = []
    for t in range(length):
        left = x + t * pitch
        frame = {"x": left + 1, "y": y, "width": pitch - 2, "height": 240, "rx": 2}
        if t >= len(text):
            parts.append(tag("rect", **frame, **card(), stroke_dasharray="3 3"))
            continue
        parts.append(tag("rect", **frame, **card()))
        parts.append(
            label(left + pitch / 2, y + 17, visible(text[t]), text_anchor="middle", **MONOSPACED)
        )
        parts += [
            tag(
                "rect",
                tag("title", escape(f"unit {i} of h{t + 1}: {value:.2f}")),
                x=left + 1.5,
                y=y + 24 + i * cell,
                width=pitch - 3,
                height=cell - 0.5,
                fill=diverging(value),
            )
            for i, value in enumerate(states[t])
        ]
    return tag("g", *parts)


def bars(probabilities: dict[str, float], x: float, y: float, width: float) -> str:
    """Draw one bar per character, the longest marked.

    Args:
        probabilities: Of V characters, in the order in which they are drawn.
        x: Left edge.
        y: Top edge.
        width: Of the whole; its height is 17 times V.
    """
    best = max(probabilities, key=lambda character: probabilities[character])
    parts = []
    for i, (character, p) in enumerate(probabilities.items()):
        top = y + 17 * i
        marked = BOLD if character == best else {}
        parts += [
            label(x, top + 13, visible(character), **MONOSPACED, **marked),
            tag(
                "rect",
                x=x + 16,
                y=top + 3,
                width=max(1.0, p * (width - 76)),
                height=12,
                fill=COLOURS["accent" if character == best else "bar"],
            ),
            label(x + width, top + 13, f"{100 * p:.1f} %", text_anchor="end", **marked),
        ]
    return tag("g", *parts)
