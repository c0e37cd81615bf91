"""The character-RNN pipeline of the book, from text to samples.

Names are imported from their modules when they are first used, so that importing the package is
instant: PyTorch loads only once something needs it. `__init__.pyi` says where each one lies.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
