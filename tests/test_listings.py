"""Listings in few elements: which classes of Pygments need none, and that nothing else changes."""

import importlib

import pytest
from tiny_book import EXTENSIONS

CSS = """
html[data-theme="light"] .highlight pre { line-height: 125%; }
html[data-theme="light"] .highlight { background: #fefefe; color: #080808 }
html[data-theme="light"] .highlight .k { color: #6730C5 } /* Keyword */
html[data-theme="light"] .highlight .n { color: #080808 } /* Name */
html[data-theme="light"] .highlight .p { color: #080808 }
html[data-theme="light"] .highlight .gs { color: #080808; font-weight: bold }
html[data-theme="light"] .highlight .c { color: #080808 }
html[data-theme="dark"] .highlight { background: #2b2b2b; color: #F8F8F2 }
html[data-theme="dark"] .highlight .k { color: #DCC6E0 }
html[data-theme="dark"] .highlight .n { color: #f8f8f2 }
html[data-theme="dark"] .highlight .p { color: #F8F8F2 }
html[data-theme="dark"] .highlight .gs { color: #F8F8F2 }
html[data-theme="dark"] .highlight .c { color: #FFD900 }
"""


@pytest.fixture
def listings(monkeypatch):
    monkeypatch.syspath_prepend(EXTENSIONS)
    return importlib.import_module("booksite.listings")


def test_what_looks_like_code_in_every_scheme_is_plain(listings):
    assert listings.plain_classes(CSS) == ["n", "p"]


def test_of_sheets_without_code_nothing_is_plain(listings):
    assert listings.plain_classes("p { color: red }") == []
    assert listings.plain_classes(".highlight .n { color: red }") == []


def test_only_plain_elements_of_listings_go(listings):
    page = (
        '<p><span class="n">kept</span></p><pre><span></span><span class="k">def</span>'
        '<span class="w"> </span><span class="n">f</span><span class="p">():</span>\n'
        '<span class="nb">print</span>&lt;</pre><pre><span class="n">x</span></pre>'
    )
    assert listings.unwrapped(page, ["n", "p", "w"]) == (
        '<p><span class="n">kept</span></p><pre><span></span><span class="k">def</span> f():\n'
        '<span class="nb">print</span>&lt;</pre><pre>x</pre>'
    )
    assert listings.unwrapped(page, []) == page
