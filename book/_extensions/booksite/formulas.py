"""Formulas that are made when the book is built: seen as MathJax shows them, heard as MathML.

Each formula is tried while its page is read, so that a mistake names the page. Before pages are
written, the style sheet of all formulas of the book goes to ``_static/formulas``, with the fonts.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from .typesetting import FONTS, Formula, TexError, Typesetter

FOLDER = "_static/formulas"
# The letters of TeX's fonts as high as those around them, in whatever font the reader has
OUR_STYLE = """
mjx-container[jax="CHTML"] { font-size: calc(1ex / 0.442); position: relative; }
mjx-assistive-mml {
  position: absolute !important; top: 0; left: 0; display: block !important;
  width: auto !important; padding: 1px 0 0 !important; border: 0 !important;
  overflow: hidden !important; clip-path: inset(50%); user-select: none;
}
mjx-assistive-mml[display="block"] { width: 100% !important; }
"""

logger = logging.getLogger(__name__)


def choose_renderer(app: Sphinx, config: Config) -> None:
    """Have formulas made here; the macros are those of MathJax's settings."""
    config.html_math_renderer = "booksite"
    tex = (config.mathjax3_config or {}).get("tex") or {}
    app.booksite_typesetter = Typesetter(tex.get("macros"))


def formulas(env: BuildEnvironment) -> dict[str, set[tuple[str, bool]]]:
    """Return the formulas of each page: TeX, and whether it stands in a line of its own."""
    if not hasattr(env, "booksite_formulas"):
        env.booksite_formulas = {}
    return env.booksite_formulas


def gather_formulas(app: Sphinx, doctree: nodes.document) -> None:
    """Try each formula of a page that was just read, and warn about those that fail."""
    found = formulas(app.env)[app.env.docname] = set()
    for node in formula_nodes(doctree):
        key = tex_of(node)
        try:
            app.booksite_typesetter.typeset(*key)
            found.add(key)
        except TexError as reason:
            message = f"a formula cannot be read: {reason}: {node.astext().strip()}"
            logger.warning(message, location=node, type="booksite", subtype="formula")


def formula_nodes(doctree: nodes.Node) -> Iterator[nodes.Element]:
    """Yield all formulas, those in titles and captions too."""
    return doctree.findall(lambda node: isinstance(node, nodes.math | nodes.math_block))


def tex_of(node: nodes.Element) -> tuple[str, bool]:
    """Return the TeX of a formula as Sphinx understands it, and whether it is displayed."""
    tex = node.astext()
    if isinstance(node, nodes.math):
        return tex, False
    if node.get("nowrap"):
        return tex, True
    parts = [part for part in tex.split("\n\n") if part.strip()]
    lines = [rf"\begin{{split}}{part}\end{{split}}" if r"\\" in part else part for part in parts]
    if len(lines) < 2:
        return "".join(lines), True
    joined = r"\\".join(lines)
    return rf"\begin{{align}}\begin{{aligned}}{joined}\end{{aligned}}\end{{align}}", True


def visit_math(translator, node: nodes.math) -> None:
    """Write a formula in a line of text."""
    start = translator.starttag(node, "span", "", CLASS="math notranslate nohighlight")
    translator.body.append(f"{start}{written(translator, node)}</span>")
    raise nodes.SkipNode


def visit_displaymath(translator, node: nodes.math_block) -> None:
    """Write a formula in a line of its own, with its number if it has one."""
    translator.body.append(translator.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node.get("number") and not node.get("nowrap"):
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, _("Link to this equation"))
        translator.body.append("</span>")
    translator.body.append(f"{written(translator, node)}</div>\n")
    raise nodes.SkipNode


def written(translator, node: nodes.Element) -> str:
    """Return a formula as HTML; as TeX where it fails, of which the reader of the page warned."""
    try:
        made = translator.builder.app.booksite_typesetter.typeset(*tex_of(node))
    except TexError:
        return translator.encode(node.astext())
    return with_mathml(made, "block" if isinstance(node, nodes.math_block) else "inline")


def with_mathml(formula: Formula, display: str) -> str:
    """Hide what is seen from screen readers, and what they read from sight, as MathJax does."""
    seen = re.sub("<mjx-math ", '<mjx-math aria-hidden="true" ', formula.html, count=1)
    mathml = f'<mjx-assistive-mml unselectable="on" display="{display}">{formula.mathml}'
    return f"{seen.removesuffix('</mjx-container>')}{mathml}</mjx-assistive-mml></mjx-container>"


def write_style(app: Sphinx, env: BuildEnvironment) -> None:
    """Write the style sheet and the fonts of all formulas, now that all pages have been read."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir, FOLDER)
    shutil.rmtree(folder, ignore_errors=True)  # no font stays behind from an earlier build
    used = sorted(set().union(*formulas(env).values()))
    if not used:
        return
    typesetter = app.booksite_typesetter
    for formula in used:  # those of pages that an earlier build, or another process, has read
        typesetter.typeset(*formula)
    style = typesetter.style_sheet()
    folder.mkdir(parents=True)
    (folder / "formulas.css").write_text(f"{style}\n{OUR_STYLE}", encoding="utf-8")
    for name in re.findall(r"url\([\"']?\./([\w-]+\.woff)", style):
        shutil.copyfile(typesetter.folder / FONTS / name, folder / name)


def add_style(app: Sphinx, page: str, *_: object) -> None:
    """Load the style sheet, and what keyboards need, on a page that has formulas."""
    if formulas(app.env).get(page):
        app.add_css_file("formulas/formulas.css")
        app.add_js_file("formulas.js")


def forget_page(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop what is known of a page that is read again or is gone."""
    formulas(env).pop(docname, None)


def merge_pages(
    app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment
) -> None:
    """Take over the pages that a parallel process has read."""
    formulas(env).update({doc: found for doc, found in formulas(other).items() if doc in docnames})


def setup(app: Sphinx) -> None:
    """Register the formulas with Sphinx."""
    app.add_html_math_renderer("booksite", (visit_math, None), (visit_displaymath, None))
    app.connect("config-inited", choose_renderer)
    app.connect("doctree-read", gather_formulas)
    app.connect("env-purge-doc", forget_page)
    app.connect("env-merge-info", merge_pages)
    app.connect("env-updated", write_style)
    app.connect("html-page-context", add_style)
