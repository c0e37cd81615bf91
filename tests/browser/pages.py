"""The built pages, and what a browser has to say while it shows one."""

import functools
import http.server
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent.parent
HTML = ROOT / "_build" / "html"


def chapters():
    """The pages of the book, in order."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [f"{name}.html" for name in [contents["root"], *files_below(contents)]]


def files_below(entry):
    for part in [*entry.get("parts", []), *entry.get("chapters", []), *entry.get("sections", [])]:
        yield from [part["file"]] if "file" in part else []
        yield from files_below(part)


PAGES = ["index.html", *chapters(), "search.html", "genindex.html"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A browser may close a page before it has come; all else is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def served(folder):
    """The folder at an address of this machine, as long as the context lasts."""
    handler = functools.partial(Quiet, directory=str(folder))
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def listen(page, home):
    """Collect what must not happen on a page: errors, failures, requests to anyone else."""
    faults = []

    def on_console(message):
        if message.type in ("error", "warning"):
            faults.append(f"console {message.type}: {message.text}")

    def on_request(request):
        if not request.url.startswith((home, "data:", "blob:")):
            faults.append(f"third party: {request.url}")

    def on_response(response):
        if response.status >= 400:
            faults.append(f"{response.status}: {response.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on("request", on_request)
    page.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
    page.on("response", on_response)
    return faults


def settle(page):
    """Wait until the figures are there."""
    page.wait_for_load_state("load")
    page.wait_for_function(
        "[...document.querySelectorAll('.livefigs-view')].every((view) => view.dataset.state)"
    )
