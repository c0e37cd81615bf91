"""The committed notebooks, and the program that writes them."""

import ast
import json
import re
from pathlib import Path

import execute_notebooks
import nbformat
import pytest
import staleness
import yaml
from nbclient.exceptions import CellExecutionError

from charrnn_helpers import widgets
from charrnn_helpers.widgets import saved

BOOK = execute_notebooks.BOOK
NOTEBOOKS = sorted(BOOK.glob("*.ipynb"))


def read(path):
    return nbformat.read(path, as_version=4)


def pictures(cell):
    return [o for o in cell.get("outputs", []) if any("image/" in m for m in o.get("data", {}))]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return read(request.param)


def test_the_book_has_what_these_tests_look_for():
    notebooks = list(map(read, NOTEBOOKS))
    cells = [cell for notebook in notebooks for cell in notebook.cells]
    text = "".join(cell.source for cell in cells if cell.cell_type == "markdown")
    prompts = [cell.metadata.get("mystnb", {}).get("code_prompt_show", "") for cell in cells]
    shown = [output for cell in cells for output in pictures(cell)]
    assert sum("solution" in prompt for prompt in prompts) > 10
    assert sum(saved.FIGURE in output.metadata for output in shown) > 10
    assert sum("image/svg+xml" in output.data for output in shown) > 30
    assert text.count("<summary>") > 20


def test_every_notebook_is_a_page_of_the_book():
    contents = yaml.safe_load((BOOK.parent / "_toc.yml").read_text(encoding="utf-8"))
    pages = [contents["root"], *(chapter["file"] for chapter in contents["chapters"])]
    named = {page for page in pages if (BOOK.parent / f"{page}.ipynb").exists()}
    assert named == {f"book/{path.stem}" for path in NOTEBOOKS}


def test_executed_once_from_top_to_bottom_without_errors(notebook):
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {output.output_type for cell in code for output in cell.outputs}
    assert "error" not in kinds
    assert not [o for cell in code for o in cell.outputs if o.get("name") == "stderr"]


def test_every_picture_has_words_for_those_who_cannot_see_it(notebook):
    for cell in notebook.cells:
        if pictures(cell) and not any("widget-view" in str(o.data) for o in pictures(cell)):
            assert len(cell.metadata.mystnb.image.alt) > 40, cell.source


def test_figures_are_compared_so_they_are_svg(notebook):
    shown = [m for cell in notebook.cells for o in pictures(cell) for m in o.data if "image/" in m]
    assert set(shown) <= {"image/svg+xml"}


def test_every_live_figure_has_a_caption_with_its_number(notebook):
    """The number is that of the figure in an address, as runtime.js counts."""
    live = [
        i
        for i, cell in enumerate(notebook.cells)
        if any(saved.FIGURE in output.get("metadata", {}) for output in cell.get("outputs", []))
    ]
    captions = [notebook.cells[i + 1].source for i in live]
    for number, caption in enumerate(captions, start=1):
        assert re.fullmatch(rf"\*\*Live figure {number}\.\*\* [A-Z].{{30,}}\.", caption), caption


def test_no_notebook_holds_a_figures_source(notebook):
    text = json.dumps(notebook)
    assert '"_esm"' not in text
    assert '"_css"' not in text
    assert "function render" not in text


def test_the_figures_of_a_notebook_are_brought_back_with_the_packages_own_source(notebook):
    shown = [o.metadata["figure"] for cell in notebook.cells for o in pictures(cell)
             if "figure" in o.metadata]  # fmt: skip
    saved.bring_back(notebook)
    states = saved.widget_states(notebook)
    assert set(shown) <= set(states)
    for model in shown:
        state = states[model]["state"]
        figure = getattr(widgets, state["_anywidget_id"].rpartition(".")[2])
        assert (state["_esm"], state["_css"]) == (figure._esm, figure._css)


def test_numbers_stand_in_rows_and_everything_else_as_it_was():
    content = {
        "weights": [[1.5, -2], [3e-07]],
        "text": "[\n 1,\n 2\n]",
        "mixed": ["a", 1],
        "none": [],
    }
    text = json.dumps(content, indent=1)
    rows = execute_notebooks.numbers_in_rows(text)
    assert json.loads(rows) == content
    assert "[1.5, -2]" in rows
    assert len(rows.splitlines()) < len(text.splitlines())


def test_solutions_are_hidden_in_the_page_and_in_jupyter(notebook):
    for cell in notebook.cells:
        if "solution" in cell.metadata.get("mystnb", {}).get("code_prompt_show", ""):
            assert "hide-cell" in cell.metadata.tags
            assert cell.metadata.jupyter.source_hidden


def test_a_summary_is_html_so_no_markdown_stands_in_it(notebook):
    text = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for summary in re.findall(r"<summary>(.*?)</summary>", text, re.DOTALL):
        assert not re.search(r"[$`*{]", summary), summary


def test_small_enough_to_read_and_to_load():
    for path in NOTEBOOKS:
        assert path.stat().st_size < 400_000


def test_all_chapters_that_read_a_tide_read_the_same_one():
    cells = [c.source for path in NOTEBOOKS for c in read(path).cells]
    tides = [source for source in cells if "def sea_level" in source]
    kept = {s[s.index("PERIODS") :].partition("level[2500:]")[0] for s in tides}
    assert len(kept) == 1


def functions_of(name):
    """The functions that a chapter defines, by name, as they are written there."""
    code = [cell.source for cell in read(BOOK / name).cells if cell.cell_type == "code"]
    return {
        node.name: ast.unparse(node)
        for source in code
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
    }


def test_what_a_chapter_repeats_of_the_training_loop_is_the_same():
    loop, later = map(functions_of, ["training_loop.ipynb", "truncated_bptt.ipynb"])
    repeated = loop.keys() & later.keys()
    assert repeated >= {"sea_level", "windows", "stops", "fit", "update", "error_at_end"}
    for name in repeated:
        assert loop[name] == later[name], name


def test_the_network_of_the_front_page_is_the_one_that_the_chapter_trains():
    def last_network(name):
        notebook = read(BOOK / name)
        shown = [o.metadata.get("figure") for cell in notebook.cells for o in pictures(cell)]
        states = [notebook.metadata.figures[model].state for model in shown if model]
        return [state.weights for state in states if "weights" in state][-1]

    assert last_network("intro.ipynb") == last_network("character_model.ipynb")


def run_twice(tmp_path, *cells):
    path = tmp_path / "trial.ipynb"
    cells = [nbformat.v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(cells)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    execute_notebooks.execute(path)
    first = path.read_bytes()
    execute_notebooks.execute(path)
    return first, path.read_bytes(), read(path)


def test_two_runs_give_the_same_bytes(tmp_path):
    slider = "from ipywidgets import IntSlider, VBox\nslider = IntSlider()\nVBox([slider, slider])"
    slow = "import time\nfor i in range(3):\n    print(i, flush=True)\n    time.sleep(0.3)"
    first, second, notebook = run_twice(tmp_path, "IntSlider = 1", slow, slider, "slider")
    assert first == second
    assert notebook.cells[1].outputs == [
        {"output_type": "stream", "name": "stdout", "text": "0\n1\n2\n"}
    ]
    states = saved.widget_states(notebook)
    shown = re.findall(r'"model_id": ?"(\w+)"', json.dumps(notebook.cells))
    assert set(shown) <= set(states)
    assert "version" not in notebook.metadata.language_info


def test_widgets_that_are_not_shown_are_not_kept(tmp_path):
    _, _, notebook = run_twice(tmp_path, "from ipywidgets import IntSlider\nslider = IntSlider()")
    assert "widgets" not in notebook.metadata


def test_a_cell_that_fails_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "trial.ipynb"
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0", id="a")]), path
    )
    before = path.read_bytes()
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        execute_notebooks.execute(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["trial.ipynb"]


FIGURE = """
from charrnn_helpers import widgets
figure = widgets.SpectralLab(hidden_size=4)
figure
"""


def test_a_figure_leaves_its_picture_and_its_traits(tmp_path):
    first, second, notebook = run_twice(tmp_path, FIGURE, "figure")
    assert first == second
    outputs = [cell.outputs[0] for cell in notebook.cells]
    (model,) = {output.metadata.figure for output in outputs}
    assert all(set(output.data) == {"image/svg+xml", "text/plain"} for output in outputs)
    assert notebook.metadata.figures[model].state.hidden_size == 4
    assert "widgets" not in notebook.metadata
    saved.bring_back(notebook)
    assert {o.data[saved.VIEW]["model_id"] for o in outputs} == {model}
    assert "render" in saved.widget_states(notebook)[model].state["_esm"]


def test_a_notebook_is_what_jupyter_saved_once_its_figures_are_back():
    state = {"_anywidget_id": "charrnn_helpers.widgets.unroll.figure.Unroll", "steps": 3}
    state |= saved.sources_of(state["_anywidget_id"]) | {"layout": "IPY_MODEL_l"}
    models = {"m": {"state": state}, "l": {"state": {"width": None}}, "s": {"state": {"value": 1}}}
    data = {saved.VIEW: {"model_id": "m", "version_major": 2, "version_minor": 0}}
    slider = {saved.VIEW: {"model_id": "s", "version_major": 2, "version_minor": 0}}
    outputs = [{"data": data | {saved.PICTURE: "<svg/>"}, "metadata": {}},
               {"data": slider, "metadata": {}}, {"text": "printed"}]  # fmt: skip
    saved_by_jupyter = {
        "cells": [{"source": "words"}, {"outputs": outputs}],
        "metadata": {
            "widgets": {saved.STATES: {"version_major": 2, "version_minor": 0, "state": models}}
        },
    }
    notebook = json.loads(json.dumps(saved_by_jupyter))
    saved.put_away(notebook)
    assert set(notebook["metadata"]["figures"]) == {"m", "l"}
    assert set(saved.widget_states(notebook)) == {"s"}
    saved.bring_back(notebook)
    assert notebook == saved_by_jupyter


# --- which notebooks are stale -------------------------------------------------------------------


@pytest.fixture
def small_book(tmp_path, monkeypatch):
    """A project of one notebook, which is up to date, and one module."""
    for folder in ("book/pretrained", "charrnn_helpers"):
        (tmp_path / folder).mkdir(parents=True)
    files = {"charrnn_helpers/cells.py": "x = 1", "book/pretrained/a": "1", "requirements.txt": "t"}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    cells = [nbformat.v4.new_markdown_cell("words"), nbformat.v4.new_code_cell("1 + 1")]
    path = tmp_path / "book" / "one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    monkeypatch.setattr(staleness, "ROOT", tmp_path)
    monkeypatch.setattr(staleness, "NOTES", tmp_path / "book" / "made_from.json")
    monkeypatch.setattr(staleness, "PRETRAINED", tmp_path / "book" / "pretrained")
    staleness.note(path, [str(tmp_path / "charrnn_helpers/cells.py"), "/usr/lib/json.py"])
    return path


def change_cell(path, i):
    notebook = read(path)
    notebook.cells[i].source += " # more"
    nbformat.write(notebook, path)


def test_a_notebook_is_executed_again_only_if_something_that_it_was_made_from_changed(small_book):
    project = small_book.parent.parent
    assert staleness.reason(small_book) == ""
    (project / "charrnn_helpers/other.py").write_text("not imported")
    (project / "book/pretrained/b").write_text("no network is read")
    change_cell(small_book, 0)  # words
    assert staleness.reason(small_book) == ""


def test_each_thing_that_it_was_made_from_is_named_when_it_changes(small_book):
    project = small_book.parent.parent
    change_cell(small_book, 1)
    assert staleness.reason(small_book) == "changed: code"
    (project / "charrnn_helpers/cells.py").write_text("x = 2")
    (project / "requirements.txt").write_text("u")
    assert staleness.reason(small_book) == "changed: code, modules, versions"
    (project / "charrnn_helpers/cells.py").unlink()
    assert staleness.reason(small_book) == "charrnn_helpers/cells.py is gone"
    (project / "book/made_from.json").unlink()
    assert "not executed by" in staleness.reason(small_book)


def test_a_package_from_elsewhere_is_no_source_of_outputs(small_book, tmp_path):
    ours = str(tmp_path / "charrnn_helpers/__init__.py")
    other = "/elsewhere/charrnn_helpers/__init__.py"
    staleness.check_package([ours, other, "/usr/lib/json.py"])
    staleness.check_package(["/usr/lib/json.py"])
    with pytest.raises(RuntimeError, match=r"/elsewhere/.* is not this project's: unset"):
        staleness.check_package([other])


def test_every_notebook_notes_the_modules_that_it_came_from(notebook, request):
    name = request.node.callspec.params["notebook"].stem
    assert "charrnn_helpers/__init__.py" in staleness.notes()[name]["of"]


def test_a_notebook_that_may_read_networks_is_stale_when_one_changed(small_book, monkeypatch):
    project = small_book.parent.parent
    reads = project / staleness.READS_NETWORKS
    assert (Path(staleness.__file__).parents[1] / staleness.READS_NETWORKS).exists()
    reads.parent.mkdir()
    reads.write_text("")
    staleness.note(small_book, [str(reads)])
    (project / "book/pretrained/a").write_text("2")
    assert staleness.reason(small_book) == "changed: networks"
    networks = {"a": ("another", "train(0)")}
    monkeypatch.setattr(staleness.recipes, "NETWORKS", networks)
    staleness.note(small_book, [str(reads)])
    (project / "book/pretrained/a").write_text("3")  # of another chapter
    assert staleness.reason(small_book) == ""


def test_what_a_notebook_imported_is_asked_of_its_kernel(tmp_path):
    path = tmp_path / "trial.ipynb"
    cells = [nbformat.v4.new_code_cell("import charrnn_helpers.vocabulary", id="a")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    imported = execute_notebooks.execute(path)
    assert {"vocabulary.py", "__init__.py"} <= {Path(f).name for f in map(Path, imported)}
    assert len(read(path).cells) == 1  # the question is not part of the notebook


def test_those_that_are_up_to_date_are_not_executed(small_book, monkeypatch, capsys):
    monkeypatch.setattr(execute_notebooks, "BOOK", small_book.parent)
    before = small_book.read_bytes()
    assert execute_notebooks.main([]) == 0
    assert "one.ipynb: no change" in capsys.readouterr().out
    assert small_book.read_bytes() == before
    change_cell(small_book, 1)
    assert execute_notebooks.main([]) == 0
    assert "one.ipynb is stale: changed: code" in capsys.readouterr().out
    assert read(small_book).cells[1].outputs[0].data["text/plain"] == "2"
    assert staleness.reason(small_book) == ""


def test_one_that_fails_is_named_and_the_others_are_executed(small_book, capsys):
    failing = small_book.with_name("failing.ipynb")
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")]), failing)
    assert execute_notebooks.main([str(failing), str(small_book)]) == 1
    words = capsys.readouterr().out
    assert "failing.ipynb failed; its file is as it was" in words
    assert "ZeroDivisionError" in words
    assert "one.ipynb: " in words
