"""Prove the book's numbers anew, under many settings; print a table.

Run by `make verify`. First the networks of the chapters are trained again, into another
folder, and the chapters executed with those: each asserts its floors over three seeds.
Then strict nbval compares every committed output in every setting. Settings or
notebooks can be named: `python making/verify.py --settings "two threads" intro frames`.
The networks on real text, an hour of training, are left to `make pretrained`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import recipes

from charrnn_helpers import trained

HERE = Path(__file__).parent
BOOK = HERE.parent / "book"
OFFLINE = [sys.executable, str(HERE / "offline.py")]  # runs a command without network
ANEW = "networks trained anew"
SETTINGS: dict[str, dict[str, str]] = {
    "as it is": {},
    "without AVX": {"ATEN_CPU_CAPABILITY": "default"},
    "AVX2 alone": {"MKL_ENABLE_INSTRUCTIONS": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"},
    "two threads": {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"},
    "hash seed 1": {"PYTHONHASHSEED": "1"},
    "hash seed 4242": {"PYTHONHASHSEED": "4242"},
    "locale C": {"LC_ALL": "C", "LANGUAGE": "fr"},
    "time zone +14": {"TZ": "Pacific/Kiritimati"},
    "no GPU": {"CUDA_VISIBLE_DEVICES": ""},
    "no network": {},
}


class Result(NamedTuple):
    """How a notebook went."""

    holds: bool
    seconds: float
    words: str


def run(notebook: Path, command: list[str], environ: dict[str, str]) -> Result:
    """Run a command on a notebook, in the project's folder."""
    start = time.perf_counter()
    done = subprocess.run(
        [*command, str(notebook)],
        cwd=BOOK.parent,
        env=os.environ | environ,
        capture_output=True,
        text=True,
    )
    words = done.stdout + done.stderr
    return Result(done.returncode == 0, time.perf_counter() - start, words)


def row(
    setting: str, notebooks: list[Path], command: list[str], environ: dict[str, str]
) -> list[str]:
    """Run notebooks, as many at a time as there are cores; print a row, return the faults."""
    with ThreadPoolExecutor(os.cpu_count()) as several:
        results = list(several.map(lambda path: run(path, command, environ), notebooks))
    marks = [f"{r.seconds:.0f} s" if r.holds else "**fails**" for r in results]
    print(f"| {setting} | {' | '.join(marks)} |", flush=True)
    both = zip(notebooks, results, strict=True)
    return [f"{path.name}, {setting}:\n{r.words}" for path, r in both if not r.holds]


def heads(notebooks: list[Path]) -> None:
    """Print the head of a table."""
    print(f"\n| | {' | '.join(path.stem for path in notebooks)} |")
    print("|---" * (len(notebooks) + 1) + "|", flush=True)


def train_anew(notebooks: list[Path]) -> list[str]:
    """Train the chapters' networks into another folder; run the chapters' asserts on them."""
    chapters = {chapter for chapter, _ in recipes.NETWORKS.values()}
    mine = [path for path in notebooks if path.stem in chapters]
    if not mine:
        return []
    with tempfile.TemporaryDirectory() as folder:
        pretrain = [sys.executable, str(HERE / "pretrain.py"), "--into", folder]
        subprocess.run([*pretrain, *(path.stem for path in mine)], check=True)
        heads(mine)
        execute = [sys.executable, "-m", "jupyter", "execute", "--timeout=600"]
        return row(ANEW, mine, execute, {trained.FOLDER: folder})


def compare(setting: str, notebooks: list[Path]) -> list[str]:
    """Run notebooks under strict nbval in one setting."""
    nbval = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider"]
    command = [*OFFLINE, *nbval] if setting == "no network" else nbval
    return row(setting, notebooks, command, SETTINGS[setting])


def main(words: list[str]) -> int:
    """Prove what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(description="Prove the book's numbers anew.")
    parser.add_argument("names", nargs="*", help="notebooks, without their ending")
    every = [ANEW, *SETTINGS]
    parser.add_argument("--settings", nargs="+", choices=every, default=every)
    asked = parser.parse_args(words)
    notebooks = sorted(BOOK.glob("*.ipynb"))
    unknown = set(asked.names) - {path.stem for path in notebooks}
    if unknown:
        parser.error(f"there is no notebook {', '.join(sorted(unknown))}")
    chosen = [path for path in notebooks if not asked.names or path.stem in asked.names]
    faults = train_anew(chosen) if ANEW in asked.settings else []
    settings = [setting for setting in SETTINGS if setting in asked.settings]
    if settings:
        heads(chosen)
    for setting in settings:
        faults += compare(setting, chosen)
    print("", *faults, sep="\n\n")
    print(f"{len(faults)} of these fail." if faults else "All of these hold.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
