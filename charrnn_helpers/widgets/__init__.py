"""The figures that compute in the page; in a notebook they share their state with Python.

`Completion` lies in `completion/figure.py`, and so on. Each is imported when it is first used, like
everything in the package.
"""

import re
from importlib import import_module

__all__ = [  # the table of figures; a name here is all that a new one has to register
    "Captioning",
    "Completion",
    "GatedCell",
    "GradientLedger",
    "SentimentMeter",
    "SpectralLab",
    "TimeMachine",
    "TrainHere",
    "Translator",
    "Unroll",
    "VideoLabels",
    "WiringChooser",
]


def folder_of(name: str) -> str:
    """Return the name of the folder in which a figure lies.

    >>> folder_of("GradientLedger")
    'gradient_ledger'
    """
    return re.sub(r"(?<=.)(?=[A-Z])", "_", name).lower()


def __getattr__(name: str):
    """Import a figure from its folder at its first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{folder_of(name)}.figure"), name)


def __dir__() -> list[str]:
    return __all__
