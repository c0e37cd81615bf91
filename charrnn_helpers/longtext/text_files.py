"""Read a text that somebody else has written, and say plainly why it cannot be used."""

from __future__ import annotations

import codecs
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from io import IncrementalNewlineDecoder
from itertools import chain
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
PIECE = 2**16  # bytes that are read at a time
# Letters that may become one with the letter before: Hangul's vowels and finals, and Kirat Rai's
LATER_PARTS = [("\u1160", "\u11ff"), ("\U00016d63", "\U00016d6a")]


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
    return "".join(read_pieces(paths))


def read_pieces(paths: Sequence[str | Path]) -> Iterator[str]:
    """Yield what `read_texts` returns, piece by piece: no text has to fit into memory.

    Arguments and errors are those of `read_texts`; the latter come when a piece is asked for, and
    that a text is short is known at its end.
    """
    length = 0
    for piece in _pieces(paths):
        length += len(piece)
        yield piece
    if length < SHORTEST:
        raise TextError(
            f"{name_of(paths)} has {length} characters, which is too little to learn from; "
            f"give {SHORTEST} or more (100,000 make a good start)"
        )


def read_prompt(path: str | Path) -> str:
    """Return a prompt from a file, read as texts are; a newline at its very end is left out.

    Raises:
        TextError: If it cannot be read, or holds nothing.
    """
    prompt = "".join(_pieces([path])).removesuffix("\n")
    if not prompt:
        raise TextError(f"{name_of([path])} holds no prompt: give at least one character")
    return prompt


def name_of(paths: Sequence[str | Path]) -> str:
    """Return how a text is called that is in these files."""
    first, *others = paths
    name = "standard input" if str(first) == STANDARD_INPUT else str(first)
    return f"{name} and {len(others)} more" if others else name


def _pieces(paths: Sequence[str | Path]) -> Iterator[str]:
    return _composed(_with_newlines(chain.from_iterable(map(_decoded, paths))))


def _with_newlines(pieces: Iterable[str]) -> Iterator[str]:
    decoder = IncrementalNewlineDecoder(None, translate=True)
    for piece in pieces:
        yield decoder.decode(piece)
    yield decoder.decode("", final=True)


def _composed(pieces: Iterable[str]) -> Iterator[str]:
    """Yield a text in NFC. What may become one with the next piece waits for it."""
    waiting = ""
    for piece in pieces:
        places = range(len(piece) - 1, -1, -1)
        cut = next((i for i in places if _stands_apart(piece[i])), 0)
        if not cut:
            waiting += piece
        else:
            yield unicodedata.normalize("NFC", waiting + piece[:cut])
            waiting = piece[cut:]
    yield unicodedata.normalize("NFC", waiting)


def _stands_apart(character: str) -> bool:
    """Tell that a character becomes one with nothing before it: neither a mark nor a later part."""
    is_mark = unicodedata.category(character).startswith("M")
    return not is_mark and not any(first <= character <= last for first, last in LATER_PARTS)


def _decoded(path: str | Path) -> Iterator[str]:
    """Yield what a file holds, without byte order marks."""
    name, encoding, decoder, end = name_of([path]), "", None, 0
    for content in _contents(path, name):
        if decoder is None:
            encoding = _encoding(content, name)
            decoder = codecs.getincrementaldecoder(encoding)()
        if encoding == "utf-8" and b"\0" in content:
            raise TextError(
                f"{name} is binary (it holds zero bytes), or in UTF-16 or UTF-32 without a byte "
                "order mark; give a plain text in UTF-8"
            )
        end += len(content)
        try:
            yield decoder.decode(content, final=not content).replace(BYTE_ORDER_MARK, "")
        except UnicodeDecodeError as error:  # of what was left of the piece before, and this one
            position = end - len(error.object) + error.start
            raise TextError(
                f"{name} is not {encoding.upper()}: byte {error.object[error.start]:#04x} at "
                f"position {position} cannot be read. Save it as UTF-8, for instance with "
                f"`iconv -f latin1 -t utf-8 {Path(name).name}` if it is in Latin-1"
            ) from None


def _encoding(beginning: bytes, name: str) -> str:
    if not beginning:
        raise TextError(f"{name} is empty: give a file that holds a text")
    return next((MARKS[mark] for mark in MARKS if beginning.startswith(mark)), "utf-8")


def _contents(path: str | Path, name: str) -> Iterator[bytes]:
    """Yield what a file holds, some bytes at a time, and at the end none."""
    is_input = str(path) == STANDARD_INPUT
    if not is_input and Path(path).is_dir():
        raise TextError(f"{name} is a folder; give a text file")
    try:
        with nullcontext(sys.stdin.buffer) if is_input else Path(path).open("rb") as file:
            while content := file.read(PIECE):
                yield content
    except FileNotFoundError:
        raise TextError(f"there is no file {name}") from None
    except OSError as error:
        raise TextError(f"{name} cannot be read: {error.strerror}") from None
    yield b""
