"""From the widget state that Jupyter saves in a notebook to what a page needs of it."""

import hashlib
import json
from collections.abc import Callable

REFERENCE = "IPY_MODEL_"  # how Jupyter writes "the model with this id" in a trait
ARRANGING = {"VBoxModel", "HBoxModel", "BoxModel", "HTMLModel", "LabelModel"}


class NoStaticViewError(Exception):
    """A widget cannot be shown by a page alone; the message says why."""


def to_json(value: object) -> str:
    """Write JSON that may stand inside a ``<script>`` element, the same for the same value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def map_references(value: object, rename: Callable[[str], str]) -> object:
    """Copy a trait's value with the id in each reference to another model passed through rename."""
    if isinstance(value, str) and value.startswith(REFERENCE):
        return REFERENCE + rename(value.removeprefix(REFERENCE))
    if isinstance(value, list):
        return [map_references(item, rename) for item in value]
    if isinstance(value, dict):
        return {key: map_references(item, rename) for key, item in value.items()}
    return value


class PageModels:
    """The models of one page, named m1, m2, … in the order in which the page shows them."""

    def __init__(self, saved: dict[str, dict]) -> None:
        """Start from the state that the notebook saved: one model for each of Jupyter's ids."""
        self.saved = saved
        self.names: dict[str, str] = {}
        self.modules: dict[str, tuple[str, str | None]] = {}

    def add(self, model_id: str) -> list[dict]:
        """Return the specs of a model, and of all that it refers to, that the page lacks so far."""
        needed: dict[str, dict] = {}
        self._gather(model_id, needed)  # raises before anything is noted
        new = [id_ for id_ in needed if id_ not in self.names]
        self.names.update({id_: f"m{n}" for n, id_ in enumerate(new, len(self.names) + 1)})
        return [self._spec(id_, needed[id_]) for id_ in new]

    def _gather(self, model_id: str, needed: dict[str, dict]) -> None:
        """Note the traits of a model, then those of the models that they refer to."""
        if model_id in needed:
            return
        if model_id not in self.saved:
            raise NoStaticViewError("the notebook has not saved its state")
        needed[model_id] = self._traits(self.saved[model_id])
        references: list[str] = []
        map_references(needed[model_id], lambda id_: references.append(id_) or id_)
        for reference in references:
            self._gather(reference, needed)

    def _traits(self, model: dict) -> dict:
        """Pick the traits that a page needs, or raise if it could not show the widget anyway."""
        state = model["state"]
        if model["model_name"] in ARRANGING:
            return {key: state[key] for key in ("children", "value") if key in state}
        if model["model_module"] != "anywidget" or not state.get("_esm"):
            raise NoStaticViewError(f"{model['model_name']} runs Python")
        if any((state.get(key) or "").startswith(("http:", "https:")) for key in ("_esm", "_css")):
            raise NoStaticViewError("its module would be fetched from another site")
        unused = ("layout", "tabbable", "tooltip")
        return {k: v for k, v in state.items() if not k.startswith("_") and k not in unused}

    def _spec(self, model_id: str, traits: dict) -> dict:
        """Describe one model to the runtime."""
        model = self.saved[model_id]
        spec = {"id": self.names[model_id], "state": map_references(traits, self.names.get)}
        if model["model_name"] in ARRANGING:
            spec["widget"] = model["model_name"]
        else:
            spec["module"] = self._module(model["state"])
        if layout := self._layout(model["state"]):
            spec["layout"] = layout
        if model.get("buffers"):
            spec["buffers"] = [
                {"path": buffer["path"], "data": "".join(buffer["data"].split())}
                for buffer in model["buffers"]
            ]
        return spec

    def _module(self, state: dict) -> str:
        """Note a widget's JavaScript and CSS; return the hash that names them."""
        source = (state["_esm"], state.get("_css") or None)
        name = hashlib.sha256(to_json(source).encode()).hexdigest()[:12]
        self.modules[name] = source
        return name

    def _layout(self, state: dict) -> dict[str, str]:
        """Return the CSS properties that the widget's Layout sets."""
        layout_id = (state.get("layout") or "").removeprefix(REFERENCE)
        layout = self.saved.get(layout_id, {"state": {}})["state"]
        return {key: v for key, v in layout.items() if v is not None and not key.startswith("_")}
