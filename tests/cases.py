"""Many cases in one test, as what they share takes long to set up."""

from contextlib import contextmanager


@contextmanager
def case(*names):
    """What fails inside says of which case it is."""
    try:
        yield
    except AssertionError as error:
        error.add_note(f"in the case {', '.join(map(str, names))}")
        raise
