"""The package is as ARCHITECTURE.md draws it: all rooms are named, and nothing imports upwards."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "charrnn_helpers"
TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
JAVASCRIPT = sorted((PACKAGE / "widgets").glob("*/*.js"))
FRONT = ("__init__", "__main__")  # of the package: they lead into the rooms
# Within the room for long texts, in order
LONGTEXT = [
    *("settings", "processes", "text_files", "encoded_text", "ngrams", "whole_files"),
    *("streams", "losses", "checkpoints", "training", "run", "command_line"),
]


def rooms():
    """The rooms in the order of the table, and the modules within them in theirs."""
    table = TEXT.split("in the order in which data flows")[1].split("\n\nWhat people import")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


def place(module):
    """Where a module stands: its room, and for long texts where it stands in there."""
    room, *inside = module.split(".")
    within = LONGTEXT.index(inside[0]) if room == "longtext" and inside else -1
    return rooms().index(room), within


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        yield ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def imported(module):
    """The modules of the package that a module imports, functions' own imports included."""
    path = PACKAGE / f"{module.replace('.', '/')}.py"
    names = set(modules())
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("charrnn_helpers"):
            base = node.module.removeprefix("charrnn_helpers").lstrip(".")
            for alias in node.names:
                full = f"{base}.{alias.name}".lstrip(".")
                yield full if full in names else base


def test_every_room_is_in_the_table_and_there_is_no_other():
    there = {name.split(".")[0] for name in modules()} - set(FRONT)
    assert sorted(rooms()) == sorted(there)
    inside = {path.stem for path in (PACKAGE / "longtext").glob("*.py")} - {"__init__"}
    assert sorted(LONGTEXT) == sorted(inside)


@pytest.mark.parametrize("module", [m for m in modules() if m not in FRONT])
def test_nothing_imports_upwards(module):
    for other in imported(module):
        rooms_differ = other.split(".")[0] != module.split(".")[0]
        if other and (rooms_differ or other.startswith("longtext.")):
            assert place(other) < place(module), f"{module} imports {other}"


@pytest.mark.parametrize("path", JAVASCRIPT, ids=lambda p: p.parent.name + "/" + p.name)
def test_figures_import_what_they_share_and_nothing_of_each_other(path):
    below = {"nn": {"nn"}, "ui": {"ui"}}.get(path.parent.name, {path.parent.name, "nn", "ui"})
    for address in re.findall(r'from "([^"]+)";', path.read_text(encoding="utf-8")):
        assert (path.parent / address).resolve().parent.name in below, address


@pytest.mark.parametrize("module", [m for m in modules() if m.count(".") == 2])
def test_nor_do_they_in_python(module):
    figures = [path.parent.name for path in (PACKAGE / "widgets").glob("*/figure.py")]
    for other in imported(module):
        if other.startswith("widgets.") and other.split(".")[1] in figures:
            assert other.split(".")[:2] == module.split(".")[:2], f"{module} imports {other}"


def test_one_place_hands_pytorchs_layers_a_state():
    """Elsewhere a layer is given its inputs alone, and a state is never asked what it is."""
    for path in PACKAGE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                words = ast.unparse(call)
                layer = ast.unparse(call.func).rpartition(".")[2] == "recurrent"
                assert not layer or len(call.args) == 1, f"{path}: {words}"
                asked = words.startswith("isinstance(state, tuple)")
                assert not asked or path.name == "cells.py", f"{path}: {words}"


def test_an_import_upwards_would_be_found():
    assert place("models") > place("cells")
    assert place("longtext.run") > place("longtext.training") > place("sampling")


def test_it_is_read_in_five_minutes():
    assert TEXT.count("\n") <= 120


def test_what_it_names_is_there():
    for name in re.findall(r"`((?:longtext|tasks|widgets|book|making|tests)/[\w/.-]*)`", TEXT):
        there = (PACKAGE / name).exists() or (ROOT / name).exists()
        assert there or name == "book/name.ipynb", name
