"""How a notebook keeps a figure: its picture and its traits, but not its source.

Jupyter would save a figure's whole JavaScript and style sheet with it, in every notebook, so that
a change of one shared line would make them all stale. Here they are put away: what is left of a
figure in the cell is its picture, which every viewer can show, and its traits lie in the notebook's
metadata. The source is the package's own, and is brought back when the pages are built.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

STATES = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
PICTURE = "image/svg+xml"
FIGURES = "figures"  # in the notebook's metadata: the traits of its figures by their ids
FIGURE = "figure"  # in an output's metadata: the id of the figure that the picture stands for
SOURCES = ("_esm", "_css")
REFERENCE = "IPY_MODEL_"


def widget_states(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return the widget models that Jupyter has saved in a notebook, by their ids."""
    return notebook["metadata"].get("widgets", {}).get(STATES, {}).get("state", {})


def put_away(notebook: dict[str, Any]) -> None:
    """Leave of each figure that has a picture only the picture and the traits; in place."""
    states, figures = widget_states(notebook), {}
    for output in _outputs(notebook):
        model = output["data"].get(VIEW, {}).get("model_id")
        if PICTURE in output["data"] and "_anywidget_id" in states.get(model, {}).get("state", {}):
            output["metadata"][FIGURE] = model
            del output["data"][VIEW]
            figures |= _model_and_layout(states, model)
    for model in figures:
        del states[model]
    if figures:
        notebook["metadata"][FIGURES] = dict(sorted(figures.items()))
    if not states:
        notebook["metadata"].pop("widgets", None)


def bring_back(notebook: dict[str, Any]) -> None:
    """Make a notebook what Jupyter had saved, with the sources as the package has them now.

    Raises:
        ImportError, AttributeError: If the package has no such figure.
    """
    figures = notebook["metadata"].pop(FIGURES, {})
    for output in _outputs(notebook):
        if FIGURE in output["metadata"]:
            model = output["metadata"].pop(FIGURE)
            output["data"][VIEW] = {"model_id": model, "version_major": 2, "version_minor": 0}
    for model in figures.values():
        if "_anywidget_id" in model["state"]:
            model["state"] |= sources_of(model["state"]["_anywidget_id"])
    if figures:
        empty = {"version_major": 2, "version_minor": 0, "state": {}}
        saved = notebook["metadata"].setdefault("widgets", {}).setdefault(STATES, empty)
        saved["state"] |= figures


def sources_of(anywidget_id: str) -> dict[str, str]:
    """Return the JavaScript and the style sheet of a figure's class, which its id names."""
    module, _, name = anywidget_id.rpartition(".")
    figure = getattr(import_module(module), name)
    return {source: str(getattr(figure, source)) for source in SOURCES}


def _outputs(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the outputs that hold data."""
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    return [output for output in outputs if "data" in output]


def _model_and_layout(states: dict[str, Any], model: str) -> dict[str, Any]:
    """Return a figure's model without its sources, and the model of its layout."""
    state = {k: v for k, v in states[model]["state"].items() if k not in SOURCES}
    layout = (state.get("layout") or "").removeprefix(REFERENCE)
    kept = {model: {**states[model], "state": state}}
    return kept | ({layout: states[layout]} if layout in states else {})
