"""Print the tables of README.md here: `make bench`, some minutes on one thread.

`python -m benchmarks reading` prints that of long texts alone, and `pages` that of the built pages,
with `--beside FOLDER` each number of another build in brackets, both measured in turn.
"""

import argparse
import os
import platform
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # NumPy's too: it reads this when it is first imported

from benchmarks import pages, reading

PARTS = ["network", "reading", "pages"]


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("what", nargs="?", choices=["all", *PARTS], default="all")
    parser.add_argument("--beside", type=Path, metavar="FOLDER", help="another build's html folder")
    parser.add_argument("--rounds", type=int, default=pages.ROUNDS, help="visits of each page")
    parser.add_argument("--only", nargs="+", default=[], metavar="PAGE", help="such as intro")
    chosen = parser.parse_args()
    parts = PARTS if chosen.what == "all" else [chosen.what]
    if "network" in parts:
        print_network()
    if "reading" in parts:
        print(reading.report(), end="\n\n", flush=True)
    if "pages" in parts:
        print(pages.report(chosen.beside and chosen.beside.resolve(), chosen.rounds, chosen.only))


def print_network() -> None:
    """Print the tables of training and sampling."""
    import torch

    from benchmarks import training, writing

    torch.set_num_threads(1)
    torch.manual_seed(0)
    machine = f"{platform.machine()} ({torch.backends.cpu.get_cpu_capability()})"
    print(f"torch {torch.__version__}, {machine}, one thread, float32; medians\n")
    print(training.report(), end="\n\n", flush=True)
    print(writing.report(), end="\n\n", flush=True)


main()
