"""Data sets for the shapes of sequence problems, one module each.

Nothing is downloaded: what is real ships with a dependency, what is composed follows rules that
stand in its module. Each module's first lines say where its data come from and under which licence.
"""


def check_split(split: str) -> None:
    """Raise a plain error unless this is the name of a split."""
    if split not in ("training", "held out"):
        raise ValueError(f"split must be 'training' or 'held out', not {split!r}")
