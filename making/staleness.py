"""Which notebooks have to be executed again: what they came from has changed.

A notebook's outputs follow from its code, from the modules that its kernel
imported, from the trained networks that it may load, and from the versions of all
packages. What they were made from is noted in `made_from.json`, in one line a
notebook. The figures' JavaScript and style sheets are not part of it: notebooks do
not hold them.
"""

import hashlib
import json
from pathlib import Path

import nbformat
import recipes

ROOT = Path(__file__).parent.parent
BOOK = ROOT / "book"
NOTES = BOOK / "made_from.json"
PRETRAINED = BOOK / "pretrained"
READS_NETWORKS = "charrnn_helpers/longtext/checkpoints.py"  # who imports it may load any of them

# Asked of a kernel after the last cell
QUESTION = """
import json, sys
files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
print(json.dumps(sorted(filter(None, files))))
"""


def note(notebook: Path, imported: list[str]) -> None:
    """Note from what a notebook was just made; `imported` are files of any kind."""
    ours = [Path(file) for file in imported if is_ours(Path(file))]
    modules = sorted(file.relative_to(ROOT).as_posix() for file in ours)
    content = notes() | {notebook.stem: {"from": digest(notebook, modules), "of": modules}}
    lines = [f"{json.dumps(k)}: {json.dumps(content[k])}" for k in sorted(content)]
    NOTES.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def check_package(imported: list[str]) -> None:
    """Raise an error if a kernel took the package from elsewhere, as PYTHONPATH can have it."""
    found = [file for file in imported if file.endswith("charrnn_helpers/__init__.py")]
    if found and not any(is_ours(Path(file)) for file in found):
        raise RuntimeError(
            f"the kernel imported {found[0]}, which is not this project's: unset PYTHONPATH, or "
            "install this project into the environment"
        )


def is_ours(file: Path) -> bool:
    """Tell whether a file is one of this project's own sources."""
    if file.suffix != ".py" or not file.is_relative_to(ROOT):
        return False
    return file.relative_to(ROOT).parts[0] in ("charrnn_helpers", "book")


def reason(notebook: Path) -> str:
    """Return why a notebook is stale, or '' if it is not."""
    noted = notes().get(notebook.stem)
    if noted is None:
        return "it was not executed by `make notebooks`"
    gone = [module for module in noted["of"] if not (ROOT / module).exists()]
    if gone:
        return f"{gone[0]} is gone"
    before, now = noted["from"], digest(notebook, noted["of"])
    changed = [part for part in now if now[part] != before.get(part)]
    return f"changed: {', '.join(changed)}" if changed else ""


def digest(notebook: Path, modules: list[str]) -> dict[str, str]:
    """Return what changes with each part that a notebook's outputs follow from."""
    cells = nbformat.read(notebook, as_version=4).cells
    code = [[c.source, c.outputs, c.execution_count] for c in cells if c.cell_type == "code"]
    networks = networks_of(notebook.stem) if READS_NETWORKS in modules else []
    return {
        "code": short(json.dumps(code, sort_keys=True).encode()),
        "modules": short(*((ROOT / module).read_bytes() for module in modules)),
        "networks": short(*(path.read_bytes() for path in networks)),
        "versions": short((ROOT / "requirements.txt").read_bytes()),
    }


def networks_of(chapter: str) -> list[Path]:
    """Return the networks that a chapter may load: its own, and those of no chapter."""
    return sorted(
        path
        for path in PRETRAINED.glob("*")
        if recipes.NETWORKS.get(path.stem, (chapter, ""))[0] == chapter
    )


def short(*contents: bytes) -> str:
    """Return a few digits that differ for different contents."""
    whole = hashlib.sha256()
    for content in contents:
        whole.update(hashlib.sha256(content).digest())
    return whole.hexdigest()[:12]


def notes() -> dict:
    """Return what was noted of each notebook."""
    return json.loads(NOTES.read_text(encoding="utf-8")) if NOTES.exists() else {}
