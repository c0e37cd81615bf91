"""The page on which figures are developed: all of them live, and a change shows by itself."""

import shutil
import threading

import pytest
from pages import listen

from charrnn_helpers import widgets
from charrnn_helpers.widgets import dev
from charrnn_helpers.widgets.bundle import FOLDER


@pytest.fixture
def served(tmp_path):
    """The page of some figures, from a copy of their files."""
    servers = []

    def serve(figures):
        folder = tmp_path / "widgets"
        shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        server = dev.server_for(figures, folder)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/", folder

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_every_figure_of_the_book_is_there_and_lives(browser, served):
    figures = dev.figures_of_chapters()
    assert set(figures) == set(widgets.__all__)
    address, _ = served(figures.items())
    page = browser.new_page()
    faults = listen(page, address)
    page.goto(address)
    page.wait_for_function("document.querySelectorAll('[data-state=ready]').length === 11")
    page.close()
    assert faults == []


def test_a_change_shows_by_itself_and_what_was_done_stays(browser, served):
    address, folder = served([dev.figure_made("SpectralLab(hidden_size=8)")])
    page = browser.new_page()
    page.goto(address)
    page.wait_for_selector("[data-state=ready]")
    page.evaluate("LiveFigs.models.get('SpectralLab 0').then((model) => model.set('seed', 7))")
    page.check("#dark")
    style = folder / "spectral_lab" / "style.css"
    style.write_text(
        style.read_text(encoding="utf-8") + "\n.rnn-spectral-lab { border-width: 9px; }\n"
    )
    page.wait_for_function(
        "getComputedStyle(document.querySelector('.rnn-figure') ?? document.body)"
        ".borderTopWidth === '9px'"
    )
    kept = "LiveFigs.models.get('SpectralLab 0').then((model) => model.get('seed'))"
    assert page.evaluate(kept) == 7
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    (folder / "spectral_lab" / "view.js").write_text('import { no } from "../ui/dom.js";\n')
    page.wait_for_selector("[data-state=error]")  # half a change is told, and ends nothing
    page.close()
