"""Make one JavaScript module, and one style sheet, out of a figure's source files.

A figure's module must stand alone, as the page gets it from memory and not from an address that
`import "../nn/rnn.js"` could start from. So the files are ordinary modules, for a reader and for
every JavaScript tool, and are joined here, each after those that it imports. Each keeps its names
to itself, as in a module. A style sheet keeps to its figure in the same way: two figures on one
page, or in one JupyterLab, may use the same class for different things.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import tinycss2

FOLDER = Path(__file__).parent
SHARED = "ui/ui.css"  # of all figures
FIGURE = "rnn-figure"  # the class of every figure

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.\.?/[\w./-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:async )?(?:function\*?|class|const|let) +([\w$]+)", re.MULTILINE)
_UNJOINABLE = re.compile(
    r"^(import\b.*|export (?!default\b|(?:async )?function\b|class\b|const\b|let\b).*"
    r"|export (?:const|let) *[\[{].*)$",
    re.MULTILINE,
)


def bundle(entry: str, folder: Path = FOLDER) -> str:
    """Join a JavaScript module and all that it imports into one module without imports.

    What the files may use of the module syntax: `import { a, b as c } from "./file.js";`, `export`
    before the declaration of one name at the start of a line, and in the entry `export default`.

    Args:
        entry: Name, within the folder, of the file that holds the figure's
            `export default { render }`.
        folder: Where it and what it imports lie, or the folders in which they do.

    Raises:
        ValueError: If a name is imported that the other file does not export, if files import each
            other in a circle, or if a form of import or export is used that cannot be joined.
    """
    sources: dict[str, str] = {}
    _collect(entry, folder, sources, ())
    return "\n".join(_joinable(name, source, name == entry) for name, source in sources.items())


def stylesheet(*names: str, root: str, folder: Path = FOLDER) -> str:
    """Join the shared style sheet with a figure's own, such that they hold in that figure alone.

    Args:
        names: Of the figure's own files, within the folder of the figures.
        root: The class of the figure's outermost element, beside that of all figures.
        folder: That of the figures.
    """
    texts = [(folder / name).read_text(encoding="utf-8") for name in (SHARED, *names)]
    return "\n".join(scoped(text, root) for text in texts)


def figure_sources(
    name: str, styles: tuple[str, ...] = (), folder: Path = FOLDER
) -> dict[str, str]:
    """Return what anywidget needs of a figure: its JavaScript, `_esm`, and its style, `_css`.

    Args:
        name: Of the folder in which the figure lies.
        styles: Further style sheets that it uses, within the folder of the figures.
        folder: That of the figures.
    """
    root = f"rnn-{name.replace('_', '-')}"
    return {
        "_esm": bundle(f"{name}/view.js", folder),
        "_css": stylesheet(*styles, f"{name}/style.css", root=root, folder=folder),
    }


def scoped(css: str, root: str) -> str:
    """Let the rules of a style sheet hold inside elements of class `root` alone.

    Rules of the outermost element begin with `.rnn-figure` or with the class `root`. All rules
    become more specific by the same amount, so that their order of precedence stays, and none of a
    page's own, nor those of another figure, come between.
    """
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return "\n".join(_scoped_rule(rule, root) for rule in rules)


def _scoped_rule(rule, root: str) -> str:
    if rule.type == "error":
        raise ValueError(f"line {rule.source_line} of a style sheet: {rule.message}")
    if rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports"):
        held = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        inner = "\n".join(_scoped_rule(one, root) for one in held)
        return f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{\n{inner}\n}}"
    if rule.type == "at-rule":
        return rule.serialize()
    selectors: list[list] = [[]]
    for token in rule.prelude:
        if token == ",":
            selectors.append([])
        else:
            selectors[-1].append(token)
    written = ", ".join(_inside(tinycss2.serialize(one).strip(), root) for one in selectors)
    return f"{written} {{{tinycss2.serialize(rule.content)}}}"


def _inside(selector: str, root: str) -> str:
    """Return a selector for the same elements within the figure, or for the figure itself."""
    whole = f".{FIGURE}.{FIGURE}"
    of_root = re.compile(rf"\.{root}(?![\w-])")
    if of_root.search(selector):
        return of_root.sub(f"{whole}.{root}", selector, count=1)
    of_all = re.compile(rf"\.{FIGURE}(?![\w-])")
    if of_all.search(selector):
        return of_all.sub(f"{whole}:where(.{root}).{FIGURE}", selector, count=1)
    return f"{whole}:where(.{root}) {selector}"


def _collect(name: str, folder: Path, sources: dict[str, str], above: tuple[str, ...]) -> None:
    """Put a file's source behind those of the files that it imports."""
    if name in above:
        raise ValueError(f"circular import: {' → '.join((*above, name))}")
    if name in sources:
        return
    source = (folder / name).read_text(encoding="utf-8")
    for names, address in _IMPORT.findall(source):
        other = _resolved(name, address)
        _collect(other, folder, sources, (*above, name))
        exported = _EXPORT.findall(sources[other])
        missing = [n for n, _ in _imported(names) if n not in exported]
        if missing:
            raise ValueError(f"{name} imports {missing[0]!r}, which {other} does not export")
    sources[name] = source


def _resolved(name: str, address: str) -> str:
    """Return the name, within the folder, of what a file imports by this address."""
    parts: list[str] = []
    for part in (PurePosixPath(name).parent / address).parts:
        if part == "..":
            if not parts:
                raise ValueError(f"{name} imports {address!r}, which lies outside")
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def _imported(names: str) -> list[tuple[str, str]]:
    """Return the names in the braces of an import: there, and here."""
    pairs = [one.split(" as ") for one in re.split(r"\s*,\s*", names.strip(" \n,"))]
    return [(pair[0].strip(), pair[-1].strip()) for pair in pairs]


def _variable(name: str) -> str:
    """Return the name of the constant that holds what a file exports."""
    return "$" + re.sub(r"\W", "_", name.removesuffix(".js"))


def _joinable(name: str, source: str, is_entry: bool) -> str:
    def taken(found: re.Match) -> str:
        names = [n if n == here else f"{n}: {here}" for n, here in _imported(found[1])]
        return f"const {{ {', '.join(names)} }} = {_variable(_resolved(name, found[2]))};\n"

    exported = _EXPORT.findall(source)
    source = _IMPORT.sub(taken, source)
    left = _UNJOINABLE.search(source)
    if left:
        raise ValueError(f"{name}: cannot join {left[0]!r}")
    if is_entry:
        return f"// {name}\n{source}"
    if re.search(r"^export default\b", source, re.MULTILINE):
        raise ValueError(f"{name}: only the entry may have a default export")
    source = re.sub(r"^export ", "", source, flags=re.MULTILINE)
    given = f"return {{ {', '.join(exported)} }};"
    return f"// {name}\nconst {_variable(name)} = (() => {{\n{source}{given}\n}})();"
