"""Timing that can be compared: all candidates in turn, many rounds, medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

TURN = 0.2  # seconds


def seconds_of(candidates: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median seconds that each candidate takes.

    They take turns, so that a machine which is busy for a while slows all of them. Each runs once
    before the clock starts; a quick one runs many times in a turn, until a turn takes `TURN`, as
    what was measured before it leaves its own data in the caches.
    """
    repeats = {name: 1 + int(TURN / _seconds(run, 1)) for name, run in candidates.items()}
    measured: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, run in candidates.items():
            measured[name].append(_seconds(run, repeats[name]))
    return {name: statistics.median(times) for name, times in measured.items()}


def _seconds(run: Callable[[], object], repeats: int) -> float:
    """Return the seconds that one call takes, the mean over some."""
    start = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - start) / repeats


def table(heading: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown, as the README holds it."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
