"""Still picture of what `video_labels.js` draws: one frame, and the labels of all up to it."""

from __future__ import annotations

import base64
from typing import Any

from charrnn_helpers.widgets.demonstration import LEVELS_OF_GREY
from charrnn_helpers.widgets.figure import label, tag
from charrnn_helpers.widgets.film import in_frame

GLYPHS = {
    **{"left": "←", "right": "→", "up": "↑", "down": "↓", "still": "•"},
    **{"clockwise": "↻", "counter-clockwise": "↺"},
}
WIDTH, HEIGHT = 700, 290
SCREEN = 152  # pixels along its longer side
LEFT, TOP, ROW = 96, 212, 28  # of the rows of signs


def video_picture(
    problem: dict[str, Any], example: int, step: int, black: list[int], answers: list[str]
) -> str:
    """Draw a frame of a video, what the network says there, and a row of signs for all frames.

    Args:
        problem: What the figure `VideoLabels` has of its network and its videos.
        example: Which of the videos, from 0.
        step: The frame looked at, from 1.
        black: The frames that are blacked out, from 1.
        answers: The likeliest label after each of T frames.
    """
    chosen, T = problem["examples"][example], len(answers)
    right = chosen["right"] * (1 if problem["output"] == "every step" else T)
    answer = answers[step - 1]
    title = (
        f"Frame {step} of {T}{', blacked out' if step in black else ''}. "
        f"The network says {answer}; true is {right[step - 1]}."
    )
    rows = {
        "light": ["■" if t in black else "□" for t in range(1, T + 1)],
        "network": [_sign(one) for one in answers[:step]],
        "true": [_sign(one) for one in right],
    }
    return in_frame(
        title,
        WIDTH,
        HEIGHT,
        _frame(chosen, step, step in black),
        label(190, 40, f"{_sign(answer)} {answer}", font_size=22, font_weight="600"),
        label(190, 68, title, font_size=14),
        *(_row(name, signs, row, T) for row, (name, signs) in enumerate(rows.items())),
    )


def _sign(name: str) -> str:
    return GLYPHS.get(name, name[:1])


def _row(name: str, signs: list[str], row: int, T: int) -> str:
    pitch, y = min(40.0, (WIDTH - LEFT - 16) / T), TOP + ROW * row
    look = {"text_anchor": "middle", "font_size": 15}
    drawn = [label(LEFT + (t + 0.5) * pitch, y, sign, **look) for t, sign in enumerate(signs)]
    return label(16, y, name) + "".join(drawn)


def _frame(chosen: dict[str, Any], step: int, is_black: bool) -> str:
    """Draw one frame, a square for each pixel that is not black."""
    _, rows, columns = chosen["shape"]
    side, size = SCREEN / max(rows, columns), rows * columns
    screen = tag("rect", x=16, y=16, width=side * columns, height=side * rows, fill="#000000")
    levels = b"" if is_black else base64.b64decode(chosen["pixels"])[(step - 1) * size :][:size]
    pixels = [
        tag(
            "rect",
            x=16 + side * (i % columns),
            y=16 + side * (i // columns),
            width=side,
            height=side,
            fill=f"#{3 * f'{round(255 * level / LEVELS_OF_GREY):02x}'}",
        )
        for i, level in enumerate(levels)
        if level
    ]
    return screen + "".join(pixels)
