"""Live figures in the built pages: the anywidgets that a notebook saved, run by the page alone.

A notebook keeps the state of its widgets (``metadata.widgets``), that of the book's own figures
without their sources, which are brought back first. Here each widget that computes in JavaScript
becomes a ``<div class="livefigs-view">`` and its traits as JSON, and each distinct widget module
becomes ``_static/livefigs/<hash>.js``. These are classic scripts, because pages opened from disk
may load no others: most modules become a function, the rest hand over their text, which
``runtime.js`` imports from a ``blob:`` URL. Nothing is requested from anywhere else.

The picture in the same output stands in for the figure until, and unless, JavaScript runs. A widget
that needs Python raises a warning, unless its cell has the tag ``kernel-only``.

Two internals of MyST-NB 1.4 are relied upon: widget state waits among a page's JavaScript files,
and every output is a container of one container per MIME type until the build's format is known.
"""

import html
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

from charrnn_helpers.widgets.saved import bring_back

from .classic import as_value
from .models import NoStaticViewError, PageModels, to_json

VIEW_MIME = "application/vnd.jupyter.widget-view+json"
PICTURE_MIMES = ("image/svg+xml", "image/png")
OURS = ("runtime", "acts")  # scripts: what runs figures, and what a page does with them
KERNEL_ONLY = "kernel-only"
NEEDS_PYTHON = "This control runs Python: open the notebook live to use it."
NEEDS_JAVASCRIPT = "An interactive figure stands here. It needs JavaScript."

logger = logging.getLogger(__name__)


class LiveFigure(nodes.General, nodes.Element):
    """The place of one view; its children are what is shown before JavaScript runs."""


def visit_live_figure(translator, node: LiveFigure) -> None:
    """Write the traits that are new on this page, then open the element that the runtime fills."""
    for spec in node["specs"]:
        script = f'<script type="application/json" class="livefigs-model">{to_json(spec)}</script>'
        translator.body.append(script + "\n")
    translator.body.append(f'<div class="livefigs-view" data-model="{html.escape(node["model"])}">')


def depart_live_figure(translator, node: LiveFigure) -> None:
    """Close the element of the view; the first on a page starts here, before the rest is read."""
    start = "<script>window.LiveFigs?.startFirst()</script>" if node.get("first") else ""
    translator.body.append(f"</div>{start}\n")


def bring_figures_back(app: Sphinx, docname: str, source: list[str]) -> None:
    """Give a notebook that is about to be read its figures, with their present sources."""
    if str(app.env.doc2path(docname)).endswith(".ipynb"):
        notebook = json.loads(source[0])
        bring_back(notebook)
        source[0] = json.dumps(notebook)


def pages(env: BuildEnvironment) -> dict[str, dict]:
    """Return the modules of each page that has figures: ``{docname: {hash: (esm, css)}}``."""
    if not hasattr(env, "livefigs_pages"):
        env.livefigs_pages = {}
    return env.livefigs_pages


def embed_figures(app: Sphinx, doctree: nodes.document) -> None:
    """Put a live figure in place of every widget view of a page that was just read."""
    page = PageModels(take_widget_state(app.env))
    for view in list(widget_views(doctree)):
        if in_tagged_cell(view, KERNEL_ONLY):
            note = nodes.note("", nodes.paragraph(text=NEEDS_PYTHON), classes=["livefigs-note"])
            replace_children(view, [*picture_beside(view), note])
        else:
            embed_figure(view, page)
    for figure in list(doctree.findall(LiveFigure))[:1]:
        figure["first"] = True
    if page.names:
        pages(app.env)[app.env.docname] = page.modules


def take_widget_state(env: BuildEnvironment) -> dict[str, dict]:
    """Take the saved state, and html-manager with it, off the page's scripts; return the state."""
    files = NbMetadataCollector.get_js_files(env, env.docname)
    taken = {key: files.pop(key) for key in list(files) if key.startswith("ipywidgets_")}
    if "ipywidgets_state" not in taken:
        return {}
    _, attributes = taken["ipywidgets_state"]
    return json.loads(attributes["body"])["state"]


def widget_views(doctree: nodes.document) -> Iterator[nodes.container]:
    """Yield the containers of the outputs that are views of widgets."""
    return (node for node in doctree.findall(nodes.container) if node.get("mime_type") == VIEW_MIME)


def in_tagged_cell(node: nodes.Node, tag: str) -> bool:
    """Tell whether a node lies in a cell that has this tag."""
    while node := node.parent:
        if f"tag_{tag}" in node.get("classes", []):
            return True
    return False


def embed_figure(view: nodes.container, page: PageModels) -> None:
    """Replace one view, or warn and leave the output to the next of its MIME types."""
    script = view.astext()
    model_id = json.loads(script[script.index(">") + 1 : script.rindex("<")])["model_id"]
    try:
        specs = page.add(model_id)
    except NoStaticViewError as reason:
        warn(f"a widget has no static view: {reason} (cell tag: {KERNEL_ONLY})", view, "kernel")
        view.parent.remove(view)
        return
    picture = picture_beside(view) or [nodes.paragraph(text=NEEDS_JAVASCRIPT)]
    figure = LiveFigure("", *picture, model=page.names[model_id], specs=specs)
    replace_children(view, [figure])


def picture_beside(view: nodes.container) -> list[nodes.Node]:
    """Return a copy of the picture in the same output, whose alt text must be known."""
    for mime in PICTURE_MIMES:
        for sibling in view.parent.children:
            if sibling.get("mime_type") == mime:
                if any("alt" not in image for image in sibling.findall(nodes.image)):
                    # Sphinx would read out the file's name, a hash, and no checker minds
                    advice = 'set {"mystnb": {"image": {"alt": "…"}}} in the cell\'s metadata'
                    warn(f"a figure's picture has no alt text: {advice}", view, "alt")
                return [child.deepcopy() for child in sibling.children]
    return []


def replace_children(parent: nodes.Element, children: list[nodes.Node]) -> None:
    """Swap all the children of a node."""
    parent.clear()
    parent.extend(children)


def warn(message: str, node: nodes.Node, subtype: str) -> None:
    """Raise a Sphinx warning, which ``-W`` turns into a failure."""
    logger.warning(message, location=node, type="livefigs", subtype=subtype)


def write_modules(app: Sphinx, env: BuildEnvironment) -> None:
    """Write the runtime and each distinct module once, now that all pages have been read."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir, "_static", "livefigs")
    shutil.rmtree(folder, ignore_errors=True)  # no module stays behind from an earlier build
    if not pages(env):
        return
    folder.mkdir(parents=True)
    for name in OURS:
        shutil.copyfile(Path(__file__).with_name(f"{name}.js"), folder / f"{name}.js")
    for modules in pages(env).values():
        for name, (esm, css) in modules.items():
            call = f"LiveFigs.define({to_json(name)},{as_value(esm)},{to_json(css)});\n"
            (folder / f"{name}.js").write_text(call, encoding="utf-8")


def add_scripts(app: Sphinx, pagename: str, *_: object) -> None:
    """Load the runtime and its modules on a page that has figures, and on no other."""
    if pagename not in pages(app.env):
        return
    for name in ("runtime", *sorted(pages(app.env)[pagename])):
        app.add_js_file(f"livefigs/{name}.js", priority=100)
    app.add_js_file("livefigs/acts.js", priority=100, defer="defer")


def forget_page(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop what is known of a page that is read again or is gone."""
    pages(env).pop(docname, None)


def merge_pages(
    app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment
) -> None:
    """Take over the pages that a parallel process has read."""
    pages(env).update({doc: found for doc, found in pages(other).items() if doc in docnames})


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    app.setup_extension("myst_nb")
    app.add_node(LiveFigure, html=(visit_live_figure, depart_live_figure))
    app.connect("source-read", bring_figures_back)
    app.connect("doctree-read", embed_figures)
    app.connect("env-purge-doc", forget_page)
    app.connect("env-merge-info", merge_pages)
    app.connect("env-updated", write_modules)
    app.connect("html-page-context", add_scripts)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
