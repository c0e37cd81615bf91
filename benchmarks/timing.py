"""Timing that can be compared: all candidates in turn, many rounds, medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def seconds_of(candidates: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median seconds that each candidate takes.

    They take turns, so that a machine which is busy for a while slows all of them, and each runs
    once before the clock starts.
    """
    for run in candidates.values():
        run()
    measured: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, run in candidates.items():
            start = time.perf_counter()
            run()
            measured[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in measured.items()}


def table(heading: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown, as the README holds it."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
