"""A figure alone on a page, without a kernel: for tests that use it."""

from contextlib import contextmanager

# A page as the book's are: a theme named by an attribute, its colours as variables.
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><title>Figure</title><style>
  html {{ --pst-color-background: #fff; --pst-color-text-base: #222832; }}
  html[data-theme="dark"] {{ --pst-color-background: #121212; --pst-color-text-base: #ced6dd; }}
  body {{
    max-width: 700px; margin: 0 auto; padding: 1rem; background: var(--pst-color-background);
    color: var(--pst-color-text-base); font-family: system-ui;
  }}
</style></head><body><main><h1>A figure</h1><div id="one"></div><div id="two"></div></main></body>
</html>"""

# What anywidget hands to a figure, without a kernel behind it.
MOUNT = """async ({ esm, css, state }) => {
  class Model {
    constructor(state) { this.state = state; this.listeners = []; this.saved = 0; }
    get(name) { return this.state[name]; }
    set(name, value) {
      if (JSON.stringify(this.state[name]) === JSON.stringify(value)) return;
      this.state[name] = value;
      for (const [event, f] of [...this.listeners]) if (event === `change:${name}`) f();
    }
    on(event, f) { this.listeners.push([event, f]); }
    off(event, f) { this.listeners = this.listeners.filter((l) => l[0] !== event || l[1] !== f); }
    save_changes() { this.saved += 1; }
  }
  document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  window.figure = (await import(url)).default;
  window.model = new Model(state);
  window.stop = figure.render({ model, el: document.querySelector("#one") });
}"""


def traits_of(figure):
    """What a notebook saves of a figure, but for its sources and its layout."""
    of_all_widgets = {"layout", "tabbable", "tooltip"}
    names = [n for n in figure.traits(sync=True) if n[0] != "_" and n not in of_all_widgets]
    return {name: getattr(figure, name) for name in names}


@contextmanager
def stage(browser):
    """Open pages with a figure on them; at the end, none may have complained."""
    pages, complaints = [], []

    def open_page(figure, theme="light", width=1280, motion="no-preference", **traits):
        page = browser.new_page(
            viewport={"width": width, "height": 900}, reduced_motion=motion, has_touch=width < 500
        )
        page.set_default_timeout(8000)
        pages.append(page)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda r: None if r.url.startswith(("blob:", "data:")) else complaints.append(r.url),
        )
        page.set_content(PAGE.format(theme=theme))
        state = traits_of(figure) | traits
        page.evaluate(MOUNT, {"esm": figure._esm, "css": figure._css, "state": state})
        return page

    yield open_page
    for page in pages:
        page.close()
    assert complaints == []


def part(page, role, root="#one"):
    """The part of the figure that has this role."""
    return page.locator(f"{root} [data-role={role}]")


def stop_clock(page):
    """From now on time stands still on the page, but for `page.clock.run_for(milliseconds)`.

    What plays can then be looked at between two beats, however slow the machine is.
    """
    page.clock.install(time=0)
    page.clock.pause_at(1000)


def get(page, *traits):
    """What the model holds: one trait, or a list of several."""
    found = page.evaluate("(names) => names.map((name) => model.get(name))", list(traits))
    return found[0] if len(traits) == 1 else found
