"""Tiny books for the tests of the Sphinx extensions: notebooks composed in code, then built."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import nbformat.v4 as nb

EXTENSIONS = Path(__file__).parents[1] / "book" / "_extensions"
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="9"/></svg>'
# Half the time of a small build would go into importing this, which checks addresses for jsonschema
START = "import sys; sys.modules['rfc3987_syntax'] = None; from {} import main; sys.exit(main())"
COUNTER = """
export default {
  render({ model, el }) {
    const button = document.createElement("button");
    const show = () => (button.textContent = `count ${model.get("count")}`);
    button.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
    model.on("change:count", show);
    show();
    el.append(button);
  },
};
"""


class Book(NamedTuple):
    """What a build left behind."""

    status: int
    log: str
    html: Path

    def page(self, name):
        return (self.html / f"{name}.html").read_text(encoding="utf-8")


def anywidget(esm, **traits):
    """The saved state of a widget that computes in JavaScript."""
    state = {"_esm": esm, "_anywidget_id": "tiny.Widget", **traits}
    return {"model_module": "anywidget", "model_name": "AnyModel", "state": state}


def ipywidget(name, **traits):
    """The saved state of a widget that comes with ipywidgets."""
    module = "@jupyter-widgets/controls"
    return {"model_module": module, "model_name": name, "state": traits}


def view(model_id, picture=PICTURE):
    """The output of a cell that ends in a widget."""
    data = {VIEW: {"model_id": model_id, "version_major": 2}, "text/plain": f"Widget {model_id}"}
    return nb.new_output("display_data", data | ({"image/svg+xml": picture} if picture else {}))


def cell(*outputs, tags=(), alt="a tiny picture"):
    metadata = {"tags": list(tags)}
    if alt is not None:
        metadata["mystnb"] = {"image": {"alt": alt}}
    return nb.new_code_cell("widget", outputs=list(outputs), metadata=metadata)


def notebook(*cells, models=None, text="# Title"):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "orphan": True}
    if models:
        metadata["widgets"] = {STATE: {"version_major": 2, "version_minor": 0, "state": models}}
    return nb.new_notebook(cells=[nb.new_markdown_cell(text), *cells], metadata=metadata)


def environment(folder):
    """The environment of this process, without what tells which repository it works for."""
    ours = ("BOOK_", "GITHUB_", "GIT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"GIT_CEILING_DIRECTORIES": str(folder.parent), "PYTHONWARNINGS": ""}


def write_pages(folder, pages):
    for name, page in pages.items():
        (folder / f"{name}.ipynb").write_text(nb.writes(page))


def run(module, arguments: Iterable, folder, html) -> Book:
    """Build in a process of its own, where a dependency's warning is not this test's error."""
    done = subprocess.run(
        [sys.executable, "-c", START.format(module), *map(str, arguments)],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Book(done.returncode, done.stdout, html)


def build_figures(folder, pages) -> Book:
    """Build notebooks with plain Sphinx, livefigs and the smallest theme: two seconds."""
    write_pages(folder, pages)
    (folder / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(EXTENSIONS)!r})\n"
        'extensions = ["myst_nb", "livefigs"]\nnb_execution_mode = "off"\nhtml_theme = "basic"\n'
        f'exclude_patterns = ["out"]\nhtml_favicon = {str(EXTENSIONS / "booksite/favicon.svg")!r}\n'
    )
    options = ["-W", "-n", "--keep-going", "-j2"]
    html = folder / "out" / "html"
    return run("sphinx.cmd.build", [*options, folder, html], folder, html)


def build_site(folder, page, config="", before="") -> Book:
    """Build one notebook with Jupyter Book, its theme and booksite, as the real book is built."""
    write_pages(folder, {"index": page})
    (folder / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    (folder / "_config.yml").write_text(
        'title: Tiny\nonly_build_toc_files: true\nexecute: {execute_notebooks: "off"}\n'
        f"{config}\nsphinx:\n  local_extensions:\n    {before}\n    booksite: {EXTENSIONS}\n"
    )
    arguments = ["build", "-W", "-n", "--keep-going", folder]
    return run("jupyter_book.cli.main", arguments, folder, folder / "_build" / "html")
