import codecs
import io
import sys

import pytest

from charrnn_helpers.longtext.text_files import TextError, read_text, read_texts


@pytest.mark.parametrize("content", ["a\nb\n", "a\r\nb\r\n", "a\rb\r", "\ufeffa\nb\n"])
def test_line_ends_become_newlines_and_a_byte_order_mark_goes(tmp_path, content):
    path = tmp_path / "text"
    path.write_bytes((content * 300).encode())
    assert read_text(path) == "a\nb\n" * 300  # however many marks joined files have


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-be", "utf-32-be", "utf-8-sig"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path, encoding):
    text, path = "naïve 日本 🙂\n" * 99, tmp_path / "text"
    marks = {"utf-16-be": codecs.BOM_UTF16_BE, "utf-32-be": codecs.BOM_UTF32_BE}
    path.write_bytes(marks.get(encoding, b"") + text.encode(encoding))
    assert read_text(path) == text


def test_a_letter_and_its_accent_become_one(tmp_path):
    path = tmp_path / "text"
    path.write_text("cafe\u0301 \u1112\u1161\u11ab x\u0301\n" * 99, encoding="utf-8")
    assert read_text(path) == "café 한 x\u0301\n" * 99


def test_emoji_with_joiners_stay_as_they_are(tmp_path):
    path = tmp_path / "text"
    path.write_text("👩\u200d👩\u200d👧 e\ufe0f\n" * 99, encoding="utf-8")
    assert read_text(path) == "👩\u200d👩\u200d👧 e\ufe0f\n" * 99


def test_several_files_are_one_text_in_the_order_given(tmp_path, monkeypatch):
    paths = [tmp_path / name for name in ("b", "a")]
    for path, content in zip(paths, ("\ufeffsecond\r\n", "first\n"), strict=True):
        path.write_text(content * 80, encoding="utf-8", newline="")
    read = b"third\n" * 80
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(read), encoding="utf-8"))
    assert read_texts([*paths, "-"]) == "second\n" * 80 + "first\n" * 80 + "third\n" * 80


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty; give a text of 500 characters or more"),
        (b"hello", "has 5 characters, which is too little to learn from"),
        (b"ab\0" * 999, "is binary"),
        (b"\x89PNG\r\n\x1a\n\0\0\0" * 99, "is binary"),
        ("naïve café ".encode("latin1") * 99, "is not UTF-8: byte 0xef at position 2 .* Latin-1"),
        (("hello " * 99).encode("utf-16-le"), "or in UTF-16 or UTF-32 without a byte order mark"),
        (codecs.BOM_UTF16_LE + b"\0\xd8a" * 999, "is not UTF-16: byte"),
        (b"\xed\xa0\x80" * 999, "is not UTF-8: byte 0xed at position 0"),
    ],
    ids=["empty", "tiny", "zeros", "png", "latin1", "utf16", "half", "surrogate"],
)
def test_what_cannot_be_trained_on_is_said(tmp_path, content, words):
    path = tmp_path / "text"
    path.write_bytes(content)
    with pytest.raises(TextError, match=words):
        read_text(path)


def test_no_file_and_a_folder(tmp_path):
    with pytest.raises(TextError, match=r"there is no file .*nothing"):
        read_text(tmp_path / "nothing")
    with pytest.raises(TextError, match="is a folder; give a text file"):
        read_text(tmp_path)
