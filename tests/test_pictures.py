"""Pictures keep their place: what is written into a page for each."""

import importlib
from xml.etree import ElementTree

import pytest
from every_figure import EVERY_FIGURE
from tiny_book import EXTENSIONS

SVG = '<svg xmlns="http://www.w3.org/2000/svg" {}><rect/></svg>'


@pytest.fixture
def written(monkeypatch, tmp_path):
    """What becomes of a page's text beside a picture that tells its size in this way."""
    monkeypatch.syspath_prepend(EXTENSIONS)
    pictures = importlib.import_module("booksite.pictures")
    pictures.size_of.cache_clear()

    def become(text, size='width="40" height="20"'):
        (tmp_path / "one.svg").write_text(SVG.format(size))
        (tmp_path / "page.html").write_text(text)
        pictures.keep_places(tmp_path / "page.html")
        return (tmp_path / "page.html").read_text(encoding="utf-8")

    return become


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ('width="40" height="20"', ' width="40" height="20" loading="lazy"'),
        ('height="20px" width="40.4px"', ' width="40" height="20" loading="lazy"'),
        ('width="45pt" height="30pt"', ' width="60" height="40" loading="lazy"'),
        ('width="100%" height="20"', ' loading="lazy"'),
        ('viewBox="0 0 1 1"', ' loading="lazy"'),
    ],
)
def test_a_picture_gets_its_size_in_pixels(written, size, expected):
    found = written('<p><img alt="a &gt; b" src="one.svg" />.</p>', size)
    assert found == f'<p><img alt="a &gt; b" src="one.svg"{expected} />.</p>'


def test_a_second_build_changes_nothing(written):
    once = written('<img src="one.svg">')
    assert once == '<img src="one.svg" width="40" height="20" loading="lazy">'
    assert written(once) == once


@pytest.mark.parametrize(
    "text", ['<img src="https://elsewhere.org/one.svg">', '<img src="data:image/svg+xml,x.svg">']
)
def test_pictures_from_elsewhere_are_left_alone(written, text):
    assert written(text) == text


@pytest.mark.parametrize("name", EVERY_FIGURE)
def test_every_still_picture_says_what_it_shows(name):
    svg = ElementTree.fromstring(EVERY_FIGURE[name]().picture())
    title, card = list(svg)[:2]
    assert svg.get("role") == "img"
    assert title.tag.endswith("}title")
    assert len(title.text) > 10
    assert card.tag.endswith("}rect")
    assert float(card.get("width")) == float(svg.get("width")) - 1
