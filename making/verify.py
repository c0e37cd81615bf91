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
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import recipes
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from charrnn_helpers import trained

HERE = Path(__file__).parent
BOOK = HERE.parent / "book"
OFFLINE = [
    sys.executable,
    str(HERE / "offline.py"),
]  # runs a command without network
ANEW = "networks trained anew"
SETTINGS: dict[str, dict[str, str]] = {
    "as it is": {},
    "without AVX": {"ATEN_CPU_CAPABILITY": "default"},
    "AVX2 alone": {
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "ATEN_CPU_CAPABILITY": "avx2",
    },
    "two threads": {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"},
    "hash seed 1": {"PYTHONHASHSEED": "1"},
    "hash seed 4242": {"PYTHONHASHSEED": "4242"},
    "locale C": {"LC_ALL": "C", "LANGUAGE": "fr"},
    "time zone +14": {"TZ": "Pacific/Kiritimati"},
    "no GPU": {"CUDA_VISIBLE_DEVICES": ""},
    "no network": {},
}
Result = tuple[bool, float, str]  # whether it holds, seconds, what was said


def compare(notebook: Path, setting: str) -> Result:
    """Run a notebook under strict nbval in one setting."""
    command = [sys.executable, "-m", "pytest", str(notebook), "-n", "0", "-q"]
    command = [*OFFLINE, *command] if setting == "no network" else command
    start = time.perf_counter()
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=BOOK.parent,
        env=os.environ | SETTINGS[setting],
        capture_output=True,
        text=True,
    )
    return (
        done.returncode == 0,
        time.perf_counter() - start,
        done.stdout + done.stderr,
    )


def execute(notebook: Path, setting: str) -> Result:
    """Execute a notebook without looking at its outputs: its asserts are the proof."""
    start = time.perf_counter()
    resources = {"metadata": {"path": str(BOOK)}}
    client = NotebookClient(nbformat.read(notebook, as_version=4), timeout=600, resources=resources)
    try:
        client.execute()
    except CellExecutionError as error:
        return False, time.perf_counter() - start, str(error)
    return True, time.perf_counter() - start, ""


def row(setting: str, notebooks: list[Path], run: Callable[..., Result]) -> list[str]:
    """Run notebooks in a setting, as many at a time as there are cores; print a row."""
    with ThreadPoolExecutor(os.cpu_count()) as several:
        results = list(several.map(lambda path: run(path, setting), notebooks))
    marks = [f"{seconds:.0f} s" if holds else "**fails**" for holds, seconds, _ in results]
    print(f"| {setting} | {' | '.join(marks)} |", flush=True)
    return [
        f"{path.name}, {setting}:\n{words}"
        for path, (holds, _, words) in zip(notebooks, results, strict=True)
        if not holds
    ]


def heads(notebooks: list[Path]) -> None:
    """Print the head of a table."""
    print(f"\n| | {' | '.join(path.stem for path in notebooks)} |")
    print("|---" * (len(notebooks) + 1) + "|", flush=True)


def train_anew(notebooks: list[Path]) -> list[str]:
    """Train the chapters' networks into another folder; execute the chapters there."""
    chapters = {chapter for chapter, _ in recipes.NETWORKS.values()}
    mine = [path for path in notebooks if path.stem in chapters]
    if not mine:
        return []
    with tempfile.TemporaryDirectory() as folder:
        names = [path.stem for path in mine]
        command = [
            sys.executable,
            str(HERE / "pretrain.py"),
            "--into",
            folder,
            *names,
        ]
        subprocess.run(command, check=True, cwd=BOOK.parent)
        before = os.environ.get(trained.FOLDER)
        os.environ[trained.FOLDER] = folder
        try:
            heads(mine)
            return row(ANEW, mine, execute)
        finally:
            del os.environ[trained.FOLDER]
            os.environ |= {trained.FOLDER: before} if before else {}


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
    heads(chosen)
    for setting in SETTINGS:
        if setting in asked.settings:
            faults += row(setting, chosen, compare)
    print("", *faults, sep="\n\n")
    print(f"{len(faults)} of these fail." if faults else "All of these hold.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
