"""The scripts of a page: figures first, no other stops the reading, none without a purpose."""

from sphinx.application import Sphinx

# Scripts in the page itself add to the settings, and call the figures'
AT_ONCE = ("documentation_options.js", "livefigs/")
# What each of these is for, as it stands in a page
PURPOSES = {
    "clipboard.min.js": "<pre>",
    "copybutton.js": "<pre>",
    "design-tabs.js": "sd-tab-set",
    "formulas.js": "mjx-container",
}


def choose_scripts(app: Sphinx, page: str, template: str, context: dict, doctree: object) -> None:
    """Leave out what a page has no use for, and have the other files wait for the page."""
    body = context.get("body", "")
    needed = [script for script in context["script_files"] if is_needed(script, body)]
    if page != "search":  # its own scripts do not wait, and need the others
        needed = [waiting(script) for script in needed]
    context["script_files"] = needed


def is_needed(script, body: str) -> bool:
    """Tell whether a page with this body has something for a script to do."""
    name = str(script.filename or "").rpartition("/")[2]
    return PURPOSES.get(name, "") in body


def waiting(script):
    """Return a script that waits, where it can. Sphinx's own object is that of all pages."""
    name = str(script.filename or "")
    if not name or any(one in name for one in AT_ONCE):
        return script
    attributes = script.attributes | {"defer": "defer"}
    return type(script)(script.filename, priority=script.priority, **attributes)


def setup(app: Sphinx) -> None:
    """Register the choice with Sphinx: after all others have added their scripts."""
    app.connect("html-page-context", choose_scripts, priority=900)
