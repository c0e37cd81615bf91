"""Read a text that somebody else has written, and say plainly why it cannot be used."""

from __future__ import annotations

from pathlib import Path

SHORTEST = 500  # characters; with less there is nothing to learn and nothing to hold out


class TextError(ValueError):
    """A file cannot be trained on; the message says why, and what would be right."""


def read_text(path: str | Path) -> str:
    """Return a file's text; line ends become newlines, a byte order mark is left out.

    Raises:
        TextError: If the file is missing, unreadable, empty, short, binary or not UTF-8.
    """
    path = Path(path)
    if path.is_dir():
        raise TextError(f"{path} is a folder; give a text file")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise TextError(f"there is no file {path}") from None
    except OSError as error:
        raise TextError(f"{path} cannot be read: {error.strerror}") from None
    if not content:
        raise TextError(f"{path} is empty; give a text of {SHORTEST} characters or more")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TextError(f"{path} is in UTF-16; save it as UTF-8")
    if b"\0" in content:
        raise TextError(f"{path} is binary (it holds zero bytes); give a plain text")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TextError(
            f"{path} is not UTF-8: byte {content[error.start]:#04x} at position {error.start} "
            "cannot be read. Save it as UTF-8, for instance with "
            f"`iconv -f latin1 -t utf-8 {path.name}` if it is in Latin-1"
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) < SHORTEST:
        raise TextError(
            f"{path} has {len(text)} characters, which is too little to learn from; "
            f"give {SHORTEST} or more (100,000 make a good start)"
        )
    return text
