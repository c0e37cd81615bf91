"""Still picture of what `graph.js` draws: a gated cell of one unit, step by step."""

from __future__ import annotations

from typing import Any

from charrnn_helpers.widgets.film import in_frame


def cell_picture(cell: str, values: list[float], cues: list[int], found: dict[str, Any]) -> str:
    """Draw the run of a cell."""
    return in_frame("A gated cell.", 700, 400)
