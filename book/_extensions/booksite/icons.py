"""The icons that pages use, drawn when the book is built, in place of a script with 2,000 of them.

Font Awesome (icons CC BY 4.0, fonts SIL OFL 1.1, code MIT) comes with the installed theme. For each
``<i class="fa-solid fa-…">`` of a page its script would put an SVG there; here the page has it from
the start. What style sheets and the theme's scripts show as letters of Font Awesome's fonts comes
from subsets of these. An icon that Font Awesome does not have is a warning.
"""

import re
from functools import cache
from pathlib import Path

import pydata_sphinx_theme
from sphinx.application import Sphinx
from sphinx.util import logging

from .icon_fonts import SHEET, reduce_fonts
from .javascript import Program

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static"
SCRIPT = "scripts/fontawesome.js"
STYLES = {"fa", "fas", "far", "fab", "fa-solid", "fa-regular", "fa-brands"}
# Classes that change how an icon looks, but not which it is
CHANGES = re.compile(
    r"fa-(?:2xs|xs|sm|lg|xl|2xl|\d+x|fw|border|inverse|pulse|(?:spin|flip|rotate).*)"
)
PLACE = re.compile(r"<(?P<tag>i|span)\s(?P<rest>[^<>]*\bfa-[^<>]*)>\s*</(?P=tag)>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
# An icon that a script makes: its style, and its name
SCRIPTED = re.compile(r"[\"'](fa[srb]?|fa-solid|fa-regular|fa-brands) fa-([a-z0-9-]+)")
logger = logging.getLogger(__name__)


@cache
def glyphs() -> dict[str, dict[str, list]]:
    """Return all icons by style and name: width, height, other names, letter, path."""
    script = (THEME / SCRIPT).read_text(encoding="utf-8")
    return Program("var window = globalThis;", script).call("() => ___FONT_AWESOME___.styles")


def find_glyph(style: str, name: str) -> list | None:
    """Return an icon by its name, or by one that it had in an earlier version."""
    icons = glyphs()[style]
    return icons.get(name) or next((icon for icon in icons.values() if name in icon[2]), None)


def draw_icons(text: str, location: str) -> str:
    """Put an SVG in the place of each icon of a page."""
    return PLACE.sub(lambda place: draw(place, location), text)


def draw(place: re.Match, location: str) -> str:
    """Return the SVG for one place, or the place as it was, with a warning."""
    attributes = dict(ATTRIBUTE.findall(place["rest"]))
    classes = attributes.pop("class", "").split()
    names = [one for one in classes if one.startswith("fa-") and one not in STYLES]
    names = [one for one in names if not CHANGES.fullmatch(one)]
    if not names:
        return place[0]
    style = next((one for one in classes if one in STYLES), "fa")
    if not (glyph := find_glyph(style, names[0].removeprefix("fa-"))):
        warn(f"there is no icon {style} {names[0]}", location)
        return place[0]
    kept = [one for one in classes if one not in STYLES]
    return svg(glyph, ["svg-inline--fa", *kept], attributes)


def svg(glyph: list, classes: list[str], attributes: dict[str, str]) -> str:
    """Return the SVG of an icon, hidden from screen readers unless it has a title."""
    width, height, _, _, path = glyph
    title = attributes.pop("title", "")
    spoken = f"<title>{title}</title>" if title else ""
    attributes |= {"role": "img"} if title else {"aria-hidden": "true", "focusable": "false"}
    written = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    paths = "".join(f'<path fill="currentColor" d="{d}"/>' for d in ([path] if path else []))
    return (
        f'<svg class="{" ".join(classes)}" {written} xmlns="http://www.w3.org/2000/svg"'
        f' viewBox="0 0 {width} {height}">{spoken}{paths}</svg>'
    )


def warn(message: str, location: str) -> None:
    """Raise a Sphinx warning, which ``-W`` turns into a failure."""
    logger.warning(message, location=location, type="booksite", subtype="icon")


def draw_all(app: Sphinx, exception: Exception | None) -> None:
    """Draw the icons of all pages, and leave of Font Awesome what style sheets and scripts show."""
    static = Path(app.outdir, "_static")
    if exception or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if (drawn := draw_icons(text, page.stem)) != text:
            page.write_text(drawn, encoding="utf-8")
    scripted = scripted_icons(static)
    reduce_fonts(static, {name: letter for name, letter in scripted.items() if letter})


def scripted_icons(static: Path) -> dict[str, str]:
    """Return the letters of the icons that scripts make, by name."""
    found = {}
    for path in static.rglob("*.js"):
        if path.name == Path(SCRIPT).name:
            continue
        for style, name in SCRIPTED.findall(path.read_text(encoding="utf-8")):
            if glyph := find_glyph(style, name):
                found[name] = chr(int(glyph[3], 16))
            else:
                warn(f"there is no icon {style} fa-{name}", path.name)
    return found


def setup(app: Sphinx) -> None:
    """Register the icons with Sphinx."""
    app.connect("build-finished", draw_all)
    app.add_css_file(SHEET)
