"""Write a file whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: str | Path, content: bytes) -> None:
    """Write a file so that at any moment the old one or the new one is there, whole.

    Args:
        path: Where to; its folder must exist. Where a symbolic link leads is written to.
        content: All of it.

    Raises:
        OSError: If the folder cannot be written to, or the disk is full. The old file stays.
        ValueError: If there is something else than a file: a folder, a device or a pipe.
    """
    path = Path(os.path.realpath(path))
    check_writable(path)
    partial = _partial(path)
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        if partial.exists():
            partial.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from None
    _sync_folder(path.parent)


def check_writable(path: str | Path) -> None:
    """Raise a ValueError if what lies at a path is something else than a file, or a link to one."""
    path = Path(path)
    if path.exists() and not path.is_file():
        what = "a folder" if path.is_dir() else "a device or a pipe"
        raise ValueError(f"{path} is {what}, and a file is to be written: give another name")


def check_folder(path: str | Path) -> None:
    """Raise an OSError unless a file can be made in the folder of a path; none is left there."""
    partial = _partial(Path(os.path.realpath(path)))
    try:
        partial.open("wb").close()
        partial.unlink()
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.partial")


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can do that."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)
