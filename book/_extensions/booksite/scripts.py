"""The order in which the scripts of a page run: figures first, and none stops the reading."""

from sphinx.application import Sphinx

# Scripts in the page itself add to the settings, and call the figures'
AT_ONCE = ("documentation_options.js", "livefigs/")


def put_off(app: Sphinx, page: str, template: str, context: dict, doctree: object) -> None:
    """Have every script of a file wait for the page; those that wait run in their order."""
    for script in context["script_files"]:
        name = str(getattr(script, "filename", script) or "")
        if name and not any(one in name for one in AT_ONCE):
            script.attributes["defer"] = "defer"


def setup(app: Sphinx) -> None:
    """Register the order with Sphinx: after all others have added their scripts."""
    app.connect("html-page-context", put_off, priority=900)
