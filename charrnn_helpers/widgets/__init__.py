"""The figures that compute in the page; in a notebook they share their state with Python.

Imported when they are first used, like everything in the package.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from charrnn_helpers.widgets.captioning import Captioning
    from charrnn_helpers.widgets.completion import Completion
    from charrnn_helpers.widgets.gradient_ledger import GradientLedger
    from charrnn_helpers.widgets.sentiment_meter import SentimentMeter
    from charrnn_helpers.widgets.spectral_lab import SpectralLab
    from charrnn_helpers.widgets.time_machine import TimeMachine
    from charrnn_helpers.widgets.train_here import TrainHere
    from charrnn_helpers.widgets.translator import Translator
    from charrnn_helpers.widgets.unroll import Unroll
    from charrnn_helpers.widgets.video_labels import VideoLabels
    from charrnn_helpers.widgets.wiring_chooser import WiringChooser

_MODULE_OF = {
    "Captioning": "captioning",
    "Completion": "completion",
    "GradientLedger": "gradient_ledger",
    "SentimentMeter": "sentiment_meter",
    "SpectralLab": "spectral_lab",
    "TimeMachine": "time_machine",
    "TrainHere": "train_here",
    "Translator": "translator",
    "Unroll": "unroll",
    "VideoLabels": "video_labels",
    "WiringChooser": "wiring_chooser",
}

__all__ = [
    "Captioning",
    "Completion",
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


def __getattr__(name: str):
    """Import a figure from its module at its first use."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
