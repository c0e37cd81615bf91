"""Make one JavaScript module, and one style sheet, out of a figure's source files.

A figure's module must stand alone, as the page gets it from memory and not from an address that
`import "./rnn.js"` could start from. So the files are ordinary modules, for a reader and for every
JavaScript tool, and are joined here, each after those that it imports. Nothing is renamed: the
names at the top level of all files of a figure must differ, and it is an error if they do not.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
_TOP_LEVEL = re.compile(
    r"^(export )?(?:async )?(?:function\*?|class|const|let|var) +([\w$]+|[\[{])", re.MULTILINE
)
_UNJOINABLE = re.compile(
    r"^(import\b.*|export (?!default\b|(?:async )?function\b|class\b|const\b|let\b).*)$",
    re.MULTILINE,
)


def bundle(entry: str, folder: Path = FOLDER) -> str:
    """Join a JavaScript module and all that it imports into one module without imports.

    What the files may use of the module syntax: `import { a, b } from "./file.js";`, `export`
    before a declaration at the start of a line, and in the entry `export default`.

    Args:
        entry: Name of the file that holds the figure's `export default { render }`.
        folder: Where it and what it imports lie.

    Raises:
        ValueError: If two files declare the same name at their top level, if a name is imported
            that the other file does not export, if files import each other in a circle, or if a
            form of import or export is used that cannot be joined.
    """
    sources: dict[str, str] = {}
    _collect(entry, folder, sources, ())
    owners: dict[str, str] = {}
    for name, source in sources.items():
        for _, declared in _TOP_LEVEL.findall(source):
            if declared in "[{":
                raise ValueError(f"{name}: declare one name at a time at the top level")
            if declared in owners:
                raise ValueError(f"{name} declares {declared!r}, which {owners[declared]} has too")
            owners[declared] = name
    return "\n".join(_joinable(name, source, name == entry) for name, source in sources.items())


def stylesheet(*names: str) -> str:
    """Join the colours and parts that all figures share with a figure's own style sheets."""
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in ("theme.css", *names))


def _collect(name: str, folder: Path, sources: dict[str, str], above: tuple[str, ...]) -> None:
    """Put a file's source behind those of the files that it imports."""
    if name in above:
        raise ValueError(f"circular import: {' → '.join((*above, name))}")
    if name in sources:
        return
    source = (folder / name).read_text(encoding="utf-8")
    for names, other in _IMPORT.findall(source):
        _collect(other, folder, sources, (*above, name))
        exported = {declared for export, declared in _TOP_LEVEL.findall(sources[other]) if export}
        missing = [n for n in re.split(r"[\s,]+", names.strip(" \n,")) if n not in exported]
        if missing:
            raise ValueError(f"{name} imports {missing[0]!r}, which {other} does not export")
    sources[name] = source


def _joinable(name: str, source: str, is_entry: bool) -> str:
    source = _IMPORT.sub("", source)
    left = _UNJOINABLE.search(source)
    if left:
        raise ValueError(f"{name}: cannot join {left[0]!r}")
    if not is_entry:
        if re.search(r"^export default\b", source, re.MULTILINE):
            raise ValueError(f"{name}: only the entry may have a default export")
        source = re.sub(r"^export ", "", source, flags=re.MULTILINE)
    return f"// {name}\n{source}"
