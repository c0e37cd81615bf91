"""The extension livefigs, by building tiny books: what their pages hold, and what fails a build."""

import base64
import importlib
import json
import re

import pytest
from tiny_book import COUNTER, EXTENSIONS, anywidget, build_figures, cell, ipywidget, notebook, view

MODEL = re.compile(r'<script type="application/json" class="livefigs-model">(.*?)</script>')
VIEW = re.compile(r'<div class="livefigs-view" data-model="(m\d+)">(.*?)</div>', re.DOTALL)


def models(page):
    return [json.loads(text) for text in MODEL.findall(page)]


def modules(book):
    folder = book.html / "_static" / "livefigs"
    return sorted(path.stem for path in folder.glob("*.js") if path.stem not in ("runtime", "acts"))


def buffer(path, data):
    return {"encoding": "base64", "path": path, "data": base64.encodebytes(data).decode()}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """One book of many pages, so that two processes read and write it."""
    counter = anywidget(
        COUNTER, count=3, layout="IPY_MODEL_wide", title="a </script> b", tooltip=None
    )
    wide = ipywidget("LayoutModel", width="80%", height=None, _view_name="LayoutView")
    binary = anywidget(COUNTER, points={}) | {"buffers": [buffer(["points", "xy"], b"\0\1\2" * 40)]}
    box = ipywidget("VBoxModel", children=["IPY_MODEL_words", "IPY_MODEL_a"])
    words = ipywidget("HTMLModel", value="<b>bold</b>", placeholder="")
    pages = {
        "index": notebook(
            cell(view("a")), cell(view("a")), models={"a": counter, "wide": wide, "unseen": counter}
        ),
        "second": notebook(cell(view("b")), models={"b": anywidget(COUNTER, count=8)}),
        "boxed": notebook(
            cell(view("box", None)), models={"box": box, "words": words, "a": counter}
        ),
        "binary": notebook(cell(view("c")), models={"c": binary}),
        "kernel": notebook(
            cell(view("s"), tags=["kernel-only"]),
            cell(view("a"), tags=["kernel-only"]),
            models={"s": ipywidget("FloatSliderModel"), "a": counter},
        ),
        **{f"plain{n}": notebook() for n in range(3)},
    }
    return build_figures(tmp_path_factory.mktemp("book"), pages)


def test_the_build_has_no_warnings(book):
    assert book.status == 0, book.log


def test_a_view_holds_the_picture_with_its_alt_text(book):
    (_, inside), _ = VIEW.findall(book.page("index"))
    assert 'alt="a tiny picture"' in inside
    assert inside.count("<img") == 1


def test_the_picture_is_nowhere_else_on_the_page(book):
    assert book.page("second").count("<img") == 1


def test_the_page_holds_the_traits_and_only_those(book):
    (model,) = models(book.page("index"))
    assert model["state"] == {"count": 3, "title": "a </script> b"}
    assert model["layout"] == {"width": "80%"}


def test_a_widget_shown_twice_is_one_model_with_two_views(book):
    page = book.page("index")
    assert [model["id"] for model in models(page)] == ["m1"]
    assert [name for name, _ in VIEW.findall(page)] == ["m1", "m1"]


def test_a_module_is_written_once_for_all_pages(book):
    (name,) = modules(book)
    for page in ("index", "second", "boxed", "binary"):
        assert f"_static/livefigs/{name}.js" in book.page(page)
        assert {model.get("module", name) for model in models(book.page(page))} == {name}
    script = (book.html / "_static" / "livefigs" / f"{name}.js").read_text(encoding="utf-8")
    assert script.startswith(f'LiveFigs.define("{name}",(exports) => ')


@pytest.mark.parametrize(
    "esm",
    [
        "import x from 'y';\nexport default { x };",
        "export const a = 1;\nexport default { a };",
        "const a = await b;\nexport default { a };",
        "export default function render() {}",
        "export function render() {}",
    ],
)
def test_what_only_a_module_may_hold_stays_a_text(monkeypatch, esm):
    monkeypatch.syspath_prepend(EXTENSIONS)
    classic = importlib.import_module("livefigs.classic")
    assert json.loads(classic.as_value(esm)) == esm
    assert classic.as_value("export default { a };").startswith("(exports) =>")


def test_the_first_figure_starts_where_it_stands(book):
    page = book.page("index")
    assert page.count("LiveFigs?.startFirst()") == 1
    assert page.index("livefigs/runtime.js") < page.index("livefigs-view")
    first = page.index("</div>", page.index("livefigs-view"))
    assert page[first:].startswith("</div><script>window.LiveFigs?.startFirst()</script>")


def test_pages_without_figures_load_no_runtime(book):
    assert "livefigs/runtime.js" in book.page("index")
    for page in ("plain0", "kernel"):
        assert "livefigs/" not in book.page(page)


def test_no_page_asks_a_third_party_for_anything(book):
    for page in book.html.glob("*.html"):
        assert not re.findall(
            r'<(?:script|link|img)[^>]*(?:src|href)="(?:https?:)?//',
            page.read_text(encoding="utf-8"),
        )
        assert "application/vnd.jupyter.widget" not in page.read_text(encoding="utf-8")


def test_boxes_bring_the_models_of_their_children(book):
    box, words, counter = models(book.page("boxed"))
    assert box["state"]["children"] == ["IPY_MODEL_m2", "IPY_MODEL_m3"]
    assert (words["widget"], words["state"]) == ("HTMLModel", {"value": "<b>bold</b>"})
    assert counter["state"]["count"] == 3


def test_a_view_without_a_picture_says_what_it_needs(book):
    ((_, inside),) = VIEW.findall(book.page("boxed"))
    assert "JavaScript" in inside


def test_binary_traits_stand_beside_the_json(book):
    (sent,) = models(book.page("binary"))[0]["buffers"]
    assert sent["path"] == ["points", "xy"]
    assert base64.b64decode(sent["data"], validate=True) == b"\0\1\2" * 40


def test_kernel_only_cells_get_a_note_in_place_of_the_figure(book):
    page = book.page("kernel")
    assert page.count("This control runs Python: open the notebook live to use it.") == 2
    assert page.count("<img") == 2  # their pictures are shown
    assert not models(page)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A book in which each page but the first is at fault, each in its own way."""
    gap = ipywidget("HBoxModel", children=["IPY_MODEL_b"])
    pages = {
        "index": notebook(),
        "slider": notebook(cell(view("a")), models={"a": ipywidget("FloatSliderModel")}),
        "gap": notebook(cell(view("a")), models={"a": gap}),
        "no_state": notebook(cell(view("a", None))),
        "remote": notebook(cell(view("a")), models={"a": anywidget("https://example.org/x.js")}),
        "no_module": notebook(cell(view("a")), models={"a": anywidget("")}),
        "no_alt": notebook(cell(view("a"), alt=None), models={"a": anywidget(COUNTER, count=1)}),
    }
    return build_figures(tmp_path_factory.mktemp("faulty"), pages)


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("slider", "a widget has no static view: FloatSliderModel runs Python"),
        ("gap", "a widget has no static view: the notebook has not saved its state"),
        ("no_state", "a widget has no static view: the notebook has not saved its state"),
        ("remote", "a widget has no static view: its module would be fetched from another site"),
        ("no_module", "a widget has no static view: AnyModel runs Python"),
        ("no_alt", "a figure's picture has no alt text"),
    ],
)
def test_a_fault_fails_the_build_and_is_named(faulty, page, says):
    assert faulty.status != 0
    warnings = [line for line in faulty.log.splitlines() if f"{page}.ipynb" in line]
    assert len(warnings) == 1
    assert f"WARNING: {says}" in warnings[0]


def test_a_widget_without_a_static_view_leaves_the_rest_of_its_output(faulty):
    assert 'alt="a tiny picture"' in faulty.page("slider")
    assert "Widget a" in faulty.page("no_state")
    assert "livefigs" not in faulty.page("slider")


def test_a_second_build_follows_what_changed(tmp_path):
    figure = notebook(cell(view("a")), models={"a": anywidget(COUNTER, count=1)})
    other = notebook(cell(view("a")), models={"a": anywidget(COUNTER + "//", count=1)})
    book = build_figures(tmp_path, {"index": figure, "second": other})
    assert len(modules(book)) == 2
    book = build_figures(tmp_path, {"index": notebook(text="# No figure any more")})
    assert book.status == 0, book.log
    assert "livefigs/" not in book.page("index")
    assert modules(book)[0] in book.page("second")
    assert len(modules(book)) == 1
