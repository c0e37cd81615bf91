"""The source of functions and classes, as the book shows it: taken from where it runs."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable

_DOCUMENTED = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def source_lines(code: Callable) -> list[str]:
    """Return the lines of a function, method or class, without indentation and docstrings.

    Where a docstring was all that there is, `...` stands for it.

    Raises:
        TypeError: If it is none of these.
        OSError: If its source cannot be had, as for what was typed into a plain Python prompt.
    """
    source = textwrap.dedent(inspect.getsource(code))
    lines = source.splitlines()
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, _DOCUMENTED)]
    for node in sorted(nodes, key=lambda node: node.lineno, reverse=True):  # from the end
        first = node.body[0]
        indentation, _ = _cut(lines[first.lineno - 1], first.col_offset)
        if ast.get_docstring(node, clean=False) is None:
            continue
        if len(node.body) > 1 and not indentation.strip():
            del lines[first.lineno - 1 : first.end_lineno]
        else:
            after = _cut(lines[first.end_lineno - 1], first.end_col_offset)[1]
            lines[first.lineno - 1 : first.end_lineno] = [f"{indentation}...{after}"]
    return lines


def body_lines(function: Callable) -> list[str]:
    """Return the lines of a function's or method's body, without indentation and docstring.

    Raises:
        TypeError, OSError: As for `source_lines`.
    """
    lines = source_lines(function)
    first = ast.parse("\n".join(lines)).body[0].body[0]
    start = min([first, *getattr(first, "decorator_list", [])], key=lambda n: n.lineno).lineno - 1
    before, rest = _cut(lines[start], first.col_offset)
    if before.strip():  # all on one line
        return [rest, *lines[start + 1 :]]
    while lines[start - 1].lstrip().startswith("#") or not lines[start - 1].strip():
        start -= 1
    return textwrap.dedent("\n".join(lines[start:])).strip("\n").splitlines()


def _cut(line: str, offset: int) -> tuple[str, str]:
    """Cut a line where `ast` says: it counts bytes, not characters."""
    encoded = line.encode()
    return encoded[:offset].decode(), encoded[offset:].decode()
