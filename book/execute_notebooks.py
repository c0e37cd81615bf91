"""Execute the book's notebooks and write them so that two runs give the same bytes.

Run by `make notebooks`, for all notebooks or for those named after it:
`python book/execute_notebooks.py book/intro.ipynb`.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

WIDGETS = "application/vnd.jupyter.widget-state+json"
BOOK = Path(__file__).parent


def execute(path: Path) -> None:
    """Run a notebook top to bottom; rewrite the file once the last cell has run."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("widgets", None)
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    unfinished = path.with_suffix(".ipynb.part")
    unfinished.write_text(reproducible(notebook, path.stem), encoding="utf-8")
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
    if states := widget_states(notebook):
        notebook.metadata.widgets[WIDGETS]["state"] = dict(sorted(states.items()))
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


def widget_states(notebook: nbformat.NotebookNode) -> dict:
    """Return the saved widget models of a notebook by their ids."""
    return notebook.metadata.get("widgets", {}).get(WIDGETS, {}).get("state", {})


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
        outputs = json.dumps(cell.get("outputs", []))
        for model in re.findall(r'"model_id": ?"([0-9a-f]{32})"', outputs):
            visit(model)
    return order


def keep_used_widgets(notebook: nbformat.NotebookNode) -> None:
    """Drop the models that no output leads to: left over from replaced displays."""
    states, used = widget_states(notebook), used_widgets(notebook)
    for model in set(states) - set(used):
        del states[model]
    if not states:
        notebook.metadata.pop("widgets", None)


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:] or sorted(map(str, BOOK.glob("*.ipynb")))):
        print(path.name, flush=True)
        execute(path)
