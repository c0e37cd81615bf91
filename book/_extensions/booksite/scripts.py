"""The order in which the scripts of a page run: figures first, and no other stops the reading."""

from sphinx.application import Sphinx

# Scripts in the page itself add to the settings, and call the figures'
AT_ONCE = ("documentation_options.js", "livefigs/")


def put_off(app: Sphinx, page: str, template: str, context: dict, doctree: object) -> None:
    """Have every script of a file wait for the page; those that wait run in their order."""
    if page != "search":  # its own scripts do not wait, and need the others
        context["script_files"] = [waiting(script) for script in context["script_files"]]


def waiting(script):
    """Return a script that waits, where it can. Sphinx's own object is that of all pages."""
    name = str(script.filename or "")
    if not name or any(one in name for one in AT_ONCE):
        return script
    attributes = script.attributes | {"defer": "defer"}
    return type(script)(script.filename, priority=script.priority, **attributes)


def setup(app: Sphinx) -> None:
    """Register the order with Sphinx: after all others have added their scripts."""
    app.connect("html-page-context", put_off, priority=900)
