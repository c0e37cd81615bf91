"""The character-RNN pipeline of the book, from text to samples.

Names are imported from their modules when they are first used, so that importing the package is
instant: PyTorch loads only once something needs it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from charrnn_helpers.batches import next_character_pairs, one_hot, pad
    from charrnn_helpers.models import CharRNN
    from charrnn_helpers.sampling import predict, sample, sample_many, sample_stream
    from charrnn_helpers.training import History, pick_device, train, train_seeds
    from charrnn_helpers.vocabulary import Vocabulary

_MODULE_OF = {
    "CharRNN": "models",
    "History": "training",
    "Vocabulary": "vocabulary",
    "next_character_pairs": "batches",
    "one_hot": "batches",
    "pad": "batches",
    "pick_device": "training",
    "predict": "sampling",
    "sample": "sampling",
    "sample_many": "sampling",
    "sample_stream": "sampling",
    "train": "training",
    "train_seeds": "training",
}

__all__ = [
    "CharRNN",
    "History",
    "Vocabulary",
    "next_character_pairs",
    "one_hot",
    "pad",
    "pick_device",
    "predict",
    "sample",
    "sample_many",
    "sample_stream",
    "train",
    "train_seeds",
]


def __getattr__(name: str):
    """Import a public name from its module at its first use."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
