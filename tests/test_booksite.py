"""The extension booksite: which repository a book names, and what its pages load."""

import importlib
import re
import subprocess
from html.parser import HTMLParser
from types import SimpleNamespace

import nbformat.v4 as nb
import pytest
from tiny_book import EXTENSIONS, build_site, cell, notebook

SECRET = "ghp_s3cr3t"
ANSWERS = """<details class="answer"><summary>Why?</summary>

Because *so*.

</details>

Between.

<details class="answer"><summary>Alone</summary>

It stays.

</details>
"""
TWO = """<details class="answer"><summary>How?</summary>

Later *so*.

</details>
<details class="answer"><summary>What else?</summary>

Nothing.

</details>
"""
LONG = cell(nb.new_output("stream", text="drawn"), tags=["hide-cell"])
LONG.source = "plot()\n" * 20
PAGE = notebook(
    cell(nb.new_output("stream", text="out"), tags=["hide-cell"]),
    nb.new_markdown_cell(ANSWERS),
    LONG,
    nb.new_markdown_cell(TWO),
    text="# Title\n\nSee {cite}`someone99` and $x^2$.\n\n```{bibliography}\n```\n",
)
BIBLIOGRAPHY = "@book{someone99, author={Some One}, title={A book}, publisher={P}, year={1999}}"


@pytest.fixture
def repository(monkeypatch):
    """The module that finds out who builds."""
    monkeypatch.syspath_prepend(EXTENSIONS)
    return importlib.import_module("booksite.repository")


def git_folder(folder, remote):
    for arguments in (["init", "-q", "-b", "draft"], ["remote", "add", "origin", remote]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://github.com/org/repo", "https://github.com/org/repo"),
        ("https://github.com/org/repo.git", "https://github.com/org/repo"),
        ("https://github.com/org/repo/", "https://github.com/org/repo"),
        (f"https://{SECRET}@github.com/org/repo.git", "https://github.com/org/repo"),
        (f"https://user:{SECRET}@github.com/org/repo", "https://github.com/org/repo"),
        (f"https://user:p@{SECRET}@github.com/org/repo", "https://github.com/org/repo"),
        (f"https://u:{SECRET}@gitlab.org:8443/g/sub/repo", "https://gitlab.org:8443/g/sub/repo"),
        (f"http://u:{SECRET}@gitlab.org/g/repo", "http://gitlab.org/g/repo"),
        (f"https://github.com/org/repo?token={SECRET}", "https://github.com/org/repo"),
        (f"https://github.com/org/repo#{SECRET}", "https://github.com/org/repo"),
        ("git@github.com:org/repo.git", "https://github.com/org/repo"),
        ("github.com:org/repo", "https://github.com/org/repo"),
        (f"{SECRET}@gitlab.com:group/sub/repo.git", "https://gitlab.com/group/sub/repo"),
        ("ssh://git@github.com/org/repo.git", "https://github.com/org/repo"),
        (f"ssh://git:{SECRET}@gitlab.com:2222/g/repo.git", "https://gitlab.com/g/repo"),
        ("git://github.com/org/repo.git", "https://github.com/org/repo"),
        ("", ""),
        ("/srv/git/repo.git", ""),
        ("../repo", ""),
        ("file:///srv/git/repo.git", ""),
        ("https://github.com/repo", ""),
        ("https://github.com:port/org/repo", ""),
        (f"{SECRET}@github.com/org/repo", ""),
        ('https://github.com/org/"><script>', ""),
        ("javascript://github.com/org/repo", ""),
    ],
)
def test_an_address_is_printed_without_its_secrets(repository, address, expected):
    assert repository.public_url(address) == expected


def test_the_repository_is_the_one_that_builds(repository, tmp_path):
    git_folder(tmp_path, f"https://x:{SECRET}@github.com/from/git.git")
    environ = {}
    found = [repository.find_repository(environ, tmp_path)]
    for name, value in [
        ("GITHUB_REPOSITORY", "from/actions"),
        ("GITHUB_SERVER_URL", "https://github.example.org"),
        ("BOOK_REPOSITORY_URL", "https://gitlab.com/said/so"),
    ]:
        environ[name] = value
        found.append(repository.find_repository(environ, tmp_path))
    assert [one.url for one in found] == [
        "https://github.com/from/git",
        "https://github.com/from/actions",
        "https://github.example.org/from/actions",
        "https://gitlab.com/said/so",
    ]
    assert {one.branch for one in found} == {"draft"}


@pytest.mark.parametrize(
    ("environ", "branch"),
    [
        ({}, "main"),
        ({"GITHUB_REF_NAME": "v1"}, "v1"),
        ({"GITHUB_REF_NAME": "7/merge", "GITHUB_BASE_REF": "next"}, "next"),
        ({"BOOK_REPOSITORY_BRANCH": "mine", "GITHUB_BASE_REF": "next"}, "mine"),
    ],
)
def test_the_branch_is_one_that_stays(repository, tmp_path, monkeypatch, environ, branch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert repository.find_branch(environ, tmp_path) == branch


def test_nothing_names_a_repository(repository, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert repository.find_repository({}, tmp_path) is None
    monkeypatch.setenv("PATH", "")  # no git either
    assert repository.find_repository({}, tmp_path) is None


def build(folder):
    (folder / "references.bib").write_text(BIBLIOGRAPHY)
    return build_site(folder, PAGE, config="bibtex_bibfiles: [references.bib]")


@pytest.fixture(scope="module")
def unnamed(tmp_path_factory):
    """A book that no repository builds."""
    return build(tmp_path_factory.mktemp("unnamed"))


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """A book in a clone whose remote holds a token."""
    folder = tmp_path_factory.mktemp("named")
    return build(git_folder(folder, f"https://me:{SECRET}@github.com/org/repo.git"))


def test_buttons_lead_to_the_repository(named):
    assert named.status == 0, named.log
    page = named.page("index")
    assert "https://mybinder.org/v2/gh/org/repo/draft?urlpath=lab/tree/index.ipynb" in page
    assert "https://colab.research.google.com/github/org/repo/blob/draft/index.ipynb" in page
    assert 'href="https://github.com/org/repo"' in page


def test_a_token_reaches_no_file_of_the_build(named):
    files = [path for path in named.html.parent.rglob("*") if path.is_file()]
    assert len(files) > 100
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


def test_a_repository_in_the_configuration_is_used_and_cleaned(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(EXTENSIONS)
    booksite = importlib.import_module("booksite")
    url = f"https://me:{SECRET}@gitlab.com/group/project.git"
    options = {"repository_url": url, "repository_branch": "trunk", "launch_buttons": {}}
    config = SimpleNamespace(html_theme_options=options)
    booksite.configure_links(SimpleNamespace(confdir=tmp_path), config)
    assert options["repository_url"] == "https://gitlab.com/group/project"
    assert options["repository_branch"] == "trunk"
    assert options["launch_buttons"]["binderhub_url"] == "https://mybinder.org"
    assert not options["launch_buttons"]["colab_url"]  # Colab reads GitHub only


def test_without_a_repository_there_are_no_buttons(unnamed):
    assert unnamed.status == 0, unnamed.log
    page = unnamed.page("index")
    for word in ("launch-buttons", "binder", "colab", "source-repository-button", 'jupyter-book"'):
        assert word not in page


def test_formulas_are_made_by_the_build(unnamed):
    page = unnamed.page("index")
    formula = page[page.index('<span class="math') : page.index("</mjx-container></span>")]
    assert '<mjx-math aria-hidden="true"' in formula
    assert "<math xmlns" in formula
    assert "<msup><mi>x</mi><mn>2</mn></msup></math>" in formula
    assert "_static/formulas/formulas.css" in page
    assert not (unnamed.html / "_static" / "mathjax").exists()


def test_only_the_fonts_of_the_formulas_are_there(unnamed):
    folder = unnamed.html / "_static" / "formulas"
    fonts = {path.name for path in folder.glob("*.woff")}
    assert fonts == {"MathJax_Zero.woff", "MathJax_Main-Regular.woff", "MathJax_Math-Italic.woff"}
    asked = re.findall(r"url\(\"\./([^\"]+)", (folder / "formulas.css").read_text(encoding="utf-8"))
    assert set(asked) == fonts


RICH = r"""# On $a_1$

(here)=
```{math}
:label: sum
\sum_{i} x_i = \half
```

See {eq}`sum`. | A table |

| $b$ | c |
|---|---|
| 1 | $\mathbf{d}$ |

:::{note}
In a note: $\sqrt{e}$
:::
"""


def test_formulas_may_stand_anywhere(tmp_path):
    (tmp_path / "macros.py").write_text(
        "def setup(app):\n    app.connect('config-inited', define, priority=1)\n\n"
        "def define(app, config):\n"
        "    config.mathjax3_config = {'tex': {'macros': {'half': r'\\frac{1}{2}'}}}\n"
    )
    book = build_site(tmp_path, notebook(text=RICH), before="macros: .")
    assert book.status == 0, book.log
    page = book.page("index")
    assert '<span class="eqno">(1)' in page
    assert re.search(r'<a class="reference internal" href="#equation-sum">\(?1\)?</a>', page)
    assert "<mfrac><mn>1</mn><mn>2</mn></mfrac>" in page
    for piece in ("<mi>b</mi>", '<mi mathvariant="bold">d</mi>', "<msqrt>", "<msub><mi>a</mi>"):
        assert piece in page


def test_a_formula_that_cannot_be_read_fails_the_build(tmp_path):
    book = build_site(tmp_path, notebook(text=r"# T" "\n\n" r"Good $x$ and bad $\nonsense{y}$."))
    assert book.status != 0
    (warning,) = [line for line in book.log.splitlines() if "cannot be read" in line]
    assert "index.ipynb" in warning
    assert r"Undefined control sequence \nonsense: \nonsense{y}" in warning


def test_an_answer_is_one_fold_with_what_its_cell_printed(unnamed):
    page = unnamed.page("index")
    order = [">out", "Why?", "Because <em>so</em>", "Between.", "It stays"]
    places = [page.index(piece) for piece in order]
    assert places == sorted(places)
    before_words = page[: places[1]]
    assert before_words.count("<details") - before_words.count("</details") == 1
    assert "Show the answer" in before_words
    alone, _ = re.findall(r"<details class=.answer.*?</details>", page, re.DOTALL)
    assert "It stays" in alone


def test_long_code_stands_behind_the_answer_in_a_fold_of_its_own(unnamed):
    page = unnamed.page("index")
    order = [">drawn", "Later <em>so</em>", "Show the code", "plot"]
    places = [page.rindex(piece) if piece != "plot" else page.index(piece) for piece in order]
    assert places == sorted(places)


class Nesting(HTMLParser):
    """Finds what is closed while something inside it is still open."""

    def __init__(self, page):
        super().__init__()
        self.opened, self.wrong = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag in ("article", "section", "div", "details"):
            self.opened.append(tag)

    def handle_endtag(self, tag):
        if tag in ("article", "section", "div", "details") and self.opened.pop() != tag:
            self.wrong.append(tag)


def test_of_two_answers_without_a_line_between_the_first_alone_joins_its_cell(unnamed):
    page = unnamed.page("index")
    assert Nesting(page).wrong == []
    assert page.index("Later <em>so</em>") < page.index("What else?") < page.index("Nothing.")
    before = page[: page.index("What else?")]
    assert before.count("<details") - before.count("</details") == 1  # its own


def test_icons_are_drawn_by_the_build(unnamed):
    page = unnamed.page("index")
    assert re.search(
        r'<svg class="svg-inline--fa fa-bars"[^>]*><path fill="currentColor" d="M', page
    )
    assert not re.findall(r"<(?:i|span)[^>]*\bfa-[^>]*>", page)
    static = unnamed.html / "_static"
    assert not list(static.rglob("*fontawesome*"))
    sheet = (static / "icons" / "icons.css").read_text(encoding="utf-8")
    assert ".fa-xmark::before" in sheet  # a script makes this one
    for font in re.findall(r'url\("([^"]+)', sheet):
        assert 500 < (static / "icons" / font).stat().st_size < 20_000


def test_an_icon_that_is_not_there_fails_the_build(tmp_path):
    text = '# T\n\n<i class="fa-solid fa-nonsense"></i> <i class="fa-brands fa-github"></i>'
    book = build_site(tmp_path, notebook(text=text))
    assert book.status != 0
    (warning,) = [line for line in book.log.splitlines() if "there is no icon" in line]
    assert "fa-nonsense" in warning
    assert "svg-inline--fa fa-github" in book.page("index")


def test_no_script_of_a_file_stops_the_reading(unnamed):
    files = re.findall(r"<script([^>]*)\bsrc=\"([^\"?]*)", unnamed.page("index"))
    at_once = [name for attributes, name in files if "defer" not in attributes]
    assert at_once == ["_static/documentation_options.js"]


def test_a_page_loads_no_script_without_a_purpose(unnamed):
    """It has code and a formula, but no tabs; the search does not answer while one types."""
    loaded = {
        name: re.findall(r"<script[^>]*\bsrc=\"(?:_static/)?([^\"?]*)", unnamed.page(name))
        for name in ("index", "search", "genindex")
    }
    assert {"clipboard.min.js", "copybutton.js", "formulas.js"} <= set(loaded["index"])
    assert not {"design-tabs.js", "searchtools.js", "searchindex.js"} & set(loaded["index"])
    assert {"searchtools.js", "searchindex.js"} <= set(loaded["search"])
    assert not {"clipboard.min.js", "copybutton.js", "formulas.js"} & set(loaded["genindex"])


def test_a_search_that_answers_while_one_types_has_its_scripts(tmp_path):
    (tmp_path / "answering.py").write_text(
        "def setup(app):\n    app.connect('config-inited', answer, priority=1)\n\n"
        "def answer(app, config):\n"
        "    config.html_theme_options['search_as_you_type'] = True\n"
    )
    built = build_site(tmp_path, notebook(), before="answering: .")
    assert built.status == 0, built.log
    assert "searchtools.js" in built.page("index")


def test_a_missing_mathjax_package_fails_the_build(tmp_path):
    (tmp_path / "hide_mathjax.py").write_text(
        "import importlib.util\nfound = importlib.util.find_spec\n\n"
        "def setup(app):\n"
        "    hidden = lambda name, *rest: None if 'mathjax' in name else found(name, *rest)\n"
        "    importlib.util.find_spec = hidden\n"
    )
    book = build_site(tmp_path, notebook(), before="hide_mathjax: .")
    assert book.status != 0
    assert "The package sphinx-mathjax-offline is missing" in book.log
    assert not (book.html / "index.html").exists()


@pytest.mark.parametrize("name", ["index", "search", "genindex"])
def test_pages_load_nothing_from_elsewhere(unnamed, name):
    loaded = r'<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)="((?:https?:)?//[^"]*)"'
    assert not re.findall(loaded, unnamed.page(name))
    assert "thebe" not in unnamed.page(name)
    assert 'data-default-mode="auto"' in unnamed.page(name)
    assert '<link rel="icon" href="_static/favicon.svg"' in unnamed.page(name)


def test_the_page_has_one_search_button_and_its_title_is_in_a_landmark(unnamed):
    assert unnamed.page("index").count("search-button-field") == 1
    assert re.search(r'<nav aria-label="Home">\s*<a class="navbar-brand', unnamed.page("index"))


def test_a_search_from_disk_does_not_read_other_pages(unnamed):
    script = 'if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false'
    page = unnamed.page("search")
    assert page.index("documentation_options.js") < page.index(script)
    assert script not in unnamed.page("index")


def test_the_bibliography_is_a_list_of_items(unnamed):
    page = unnamed.page("index")
    assert re.search(r'<div role="list" class="citation-list">\s*<div [^>]*role="listitem"', page)
    assert "doc-biblioentry" not in page


def test_a_start_page_that_only_leads_on_asks_for_no_icon(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(EXTENSIONS)
    theme = importlib.import_module("booksite.theme")
    start = tmp_path / "index.html"
    start.write_text('<meta http-equiv="Refresh" content="0; url=book/intro.html" />')
    for _ in range(2):  # the second build leaves the page of the first where it is
        theme.ask_for_no_icon(SimpleNamespace(outdir=tmp_path), None)
    assert start.read_text(encoding="utf-8").count('<link rel="icon" href="data:,">') == 1
    assert "url=book/intro.html" in start.read_text(encoding="utf-8")


def test_a_start_page_of_the_books_own_keeps_its_icon(unnamed):
    assert unnamed.page("index").count('rel="icon"') == 1
    assert "data:," not in unnamed.page("index")
