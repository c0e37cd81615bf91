import pytest

from charrnn_helpers.longtext.text_files import TextError, read_text


@pytest.mark.parametrize("content", ["a\nb\n", "a\r\nb\r\n", "a\rb\r", "\ufeffa\nb\n"])
def test_line_ends_become_newlines_and_a_byte_order_mark_goes(tmp_path, content):
    path = tmp_path / "text"
    path.write_bytes((content * 300).encode())
    assert read_text(path).replace("\ufeff", "") == "a\nb\n" * 300
    assert not read_text(path).startswith("\ufeff")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty; give a text of 500 characters or more"),
        (b"hello", "has 5 characters, which is too little to learn from"),
        (b"ab\0" * 999, "is binary"),
        (b"\x89PNG\r\n\x1a\n\0\0\0" * 99, "is binary"),
        ("naïve café ".encode("latin1") * 99, "is not UTF-8: byte 0xef at position 2 .* Latin-1"),
        (("hello " * 99).encode("utf-16"), "is in UTF-16; save it as UTF-8"),
    ],
    ids=["empty", "tiny", "zeros", "png", "latin1", "utf16"],
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
