"""The committed notebooks, and the program that writes them."""

import json
import re
from pathlib import Path

import execute_notebooks
import nbformat
import pytest
import yaml
from nbclient.exceptions import CellExecutionError

BOOK = Path(execute_notebooks.__file__).parent
NOTEBOOKS = sorted(BOOK.glob("*.ipynb"))


def read(path):
    return nbformat.read(path, as_version=4)


def pictures(cell):
    return [o for o in cell.get("outputs", []) if any("image/" in m for m in o.get("data", {}))]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return read(request.param)


def test_every_notebook_is_a_page_of_the_book():
    contents = yaml.safe_load((BOOK.parent / "_toc.yml").read_text())
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


def test_widgets_carry_the_packages_own_javascript(notebook):
    from charrnn_helpers import widgets

    for model in execute_notebooks.widget_states(notebook).values():
        if "_esm" in model["state"]:
            figure = getattr(widgets, model["state"]["_anywidget_id"].rpartition(".")[2])
            stale = "the package's figure has changed: run `make notebooks`"
            assert model["state"]["_esm"] == figure._esm, stale
            assert model["state"]["_css"] == figure._css, stale


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


def test_the_network_of_the_front_page_is_the_one_that_the_chapter_trains():
    def last_network(name):
        states = execute_notebooks.widget_states(read(BOOK / name))
        used = [states[m]["state"] for m in execute_notebooks.used_widgets(read(BOOK / name))]
        return [state["weights"] for state in used if "weights" in state][-1]

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
    states = execute_notebooks.widget_states(notebook)
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
