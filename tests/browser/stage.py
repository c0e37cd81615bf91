"""A figure alone on a page, without a kernel: for tests that use it."""

from collections import defaultdict
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
MODEL = """class Model {
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
const moduleOf = (esm) =>
  import(URL.createObjectURL(new Blob([esm], { type: "text/javascript" })));
// As anywidget does: what makes a figure is asked once for each model
const figureOf = async (esm, model) => {
  const found = (await moduleOf(esm)).default;
  const figure = typeof found === "function" ? await found() : found;
  await figure.initialize?.({ model });
  return figure;
};
const styleOf = (css) => Object.assign(document.createElement("style"), { textContent: css });
"""

MOUNT = f"""async ({{ esm, css, state }}) => {{
  {MODEL}
  document.head.append(styleOf(css));
  window.model = new Model(state);
  window.figure = await figureOf(esm, model);
  window.stop = figure.render({{ model, el: document.querySelector("#one") }});
}}"""


# All figures on one page, below each other; `shown` finds them by their names.
MOUNT_ALL = f"""async (figures) => {{
  {MODEL}
  window.shown = new Map();
  for (const {{ name, esm, css, state }} of figures) {{
    const el = document.querySelector("main").appendChild(document.createElement("div"));
    const sheets = {{ css: styleOf(css) }};
    document.head.append(sheets.css);
    const model = new Model(state);
    const figure = await figureOf(esm, model);
    figure.render({{ model, el }});
    shown.set(name, {{ el, figure, model, sheets }});
  }}
}}"""
SETTLED = """async () => {
  for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
}"""


def traits_of(figure):
    """What a notebook saves of a figure, but for its sources and its layout."""
    of_all_widgets = {"layout", "tabbable", "tooltip"}
    names = [n for n in figure.traits(sync=True) if n[0] != "_" and n not in of_all_widgets]
    return {name: getattr(figure, name) for name in names}


class Boards:
    """Empty pages to put figures on. To open one takes far longer than to put a figure on it.

    So a page is used again by the next test that wants the same look; nothing of the figure before
    is left on it, and what a test has changed for good is not used again.
    """

    def __init__(self, browser):
        self.browser = browser
        self.idle = defaultdict(list)

    def take(self, width, motion):
        idle = self.idle[width, motion]
        return idle.pop() if idle else Board(self.browser, width, motion)

    def give_back(self, board):
        if board.as_it_was():
            self.idle[board.look].append(board)
        else:
            board.page.close()

    def close(self):
        for board in (board for idle in self.idle.values() for board in idle):
            board.page.close()


class Board:
    """A page for one figure after another, and what it complains about meanwhile."""

    def __init__(self, browser, width, motion):
        self.look, self.size = (width, motion), {"width": width, "height": 900}
        self.complaints = []
        self.page = browser.new_page(
            viewport=self.size, reduced_motion=motion, has_touch=width < 500
        )
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self.on_request)

    def on_request(self, request):
        if not request.url.startswith(("blob:", "data:")):
            self.complaints.append(request.url)

    def put(self, figure, theme, traits):
        self.page.set_default_timeout(20_000)  # a machine may have much else to do
        self.page.set_content(PAGE.format(theme=theme))
        state = traits_of(figure) | traits
        self.page.evaluate(MOUNT, {"esm": figure._esm, "css": figure._css, "state": state})

    def wipe(self):
        """Take the figure away, with all that its scripts have begun, and return the complaints."""
        self.page.mouse.up()
        self.page.mouse.move(0, 0)
        self.page.goto("about:blank")  # last: a document that has felt the mouse would miss events
        complaints, self.complaints = self.complaints, []
        return complaints

    def as_it_was(self):
        """Whether the next test finds the page as a new one would be."""
        return self.page.viewport_size == self.size and not hasattr(self.page, "stands_still")


@contextmanager
def stage(boards):
    """Open pages with a figure on them; at the end, none may have complained.

    Nothing moves on them unless a test asks for motion: to draw it takes a fifth of the time.
    """
    taken = []

    def open_page(figure, theme="light", width=1280, motion="reduce", **traits):
        taken.append(boards.take(width, motion))
        taken[-1].put(figure, theme, traits)
        return taken[-1].page

    yield open_page
    complaints = [complaint for board in taken for complaint in board.wipe()]
    for board in taken:
        boards.give_back(board)
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
    page.stands_still = True  # and can never be used again


def get(page, *traits):
    """What the model holds: one trait, or a list of several."""
    found = page.evaluate("(names) => names.map((name) => model.get(name))", list(traits))
    return found[0] if len(traits) == 1 else found


def gather(page, figures, theme="light"):
    """Put all figures, by their names, on one page, and wait until they have nothing more to do."""
    page.set_content(PAGE.format(theme=theme))
    page.evaluate(
        MOUNT_ALL,
        [
            {"name": name, "esm": figure._esm, "css": figure._css, "state": traits_of(figure)}
            for name, figure in figures.items()
        ],
    )
    page.wait_for_function(  # in the background the time machine computes all its horizons
        "[...document.querySelectorAll('.rnn-time-machine')].every((machine) => "
        "machine.querySelectorAll('circle.rnn-horizon').length"
        " === machine.querySelectorAll('circle.rnn-bits').length)"
    )
    settle(page)


def settle(page):
    """Let the page lay out what has changed, and the figures draw themselves for their new size."""
    page.evaluate(SETTLED)
