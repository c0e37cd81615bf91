"""What every run of training needs: to be seen, and to be stopped without harm."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm.auto import tqdm

INTERRUPTED = 130  # the exit code of a program that Ctrl-C has ended


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Turn Ctrl-C into a flag, so that no step of training is left half done.

    A second Ctrl-C raises KeyboardInterrupt as usual.
    """
    interrupted = threading.Event()

    def ask_to_stop(signum, frame):
        if interrupted.is_set():
            raise KeyboardInterrupt
        interrupted.set()

    if threading.current_thread() is not threading.main_thread():
        yield interrupted  # only the main thread receives signals
        return
    before = signal.signal(signal.SIGINT, ask_to_stop)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def progress_bar(total: int, unit: str = "epoch", initial: int = 0) -> tqdm:
    """Return a progress bar; it shows while somebody watches, in a terminal or a live notebook.

    Args:
        total: How many units there are.
        unit: What is counted.
        initial: How many were done before; they tell nothing about the time that is left.
    """
    hidden = not _somebody_watches()
    return tqdm(total=total, unit=unit, initial=initial, leave=False, disable=hidden)


def _somebody_watches() -> bool:
    """Tell a terminal or a live notebook from a script, nbconvert or nbval.

    JupyterLab and its kin send the cell's id with each request to run it; programs that run
    notebooks unattended do not.
    """
    if sys.stderr.isatty():
        return True
    ipython = sys.modules.get("IPython")
    kernel = getattr(ipython.get_ipython(), "kernel", None) if ipython else None
    if kernel is None:
        return False
    return "cellId" in kernel.get_parent("shell").get("metadata", {})
