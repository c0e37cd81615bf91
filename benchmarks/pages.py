"""How soon the figures of the built pages live, and what a page has to bring for that."""

from __future__ import annotations

import gzip
import re
import shutil
import statistics
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from benchmarks.timing import table

HTML = Path(__file__).parent.parent / "_build" / "html"
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", MAC)
# No request of the browser's own may mix with those of the pages
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)
ROUNDS = 5
SLOW = 4  # times slower: about a phone
DESKTOP, PHONE = (1280, 844), (390, 844)
# On the page from its first moment: when a figure lives, the longest task, how much has moved
WATCH = """(() => {
  const seen = (window.seen = { alive: null, all: null, longest: 0, shift: 0 });
  const observe = (type, note) => new PerformanceObserver((list) =>
    list.getEntries().forEach(note)).observe({ type, buffered: true });
  observe("longtask", ({ duration }) => (seen.longest = Math.max(seen.longest, duration)));
  observe("layout-shift", (e) => (seen.shift += e.hadRecentInput ? 0 : e.value));
  new MutationObserver(() => {
    if (document.querySelector("[data-state=ready]")) seen.alive ??= performance.now();
  }).observe(document, { subtree: true, attributeFilter: ["data-state"] });
})();"""
SETTLED = """document.readyState === "complete" &&
  [...document.querySelectorAll(".livefigs-view")].every((view) => view.dataset.state) &&
  !document.querySelector("span.math:not(:has(mjx-container))")"""
KINDS = [  # of files: the first pattern that fits an address
    ("fonts", r"\.(woff2?|ttf)$"),
    ("icons", r"fontawesome|/icons/"),
    ("maths", r"mathjax|/formulas"),
    ("ours", r"/livefigs/|/book\.css"),
    ("theme", r"\.(js|css)$"),
]
CODE = ("theme", "icons", "maths", "ours")
HEADING = [
    "page", "alive, ms", f"{SLOW} × slower", "code, kB gzip", "theme", "icons", "maths", "ours",
    "fonts, kB", "HTML, kB gzip", "longest task, ms", "shift", "shift, phone",
]  # fmt: skip


def report(beside: Path | None = None, rounds: int = ROUNDS, only: Iterable[str] = ()) -> str:
    """Return the table of all pages, or of some; or why there is none.

    With a second build each number is written as `this (that)`, the times with their ratio.
    """
    if not (HTML / "index.html").exists():
        return "No pages: `make book` builds them."
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        return f"No table of pages: no browser, none of {', '.join(BROWSERS)}."
    from playwright.sync_api import sync_playwright

    builds = [HTML, *([beside] if beside else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET.split())
        names = sorted(only) or sorted(page.stem for page in (HTML / "book").glob("*.html"))
        rows = [[name, *_cells(_measured(browser, builds, name, rounds))] for name in names]
        browser.close()
    return table(HEADING, rows)


def _measured(browser, builds: list[Path], name: str, rounds: int) -> list[dict[str, float]]:
    """Return for each build what a page takes: the builds in turn, medians over the rounds."""
    visits = [{look: [] for look in ("quick", "slow", "phone")} for _ in builds]
    for _ in range(rounds):
        for build, found in zip(builds, visits, strict=True):
            address = (build / "book" / f"{name}.html").as_uri()
            found["quick"].append(_visit(browser, address, DESKTOP, 1))
            found["slow"].append(_visit(browser, address, DESKTOP, SLOW))
            found["phone"].append(_visit(browser, address, PHONE, 1))
    return [_summary(found) | _weights(found["quick"][0]["files"]) for found in visits]


def _visit(browser, address: str, size: tuple[int, int], slower: int) -> dict:
    """Return what WATCH saw on a page until all of it was there, and the files it asked for."""
    page = browser.new_page(viewport=dict(zip(("width", "height"), size, strict=True)))
    files: list[str] = []
    page.on("request", lambda request: files.append(request.url))
    page.add_init_script(WATCH)
    if slower > 1:
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(address)
    page.wait_for_function(SETTLED, timeout=120_000)
    page.wait_for_timeout(300)
    seen = page.evaluate("seen")
    page.close()
    return seen | {"files": [one for one in files if one.startswith("file:")]}


def _summary(visits: dict[str, list[dict]]) -> dict[str, float | None]:
    """Return the medians of a page's visits; None where no figure is."""

    def middle(look: str, what: str) -> float | None:
        values = [visit[what] for visit in visits[look] if visit[what] is not None]
        return statistics.median(values) if values else None

    return {
        "alive": middle("quick", "alive"),
        "slow": middle("slow", "alive"),
        "longest": middle("quick", "longest"),
        "shift": middle("quick", "shift"),
        "phone": middle("phone", "shift"),
    }


def _weights(addresses: list[str]) -> dict[str, float]:
    """Return the kB of a page's files by kind: compressed, but for fonts, which are already."""
    sizes = dict.fromkeys((*CODE, "fonts", "html"), 0.0)
    for path in {url2pathname(urlsplit(unquote(one)).path) for one in addresses}:
        kind = kind_of(path)
        if kind in sizes:
            data = Path(path).read_bytes()
            sizes[kind] += len(data if kind == "fonts" else gzip.compress(data, 6)) / 1000
    return sizes | {"code": sum(sizes[kind] for kind in CODE)}


def kind_of(path: str) -> str:
    """Return what a file of a page is for."""
    if path.endswith(".html"):
        return "html"
    return next((kind for kind, pattern in KINDS if re.search(pattern, path)), "other")


def _cells(builds: list[dict[str, float | None]]) -> Iterator[str]:
    """Yield the cells of a page's row."""
    for name in ("alive", "slow"):
        yield _cell([build[name] for build in builds], ".0f", ratio=True)
    for name in ("code", *CODE, "fonts", "html", "longest"):
        yield _cell([build[name] for build in builds], ".0f")
    for name in ("shift", "phone"):
        yield _cell([build[name] for build in builds], ".3f")


def _cell(values: list[float | None], form: str, ratio: bool = False) -> str:
    """Write one number, or two, and how many times less the first is."""
    if values[0] is None:
        return "–"
    first, *others = (format(value, form) for value in values if value is not None)
    if not others:
        return first
    times = f", {values[1] / values[0]:.1f} ×" if ratio else ""
    return f"{first} ({others[0]}{times})"
