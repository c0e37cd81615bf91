"""Run JavaScript programs at build time, in the V8 of the package mini-racer: no Node is needed."""

import atexit
import json
from collections.abc import Iterable
from pathlib import Path

from py_mini_racer import MiniRacer


class Program:
    """A JavaScript program that has been started, and whose functions Python calls."""

    def __init__(self, *sources: str) -> None:
        """Run the sources one after the other in a V8 of their own, which knows no page."""
        self._context = MiniRacer()
        atexit.register(self._context.close)  # later, Python would wait for its thread for ever
        for source in sources:
            # What a script evaluates to is of no use, and may be something Python cannot hold
            self._context.eval(f"{source}\n;0")

    def call(self, function: str, *arguments: object) -> object:
        """Call a function with values that JSON can write, and return one."""
        values = ", ".join(map(json.dumps, arguments))
        return json.loads(self._context.eval(f"JSON.stringify(({function})({values}) ?? null)"))


def read_all(folder: Path, names: Iterable[str]) -> list[str]:
    """Return the text of these files."""
    return [(folder / name).read_text(encoding="utf-8") for name in names]
