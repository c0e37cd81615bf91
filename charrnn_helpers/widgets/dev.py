"""A page with every figure, which is loaded again when one of their files has changed.

    python -m charrnn_helpers.widgets.dev                             # as the chapters show them
    python -m charrnn_helpers.widgets.dev "SpectralLab(hidden_size=8)"   # or one that is made here

Works in a checkout of the book, as the page runs figures as its pages do. Changes of JavaScript and
CSS show at once, in the state in which the figures are; for a change of Python, start it again.
"""

from __future__ import annotations

import argparse
import json
import time
import webbrowser
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from charrnn_helpers import widgets
from charrnn_helpers.widgets.bundle import FOLDER, figure_sources
from charrnn_helpers.widgets.saved import FIGURES

BOOK = FOLDER.parents[1] / "book"
RUNTIME = BOOK / "_extensions" / "livefigs" / "runtime.js"
PATIENCE = 25  # seconds that a question for changes waits for one
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Figures</title><style>
  html { --pst-color-background: #fff; --pst-color-text-base: #222832; }
  html[data-theme="dark"] { --pst-color-background: #121212; --pst-color-text-base: #ced6dd; }
  body { margin: 1rem; background: var(--pst-color-background); color: var(--pst-color-text-base);
    font-family: system-ui; }
  main { margin: auto; max-width: var(--width, 700px); }
  nav { position: sticky; top: 0; z-index: 9; background: inherit; }
</style><script>RUNTIME</script><script>MODULES</script></head><body>
<nav><label>Width <input id="width" type="range" min="320" max="1100" value="700"></label>
<label><input id="dark" type="checkbox"> dark</label></nav>
<main><h1>Figures</h1>VIEWS</main><script>
  const keep = (name) => {
    const input = document.getElementById(name);
    const show = () => {
      sessionStorage[name] = input.type === "checkbox" ? Number(input.checked) : input.value;
      document.documentElement.dataset.theme = dark.checked ? "dark" : "light";
      document.documentElement.style.setProperty("--width", `${width.value}px`);
    };
    if (name in sessionStorage) {
      if (input.type === "checkbox") input.checked = Number(sessionStorage[name]) === 1;
      else input.value = sessionStorage[name];
    }
    input.addEventListener("input", show);
    return show;
  };
  const { width, dark } = document.all;
  for (const show of ["width", "dark"].map(keep)) show();
  // What a reader has done to the figures stays when they are loaded again
  for (const script of document.querySelectorAll(".livefigs-model")) {
    const spec = JSON.parse(script.textContent);
    if (spec.id in sessionStorage) {
      script.textContent = JSON.stringify({ ...spec, state: JSON.parse(sessionStorage[spec.id]) });
    }
  }
  addEventListener("pagehide", () => LiveFigs.models.forEach(async (model, id) => {
    sessionStorage[id] = JSON.stringify((await model).state);
  }));
  const ask = async () => {
    const answer = await fetch("changes?since=NEWEST");
    if ((await answer.text()) === "changed") {
      for (const [id, model] of LiveFigs.models) {
        sessionStorage[id] = JSON.stringify((await model).state);
      }
      location.reload();
    } else ask();
  };
  ask();
</script></body></html>"""


def figures_of_chapters(book: Path = BOOK) -> dict[str, dict[str, Any]]:
    """Return the traits of the first figure of each class in the chapters, by class."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(book.glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for model in notebook["metadata"].get(FIGURES, {}).values():
            if name := model["state"].get("_anywidget_id", "").rpartition(".")[2]:
                found.setdefault(name, traits_of(model["state"]))
    return found


def figure_made(expression: str) -> tuple[str, dict[str, Any]]:
    """Make a figure from Python code in which the figures have their names; return its traits."""
    names = {name: getattr(widgets, name) for name in widgets.__all__}
    figure = eval(expression, names)  # what the developer has typed
    return type(figure).__name__, traits_of(figure.get_state())


def traits_of(state: dict[str, Any]) -> dict[str, Any]:
    """Return the traits that the page's side needs."""
    unused = ("layout", "tabbable", "tooltip")
    return {k: v for k, v in state.items() if not k.startswith("_") and k not in unused}


def page(figures: Iterable[tuple[str, dict[str, Any]]], folder: Path = FOLDER) -> str:
    """Return a page with these figures, from the files as they are now."""
    figures = list(figures)
    modules, views = [], []
    for name in sorted({name for name, _ in figures}):
        styles = getattr(widgets, name).styles
        try:
            sources = figure_sources(widgets.folder_of(name), styles, folder)
        except (ValueError, OSError) as reason:  # half a change: the next will mend it
            sources = {"_esm": f"throw new Error({json.dumps(str(reason))})", "_css": ""}
        values = ", ".join(map(in_script, (name, sources["_esm"], sources["_css"])))
        modules.append(f"LiveFigs.define({values});")
    for i, (name, state) in enumerate(figures):
        spec = in_script({"id": f"{name} {i}", "module": name, "state": state})
        views.append(
            f'<h2>{name}</h2><script type="application/json" class="livefigs-model">{spec}</script>'
            f'<div class="livefigs-view" data-model="{name} {i}"></div>'
        )
    parts = {
        "RUNTIME": RUNTIME.read_text(encoding="utf-8"),
        "MODULES": "\n".join(modules),
        "VIEWS": "\n".join(views),
        "NEWEST": repr(newest(folder)),
    }
    first, *rest = (
        PAGE.replace("RUNTIME", "\0RUNTIME\0")
        .replace("MODULES", "\0MODULES\0")
        .replace("VIEWS", "\0VIEWS\0")
        .replace("NEWEST", "\0NEWEST\0")
        .split("\0")
    )
    return first + "".join(parts.get(piece, piece) for piece in rest)


def in_script(value: object) -> str:
    """Return a value as JSON that may stand in a script of a page."""
    return json.dumps(value).replace("</", "<\\/")


def newest(folder: Path) -> float:
    """Return when the JavaScript or CSS of a figure was last changed, in seconds."""
    files = [path for kind in ("js", "css") for path in folder.glob(f"*/*.{kind}")]
    return max((path.stat().st_mtime for path in files), default=0.0)


def wait_for_change(folder: Path, since: float, patience: float = PATIENCE) -> bool:
    """Wait until a file is newer than that; False if none was for so many seconds."""
    end = time.monotonic() + patience
    while newest(folder) <= since:
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


class Handler(BaseHTTPRequestHandler):
    """Answers with the page, and tells it when to load itself again."""

    def __init__(self, figures: list[tuple[str, dict[str, Any]]], folder: Path, *args: Any):
        """Take the figures to show, and the folder whose files are watched."""
        self.figures, self.folder = figures, folder
        super().__init__(*args)

    def do_GET(self) -> None:
        """Answer one request."""
        if self.path == "/":
            self.answer(page(self.figures, self.folder), "text/html")
        elif self.path.startswith("/changes?since="):
            changed = wait_for_change(self.folder, float(self.path.partition("=")[2]))
            self.answer("changed" if changed else "as it was", "text/plain")
        elif self.path == "/favicon.ico":
            self.send_response(HTTPStatus.NO_CONTENT)
            self.end_headers()
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def answer(self, text: str, kind: str) -> None:
        """Send a text."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def server_for(
    figures: Iterable[tuple[str, dict[str, Any]]], folder: Path = FOLDER, port: int = 0
) -> ThreadingHTTPServer:
    """Return a server for this machine alone; port 0 is any that is free."""
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, list(figures), folder))
    server.daemon_threads = True
    return server


def main() -> None:
    """Serve the page until Ctrl-C, and open it in a browser."""
    parser = argparse.ArgumentParser(
        prog="python -m charrnn_helpers.widgets.dev",
        description="Open every figure in a browser; their files are watched.",
    )
    parser.add_argument("figure", nargs="*", help='like "SpectralLab(hidden_size=8)"')
    parser.add_argument("--port", type=int, default=0, help="a free one, if left out")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    options = parser.parse_args()
    if not RUNTIME.exists():
        parser.error("this needs a checkout of the book, where the pages' runtime lies")
    figures = [figure_made(one) for one in options.figure] or figures_of_chapters().items()
    server = server_for(figures, port=options.port)
    address = f"http://127.0.0.1:{server.server_port}/"
    print(f"The figures: {address} (Ctrl-C ends it)", flush=True)
    if not options.no_browser:
        webbrowser.open(address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
