"""The page's side of livefigs, in a browser: a tiny book's figures, over http and from disk."""

import functools
import re
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tiny_book import COUNTER, anywidget, build_figures, cell, ipywidget, notebook, view

BROKEN = 'export default { render() { throw new Error("it broke"); } }'
UNREADABLE = "export default {"
FAITHFUL = """
const seen = (window.seen ??= []); // one list for all modules of this source
export default {
  initialize({ model, signal }) { seen.push(`initialize ${model.get("name")}`); return { x: 5 }; },
  render({ model, el, signal }) {
    signal.addEventListener("abort", () => seen.push("abort"));
    model.on("change:name", () => seen.push(`heard ${model.get("name")}`));
    el.textContent = "faithful";
    el.dataset.width = el.clientWidth;
    return () => seen.push("clean-up");
  },
};
"""
PARENT = """
export default async () => ({
  async render({ model, el, host, signal }) {
    const child = await host.getWidget(model.get("child"));
    const place = el.appendChild(document.createElement("div"));
    await child.render({ el: place, signal });
    const bytes = model.get("bytes");
    el.dataset.found = `${child.exports.x} ${bytes.constructor.name} ${bytes.getUint8(1)}`;
  },
});
"""

FOR_EACH_MODEL = """
export default () => {
  let name = null;
  return {
    initialize({ model }) { name = model.get("name"); },
    render({ el }) { el.textContent = `made for ${name}`; },
  };
};
"""


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The built pages: one that is sound, one with broken figures, one for the finer points."""
    count = anywidget(COUNTER, count=3)
    parent = anywidget(PARENT, child="IPY_MODEL_child", layout="IPY_MODEL_wide")
    parent["buffers"] = [{"path": ["bytes"], "encoding": "base64", "data": "AAcA"}]
    box = ipywidget("HBoxModel", children=["IPY_MODEL_words", "IPY_MODEL_label", "IPY_MODEL_a"])
    pages = {
        "index": notebook(cell(view("a")), cell(view("a")), models={"a": count}),
        "broken": notebook(
            cell(view("broken")),
            cell(view("unreadable")),
            cell(view("a")),
            models={"broken": anywidget(BROKEN), "unreadable": anywidget(UNREADABLE), "a": count},
        ),
        "finer": notebook(
            cell(view("f")),
            cell(view("parent")),
            cell(view("box")),
            *(cell(view(one)) for one in ("first", "second", "first")),
            models={
                "f": anywidget(FAITHFUL, name="one", _css="div { --from-widget: yes; }"),
                "child": anywidget(FAITHFUL, name="two"),
                "parent": parent,
                "wide": ipywidget("LayoutModel", max_width="200px", width=None),
                "box": box,
                "words": ipywidget("HTMLModel", value="<b>bold</b>"),
                "label": ipywidget("LabelModel", value="<plain>"),
                "a": count,
                "first": anywidget(FOR_EACH_MODEL, name="the first"),
                "second": anywidget(FOR_EACH_MODEL, name="the second"),
            },
        ),
    }
    book = build_figures(tmp_path_factory.mktemp("book"), pages)
    assert book.status == 0, book.log
    return book.html


@pytest.fixture(scope="module")
def server(folder):
    handler = functools.partial(QuietHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(params=["http", "file"])
def base(request, folder):
    """Where the pages are: on a server, or in a folder on disk."""
    return request.getfixturevalue("server") if request.param == "http" else folder.as_uri()


@pytest.fixture
def page(browser):
    context = browser.new_context()
    page = context.new_page()
    page.errors = []
    page.requests = []
    page.on("console", lambda m: page.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("request", lambda request: page.requests.append(request.url))
    yield page
    context.close()


def settle(page, address):
    """Open a page and wait until each of its figures has started or given up."""
    page.goto(address)
    page.wait_for_function(
        "[...document.querySelectorAll('.livefigs-view')].every((view) => view.dataset.state)"
    )


def test_figures_compute_and_take_the_place_of_their_pictures(page, base):
    settle(page, f"{base}/index.html")
    assert page.locator(".livefigs-view[data-state=ready]").count() == 2
    assert page.locator(".livefigs-view button:visible").count() == 2
    assert page.locator(".livefigs-view img").count() == 0
    assert page.errors == []
    assert all(url.startswith((base, "blob:")) for url in page.requests)


def test_two_views_of_a_model_stay_in_step(page, base):
    settle(page, f"{base}/index.html")
    first, second = page.locator(".livefigs-view button").all()
    first.click()
    second.click()
    assert [first.text_content(), second.text_content()] == ["count 5", "count 5"]
    assert page.evaluate("LiveFigs.models.get('m1').then((model) => model.get('count'))") == 5


def test_an_error_leaves_the_picture_and_the_other_figures(page, base):
    settle(page, f"{base}/broken.html")
    views = page.locator(".livefigs-view")
    states = views.evaluate_all("(all) => all.map((view) => view.dataset.state)")
    assert states == ["error", "error", "ready"]
    for broken in views.all()[:2]:
        assert broken.locator("img[alt='a tiny picture']").is_visible()
        assert broken.locator("p.livefigs-error").is_visible()
        assert broken.locator(".livefigs-starting").count() == 0
    assert sum("it broke" in error for error in page.errors) == 1


def test_a_module_that_does_not_arrive_leaves_the_picture(page, server):
    page.route(re.compile(r"livefigs/[0-9a-f]{12}\.js"), lambda route: route.abort())
    settle(page, f"{server}/index.html")
    assert page.locator(".livefigs-view[data-state=error] img:visible").count() == 2


def test_a_view_that_is_removed_is_cleaned_up_and_hears_no_more(page, server):
    settle(page, f"{server}/finer.html")
    rename = "LiveFigs.models.get('m1').then((model) => model.set('name', '%s'))"
    page.evaluate(rename % "kept")
    page.locator(".livefigs-view").first.evaluate("(view) => view.remove()")
    page.evaluate(rename % "gone")
    seen = page.evaluate("seen")
    assert [entry for entry in seen if "initialize" not in entry] == [
        "heard kept",
        "abort",
        "clean-up",
    ]
    assert sorted(seen)[-2:] == ["initialize one", "initialize two"]


def test_what_makes_a_widget_is_asked_once_for_each_model(page, server):
    settle(page, f"{server}/finer.html")
    made = page.get_by_text("made for").all_inner_texts()
    assert made == ["made for the first", "made for the second", "made for the first"]


def test_a_view_can_measure_itself_while_its_picture_is_shown(page, server):
    settle(page, f"{server}/finer.html")
    assert int(page.get_by_text("faithful").first.get_attribute("data-width")) > 300


def test_widgets_reach_each_other_and_their_binary_traits(page, server):
    settle(page, f"{server}/finer.html")
    parent = page.locator("[data-found]")
    assert parent.get_attribute("data-found") == "5 DataView 7"
    assert parent.text_content() == "faithful"
    assert parent.evaluate("(el) => el.style.maxWidth") == "200px"
    style = "getComputedStyle(document.querySelector('[data-found]')).getPropertyValue('%s')"
    assert page.evaluate(style % "--from-widget") == "yes"


def test_boxes_arrange_text_and_figures(page, server):
    settle(page, f"{server}/finer.html")
    box = page.locator(".livefigs-box")
    assert box.locator("b").text_content() == "bold"
    assert [child.inner_text() for child in box.locator("> div").all()] == [
        "bold",
        "<plain>",
        "count 3",
    ]
    tops = box.locator("> div").evaluate_all("(all) => all.map((el) => el.offsetTop)")
    assert len(set(tops)) == 1  # a row


def test_a_handler_that_fails_does_not_keep_the_others_from_hearing(page, server):
    settle(page, f"{server}/index.html")
    page.evaluate("""async () => {
        const model = await LiveFigs.models.get("m1");
        model.handlers.unshift({ event: "change:count", callback() { throw new Error("deaf"); } });
        model.set("count", 9);
    }""")
    assert page.locator(".livefigs-view button").all_text_contents() == ["count 9", "count 9"]
    assert any("deaf" in error for error in page.errors)


def test_without_javascript_the_picture_is_shown(browser, server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/index.html")
    assert page.locator(".livefigs-view img[alt='a tiny picture']:visible").count() == 2
    context.close()
