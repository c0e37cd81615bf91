"""The figures in a real JupyterLab: what is done in the figure is seen by Python, and back."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest

SETUP = "from every_figure import EVERY_FIGURE"
BLUE_AND_ORANGE = """(canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const seen = (more, less) =>
        data.some((_, i) => i % 4 === 0 && data[i + more] > data[i + less]);
    return seen(2, 0) && seen(0, 2);
}"""
TESTS = Path(__file__).parent.parent  # where `every_figure` is


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab server of its own, with nothing of the reader's settings."""
    folder = tmp_path_factory.mktemp("lab")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "ServerApp.root_dir": str(folder),
        "IdentityProvider.token": "''",
        "LabApp.expose_app_in_browser": True,
        "LabApp.news_url": "None",
    }
    own = {name: str(folder / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    own["PYTHONPATH"] = str(TESTS)
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *(f"--{k}={v}" for k, v in options.items())],
        env=os.environ | own,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    home = f"http://127.0.0.1:{port}"
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{home}/api", timeout=2).close()
            break
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.5)
    yield home, folder
    server.terminate()
    server.wait(timeout=20)


class Notebook:
    """A notebook that is open in JupyterLab; the figure is `figure` in its kernel."""

    def __init__(self, page):
        self.page = page

    def run(self, command):
        self.page.evaluate("(command) => jupyterapp.commands.execute(command)", command)

    def show(self, expression):
        """Show another figure, twice, in place of the one before."""
        self.run("notebook:clear-all-cell-outputs")
        self.wait_for_figures(0)
        self.page.evaluate(
            """(source) => {
                const { cells } = jupyterapp.shell.currentWidget.content.model;
                cells.get(1).sharedModel.setSource(source);
            }""",
            f"figure = {expression}\nfigure",
        )
        self.run("notebook:run-all-cells")
        self.wait_for_figures(2)

    def wait_for_figures(self, count):
        self.page.wait_for_function(
            "(n) => document.querySelectorAll('.jp-OutputArea .rnn-figure').length === n",
            arg=count,
            timeout=60_000,
        )

    def python(self, expression):
        """The value of an expression in the kernel."""
        return json.loads(
            self.page.evaluate(
                """async (code) => {
                    const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                    const future = kernel.requestExecute({ code });
                    let words = "";
                    future.onIOPub = ({ content }) => { words += content.text ?? ""; };
                    await future.done;
                    return words;
                }""",
                f"import json; print(json.dumps({expression}))",
            )
        )

    def wait_for(self, expression, wanted):
        for _ in range(60):
            if (found := self.python(expression)) == wanted:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{expression} is {found!r}, not {wanted!r}")


@pytest.fixture(scope="module")
def notebook(browser, lab):
    """One notebook with one kernel, as it takes long to start either."""
    home, folder = lab
    sources = {"a": SETUP, "b": "", "c": "figure"}
    cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in sources.items()]
    kernel = {"name": "python3", "display_name": "Python 3"}
    written = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(written, folder / "figures.ipynb")
    page = browser.new_page(viewport={"width": 1400, "height": 1600})
    page.goto(f"{home}/lab/tree/figures.ipynb?reset")
    page.wait_for_function(
        "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel"
        "?.status === 'idle'",
        timeout=60_000,
    )
    yield Notebook(page)
    page.close()


@pytest.fixture
def open_figure(notebook):
    def show(name):
        notebook.show(f"EVERY_FIGURE[{name!r}]()")
        return notebook

    return show


def test_completion(open_figure):
    notebook = open_figure("Completion")
    prompts = notebook.page.locator("[data-role=prompt]")
    prompts.first.fill("hey")
    notebook.wait_for("figure.prompt", "hey")
    assert prompts.last.input_value() == "hey"
    notebook.python("setattr(figure, 'prompt', 'have')")
    for box in prompts.all():
        notebook.page.wait_for_function("box => box.value === 'have'", arg=box.element_handle())
    assert len(notebook.python("figure.hidden")) == 6


def test_unroll_by_the_keyboard(open_figure):
    notebook = open_figure("Unroll")
    steps = notebook.page.locator("[data-role=steps]")
    steps.first.focus()
    notebook.page.keyboard.press("ArrowRight")  # in JupyterLab a command, but not in a figure
    notebook.wait_for("figure.steps", 4)
    assert steps.last.input_value() == "4"
    assert notebook.python("[len(figure.hidden), len(figure.outputs)]") == [4, 4]
    notebook.python("setattr(figure, 'steps', 2)")
    for slider in steps.all():
        notebook.page.wait_for_function("it => it.value === '2'", arg=slider.element_handle())


def test_lab(open_figure):
    notebook = open_figure("SpectralLab")
    notebook.page.locator("[data-role=experiment-2]").first.click()
    chosen = "[figure.kind, figure.radius, figure.activation]"
    notebook.wait_for(chosen, ["orthogonal", 1, "identity"])
    notebook.wait_for("abs(figure.norms[-1] - 1) < 1e-9", True)
    notebook.python("[setattr(figure, 'cell', 'lstm'), setattr(figure, 'radius', 0.5)]")
    for box in notebook.page.locator("[data-role=radius-number]").all():
        notebook.page.wait_for_function("it => it.value === '0.5'", arg=box.element_handle())
    notebook.wait_for("[len(figure.W_hh), len(figure.bound)]", [32, 0])


def test_ledger(open_figure):
    notebook = open_figure("GradientLedger")
    losses = notebook.page.locator("[data-role=loss]")
    losses.first.focus()
    notebook.page.keyboard.press("End")
    notebook.wait_for("figure.loss", 14)
    assert losses.last.input_value() == "14"
    notebook.python("setattr(figure, 'horizon', 3)")
    for slider in notebook.page.locator("[data-role=horizon]").all():
        notebook.page.wait_for_function("it => it.value === '3'", arg=slider.element_handle())
    notebook.wait_for("abs(figure.kept - 1) > 1e-6", True)


def test_chooser(open_figure):
    notebook = open_figure("WiringChooser")
    notebook.page.locator("input[value='every step']").first.check(force=True)
    notebook.page.locator("input[value='frames']").first.check(force=True)
    notebook.wait_for("[figure.input, figure.output, figure.example]", ["frames", "every step", 0])
    notebook.wait_for("len(figure.answer)", 18)
    notebook.python("setattr(figure, 'example', 1)")
    for words in notebook.page.locator("[data-role=which]").all():
        notebook.page.wait_for_function(
            "it => it.textContent === 'example 2 of 2'", arg=words.element_handle()
        )
    notebook.wait_for("len(figure.answer)", 12)


def test_training(open_figure):
    notebook = open_figure("TrainHere")
    notebook.page.locator("[data-role=next]").first.click()
    notebook.wait_for("[figure.epoch, len(figure.losses)]", [1, 1])
    notebook.python("setattr(figure, 'epoch', 5)")
    for slider in notebook.page.locator("[data-role=scrub]").all():
        notebook.page.wait_for_function("it => it.value === '5'", arg=slider.element_handle())
    notebook.wait_for("len(figure.losses)", 5)
    notebook.wait_for("len(figure.network().head.bias)", 17)


def test_machine(open_figure):
    notebook = open_figure("TimeMachine")
    for canvas in notebook.page.locator("[data-role=states]").all():
        notebook.page.wait_for_function(BLUE_AND_ORANGE, arg=canvas.element_handle())
    sliders = notebook.page.locator("[data-role=scrub]")
    sliders.first.focus()
    notebook.page.keyboard.press("Home")
    notebook.wait_for("figure.checkpoint", 0)
    assert sliders.last.input_value() == "0"
    notebook.wait_for(
        "[figure.written, figure.horizon]",
        notebook.python("[figure.sample(0), figure.reach(0)[2]]"),
    )
    notebook.python("[setattr(figure, 'text', 'nice'), setattr(figure, 'checkpoint', 1)]")
    for box in notebook.page.locator("[data-role=text]").all():
        notebook.page.wait_for_function("it => it.value === 'nice'", arg=box.element_handle())
    notebook.wait_for("figure.horizon", notebook.python("figure.reach(1)[2]"))


def test_captioning(open_figure):
    notebook = open_figure("Captioning")
    scrubs = notebook.page.locator("[data-role=scrub]")
    scrubs.first.focus()
    notebook.page.keyboard.press("Home")
    notebook.page.keyboard.press("ArrowRight")
    notebook.wait_for("figure.step", 2)
    assert scrubs.last.input_value() == "2"
    notebook.python("setattr(figure, 'step', 3)")
    for slider in scrubs.all():
        notebook.page.wait_for_function("it => it.value === '3'", arg=slider.element_handle())
    notebook.wait_for("[len(figure.hidden), len(figure.probabilities)]", [12, 21])


def test_meter(open_figure):
    notebook = open_figure("SentimentMeter")
    sentences = notebook.page.locator("[data-role=sentence]")
    sentences.first.fill("the film was not dull")
    notebook.wait_for("[figure.sentence, len(figure.probabilities)]", ["the film was not dull", 6])
    assert sentences.last.input_value() == "the film was not dull"
    sentences.first.blur()  # while somebody types, a box keeps what is typed
    notebook.python("setattr(figure, 'sentence', 'the plot was witty')")
    for box in sentences.all():
        notebook.page.wait_for_function(
            "it => it.value === 'the plot was witty'", arg=box.element_handle()
        )
    notebook.wait_for("len(figure.probabilities)", 5)


def test_video(open_figure):
    notebook = open_figure("VideoLabels")
    scrubs = notebook.page.locator("[data-role=scrub]")
    scrubs.first.focus()
    notebook.page.keyboard.press("Home")
    notebook.page.keyboard.press("ArrowRight")
    notebook.wait_for("figure.step", 2)
    notebook.python("setattr(figure, 'step', 4)")
    for slider in scrubs.all():
        notebook.page.wait_for_function("it => it.value === '4'", arg=slider.element_handle())
    notebook.wait_for("len(figure.answers)", 18)


def test_translator(open_figure):
    notebook = open_figure("Translator")
    texts = notebook.page.locator("[data-role=text]")
    texts.first.fill("in two months")
    notebook.wait_for("figure.text", "in two months")
    assert texts.last.input_value() == "in two months"
    notebook.python("setattr(figure, 'text', 'friday march eleven')")
    for box in texts.all():
        notebook.page.wait_for_function(
            "it => it.value === 'friday march eleven'", arg=box.element_handle()
        )
    notebook.wait_for("len(figure.context)", 24)
