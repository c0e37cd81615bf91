"""Of Font Awesome's fonts, the letters that style sheets and scripts show, and no more."""

import re
import shutil
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

SHEET = "icons/icons.css"
THEME_SHEET = "styles/pydata-sphinx-theme.css"
FONTS = "vendor/fontawesome"
FACES = {  # of the fonts: family and weight
    "fa-solid-900": ("Font Awesome 6 Free", 900),
    "fa-regular-400": ("Font Awesome 6 Free", 400),
    "fa-brands-400": ("Font Awesome 6 Brands", 400),
}
# In the theme's style sheet: the rules by which a class would show a letter, and the whole fonts
CLASS = re.compile(r'(?:\.fa-[\w-]+:before,?)+\{content:"[^"]*"\}')
FACE = re.compile(r"@font-face\{[^}]*fontawesome[^}]*\}")
# A letter in the private area, where icons have their places, written as itself or by its number
LETTER = re.compile(r'"(?:\\([ef][0-9a-f]{3})|([\ue000-\uf8ff]))"', re.IGNORECASE)
# How Font Awesome sets its SVGs in a line of text
STYLE = """\
.svg-inline--fa {
  display: inline-block; box-sizing: content-box; height: 1em; overflow: visible;
  vertical-align: -0.125em;
}
.svg-inline--fa.fa-sm { vertical-align: -0.0714em; }
.svg-inline--fa.fa-lg { vertical-align: -0.2em; }
.svg-inline--fa.fa-xl { vertical-align: -0.25em; }
.svg-inline--fa.fa-fw { width: 1.25em; }
"""


def reduce_fonts(static: Path, scripted: dict[str, str]) -> None:
    """Replace the fonts that the theme has copied by subsets; scripts show these letters."""
    drop_classes(static / THEME_SHEET)
    folder = (static / SHEET).parent
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    letters = letters_shown(static) | set(scripted.values())
    rules = [f'.fa-{name}::before {{ content: "{letter}"; }}' for name, letter in scripted.items()]
    for name, (family, weight) in FACES.items():
        if write_subset(static / FONTS / "webfonts" / f"{name}.ttf", letters, folder):
            rules.append(
                f'@font-face {{ font-family: "{family}"; font-weight: {weight};'
                f' font-display: block; src: url("{name}.woff") format("woff"); }}'
            )
    (static / SHEET).write_text(STYLE + "\n".join(rules) + "\n", encoding="utf-8")
    shutil.rmtree(static / FONTS)
    for path in (static / "scripts").glob("fontawesome.js*"):
        path.unlink()


def drop_classes(sheet: Path) -> None:
    """Take 2,000 classes and the whole fonts out of the theme's style sheet."""
    text = sheet.read_text(encoding="utf-8")
    sheet.write_text(FACE.sub("", CLASS.sub("", text)), encoding="utf-8")


def letters_shown(static: Path) -> set[str]:
    """Return the letters for icons that style sheets show."""
    found = [pair for path in static.rglob("*.css") for pair in LETTER.findall(read(path))]
    return {letter or chr(int(number, 16)) for number, letter in found}


def read(path: Path) -> str:
    """Return the text of a file."""
    return path.read_text(encoding="utf-8")


def write_subset(font: Path, letters: set[str], folder: Path) -> bool:
    """Write the part of a font that holds these letters, if it holds any."""
    with TTFont(font) as whole:
        held = [ord(letter) for letter in letters if ord(letter) in whole.getBestCmap()]
        if held:
            reader = Subsetter(Options(hinting=False))
            reader.populate(unicodes=held)
            reader.subset(whole)
            whole.flavor = "woff"
            whole.save(folder / f"{font.stem}.woff")
    return bool(held)
