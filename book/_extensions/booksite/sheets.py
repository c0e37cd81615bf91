"""One style sheet for a page, with the rules that some page can use, in place of eleven.

The theme brings rules for everything that its users could write; nine tenths never apply here. When
all pages are written, the sheets that a page asks for are put into one, without the rules for
classes and ids of which no page and no script knows. The names of the sheets stay in the page
(``data-sheets``), so that a later build that keeps the page makes its sheet anew.
"""

import re
import zlib
from collections.abc import Iterable, Iterator
from os.path import relpath
from pathlib import Path
from urllib.parse import urlsplit

import tinycss2
from sphinx.application import Sphinx

FOLDER = "_static/pages"
LINK = re.compile(r'\s*<link\b[^>]*\brel="stylesheet"[^>]*>')
HREF = re.compile(r'\bhref="([^"]*)"')
MERGED = re.compile(r'\bdata-sheets="([^"]*)"')
WORD = re.compile(r"[A-Za-z_][\w-]*")
PIECE = 3  # letters, hyphen included, of the least beginning of a name that a script completes
NESTING = {"media", "supports", "layer", "container"}  # rules that hold rules
URL = re.compile(r"""url\(\s*(["']?)(?!data:|https?:|#)([^"')]+)\1\s*\)""")


class Names:
    """The names that pages and scripts know; a script may also complete one that it begins."""

    def __init__(self, pages: Iterable[str], scripts: Iterable[str]):
        """Read all words of these pages and scripts."""
        scripted = {word for text in scripts for word in WORD.findall(text)}
        self.words = scripted | {word for text in pages for word in WORD.findall(text)}
        self.pieces = tuple(word for word in scripted if word.endswith("-") and len(word) >= PIECE)

    def __contains__(self, name: str) -> bool:
        return name in self.words or name.startswith(self.pieces)


def merge_sheets(out: Path) -> None:
    """Give each page of a built site one style sheet."""
    pages = {path: path.read_text(encoding="utf-8") for path in pages_of(out)}
    index = out / "searchindex.js"  # every word of the book
    scripts = (path.read_text(encoding="utf-8") for path in out.rglob("*.js") if path != index)
    names = Names(pages.values(), scripts)
    made: dict[str, str] = {}
    for path, text in pages.items():
        sheets = " ".join(sheets_of(path, text, out))
        if not sheets:
            continue
        name = f"{FOLDER}/{zlib.crc32(sheets.encode()):08x}.css"
        if name not in made:
            made[name] = merged([out / sheet for sheet in sheets.split()], names, out / FOLDER)
        version = zlib.crc32(made[name].encode())
        href = relpath(out / name, path.parent).replace("\\", "/")
        link = f'<link rel="stylesheet" href="{href}?v={version:08x}" data-sheets="{sheets}" />'
        path.write_text(with_one_link(text, link), encoding="utf-8")
    write_all(out, made)


def pages_of(out: Path) -> Iterator[Path]:
    """Yield the pages, and not the theme's templates, which Sphinx copies among its files."""
    return (path for path in out.rglob("*.html") if out / "_static" not in path.parents)


def write_all(out: Path, made: dict[str, str]) -> None:
    """Write the sheets, and remove those of an earlier build."""
    (out / FOLDER).mkdir(parents=True, exist_ok=True)
    for old in (out / FOLDER).iterdir():
        old.unlink()
    for name, text in made.items():
        (out / name).write_text(text, encoding="utf-8")


def sheets_of(page: Path, text: str, out: Path) -> list[str]:
    """Return the sheets that a page was written with, relative to the site."""
    found = []
    for link in LINK.findall(text):
        if merged_already := MERGED.search(link):
            found += merged_already[1].split()
        elif not (address := urlsplit(HREF.search(link)[1])).netloc:
            sheet = (page.parent / address.path).resolve().relative_to(out.resolve())
            found.append(sheet.as_posix())
    return found


def with_one_link(text: str, link: str) -> str:
    """Return a page with this link in place of its own to sheets of the site."""
    links = iter([f"\n{link}"])

    def replace(found: re.Match) -> str:
        foreign = urlsplit(HREF.search(found[0])[1]).netloc
        return found[0] if foreign else next(links, "")

    return LINK.sub(replace, text)


def merged(sheets: Iterable[Path], names: Names, folder: Path) -> str:
    """Return the rules of these sheets that apply to known names, as read in this folder."""
    return "\n".join(rule for sheet in sheets for rule in rules_of(sheet, names, folder)) + "\n"


def rules_of(sheet: Path, names: Names, folder: Path) -> Iterator[str]:
    """Yield the rules of one sheet, and of those that it imports."""
    rules, _ = tinycss2.parse_stylesheet_bytes(
        sheet.read_bytes(), skip_comments=True, skip_whitespace=True
    )
    for rule in rules:
        if rule.type == "at-rule" and rule.lower_at_keyword == "import":
            yield from rules_of(sheet.parent / imported(rule), names, folder)
        elif text := known(rule, names):
            yield URL.sub(lambda url: f'url("{relpath(sheet.parent / url[2], folder)}")', text)


def imported(rule) -> str:
    """Return the address that an ``@import`` names."""
    return next(token.value for token in rule.prelude if token.type in ("string", "url"))


def known(rule, names: Names) -> str:
    """Return a rule with the selectors that can apply, or '' where none can."""
    if rule.type == "qualified-rule":
        selectors = [one for one in split(rule.prelude) if can_apply(one, names)]
        written = ",".join(tinycss2.serialize(one).strip() for one in selectors)
        return f"{written}{{{tinycss2.serialize(rule.content).strip()}}}" if selectors else ""
    if rule.type == "at-rule" and rule.lower_at_keyword in NESTING and rule.content:
        inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        held = "\n".join(filter(None, (known(one, names) for one in inner)))
        condition = tinycss2.serialize(rule.prelude)
        return f"@{rule.at_keyword}{condition}{{{held}}}" if held else ""
    return rule.serialize()


def split(prelude: list) -> list[list]:
    """Return the selectors of a list."""
    selectors: list[list] = [[]]
    for token in prelude:
        if token == ",":
            selectors.append([])
        else:
            selectors[-1].append(token)
    return selectors


def can_apply(selector: list, names: Names) -> bool:
    """Tell whether each class and id is known, but for those in brackets as in ``:not(…)``."""
    for before, token in zip([None, *selector], selector, strict=False):
        if token.type == "hash" and token.value not in names:
            return False
        if token.type == "ident" and before == "." and token.value not in names:
            return False
    return True


def merge_at_end(app: Sphinx, exception: Exception | None) -> None:
    """Merge the sheets of a site that was built."""
    if not exception and app.builder.format == "html":
        merge_sheets(Path(app.outdir))


def setup(app: Sphinx) -> None:
    """Register the merging with Sphinx: after icons and formulas have written theirs."""
    app.connect("build-finished", merge_at_end, priority=900)
