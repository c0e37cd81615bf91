"""Other libraries, which the book does not need, in an environment of their own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

SCRIPT = Path(__file__).with_name("jax_peer.py")
FOLDER = Path(__file__).parent.parent / ".venv-peers"  # made by `make bench PEERS=1`


def python() -> Path | None:
    """Return the peers' Python, if there is one."""
    found = [FOLDER / "bin" / "python", FOLDER / "Scripts" / "python.exe"]
    return next((path for path in found if path.exists()), None)


@contextmanager
def jax_update(
    weights: dict[str, torch.Tensor],
    inputs: torch.Tensor,
    targets: torch.Tensor,
    interpreter: Path,
    script: Path = SCRIPT,
) -> Iterator[tuple[str, Callable[[], float]]]:
    """Start a process that trains a plain RNN in JAX, on the core that this one is kept on too.

    Args:
        weights: To begin with: W_xh, W_hh, b_xh, b_hh, W_ho and b_o.
        inputs: Integers `(B, T)`.
        targets: Integers `(B, T)`.
        interpreter: Of the peers.
        script: What it runs.

    Yields:
        `(name, update)`: what it calls itself, and what makes one update and returns the loss
        before it.

    Raises:
        RuntimeError: If the process has ended, for want of JAX or whatever it says itself.
    """
    with tempfile.TemporaryDirectory() as folder, one_core():
        work = weights | {"inputs": inputs, "targets": targets}
        file = Path(folder) / "work.npz"
        np.savez(file, **{name: tensor.numpy(force=True) for name, tensor in work.items()})
        process = subprocess.Popen(
            [interpreter, script, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

        def answer() -> str:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"{script.name} has ended; what it says of it stands above")
            return line.strip()

        def update() -> float:
            process.stdin.write("\n")
            process.stdin.flush()
            return float(answer())

        with process:
            yield answer(), update
            process.stdin.close()


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process and those that it starts on one core, where the system can do that.

    Each has one thread then, whatever it makes of its settings, and none a quieter core.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
