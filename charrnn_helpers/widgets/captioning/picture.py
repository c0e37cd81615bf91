"""Still pictures of handwritten numbers with their captions, as SVG text."""

from __future__ import annotations

from collections.abc import Sequence

from charrnn_helpers.widgets.figure import COLOURS, label, tag
from charrnn_helpers.widgets.film import BOLD, MONOSPACED, bars, card, in_frame, strip, whole

LEVELS = 16  # of ink, above none: as the scanned digits have


def drawing(levels: Sequence[int], columns: int, x: float, y: float, size: float) -> str:
    """Draw one picture, a shape for each level of ink.

    Args:
        levels: Of its pixels, row after row, from 0 to `LEVELS`.
        columns: How many pixels wide it is.
        x: Left edge.
        y: Top edge.
        size: Of a pixel.
    """
    rows = len(levels) // columns
    squares: dict[int, str] = {}
    for i, level in enumerate(levels):
        if level:
            row, column = divmod(i, columns)
            squares[level] = squares.get(level, "") + f"M{column} {row}h1v1h-1z"
    shapes = [
        f'<path d="{d}" fill-opacity="{level / LEVELS:g}"/>' for level, d in sorted(squares.items())
    ]
    frame = tag("rect", x=x, y=y, width=columns * size, height=rows * size, **card())
    place = f"translate({x:g} {y:g}) scale({size:g})"
    return frame + tag("g", *shapes, transform=place, fill=COLOURS["ink"])


def gallery(pictures: Sequence, captions: Sequence[Sequence[str]], across: int = 4) -> str:
    """Draw pictures in rows, each with its captions below.

    Args:
        pictures: Tensors `(rows, columns)`, all of one size, from 0 (paper) to 1 (ink).
        captions: For each picture one line or more; from the second on, they are lighter.
        across: How many pictures stand side by side.
    """
    rows, columns = pictures[0].shape
    size = 48 / rows
    lines = max(map(len, captions))
    width, height = 164, rows * size + 18 * lines + 22
    parts = []
    for i, (picture, words) in enumerate(zip(pictures, captions, strict=True)):
        x, y = 4 + width * (i % across), 4 + height * (i // across)
        levels = (LEVELS * picture).round().int().flatten().tolist()
        parts.append(drawing(levels, columns, x + (width - columns * size) / 2 - 4, y, size))
        for j, line in enumerate(words):
            style = {"fill": COLOURS["soft"]} if j else BOLD
            middle, below = x + width / 2 - 4, y + rows * size + 18 * (j + 1)
            parts.append(label(middle, below, line, text_anchor="middle", **style))
    across = min(across, len(pictures))
    extent = {"width": across * width, "height": height * -(-len(pictures) // across)}
    ground = tag("rect", **extent, fill=COLOURS["ground"])
    title = f"{len(pictures)} pictures, each with its caption"
    return whole(title, *extent.values(), ground, *parts)


def still(
    levels: Sequence[int],
    columns: int,
    caption: str,
    states: list[list[float]],
    probabilities: dict[str, float],
) -> str:
    """Draw what the figure shows first: picture, caption, states, and what may come next.

    Args:
        levels: Of the picture's pixels.
        columns: How many pixels wide it is.
        caption: What has been written, one character a time step.
        states: h_1 … h_T, as many.
        probabilities: Of the characters that may come at the last of these steps.
    """
    height = 236 + max(240, 17 * len(probabilities))
    return in_frame(
        f"A picture, and the caption that a network writes for it: {caption}",
        700,
        height,
        drawing(levels, columns, 16, 16, 18),
        label(336, 60, "A trained network writes the caption:"),
        label(336, 96, caption, font_size=26, font_weight="600", **MONOSPACED),
        label(16, 198, f"Hidden state: {len(states[0])} cells for each letter", **BOLD),
        strip(caption, len(caption), states, x=16, y=210, width=29 * len(caption)),
        label(452, 198, "Probability of the last of them", **BOLD),
        bars(probabilities, x=452, y=210, width=232),
    )
