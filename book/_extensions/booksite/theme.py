"""Mend what the theme adds unasked or leaves inaccessible."""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

HERE = Path(__file__).parent
# The theme's sidebar, with the book's title inside a landmark
SIDEBAR = ["book-title.html", "icon-links.html", "search-button-field.html", "sbt-sidebar-nav.html"]

# A page on disk may not read other pages, so each summary of a result would be a console error
NO_SUMMARIES_ON_DISK = (
    'if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;'
)


def configure_theme(app: Sphinx, config: Config) -> None:
    """Fill in what the theme expects and Jupyter Book does not say."""
    config.templates_path.append(str(HERE / "templates"))
    config.html_static_path.append(str(HERE / "static"))
    config.html_sidebars = {"**": SIDEBAR} | config.html_sidebars
    config.html_theme_options.setdefault("navbar_persistent", [])  # else a second search field
    config.html_context.setdefault("default_mode", "auto")  # else an error on the console
    if not config.html_favicon:
        config.html_favicon = str(HERE / "favicon.svg")  # else browsers ask for /favicon.ico


def quiet_search(app: Sphinx, page: str, template: str, context: dict, doctree: object) -> None:
    """Let the search page list results without summaries when it is opened from disk."""
    if page == "search":
        app.add_js_file(None, body=NO_SUMMARIES_ON_DISK)


def drop_thebe(app: Sphinx, config: Config) -> None:
    """Take sphinx-thebe out, unless a button asks for it.

    Jupyter Book always loads it. It declares its settings twice on a page, which is an error on the
    console, and names a Binder repository that is not this book's.
    """
    if (config.html_theme_options.get("launch_buttons") or {}).get("thebe"):
        return
    for listeners in app.events.listeners.values():
        listeners[:] = [one for one in listeners if one.handler.__module__ != "sphinx_thebe"]
    styles = app.registry.css_files
    styles[:] = [(name, attributes) for name, attributes in styles if "thebe" not in name]


def visit_citation(translator, node: nodes.citation) -> None:
    """Write an entry of the bibliography as an item of its list, which docutils does not."""
    if not isinstance(node.previous_sibling(), nodes.citation):
        translator.body.append('<div role="list" class="citation-list">\n')
    attributes = {"classes": ["citation"], "role": "listitem"}
    translator.body.append(translator.starttag(node, "div", "", **attributes))


def depart_citation(translator, node: nodes.citation) -> None:
    """Close the entry, and its list after the last."""
    translator.body.append("</div>\n")
    if not isinstance(node.next_node(descend=False, siblings=True), nodes.citation):
        translator.body.append("</div>\n")


def ask_for_no_icon(app: Sphinx, exception: Exception | None) -> None:
    """Let a start page that only leads on name an empty icon.

    Without one, browsers ask for /favicon.ico; with the book's, leaving cuts the request short.
    """
    start = Path(app.outdir, "index.html")
    if start.exists() and 'rel="icon"' not in (text := start.read_text(encoding="utf-8")):
        start.write_text(f'<link rel="icon" href="data:,">\n{text}', encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register the repairs with Sphinx."""
    app.connect("config-inited", configure_theme)
    app.connect("config-inited", drop_thebe)
    app.add_css_file("book.css")
    app.add_js_file("print.js")
    app.connect("html-page-context", quiet_search)
    app.connect("build-finished", ask_for_no_icon, priority=900)
    app.add_node(nodes.citation, override=True, html=(visit_citation, depart_citation))
