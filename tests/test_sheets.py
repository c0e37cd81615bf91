"""One style sheet for a page: what of the sheets stays, in which order, and where it is found."""

import importlib

import pytest
from tiny_book import EXTENSIONS

PAGE = """<html><link rel="stylesheet" href="{0}a.css?v=1" />
<link href="{0}_static/b.css" rel="stylesheet">
<link rel="stylesheet" href="https://elsewhere.org/c.css"/><p class="note seen">word</p></html>"""


@pytest.fixture
def sheets(monkeypatch):
    """The module that merges."""
    monkeypatch.syspath_prepend(EXTENSIONS)
    return importlib.import_module("booksite.sheets")


def rules(sheets, folder, css, words="note seen", script=""):
    """What stays of a sheet, where a page and a script know these words."""
    (folder / "one.css").write_text(css)
    names = sheets.Names([words], [script])
    return list(sheets.rules_of(folder / "one.css", names, folder))


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        ("p{color:red}", ["p{color:red}"]),
        (".note{color:red}", [".note{color:red}"]),
        (".never{color:red}", []),
        ("#never{color:red}", []),
        (".note .never{color:red}", []),
        (".never,p.note,#never b{color:red}", ["p.note{color:red}"]),
        ("p:not(.never){color:red}", ["p:not(.never){color:red}"]),
        (":is(.never,.note) b{color:red}", [":is(.never,.note) b{color:red}"]),
        ("[class=never]{color:red}", ["[class=never]{color:red}"]),
        ('p::after{content:".never,#x{}"}', ['p::after{content:".never,#x{}"}']),
        ("/* .note */ .never{} /* { */ b{top:0}", ["b{top:0}"]),
        ("@media print{.never{top:0}b{top:0}}", ["@media print{b{top:0}}"]),
        ("@media print{.never{top:0}}", []),
        ("@supports (top:0){@media print{.note{top:0}}}",) * 2,
        ("@keyframes never{from{top:0}}", ["@keyframes never{from{top:0}}"]),
        ("@font-face{font-family:never}", ["@font-face{font-family:never}"]),
        (".bs-tip-auto{top:0} .made-of{top:0}", [".bs-tip-auto{top:0}"]),
    ],
)  # fmt: skip
def test_what_cannot_apply_goes_and_all_else_stays(sheets, tmp_path, css, kept):
    found = rules(sheets, tmp_path, css, script="name = `bs-${kind}-auto`; x = 'e-'")
    assert found == (kept if isinstance(kept, list) else [css])


def test_an_imported_sheet_stands_where_it_is_imported(sheets, tmp_path):
    (tmp_path / "first.css").write_text("b{top:1px} .never{top:2px}")
    found = rules(sheets, tmp_path, '@import "first.css"; b{top:3px}')
    assert found == ["b{top:1px}", "b{top:3px}"]


def test_addresses_are_those_of_the_new_place(sheets, tmp_path):
    for folder in ("fonts", "new"):
        (tmp_path / folder).mkdir()
    (tmp_path / "fonts" / "one.css").write_text(
        "b{background:url(a.png)} i{background:url(data:x)} u{background:url(#mark)}"
    )
    found = sheets.rules_of(tmp_path / "fonts/one.css", sheets.Names([], []), tmp_path / "new")
    assert list(found) == [
        'b{background:url("../fonts/a.png")}',
        "i{background:url(data:x)}",
        "u{background:url(#mark)}",
    ]


def test_a_site_gets_one_sheet_a_page_and_again_the_same(sheets, tmp_path):
    static = tmp_path / "_static"
    (tmp_path / "book").mkdir()
    static.mkdir()
    (tmp_path / "searchindex.js").write_text("never")
    (static / "macro.html").write_text('<link rel="stylesheet" href="{{ nowhere }}">never')
    (tmp_path / "index.html").write_text(PAGE.format(""))
    (tmp_path / "book" / "one.html").write_text(PAGE.format("../"))
    (tmp_path / "a.css").write_text("b{top:1px}")
    (static / "b.css").write_text("b{top:2px}.note{top:3px}.spoken{top:0}")
    (static / "b.js").write_text("add('spoken')")

    def state():
        files = [*tmp_path.rglob("*.html"), *tmp_path.rglob("pages/*")]
        return {
            path.relative_to(tmp_path).as_posix(): path.read_text(encoding="utf-8")
            for path in files
        }

    sheets.merge_sheets(tmp_path)
    first = state()
    [name] = [name for name in first if name.endswith(".css")]
    assert first[name].split() == ["b{top:1px}", "b{top:2px}", ".note{top:3px}", ".spoken{top:0}"]
    for page, up in (("index.html", ""), ("book/one.html", "../")):
        assert first[page].count("stylesheet") == 2
        assert f'href="{up}{name}?v=' in first[page]
        assert "https://elsewhere.org/c.css" in first[page]
    sheets.merge_sheets(tmp_path)
    assert state() == first

    (static / "b.css").write_text("b{top:4px}")  # a later build: pages stay as they are
    sheets.merge_sheets(tmp_path)
    assert state()[name].split() == ["b{top:1px}", "b{top:4px}"]
    assert state()["index.html"] != first["index.html"]  # so that no browser keeps the old sheet
