"""Other libraries, which the book does not need, in an environment of their own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SCRIPT = Path(__file__).with_name("jax_peer.py")
FOLDER = Path(__file__).parent.parent / ".venv-peers"  # made by `make bench PEERS=1`


def python() -> Path | None:
    """Return the peers' Python, if there is one."""
    found = [FOLDER / "bin" / "python", FOLDER / "Scripts" / "python.exe"]
    return next((path for path in found if path.exists()), None)


@contextmanager
def jax_update(
    V: int, H: int, B: int, T: int, interpreter: Path, script: Path = SCRIPT
) -> Iterator[tuple[str, Callable[[], float]]]:
    """Start a process that trains in JAX.

    Yields:
        `(name, update)`: what it calls itself, and what makes one update and returns its loss.
    """
    process = subprocess.Popen(
        [interpreter, script, *map(str, (V, H, B, T))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:

        def update() -> float:
            process.stdin.write("\n")
            process.stdin.flush()
            return float(process.stdout.readline())

        yield process.stdout.readline().strip(), update
        process.stdin.close()
