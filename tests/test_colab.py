"""The cell with which a notebook fetches the rest of the book on Colab, and only there."""

import io
import os
import socket
import subprocess
import urllib.request
from pathlib import Path
from urllib.parse import quote

import execute_notebooks
import nbformat
import pytest

BOOK = execute_notebooks.BOOK
CELL = (
    (Path(execute_notebooks.__file__).parent / "colab_cell.py").read_text(encoding="utf-8").strip()
)


@pytest.mark.parametrize("path", sorted(BOOK.glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_notebook_begins_with_it_and_no_page_shows_it(path):
    cells = nbformat.read(path, as_version=4).cells
    (first, *others) = [cell for cell in cells if cell.cell_type == "code"]
    assert first.source == CELL
    assert first.metadata.tags == ["remove-cell"]
    assert first.outputs == []
    assert not [cell for cell in others if "COLAB" in cell.source]


@pytest.fixture
def called(monkeypatch, tmp_path):
    """What the cell does on a Colab that has opened this notebook from GitHub."""
    calls = []
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab")
    monkeypatch.setattr(socket, "gethostbyname", lambda name: "172.28.0.12")
    monkeypatch.setattr(subprocess, "run", lambda words, check: calls.append(words[-4:]))
    monkeypatch.setattr(os, "chdir", calls.append)

    def run(file):
        answer = f'[{{"path": "fileId={quote(file, safe="")}", "name": "x"}}]'
        monkeypatch.setattr(urllib.request, "urlopen", lambda url: io.BytesIO(answer.encode()))
        exec(CELL, {})
        return calls

    return run


@pytest.mark.parametrize("branch", ["main", "draft/of-mine"])
def test_the_package_comes_from_the_repository_of_the_notebook(called, branch):
    clone, install, folder = called(f"https://github.com/org/some.repo/blob/{branch}/book/x.ipynb")
    assert clone == [
        "--depth=1",
        f"--branch={branch}",
        "https://github.com/org/some.repo",
        "recurrent",
    ]
    assert install[-2:] == ["./recurrent", "myst-nb"]
    assert folder == "recurrent/book"


def test_a_notebook_from_elsewhere_is_told_what_to_do(called):
    with pytest.raises(RuntimeError, match="which repository this notebook is from"):
        called("https://drive.google.com/x.ipynb")


def test_elsewhere_it_does_nothing(monkeypatch):
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    monkeypatch.setattr(subprocess, "run", None)
    before = os.getcwd()
    exec(CELL, {})
    assert os.getcwd() == before
