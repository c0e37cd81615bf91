"""Execute the book's notebooks and write them so that two runs give the same bytes.

Run by `make notebooks`. Only those are executed that are stale (`staleness.py`),
or, with `--all`, or named: `python making/execute_notebooks.py book/intro.ipynb`, all
of them, as many at a time as there are cores.
"""

import argparse
import hashlib
import json
import os
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import nbformat
import staleness
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from charrnn_helpers.widgets.saved import VIEW, put_away, widget_states

BOOK = Path(__file__).parent.parent / "book"


def execute(path: Path) -> list[str]:
    """Run a notebook top to bottom; rewrite the file once the last cell has run.

    Returns:
        The files that its kernel had imported in the end.
    """
    notebook = nbformat.read(path, as_version=4)
    for saved in ("widgets", "figures"):
        notebook.metadata.pop(saved, None)
    notebook.cells.append(nbformat.v4.new_code_cell(staleness.QUESTION))
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    imported = json.loads(notebook.cells.pop().outputs[0].text)
    staleness.check_package(imported)
    write(path, reproducible(notebook, path.stem))
    return imported


def write(path: Path, text: str) -> None:
    """Replace a file by its new content, whole or not at all."""
    unfinished = path.with_suffix(f"{path.suffix}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def reproducible(notebook: nbformat.NotebookNode, name: str) -> str:
    """Return the notebook's text without what differs from run to run."""
    notebook.metadata.get("language_info", {}).pop("version", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = joined_streams(cell.outputs)
    keep_used_widgets(notebook)
    text = nbformat.writes(notebook)
    for i, model in enumerate(used_widgets(notebook)):
        stable = hashlib.sha256(f"{name}/{i}".encode()).hexdigest()[:32]
        text = text.replace(model, stable)
    notebook = nbformat.reads(text, as_version=4)
    put_away(notebook)
    return as_text(notebook)


def as_text(notebook: nbformat.NotebookNode) -> str:
    """Return a notebook as it is written to a file, always in the same way."""
    return numbers_in_rows(nbformat.writes(notebook)) + "\n"


def numbers_in_rows(text: str) -> str:
    """Put each list of numbers on one line; else every weight would have its own.

    The strings of a JSON text have no line breaks in them, so none is touched.
    """
    number = r"-?\d[\d.e+-]*"
    several = rf"\[\n\s*({number}(?:,\n\s*{number})*)\n\s*\]"
    return re.sub(several, lambda found: f"[{' '.join(found[1].split())}]", text)


def joined_streams(outputs: list) -> list:
    """Join what was printed in pieces: where it was cut depends on timing."""
    joined: list = []
    for output in outputs:
        before = joined[-1] if joined else {}
        is_stream = output.output_type == "stream"
        if is_stream and before.get("name") == output.name:
            before.text += output.text
        else:
            joined.append(output)
    return joined


def used_widgets(notebook: nbformat.NotebookNode) -> list[str]:
    """Return the ids of the models that the outputs need, in order of first use."""
    states = widget_states(notebook)
    order: list[str] = []

    def visit(model: str) -> None:
        if model in states and model not in order:
            order.append(model)
            content = json.dumps(states[model])
            for child in re.findall(r"IPY_MODEL_([0-9a-f]{32})", content):
                visit(child)

    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if view := output.get("data", {}).get(VIEW):
                visit(view["model_id"])
    return order


def keep_used_widgets(notebook: nbformat.NotebookNode) -> None:
    """Drop the models that no output leads to: left over from replaced displays."""
    states, used = widget_states(notebook), used_widgets(notebook)
    for model in set(states) - set(used):
        del states[model]
    if not states:
        notebook.metadata.pop("widgets", None)


def execute_all(paths: list[Path]) -> list[Path]:
    """Execute notebooks side by side; return those that failed."""
    failed = []
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        running = {processes.submit(timed, path): path for path in paths}
        for done in as_completed(running):
            path = running[done]
            try:
                seconds, imported = done.result()
                staleness.note(path, imported)
                print(f"{path.name}: {seconds:.0f} s", flush=True)
            except CellExecutionError as error:
                failed.append(path)
                print(
                    f"{path.name} failed; its file is as it was.\n{error}",
                    flush=True,
                )
    return failed


def timed(path: Path) -> tuple[float, list[str]]:
    """Execute a notebook; return the seconds that it took, and what it imported."""
    start = time.perf_counter()
    imported = execute(path)
    return time.perf_counter() - start, imported


def stale_ones(notebooks: list[Path]) -> list[Path]:
    """Return the notebooks that are stale, and say why."""
    reasons = {path: staleness.reason(path) for path in notebooks}
    for path, reason in reasons.items():
        print(f"{path.name} is stale: {reason}" if reason else f"{path.name}: no change")
    return [path for path, reason in reasons.items() if reason]


def main(words: list[str]) -> int:
    """Execute what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(description="Execute notebooks that are stale.")
    parser.add_argument("paths", nargs="*", type=Path, help="these, stale or not")
    parser.add_argument("--all", action="store_true", help="all, stale or not")
    asked = parser.parse_args(words)
    notebooks = sorted(BOOK.glob("*.ipynb"))
    chosen = asked.paths or (notebooks if asked.all else stale_ones(notebooks))
    return 1 if execute_all([path.resolve() for path in chosen]) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
