"""The site around the pages: settings that a fork need not edit, and nothing from third parties.

* Launch buttons and repository links follow whichever repository builds the book.
* Formulas and icons are made when the book is built; pages need no script for them.
* A page asks for one style sheet, with the rules that some page can use: see ``sheets.py``.
* What a page needs last loads last: see ``scripts.py``.
* An answer is one fold, with what its cell printed and the words below it: see ``answers.py``.
* What the theme adds unasked, and what it leaves inaccessible, is put right in ``theme.py``.
"""

import os
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.typing import ExtensionMetadata

from . import answers, formulas, icons, listings, pictures, scripts, sheets, theme
from .repository import Repository, find_repository, public_url

JUPYTER_BOOK = "https://github.com/executablebooks/jupyter-book"  # its default for `repository`
BINDER = "https://mybinder.org"
COLAB = "https://colab.research.google.com"


def configure_links(app: Sphinx, config: Config) -> None:
    """Point the buttons at the repository that builds this book, or leave them out."""
    options = config.html_theme_options
    repository = configured_repository(options) or find_repository(os.environ, Path(app.confdir))
    for key in ("repository_url", "repository_branch"):
        options.pop(key, None)
    if repository and (provider := provider_of(repository.url)):
        options.update(link_options(repository, provider, options.get("launch_buttons") or {}))
    else:
        options.pop("launch_buttons", None)
        for key in ("use_repository_button", "use_issues_button", "use_edit_page_button"):
            options[key] = False


def configured_repository(options: dict) -> Repository | None:
    """Return the repository that ``_config.yml`` names, if not just Jupyter Book's default."""
    url = options.get("repository_url")
    if not url or url == JUPYTER_BOOK:
        return None
    return Repository(public_url(url), options.get("repository_branch") or "main")


def provider_of(url: str) -> str:
    """Return the provider whose links the theme can write for this address, or ''."""
    host = url.split("/")[2] if url else ""
    return next((name for name in ("github", "gitlab", "bitbucket") if name in host), "")


def link_options(repository: Repository, provider: str, chosen: dict) -> dict:
    """Return theme options: buttons for the repository, Binder, and Colab where it can read it."""
    launch = chosen | {"notebook_interface": "jupyterlab"}
    launch["binderhub_url"] = chosen.get("binderhub_url") or BINDER
    on_github = repository.url.startswith("https://github.com/")
    launch["colab_url"] = (chosen.get("colab_url") or COLAB) if on_github else ""
    return {
        "repository_url": repository.url,
        "repository_branch": repository.branch,
        "use_repository_button": True,
        "use_issues_button": provider != "bitbucket",  # the theme knows no such page there
        "launch_buttons": launch,
    }


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    app.connect("config-inited", configure_links)
    for part in (answers, theme, formulas, icons, listings, pictures, scripts, sheets):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
