"""One fold for one answer: what a hidden cell printed, and the words below it, open together.

In a notebook the words are a cell of their own, folded by the HTML that it holds; on a page they
would be a second box to open, right below the first.
"""

import re

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode, HideInputCells
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

BEGIN = re.compile(r'\s*<details class="answer">\s*<summary>(.*?)</summary>\s*', re.DOTALL)
END = re.compile(r"\s*</details>")
LONG = 12  # lines of code that would stand between a question and its answer


class JoinAnswers(SphinxPostTransform):
    """Move the words of an answer into the fold of the cell above them."""

    default_priority = HideInputCells.default_priority + 1
    formats = ("html",)

    def run(self, **kwargs) -> None:
        """Look at every cell of the page that hides what it printed."""
        for cell in list(self.document.findall(nodes.container)):
            fold = cell.children[-1] if cell.get("hide_mode", "input") != "input" else None
            if isinstance(fold, HideCodeCellNode) and (words := words_after(cell)):
                join(fold, words)


def join(fold: HideCodeCellNode, words: list[nodes.Node]) -> None:
    """Put the words into the fold: the answer comes first, much code behind it in its own fold."""
    fold["prompt_show"], fold["prompt_hide"] = "Show the answer", "Hide the answer"
    code = fold.children[0]
    is_code = code.get("nb_element") == "cell_code_source"
    if is_code and len(fold.children) > 1 and code.astext().count("\n") >= LONG:
        fold.remove(code)
        below = HideCodeCellNode("", code, prompt_show="Show the code", prompt_hide="Hide the code")
        below["classes"].append("above-input")
        words = [*words, below]
    fold.append(nodes.container("", *words, classes=["answer-words"]))


def words_after(cell: nodes.Element) -> list[nodes.Node]:
    """Take the answer that follows a cell out of its page; return its title and its words."""
    after = cell.parent.children[cell.parent.index(cell) + 1 :]
    begin = BEGIN.fullmatch(after[0].astext()) if after and is_html(after[0]) else None
    if not begin:
        return []
    ends = (i for i, node in enumerate(after) if is_html(node) and END.match(node.astext()))
    end = next(ends)
    for node in after[: end + 1]:
        cell.parent.remove(node)
    rest = END.sub("", after[end].astext(), count=1)  # another answer, without a line between
    if rest.strip():
        cell.parent.insert(cell.parent.index(cell) + 1, nodes.raw("", rest, format="html"))
    title = nodes.paragraph("", "", nodes.raw("", f"<strong>{begin[1]}</strong>", format="html"))
    return [title, *after[1:end]]


def is_html(node: nodes.Node) -> bool:
    """Return whether a node is HTML as it was written."""
    return isinstance(node, nodes.raw) and "html" in node["format"].split()


def setup(app: Sphinx) -> None:
    """Register the change with Sphinx."""
    app.add_post_transform(JoinAnswers)
