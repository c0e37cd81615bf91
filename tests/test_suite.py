"""The suite itself: no module waits for the end, and what fails says how to repeat it."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from suite_order import in_order

ROOT = Path(__file__).parent.parent
FAILING = """
import pytest

@pytest.mark.parametrize("number", [1, 2])
def test_numbers(number):
    assert number == 1

def test_another():
    pass

@pytest.fixture
def broken():
    raise OSError

def test_that_cannot_begin(broken):
    pass
"""


def run(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=240,
    )  # fmt: skip


@pytest.fixture(scope="module")
def suite(tmp_path_factory):
    """A tiny suite with faults, and what a run of it prints."""
    folder = tmp_path_factory.mktemp("suite")
    for name in ("conftest.py", "tests/suite_order.py", "tests/suite_report.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "tests" / "test_it.py").write_text(FAILING)
    (folder / "book").mkdir()
    cells = [nbformat.v4.new_code_cell(source, id=source[0]) for source in ("a = 1", "b = c")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "book" / "some.ipynb")
    return folder, run(folder, "--where-time-goes").stdout


def test_every_failure_names_the_command_that_repeats_it(suite):
    _, printed = suite
    alone = ".venv/bin/python -m pytest -n 0 "
    assert sorted(re.findall(r"^repeat: (.*)$", printed, re.MULTILINE)) == [
        f"{alone}'tests/test_it.py::test_numbers[2]'",
        f"{alone}book/some.ipynb",
        f"{alone}tests/test_it.py::test_that_cannot_begin",
    ]


@pytest.mark.parametrize(
    ("name", "counts"), [("[2]", "1 failed in"), ("some.ipynb", "1 failed, 1 passed in")]
)
def test_the_command_repeats_it_and_nothing_else(suite, name, counts):
    folder, printed = suite
    (command,) = re.findall(rf"^repeat: (.*{re.escape(name)}.*)$", printed, re.MULTILINE)
    again = run(folder, *shlex.split(command)[3:]).stdout
    assert counts in again
    assert "time goes" not in again  # told only to who asks


def test_it_is_told_where_the_time_goes(suite):
    _, printed = suite
    rows = re.findall(r"^ +([\d.]+) +([\d.]+)% +(\d+) tests  (.*)$", printed, re.MULTILINE)
    assert [(int(tests), name) for _, _, tests, name in rows] == [
        (2, "book/some.ipynb"),  # a kernel takes longest
        (4, "tests/test_it.py"),
        (6, "all"),
    ]
    assert sum(float(seconds) for seconds, *_ in rows[:2]) == pytest.approx(
        float(rows[2][0]), abs=0.11
    )
    assert sum(float(share) for _, share, *_ in rows[:2]) == pytest.approx(100, abs=0.11)


LONG = {f"book/{i}.ipynb": 40 for i in range(10)}
PAGES = {f"tests/browser/test_{i}.py": 40 for i in range(10)}
SHORT = {f"tests/test_{i}.py": 30 for i in range(20)}


def test_without_a_run_before_the_kind_tells_what_is_long():
    order = list(in_order(SHORT | PAGES | LONG, {}))
    assert sorted(order) == sorted(SHORT | PAGES | LONG)
    assert order[-20:] == sorted(SHORT)
    assert {order[0], order[1]} == {"tests/browser/test_0.py", "book/0.ipynb"}


@pytest.mark.parametrize("long", ["tests/test_7.py", "tests/browser/test_7.py", "book/7.ipynb"])
def test_what_took_long_the_last_time_is_not_left_to_the_end(long):
    order = list(in_order(SHORT | PAGES | LONG, {long: 100.0}))
    assert order.index(long) < 2


def test_a_module_with_a_browser_comes_beside_one_without():
    """Whoever of two workers is free takes the next one."""
    seconds = dict.fromkeys(LONG, 0.5) | dict.fromkeys(PAGES, 0.5)
    free, with_a_browser = [0.0, 0.0], [[], []]
    for name in in_order(LONG | PAGES, seconds):
        worker = free.index(min(free))
        free[worker] += 20.0
        with_a_browser[worker].append(name in PAGES)
    assert [a != b for a, b in zip(*with_a_browser, strict=True)] == [True] * 10
    assert free[0] == free[1]
