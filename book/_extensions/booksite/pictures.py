"""Pictures that keep their place free, and are read when they come near.

Every picture of a chapter is an SVG, for a browser a document of its own. Read as soon as their
names are known, all pictures of a page would come before its first figure. A picture whose size is
written in the page may come later without moving anything.
"""

import re
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from sphinx.application import Sphinx

PICTURE = re.compile(r'<img\b(?![^>]*\bloading=)[^>]*?\bsrc="([^":]+\.svg)"[^>]*?(?=\s*/?>)')
LENGTH = re.compile(r"([\d.]+)(px|pt|)")
PIXELS = {"": 1, "px": 1, "pt": 4 / 3}  # in one unit


def keep_places(page: Path) -> None:
    """Give each picture of a page its size, and have it wait until it comes near."""
    text = page.read_text(encoding="utf-8")
    placed = PICTURE.sub(lambda found: found[0] + attributes(page.parent / found[1]), text)
    if placed != text:
        page.write_text(placed, encoding="utf-8")


def attributes(picture: Path) -> str:
    """Return what is written in the page for a picture; no size where it tells none in pixels."""
    size = size_of(picture.resolve())
    return (f' width="{size[0]}" height="{size[1]}"' if size else "") + ' loading="lazy"'


@cache
def size_of(picture: Path) -> tuple[int, int] | None:
    """Return width and height of an SVG in pixels, or None where it does not tell them."""
    _, root = next(ElementTree.iterparse(picture, events=["start"]))
    found = [LENGTH.fullmatch(root.get(side, "")) for side in ("width", "height")]
    if not all(found):
        return None
    width, height = (round(float(length[1]) * PIXELS[length[2]]) for length in found)
    return width, height


def keep_all_places(app: Sphinx, exception: Exception | None) -> None:
    """Do so on all pages of a site that was built."""
    if exception or app.builder.format != "html":
        return
    size_of.cache_clear()  # a later build may have other pictures
    for page in Path(app.outdir).rglob("*.html"):
        keep_places(page)


def setup(app: Sphinx) -> None:
    """Register the pictures with Sphinx."""
    app.connect("build-finished", keep_all_places)
