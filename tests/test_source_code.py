"""What the book shows of a function is what runs, less its docstring."""

import ast
import functools
import textwrap

import pytest

from charrnn_helpers.longtext.training import StreamTraining
from charrnn_helpers.source_code import body_lines, source_lines
from charrnn_helpers.steps import gru_step


def plain(a, b):
    """Say it."""
    return a + b


@functools.cache
def decorated():
    """Say it."""

    # Why it is so.
    @functools.cache
    def inner():
        """Say it."""
        return 7

    return inner


def commented(
    a,
    # not of the body
):
    # Before all.

    return a


def stub(x): ...


def number(x):
    7  # noqa: B018
    return x


def documented_only():
    """Say it."""


async def later():
    """Say it."""
    return 7


# fmt: off
def short(ä="é"): "Say it."; return ä  # noqa: E702
# fmt: on


class Documented:
    """Say it."""

    def method(self):
        """Say
        more.
        """

    async def other(self):
        "Say it."
        return 7


def test_the_docstring_alone_is_left_out():
    assert source_lines(plain) == ["def plain(a, b):", "    return a + b"]
    assert body_lines(plain) == ["return a + b"]
    assert source_lines(later) == ["async def later():", "    return 7"]
    assert body_lines(later) == ["return 7"]
    assert source_lines(number) == ["def number(x):", "    7  # noqa: B018", "    return x"]


def test_decorators_and_first_comments_are_shown():
    assert source_lines(decorated)[0] == "@functools.cache"
    assert body_lines(decorated) == [
        "# Why it is so.",
        "@functools.cache",
        "def inner():",
        "    return 7",
        "",
        "return inner",
    ]
    assert body_lines(commented) == ["# Before all.", "", "return a"]


def test_what_has_no_body_but_a_docstring_gets_one():
    assert source_lines(stub) == ["def stub(x): ..."]
    assert body_lines(stub) == ["..."]
    assert source_lines(documented_only) == ["def documented_only():", "    ..."]
    assert body_lines(documented_only) == ["..."]
    lines = source_lines(Documented)
    assert lines[lines.index("    def method(self):") + 1] == "        ..."
    assert "Say" not in "".join(lines)


def test_a_function_on_one_line():
    assert source_lines(short)[0].startswith('def short(ä="é"): ...; return ä')
    assert body_lines(short)[0].startswith("...; return ä")


@pytest.mark.parametrize(
    "code",
    [plain, decorated, commented, stub, documented_only, later, short, Documented, gru_step,
     StreamTraining],
)  # fmt: skip
def test_what_is_shown_can_be_run(code):
    shown = "\n".join(source_lines(code))
    (definition,) = ast.parse(shown).body
    assert definition.name == code.__name__
    if not isinstance(code, type):
        ast.parse("async def f():\n" + textwrap.indent("\n".join(body_lines(code)), "    "))


def result_of(coroutine):
    """Run to its end what waits for nothing; a loop may be running already."""
    with pytest.raises(StopIteration) as end:
        coroutine.send(None)
    return end.value.value


def test_they_are_functions_of_use():
    assert (plain(1, 2), decorated()(), commented(3), stub(1), number(4)) == (3, 7, 3, None, 4)
    assert (documented_only(), result_of(later()), short()) == (None, 7, "é")
    assert (Documented().method(), result_of(Documented().other())) == (None, 7)
