"""What axe has to say about a page: no rule of it may be broken."""

from axe_playwright_python.base import AXE_FILE_PATH

COLOURS = {"runOnly": ["color-contrast"]}
# A scheme changes colours and nothing else
RULES = {"light": {}, "dark": COLOURS}
# What a change of the width may break
OF_THE_WIDTH = {"runOnly": [*COLOURS["runOnly"], "target-size", "scrollable-region-focusable"]}
# How a figure alone is looked at; as the reader first meets it, it is looked at on its page, too
SIGHTS = [("light", 390), ("dark", 1280)]

# For a colour axe looks at what lies behind every letter, which on a chapter takes far longer than
# all other rules together. What it finds depends on what is listed here, and on nothing else unless
# something else lies over the text; so a few texts stand for all that have the same list.
LIKE_EACH_OTHER = """(of_each) => {
    const found = new Map();
    const add = (node) => {
        if (!node.checkVisibility({ visibilityProperty: true })) return;
        const { color, textShadow, fontSize, fontWeight } = getComputedStyle(node);
        const list = [color, textShadow, fontSize, fontWeight];
        list.push(node.matches("input, select, textarea"));
        list.push(!!node.closest(":disabled, [aria-disabled=true]"));
        list.push(!!node.closest("[aria-hidden=true], [inert]"));
        for (let one = node; one; one = one.parentElement) {
            const style = getComputedStyle(one);
            if (style.opacity !== "1") list.push(style.opacity);
            if (style.position !== "static") list.push(style.position, one.getAttribute("class"));
            if (style.backgroundColor !== "rgba(0, 0, 0, 0)") list.push(style.backgroundColor);
            if (style.backgroundImage !== "none") list.push(style.backgroundImage);
        }
        const key = list.join("|");
        if (!found.has(key)) found.set(key, new Set());
        if (found.get(key).size < of_each) found.get(key).add(node);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode())
        if (texts.currentNode.data.trim()) add(texts.currentNode.parentElement);
    document.querySelectorAll("input, select, textarea").forEach(add);
    return [...found.values()].flatMap((nodes) => [...nodes]);
}"""


def axe_finds(page, rules, of_each=None):
    """Each rule that is broken, and where; of texts that look the same, perhaps of a few only."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
    if of_each is not None:
        page.evaluate(
            f"""(of_each) => {{
                document.querySelectorAll("[data-stands-for-all]").forEach(
                    (node) => delete node.dataset.standsForAll);
                for (const node of ({LIKE_EACH_OTHER})(of_each)) node.dataset.standsForAll = "";
                axe.configure({{
                    rules: [{{ id: "color-contrast", selector: "[data-stands-for-all]" }}],
                }});
            }}""",
            of_each,
        )
    found = page.evaluate(
        "(rules) => axe.run(document, {resultTypes: ['violations'], ...rules})", rules
    )
    return [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found["violations"]]
