"""Two different figures in one document: neither's style sheet changes anything of the other."""

import pytest
from every_figure import EVERY_FIGURE
from stage import gather, settle

from charrnn_helpers.widgets.bundle import FOLDER, SHARED

# What is compared: what can be seen, in short. What else changes, such as a margin, moves a box.
COMPARED = """
window.PROPERTIES = [
  "display", "position", "color", "backgroundColor", "backgroundImage", "fontSize", "fontWeight",
  "lineHeight", "textAlign", "whiteSpace", "paddingLeft", "marginTop", "borderLeftWidth",
  "borderLeftColor", "borderTopStyle", "opacity", "visibility", "fill", "stroke", "strokeWidth",
  "cursor", "outlineStyle", "boxShadow", "gridArea", "justifyContent",
];
window.stateOf = (el) => [...el.querySelectorAll("*")].map((node) => {
  const { x, y, width, height } = node.getBoundingClientRect();
  const looks = [null, "::before", "::after"].flatMap((which) => {
    const style = getComputedStyle(node, which);
    if (which && style.content === "none") return ["none"];
    return [style.content, ...PROPERTIES.map((name) => style[name])];
  });
  return [node, [x, y, width, height, ...looks].join("|")];
});
/** Which elements of one figure change when the style sheets of others are added. */
window.changedBy = (name, others, kind) => {
  const { el, sheets } = shown.get(name);
  for (const { sheets: { css, raw } } of shown.values()) [css, raw].forEach((one) => one.remove());
  document.head.append(sheets[kind]);
  const before = stateOf(el);
  document.head.append(...others.map((other) => shown.get(other).sheets[kind]));
  const after = new Map(stateOf(el));
  return before.filter(([node, state]) => after.get(node) !== state)
    .map(([node]) => `${node.localName}.${node.getAttribute("class")}`);
};
/** { "A": elements of A that all other style sheets change, "A, then B": those that one does }. */
window.changes = (kind, inPairs = true) => {
  const [names, found] = [[...shown.keys()], {}];
  for (const { el } of shown.values()) el.style.display = "none"; // one at a time: layout is quick
  for (const name of names) {
    const { el } = shown.get(name);
    const others = names.filter((other) => other !== name);
    el.style.display = "";
    const changed = changedBy(name, others, kind);
    if (changed.length > 0) found[name] = changed;
    for (const other of inPairs && changed.length > 0 ? others : []) {
      const byOne = changedBy(name, [other], kind);
      if (byOne.length > 0) found[`${name}, then ${other}`] = byOne;
    }
    el.style.display = "none";
  }
  for (const { el, sheets } of shown.values()) {
    el.style.display = "";
    sheets.raw.remove();
    document.head.append(sheets.css);
  }
  return found;
};
"""


def unscoped(figure):
    """The style sheet of a figure as its files say it, for the whole page."""
    folder = type(figure).__module__.split(".")[-2]
    names = (SHARED, *figure.styles, f"{folder}/style.css")
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in names)


@pytest.fixture(scope="module")
def page(browser):
    """All figures on one page, each once, with nothing that still moves."""
    figures = {name: make() for name, make in EVERY_FIGURE.items()}
    page = browser.new_page(viewport={"width": 900, "height": 900}, reduced_motion="reduce")
    gather(page, figures)
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    page.add_script_tag(content=COMPARED)
    page.evaluate(
        """(sheets) => {
            for (const [name, css] of Object.entries(sheets)) {
                shown.get(name).sheets.raw =
                    Object.assign(document.createElement("style"), { textContent: css });
            }
        }""",
        {name: unscoped(figure) for name, figure in figures.items()},
    )
    yield page
    page.close()


def show(page, width, theme):
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    settle(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [900, 390])
def test_no_figure_changes_another(page, width, theme):
    show(page, width, theme)
    assert page.evaluate("document.querySelectorAll('.rnn-figure *').length") > 1000
    assert page.evaluate("changes('css')") == {}


def test_without_its_own_scope_a_style_sheet_would_change_others(page):
    show(page, 900, "light")
    assert len(page.evaluate("changes('raw', false)")) > 8
