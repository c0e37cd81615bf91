import codecs
import io
import sys
import unicodedata

import pytest

from charrnn_helpers.longtext import text_files
from charrnn_helpers.longtext.text_files import TextError, read_pieces, read_text, read_texts


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
        (b"", "is empty: give a file that holds a text"),
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


# Whatever a border between two pieces may cut apart
TRICKY = (
    "a\r\nb\rc\r\r\n\n\ufeffe\u0301 o\u0302\u0323\u0302 \u1112\u1161\u11ab \ud55c\u11ab "
    "\u0344\u0f73\u0f71 \u0915\u093c\u0958 👩\u200d👩\u200d👧 日本\u3099 か\u3099漢\u0301字"
)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-32"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("size", [*range(4, 15), 1000])
def test_wherever_pieces_end_the_text_is_the_same(tmp_path, monkeypatch, encoding, size):
    monkeypatch.setattr(text_files, "PIECE", size)
    path = tmp_path / "text"
    path.write_bytes((TRICKY * 30).encode(encoding))
    lines = (TRICKY * 30).replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")
    assert read_text(path) == unicodedata.normalize("NFC", lines)


@pytest.mark.parametrize("cut", range(len(TRICKY)))
def test_wherever_files_end_the_text_is_the_same(tmp_path, cut):
    whole, parts = tmp_path / "whole", [tmp_path / "a", tmp_path / "b"]
    text = TRICKY * 30
    for path, content in [
        (whole, text),
        (parts[0], text[: cut + 700]),
        (parts[1], text[cut + 700 :]),
    ]:
        path.write_text(content, encoding="utf-8", newline="")
    assert read_texts(parts) == read_text(whole)


def test_a_piece_is_no_longer_than_what_was_read(tmp_path):
    """Also where there is no space and no line end for a long time."""
    path = tmp_path / "text"
    for character in ("a", "ж", "漢", "か\u3099", "한", "🙂", "กี่", "هَ", "\u1112\u1161\u11ab"):
        path.write_text(character * 300_000, encoding="utf-8")
        assert max(map(len, read_pieces([path]))) <= text_files.PIECE


def test_a_text_in_which_everything_hangs_together_is_read_as_one(tmp_path):
    path = tmp_path / "text"
    path.write_text("o" + "\u0302" * 200_000, encoding="utf-8")
    assert read_text(path) == "ô" + "\u0302" * 199_999


def test_what_stands_apart_becomes_one_with_nothing_before_it():
    every = list(map(chr, range(sys.maxunicode + 1)))
    decomposed = [unicodedata.normalize("NFD", character) for character in every]
    later = set("".join(parts[1:] for parts in decomposed))  # all that can be a second part
    apart = [text_files._stands_apart(character) for character in every]
    assert sum(apart) > 100_000
    for parts, stands_apart in zip(decomposed, apart, strict=True):
        if stands_apart:
            assert parts[0] not in later
            assert not unicodedata.combining(parts[0])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("size", [4, 5, 6, 7, 100])
def test_a_byte_that_cannot_be_read_has_its_position_in_the_file(
    tmp_path, monkeypatch, encoding, size
):
    monkeypatch.setattr(text_files, "PIECE", size)
    path, good = tmp_path / "text", "naïve 日本 🙂"
    # Half of a pair, alone, is an error in each of them
    wrong = (good + "\udc80" + good).encode(encoding, "surrogatepass")
    for content in [wrong, good.encode(encoding)[:-1], good.encode(encoding)[:-2]]:
        path.write_bytes(content)
        with pytest.raises(UnicodeDecodeError) as expected:
            content.decode(encoding)
        byte, place = content[expected.value.start], expected.value.start
        named = f"is not {encoding.upper()}: byte {byte:#04x} at position {place} cannot"
        with pytest.raises(TextError, match=named):
            read_text(path)


def test_no_file_and_a_folder(tmp_path):
    with pytest.raises(TextError, match=r"there is no file .*nothing"):
        read_text(tmp_path / "nothing")
    with pytest.raises(TextError, match="is a folder; give a text file"):
        read_text(tmp_path)
