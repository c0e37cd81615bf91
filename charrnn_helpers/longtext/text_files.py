"""Read a text that somebody else has written, and say plainly why it cannot be used."""

from __future__ import annotations

import codecs
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path

SHORTEST = 500  # characters; with less there is nothing to learn and nothing to hold out
STANDARD_INPUT = "-"
MARKS = {  # what a file may begin with, the longer ones first, as they begin with the shorter
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
BYTE_ORDER_MARK = "\ufeff"


class TextError(ValueError):
    """A file cannot be trained on; the message says why, and what would be right."""


def read_text(path: str | Path) -> str:
    """Return one file's text, as `read_texts` does."""
    return read_texts([path])


def read_texts(paths: Sequence[str | Path]) -> str:
    """Return what files hold, as one text, in the order given.

    Line ends become newlines. Byte order marks are left out, wherever joined files have them. A
    letter and an accent that stands apart become one character where there is one (NFC), so that a
    text looks the same to a network however it was typed.

    Args:
        paths: Of plain texts in UTF-8, or in UTF-16 or UTF-32 if they begin with a byte order mark;
            `"-"` is standard input.

    Raises:
        TextError: If one is missing, unreadable, empty, binary or in another encoding, or if all
            together are short.
    """
    text = "".join(map(_read, paths))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if len(text) < SHORTEST:
        raise TextError(
            f"{name_of(paths)} has {len(text)} characters, which is too little to learn from; "
            f"give {SHORTEST} or more (100,000 make a good start)"
        )
    return text


def name_of(paths: Sequence[str | Path]) -> str:
    """Return how a text is called that is in these files."""
    first, *others = paths
    name = "standard input" if str(first) == STANDARD_INPUT else str(first)
    return f"{name} and {len(others)} more" if others else name


def _read(path: str | Path) -> str:
    name = name_of([path])
    content = _content(path, name)
    if not content:
        raise TextError(f"{name} is empty; give a text of {SHORTEST} characters or more")
    encoding = next((MARKS[mark] for mark in MARKS if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in content:
        raise TextError(
            f"{name} is binary (it holds zero bytes), or in UTF-16 or UTF-32 without a byte order "
            "mark; give a plain text in UTF-8"
        )
    try:
        return content.decode(encoding).replace(BYTE_ORDER_MARK, "")
    except UnicodeDecodeError as error:
        raise TextError(
            f"{name} is not {encoding.upper()}: byte {content[error.start]:#04x} at position "
            f"{error.start} cannot be read. Save it as UTF-8, for instance with "
            f"`iconv -f latin1 -t utf-8 {Path(name).name}` if it is in Latin-1"
        ) from None


def _content(path: str | Path, name: str) -> bytes:
    if str(path) == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    if Path(path).is_dir():
        raise TextError(f"{name} is a folder; give a text file")
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise TextError(f"there is no file {name}") from None
    except OSError as error:
        raise TextError(f"{name} cannot be read: {error.strerror}") from None
