"""The source of functions and classes, as the book shows it: taken from where it runs."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable


def source_lines(code: Callable) -> list[str]:
    """Return the lines of a function, method or class, without indentation and docstrings.

    Raises:
        TypeError: If it is none of these.
        OSError: If its source cannot be had, as for what was typed into a plain Python prompt.
    """
    source = textwrap.dedent(inspect.getsource(code))
    lines = source.splitlines()
    documented = (ast.ClassDef, ast.FunctionDef)
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, documented)]
    for node in sorted(nodes, key=lambda node: node.lineno, reverse=True):  # from the end
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            del lines[first.lineno - 1 : first.end_lineno]
    return lines


def body_lines(function: Callable) -> list[str]:
    """Return the lines of a function's or method's body, without indentation and docstring.

    Raises:
        TypeError, OSError: As for `source_lines`.
    """
    lines = source_lines(function)
    start = ast.parse("\n".join(lines)).body[0].body[0].lineno - 1
    return textwrap.dedent("\n".join(lines[start:])).splitlines()
