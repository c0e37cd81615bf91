"""TeX to HTML and MathML at build time, by MathJax itself, so that pages need no script for it.

MathJax (Apache-2.0) comes from the installed package sphinx-mathjax-offline; so do its fonts.
"""

import importlib.util
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sphinx.errors import ExtensionError

from .javascript import Program, read_all

# The parts of MathJax in the order in which they need each other; the loader is never asked
PARTS = (
    "loader.js",
    "core.js",
    "adaptors/liteDOM.js",
    "input/tex-full.js",
    "output/chtml.js",
    "output/chtml/fonts/tex.js",
)
FONTS = "output/chtml/fonts/woff-v2"
FONT_FACE = re.compile(r"@font-face /\* \d+ \*/ \{\s*font-family: (?P<family>[\w-]+);.*?\}", re.S)
ALWAYS_USED = {"MJXZERO", "MJXTEX"}
STRETCHED = {"MJXTEX-S1", "MJXTEX-S4", "MJXTEX-A"}  # what tall delimiters are put together from


class TexError(Exception):
    """MathJax cannot read a formula; the message says why."""


class Formula(NamedTuple):
    """A formula as the page holds it: what is seen, and what is read out."""

    html: str
    mathml: str


def find_mathjax() -> Path:
    """Return the folder of MathJax in the installed package, which must be there."""
    found = importlib.util.find_spec("sphinx-mathjax-offline")
    if found is None or found.origin is None:
        raise ExtensionError(
            "The package sphinx-mathjax-offline is missing. It holds MathJax, which makes the"
            " formulas; install what requirements.txt lists."
        )
    return Path(found.origin).parent / "static" / "mathjax"


class Typesetter:
    """MathJax, started when the first formula comes, and the formulas that it has made."""

    def __init__(self, macros: dict | None = None, font_url: str = ".") -> None:
        """Prepare for a book with these macros, whose style sheet finds the fonts there."""
        self.folder = find_mathjax()
        self._settings = (macros or {}, font_url)
        self._programs: dict[int, Program] = {}  # V8 does not survive a fork: one for each process
        self._made: dict[tuple[str, bool], Formula] = {}

    def typeset(self, tex: str, display: bool) -> Formula:
        """Return a formula, or raise TexError."""
        key = (tex, display)
        if key not in self._made:
            made = self._call("typeset", tex, display)
            if "error" in made:
                raise TexError(made["error"])
            self._made[key] = Formula(made["html"], compact(made["mathml"]))
        return self._made[key]

    def style_sheet(self) -> str:
        """Return the style sheet of the formulas made so far, with the fonts that they use."""
        used = fonts_used("".join(formula.html for formula in self._made.values()))
        return FONT_FACE.sub(keep_if(used), self._call("styleSheet"))

    def _call(self, function: str, *arguments: object) -> object:
        if (process := os.getpid()) not in self._programs:
            here = Path(__file__).with_name("formulas.js").read_text(encoding="utf-8")
            start = "var global = globalThis; var MathJax = {};"
            program = Program(start, *read_all(self.folder, PARTS), here)
            program.call("begin", *self._settings)
            self._programs[process] = program
        return self._programs[process].call(function, *arguments)


def compact(mathml: str) -> str:
    """Drop indentation and MathJax's own notes from MathML."""
    return re.sub(r' data-mjx-[\w-]+="[^"]*"', "", re.sub(r"\n\s*(?=<)", "", mathml))


def fonts_used(html: str) -> set[str]:
    """Return the font families that these formulas need."""
    named = {f"MJXTEX-{name}" for name in re.findall(r"\bTEX-(\w+)", html)}
    return ALWAYS_USED | named | (STRETCHED if "<mjx-stretchy-" in html else set())


def keep_if(families: set[str]) -> Callable[[re.Match], str]:
    """Return what keeps the declarations of these families and drops the others."""
    return lambda found: found[0] if found["family"] in families else ""
