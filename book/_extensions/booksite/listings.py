"""Code in few elements: names, brackets and blanks have the colour of code, and need none.

Pygments puts every token into an element of its own, and two thirds of them look as they would
without it. On a page with much code, they are most of what a browser reads before the first figure.
"""

import re
from pathlib import Path

import tinycss2
from sphinx.application import Sphinx

LISTING = re.compile(r"(?<=<pre>).*?(?=</pre>)", re.DOTALL)
SHEET = "_static/pygments.css"
RULE = re.compile(r"(.*)\.highlight(?: \.([\w-]+))?")  # of all code, or of a class, in a scheme


def plain_classes(css: str) -> list[str]:
    """Return the classes that look in every colour scheme as code does without them."""
    schemes: dict[str, dict[str, str]] = {}
    for rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if found := RULE.fullmatch(tinycss2.serialize(rule.prelude).strip()):
            looks = schemes.setdefault(found[1], {})
            name = found[2] or ""
            looks[name] = f"{looks.get(name, '')};{tinycss2.serialize(rule.content)}"
    plain = [plain_in(looks) for looks in schemes.values()]
    return sorted(set.intersection(*plain)) if plain else []


def plain_in(looks: dict[str, str]) -> set[str]:
    """Return the classes with the colour of all code, '', and nothing else."""
    colour = {value for name, value in declarations(looks.get("", "")) if name == "color"}
    plain = [("color", *colour)]
    return {name for name, text in looks.items() if name and declarations(text) == plain}


def declarations(text: str) -> list[tuple[str, str]]:
    """Return the properties of a rule and their values, in lower case."""
    found = tinycss2.parse_declaration_list(text, skip_comments=True, skip_whitespace=True)
    return [(one.lower_name, tinycss2.serialize(one.value).strip().lower()) for one in found]


def unwrapped(page: str, classes: list[str]) -> str:
    """Return a page without the elements of these classes in its listings."""
    if not classes:
        return page
    span = re.compile(rf'<span class="(?:{"|".join(map(re.escape, classes))})">([^<]*)</span>')
    return LISTING.sub(lambda listing: span.sub(r"\1", listing[0]), page)


def unwrap_all(app: Sphinx, exception: Exception | None) -> None:
    """Do so on all pages of a site that was built."""
    sheet = Path(app.outdir) / SHEET
    if exception or app.builder.format != "html" or not sheet.exists():
        return
    classes = plain_classes(sheet.read_text(encoding="utf-8"))
    for path in Path(app.outdir).rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if (less := unwrapped(text, classes)) != text:
            path.write_text(less, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register the listings with Sphinx: after the theme has written its colours of code."""
    app.connect("build-finished", unwrap_all, priority=800)
