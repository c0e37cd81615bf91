"""Texts of 100 MB: what the memory holds while one is read, and when training begins."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.timing import table

SIZE = 100_000_000  # bytes
BLOCK = 200_000  # characters that are drawn; a text repeats them
STATUS = "/proc/{}/status"  # of a process, in Linux
IMPORTS = f"import charrnn_helpers.longtext.run; print(open({STATUS.format('self')!r}).read())"
LATIN = [*map(chr, range(32, 127)), "\n"]
TEXTS = {  # what each is made of
    "ASCII": LATIN,
    "Chinese and emoji": [*map(chr, [*range(0x4E00, 0x4E00 + 1673), *range(0x1F600, 0x1F640)])],
    "accents apart from their letters, CRLF": [*LATIN[:-1], "e\u0301", "a\u0300", "\r\n"],
}
HEADING = [
    f"training on {SIZE // 10**6} MB of", "characters", "peak when it has been read",
    "peak of the process", "first update",
]  # fmt: skip


def report() -> str:
    """Return the table: for each text the peak of memory, and when the first update is done.

    The first peak is that of the resident memory until the first checkpoint, which is written
    before the first update, less the peak of a process that only imports. So the network counts
    too, and what torch loads late, some 80 MB together. The second peak is that of the whole
    process until the first update. Seconds count from its start, imports included.
    """
    if not Path(STATUS.format("self")).exists():
        return "No table of reading: only Linux tells what a process holds at its peak."
    with TemporaryDirectory() as folder:
        rows = [_row(name, Path(folder)) for name in TEXTS]
    return table(HEADING, rows)


def write_text(path: Path, elements: list[str], size: int) -> int:
    """Write a text of this size in bytes, drawn from its elements; return how many there are."""
    drawn = np.random.default_rng(0).integers(len(elements), size=BLOCK)
    block = "".join(elements[i] for i in drawn).encode()
    repeats = max(1, size // len(block))
    with path.open("wb") as file:
        for _ in range(repeats):
            file.write(block)
    return repeats * BLOCK


def _row(name: str, folder: Path) -> list[str]:
    text = folder / "text"
    characters = write_text(text, TEXTS[name], SIZE)
    done = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True)
    read, whole, seconds = _measured(text, folder / "network")
    each = (read - _peak(done.stdout)) / characters
    return [
        name,
        f"{characters / 1e6:.3g} M",
        f"{each:.1f} bytes a character",
        f"{whole / 1e6:.0f} MB",
        f"{seconds:.1f} s",
    ]


def _measured(text: Path, network: Path) -> tuple[int, int, float]:
    """Return the peak of memory when the text has been read and after an update, and the seconds.

    The command writes a checkpoint before its first update, and one after each.
    """
    network.unlink(missing_ok=True)
    command = [sys.executable, "-m", "charrnn_helpers", "train", str(text), "--save-every", "0"]
    start = time.perf_counter()
    with subprocess.Popen([*command, "--output", str(network)], stdout=subprocess.DEVNULL) as run:
        status = Path(STATUS.format(run.pid))
        try:
            _wait(run, network.exists)
            read, first = _peak(status.read_text()), network.stat().st_mtime_ns
            _wait(run, lambda: network.stat().st_mtime_ns > first)
            return read, _peak(status.read_text()), time.perf_counter() - start
        finally:
            run.kill()


def _wait(run: subprocess.Popen, until: Callable[[], bool]) -> None:
    while not until():
        if run.poll() is not None:
            raise RuntimeError(f"training has ended with {run.returncode} before its first update")
        time.sleep(0.002)


def _peak(status: str) -> int:
    """Return the bytes that were resident at the peak, from what Linux tells of a process."""
    return 1024 * int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[1])
